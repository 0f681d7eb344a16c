from odoo import api, fields, models


class SaleSubscriptionTemplate(models.Model):
    _inherit = "sale.subscription.template"

    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for every company of the vendor."
    )
    # Searching it would tell the plans of subscriptions out of reach.
    subscription_ids = fields.One2many(
        groups="sales_team.group_sale_salesman,partner_managed_subscription.group_admin"
    )
    plan_line_ids = fields.One2many(
        "subscription.plan.line", "template_id", string="Modules", copy=True
    )
    user_limit = fields.Char(
        string="Users",
        compute="_compute_user_limit",
        help="Users that the plan allows: the seats of its base module.",
    )

    @api.depends(
        "plan_line_ids.is_base",
        "plan_line_ids.seat_limit",
        "plan_line_ids.is_unlimited",
    )
    def _compute_user_limit(self):
        for template in self:
            base = template.plan_line_ids.filtered("is_base")
            template.user_limit = (
                self.env._("Unlimited")
                if base.is_unlimited
                else str(base.seat_limit)
                if base
                else False
            )
