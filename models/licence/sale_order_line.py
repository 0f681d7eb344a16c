from odoo import api, fields, models
from odoo.exceptions import UserError

from .sale_order import LEDGER_GROUPS


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
        result = super().write(vals)
        if {"product_id", "product_uom_qty", "product_uom_id", "order_id"} & set(vals):
            self._sync_licences()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_licensed(self):
        """:raise UserError: the ledger of licences refers to what sold them"""
        self._verify_unlicensed()

    def _verify_unlicensed(self):
        """:raise UserError: naming those of these lines that sold licences"""
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
        """Bring the stocks of the partners in line with what these lines sell now.

        :raise LicenceRefusal: a line for each stock that would fall below zero
        :raise UserError: when licences would be sold to who manages no clients
        """
        lines = self.sudo()
        modules = (
            self.env["subscription.module"]
            .sudo()
            .with_context(active_test=False)
            .search([("licence_product_id", "in", lines.product_id.ids)])
        )
        modules = {module.licence_product_id: module for module in modules}
        lines = lines.filtered(
            lambda line: line.product_id in modules or line.licence_move_ids
        )
        accounts = self.env["subscription.licence.account"].sudo()
        sold = {
            line: line._get_licences_sold(modules)
            for line in lines
            if line.product_id in modules and line.order_id.state == "sale"
        }
        stocks = accounts._open([key for key, _ in sold.values()])
        entries = []
        for line in lines:
            due = {}
            if line in sold:
                key, quantity = sold[line]
                due[stocks[key]] = quantity
            # What was given on account to take it back was never sold.
            for move in line.licence_move_ids.filtered(lambda m: m.kind == "sold"):
                due[move.account_id] = due.get(move.account_id, 0) - move.quantity
            entries += [
                {
                    "account_id": account.id,
                    "kind": "sold",
                    "quantity": accounts._round(quantity),
                    "sale_line_id": line.id,
                }
                for account, quantity in due.items()
                if accounts._compare(quantity, 0)
            ]
        accounts._post(sorted(entries, key=lambda vals: vals["quantity"] < 0))

    def _get_licences_sold(self, modules):
        """Return the key of the stock that this line fills, and with how many licences.

        :param dict modules: ``{product: module}``
        """
        partner = self.order_id.partner_id.commercial_partner_id
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
        quantity = self.product_uom_id._compute_quantity(
            self.product_uom_qty, self.product_id.uom_id
        )
        key = partner, modules[self.product_id], self.company_id
        return key, quantity
