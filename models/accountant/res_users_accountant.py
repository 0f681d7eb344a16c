from odoo import models
from odoo.fields import Domain

from ..access.res_users import GROUP_ACCOUNTANT


class ResUsers(models.Model):
    """The clients that made a user their accountant."""

    _inherit = "res.users"

    def _get_invited_domain(self, prefix):
        """Add the clients whose accountant this user is, those that it has chosen not
        to show left out."""
        domain = super()._get_invited_domain(prefix)
        if not self.has_group(GROUP_ACCOUNTANT):
            return domain
        memberships = [
            ("active", "=", True),
            ("partner_id", "=", self.partner_id.id),
            ("role_id.is_accountant", "=", True),
            ("is_selected", "=", True),
        ]
        path = f"{prefix}commercial_partner_id.subscription_member_ids"
        return domain | Domain(path, "any", memberships)
