from psycopg2 import IntegrityError

from odoo import api, fields, models
from odoo.exceptions import UserError


class ResPartner(models.Model):
    """The members and teams of clients, and the memberships of contacts."""

    _inherit = "res.partner"

    subscription_member_ids = fields.One2many(
        "subscription.member", "client_id", string="Member List"
    )
    subscription_team_ids = fields.One2many(
        "subscription.team", "client_id", string="Teams"
    )
    membership_ids = fields.One2many(
        "subscription.member", "partner_id", string="Memberships"
    )
    member_count = fields.Integer(string="Members", compute="_compute_member_counts")
    billed_member_count = fields.Integer(
        string="Billed Members",
        compute="_compute_member_counts",
        help="Members who are in at least one active team and whose role takes a seat.",
    )

    @api.depends("subscription_member_ids.active", "subscription_member_ids.is_billed")
    def _compute_member_counts(self):
        member_model = self.env["subscription.member"]
        domain = [("active", "=", True), ("client_id", "in", self.ids)]
        members = dict(member_model._read_group(domain, ["client_id"], ["__count"]))
        billed = dict(
            member_model._read_group(
                [*domain, ("is_billed", "=", True), ("role_id.takes_seat", "=", True)],
                ["client_id"],
                ["__count"],
            )
        )
        for partner in self:
            partner.member_count = members.get(partner._origin, 0)
            partner.billed_member_count = billed.get(partner._origin, 0)

    def write(self, vals):
        """Archive and restore the memberships of contacts with the contacts themselves.

        :raise SeatRefusal: when the members who would come back do not fit
        """
        changed = self._get_changed(vals, {"active"})
        result = super().write(vals)
        if changed and vals["active"]:
            changed._restore_members("contact")
        elif changed:
            changed._archive_members("contact")
        return result

    def _archive_members(self, reason):
        """Archive the memberships of these contacts, and free their seats."""
        self.env["subscription.member"].sudo().search(
            [("partner_id", "in", self.ids)]
        )._leave(reason)

    def _restore_members(self, reason):
        """Restore the memberships that ended for ``reason``.

        :raise SeatRefusal: when the members do not fit
        """
        self.env["subscription.member"].sudo().search(
            [
                ("partner_id", "in", self.ids),
                ("active", "=", False),
                ("departure", "=", reason),
            ]
        )._come_back()

    def _discard(self):
        """Delete these contacts, archive them where they are used elsewhere."""
        for partner in self:
            try:
                with self.env.cr.savepoint():
                    partner.unlink()
            except (IntegrityError, UserError):
                partner.active = False

    @api.ondelete(at_uninstall=False)
    def _unlink_release_seats(self):
        self._archive_members("contact")

    # ------------------------------------------------------------------ merging

    def _absorb(self, sources):
        """Take over the teams and members of ``sources``, and their memberships.

        :raise SeatRefusal: when the members do not fit
        """
        super()._absorb(sources)
        teams = sources.subscription_team_ids
        rosters = {team: team.member_ids for team in teams}
        # A team takes members of its own client only, also on the way.
        teams.member_ids = False
        members = sources.subscription_member_ids
        survivors = members._move_to_merged({"client_id": self.id})
        namesakes = teams._move_to_merged(self)
        for team, roster in rosters.items():
            namesakes[team].member_ids |= roster.browse().union(
                *(survivors[member] for member in roster)
            )
        members.browse().union(*survivors.values()).filtered("active")._joined()
        sources.membership_ids._move_to_merged({"partner_id": self.id})

    def action_view_members(self):
        """Open the members of this client."""
        return self._open_client_action("subscription_member_action")
