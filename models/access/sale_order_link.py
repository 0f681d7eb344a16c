from odoo import api, models
from odoo.exceptions import UserError

# What the vendor decides, and who accepts an order online.
DECIDED_FIELDS = {"state", "signature", "signed_by", "signed_on"}


class SaleOrder(models.Model):
    _inherit = "sale.order"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when a restricted user creates an order that is decided"""
        orders = super().create(vals_list)
        if self._is_user_restricted():
            orders.filtered(lambda order: order.state != "draft")._refuse_to_decide()
            orders.filtered("signature")._refuse_to_decide()
        return orders

    def write(self, vals):
        """:raise UserError: when a restricted user sends, signs, confirms or cancels
        orders by itself"""
        if DECIDED_FIELDS & set(vals) and self._is_user_restricted():
            self.check_access("write")
            self._refuse_to_decide()
        return super().write(vals)

    def action_quotation_send(self):
        """Open the window that sends these orders.

        :raise UserError: when the user may not share them
        """
        self._verify_may_share()
        return super().action_quotation_send()

    def _refuse_to_decide(self):
        """:raise UserError: when there are such orders"""
        if self:
            raise UserError(
                self.env._(
                    "%(vendor)s sends, confirms and cancels its orders. Ask %(vendor)s"
                    " to do it, or accept an order that was sent online.",
                    vendor=self.env.company.sudo().name,
                )
            )
