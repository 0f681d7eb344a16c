from odoo import api, fields, models


class ResPartner(models.Model):
    """The requests of clients."""

    _inherit = "res.partner"

    subscription_request_ids = fields.One2many(
        "subscription.request", "client_id", string="Requests"
    )
    request_count = fields.Integer(
        string="Waiting Requests", compute="_compute_request_count"
    )

    @api.depends("subscription_request_ids.state")
    def _compute_request_count(self):
        counts = self.env["subscription.request"]._count_waiting("client_id", self)
        for partner in self:
            partner.request_count = counts.get(partner._origin, 0)

    @api.model
    def _log_managing_partners(self, managers):
        """Take what waits to who manages these companies from now on. Moving a client
        that has asked for another partner answers that."""
        super()._log_managing_partners(managers)
        moved = self.browse().union(
            *(
                client
                for client, manager in managers.items()
                if client.managing_partner_id != manager
            )
        )
        # sudo: users write no requests.
        requests = self.env["subscription.request"].sudo()
        if moved:
            waiting = requests.search(
                [("state", "=", "waiting"), ("client_id", "in", moved.ids)]
            )
            asked = waiting.filtered(lambda one: one.kind == "partner")
            if asked:
                asked._lock_exclusive()
                asked._close("approved")
            (waiting - asked)._readdress()

    def _absorb(self, sources):
        """Take over the requests of ``sources``. Of two that wait and ask for the same,
        one is enough."""
        waiting = sources.subscription_request_ids.filtered(
            lambda one: one.state == "waiting" and not one.subscription_id
        )
        waiting._close_waiting("withdrawn")
        sources.subscription_request_ids._set({"client_id": self.id})
        super()._absorb(sources)

    def action_view_requests(self):
        """Open the requests of this client."""
        return self._open_client_action("subscription_request_action")
