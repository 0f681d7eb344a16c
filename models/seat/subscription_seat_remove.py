from odoo import models

from ..core.base import ADDON, CLOSE


class SubscriptionSeat(models.Model):
    """Taking one seat away in the list of those who have access."""

    _inherit = "subscription.seat"

    def action_remove_access(self):
        """Release these seats, and offer to take that back. First ask about seats of
        the base module, since the others go with them.

        :raise AccessError: when the user may not give seats of their pools
        """
        self.check_access("write")
        if not any(self.mapped("pool_id.is_base")):
            return self.action_remove_now()
        return self._ask_first(
            "action_remove_now",
            title=self.env._(
                "Remove all access of %s?", self.member_id._get_names_text()
            ),
            body=" ".join(self._get_release_texts()),
            yes=self.env._("Remove all access"),
            no=self.env._("Keep it"),
            is_danger=True,
        )

    def action_remove_now(self):
        """Release these seats, and offer to take that back."""
        self.check_access("write")
        pools = self.pool_id
        released = self._release("access")
        shown = pools[:1].action_open() if len(pools) == 1 else CLOSE
        if not released:
            return shown
        return released._notify_undo(shown)

    def _notify_undo(self, shown):
        """Return the action that says that these seats were released, beside a button
        that gives them back; then ``shown`` is done."""
        removals = self.env["subscription.removal"]
        removal = removals.search([("seat_ids", "in", self.ids)], limit=1)
        return {
            "type": "ir.actions.client",
            "tag": f"{ADDON}.notify_undo",
            "params": {
                "title": self.env._("Access removed"),
                "message": self._get_released_text(),
                "model": removal._name,
                "ids": removal.ids,
                "method": "action_undo",
                "next": shown,
            },
        }
