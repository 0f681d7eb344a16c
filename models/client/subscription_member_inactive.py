from odoo import api, models
from odoo.fields import Domain


class SubscriptionMember(models.Model):
    """Members who hold a seat and do nothing."""

    _inherit = "subscription.member"

    @api.model
    def _get_inactive_domain(self, clients, days=None):
        """Return the domain of the inactive members of ``clients``: those whose role
        takes a seat, administrators apart, and who are in no active team. Without
        teams, being in none does not make a member inactive.

        :param int days: instead of that, those who have not signed in for so long, as
            far as is known when they did
        """
        return (
            Domain("active", "=", True)
            & Domain("client_id", "in", clients.ids)
            & Domain("role_id.takes_seat", "=", True)
            & Domain("role_id.is_administrator", "=", False)
            & (
                self._get_teamless_domain(clients)
                if days is None
                else self._get_unseen_domain(days)
            )
        )

    @api.model
    def _get_teamless_domain(self, clients):
        """Return the domain of who is in no active team, where there are teams."""
        with_teams = clients.subscription_team_ids.filtered("active").client_id
        return Domain("is_billed", "=", False) & Domain(
            "client_id", "in", with_teams.ids
        )

    def _remove_inactive(self, days=None):
        """Archive those of these members who are inactive: somebody may have joined a
        team, or signed in, since they were looked at.

        :param int days: as in :meth:`_get_inactive_domain`
        :return: the members archived
        """
        inactive = self.filtered_domain(self._get_inactive_domain(self.client_id, days))
        inactive._leave("inactive" if days is None else "unseen")
        return inactive
