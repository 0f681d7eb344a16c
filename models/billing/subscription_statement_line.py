from odoo import fields, models

# Lines whose rows add up to their quantity.
COUNTED = ("contracted", "in_use", "members", "teams")


class SubscriptionStatementLine(models.Model):
    """A line of a statement: a quantity, for some days, at a price.

    The price of a line is that of a full period x days / days of the period, rounded;
    the amount is quantity x price, less the discount.
    """

    _name = "subscription.statement.line"
    _inherit = ["subscription.immutable.mixin", "subscription.module.sum.mixin"]
    _description = "Line of a Billing Statement"
    _order = "statement_id, id"

    _module_sums = ("quantity",)

    name = fields.Text(required=True)
    statement_id = fields.Many2one(
        "subscription.statement", required=True, ondelete="cascade", index=True
    )
    subscription_id = fields.Many2one(
        "sale.subscription", ondelete="restrict", index="btree_not_null"
    )
    client_id = fields.Many2one(
        related="statement_id.client_id", store=True, precompute=True, index=True
    )
    company_id = fields.Many2one(
        related="statement_id.company_id", store=True, precompute=True
    )
    currency_id = fields.Many2one(
        related="statement_id.currency_id", store=True, precompute=True
    )
    kind = fields.Selection(
        [
            ("contracted", "Contracted seats"),
            ("in_use", "Seats in use"),
            ("members", "Active members"),
            ("teams", "Active teams"),
            ("manual", "By hand"),
            ("credit", "Credit"),
            ("on_account", "Licences on account"),
        ],
        required=True,
    )
    reason = fields.Selection(
        [
            ("pause", "Paused"),
            ("correction", "Corrected in time"),
            ("end", "Ended earlier"),
        ],
        help="Why days that were billed are credited.",
    )
    pool_id = fields.Many2one(
        "subscription.seat.pool", ondelete="restrict", index="btree_not_null"
    )
    module_id = fields.Many2one(
        "subscription.module", ondelete="restrict", index="btree_not_null"
    )
    product_id = fields.Many2one(
        "product.product", ondelete="restrict", index="btree_not_null"
    )
    source_line_id = fields.Many2one(
        "sale.subscription.line", ondelete="set null", index="btree_not_null"
    )
    credited_line_id = fields.Many2one(
        "subscription.statement.line",
        ondelete="restrict",
        index="btree_not_null",
        help="The line whose days it credits.",
    )
    licence_move_id = fields.Many2one(
        "subscription.licence.move", ondelete="restrict", index="btree_not_null"
    )
    date_first = fields.Date(string="First Day", required=True)
    date_last = fields.Date(string="Last Day", required=True)
    days = fields.Integer(aggregator=None)
    of_days = fields.Integer(string="Days of the Period", aggregator=None)
    quantity = fields.Float(digits=(16, 2), required=True)
    price_full = fields.Float(
        string="Price of a Period",
        digits="Product Price",
        required=True,
        aggregator=None,
    )
    price_unit = fields.Float(
        string="Unit Price", digits="Product Price", required=True, aggregator=None
    )
    discount = fields.Float(string="Discount (%)", digits="Discount", aggregator=None)
    amount = fields.Monetary(help="Without taxes.")
    move_line_id = fields.Many2one(
        "account.move.line", ondelete="set null", index="btree_not_null"
    )
    row_ids = fields.One2many("subscription.statement.row", "line_id")

    _dates_order = models.Constraint(
        "CHECK (date_first <= date_last)", "A line ends after it begins."
    )
