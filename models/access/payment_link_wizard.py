from odoo import api, models


class PaymentLinkWizard(models.TransientModel):
    _inherit = "payment.link.wizard"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when a restricted user may not share a document"""
        wizards = super().create(vals_list)
        if self._is_user_restricted():
            for wizard in wizards:
                document = self.env[wizard.res_model].browse(wizard.res_id)
                document._verify_may_share()
        return wizards
