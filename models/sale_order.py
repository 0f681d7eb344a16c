from odoo import api, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    def write(self, vals):
        """Change orders; what is sold of licences follows their state.

        :raise LicenceRefusal: when an order is cancelled whose licences are used
        :raise UserError: when one is confirmed for a company that manages no clients
        """
        result = super().write(vals)
        if {"state", "partner_id", "company_id"} & set(vals):
            self.order_line._sync_licences()
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_licensed(self):
        """:raise UserError: the ledger of licences refers to what sold them"""
        self.order_line._verify_unlicensed()
