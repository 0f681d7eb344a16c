from odoo import api, fields, models


class SubscriptionSeatPool(models.Model):
    """What another number of contracted seats does to the next invoice."""

    _inherit = "subscription.seat.pool"

    is_period = fields.Boolean(
        related="subscription_id.is_billed_by_period", exportable=False
    )
    billing_text = fields.Text(
        compute="_compute_billing_text",
        help="What saving the number of seats does to the next invoice.",
        exportable=False,
    )

    @api.depends("seat_limit", "is_unlimited", "module_id", "subscription_id")
    @api.depends_context("lang")
    def _compute_billing_text(self):
        for pool in self:
            pool.billing_text = pool._get_billing_text()

    def _get_plan_effect_text(self, plan):
        """Return what the seats that ``plan``, a ``GrantPlan`` of these pools, can
        assign do to the next invoices."""
        demand = {
            pool: len(members.filtered("takes_seat"))
            for pool, members in plan.fitting.items()
        }
        return self.subscription_id._get_grant_text(demand)

    def _get_billing_text(self):
        """Return in sentences what saving the number of seats does to the next invoice;
        empty where it was not changed."""
        subscription = self.subscription_id._origin._filtered_access("read")
        pool = self._origin or self
        changed = (
            self._get_limit() != self._origin._get_limit()
            if self._origin
            else (self.module_id and self.seat_limit)
        )
        if not (subscription and changed and self.is_billed) or self.is_unlimited:
            return False
        # sudo: prices are told to whoever reads the subscription.
        seats = {pool.sudo(): self.seat_limit}
        return subscription._get_effect_texts({subscription: (seats, {})}) or False
