from odoo import api, fields, models
from odoo.tools import format_datetime


class SubscriptionRequest(models.Model):
    """How requests are named, in the words of whoever reads them."""

    _inherit = "subscription.request"

    what_text = fields.Char(string="Request", compute="_compute_what_text")

    @api.depends("kind", "number", "years", "seat_choice", "module_id", "plan_name")
    @api.depends_context("lang")
    def _compute_what_text(self):
        for request in self:
            request.what_text = request._get_what_text()

    @api.depends("what_text", "client_id")
    @api.depends_context("lang")
    def _compute_display_name(self):
        for request in self:
            parts = (request.what_text, request.sudo().client_id.name)
            request.display_name = " · ".join(filter(None, parts))

    def _get_what_text(self):
        """Return in words what is asked for; empty without a kind."""
        if self.kind == "seats":
            return self._get_seats_words()
        if self.kind == "plan":
            return self.env._("The plan %(plan)s", plan=self._get_plan_name())
        if self.kind == "renewal":
            return self._get_renewal_words()
        if self.kind == "module":
            return self.env._(
                "%(module)s for %(member)s",
                module=self._get_module_name(),
                member=self.member_name,
            )
        return self.kind and self.env._("Another partner")

    def _get_seats_words(self):
        if self.number == 1:
            return self.env._(
                "1 more seat of %(module)s", module=self._get_module_name()
            )
        return self.env._(
            "%(number)s more seats of %(module)s",
            number=self.number,
            module=self._get_module_name(),
        )

    def _get_renewal_words(self):
        term = (
            self.env._("Renewal for 1 year")
            if self.years == 1
            else self.env._("Renewal for %(years)s years", years=self.years)
        )
        return f"{term}, {self._get_chosen_words()}"

    def _get_chosen_words(self):
        """Return with which seats the renewal is asked for."""
        if self.seat_choice == "in_use":
            return self.env._("with the seats in use")
        if self.seat_choice != "other":
            return self.env._("with the same seats")
        numbers = ", ".join(
            f"{pool.module_id.name} {number}"
            for pool, number in self._get_asked_numbers().items()
        )
        return self.env._("with other seats: %(numbers)s", numbers=numbers)

    def _get_asked_numbers(self):
        """Return ``{pool: seats}`` that the renewal is asked for with."""
        numbers = self.seat_numbers or {}
        # sudo: who reads the request reads what is asked for.
        pools = self.sudo().subscription_id.seat_pool_ids
        return {
            pool: numbers[str(pool.id)] for pool in pools if str(pool.id) in numbers
        }

    def _get_module_name(self):
        # sudo: modules and plans are named to whoever reads the request.
        return self.sudo().module_id.name

    def _get_plan_name(self):
        return self.sudo().template_id.name or self.plan_name

    def _get_done_text(self):
        """Return who answered this and when, or that it was withdrawn or expired."""
        self.ensure_one()
        values = {
            "request": self.what_text,
            # Where nobody may know who it was, that is what the name says.
            "user": self.sudo().answered_by_id.display_name or "",
            "day": format_datetime(self.env, self.answered_at, dt_format="short"),
        }
        if self.state == "approved":
            return self.env._("%(request)s: %(user)s approved it on %(day)s.", **values)
        if self.state == "refused":
            return self.env._("%(request)s: %(user)s refused it on %(day)s.", **values)
        if self.state == "withdrawn":
            return self.env._("%(request)s: it was withdrawn on %(day)s.", **values)
        return self.env._("%(request)s: it expired on %(day)s.", **values)
