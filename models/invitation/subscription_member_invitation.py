from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# The states of invitations that a member's follows from: the first that there is.
RANKED_STATES = ("sent", "expired", "accepted")


class SubscriptionMember(models.Model):
    """The invitations of members, and what they mean for who has not logged in."""

    _inherit = "subscription.member"

    invitation_ids = fields.One2many(
        "subscription.invitation", "member_id", string="Invitations"
    )
    invitation_state = fields.Selection(
        [
            ("none", "Not invited"),
            ("sent", "Invited"),
            ("expired", "Expired"),
            ("accepted", "Accepted"),
        ],
        string="Invitation",
        compute="_compute_invitation_state",
        search="_search_invitation_state",
    )
    login_state = fields.Selection(
        [
            ("new", "Not invited yet"),
            ("invited", "Invited"),
            ("expired", "Invitation expired"),
            ("active", "Active"),
            ("archived", "Has left"),
        ],
        string="Status",
        compute="_compute_login_state",
    )

    @api.depends(
        "active",
        "role_id",
        "email_normalized",
        "invitation_ids.withdrawn_at",
        "invitation_ids.accepted_at",
        "invitation_ids.expires_at",
    )
    def _compute_invitation_state(self):
        states = self._get_invitation_state()
        for member in self:
            member.invitation_state = states[member]

    def _get_invitation_state(self):
        """Return ``{member: "none", "sent", "expired" or "accepted"}`` for these
        members. Invitations that were withdrawn are none."""
        # sudo: who reads a member is told whether it was invited.
        found = (
            self.env["subscription.invitation"]
            .sudo()
            .search([("member_id", "in", self._origin.ids)])
        )
        states = defaultdict(set)
        for invitation in found:
            states[invitation.member_id.id].add(invitation.state)
        return {
            member: next(
                (one for one in RANKED_STATES if one in states[member._origin.id]),
                "none",
            )
            for member in self
        }

    @api.model
    def _search_invitation_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        having = {
            state: Domain("invitation_ids", "any!", [("state", "=", state)])
            for state in RANKED_STATES
        }
        domains = {"none": ~Domain.OR(having.values())}
        earlier = Domain.FALSE
        for state, domain in having.items():
            domains[state] = domain & ~earlier
            earlier |= domain
        return Domain.OR(domains[state] for state in value if state in domains)

    @api.depends("state", "invitation_state")
    def _compute_login_state(self):
        pending = {"none": "new", "expired": "expired"}
        for member in self:
            member.login_state = (
                pending.get(member.invitation_state, "invited")
                if member.state == "invited"
                else member.state
            )

    # ------------------------------------------------------------------ rules

    def _filter_acting(self):
        """Count as well who was invited, as long as the invitation waits."""
        invited = self.filtered(lambda member: member.invitation_state == "sent")
        return self & (super()._filter_acting() | invited)

    def _verify_same_person(self, vals):
        """:raise UserError: when ``vals`` would hand what somebody was invited to to
        another, or to another client"""
        super()._verify_same_person(vals)
        # sudo: invitations that the user cannot read count as well.
        for member in self.sudo().filtered("invitation_ids"):
            for name in {"client_id", "partner_id"} & set(vals):
                if member[name] != self._get_given(vals, name):
                    raise UserError(member._get_invited_text())

    def _get_invited_text(self):
        return self.env._(
            "%(member)s was invited to %(client)s, and cannot become somebody else or"
            " change client. Archive %(member)s and invite a new member.",
            member=self.name,
            client=self.client_id.name,
        )

    # ------------------------------------------------------------------ expiry

    def _has_login(self):
        """Return whether this member logs in, or was given a login, archived ones
        included."""
        # sudo: only whether there is a user is asked.
        contact = self.sudo().partner_id.with_context(active_test=False)
        return bool(contact.user_ids)

    def _is_lapsed(self):
        """Return whether this member has nothing but an invitation that has expired."""
        return self.login_state == "expired" and not self._has_login()

    def _get_lapsed(self):
        """Return those of these members whose seats were freed because nobody accepted
        in time."""
        # sudo: whoever seats members.
        lapsed = (
            self.env["subscription.invitation"]
            .sudo()
            .search([("member_id", "in", self.ids), ("lapsed_at", "!=", False)])
        )
        members = self & lapsed.member_id.sudo(self.env.su)
        return members.filtered(lambda member: member._is_lapsed())

    def _invitation_lapsed(self):
        """Take from these members what their invitation held. A hook: lower folders
        know of seats."""

    def _invitation_renewed(self):
        """Give these members, whose invitation is sent again, what it held. A hook."""
