from odoo import models


class SubscriptionSeatUsage(models.Model):
    """The gauge of a pool in words, as pages without JavaScript show it."""

    _inherit = "subscription.seat.usage"

    def _get_share_text(self):
        """Return how many seats are in use, of how many; empty where none can be."""
        self.ensure_one()
        values = {"used": self.used, "limit": self.seat_limit}
        if self.is_unlimited:
            return self.env._("%(used)s in use", **values)
        if self.state == "unavailable":
            return ""
        # Languages write one seat, and some none, in another way than many.
        if not self.used:
            return self.env._("0 of %(limit)s in use", **values)
        if self.used == 1:
            return self.env._("1 of %(limit)s in use", **values)
        return self.env._("%(used)s of %(limit)s in use", **values)

    def _get_room_text(self):
        """Return how many seats are left, or how many are too many."""
        self.ensure_one()
        if self.state == "unavailable":
            return self.env._("Not configured")
        if self.is_unlimited:
            return self.env._("Unlimited")
        if self.used > self.seat_limit:
            return self.env._("%(over)s too many", over=self.used - self.seat_limit)
        return self.env._("%(available)s left", available=self.available)
