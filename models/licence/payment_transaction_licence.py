from odoo import api, models


class PaymentTransaction(models.Model):
    """Payments of the orders of partners."""

    _inherit = "payment.transaction"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when a partner pays an order that it cannot accept"""
        transactions = super().create(vals_list)
        # A refund belongs to the payment that it gives back.
        paid = transactions.filtered(lambda one: not one.source_transaction_id)
        paid.sale_order_ids._verify_open_online()
        return transactions

    def _post_process(self):
        """Tell the vendor of payments that do not confirm the order."""
        result = super()._post_process()
        paid = self.filtered(lambda one: one.state in ("pending", "authorized", "done"))
        orders = paid.sale_order_ids._get_of_partners()
        orders.filtered(lambda order: order.state == "sent")._ask_to_confirm()
        return result
