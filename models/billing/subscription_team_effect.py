from odoo import api, fields, models


class SubscriptionTeam(models.Model):
    """What a change of a team does to the next invoice of its client."""

    _inherit = "subscription.team"

    billing_text = fields.Text(
        compute="_compute_billing_text",
        help="What saving the team does to the next invoice of the client.",
        exportable=False,
    )
    archive_text = fields.Text(
        string="When Archived",
        compute="_compute_archive_text",
        help="Who loses access when the team is archived, and what that does to the"
        " next invoice of the client.",
        exportable=False,
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

    @api.depends("client_id", "member_ids", "module_ids", "active")
    @api.depends_context("lang")
    def _compute_archive_text(self):
        for team in self:
            team.archive_text = team._origin._get_archive_text()

    def _get_archive_text(self):
        """Return in sentences what archiving this team does: who loses access, and what
        the next invoice says to it; empty where it does nothing."""
        if not self.active:
            return False
        effect = self._get_effect_text(members=-len(self._get_only_here()), teams=-1)
        texts = [effect, *self._get_pair_texts(self._get_own_pairs(), set())]
        return "\n".join(filter(None, texts)) or False

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

    def _get_invoice_text(self, plan, lost):
        demand = {
            pool: len(members.filtered("takes_seat"))
            for pool, members in plan.requests.items()
        }
        for pool, seats in lost.grouped("pool_id").items():
            counted = len(seats.filtered("takes_seat"))
            demand[pool] = demand.get(pool, 0) - counted
        pools = self.env["subscription.seat.pool"].sudo().union(*demand)
        return pools.subscription_id._get_grant_text(demand)
