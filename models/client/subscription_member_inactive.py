from odoo import api, models
from odoo.fields import Domain


class SubscriptionMember(models.Model):
    """Members who hold a seat and do nothing."""

    _inherit = "subscription.member"

    @api.model
    def _get_inactive_domain(self, clients):
        """Return the domain of the inactive members of ``clients``: those whose role
        takes a seat, administrators apart, and who are in no active team. Without
        teams, being in none does not make a member inactive."""
        with_teams = clients.subscription_team_ids.filtered("active").client_id
        return (
            Domain("active", "=", True)
            & Domain("client_id", "in", with_teams.ids)
            & Domain("role_id.takes_seat", "=", True)
            & Domain("role_id.is_administrator", "=", False)
            & Domain("is_billed", "=", False)
        )

    def _remove_inactive(self):
        """Archive those of these members who are inactive: somebody may have joined a
        team since they were looked at.

        :return: the members archived
        """
        inactive = self.filtered_domain(self._get_inactive_domain(self.client_id))
        inactive._leave("inactive")
        return inactive
