from odoo import api, fields, models
from odoo.fields import Domain

from ..core.base import RELOAD

# The states in which an invitation waits for its answer, or could be sent again.
OPEN_STATES = ("sent", "expired")


class SubscriptionInvitation(models.Model):
    """The invitation of somebody to a client, by the client or by its partner for it:
    as an administrator or a member, or, as lower folders add, as its accountant.

    It is accepted at most once, through a link that only the e-mail contains: of its
    token the database keeps a hash, and nobody can read that. Until it is accepted the
    member stands for nobody who can log in, so there is nothing to see.
    """

    _name = "subscription.invitation"
    _inherit = ["subscription.letter.mixin"]
    _description = "Invitation"
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
    is_accountant = fields.Boolean(
        string="As Accountant",
        compute="_compute_is_accountant",
        store=True,
        precompute=True,
        help="Whether the role was an accountant's when the invitation was made.",
    )
    is_contact_new = fields.Boolean(
        string="Contact Made For It",
        help="Whether the contact of the member was made with the invitation, and so"
        " ends where somebody accepts who has another one.",
        exportable=False,
    )
    is_misaddressed = fields.Boolean(
        string="Address Changed",
        compute="_compute_is_misaddressed",
        store=True,
        precompute=True,
        help="Whether the member has another e-mail address by now: nobody accepts the"
        " invitation any more.",
        exportable=False,
    )
    invited_by_id = fields.Many2one("res.users", required=True)
    sent_at = fields.Datetime(string="Sent On", required=True)
    expires_at = fields.Datetime(string="Expires On", required=True)
    lapsed_at = fields.Datetime(
        string="Seats Freed On",
        help="When the seats were freed because nobody accepted in time.",
    )
    accepted_at = fields.Datetime(string="Accepted On")
    accepted_by_id = fields.Many2one("res.users")
    withdrawn_at = fields.Datetime(string="Withdrawn On")
    withdrawn_by_id = fields.Many2one("res.users")
    token_hash = fields.Char(
        required=True, copy=False, groups=fields.NO_ACCESS, exportable=False
    )
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
        "This address has been invited already.",
    )
    _token_hash_unique = models.UniqueIndex("(token_hash)")
    # What the scheduled action looks for.
    _waiting = models.Index(
        "(expires_at) WHERE accepted_at IS NULL AND withdrawn_at IS NULL"
        " AND lapsed_at IS NULL"
    )

    @api.depends("name", "email")
    def _compute_display_name(self):
        for invitation in self:
            invitation.display_name = f"{invitation.name} <{invitation.email}>"

    @api.depends("member_id")
    def _compute_is_accountant(self):
        for invitation in self:
            invitation.is_accountant = invitation.sudo().member_id.role_id.is_accountant

    @api.depends("email", "member_id.email_normalized")
    def _compute_is_misaddressed(self):
        for invitation in self:
            member = invitation.sudo().member_id
            invitation.is_misaddressed = member.email_normalized != invitation.email

    @api.depends(
        "accepted_at",
        "withdrawn_at",
        "expires_at",
        "is_accountant",
        "is_misaddressed",
        "member_id.active",
        "member_id.role_id.is_accountant",
    )
    def _compute_state(self):
        now = fields.Datetime.now()
        for invitation in self:
            if not invitation._is_standing():
                invitation.state = "withdrawn"
            elif invitation.accepted_at:
                invitation.state = "accepted"
            elif invitation.expires_at <= now:
                invitation.state = "expired"
            else:
                invitation.state = "sent"

    def _is_standing(self):
        """Return whether this invitation was not withdrawn, nor by what has become of
        its member: archived, with a role of another kind, or with another address."""
        member = self.sudo().member_id
        return bool(
            not self.withdrawn_at
            and member.active
            and member.role_id.is_accountant == self.is_accountant
            and (self.accepted_at or not self.is_misaddressed)
        )

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        here = Domain("withdrawn_at", "=", False) & Domain.OR(
            Domain("is_accountant", "=", kind)
            & Domain(
                "member_id",
                "any!",
                [("active", "=", True), ("role_id.is_accountant", "=", kind)],
            )
            for kind in (True, False)
        )
        accepted = here & Domain("accepted_at", "!=", False)
        pending = (
            here
            & Domain("accepted_at", "=", False)
            & Domain("is_misaddressed", "=", False)
        )
        now = fields.Datetime.now()
        domains = {
            "withdrawn": ~(accepted | pending),
            "accepted": accepted,
            "expired": pending & Domain("expires_at", "<=", now),
            "sent": pending & Domain("expires_at", ">", now),
        }
        return Domain.OR(domains[state] for state in value if state in domains)

    # ------------------------------------------------------------------ withdrawing

    def _withdraw(self):
        """End these invitations, and the access that they gave where it ends with
        them, see ``_withdraw_invitation`` of the members."""
        self.sudo().member_id._withdraw_invitation()

    def _note_withdrawn(self):
        """Close these invitations for good."""
        ending = self.sudo().filtered(lambda one: not one.withdrawn_at)
        ending.write(
            {"withdrawn_at": fields.Datetime.now(), "withdrawn_by_id": self.env.uid}
        )
        ending._log_event("withdrawn", self.env.user)

    def _log_event(self, event, user):
        """Note in the audit trail that ``user`` did ``event`` to these invitations."""
        self.env["subscription.log"].with_user(user)._log_entries(
            [
                {
                    "event": f"{invitation._get_kind()}_{event}",
                    "client_id": invitation.client_id.id,
                    "member_id": invitation.member_id.id,
                    "member_name": invitation.member_id.name,
                    "new_value": invitation.email,
                }
                for invitation in self.sudo()
            ]
        )

    def _get_kind(self):
        """Return what these people are called in the audit trail."""
        return "member"

    # ------------------------------------------------------------------ actions

    def action_resend(self):
        """Send these invitations again."""
        self.member_id.check_access("write")
        self._resend()
        return self._notify(
            self.env._("The invitation has been sent again."), then=RELOAD
        )

    def action_withdraw(self):
        """End these invitations."""
        self.member_id.check_access("write")
        self._withdraw()
        return self._notify(self.env._("The access has been withdrawn."), then=RELOAD)
