from odoo import api, fields, models
from odoo.exceptions import UserError


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

    # ------------------------------------------------------------------ doors

    def write(self, vals):
        """Change plans; subscriptions that have not started follow their duration.

        :raise UserError: when a plan would have an end no more, or from now on, while
            clients of partners have it
        """
        if "recurring_rule_boundary" not in vals:
            return super().write(vals)
        boundary = vals["recurring_rule_boundary"]
        changed = self.filtered(lambda plan: plan.recurring_rule_boundary != boundary)
        changed._verify_not_running()
        result = super().write(vals)
        changed._get_managed([("stage_id.type", "in", ("draft", "pre"))]).filtered(
            lambda subscription: not subscription._has_begun()
        )._compute_rule_boundary()
        return result

    def _get_managed(self, domain):
        """Return the subscriptions with these plans that partners manage, archived ones
        as well, and that ``domain`` fits."""
        subscriptions = self.env["sale.subscription"].sudo()
        return subscriptions.with_context(active_test=False).search(
            [("template_id", "in", self.ids), ("managing_partner_id", "!=", False)]
            + domain
        )

    def _verify_not_running(self):
        """:raise UserError: how many subscriptions in progress have these plans"""
        running = self._get_managed([("in_progress", "=", True)]).grouped("template_id")
        lines = [
            self.env._(
                "%(plan)s: its duration cannot change, since the terms and licences of"
                " subscriptions in progress follow from it (%(count)s). Duplicate the"
                " plan, set the duration of the copy, and choose that for those"
                " subscriptions that are to have it.",
                plan=plan.display_name,
                count=len(running[plan]),
            )
            for plan in self
            if plan in running
        ]
        if lines:
            raise UserError("\n".join(lines))
