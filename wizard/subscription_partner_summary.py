from dateutil.relativedelta import relativedelta

from odoo import api, fields, models
from odoo.tools import format_date

from ..report.partner_summary import PartnerSummary

# Months that can be chosen, from the current one back.
MONTHS = 36


class SubscriptionPartnerSummary(models.TransientModel):
    """Print what was billed in a month for the clients of a managing partner, and what
    it took from its licences."""

    _name = "subscription.partner.summary"
    _description = "Monthly Summary of a Partner"

    partner_id = fields.Many2one(
        "res.partner",
        string="Partner or Reseller",
        required=True,
        domain=[("is_managing_partner", "=", True)],
        default=lambda self: self._get_own_partner(),
    )
    month = fields.Selection(
        lambda self: self._get_months(),
        required=True,
        default=lambda self: self._get_months()[1][0],
        help="Periods count in the month in which they begin, licences in the one in"
        " which they were taken.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        default=lambda self: self.env.company,
        help="Who bills.",
    )

    @api.model
    def _get_own_partner(self):
        """Return the user's own company where it manages clients."""
        company = self.env.user.partner_id.commercial_partner_id
        return company.filtered("is_managing_partner")

    @api.model
    def _get_months(self):
        """Return the months that can be chosen, ``(year-month, name)``, the current one
        first."""
        first = self.env.company._get_today().replace(day=1)
        months = [first - relativedelta(months=back) for back in range(MONTHS)]
        return [
            (f"{month:%Y-%m}", format_date(self.env, month, date_format="LLLL y"))
            for month in months
        ]

    def action_print(self):
        """Print the summary."""
        self.ensure_one()
        report = self.env.ref(
            "partner_managed_subscription.subscription_partner_summary_report"
        )
        return report.report_action(self, config=False)

    # ------------------------------------------------------------------ the document

    def _get_paper_lang(self):
        """Return the language of the summary: the partner's."""
        return self.partner_id.lang or self.env.lang

    def _get_first_day(self):
        """Return the first day of the month."""
        return fields.Date.to_date(f"{self.month}-01")

    def _get_month_text(self):
        """Return the month in words."""
        return format_date(self.env, self._get_first_day(), date_format="LLLL y")

    def _get_summary(self):
        """Return the ``PartnerSummary``: what the user may read of it."""
        self.ensure_one()
        self.partner_id.check_access("read")
        first = self._get_first_day()
        last = first + relativedelta(months=1, days=-1)
        return PartnerSummary(self.partner_id, self.company_id, first, last)
