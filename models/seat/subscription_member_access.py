from odoo import models
from odoo.exceptions import UserError


class SubscriptionMember(models.Model):
    """The modules of one member, as its administrator wishes them."""

    _inherit = "subscription.member"

    def _get_lost_seats(self, pools):
        """Return the seats that this member loses when it keeps those of ``pools``
        alone: without the base module there is no other."""
        lost = self._get_seats_in_use().filtered(lambda seat: seat.pool_id not in pools)
        return lost | lost._get_dependent_seats()

    def _get_gained_pools(self, pools):
        """Return those of ``pools`` in which this member takes a seat then, base seats
        that come with them included."""
        lost = self._get_lost_seats(pools)
        staying = self.pool_ids - lost.pool_id
        # Who gives up the base module gives up what is there with it.
        asked = pools - staying - lost.pool_id
        bases = asked.subscription_id.seat_pool_ids.filtered("is_base")
        return (asked | bases) - staying

    def _change_pools(self, pools):
        """Give this member the modules ``pools``, and take the others from it.

        :raise SeatRefusal: when one has no seat left
        """
        gained = self._get_gained_pools(pools)
        self._get_lost_seats(pools)._release("access")
        gained._grant(dict.fromkeys(gained, self))

    def _get_seat_change_text(self, role):
        """Return which seats this member takes or frees with ``role``; empty where it
        stays as it is."""
        if role.takes_seat == self.role_id.takes_seat:
            return ""
        names = ", ".join(self.module_ids.mapped("name"))
        if not names:
            return ""
        if role.takes_seat:
            return self.env._("A seat is taken of: %s.", names)
        return self.env._("A seat becomes free of: %s.", names)

    def _get_freed_text(self):
        """Return which seats these members free when they leave, a part for each
        module; empty where they hold none that counts."""
        return self._get_seats_in_use()._get_freed_text()

    def action_ask_left(self):
        """Ask before those of these members who are there are noted as having left, and
        say which seats that frees.

        :raise UserError: when nobody of them is there any more
        """
        leaving = self.filtered("active")
        if not leaving:
            raise UserError(
                self.env._("%s: left already.", self._get_names_text() or "-")
            )
        return leaving._ask_first(
            "action_archive",
            title=self.env._(
                "Note that %(members)s left %(clients)s?",
                clients=leaving.client_id._get_names_text(),
                members=leaving._get_names_text(),
            ),
            body=leaving._get_leaving_text(),
            yes=self.env._("Has left"),
            no=self.env._("Still there"),
        )

    def _get_leaving_text(self):
        """Return in sentences what happens when these members leave."""
        freed = self._get_freed_text() or self.env._("No seat becomes free.")
        return self.env._(
            "%(freed)s Access ends at once. What they did stays, and so does who held"
            " which seat; Restore brings them back.",
            freed=freed,
        )


class SubscriptionSeatPool(models.Model):
    _inherit = "subscription.seat.pool"

    def _get_room_choices(self):
        """Return ``[(id, name of the module, how many seats are left)]`` of these
        pools, to choose from."""
        return [(pool.id, pool.module_id.name, pool._get_room_text()) for pool in self]

    def _get_room_text(self):
        if self.state == "unavailable":
            return self.env._("not available")
        if self.is_unlimited:
            return self.env._("without limit")
        return self.env._("%s left", self.available)


class SubscriptionSeat(models.Model):
    _inherit = "subscription.seat"

    def _get_freed_text(self):
        """Return in a sentence what these seats are when they are released."""
        counted = self.filtered("takes_seat")
        if not counted:
            return ""
        freed = ", ".join(
            self.env._("%(seats)s of %(module)s", seats=len(seats), module=module.name)
            for module, seats in counted.grouped("module_id").items()
        )
        return self.env._("Seats that become free: %s.", freed)
