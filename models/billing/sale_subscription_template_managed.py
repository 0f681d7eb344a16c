from odoo import fields, models


class SaleSubscriptionTemplate(models.Model):
    """Whether upstream's job still invoices subscriptions of plans."""

    _inherit = "sale.subscription.template"

    is_managed_only = fields.Boolean(
        string="For Managed Clients Alone",
        compute="_compute_is_managed_only",
        help="Partners manage all clients that have the plan.",
    )

    def _compute_is_managed_only(self):
        # sudo: subscriptions that the user may not read count as well.
        subscriptions = self.env["sale.subscription"].sudo()
        groups = subscriptions._read_group(
            [("template_id", "in", self.ids)],
            ["template_id"],
            ["__count", "managing_partner_id:count"],
        )
        managed = {plan for plan, count, managed in groups if count == managed}
        for plan in self:
            plan.is_managed_only = plan._origin in managed
