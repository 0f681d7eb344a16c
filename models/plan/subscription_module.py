from odoo import api, fields, models
from odoo.exceptions import UserError


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
        """Make codes of names, once: imports or other programs may use them later."""
        for record in self:
            record.code = record.code or self.env["ir.http"]._slugify(record.name or "")

    @api.model
    def _get_using_models(self):
        """Return the names of the models whose ``module_id`` keeps modules from being
        deleted. Lower folders add theirs."""
        return ["subscription.plan.line"]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        """:raise UserError: naming those of these modules that plans, subscriptions,
        stocks or renewals have; the refusal of the database names models and fields
        instead"""
        used = self._get_used()
        if used:
            raise UserError(
                self.env._(
                    "%(modules)s: plans, subscriptions, renewals or stocks have it."
                    " Archive it instead.",
                    modules=", ".join(used.mapped("name")),
                )
            )

    def _get_used(self):
        """Return those of these modules that other records have."""
        # sudo: records that the user may not read keep modules from being deleted too.
        groups = [
            self.env[model]
            .sudo()
            ._read_group([("module_id", "in", self.ids)], ["module_id"])
            for model in self._get_using_models()
        ]
        return self.browse().union(*(module for group in groups for (module,) in group))
