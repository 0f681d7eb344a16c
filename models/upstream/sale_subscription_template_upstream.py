from datetime import date

from odoo import models


class SaleSubscriptionTemplate(models.Model):
    """Guards against faults of subscription_oca, see docs/upstream.md."""

    _inherit = "sale.subscription.template"

    # Upstream fails without a start, and where the calendar ends before the term.
    def _get_date(self, date_start):
        try:
            return super()._get_date(date_start) if date_start else False
        except (OverflowError, ValueError):
            return date.max
