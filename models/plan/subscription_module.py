from odoo import api, fields, models
from odoo.exceptions import UserError

# Models whose records refer to modules.
USING_MODELS = [
    "subscription.plan.line",
    "subscription.seat.pool",
    "subscription.licence.account",
    "subscription.renewal.line",
]


class SubscriptionModule(models.Model):
    _name = "subscription.module"
    _description = "Subscription Module"
    _order = "is_base desc, sequence, name, id"
    _rec_names_search = ["name", "code"]

    name = fields.Char(required=True, translate=True)
    code = fields.Char(
        compute="_compute_code",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
    )
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    description = fields.Text(translate=True)
    company_id = fields.Many2one(
        "res.company", index=True, help="Empty: for every company of the vendor."
    )
    product_id = fields.Many2one("product.product", ondelete="restrict")
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
    is_base = fields.Boolean(
        string="Base Module",
        help="The seats of the base module are the users of the plan: every user of"
        " another module holds one.",
    )

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another module has this code already."
    )
    _licence_product_unique = models.UniqueIndex(
        "(licence_product_id) WHERE licence_product_id IS NOT NULL",
        "The product is the licence of another module already.",
    )
    _one_base = models.UniqueIndex(
        "(is_base) WHERE is_base IS TRUE", "There is a base module already."
    )

    @api.depends("name")
    def _compute_code(self):
        """Make codes of names, once: an import or a program may know them by then."""
        for record in self:
            record.code = record.code or self.env["ir.http"]._slugify(record.name or "")

    def write(self, vals):
        """Change modules.

        :raise UserError: when a licence product would change that was sold: stocks
            follow the orders of it
        """
        if "licence_product_id" in vals:
            self._verify_not_sold(vals["licence_product_id"])
        return super().write(vals)

    def _verify_not_sold(self, product_id):
        changed = self.filtered(
            lambda module: module.licence_product_id.id != product_id
        )
        sold = self.env["subscription.licence.move"].sudo()
        sold = sold.search(
            [
                ("kind", "=", "sold"),
                ("module_id", "in", changed.ids),
                ("sale_line_id.product_id", "in", changed.licence_product_id.ids),
            ],
            limit=1,
        )
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

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """:raise UserError: naming those of these modules that plans, subscriptions,
        stocks or renewals have; the refusal of the database names models and fields
        instead"""
        domain = [("module_id", "in", self.ids)]
        used = self.browse().union(
            *(
                module
                for model in USING_MODELS
                for (module,) in self.env[model]
                .sudo()
                ._read_group(domain, ["module_id"])
            )
        )
        if used:
            raise UserError(
                self.env._(
                    "%(modules)s: plans, subscriptions, renewals or stocks have it."
                    " Archive it instead.",
                    modules=", ".join(used.mapped("name")),
                )
            )
