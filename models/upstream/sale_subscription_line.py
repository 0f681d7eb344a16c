from odoo import api, models


class SaleSubscriptionLine(models.Model):
    _inherit = "sale.subscription.line"

    # Upstream takes the taxes of the user's company rather than the subscription's.
    @api.depends("company_id")
    def _compute_tax_ids(self):
        for company, lines in self.grouped("company_id").items():
            super(SaleSubscriptionLine, lines.with_company(company))._compute_tax_ids()
