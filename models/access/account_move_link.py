from odoo import api, models


class AccountMove(models.Model):
    _inherit = "account.move"

    def action_send_and_print(self):
        """Open the wizard that sends these invoices.

        :raise UserError: when the user may not share them
        """
        self._verify_may_share()
        return super().action_send_and_print()

    def _notify_get_recipients_groups(self, message, *args, **kwargs):
        if self._is_user_restricted():
            # Odoo puts the token into the link of the mail.
            self = self.sudo()
        return super()._notify_get_recipients_groups(message, *args, **kwargs)


class AccountMoveSendWizard(models.TransientModel):
    _inherit = "account.move.send.wizard"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when the user may not share an invoice"""
        wizards = super().create(vals_list)
        wizards.move_id._verify_may_share()
        return wizards


class AccountMoveSendBatchWizard(models.TransientModel):
    _inherit = "account.move.send.batch.wizard"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when the user may not share an invoice"""
        wizards = super().create(vals_list)
        wizards.mapped("move_ids")._verify_may_share()
        return wizards
