from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ...counting import Stay, count_units, list_holders


class SaleSubscription(models.Model):
    """Who is counted in a period, and who holds the seats of a line."""

    _inherit = "sale.subscription"

    @api.model
    def _count_units(self, requests):
        """Count the seats in use, the members or the teams of subscriptions.

        :param requests: ``CountRequest`` of ``counting.py``
        :return: a ``Counted`` for each of ``requests``, in their order; asked in as
            many queries for one as for many
        """
        # sudo: what is billed does not depend on who looks at it.
        counts = self.sudo()
        calendars = counts._get_calendars(
            request.subscription.id for request in requests
        )
        spans = [
            (
                calendars[request.subscription.id].get_start(request.first),
                calendars[request.subscription.id].get_end(request.last),
            )
            for request in requests
        ]
        stays = counts._get_presence_stays(requests, spans)
        stays |= counts._get_seat_stays(
            {
                number: (request.pool.id, *spans[number])
                for number, request in enumerate(requests)
                if request.basis == "in_use"
            }
        )
        return [
            count_units(
                stays.get(number, ()), request, calendars[request.subscription.id]
            )
            for number, request in enumerate(requests)
        ]

    @api.model
    def _get_holder_rows(self, requests):
        """Return the rows of lines of contracted seats.

        :param requests: ``HolderRequest`` of ``counting.py``
        :return: a list of rows for each of ``requests``, in their order; asked in as
            many queries for one as for many
        """
        # sudo: see _count_units.
        pools = self.env["subscription.seat.pool"].sudo()
        pools = pools.browse({request.pool.id for request in requests})
        calendars = self.sudo()._get_calendars(pools.subscription_id.ids)
        calendars = {pool.id: calendars[pool.subscription_id.id] for pool in pools}
        asked = {}
        for number, request in enumerate(requests):
            calendar = calendars[request.pool.id]
            start, end = (
                min(moment, request.until)
                for moment in (
                    calendar.get_start(request.first),
                    calendar.get_end(request.last),
                )
            )
            asked[number] = request.pool.id, start, end
        stays = self.sudo()._get_seat_stays(asked)
        modules = {pool.id: pool.module_id.name for pool in pools}
        return [
            [
                {**row, "module": modules[request.pool.id]}
                for row in list_holders(
                    stays.get(number, ()), request, calendars[request.pool.id]
                )
            ]
            for number, request in enumerate(requests)
        ]

    @api.model
    def _get_calendars(self, subscription_ids):
        """Return ``{subscription id: Calendar}`` by the time zones of the companies."""
        calendars = self.env["res.company"]._get_calendars()
        return {
            one.id: calendars[(one.company_id or self.env.company).id]
            for one in self.browse(set(subscription_ids))
        }

    @api.model
    def _get_role_names(self):
        """Return ``{code: name}`` of all roles, in the language of this environment."""
        roles = self.env["subscription.member.role"].with_context(active_test=False)
        found = roles.search_fetch([], ["code", "name"])
        return {role.code: role.name for role in found}

    # ------------------------------------------------------------------ presence

    @api.model
    def _get_presence_stays(self, requests, spans):
        """Return ``{number: stays}`` of those of ``requests`` that count members or
        teams.

        :param spans: ``(first moment, last moment)`` of each of ``requests``
        """
        bases = {
            number: request.basis
            for number, request in enumerate(requests)
            if request.basis in ("members", "teams")
        }
        if not bases:
            return {}
        # Browsed together, so that they are read together.
        subscriptions = self.browse({one.subscription.id for one in requests})
        client_ids = {one.id: one.client_id.id for one in subscriptions}
        asked = [
            (number, client_ids[requests[number].subscription.id], *spans[number])
            for number in bases
        ]
        role_names = self._get_role_names()
        stays = defaultdict(list)
        for number, *row in self._find_presences(asked):
            basis = bases[number]
            if basis == "teams" or row[2]:
                stays[number].append(self._make_presence_stay(basis, row, role_names))
        return stays

    @api.model
    def _find_presences(self, asked):
        """Return the rows of presence that overlap what is ``asked``, ``(number, client
        id, first moment, last moment)``, each with its number.

        Who is deleted has the name that was kept; the role is that at the time.
        """
        self.env["subscription.presence"]._flush_sources()
        columns = [list(column) for column in zip(*asked, strict=True)]
        return self.env.execute_query(
            SQL(
                """
                SELECT asked.number, presence.team_number,
                       COALESCE(team.name, presence.team_name),
                       presence.member_number, presence.member_id,
                       COALESCE(member.name, presence.holder_name),
                       CASE WHEN member.id IS NULL THEN presence.email
                            ELSE member.email END,
                       CASE WHEN presence.until IS NULL THEN role.code
                            ELSE presence.role END,
                       presence.since, presence.until
                  FROM unnest(%s::int[], %s::int[], %s::timestamp[], %s::timestamp[])
                       AS asked (number, client_id, starts, ends)
                  JOIN subscription_presence presence
                    ON presence.client_id = asked.client_id
                   AND presence.since <= asked.ends
                   AND (presence.until IS NULL OR presence.until > asked.starts)
                  LEFT JOIN subscription_team team
                    ON team.id = presence.subscription_team_id
                  LEFT JOIN subscription_member member ON member.id = presence.member_id
                  LEFT JOIN subscription_member_role role ON role.id = member.role_id
                 ORDER BY presence.id
                """,
                *columns,
            )
        )

    @api.model
    def _make_presence_stay(self, basis, row, role_names):
        """Return the ``Stay`` of a row of :meth:`_find_presences`."""
        team_number, team, member_number, member_id, holder, email, role, *span = row
        values = {"team": team}
        if member_number:
            values |= {
                "member_id": member_id or False,
                "holder": holder,
                "email": email or False,
                "role": role_names.get(role, role),
            }
        # A team stands before its members.
        key = team, team_number, bool(member_number), holder or "", member_number or 0
        unit = team_number if basis == "teams" else member_number
        is_unit = basis == "members" or not member_number
        return Stay(unit, *span, values, key, is_unit)

    # ------------------------------------------------------------------ seats

    @api.model
    def _get_seat_stays(self, asked):
        """Return ``{number: stays}`` of the holders of seats that count.

        :param dict asked: ``{number: (pool id, first moment, last moment)}``
        """
        if not asked:
            return {}
        pools = self.env["subscription.seat.pool"]
        pools = pools.browse({pool_id for pool_id, *_span in asked.values()})
        modules = {pool.id: pool.module_id.name for pool in pools}
        role_names = self._get_role_names()
        stays = defaultdict(list)
        for number, seat_id, member_id, holder, email, role, *span in self._find_seats(
            [(number, *ask) for number, ask in asked.items()]
        ):
            # Nobody knows whether two deleted members were the same.
            unit = member_id or -seat_id
            values = {
                "member_id": member_id or False,
                "holder": holder,
                "email": email or False,
                "role": role_names.get(role, False),
                "module": modules[asked[number][0]],
            }
            stays[number].append(Stay(unit, *span, values, (holder or "", unit)))
        return stays

    @api.model
    def _find_seats(self, asked):
        """Return the seats that count and overlap what is ``asked``, ``(number, pool
        id, first moment, last moment)``, each with its number.

        Who lost the seat by a change of the role has none that the seat knows of.
        """
        seats = self.env["subscription.seat"]
        seats.flush_model(["pool_id", "member_id", "number", "released_at"])
        self.env["subscription.member"].flush_model(["name", "email", "role_id"])
        columns = [list(column) for column in zip(*asked, strict=True)]
        return self.env.execute_query(
            SQL(
                """
                SELECT asked.number, seat.id, seat.member_id,
                       COALESCE(member.name, seat.holder_name), member.email,
                       CASE WHEN seat.release_reason = 'role' THEN NULL
                            ELSE role.code END,
                       seat.granted_at, seat.released_at
                  FROM unnest(%s::int[], %s::int[], %s::timestamp[], %s::timestamp[])
                       AS asked (number, pool_id, starts, ends)
                  JOIN subscription_seat seat ON seat.pool_id = asked.pool_id
                   AND seat.number IS NOT NULL AND seat.granted_at <= asked.ends
                   AND (seat.released_at IS NULL OR seat.released_at > asked.starts)
                  LEFT JOIN subscription_member member ON member.id = seat.member_id
                  LEFT JOIN subscription_member_role role ON role.id = member.role_id
                 ORDER BY seat.granted_at, seat.id
                """,
                *columns,
            )
        )
