from odoo import api, fields, models

from .gap_words import describe


class SubscriptionSettingsMixin(models.AbstractModel):
    """What becomes of invoices that lack data of electronic ones."""

    _inherit = "subscription.settings.mixin"

    einvoice_policy = fields.Selection(
        related="company_id.einvoice_policy", readonly=False
    )
    is_einvoice_seller = fields.Boolean(compute="_compute_einvoice_seller")
    einvoice_seller_missing = fields.Text(compute="_compute_einvoice_seller")

    @api.depends("company_id")
    @api.depends_context("lang")
    def _compute_einvoice_seller(self):
        for settings in self:
            # sudo: who runs the contracts need not read the company.
            company = settings.company_id.sudo()
            settings.is_einvoice_seller = bool(company) and company._is_french()
            gaps = company._find_seller_gaps() if settings.is_einvoice_seller else []
            settings.einvoice_seller_missing = describe(self.env, gaps)
