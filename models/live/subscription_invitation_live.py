from odoo import models


class SubscriptionInvitation(models.Model):
    _inherit = "subscription.invitation"

    def _note_withdrawn(self):
        """Note that these invitations are withdrawn; the channels that they opened
        end."""
        super()._note_withdrawn()
        self.sudo().client_id._end_live_channels()
