from odoo import fields, models

# Entries of the audit trail, by the state that a request comes to.
EVENTS = {
    "approved": "request_approved",
    "refused": "request_refused",
    "withdrawn": "request_withdrawn",
    "expired": "request_expired",
}
# States that whoever has asked is told of.
TOLD = ("approved", "refused", "expired")


class SubscriptionRequest(models.Model):
    """How requests end."""

    _inherit = "subscription.request"

    def _withdraw(self):
        """Take these requests back.

        :raise UserError: when one was answered already
        """
        self._lock_waiting()
        self._close("withdrawn")

    def _close(self, state, answer=False):
        """Note what became of these requests, which wait and are locked, and tell
        whoever has asked."""
        # sudo: no user may write requests.
        requests = self.sudo()
        requests._set(
            {
                "state": state,
                "answer": answer,
                "answered_by_id": self.env.uid,
                "answered_at": fields.Datetime.now(),
            }
        )
        requests.activity_ids.unlink()
        requests._log_event(EVENTS[state])
        if state in TOLD:
            requests._tell_answer()

    def _close_waiting(self, state):
        """Close those of these requests that wait, without telling anybody: what they
        ask for is gone."""
        waiting = self.sudo().filtered(lambda one: one.state == "waiting")
        if waiting:
            waiting._lock_exclusive()
            waiting._close(state)

    def _log_event(self, event):
        """Note in the audit trail what happened to these requests.

        Requests for another partner are not: the trail is read by the partner, whom
        that is none of the business of. The vendor sees them in its list.
        """
        self.env["subscription.log"]._log_entries(
            [
                {
                    "event": event,
                    "client_id": request.client_id.id,
                    "subscription_id": request.subscription_id.id,
                    "pool_id": request.pool_id.id,
                    "module_id": request.module_id.id,
                    "member_id": request.member_id.id,
                    "member_name": request.member_name,
                    "old_value": f"ask_{request.kind}",
                    "new_value": request._get_log_value(),
                }
                for request in self
                if request.kind != "partner"
            ]
        )

    def _get_log_value(self):
        """Return what is asked for as the log keeps it, without words of a language."""
        if self.kind == "seats":
            return f"{self.limit_then} + {self.number}"
        if self.kind == "plan":
            return self.plan_name
        return str(self.years) if self.kind == "renewal" else False
