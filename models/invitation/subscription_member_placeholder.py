from odoo import api, models
from odoo.exceptions import UserError


class SubscriptionMember(models.Model):
    """Members stand for the contact that they were invited with until somebody accepts,
    whose contact may be another one."""

    _inherit = "subscription.member"

    def _replace_placeholder(self, partner, *, is_contact_new=True):
        """Make these members, who stood for the contact that was invited, stand for
        ``partner``. Whoever stood for it before and has left stays in the history.

        :param bool is_contact_new: whether their contacts were made for the invitation,
            and end now
        :raise UserError: when ``partner``, or somebody with its address, is a member of
            one of their clients
        """
        for member in self.filtered(lambda member: member.partner_id != partner):
            former = member._get_same_member({"partner_id": partner.id})
            former._verify_has_left()
            member._verify_other_address(partner)
            former._relink({"partner_id": False})
            placeholder = member.partner_id
            member._relink({"partner_id": partner.id})
            if is_contact_new:
                placeholder._discard_placeholder()
        self._note_login()

    def _verify_has_left(self):
        """:raise UserError: when this member has not left"""
        if self.active:
            raise UserError(
                self.env._(
                    "%(member)s is a member of %(client)s already.",
                    member=self.name,
                    client=self.client_id.name,
                )
            )

    def _verify_other_address(self, partner):
        """:raise UserError: when another member of the client has an address of
        ``partner``"""
        address = partner.email_normalized
        if address:
            self._verify_addresses({self.client_id.id: [address]})

    def _renew_placeholders(self, merged):
        """Give those of these members, as superuser, who have not accepted their
        invitation contacts of their own again where theirs are about to be merged with
        those of others: who invited them reads what they stand for, and who has a login
        has not accepted.

        :param merged: the contacts that become one
        """
        for member in self:
            waiting = member._get_open_invitations()[:1]
            if waiting and waiting._has_strangers(merged):
                placeholder = waiting._create_placeholder(
                    member.client_id, waiting.email, waiting.name
                )
                member._relink({"partner_id": placeholder.id})
                waiting.is_contact_new = True


class SubscriptionInvitation(models.Model):
    _inherit = "subscription.invitation"

    def _create_placeholder(self, client, address, name):
        """Return a new contact that stands for somebody who was invited: one of the
        client's, and never one that exists, so that who invites an address learns
        nothing about it."""
        return self._create_contact(address, name, parent_id=client.id)

    @api.model
    def _create_contact(self, address, name, **values):
        """Return a new contact with ``address``, and ``values`` beside."""
        # sudo: whoever merges or invites, who need not know the contact.
        contacts = self.env["res.partner"].sudo()
        named = {"name": name or address, "email": address, "type": "contact"}
        return contacts.create({**named, **values})

    def _has_strangers(self, contacts):
        """Return whether one of ``contacts`` belongs to others than the client of this
        invitation, or logs in."""
        contacts = contacts.sudo().with_context(active_test=False)
        return bool(
            contacts.user_ids or contacts.commercial_partner_id - self.client_id
        )
