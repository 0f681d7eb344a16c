from odoo import models

from ..core.text import to_one_line


class ResPartner(models.Model):
    """Whom clients invite."""

    _inherit = "res.partner"

    def _invite_member(self, email, name, role):
        """Make somebody a member of this client, with a new contact and a seat as any
        member has it, and send an invitation.

        :param str email: its address; a login that has it already is told to nobody
            until the invitation is accepted
        :param str name: by default the address
        :param role: the role of the member
        :return: the member
        :raise UserError: when the address is none, or a member's already
        :raise SeatRefusal: when the member does not fit; nothing is left of it then
        """
        self.ensure_one()
        invitations = self.env["subscription.invitation"]
        address = invitations._get_address(email)
        with invitations._refuse_twice(address):
            member = self.env["subscription.member"].create(
                {
                    "client_id": self.id,
                    "name": (to_one_line(name) or "").strip() or address,
                    "email": address,
                    "role_id": role.id,
                }
            )
            member._verify_invitable()
            invitations._invite_members(member, is_contact_new=True)
        return member

    def _discard_placeholder(self):
        """Delete these contacts, which were made for invitations, unless others made
        members of them as well."""
        # sudo: members count that the user does not see.
        contacts = self.sudo().with_context(active_test=False)
        contacts.filtered(lambda one: not one.membership_ids)._discard()

    def _absorb(self, sources):
        """Keep those who have not accepted their invitation apart from contacts with
        the same e-mail: a merge accepts nothing, and shows the partner that sent the
        invitation no contact of others. Those whom several of these companies have
        invited keep one invitation."""
        merged = sources | self
        merged.membership_ids._renew_placeholders(merged)
        super()._absorb(sources)
        self.env["subscription.invitation"]._merge_clients(merged)

    def action_invite_administrator(self):
        """Open the wizard *Invite* for this client, to invite an administrator."""
        role = self.env["subscription.member.role"]._get_first_administration()
        return self._open_client_action(
            "subscription_invitation_send_member_action",
            {"default_role_id": role.id},
        )
