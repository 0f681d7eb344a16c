from odoo import api, fields, models
from odoo.tools import format_date

from .subscription_seat_usage import ALERTING_STATES


class SubscriptionSeatPool(models.Model):
    """Names, reasons and refusals of pools, as users read them."""

    _inherit = "subscription.seat.pool"

    state_reason = fields.Char(compute="_compute_state_reason", exportable=False)

    @api.depends("module_id", "client_id", "available", "state", "is_unlimited")
    @api.depends_context("lang", "pool_label")
    def _compute_display_name(self):
        """Name pools by module and client; by module and seats left where the context
        has ``pool_label="left"``, on screens of one client."""
        for pool in self:
            parts = (pool.module_id.name, pool.client_id.name)
            if self.env.context.get("pool_label") == "left":
                parts = (pool._get_unique_label(), pool._get_left_text())
            pool.display_name = " · ".join(filter(None, parts))

    @api.depends("state", "used", "seat_limit", "module_id", "client_id")
    @api.depends_context("lang", "uid")
    def _compute_state_reason(self):
        for pool in self:
            pool.state_reason = pool._get_state_reason()

    def _get_unique_label(self):
        """Return the name of the module, followed by the subscription where the client
        has the module in several."""
        self.ensure_one()
        same = self.client_id.seat_pool_ids.filtered(
            lambda pool: pool.module_id == self.module_id
        )
        if len(same) > 1:
            return f"{self.module_id.name} ({self.subscription_id.display_name})"
        return self.module_id.name

    def _get_left_text(self):
        """Return in two words how many seats can still be assigned."""
        self.ensure_one()
        if self.state == "unavailable":
            return self.env._("not configured")
        if self.is_unlimited:
            return self.env._("unlimited")
        if self.used > self.seat_limit:
            return self.env._("%(over)s too many", over=self.used - self.seat_limit)
        if not self.available:
            return self.env._("full")
        return self.env._("%(available)s left", available=self.available)

    def _get_state_reason(self):
        """Return in a sentence why the pool is in its state, and what the reader can do
        or whom to contact; empty in the state ``ok``."""
        self.ensure_one()
        if self.state == "unavailable":
            sentence = self._get_stopped_sentence()
        elif self.state in ALERTING_STATES:
            sentence = self._get_alert_sentence()
        else:
            return ""
        return sentence % {
            "used": self.used,
            "limit": self.seat_limit,
            "over": self.used - self.seat_limit,
            "start": format_date(self.env, self.subscription_id.date_start),
            "contact": self.client_id._get_subscription_contact_text(),
            "remedy": self._get_remedy_text(),
        }

    def _get_alert_reason(self):
        """Return why those of these pools alert that do, a line for each."""
        return "\n".join(
            self.env._(
                "%(module)s: %(reason)s",
                module=pool.module_id.name,
                reason=pool.state_reason,
            )
            for pool in self
            if pool.state in ALERTING_STATES
        )

    def _get_alert_sentence(self):
        """Return the template of the sentence on a pool in an alerting state."""
        if self.client_id._is_managed_by_user():
            if self.state != "over":
                return self.env._("%(used)s of %(limit)s seats are in use. %(remedy)s")
            return self.env._(
                "%(used)s seats are in use, %(over)s more than contracted. Nobody loses"
                " access, but no seat can be added. %(remedy)s"
            )
        if self.state == "warning":
            return self.env._(
                "%(used)s of %(limit)s seats are in use. Contact %(contact)s to raise"
                " the limit in time."
            )
        if self.state == "full":
            return self.env._(
                "%(used)s of %(limit)s seats are in use. Free a seat, or contact"
                " %(contact)s to raise the limit."
            )
        return self.env._(
            "%(used)s seats are in use, %(over)s more than contracted. Nobody loses"
            " access, but no seat can be added: free seats, or contact %(contact)s"
            " to raise the limit."
        )

    def _get_stopped_sentence(self):
        """Return the template of the sentence on a pool that is unavailable."""
        if self.client_id._is_managed_by_user():
            return self._get_managed_stopped_sentence()
        if self.is_running:
            return self.env._("No seats are contracted yet. Contact %(contact)s.")
        if self._is_grace_over():
            return self.env._(
                "The subscription is not running: its term has ended, and the grace"
                " period is over. Nobody loses access. Contact %(contact)s to renew it."
            )
        return self.env._("The subscription is not running. Contact %(contact)s.")

    def _get_managed_stopped_sentence(self):
        """Return the template of :meth:`_get_stopped_sentence` for a reader who manages
        the client."""
        subscription = self.subscription_id
        if self.is_running:
            return self.env._("No seats are contracted yet. Enter how many there are.")
        if self._is_grace_over():
            return self.env._(
                "The subscription is not running: its term has ended, and the grace"
                " period is over. Nobody loses access. Renew it to give seats again."
            )
        if not subscription.active:
            return self.env._(
                "The subscription is archived. Unarchive it to give seats."
            )
        if subscription.in_progress:
            return self.env._(
                "The subscription starts on %(start)s. Seats can be given from then on."
            )
        return self.env._("The subscription is not running. Start it to give seats.")

    def _is_grace_over(self):
        """Return whether the term and its grace period have ended."""
        # sudo: who reads the pool need not have the right to read the subscription.
        subscription = self.subscription_id.sudo()
        runs = subscription.active and subscription.in_progress
        return runs and subscription._has_ended(grace=True)

    def _get_remedy_text(self):
        """Return in a sentence how a reader who manages the client makes room."""
        if self.is_base:
            return self.env._(
                "Raise the limit, choose another plan, or remove the access of"
                " somebody."
            )
        return self.env._("Raise the limit, or remove the access of somebody.")

    def _get_refusal(self, used, requested):
        """Return the line that refuses ``requested`` seats of this pool."""
        self.ensure_one()
        if self.state == "unavailable":
            return self.env._(
                "%(pool)s: %(reason)s",
                pool=self.display_name,
                reason=self.state_reason,
            )
        values = self._prepare_refusal_values(used, requested)
        if self.client_id._is_managed_by_user():
            return self._get_managed_refusal(values)
        if self.is_base:
            return self.env._(
                "%(client)s: %(used)s of the %(limit)s users of the plan (%(module)s)"
                " are in use, and adding %(requested)s would be %(missing)s too many."
                " Contact %(contact)s for more users or another plan, or remove the"
                " access of somebody.%(roles)s",
                **values,
            )
        return self.env._(
            "%(client)s: %(used)s of %(limit)s seats of %(module)s are in use, and"
            " adding %(requested)s would be %(missing)s too many. Contact %(contact)s"
            " to raise the limit, or remove the access of somebody.%(roles)s",
            **values,
        )

    def _prepare_refusal_values(self, used, requested):
        """Return the values that the refusals of :meth:`_get_refusal` name."""
        return {
            "module": self.module_id.name,
            "client": self.client_id.display_name,
            "used": used,
            "limit": self.seat_limit,
            "requested": requested,
            "missing": requested - max(self.seat_limit - used, 0),
            "contact": self.client_id._get_subscription_contact_text(),
            "roles": self._get_free_roles_text(),
            "remedy": self._get_remedy_text(),
        }

    def _get_managed_refusal(self, values):
        """Return :meth:`_get_refusal` for a reader who manages the client, and so can
        raise the limit."""
        if self.is_base:
            return self.env._(
                "%(client)s: %(used)s of the %(limit)s users of the plan (%(module)s)"
                " are in use, and adding %(requested)s would be %(missing)s too many."
                " %(remedy)s%(roles)s",
                **values,
            )
        return self.env._(
            "%(client)s: %(used)s of %(limit)s seats of %(module)s are in use, and"
            " adding %(requested)s would be %(missing)s too many. %(remedy)s%(roles)s",
            **values,
        )

    @api.model
    def _get_free_roles_text(self):
        """Return the sentence that names the roles that take no seat, if any."""
        roles = self.env["subscription.member.role"]
        names = ", ".join(roles.search([("takes_seat", "=", False)]).mapped("name"))
        return names and self.env._(
            " No seat is taken by the roles %(names)s.", names=names
        )
