from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order import LEDGER_GROUPS
from .stock_key import StockKey

# What the licences that a line sells follow from.
SOLD_FIELDS = {"product_id", "product_uom_qty", "product_uom_id", "order_id"}


class SaleOrderLine(models.Model):
    """A confirmed order of a licence product fills the stock of the partner.

    The stock follows the line, whichever way that is changed: confirmed, changed,
    cancelled or deleted.
    """

    _inherit = "sale.order.line"

    licence_move_ids = fields.One2many(
        "subscription.licence.move",
        "sale_line_id",
        string="Licence Entries",
        groups=LEDGER_GROUPS,
    )

    @api.model_create_multi
    def create(self, vals_list):
        """Create lines; of confirmed orders they add licences at once."""
        lines = super().create(vals_list)
        lines._sync_licences()
        return lines

    def write(self, vals):
        """Change lines, and the licences that they sold.

        :raise LicenceRefusal: when there would be fewer than the partner has used
        """
        changed = self._get_changed(vals, SOLD_FIELDS)
        result = super().write(vals)
        changed._sync_licences()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_licensed(self):
        """:raise UserError: the ledger of licences refers to what sold them"""
        self._verify_unlicensed()

    def _verify_unlicensed(self):
        """:raise UserError: naming those of these lines that sold licences"""
        # sudo: who sells need not read the ledger.
        licensed = self.sudo().filtered("licence_move_ids")
        if licensed:
            raise UserError(
                self.env._(
                    "%(lines)s: these licences are in the partner's ledger, which must"
                    " stay. Set the quantity to 0, or cancel the order.",
                    lines=", ".join(licensed.mapped("display_name")),
                )
            )

    def _sync_licences(self):
        """Make the stocks of the partners follow what these lines sell now.

        :raise LicenceRefusal: a line for each stock that would fall below zero
        :raise UserError: when licences would be sold to who manages no clients
        """
        # sudo: who sells need not read the ledger.
        lines = self.sudo()
        modules = lines._get_licence_modules()
        sold = {
            line: line._get_licences_sold(modules)
            for line in lines
            if line.product_id in modules and line.order_id.state == "sale"
        }
        accounts = lines.env["subscription.licence.account"]
        stocks = accounts._open_stocks([key for key, _ in sold.values()])
        entries = [
            vals
            for line in lines
            for key, quantity in [sold.get(line, (None, 0))]
            for vals in line._prepare_entries(stocks.get(key), quantity)
        ]
        accounts._post(sorted(entries, key=lambda vals: vals["quantity"] < 0))

    def _get_licence_modules(self):
        """Return ``{product: module}`` of the products of these lines that are
        licences, of archived modules as well."""
        modules = self.env["subscription.module"].with_context(active_test=False)
        modules = modules.search([("licence_product_id", "in", self.product_id.ids)])
        return {module.licence_product_id: module for module in modules}

    def _prepare_entries(self, stock, quantity):
        """Return the values of the entries after which this line has sold ``quantity``
        in ``stock``, and nothing in any other."""
        due = {stock: quantity} if stock else {}
        # What was given on account to take it back was never sold.
        for move in self.licence_move_ids.filtered(lambda m: m.kind == "sold"):
            due[move.account_id] = due.get(move.account_id, 0) - move.quantity
        return [
            {
                "account_id": account.id,
                "kind": "sold",
                "quantity": account._round(change),
                "sale_line_id": self.id,
            }
            for account, change in due.items()
            if account._compare(change, 0)
        ]

    def _get_licences_sold(self, modules):
        """Return the key of the stock that this line fills, and with how many licences.

        :param dict modules: ``{product: module}``
        """
        partner = self.order_id.partner_id.commercial_partner_id
        self._verify_managing(partner)
        quantity = self.product_uom_id._compute_quantity(
            self.product_uom_qty, self.product_id.uom_id
        )
        return StockKey(partner, modules[self.product_id], self.company_id), quantity

    def _verify_managing(self, partner):
        """:raise UserError: when ``partner`` manages no clients: it needs no licence"""
        if not partner.is_managing_partner:
            raise UserError(
                self.env._(
                    "%(product)s is a licence, which only partners have in stock, and"
                    " %(partner)s does not manage clients. Mark it as managing clients"
                    " first, or sell another product.",
                    product=self.product_id.display_name,
                    partner=partner.display_name,
                )
            )
