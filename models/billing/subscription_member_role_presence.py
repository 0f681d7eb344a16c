from odoo import models


class SubscriptionMemberRole(models.Model):
    """Whether a role takes a seat decides who counts."""

    _inherit = "subscription.member.role"

    def write(self, vals):
        """Change roles."""
        self.check_access("write")
        # Locked against members who come into teams with this role meanwhile: all who
        # have it are looked at when it starts or stops taking seats.
        self._get_changed(vals, {"takes_seat"})._lock_exclusive("member_ids")
        return super().write(vals)
