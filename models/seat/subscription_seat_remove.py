from odoo import models

from ..core.base import CLOSE


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
        shown = pools.action_open() if len(pools) == 1 else CLOSE
        return released._notify_released(released, then=shown) if released else shown
