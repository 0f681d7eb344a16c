from odoo import api, fields, models


class SubscriptionTeam(models.Model):
    """What a change of a team does to the next invoice of its client."""

    _inherit = "subscription.team"

    billing_text = fields.Text(
        compute="_compute_billing_text",
        help="What saving the team does to the next invoice of the client.",
    )
    archive_text = fields.Text(
        string="When Archived",
        compute="_compute_archive_text",
        help="What archiving the team does to the next invoice of the client.",
    )

    @api.depends("client_id", "member_ids", "active")
    @api.depends_context("lang")
    def _compute_billing_text(self):
        for team in self:
            # An archived team has no members that count.
            saved = team._origin
            old, new = saved._get_only_here(), team._get_only_here()
            teams = int(bool(team.active)) - int(bool(saved.active))
            team.billing_text = team != saved and team._get_effect_text(
                members=len(new) - len(old), teams=teams
            )

    @api.depends("client_id", "member_ids", "active")
    @api.depends_context("lang")
    def _compute_archive_text(self):
        for team in self:
            saved = team._origin
            team.archive_text = saved.active and saved._get_effect_text(
                members=-len(saved._get_only_here()), teams=-1
            )

    def _get_restore_text(self):
        """Return what restoring this archived team does to the next invoice."""
        draft = self.new({"active": True}, origin=self)
        text = draft.billing_text
        draft.invalidate_recordset(flush=False)
        return text or ""

    def _get_only_here(self):
        """Return the members who count since they are in this team, and would not
        without it."""
        members = self.member_ids._origin if self.active else self.member_ids.browse()
        return members.filtered(
            lambda member: (
                member._takes_counted_seat()
                and not any((member.team_ids._origin - self._origin).mapped("active"))
            )
        )

    def _get_effect_text(self, **units):
        if not any(units.values()):
            return False
        subscriptions = self.client_id._origin._get_effect_subscriptions()
        return subscriptions._get_unit_effect_texts(**units)
