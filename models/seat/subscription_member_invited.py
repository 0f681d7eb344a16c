from collections import defaultdict

from odoo import models


class SubscriptionMember(models.Model):
    """The seats that an invitation holds: freed when it expires, taken again when it is
    sent again."""

    _inherit = "subscription.member"

    def _invitation_lapsed(self):
        """Release the seats of these members."""
        super()._invitation_lapsed()
        self._release_seats("expired")

    def _invitation_renewed(self):
        """Assign these members the seats that they lost when their invitation expired,
        and base seats, as far as the subscriptions run.

        :raise SeatRefusal: when they do not fit
        """
        super()._invitation_renewed()
        self._take_base_seats()
        requests = defaultdict(self.browse)
        for member, pools in self._get_pools_lapsed().items():
            for pool in pools:
                requests[pool] |= member
        # sudo: whoever may send the invitation again.
        self.env["subscription.seat.pool"].sudo()._grant(dict(requests))

    def _get_pools_lapsed(self):
        """Return ``{member: pools}`` of the seats, base seats apart, that these members
        lost when their invitation expired, and can have again."""
        # sudo: a member gets back all seats, also those that the user cannot read.
        released = (
            self.env["subscription.seat"]
            .sudo()
            .search([("member_id", "in", self.ids), ("released_at", "!=", False)])
        )
        return {
            member: seats._get_lost_with("expired").pool_id.filtered(
                lambda pool: not pool.is_base and pool.state != "unavailable"
            )
            for member, seats in released.grouped("member_id").items()
        }
