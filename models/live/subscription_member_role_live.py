from odoo import models
from odoo.fields import Domain

OPENING_FIELDS = {"active", "is_accountant", "is_administrator"}


class SubscriptionMemberRole(models.Model):
    _inherit = "subscription.member.role"

    def write(self, vals):
        """Change roles; the channels of the clients end where a role may have opened
        them to its members."""
        changed = self._get_changed(vals, OPENING_FIELDS)
        result = super().write(vals)
        if changed:
            held = Domain("role_id", "in", changed.ids) & Domain("active", "=", True)
            path = "client_id.subscription_member_ids"
            domain = Domain(path, "any", held)
            self.env["subscription.live.channel"]._end(domain)
        return result

    def _opens_client(self):
        """Return whether members with this role may see the figures of their client."""
        self.ensure_one()
        return self.is_administrator or self.is_accountant
