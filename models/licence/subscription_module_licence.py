from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.changes import write_changes


class SubscriptionModule(models.Model):
    """Modules that are sold by the licence."""

    _inherit = "subscription.module"

    is_licensed = fields.Boolean(
        string="Sold by the Licence",
        default=True,
        help="Terms of a fixed duration take licences of this module from the stock of"
        " the managing partner: one for each seat and year.",
    )
    licence_product_id = fields.Many2one(
        "product.product",
        ondelete="restrict",
        index="btree_not_null",
        help="A unit of it is a licence: one user of this module for one year. An order"
        " of it adds licences to the stock of the partner; its price is that of"
        " renewals.",
    )
    _licence_product_unique = models.UniqueIndex(
        "(licence_product_id) WHERE licence_product_id IS NOT NULL",
        "The product is the licence of another module already.",
    )

    @api.model
    def _get_using_models(self):
        return [*super()._get_using_models(), "subscription.licence.account"]

    @write_changes
    def write(self, vals):
        """Change modules.

        :raise UserError: when a licence product would change that was sold already
        """
        if "licence_product_id" in vals:
            self._verify_not_sold()
        return super().write(vals)

    def _verify_not_sold(self):
        """:raise UserError: when licences of these modules were sold by their product,
        which would change"""
        sold = self._find_sold_entry()
        if sold:
            raise UserError(
                self.env._(
                    "%(module)s: licences were sold as %(product)s, and the stocks"
                    " follow those orders. Keep the product; its name and price can"
                    " change.",
                    module=sold.module_id.name,
                    product=sold.sale_line_id.product_id.display_name,
                )
            )

    def action_create_licence_product(self):
        """Make the product that licences of this module are sold by, and open it for
        its price; open the one that there is.

        :raise AccessError: when the user may not make products
        """
        self.ensure_one()
        self.check_access("write")
        if not self.licence_product_id:
            products = self.env["product.product"]
            values = self._prepare_licence_product_values()
            self.licence_product_id = products.create([values])
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Licence Product"),
            "res_model": "product.product",
            "res_id": self.licence_product_id.id,
            "views": [[False, "form"]],
        }

    def _prepare_licence_product_values(self):
        """Return the values of a product for licences of this module, named by what
        sellers look for in an order."""
        name = self.env._("%s licence, one user for a year", self.name)
        return {"name": name, "type": "service", "company_id": self.company_id.id}

    def _find_sold_entry(self):
        """Return an entry of the ledger by which the product of one of these modules
        was sold."""
        # sudo: entries that the user may not read count as well.
        entries = self.env["subscription.licence.move"].sudo()
        return entries.search(
            [
                ("kind", "=", "sold"),
                ("module_id", "in", self.ids),
                ("sale_line_id.product_id", "in", self.licence_product_id.ids),
            ],
            limit=1,
        )
