from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import email_normalize

from ..access.res_users import GROUP_ACCOUNTANT, GROUP_STANDARD
from ..core.text import to_one_line

# Accountants whom a client can invite within a day: no seat limits them.
SENT_PER_DAY = 20


class SubscriptionInvitation(models.Model):
    """The invitation of an accountant: whose member stands for a contact of nobody's
    company, and who becomes an internal user."""

    _inherit = "subscription.invitation"

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
                ("is_accountant", "=", True),
            ]
        )
        if open_invitation.state == "expired":
            open_invitation._resend()
            return open_invitation.sudo(self.env.su)
        self._verify_not_member(client, address)
        self._verify_accountants(client)
        with self._refuse_twice(address):
            name = (to_one_line(name) or "").strip()
            member = self._create_accountant(client, address, name)
            return self._invite_members(member, is_contact_new=True)

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
    def _verify_accountants(self, client):
        """:raise UserError: when ``client`` has invited enough accountants today"""
        day_ago = fields.Datetime.now() - timedelta(days=1)
        sent = self.sudo().search_count(
            [
                *[("client_id", "=", client.id), ("sent_at", ">", day_ago)],
                ("is_accountant", "=", True),
            ],
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
    def _create_accountant(self, client, address, name):
        """Return a new member who is not invited yet.

        :raise AccessError: when the caller may not make members of ``client``
        """
        # As superuser: nobody may know the contact, which is of no company.
        members = self.env["subscription.member"]
        placeholder = self._create_nobody(client, address, name)
        values = {
            "client_id": client.id,
            "partner_id": placeholder.id,
            "role_id": self._get_role().id,
        }
        member = members.sudo().create(values).sudo(self.env.su)
        member.check_access("create")
        return member

    def _create_placeholder(self, client, address, name):
        if not self.is_accountant:
            return super()._create_placeholder(client, address, name)
        return self._create_nobody(client, address, name)

    @api.model
    def _create_nobody(self, client, address, name):
        """Return a new contact that stands for an invited accountant.

        It belongs to nobody's company, and never is one that exists: who invites an
        address learns nothing about it.
        """
        # Odoo refuses a language that is switched off.
        lang = self.env["res.lang"]._get_code(client.lang)
        return self._create_contact(address, name, lang=lang)

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

    def _get_kind(self):
        return "accountant" if self.is_accountant else super()._get_kind()

    # ------------------------------------------------------------------ e-mail

    def _queue_links(self, urls):
        """Queue the e-mails of accountants one by one: databases keep the template that
        they were installed with, and it knows one link."""
        accountants = self.filtered("is_accountant")
        template = self.env.ref("partner_managed_subscription.mail_template_invitation")
        for invitation in accountants:
            url = urls[invitation.id]
            invitation._queue_letters(template.with_context(invitation_url=url))
        super(SubscriptionInvitation, self - accountants)._queue_links(urls)

    # ------------------------------------------------------------------ accepting

    def _is_suited(self, user):
        """Return whether ``user`` can become the accountant of a client: one who is an
        accountant already. A portal user would become an internal one, the vendor's
        staff would see less than before, a partner's staff would read a client of
        another partner."""
        if not self.is_accountant:
            return super()._is_suited(user)
        return user.has_group(GROUP_ACCOUNTANT) and not user.has_group(GROUP_STANDARD)

    def _prepare_group_values(self):
        """A new accountant is an internal user, who has the accountant's group and no
        other."""
        if not self.is_accountant:
            return super()._prepare_group_values()
        action = self.env.ref(
            "partner_managed_subscription.account_move_document_action"
        )
        return {
            "group_ids": [Command.set(self.env.ref(GROUP_ACCOUNTANT).ids)],
            "action_id": action.id,
        }

    def _get_landing_url(self):
        return "/odoo" if self.is_accountant else super()._get_landing_url()
