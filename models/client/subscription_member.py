from odoo import api, fields, models
from odoo.fields import Domain

from ..core.changes import write_changes

# What makes a member who it is for its client.
STANDING_FIELDS = {"active", "client_id", "role_id"}

ROLE_STANDARD = "partner_managed_subscription.role_standard"


class SubscriptionMember(models.Model):
    """A collaborator of a client, with one role.

    As long as the member is not archived it holds a seat of the base module of its
    client's subscription, and of every module it was added to, whether it has logged in
    or not. Lower folders free the seats of those who let their invitation expire.
    """

    _name = "subscription.member"
    _inherit = [
        "subscription.protected.fields.mixin",
        "subscription.locking.mixin",
        "subscription.seen.values.mixin",
    ]
    _watched_fields = ("role_id",)
    _description = "Member"
    _order = "client_id, name, id"
    _rec_names_search = ["name", "email"]

    def _default_role_id(self):
        """The role of an ordinary user, as long as it is not archived."""
        # Not by ``ref``, which asks each time whether the role is still there.
        role_id = self.env["ir.model.data"]._xmlid_to_res_id(ROLE_STANDARD)
        return self.env["subscription.member.role"].browse(role_id).filtered("active")

    client_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", index=True
    )
    partner_id = fields.Many2one(
        "res.partner",
        string="Contact",
        ondelete="set null",
        index="btree_not_null",
        copy=False,
    )
    role_id = fields.Many2one(
        "subscription.member.role",
        required=True,
        ondelete="restrict",
        index=True,
        default=lambda self: self._default_role_id(),
    )
    active = fields.Boolean(default=True)
    joined_at = fields.Datetime(
        string="Joined On", copy=False, help="First log-in; empty before it."
    )
    departure = fields.Selection(
        [
            ("access", "Access removed"),
            ("member", "Has left"),
            ("deleted", "Member deleted"),
            ("contact", "Contact archived or deleted"),
            ("user", "User deactivated or deleted"),
            ("merge", "Contacts merged"),
            ("role", "Role changed"),
            ("inactive", "In no active team"),
            ("expired", "Invitation expired"),
            ("unseen", "Not signed in for long"),
            ("team", "No team gives it any more"),
        ],
        string="Left Because",
        copy=False,
    )
    state = fields.Selection(
        [
            ("invited", "Not logged in yet"),
            ("active", "Active"),
            ("archived", "Has left"),
        ],
        compute="_compute_state",
        store=True,
        precompute=True,
    )
    team_ids = fields.Many2many(
        "subscription.team",
        relation="subscription_team_member_rel",
        column1="member_id",
        column2="team_id",
        string="Teams",
        domain="[('client_id', '=', client_id)]",
    )
    is_billed = fields.Boolean(
        string="In an Active Team",
        compute="_compute_is_billed",
        search="_search_is_billed",
        help="Member of at least one team that is not archived.",
    )
    is_external = fields.Boolean(
        string="Contact of Another Company",
        compute="_compute_is_external",
        store=True,
    )
    takes_seat = fields.Boolean(related="role_id.takes_seat")
    managing_partner_id = fields.Many2one(related="client_id.managing_partner_id")

    _contact_unique = models.UniqueIndex(
        "(client_id, partner_id) WHERE partner_id IS NOT NULL",
        "This contact is a member of the client already.",
    )
    _external = models.Index("(partner_id) WHERE is_external IS TRUE")
    _active_with_contact = models.Constraint(
        "CHECK (active IS NOT TRUE OR partner_id IS NOT NULL)",
        "A member who is not archived needs a contact.",
    )

    @api.depends("active", "joined_at")
    def _compute_state(self):
        for member in self:
            member.state = member._get_state()

    def _get_state(self):
        if not self.active:
            return "archived"
        return "active" if self.joined_at else "invited"

    @api.depends("client_id.management_path", "partner_id.management_path")
    def _compute_is_external(self):
        """Tell apart the few who are contacts of other companies, like accountants: who
        may see the client sees its own contacts anyway."""
        for member in self:
            path = member.client_id.management_path
            member.is_external = member.partner_id.management_path != path

    @api.depends("team_ids.active")
    def _compute_is_billed(self):
        for member in self:
            member.is_billed = any(member.team_ids.mapped("active"))

    @api.model
    def _search_is_billed(self, operator, value):
        if operator != "in":
            return NotImplemented
        billed = Domain("active", "=", True) & Domain(
            # Whatever teams of the client the caller may read.
            "team_ids",
            "any!",
            [("active", "=", True)],
        )
        return billed if True in value else ~billed

    @api.constrains("client_id", "team_ids")
    def _check_teams(self):
        self.team_ids._check_member_client()

    # ------------------------------------------------------------------ doors

    @api.model_create_multi
    def create(self, vals_list):
        """Create members.

        :raise SeatRefusal: when they do not fit into the plan
        """
        members = super().create(vals_list)
        members._note_login()
        members._log_added()
        members.filtered("active")._joined()
        return members

    def write(self, vals):  # pylint: disable=method-required-super
        """Change members.

        :raise SeatRefusal: when a restored member, or one whose new role takes a seat,
            does not fit into the plan
        :raise UserError: when a member who has held seats would become somebody else,
            or when a client would lose its last administrator
        """
        self.check_access("write")
        standing = self._get_changed(vals, STANDING_FIELDS)
        with standing._keep_administrators():
            return self._write_changes(vals)

    @write_changes
    def _write_changes(self, vals):
        if {"client_id", "partner_id"} & set(vals):
            self._verify_same_person(vals)
        if STANDING_FIELDS & set(vals):
            return self._write_standing(vals)
        return super().write(vals)

    def _write_standing(self, vals):
        """Change the role, the state or the client of these members."""
        vals = dict(vals)
        active = vals.pop("active", None)
        standing = {member: (member.client_id, member.role_id) for member in self}
        result = super().write(vals)
        self._log_standing(standing)
        if "role_id" in vals:
            self._role_changed()
        if active is not None:
            self._come_back() if active else self._archive("member")
        if "client_id" in vals:
            self.filtered("active")._joined()
        return result

    def unlink(self):
        """Delete members; the history of their seats keeps their names.

        :raise UserError: when a client would lose its last administrator
        """
        entries = [
            dict(member._prepare_log_entry("deleted"), member_id=False)
            for member in self
        ]
        with self._keep_administrators():
            self._left("deleted")
            result = super().unlink()
        self.env["subscription.log"]._log_entries(entries)
        return result

    # ------------------------------------------------------------------ hooks
    # Lower folders override them with what follows for seats and invitations.

    def _verify_same_person(self, vals):
        """Refuse ``vals`` that would make somebody else of one of these members."""

    def _verify_may_return(self):
        """Refuse to restore those of these members who may not come back."""

    def _joined(self):
        """Give these active members, who have come to their client or back to it, what
        everybody there has."""

    def _left(self, reason):
        """Take from these members what they have access to.

        :param str reason: a key of ``departure``
        """

    def _role_changed(self):
        """Bring what these members hold in line with their roles."""

    # ------------------------------------------------------------------ leaving

    def _leave(self, reason):
        """Archive these members, who lose what they have access to.

        :param str reason: a key of ``departure``
        :raise UserError: when a client would lose its last administrator
        """
        with self._keep_administrators():
            self._archive(reason)

    def _archive(self, reason):
        """Do what :meth:`_leave` does, without a look at the administrators."""
        leaving = self.filtered("active")
        if leaving:
            gone = {"active": False, "departure": reason}
            super(SubscriptionMember, leaving).write(gone)
            leaving._log_event("archived", new_value=reason)
            leaving._left(reason)

    def _come_back(self):
        """Restore those of these members who are archived.

        :raise SeatRefusal: when they do not fit into the plan
        :raise UserError: when one is an accountant whose access was withdrawn
        """
        returning = self.filtered(lambda member: not member.active)
        returning._verify_may_return()
        if returning:
            back = {"active": True, "departure": False}
            super(SubscriptionMember, returning).write(back)
            returning._log_event("restored")
            returning._joined()

    def _note_login(self):
        """Set when those of these members who log in already have joined."""
        for member in self.sudo().filtered(lambda member: not member.joined_at):
            logins = member.partner_id.user_ids.mapped("login_date")
            if any(logins):
                member.joined_at = min(filter(None, logins))
