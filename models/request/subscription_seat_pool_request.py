from odoo import models


class SubscriptionSeatPool(models.Model):
    """Seats of pools are asked for."""

    _inherit = "subscription.seat.pool"

    def unlink(self):
        """Delete pools; what waits for seats of them ends."""
        # sudo: users read no requests of others, and write none.
        requests = self.env["subscription.request"].sudo()
        requests.search([("pool_id", "in", self.ids)])._close_waiting("expired")
        return super().unlink()
