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
        is_all = any(self.mapped("pool_id.is_base"))
        return self._ask_to_remove_all() if is_all else self.action_remove_now()

    def _ask_to_remove_all(self):
        """Return the question before all access of the holders of these seats ends."""
        names = self.member_id._get_names_text()
        title = self.env._("Remove all access of %s?", names)
        texts = {"title": title, "body": " ".join(self._get_release_texts())}
        yes, no = self.env._("Remove all access"), self.env._("Keep it")
        return self._ask_first("action_remove_now", yes=yes, no=no, **texts)

    def action_remove_now(self):
        """Release these seats, and offer to take that back."""
        self.check_access("write")
        pools = self.pool_id
        released = self._release("access")
        shown = pools.action_open() if len(pools) == 1 else CLOSE
        return released._notify_released(released, then=shown) if released else shown
