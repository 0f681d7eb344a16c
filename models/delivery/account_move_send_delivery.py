from odoo import api, models


class AccountMoveSend(models.AbstractModel):
    """Odoo's *Send* on an invoice of a subscription ends among its deliveries."""

    _inherit = "account.move.send"

    @api.model
    def _send_mail(self, move, mail_template, **kwargs):
        result = super()._send_mail(move, mail_template, **kwargs)
        if move._is_billed_by_period():
            # sudo: who sends an invoice need not be able to read who gets it.
            partners = self.env["res.partner"].sudo().browse(kwargs.get("partner_ids"))
            addresses = [
                one for partner in partners for one in partner._get_addresses()
            ]
            message = move.sudo().message_ids.sorted("id")[-1:]
            move._note_sent_by_hand(addresses, message.message_id)
        return result
