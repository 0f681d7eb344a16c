from odoo import models


class SubscriptionRenewal(models.Model):
    """Who is told of terms that start."""

    _inherit = "subscription.renewal"

    def _started(self, pools):
        """Tell who can act where fewer seats are contracted than are in use."""
        super()._started(pools)
        self.env["subscription.notice"]._note_over(pools)
