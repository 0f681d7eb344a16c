from odoo import api, models


class PortalShare(models.TransientModel):
    _inherit = "portal.share"

    @api.model_create_multi
    def create(self, vals_list):
        """:raise UserError: when the user may not share a document"""
        wizards = super().create(vals_list)
        wizards._verify_may_share()
        return wizards

    def action_send_mail(self):
        """Send the link.

        :raise UserError: when the user may not share the document
        """
        self._verify_may_share()
        if self._is_user_restricted():
            # Odoo looks at the token, which the user may not read.
            self = self.sudo()
        return super().action_send_mail()

    def _verify_may_share(self):
        """:raise UserError: when the user is restricted and may not share one of the
        documents, or it has no link"""
        if not self._is_user_restricted():
            return
        for wizard in self:
            # Whatever it is, `_get_share_url` refuses what is no document.
            wizard.resource_ref._get_share_url()
