from odoo import models


class SubscriptionMember(models.Model):
    """The presence of members in teams is noted, for billing."""

    _inherit = "subscription.member"

    def write(self, vals):
        """Change members, and note which teams they join and leave."""
        result = super().write(vals)
        if "team_ids" in vals:
            self.env["subscription.presence"]._sync(members=self)
        return result

    def _joined(self):
        """Note that these members are in their teams from now on."""
        super()._joined()
        self._sync_presences()

    def _left(self, reason):
        """Note that these members are in no team any more."""
        super()._left(reason)
        self.env["subscription.presence"]._end(members=self)

    def _role_changed(self):
        """Note which of these members count from now on, and which no longer do."""
        super()._role_changed()
        self._sync_presences()
        self.env["subscription.presence"]._note_roles(self)

    def _sync_presences(self):
        """Note where these members are; most who come are in no team yet."""
        # sudo: teams count that the user does not see.
        members = self.sudo().filtered("team_ids")
        if members:
            members.env["subscription.presence"]._sync(members=members)
