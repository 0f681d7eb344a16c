from odoo import api, fields, models

from ...terms import LICENCE_DIGITS
from ..access.res_users import GROUP_ADMIN, GROUP_STANDARD

# Others who read orders may not read the ledger.
LEDGER_GROUPS = f"{GROUP_STANDARD},{GROUP_ADMIN}"


class SaleOrder(models.Model):
    _inherit = "sale.order"

    has_licence_moves = fields.Boolean(
        compute="_compute_licences_sold", groups=LEDGER_GROUPS
    )
    licences_sold = fields.Float(
        compute="_compute_licences_sold",
        digits=LICENCE_DIGITS,
        groups=LEDGER_GROUPS,
        help="Licences that this order has brought into the stock of the partner.",
    )

    @api.depends("order_line.licence_move_ids.quantity")
    def _compute_licences_sold(self):
        for order in self:
            moves = order.order_line.licence_move_ids
            order.has_licence_moves = bool(moves)
            sold = moves.filtered(lambda move: move.kind == "sold")
            order.licences_sold = sum(sold.mapped("quantity"))

    def write(self, vals):
        """Change orders; what is sold of licences follows their state.

        :raise LicenceRefusal: when an order is cancelled whose licences are used
        :raise UserError: when one is confirmed for a company that manages no clients
        """
        changed = self._get_changed(vals, {"state", "partner_id", "company_id"})
        result = super().write(vals)
        changed.order_line._sync_licences()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_licensed(self):
        """:raise UserError: the ledger of licences refers to what sold them"""
        self.order_line._verify_unlicensed()

    def action_view_licences(self):
        """Open the entries of the ledger that this order has made."""
        self.ensure_one()
        return self._open_action(
            "subscription_licence_move_action",
            domain=[("order_id", "=", self.id)],
            context={},
        )
