from odoo import api, models

# The client action that says what was done, with a button *Undo*.
OFFER = "subscription_offer_undo"


class SubscriptionRemoval(models.Model):
    """*Undo*, offered where something has just been removed."""

    _inherit = "subscription.removal"

    @api.model
    def _offer_undo(self, message, *, members=(), seats=(), **params):
        """Return the notification that says ``message``, with a button that undoes what
        the user has just taken from members; without it where nothing was noted.

        :param members: those who were archived
        :param seats: those that were released
        :param params: as :meth:`_notify` has them
        """
        action = self._notify(message, **params)
        removals = self._get_just_noted(members, seats)
        if removals:
            action["tag"] = OFFER
            action["params"]["removal_ids"] = removals.ids
        return action

    @api.model
    def _get_just_noted(self, members, seats):
        """Return the newest removal of each client that has taken ``members`` or
        ``seats``, of those that the user may undo."""
        if not self.has_access("read"):
            return self.browse()
        taken = ["|", ("member_ids", "in", [member.id for member in members])]
        taken.append(("seat_ids", "in", [seat.id for seat in seats]))
        found = self.search([*taken, ("is_open", "=", True)], order="id desc")
        return found.browse().union(
            *(same[:1] for same in found.grouped("client_id").values())
        )


class SubscriptionMember(models.Model):
    """Archiving on a screen can be undone there."""

    _inherit = "subscription.member"

    def action_archive(self):
        """Archive these members, say so, and offer to undo it.

        :raise UserError: when a client would lose its last administrator
        """
        leaving = self.filtered("active")
        result = super().action_archive()
        if not leaving:
            return result
        return self.env["subscription.removal"]._offer_undo(
            self.env._("Has left: %s.", leaving._get_names_text()), members=leaving
        )


class SubscriptionSeat(models.Model):
    """*Remove access* of single seats can be undone as well."""

    _inherit = "subscription.seat"

    def action_release(self):
        """Release these seats (*Remove access*), say so, and offer to undo it."""
        self.check_access("write")
        released = self._release("access")
        if not released:
            return None
        return self._notify_released(released)

    def _notify_released(self, released, **params):
        """Return the notification of who lost ``released``, and how many are free;
        ``params`` as :meth:`_notify` has them."""
        return self.env["subscription.removal"]._offer_undo(
            released._get_released_text(),
            seats=released,
            title=self.env._("Access removed"),
            **params,
        )
