from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..core.base import RELOAD
from .subscription_invitation import OPEN_STATES


class SubscriptionMember(models.Model):
    """How members are invited, and how that is taken back."""

    _inherit = "subscription.member"

    is_invitable = fields.Boolean(
        compute="_compute_is_invitable",
        help="Whether the member can be invited, or invited again.",
        exportable=False,
    )

    @api.depends("active", "email_normalized", "partner_id", "invitation_state")
    def _compute_is_invitable(self):
        invitable = self._get_invitable()
        for member in self:
            member.is_invitable = member in invitable

    def _get_invitable(self):
        """Return those of these members who can be invited now."""
        return self.filtered(lambda member: not member._get_invite_obstacle())

    def _get_invite_obstacle(self):
        """Return why this member cannot be invited, a key of
        :meth:`_get_invite_refusals`; nothing when it can.

        A contact of another company gets no login: it would open the documents of that
        company, which has not invited it.
        """
        # sudo: contacts and invitations that the user cannot read count as well.
        member = self.sudo()
        contact = member.partner_id
        if not member.active:
            return "archived"
        if not member.email_normalized:
            return "address"
        if member._has_login():
            return "login"
        if contact.commercial_partner_id not in (member.client_id, contact):
            return "outside"
        open_ones = member._get_open_invitations()
        return "recent" if any(one._was_just_sent() for one in open_ones) else ""

    @api.model
    def _get_invite_refusals(self, names):
        """Return ``{obstacle: its sentence}``.

        :param dict names: ``{obstacle: names of the members}``
        """
        return {
            "archived": self.env._(
                "Have left: %s. Restore them first.", names["archived"]
            ),
            "address": self.env._(
                "Without a valid e-mail address: %s. Enter one first.",
                names["address"],
            ),
            "login": self.env._("Already have a login: %s.", names["login"]),
            "outside": self.env._(
                "Contacts of another company: %s. Add them with a name and an e-mail"
                " address instead.",
                names["outside"],
            ),
            "recent": self.env._("Invited a moment ago: %s.", names["recent"]),
        }

    def _verify_invitable(self):
        """:raise UserError: naming those of these members who cannot be invited, a line
        for each reason"""
        names = defaultdict(list)
        for member in self:
            if obstacle := member._get_invite_obstacle():
                names[obstacle].append(member.name)
        if not names:
            return
        listed = defaultdict(str, {key: ", ".join(them) for key, them in names.items()})
        texts = self._get_invite_refusals(listed)
        raise UserError("\n".join(texts[key] for key in texts if key in names))

    def _invite(self):
        """Invite these members, each by an e-mail with a link. Those whom an invitation
        waits for already, or who let one expire, get a new link.

        :return: the invitations
        :raise UserError: naming who has no address, a login already, or was invited a
            moment ago; nobody is invited then
        :raise SeatRefusal: when somebody whose seats were freed does not fit any more
        """
        self._verify_invitable()
        waiting = self._get_open_invitations()
        with self.env.cr.savepoint():
            waiting._resend()
            members = self - waiting.member_id.sudo(self.env.su)
            invitations = self.env["subscription.invitation"]._invite_members(members)
        return invitations | waiting.sudo(self.env.su)

    def _get_open_invitations(self):
        """Return the invitations of these members that wait, or have expired, as
        superuser."""
        return self.sudo().invitation_ids.filtered(lambda one: one.state in OPEN_STATES)

    def _withdraw_invitation(self):
        """Take back the invitations of these members. Who has never logged in is
        archived, as by *Remove access*; others stay.

        :raise UserError: naming those whom no invitation waits for, or when a client
            would be left without an administrator
        """
        waiting = self._get_open_invitations()
        others = self.sudo() - waiting.member_id
        if others:
            raise UserError(
                self.env._(
                    "No invitation waits for %s: it was accepted or withdrawn.",
                    ", ".join(others.mapped("name")),
                )
            )
        leaving = self.filtered(lambda one: not (one.joined_at or one._has_login()))
        # Whoever catches a refusal goes on with what there was before.
        with self.env.cr.savepoint():
            waiting._note_withdrawn()
            leaving._leave("access")

    # ------------------------------------------------------------------ actions

    def action_invite(self):
        """Invite these members, or send their invitations again."""
        self.check_access("write")
        invitations = self._invite()
        return self._notify(
            self.env._("Invited: %s.", ", ".join(invitations.sudo().mapped("email"))),
            then=RELOAD,
        )

    def action_withdraw_invitation(self):
        """Take back the invitations of these members."""
        self.check_access("write")
        self._withdraw_invitation()
        return self._notify(
            self.env._("The invitation has been withdrawn."), then=RELOAD
        )
