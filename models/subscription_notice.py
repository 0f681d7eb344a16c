from odoo import api, models


class SubscriptionNotice(models.Model):
    _name = "subscription.notice"
    _description = "Notice"

    @api.model
    def _note_over(self, pools):
        """Tell who can act that terms started with fewer seats than are in use."""
