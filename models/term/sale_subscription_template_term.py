from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.changes import write_changes

# How many days, weeks, months or years a year has.
YEAR = {"days": 365, "weeks": 52, "months": 12, "years": 1}


class SaleSubscriptionTemplate(models.Model):
    """The duration of plans, which terms follow from."""

    _inherit = "sale.subscription.template"

    # Upstream's fixed plans last one period, a month by default.
    recurring_rule_count = fields.Integer(
        string="Length of a Term",
        default=None,
        compute="_compute_recurring_rule_count",
        store=True,
        readonly=False,
        precompute=True,
        help="How many invoicing periods a term lasts. A fixed plan is offered as many"
        " as make a year.",
    )

    @api.depends("recurring_rule_boundary", "recurring_rule_type", "recurring_interval")
    def _compute_recurring_rule_count(self):
        for plan in self:
            count = plan.recurring_rule_count or 1
            if plan.recurring_rule_boundary == "limited":
                period = max(plan.recurring_interval, 1)
                count = max(YEAR.get(plan.recurring_rule_type, 1) // period, 1)
            plan.recurring_rule_count = count

    @api.constrains("recurring_rule_boundary", "recurring_rule_count")
    def _check_duration(self):
        """Check that plans with a fixed duration have one."""
        for plan in self:
            limited = plan.recurring_rule_boundary == "limited"
            if limited and plan.recurring_rule_count < 1:
                raise ValidationError(
                    self.env._(
                        "%(plan)s: the duration is fixed, so enter how long a term"
                        " lasts, such as 1 year or 12 months.",
                        plan=plan.display_name,
                    )
                )

    @write_changes
    def write(self, vals):
        """Change plans; subscriptions that have not started follow their duration.

        :raise UserError: when a plan would have an end no more, or from now on, or be
            paid otherwise, while clients of partners have it
        """
        changed = self._get_changed(vals, {"recurring_rule_boundary", "paid_by"})
        if not changed:
            return super().write(vals)
        changed._verify_not_running()
        result = super().write(vals)
        waiting = self._get_managed([("stage_id.type", "in", ("draft", "pre"))])
        # Of those it leaves the terms that licences were taken for as they are.
        waiting._compute_rule_boundary()
        return result

    def _get_managed(self, domain):
        """Return the subscriptions with these plans that partners manage and that
        match ``domain``, archived ones as well."""
        # sudo: subscriptions that the user may not read follow the plan as well.
        subscriptions = self.env["sale.subscription"].sudo()
        managed = [
            ("template_id", "in", self.ids),
            ("managing_partner_id", "!=", False),
        ]
        return subscriptions.with_context(active_test=False).search(managed + domain)

    def _verify_not_running(self):
        """:raise UserError: how many subscriptions in progress have these plans"""
        running = self._get_managed([("in_progress", "=", True)]).grouped("template_id")
        lines = [
            self.env._(
                "%(plan)s: its duration and how it is paid cannot change, since the"
                " terms, licences and invoices of subscriptions in progress follow from"
                " it (%(count)s). Duplicate the plan, change the copy, and choose that"
                " for those subscriptions that are to have it.",
                plan=plan.display_name,
                count=len(running[plan]),
            )
            for plan in self
            if plan in running
        ]
        if lines:
            raise UserError("\n".join(lines))
