from odoo import models

from .subscription_seat_pool_live import get_figures


class SubscriptionSeatUsage(models.Model):
    _inherit = "subscription.seat.usage"

    def _get_figures(self):
        """Return what the gauge of this pool shows, as messages say it."""
        self.ensure_one()
        return get_figures(self.pool_id.id, self)
