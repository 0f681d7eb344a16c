from odoo import api, fields, models


class SubscriptionPlanLine(models.Model):
    """Whether the seats of a module are billed."""

    _inherit = "subscription.plan.line"

    is_billed = fields.Boolean(
        string="Billed",
        compute="_compute_is_billed",
        store=True,
        readonly=False,
        precompute=True,
        help="Otherwise the module is included in the price of the others.",
    )

    @api.depends("module_id")
    def _compute_is_billed(self):
        """Include the base module, whose seats are the users of the others."""
        for line in self:
            line.is_billed = not line.is_base

    @api.constrains("is_billed", "is_unlimited")
    def _check_numbered(self):
        for plan in self.template_id:
            plan._verify_numbered()

    def _prepare_pool_limits(self):
        return dict(super()._prepare_pool_limits(), is_billed=self.is_billed)
