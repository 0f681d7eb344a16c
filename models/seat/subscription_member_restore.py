from odoo import models


class SubscriptionMember(models.Model):
    """Restoring members: what they held before is offered."""

    _inherit = "subscription.member"

    def action_unarchive(self):
        """Restore these members, and open *Add users* with the modules that they held
        until they left; where these differ, say who held which.

        :raise SeatRefusal: when they do not fit
        """
        pools_by_member = self._get_pools_left()
        result = super().action_unarchive()
        lost = {
            member: pools - member.pool_ids
            for member, pools in pools_by_member.items()
            if pools - member.pool_ids
        }
        if not lost:
            return result
        members = self.browse().union(*lost)
        pools = next(iter(lost.values()))
        if len(members.client_id) == 1 and all(each == pools for each in lost.values()):
            return members._open_seat_action(
                "subscription_seat_grant_action", default_pool_ids=pools.ids
            )
        return self._notify_pools_left(lost)

    def _get_pools_left(self):
        """Return ``{member: pools}`` of the seats, base seats apart, that those of
        these members who are archived lost when they left."""
        archived = self.filtered(lambda member: not member.active)
        seats = self.env["subscription.seat"].search(
            [
                ("member_id", "in", archived.ids),
                ("released_at", "!=", False),
                ("pool_id.is_base", "=", False),
            ]
        )
        return {
            member: held._get_lost_with(member.departure).pool_id
            for member, held in seats.grouped("member_id").items()
        }

    def _notify_pools_left(self, lost):
        """Return the notification of which modules each of ``{member: pools}`` held."""
        message = "; ".join(
            f"{member.name}: {', '.join(pools.module_id.mapped('name'))}"
            for member, pools in lost.items()
        )
        title = self.env._("Restored. Modules held before")
        return self._notify(message, kind="info", sticky=True, title=title)
