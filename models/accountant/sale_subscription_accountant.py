from odoo import models


class SaleSubscription(models.Model):
    """Accountants of the clients of subscriptions."""

    _inherit = "sale.subscription"

    def action_invite_accountant(self):
        """Open the wizard *Invite accountant* for the client."""
        return self.client_id.action_invite_accountant()
