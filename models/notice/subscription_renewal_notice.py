from odoo import models


class SubscriptionRenewal(models.Model):
    """Notices about terms that start with seats over the limit."""

    _inherit = "subscription.renewal"

    def _started(self, pools):
        """Notify who can act where fewer seats are contracted than are in use."""
        super()._started(pools)
        self.env["subscription.notice"]._note_over(pools)
