from odoo import api, fields, models

from ...billing import get_at
from .reckoning import count_periods

# Amounts a year, before they are rounded: an odd cent of each line would be a change.
YEARLY_DIGITS = (16, 6)


class SubscriptionStatementLine(models.Model):
    """What a line comes to in a year."""

    _inherit = "subscription.statement.line"

    yearly_amount = fields.Float(
        string="Amount a Year",
        digits=YEARLY_DIGITS,
        readonly=True,
        help="Quantity x price of a period, less the discount, x periods of a year. It"
        " counts as recurring revenue on the days of the line.",
    )


class SubscriptionStatement(models.Model):
    """Lines are made with what they come to in a year: what was billed does not change,
    and so neither does the revenue of past months."""

    _inherit = "subscription.statement"

    @api.model
    def _prepare_line(self, statement, plan, line, move_line):
        values = super()._prepare_line(statement, plan, line, move_line)
        # Those of the line's own period: it may be an earlier one than that of plan.
        terms = get_at(plan.subscription.billing_terms_ids, line.owed.period.first)
        periods = count_periods(terms.period_unit, terms.period_count)
        amount = line.owed.quantity * line.price_full * (1 - line.discount / 100)
        return {**values, "yearly_amount": amount * periods}
