from odoo import Command, api, fields, models
from odoo.exceptions import ValidationError

# Users that a new plan has on its screen, to be changed there.
USERS = 10


class SaleSubscriptionTemplate(models.Model):
    _inherit = "sale.subscription.template"

    def _default_plan_line_ids(self):
        """Plans that are made on their screen begin with users, others as they say."""
        # Named like a default value, so that nobody hands it on.
        if not self.env.context.get("default_plan_as_usual"):
            return []
        base = self.env["subscription.module"].search([("is_base", "=", True)])
        values = [{"module_id": module.id, "seat_limit": USERS} for module in base]
        return [*map(Command.create, values)]

    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for every company of the vendor."
    )
    # Searching it would tell the plans of subscriptions out of reach.
    subscription_ids = fields.One2many(
        groups="sales_team.group_sale_salesman,partner_managed_subscription.group_admin"
    )
    plan_line_ids = fields.One2many(
        "subscription.plan.line",
        "template_id",
        string="Modules",
        copy=True,
        default=lambda self: self._default_plan_line_ids(),
    )
    paid_by = fields.Selection(
        [("licences", "Licences"), ("period", "Period")],
        compute="_compute_paid_by",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        help="Licences: terms take licences from the stock of the managing partner,"
        " which were paid for when the partner got them. Period: the job invoices each"
        " period. Never both.",
    )
    user_limit = fields.Char(
        string="Users",
        compute="_compute_user_limit",
        help="Users that the plan allows: the seats of its base module.",
    )

    @api.depends("recurring_rule_boundary")
    def _compute_paid_by(self):
        for plan in self:
            fixed = plan.recurring_rule_boundary == "limited"
            plan.paid_by = "licences" if fixed else "period"

    @api.constrains("paid_by", "recurring_rule_boundary")
    def _check_paid_by(self):
        """Check that licences pay for terms that end: they are for years."""
        for plan in self:
            endless = plan.recurring_rule_boundary != "limited"
            if plan.paid_by == "licences" and endless:
                raise ValidationError(
                    self.env._(
                        "%(plan)s: licences pay for terms of a fixed duration. Set the"
                        " duration to Fixed, or let it be paid by the period.",
                        plan=plan.display_name,
                    )
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
