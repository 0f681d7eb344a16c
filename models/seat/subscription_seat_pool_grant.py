from collections import defaultdict
from typing import NamedTuple

from psycopg2.errors import UniqueViolation

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ...exceptions import SeatRefusal

# What a grant reads of each pool.
POOL_FIELDS = [
    *("subscription_id", "client_id", "is_base", "seat_limit", "is_unlimited")
]
# What it reads of each member: of ten thousand, all the fields would take long.
MEMBER_FIELDS = ["name", "active", "client_id", "role_id"]


class GrantPlan(NamedTuple):
    """What a grant would do: decided once, for its preview and for the grant itself."""

    # {pool: members}: who lacks a seat of the pool
    requests: dict
    # {pool: members}: for whom of them there is a seat
    fitting: dict
    # {pool: number of seats} that granting all requests takes
    demand: dict
    # {pool: seats in use} of the pools that have not enough seats for that
    shortfalls: dict
    # {pool: numbers} that parallel grants have taken, see _grant
    taken: dict
    # the members who do not get every seat that they lack
    left_out: models.BaseModel
    # whether a team gives the seats
    is_from_team: bool = False

    @property
    def refusal(self):
        """Why not all requests can be granted, a line for every pool that falls short;
        empty when they can."""
        return "\n".join(
            pool._get_refusal(used, self.demand[pool])
            for pool, used in self.shortfalls.items()
        )


