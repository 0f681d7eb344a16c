from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..core.changes import write_changes

# How many days, weeks, months or years a year has.
YEAR = {"days": 365, "weeks": 52, "months": 12, "years": 1}


class SaleSubscriptionTemplate(models.Model):
    """The duration of plans, which terms follow from."""

    _inherit = "sale.subscription.template"

    def _default_recurring_rule_boundary(self):
        """Plans that are made on their screen have terms of a year."""
        usual = self.env.context.get("default_plan_as_usual")
        return "limited" if usual else "unlimited"

    recurring_rule_boundary = fields.Selection(
        string="Term", default=lambda self: self._default_recurring_rule_boundary()
    )
    # Upstream says "Repeat every" and "Recurrence" of what is billed.
    recurring_interval = fields.Integer(string="Billed Every")
    recurring_rule_type = fields.Selection(string="Billing Period")
    term_text = fields.Char(
        string="Duration of a Term", compute="_compute_period_texts"
    )
    period_text = fields.Char(string="Billed", compute="_compute_period_texts")
    count_text = fields.Char(
        string="Periods of a Term",
        compute="_compute_period_texts",
        exportable=False,
        help="What is read after the number of periods.",
    )
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
                a_year = YEAR.get(plan._get_unit(), 1)
                count = max(a_year // plan._get_period_length(), 1)
            plan.recurring_rule_count = count

    @api.depends(
        "recurring_rule_boundary",
        "recurring_rule_count",
        "recurring_rule_type",
        "recurring_interval",
    )
    @api.depends_context("lang")
    def _compute_period_texts(self):
        for plan in self:
            plan.period_text = plan._get_period_text(plan._get_period_length())
            plan.term_text = plan._get_term_text()
            plan.count_text = plan._get_count_text()

    def _get_term_text(self):
        """Return in words how long a term is."""
        if self.recurring_rule_boundary != "limited":
            return self.env._("Without end")
        periods = max(self.recurring_rule_count, 1)
        return self._get_length_text(periods * self._get_period_length())

    def _get_count_text(self):
        """Return in words what the number of periods counts, and how long that is where
        a period is more than a month, week, day or year."""
        count = max(self.recurring_rule_count, 1)
        length = self._get_period_length()
        if length == 1:
            return self._get_unit_text(count)
        period = self._get_length_text(length)
        if count == 1:
            return self.env._("period of %s", period)
        term = self._get_length_text(count * length)
        return self.env._(
            "periods of %(period)s, which is %(term)s", period=period, term=term
        )

    def _get_unit_text(self, count):
        """Return the word for ``count`` of the units of this plan."""
        unit = self._get_unit()
        if count == 1:
            return {
                "days": self.env._("day"),
                "weeks": self.env._("week"),
                "months": self.env._("month"),
                "years": self.env._("year"),
            }[unit]
        return {
            "days": self.env._("days"),
            "weeks": self.env._("weeks"),
            "months": self.env._("months"),
            "years": self.env._("years"),
        }[unit]

    def _get_period_length(self):
        """Return of how many of its units a period of this plan is."""
        return max(self.recurring_interval, 1)

    def _get_unit(self):
        """Return the unit of the periods of this plan, months of one that has none, or
        none that there is: what a form or a default says is not checked yet."""
        unit = self.recurring_rule_type
        return unit if unit in ("days", "weeks", "months", "years") else "months"

    def _get_period_text(self, count):
        """Return in words how often a plan is billed, once in ``count`` of its
        units."""
        unit = self._get_unit()
        if count == 1:
            return {
                "days": self.env._("Every day"),
                "weeks": self.env._("Every week"),
                "months": self.env._("Every month"),
                "years": self.env._("Every year"),
            }[unit]
        return {
            "days": self.env._("Every %s days", count),
            "weeks": self.env._("Every %s weeks", count),
            "months": self.env._("Every %s months", count),
            "years": self.env._("Every %s years", count),
        }[unit]

    def _get_length_text(self, count):
        """Return in words how long ``count`` of the units of this plan are."""
        unit = self._get_unit()
        if count == 1:
            return {
                "days": self.env._("1 day"),
                "weeks": self.env._("1 week"),
                "months": self.env._("1 month"),
                "years": self.env._("1 year"),
            }[unit]
        return {
            "days": self.env._("%s days", count),
            "weeks": self.env._("%s weeks", count),
            "months": self.env._("%s months", count),
            "years": self.env._("%s years", count),
        }[unit]

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
