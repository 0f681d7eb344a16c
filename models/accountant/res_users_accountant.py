from odoo import models
from odoo.fields import Domain

from ..access.res_users import GROUP_ACCOUNTANT, GROUP_STANDARD


class ResUsers(models.Model):
    """The clients that made a user their accountant."""

    _inherit = "res.users"

    def _get_invited_domain(self, prefix):
        """Add the clients whose accountant this user is, those that it has chosen not
        to show left out.

        It is by an invitation that it accepted itself: a member that somebody makes, or
        that comes by a merge, with another contact or another user, opens nothing.
        """
        domain = super()._get_invited_domain(prefix)
        if not self.has_group(GROUP_ACCOUNTANT):
            return domain
        accepted = [
            *[("accepted_by_id", "=", self.id), ("withdrawn_at", "=", False)],
            ("is_accountant", "=", True),
        ]
        # Asked for the user, who reads no invitations.
        memberships = Domain("invitation_ids", "any!", accepted) & Domain(
            [
                ("active", "=", True),
                ("partner_id", "=", self.partner_id.id),
                ("role_id.is_accountant", "=", True),
                ("is_selected", "=", True),
            ]
        )
        path = f"{prefix}commercial_partner_id.subscription_member_ids"
        return domain | Domain(path, "any", memberships)

    def _is_accountant(self):
        """Return whether this user is an accountant, be it the staff of a partner as
        well."""
        return self._is_restricted() and self.has_group(GROUP_ACCOUNTANT)

    def _reads_only(self, record):
        """Return whether this user, an accountant, reads ``record`` as such alone: as
        the staff of a partner it works for the clients of that partner."""
        if not self.has_group(GROUP_STANDARD):
            return True
        # sudo: only the place of the company is asked for.
        contact = record.sudo()._mail_get_partners()[record.id][:1]
        path = contact.commercial_partner_id.management_path or ""
        return not path.startswith(self._get_scope() or "/")
