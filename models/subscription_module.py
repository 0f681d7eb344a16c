from odoo import api, fields, models


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
    is_base = fields.Boolean(
        string="Base Module",
        help="The seats of the base module are the users of the plan: every user of"
        " another module holds one.",
    )

    _code_unique = models.Constraint(
        "UNIQUE (code)", "Another module has this code already."
    )
    _one_base = models.UniqueIndex(
        "(is_base) WHERE is_base IS TRUE", "There is a base module already."
    )

    @api.depends("name")
    def _compute_code(self):
        """Make codes of names, once: an import or a program may know them by then."""
        for record in self:
            record.code = record.code or self.env["ir.http"]._slugify(record.name or "")
