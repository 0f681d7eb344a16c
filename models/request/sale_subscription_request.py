from odoo import api, fields, models


class SaleSubscription(models.Model):
    """The requests for subscriptions, and the seats that another plan would give."""

    _inherit = "sale.subscription"

    request_ids = fields.One2many(
        "subscription.request", "subscription_id", string="Requests"
    )
    request_count = fields.Integer(
        string="Waiting Requests", compute="_compute_request_count"
    )

    @api.depends("request_ids.state")
    def _compute_request_count(self):
        counts = self.env["subscription.request"]._count_waiting(
            "subscription_id", self
        )
        for record in self:
            record.request_count = counts.get(record._origin, 0)

    @api.ondelete(at_uninstall=False)
    def _unlink_requests(self):
        """Delete the requests of subscriptions that may be deleted: those were never
        used. The database would do so as well, but after their pools, see
        ``_unlink_pools_from_log``."""
        # sudo: requests are deleted by the program alone.
        self.sudo().request_ids._remove()

    def action_view_requests(self):
        """Open the requests for this subscription."""
        return self._open_client_action(
            "subscription_request_action",
            domain=[("subscription_id", "=", self.id)],
        )

    # ------------------------------------------------------------------ another plan

    def _get_plan_limits(self, plan):
        """Return ``{module: (limit now, limit with plan)}``, infinity without limit."""
        limits = {pool.module_id: (pool._get_limit(), 0) for pool in self.seat_pool_ids}
        for line in plan.plan_line_ids:
            before, _none = limits.get(line.module_id, (0, 0))
            limits[line.module_id] = before, line._get_limit()
        return limits
