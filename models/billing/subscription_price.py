from odoo import fields, models


class SubscriptionPrice(models.Model):
    """The price of a product that was fixed for a term, of one unit and full period."""

    _name = "subscription.price"
    _inherit = ["subscription.immutable.mixin"]
    _description = "Price Fixed for a Term"
    _order = "subscription_id, term_start, id"
    _rec_name = "product_id"

    subscription_id = fields.Many2one(
        "sale.subscription", required=True, ondelete="cascade", index=True
    )
    client_id = fields.Many2one(
        related="subscription_id.client_id", store=True, index=True
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    term_start = fields.Date(required=True)
    product_id = fields.Many2one(
        "product.product", required=True, ondelete="restrict", index=True
    )
    currency_id = fields.Many2one(related="subscription_id.currency_id")
    price_unit = fields.Float(string="Price", digits="Product Price", required=True)

    _product_unique = models.UniqueIndex(
        "(subscription_id, term_start, product_id)",
        "The price of the product is fixed for this term already.",
    )
