from odoo import api, fields, models
from odoo.fields import Domain


class ResUsers(models.Model):
    """What logging in, and ending a login, means for the members behind it."""

    _inherit = "res.users"

    def write(self, vals):
        """Archive and restore the memberships of users with the users themselves.

        :raise SeatRefusal: when the members who would come back do not fit
        """
        changed = self._get_changed(vals, {"active"})
        result = super().write(vals)
        if changed and vals["active"]:
            changed.partner_id._restore_members("user")
        elif changed:
            changed._get_left_partners()._archive_members("user")
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_release_seats(self):
        self._get_left_partners()._archive_members("user")

    def _deactivate_portal_user(self, **post):
        """Close the accounts of these users.

        Their memberships end first: upstream passes over what archiving raises.

        :raise UserError: when a client would lose its last administrator
        """
        with self.env.cr.savepoint():
            self._get_left_partners()._archive_members("user")
            return super()._deactivate_portal_user(**post)

    def _get_left_partners(self):
        """Return the contacts of these users who have no other active user."""
        return self.partner_id.filtered(
            lambda partner: not partner.sudo().user_ids.filtered("active") - self
        )

    def _update_last_login(self):
        result = super()._update_last_login()
        self.env["subscription.member"].sudo().search(
            [("partner_id", "in", self.partner_id.ids), ("joined_at", "=", False)]
        ).joined_at = fields.Datetime.now()
        return result

    def _get_administered_clients(self):
        """Return the clients whose users this user looks after, as superuser."""
        memberships = self.partner_id.sudo().membership_ids
        return memberships.filtered(
            lambda member: member.active and member.role_id.is_administrator
        ).client_id

    def _get_document_domain(self, contact):
        """Return the domain of the invoices and orders that this user may read. A user
        of the portal who is, or was, a member of a company without looking after its
        users reads those to itself; in Odoo each contact reads its company's.

        Rules are kept until groups change, so memberships are asked for as they are
        read, not as they are now.

        :param str contact: the way from the records to the contact they are made out to
        """
        if not self._is_portal():
            return Domain.TRUE
        own = Domain("partner_id", "=", self.partner_id.id)
        member = own & Domain("role_id.is_accountant", "=", False)
        administrator = (
            own
            & Domain("active", "=", True)
            & Domain("role_id.is_administrator", "=", True)
        )
        members = f"{contact}.commercial_partner_id.subscription_member_ids"
        return (
            Domain(contact, "child_of", self.partner_id.id)
            | Domain(members, "any", administrator)
            | ~Domain(members, "any", member)
        )

    def _get_member_contact_domain(self, prefix):
        """Add those members of the clients that this user manages who are contacts of
        other companies, like accountants."""
        members = (
            Domain("active", "=", True)
            & Domain("is_external", "=", True)
            & self._get_client_domain("client_id", managed=True)
        )
        domain = super()._get_member_contact_domain(prefix)
        return domain | Domain(f"{prefix}membership_ids", "any", members)
