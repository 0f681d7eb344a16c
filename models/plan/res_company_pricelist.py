from odoo import api, models
from odoo.fields import Domain


class ResCompany(models.Model):
    """The price lists that new subscriptions have."""

    _inherit = "res.company"

    @api.model_create_multi
    def create(self, vals_list):
        """Create companies, each with a price list in its currency."""
        companies = super().create(vals_list)
        companies._make_pricelists()
        return companies

    def write(self, vals):
        """Change companies; one with another currency gets a price list in it."""
        result = super().write(vals)
        if "currency_id" in vals:
            self._make_pricelists()
        return result

    @api.model
    def _make_pricelists(self):
        """Make a price list for those of these companies, by default of all, that have
        none in their currency: no subscription can be without."""
        # sudo: whoever sets up a company needs no rights on price lists.
        companies = (self or self.search(Domain.TRUE)).sudo()
        self.env["product.pricelist"].sudo().create(
            [
                company._get_default_pricelist_vals()
                for company in companies
                if not company._get_pricelist()
            ]
        )

    def _get_pricelist(self):
        """Return the first price list in the currency of this company.

        One that is archived counts as long as it has no rules: saving the settings of
        Odoo archives all price lists where the option *Pricelists* is off.
        """
        self.ensure_one()
        # sudo: what a subscription is sold by is the same whoever creates it.
        lists = self.env["product.pricelist"].sudo().with_context(active_test=False)
        return lists.search(
            [
                ("currency_id", "=", self.currency_id.id),
                ("company_id", "in", (self.id, False)),
                "|",
                ("active", "=", True),
                ("item_ids", "=", False),
            ],
            order="active DESC, sequence, id",
            limit=1,
        )
