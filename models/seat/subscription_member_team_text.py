from odoo import api, fields, models


class SubscriptionMember(models.Model):
    """What joining and leaving teams gives and takes, in words, before it is done."""

    _inherit = "subscription.member"

    team_text = fields.Text(
        string="What the Teams Change",
        compute="_compute_team_text",
        help="Who gets and who loses access when the teams are saved.",
    )

    @api.depends("team_ids", "role_id")
    @api.depends_context("lang")
    def _compute_team_text(self):
        for member in self:
            member.team_text = "\n".join(member._get_team_texts()) or False

    def _get_teams_change_text(self, vals):
        """Return what writing the teams of ``vals`` on these members, of one client,
        gives and takes; empty where it does neither.

        :param dict vals: with ``team_ids``
        """
        drafts = self.browse().concat(*[one.new(vals, origin=one) for one in self])
        texts = drafts._get_team_texts()
        # Drafts of one member are one record: the next one begins anew.
        drafts.invalidate_recordset(flush=False)
        return "\n".join(texts)

    def _get_team_texts(self):
        """Return in sentences what saving the teams of these members does, who are as
        they are on the screen: who gets access and how many seats are left then, who
        does not, who loses access, and what the next invoice says to it."""
        if not self._origin:
            return self._get_new_member_texts()
        old, new = self._origin._get_team_pairs(), self._get_team_pairs()
        if old == new:
            return []
        pools = self.env["subscription.seat.pool"].sudo()
        plan = pools._plan_team_seats(new - old)
        lost = self._origin._get_seats_in_use().filtered(
            lambda seat: (
                seat.is_from_team
                and (seat.member_id.id, seat.module_id.id) in old - new
            )
        )
        # Any of them: what differs between teams of one client is not told.
        team = (self | self._origin).sudo().team_ids._origin[:1]
        texts = [
            *team._get_gain_texts(plan),
            *team._get_loss_texts(lost),
            team._get_invoice_text(plan, lost),
        ]
        return [text for text in texts if text]

    def _get_new_member_texts(self):
        """Return in sentences what the teams give of a member who is still to be
        made."""
        # sudo: teams give whoever looks.
        member = self.sudo()
        modules = member.team_ids._origin.filtered("active").module_ids
        pools = member.client_id._origin.seat_pool_ids
        return [
            self.env._(
                "%(module)s comes with the teams: %(left)s.",
                module=pool.module_id.name,
                left=pool._get_left_text(),
            )
            for pool in pools
            if pool.module_id in modules and not pool.is_base
        ]

    def _get_team_pairs(self):
        """Return the pairs of the ids of a member and a module that the teams of these
        members give; nothing of members who are not saved yet."""
        # sudo: teams give whoever looks.
        return {
            (member._origin.id, module.id)
            for member in self.sudo()
            if member._origin.active
            for team in member.team_ids._origin
            if team.active
            for module in team.module_ids
            if not module.is_base
        }
