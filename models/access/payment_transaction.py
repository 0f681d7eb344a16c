from odoo import api, models
from odoo.exceptions import UserError


class PaymentTransaction(models.Model):
    """What partner staff and accountants pay, and that only the provider of payments
    says what is paid."""

    _inherit = "payment.transaction"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when a restricted user pays what it may not share, or makes
        a payment other than by paying"""
        self._verify_not_by_hand()
        transactions = super().create(vals_list)
        if self.env.user._is_restricted():
            # The pages that pay go on as superuser, for who looks at them.
            transactions.sudo().sale_order_ids.sudo(False)._verify_may_share()
            transactions.sudo().invoice_ids.sudo(False)._verify_may_share()
        return transactions

    def write(self, vals):
        """:raise UserError: when a restricted user changes payments"""
        self._verify_not_by_hand()
        return super().write(vals)

    def _verify_not_by_hand(self):
        if self._is_user_restricted():
            message = self.env._(
                "Payments are made by the pages that pay, not by hand."
            )
            raise UserError(message)
