from odoo import models


class SaleSubscription(models.Model):
    """Administrators of the clients of subscriptions."""

    _inherit = "sale.subscription"

    def action_invite_administrator(self):
        """Open the wizard *Invite* for the client."""
        return self.client_id.action_invite_administrator()
