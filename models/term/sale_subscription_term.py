from datetime import timedelta

from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import format_date

from ...terms import MAX_YEARS, count_years, get_anniversary, get_term_end, shift


class SaleSubscription(models.Model):
    """The terms of subscriptions: when they run.

    ``date_start`` is where the contract began and never moves by itself, ``date`` is
    the last day of the current term.
    """

    _inherit = "sale.subscription"

    date = fields.Date(copy=False, help="Last day of the current term.")
    fixed_from = fields.Date(
        copy=False,
        readonly=True,
        help="First day of the first term of a contract that had no end before.",
    )
    term_start = fields.Date(
        compute="_compute_term",
        store=True,
        help="First day of the current term.",
    )
    term_years = fields.Float(
        string="Years",
        compute="_compute_term",
        store=True,
        digits=(6, 2),
        aggregator=None,
        help="Duration of the current term.",
    )
    top_partner_id = fields.Many2one(
        "res.partner",
        string="Main Partner",
        compute="_compute_sellers",
        store=True,
        index="btree_not_null",
        help="The partner that the vendor sells through: the topmost managing partner.",
    )
    reseller_id = fields.Many2one(
        "res.partner",
        compute="_compute_sellers",
        store=True,
        index="btree_not_null",
        help="The reseller that runs the subscription for the partner.",
    )

    _protected_fields = ("fixed_from",)

    _term_end = models.Index("(date) WHERE in_progress")

    # ------------------------------------------------------------------ computes

    @api.depends("date_start", "date", "fixed_from")
    def _compute_term(self):
        for record in self:
            starts = filter(None, record._get_later_starts())
            start = max(starts, default=record.date_start)
            record.term_start = start
            has_both = start and record.date
            record.term_years = count_years(start, record.date) if has_both else 0

    def _get_later_starts(self):
        """Return on which days terms after the first one started, empty dates among
        them. A hook: lower folders know of further terms."""
        return [self.fixed_from]

    # Upstream counts to the same day of the next period, which is a day too late for
    # the last day of a term, and starts from the plan anew when that changes.
    def _compute_rule_boundary(self):
        ends = {record: record.date for record in self if record._is_managed()}
        super()._compute_rule_boundary()
        for record, end in ends.items():
            if record.date and record.date_start:
                begun = end and record._has_begun()
                record.date = end if begun else record._get_plan_term()[1]

    def _get_plan_term(self):
        """Return the first and the last day of the term that the plan gives from
        ``date_start`` on; of today's term for contracts that had no end until now."""
        plan = self.template_id
        unit, count = plan._get_unit(), plan.recurring_rule_count
        length = plan._get_period_length() * max(count, 1)
        today = self.company_id and self.company_id._get_today()
        start, periods = self.date_start, 1
        while True:
            delta = relativedelta(**{unit: length * periods})
            end = get_term_end(self.date_start, delta)
            if not self.in_progress or end >= today:
                return start, end
            start = get_anniversary(self.date_start, delta)
            periods += 1

    def _note_fixed(self, ends):
        """Note from when on contracts have terms that ran without an end in
        ``ends``."""
        for record, end in ends.items():
            if record.date and not end and record._is_managed():
                record._set({"fixed_from": record._get_plan_term()[0]})

    @api.depends("management_path", "managing_partner_id")
    def _compute_sellers(self):
        for record in self:
            path = (record.management_path or "").split("/")[:-2]
            top = self.env["res.partner"].browse(int(path[0]) if path else False)
            record.top_partner_id = top if record.managing_partner_id else False
            record.reseller_id = record.managing_partner_id - top

    def _get_whole_years(self):
        """Return the length of the current term in whole years, at least 1."""
        return min(max(round(self.term_years), 1), MAX_YEARS)

    # ------------------------------------------------------------------ rules

    @api.constrains("date_start", "date")
    def _check_term(self):
        """Check that terms start on a day that is reckoned with, and have an end where
        the plan gives them one, and not before they start."""
        for record in self.filtered(lambda record: record._is_managed()):
            record._verify_start()
            if not record.date:
                record._verify_endless()
            elif record.term_start and record.date < record.term_start:
                raise ValidationError(
                    self.env._(
                        "%(subscription)s: the term cannot end on %(end)s, before it"
                        " starts on %(start)s.",
                        subscription=record.display_name,
                        end=format_date(self.env, record.date),
                        start=format_date(self.env, record.term_start),
                    )
                )

    def _verify_start(self):
        """:raise ValidationError: when a running contract has no start, or one on a day
        that is not reckoned with"""
        if self.date_start:
            self._verify_day(self.date_start)
        elif self._has_begun():
            raise ValidationError(
                self.env._(
                    "%(subscription)s runs, so it needs the day on which it started.",
                    subscription=self.display_name,
                )
            )

    def _verify_endless(self):
        """:raise ValidationError: when the plan gives the term an end"""
        if self.template_id.recurring_rule_boundary == "limited":
            raise ValidationError(
                self.env._(
                    "%(subscription)s: the plan has a fixed duration, so the term needs"
                    " an end. Enter one, or choose another plan.",
                    subscription=self.display_name,
                )
            )

    def _term_changed(self, ends):
        super()._term_changed(ends)
        self._log_ends(ends)

    def _plan_changed(self, ends, vals):
        super()._plan_changed(ends, vals)
        self._note_fixed(ends)

    # ------------------------------------------------------------------ states

    def _is_managed(self):
        """Return whether a partner runs this subscription: then its dates follow the
        rules of terms rather than upstream's."""
        self.ensure_one()
        return bool(self.managing_partner_id)

    def _has_begun(self):
        """Return whether the current term has begun."""
        self.ensure_one()
        return bool(self.in_progress)

    def _has_ended(self, *, grace=False):
        """Return whether the current term is over, with its ``grace`` period or not."""
        self.ensure_one()
        days = self.env["res.company"]._get_term_days()[self.company_id.id]
        return bool(self.date and self.date < (days.graced if grace else days.today))

    def _get_last_grace_day(self):
        """Return the last day on which seats can be given after the end of the term."""
        return shift(self.date, timedelta(days=self.company_id.renewal_grace_days))

    def _get_years_left(self):
        """Return the years from today, or the start, to the end of the current term."""
        self.ensure_one()
        return count_years(self._get_first_day_left(), self.date)

    def _get_first_day_left(self):
        """Return today, or the first day of the current term if that is to come."""
        return max(self.company_id._get_today(), self.term_start)

    def _log_ends(self, ends):
        """Note in the audit trail whose running term does not end as in ``ends``."""
        self.env["subscription.log"]._log_entries(
            [
                {
                    "event": "term_dates",
                    "client_id": record.client_id.id,
                    "subscription_id": record.id,
                    "old_value": fields.Date.to_string(end),
                    "new_value": fields.Date.to_string(record.date),
                }
                for record, end in ends.items()
                if record.date != end
            ]
        )
