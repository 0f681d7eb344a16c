from odoo import Command, models


class SubscriptionMember(models.Model):
    """Members join teams and leave them."""

    _inherit = "subscription.member"

    def _get_team_vals(self, *, join=(), leave=()):
        """Return the values with which members join the teams ``join`` and leave the
        teams ``leave``."""
        commands = [Command.unlink(team.id) for team in leave]
        commands += [Command.link(team.id) for team in join]
        return {"team_ids": commands}

    def _get_teams_vals(self, teams):
        """Return the values with which this member is in ``teams`` alone, of those that
        are not archived."""
        known = self.team_ids.filtered("active")
        return self._get_team_vals(join=teams - known, leave=known - teams)
