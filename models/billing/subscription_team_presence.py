from odoo import api, models

# What decides which rows of presence a team has.
PRESENCE_FIELDS = {"active", "client_id", "member_ids"}


class SubscriptionTeam(models.Model):
    """The presence of teams is noted, for billing."""

    _inherit = "subscription.team"

    @api.model_create_multi
    def create(self, vals_list):
        """Create teams, and note since when they and their members are there."""
        teams = super().create(vals_list)
        self.env["subscription.presence"]._sync(teams=teams)
        return teams

    def write(self, vals):
        """Change teams, and note who comes and goes thereby."""
        result = super().write(vals)
        if PRESENCE_FIELDS & set(vals):
            self.env["subscription.presence"]._sync(teams=self)
        return result

    def unlink(self):
        """Delete teams; that they were there is kept, with their names."""
        self.check_access("unlink")
        self.env["subscription.presence"]._end(teams=self)
        return super().unlink()
