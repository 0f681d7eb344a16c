import secrets
from datetime import timedelta

from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import email_normalize

from ..core.base import RELOAD
from ..core.text import to_address, to_one_line

# What keeps invitations from being used to flood a mailbox.
SENT_PER_DAY = 20


class SubscriptionInvitation(models.Model):
    """The invitation of an accountant by a client, or by its partner for it.

    It is accepted at most once, through a link that only the e-mail contains: of its
    token the database keeps a hash, and nobody can read that. Until it is accepted the
    member it makes stands for nobody who can log in, so there is nothing to see.
    """

    _name = "subscription.invitation"
    _inherit = ["subscription.letter.mixin"]
    _description = "Accountant Invitation"
    _order = "sent_at desc, id desc"
    _rec_names_search = ["name", "email"]

    client_id = fields.Many2one(
        "res.partner", required=True, ondelete="cascade", index=True
    )
    managing_partner_id = fields.Many2one(related="client_id.managing_partner_id")
    company_id = fields.Many2one("res.company", required=True)
    name = fields.Char(required=True)
    email = fields.Char(required=True, index=True)
    role_id = fields.Many2one(related="member_id.role_id")
    member_id = fields.Many2one(
        "subscription.member", required=True, ondelete="cascade", index=True
    )
    partner_id = fields.Many2one(related="member_id.partner_id")
    invited_by_id = fields.Many2one("res.users", required=True)
    sent_at = fields.Datetime(string="Sent On", required=True)
    expires_at = fields.Datetime(string="Expires On", required=True)
    accepted_at = fields.Datetime(string="Accepted On")
    accepted_by_id = fields.Many2one("res.users")
    withdrawn_at = fields.Datetime(string="Withdrawn On")
    withdrawn_by_id = fields.Many2one("res.users")
    token_hash = fields.Char(required=True, copy=False, groups=fields.NO_ACCESS)
    state = fields.Selection(
        [
            ("sent", "Sent"),
            ("accepted", "Accepted"),
            ("expired", "Expired"),
            ("withdrawn", "Withdrawn"),
        ],
        compute="_compute_state",
        search="_search_state",
    )

    _open_unique = models.UniqueIndex(
        "(client_id, email) WHERE accepted_at IS NULL AND withdrawn_at IS NULL",
        "This accountant has been invited already.",
    )
    _token_hash_unique = models.UniqueIndex("(token_hash)")

    @api.depends("name", "email")
    def _compute_display_name(self):
        for invitation in self:
            invitation.display_name = f"{invitation.name} <{invitation.email}>"

    @api.depends(
        "accepted_at",
        "withdrawn_at",
        "expires_at",
        "member_id.active",
        "member_id.role_id.is_accountant",
    )
    def _compute_state(self):
        now = fields.Datetime.now()
        for invitation in self:
            member = invitation.sudo().member_id
            if (
                invitation.withdrawn_at
                or not member.active
                or not member.role_id.is_accountant
            ):
                invitation.state = "withdrawn"
            elif invitation.accepted_at:
                invitation.state = "accepted"
            elif invitation.expires_at <= now:
                invitation.state = "expired"
            else:
                invitation.state = "sent"

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        accountants = [("active", "=", True), ("role_id.is_accountant", "=", True)]
        ended = Domain("withdrawn_at", "!=", False) | Domain(
            "member_id", "not any!", accountants
        )
        accepted = ~ended & Domain("accepted_at", "!=", False)
        pending = ~ended & Domain("accepted_at", "=", False)
        now = fields.Datetime.now()
        domains = {
            "withdrawn": ended,
            "accepted": accepted,
            "expired": pending & Domain("expires_at", "<=", now),
            "sent": pending & Domain("expires_at", ">", now),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    # ------------------------------------------------------------------ inviting

    @api.model
    def _invite(self, client, email, name=""):
        """Invite an accountant by e-mail. Every door leads here.

        The member is made with the rights of the caller, who must be able to make
        members of this client; the portal comes in as superuser.

        :raise UserError: when the address is none, is a member of the client or has
            been invited already, or when too many invitations were sent today
        """
        client.ensure_one()
        address = self._get_address(email)
        open_invitation = self.sudo().search(
            [
                *[("client_id", "=", client.id), ("email", "=", address)],
                *[("accepted_at", "=", False), ("withdrawn_at", "=", False)],
            ]
        )
        if open_invitation.state == "withdrawn":
            open_invitation._note_withdrawn()
        elif open_invitation.state == "expired":
            open_invitation._resend()
            return open_invitation.sudo(self.env.su)
        self._verify_not_member(client, address)
        self._verify_sending(client)
        try:
            with self.env.cr.savepoint():
                invitation = self._insert_invitation(
                    client, address, (to_one_line(name) or "").strip()
                )
        except UniqueViolation as error:
            raise UserError(self._get_invited_text(address)) from error
        invitation._send()
        invitation._log_event("invited", self.env.user)
        return invitation.sudo(self.env.su)

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
    def _verify_not_member(self, client, address):
        """:raise UserError: when ``address`` belongs to a member of ``client``"""
        member = (
            self.env["subscription.member"]
            .sudo()
            .search([("client_id", "=", client.id), ("email", "!=", False)])
            .filtered(lambda member: email_normalize(member.email) == address)[:1]
        )
        if not member:
            return
        if member.invitation_ids.filtered(lambda one: one.state == "sent"):
            raise UserError(self._get_invited_text(address))
        raise UserError(
            self.env._(
                "%(email)s belongs to %(member)s, who is a member of %(client)s already"
                " (%(role)s).",
                email=address,
                member=member.name,
                client=client.name,
                role=member.role_id.name,
            )
        )

    @api.model
    def _verify_sending(self, client):
        """:raise UserError: when ``client`` has sent enough invitations for today"""
        day_ago = fields.Datetime.now() - timedelta(days=1)
        sent = self.sudo().search_count(
            [("client_id", "=", client.id), ("sent_at", ">", day_ago)],
            limit=SENT_PER_DAY,
        )
        if sent >= SENT_PER_DAY:
            raise UserError(
                self.env._(
                    "%(count)s accountants were invited within a day. Please wait until"
                    " tomorrow.",
                    count=sent,
                )
            )

    @api.model
    def _insert_invitation(self, client, address, name):
        """Make the member and the invitation, which is not sent yet.

        :raise AccessError: when the caller may not make members of ``client``
        """
        # As superuser: nobody may know the contact, which is of no company.
        members = self.env["subscription.member"]
        values = self._prepare_member_values(client, address, name)
        member = members.sudo().create(values).sudo(self.env.su)
        member.check_access("create")
        return self.sudo().create(
            {
                "client_id": client.id,
                "company_id": (client.sudo().company_id or self.env.company).id,
                "name": member.name,
                "email": address,
                "member_id": member.id,
                "invited_by_id": self.env.uid,
                **self._prepare_sending_values(secrets.token_urlsafe(32)),
            }
        )

    @api.model
    def _prepare_member_values(self, client, address, name):
        """Return the values of the member that an invitation makes."""
        return {
            "client_id": client.id,
            "partner_id": self._create_placeholder(client, address, name).id,
            "role_id": self._get_role().id,
        }

    @api.model
    def _create_placeholder(self, client, address, name):
        """Return a new contact that stands for an invited accountant.

        It belongs to nobody's company, and never is one that exists: who invites an
        address learns nothing about it.
        """
        # sudo: nobody may know the contact, which is of no company.
        return (
            self.env["res.partner"]
            .sudo()
            .create(
                {
                    "name": name or address,
                    "email": address,
                    # Odoo refuses one that is switched off.
                    "lang": self.env["res.lang"]._get_code(client.lang),
                    "type": "contact",
                }
            )
        )

    @api.model
    def _get_role(self):
        """Return the role of accountants.

        :raise UserError: when it has been archived
        """
        role = self.env["subscription.member.role"].search(
            [("is_accountant", "=", True)], limit=1
        )
        if not role:
            raise UserError(self.env._("There is no role for accountants."))
        return role

    # ------------------------------------------------------------------ withdrawing

    def _withdraw(self):
        """End the access of these accountants, whether they accepted or not. What they
        have open shows nothing from their next request on."""
        self.sudo().member_id._withdraw_accountant()

    def _note_withdrawn(self):
        """Close these invitations for good."""
        ending = self.sudo().filtered(lambda one: not one.withdrawn_at)
        ending.write(
            {"withdrawn_at": fields.Datetime.now(), "withdrawn_by_id": self.env.uid}
        )
        ending._log_event("withdrawn", self.env.user)

    @api.model
    def _merge_clients(self, clients):
        """Keep one open invitation of each accountant whom several of ``clients``, who
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

    def _log_event(self, event, user):
        """Note in the audit trail that ``user`` did ``event`` to these invitations."""
        self.env["subscription.log"].with_user(user)._log_entries(
            [
                {
                    "event": f"accountant_{event}",
                    "client_id": invitation.client_id.id,
                    "member_id": invitation.member_id.id,
                    "member_name": invitation.member_id.name,
                    "new_value": invitation.email,
                }
                for invitation in self.sudo()
            ]
        )

    # ------------------------------------------------------------------ actions

    def action_resend(self):
        """Send these invitations again."""
        self.member_id.check_access("write")
        self._resend()
        return self._notify(
            self.env._("The invitation has been sent again."), then=RELOAD
        )

    def action_withdraw(self):
        """End the access of these accountants."""
        self.member_id.check_access("write")
        self._withdraw()
        return self._notify(self.env._("The access has been withdrawn."), then=RELOAD)
