from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError

from ..access.res_users import GROUP_ADMIN


class ResPartner(models.Model):
    """The licences of managing partners."""

    _inherit = "res.partner"

    licence_billing = fields.Selection(
        [("prepaid", "Prepaid stock"), ("on_account", "On account")],
        string="Licences",
        default="prepaid",
        company_dependent=True,
        copy=False,
        help="Prepaid: terms take licences from the stock, which the partner buys or is"
        " allocated before. On account: it has what it needs, and is billed later. Only"
        " the vendor changes it, each of its companies for itself.",
    )
    licence_account_ids = fields.One2many(
        "subscription.licence.account", "partner_id", string="Licence Stocks"
    )
    licence_balance = fields.Char(
        string="Licences Left",
        compute="_compute_licence_balance",
        help="What is left of each module, the least first.",
    )

    @api.depends("licence_account_ids.balance", "licence_account_ids.module_id.name")
    @api.depends_context("allowed_company_ids", "lang", "uid")
    def _compute_licence_balance(self):
        # Not added up: a licence of one module is worth nothing for another.
        accounts = self.env["subscription.licence.account"]
        if accounts.has_access("read"):
            accounts = accounts.search([("partner_id", "in", self.ids)])
        stocks = accounts.grouped("partner_id")
        for partner in self:
            stock = stocks.get(partner._origin, accounts.browse())
            partner.licence_balance = stock._get_stock_text()

    @api.model_create_multi
    def create(self, vals_list):
        """Create contacts.

        :raise AccessError: when anybody but the vendor says how licences are billed
        """
        return super().create([self._complete_billing(vals) for vals in vals_list])

    def write(self, vals):
        """Change contacts.

        :raise AccessError: when anybody but the vendor says how licences are billed
        """
        self._verify_billing(vals)
        return super().write(vals)

    @api.model
    def _complete_billing(self, vals):
        """Return ``vals`` with prepaid licences unless they say otherwise. Defaults of
        a user or a context take effect only for those who may choose.

        :raise AccessError: when anybody but the vendor has licences billed otherwise
        """
        if self._may_set_billing():
            return vals
        vals = {"licence_billing": "prepaid", **vals}
        self.new({"licence_billing": "prepaid"})._verify_billing(vals)
        return vals

    @api.model
    def _may_set_billing(self):
        return self.env.su or self.env.user.has_group(GROUP_ADMIN)

    def _verify_billing(self, vals):
        """:raise AccessError: when anybody but the vendor's administrators would have
        licences billed otherwise"""
        if self._get_changed(vals, {"licence_billing"}) and not self._may_set_billing():
            raise AccessError(
                self.env._(
                    "Only the vendor decides whether licences are prepaid or billed on"
                    " account."
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_stocked(self):
        # sudo: stocks that the user may not read count as well.
        stocked = self.sudo().filtered("licence_account_ids")
        if stocked:
            raise UserError(
                self.env._(
                    "%(partners)s: the ledger of its licences must stay. Archive it"
                    " instead.",
                    partners=", ".join(stocked.mapped("display_name")),
                )
            )

    def _verify_manages_nobody(self):
        """:raise ValidationError: also when this company has licences in stock"""
        super()._verify_manages_nobody()
        # sudo: whoever unticks the box need not read the stocks.
        stocked = self.sudo().licence_account_ids.filtered("balance")
        if stocked:
            raise ValidationError(
                self.env._(
                    "%(partner)s has licences of %(modules)s in stock. Take them back"
                    " before it stops managing clients.",
                    partner=self.display_name,
                    modules=", ".join(stocked.module_id.mapped("name")),
                )
            )

    # ------------------------------------------------------------------ merging

    def _absorb(self, sources):
        """Take over the stocks of licences of ``sources``."""
        super()._absorb(sources)
        sources.licence_account_ids._merge_into(self)
        self.env["subscription.licence.move"]._replace_in_paths(sources, self)

    def action_view_licences(self):
        """Open the stocks of licences of this partner."""
        self.ensure_one()
        return self._open_action(
            "subscription_licence_account_action",
            domain=[("partner_id", "=", self.id)],
            context={"default_partner_id": self.id},
        )
