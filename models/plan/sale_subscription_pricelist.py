from odoo import api, fields, models


class SaleSubscription(models.Model):
    """The price list of a new subscription."""

    _inherit = "sale.subscription"

    # Upstream leaves it empty, over RPC up to an error of the database.
    pricelist_id = fields.Many2one(
        compute="_compute_pricelist_id", store=True, readonly=False, precompute=True
    )

    @api.depends("partner_id", "company_id")
    def _compute_pricelist_id(self):
        for record in self:
            record.pricelist_id = record.pricelist_id or record._get_own_pricelist()

    # Upstream takes the first price list that there is, in whatever currency.
    @api.onchange("partner_id", "company_id")
    def onchange_partner_id(self):
        self.pricelist_id = self._get_own_pricelist()

    def _get_own_pricelist(self):
        """Return the price list that was set on the client, else on its managing
        partner, else the one that Odoo has for the client's country if it is in the
        currency of the company, else the first one in that currency."""
        company = self.company_id or self.env.company
        # sudo: the staff of a partner does not see all that its prices follow from.
        client = self.partner_id.commercial_partner_id.sudo().with_company(company)
        payers = client | client.managing_partner_id
        of_country = client.property_product_pricelist.filtered(
            lambda prices: prices.currency_id == company.currency_id
        )
        fitting = (payers.specific_property_product_pricelist | of_country).filtered(
            lambda prices: prices.active and prices.company_id <= company
        )
        return fitting[:1] or company._get_pricelist()
