import secrets
from contextlib import contextmanager
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..core.text import to_address

# How often a client can have one address invited within a day. What it can be sent is
# limited by its seats; this keeps a mailbox from being flooded.
SENT_TO_ADDRESS = 5


class SubscriptionInvitation(models.Model):
    """How invitations are made."""

    _inherit = "subscription.invitation"

    @api.model
    def _invite_members(self, members, *, is_contact_new=False):
        """Invite ``members``, each at its address. Every door leads here.

        :param bool is_contact_new: whether their contacts were made for this
        :raise UserError: when one of the addresses was invited at the same time, or too
            often today
        """
        members = members.sudo()
        self._close_ended(members)
        self._verify_sending(members)
        # sudo: nobody has the right to make invitations otherwise.
        values = [
            dict(self._prepare_invitation_values(member), is_contact_new=is_contact_new)
            for member in members
        ]
        with self._refuse_twice(*members.mapped("email_normalized")):
            invitations = self.sudo().create(values)
        invitations._send()
        invitations._log_event("invited", self.env.user)
        return invitations.sudo(self.env.su)

    @api.model
    def _prepare_invitation_values(self, member):
        """Return the values of the invitation of ``member``, which is not sent yet."""
        company = member.client_id.company_id or self.env.company
        return {
            "client_id": member.client_id.id,
            "company_id": company.id,
            "name": member.name,
            "email": member.email_normalized,
            "member_id": member.id,
            "invited_by_id": self.env.uid,
            **self._prepare_sending_values(secrets.token_urlsafe(32)),
        }

    @contextmanager
    def _refuse_twice(self, *addresses):
        """Do what is inside, all or nothing.

        :raise UserError: when a member with one of ``addresses`` was made or invited at
            the same time
        """
        try:
            with self.env.cr.savepoint():
                yield
        except UniqueViolation as error:
            raise UserError(self._get_invited_text(", ".join(addresses))) from error

    @api.model
    def _close_ended(self, members):
        """Close what was sent to the addresses of ``members`` before and came to an end
        without being withdrawn: by a member that was archived, for one."""
        waiting = self.sudo().search(
            [
                ("client_id", "in", members.client_id.ids),
                ("email", "in", members.mapped("email_normalized")),
                ("accepted_at", "=", False),
                ("withdrawn_at", "=", False),
                ("state", "=", "withdrawn"),
            ]
        )
        pairs = {(member.client_id, member.email_normalized) for member in members}
        waiting.filtered(
            lambda one: (one.client_id, one.email) in pairs
        )._note_withdrawn()

    @api.model
    def _get_address(self, email):
        """Return ``email`` in the one form in which addresses are compared.

        :raise UserError: when it is not the address of one mailbox
        """
        address = email_normalize(to_address(email) or "")
        if not address:
            raise UserError(
                self.env._("“%(email)s” is not an e-mail address.", email=email or "")
            )
        return address

    @api.model
    def _get_invited_text(self, address):
        return self.env._(
            "%(email)s has been invited already. Send the invitation again if it was"
            " lost.",
            email=address,
        )

    @api.model
    def _verify_sending(self, members):
        """:raise UserError: naming an address of ``members`` that their client had
        invited often enough today"""
        day_ago = fields.Datetime.now() - timedelta(days=1)
        sent = self.sudo()._read_group(
            [
                ("client_id", "in", members.client_id.ids),
                ("email", "in", members.mapped("email_normalized")),
                ("sent_at", ">", day_ago),
            ],
            ["client_id", "email"],
            having=[("__count", ">=", SENT_TO_ADDRESS)],
        )
        pairs = {(member.client_id, member.email_normalized) for member in members}
        for client, email in sent:
            if (client, email) in pairs:
                raise UserError(
                    self.env._(
                        "%(email)s was invited %(count)s times within a day. Please"
                        " wait until tomorrow.",
                        email=email,
                        count=SENT_TO_ADDRESS,
                    )
                )

    @api.model
    def _merge_clients(self, clients):
        """Keep one open invitation of each address that several of ``clients``, who
        become one, have invited: the last. The others are withdrawn."""
        waiting = self.sudo().search(
            [
                *[("client_id", "in", clients.ids)],
                *[("accepted_at", "=", False), ("withdrawn_at", "=", False)],
            ],
            order="sent_at desc, id desc",
        )
        for same in waiting.grouped("email").values():
            same[1:]._note_withdrawn()
        waiting.flush_recordset()
