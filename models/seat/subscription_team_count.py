from collections import defaultdict

from odoo import models
from odoo.tools import SQL


class SubscriptionTeam(models.Model):
    """The modules that the members of a team have."""

    _inherit = "subscription.team"

    def _count_modules(self):
        """Return ``{team: {module: its members who have a seat of it}}``, modules in
        their order."""
        self.env["subscription.seat"].flush_model(
            ["member_id", "pool_id", "released_at"]
        )
        self.env["subscription.member"].flush_model(["team_ids"])
        # Raw SQL: the ORM would hold all members and seats. Who has left has no seat.
        rows = self.env.execute_query(
            SQL(
                """
                SELECT link.team_id, pool.module_id, count(DISTINCT seat.member_id)
                  FROM subscription_team_member_rel link
                  JOIN subscription_seat seat ON seat.member_id = link.member_id
                  JOIN subscription_seat_pool pool ON pool.id = seat.pool_id
                 WHERE link.team_id = ANY(%s) AND seat.released_at IS NULL
                 GROUP BY link.team_id, pool.module_id
                """,
                self.ids,
            )
        )
        modules = self.env["subscription.module"]
        modules = modules.browse({module_id for _team, module_id, _count in rows})
        places = {module.id: place for place, module in enumerate(modules.sorted())}
        counts = defaultdict(dict)
        for team_id, module_id, count in sorted(rows, key=lambda row: places[row[1]]):
            counts[self.browse(team_id)][modules.browse(module_id)] = count
        return counts

    def _count_members(self):
        """Return ``{team: its members who have not left}``."""
        groups = self.env["subscription.member"]._read_group(
            [("team_ids", "in", self.ids), ("active", "=", True)],
            ["team_ids"],
            ["__count"],
        )
        return dict(groups)