class SubscriptionSeatPool(models.Model):
    """How seats are assigned."""

    _inherit = "subscription.seat.pool"

    @api.model
    def _grant(self, requests, *, allow_partial=False, is_from_team=False):
        """Assign seats. Every door leads here: screens, portal, import, RPC and jobs.

        Members who hold a seat of the pool already are skipped. A seat of a module
        comes with one of the base module. A member whose role takes no seat gets one
        without a number, whatever the limit. A seat that a team has given stays when it
        is given by hand.

        :param dict requests: ``{pool: members}``
        :param bool allow_partial: seat as many as there is room for, in the order of
            the members, instead of none
        :param bool is_from_team: whether a team gives the seats
        :return: the seats assigned
        :raise SeatRefusal: a line for every pool that falls short; nothing is assigned
        :raise UserError: when a member is archived
        """
        asked, requests = requests, self._complete_requests(requests)
        if not is_from_team:
            self._keep_given(asked, requests)
        if not requests:
            return self.env["subscription.seat"]
        pools, taken = self._lock_for_grant(requests), defaultdict(set)
        while True:
            plan = self._plan_grant(requests, taken)
            plan = plan._replace(is_from_team=is_from_team)
            if not allow_partial and plan.refusal:
                raise SeatRefusal(plan.refusal)
            try:
                return pools._insert_seats(plan).sudo(self.env.su)
            except UniqueViolation as error:
                pools._note_collision(error, taken)

    @api.model
    def _keep_given(self, asked, lacking):
        """Make seats of ``asked`` that are there already, since a team has given them,
        seats that were given by hand.

        :param dict asked: ``{pool: members}``
        :param dict lacking: those of them that are not there
        """
        held = {
            (pool, member)
            for pool, members in asked.items()
            for member in members - lacking.get(pool, members.browse())
        }
        if held:
            # sudo: seats are edited by nobody.
            seats = self.env["subscription.seat"].sudo()
            domain = [("is_from_team", "=", True), ("released_at", "=", False)]
            pools = {pool.id for pool, _member in held}
            members = {member.id for _pool, member in held}
            domain += [("pool_id", "in", [*pools]), ("member_id", "in", [*members])]
            seats.search(domain).filtered(
                lambda seat: (seat.pool_id, seat.member_id) in held
            )._mark(is_from_team=False)

    @api.model
    def _lock_for_grant(self, requests):
        """Keep what the grant of ``requests`` relies on from changing.

        :return: the pools, locked
        """
        # sudo: locked by whoever may grant; roles and base pools may be out of reach.
        pools = self.sudo().browse().union(*requests)
        members = self.env["subscription.member"].sudo().union(*requests.values())
        pools._lock_shared(members, members.role_id)
        return pools

    @api.model
    def _plan_grant(self, requests, taken=None):
        """Decide what granting ``requests`` does, without doing it.

        :param dict requests: as ``_complete_requests`` returns them
        :param dict taken: ``{pool: numbers}`` that parallel grants have taken
        :return: a ``GrantPlan``
        """
        taken = defaultdict(set, taken or {})
        demand = {pool: len(m.filtered("takes_seat")) for pool, m in requests.items()}
        room = {pool: pool._get_room(len(taken[pool])) for pool in requests}
        shortfalls = {
            pool: pool.used + len(taken[pool])
            for pool in requests
            if demand[pool] > room[pool]
        }
        fitting = self._fit_requests(requests, room)
        left_out = self.env["subscription.member"].union(
            *(requests[pool] - fitting[pool] for pool in requests)
        )
        return GrantPlan(requests, fitting, demand, shortfalls, taken, left_out)

    @api.model
    def _fit_requests(self, requests, room):
        """Return as much of ``requests`` as there is ``room`` for, in the order of the
        members. Who finds no base seat takes no other seat from anybody."""
        fitting = {}
        turned_away = defaultdict(self.env["subscription.member"].browse)
        for pool, members in requests.items():
            members -= turned_away[pool.subscription_id]
            counted = members.filtered("takes_seat")
            late = counted[min(room[pool], len(counted)) :]
            if pool.is_base:
                turned_away[pool.subscription_id] = late
            fitting[pool] = members - late
        return fitting

    @api.model
    def _complete_requests(self, requests):
        """Return ``requests`` with the base seats that they need as well, and without
        the members who hold a seat of the pool already.

        Base pools come first, as ``_fit_requests`` needs it.
        """
        members = self.env["subscription.member"].sudo().union(*requests.values())
        members.fetch(MEMBER_FIELDS)
        members._verify_active()
        pairs = [
            (pool.id, member_id)
            for pool, asked in requests.items()
            for member_id in asked.ids
        ]
        # sudo: a base seat comes with the seat of a module, whoever assigns that one.
        return {
            pool: members.browse(dict.fromkeys(lacking))
            for pool, lacking in self.sudo()._find_lacking(pairs)
        }

    @api.model
    def _find_lacking(self, pairs):
        """Return ``[(pool, [member id, ...])]`` of the seats that ``pairs`` of the ids
        of a pool and a member need and that are not there: those of the pools, and of
        the base pools of their subscriptions. Base pools come first.

        What a grant reads of the pools is in the cache then, as after a fetch.
        """
        self.flush_model(POOL_FIELDS)
        seats = self.env["subscription.seat"]
        seats.flush_model(["pool_id", "member_id", "released_at"])
        if not pairs:
            return []
        rows = self.env.execute_query(self._get_lacking_query(pairs))
        if not rows:
            return []
        ids, lacking, *columns = zip(*rows, strict=True)
        pools = self.browse(ids)
        for name, values in zip(POOL_FIELDS, columns, strict=True):
            self._fields[name]._insert_cache(pools, values)
        return list(zip(pools, lacking, strict=True))

    @api.model
    def _get_lacking_query(self, pairs):
        """Return the query of :meth:`_find_lacking`: pool id, ids of members in the
        order of ``pairs``, ``POOL_FIELDS``."""
        # Raw SQL: the ORM would read pools, base pools and seats one after the other.
        # Each seat is looked up in the unique index of those in use, so that neither
        # the size of a pool nor the history of a member counts.
        return SQL(
            """
            SELECT pool.id, array_agg(ask.member_id ORDER BY ask.place), %s
              FROM unnest(%s::int[], %s::int[])
                   WITH ORDINALITY AS ask (pool_id, member_id, place)
              JOIN subscription_seat_pool asked ON asked.id = ask.pool_id
              JOIN subscription_seat_pool pool
                ON pool.subscription_id = asked.subscription_id
               AND (pool.is_base OR pool.id = asked.id)
             WHERE NOT EXISTS (
                   SELECT FROM subscription_seat seat
                    WHERE seat.pool_id = pool.id
                      AND seat.member_id = ask.member_id
                      AND seat.released_at IS NULL)
             GROUP BY pool.id
             ORDER BY pool.is_base DESC NULLS LAST, pool.id
            """,
            SQL(", ").join(SQL.identifier("pool", name) for name in POOL_FIELDS),
            *(list(column) for column in zip(*pairs, strict=True)),
        )

    def _get_lacking_domain(self):
        """Return the domain of the members who lack a seat of at least one of these
        pools; of all members where there is no pool."""
        lacking = [Domain("pool_ids", "not in", pool.ids) for pool in self]
        return Domain.OR(lacking) if lacking else Domain.TRUE

    def _get_room(self, taken=0):
        """Return how many seats can be assigned, infinity where there is no limit.

        :param int taken: the seats in use that this transaction cannot see
        """
        if self.state == "unavailable":
            return 0
        return max(self._get_limit() - self.used - taken, 0)

    def _prepare_preview_values(self, change):
        """Return the values of the preview of ``change`` seats more, or less."""
        room = self._get_room()
        return {
            "pool_id": self.id,
            "used": self.used,
            "change": change,
            "available": 0 if self.is_unlimited else max(room - change, 0),
            "missing": max(change - room, 0),
        }

    def _seat_waiting_members(self, *, allow_partial=False):
        """Assign the base seats that members of the clients wait for, now that these
        pools may have room.

        :param bool allow_partial: seat as many as there is room for
        :raise SeatRefusal: when they do not fit, unless ``allow_partial``
        """
        # sudo: who changes a contract seats all members of the client.
        clients = self.sudo().filtered("is_base").client_id
        clients._lock_exclusive("subscription_member_ids")
        if clients:
            self.env["subscription.member"].sudo().search(
                [("active", "=", True), ("client_id", "in", clients.ids)]
            )._seat_waiting(allow_partial=allow_partial)
        self._wake_waiting()
