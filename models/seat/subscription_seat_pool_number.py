import logging
import random
import re
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

# Free numbers that a pool without limit offers beyond those needed: parallel grants
# start at a random one and so seldom try the same.
SPARE_NUMBERS = 64


class NumberTakenFilter(logging.Filter):
    """Keeps the error of a number that a parallel grant has taken out of the log: the
    next one is tried.

    ``mute_logger`` would mute every thread of the server, and for good where two of
    them overlap.
    """

    def filter(self, record):
        return "subscription_seat_chair" not in record.getMessage()


logging.getLogger("odoo.sql_db").addFilter(NumberTakenFilter())


class SubscriptionSeatPool(models.Model):
    """The numbers of the seats of pools."""

    _inherit = "subscription.seat.pool"

    @api.model
    def _insert_seats(self, plan):
        """Insert the seats that fit by ``plan``, all or none, with free numbers.

        :raise UniqueViolation: when a parallel grant has just taken one of the numbers;
            the transaction can go on
        """
        numbers = self._get_free_numbers(plan)
        grant = {"granted_at": fields.Datetime.now(), "granted_by_id": self.env.uid}
        grant["is_from_team"] = plan.is_from_team
        vals_list = [
            {**grant, **pool._prepare_seat_values(member, numbers[pool])}
            for pool, members in plan.fitting.items()
            for member in members
        ]
        # Everybody inserts in the same order, so that nobody waits in a circle.
        vals_list.sort(key=lambda vals: (vals["pool_id"], vals["number"] or 0))
        # The savepoint is rolled back where a number was taken meanwhile. Nothing that
        # the ORM holds back is stored in it, so it needs no flush.
        with self.env.cr.savepoint(flush=False):
            # sudo: nobody may create seats but through the pools.
            return self.env["subscription.seat"].sudo()._insert_rows(vals_list)

    def _prepare_seat_values(self, member, numbers):
        """Return the values of a seat of ``member``, who takes one of ``numbers`` if
        the role takes a seat."""
        values = {
            "pool_id": self.id,
            "member_id": member.id,
            "holder_name": member.name,
        }
        counted = member.takes_seat
        values |= {"takes_seat": counted, "number": numbers.pop() if counted else None}
        return values

    @api.model
    def _get_free_numbers(self, plan):
        """Return ``{pool: [number, ...]}`` with a free number for each seat of ``plan``
        that needs one.

        They follow one another from a random one on, so that parallel grants seldom
        try the same. Where seats have numbers above the limit, those are moved first.
        """
        rows = [
            (pool.id, needed, size, random.randrange(size), not pool.is_unlimited)
            for pool, members in plan.fitting.items()
            if (needed := len(members.filtered("takes_seat")))
            for size in [pool._get_number_count(needed + len(plan.taken[pool]))]
        ]
        found = self._find_free_numbers(rows, plan.taken)
        if high := {pool_id for pool_id, _number, is_high in found if is_high}:
            self.browse(high)._renumber()
            found = self._find_free_numbers(rows, plan.taken)
        numbers = defaultdict(list)
        for pool_id, number, _is_high in found:
            numbers[self.browse(pool_id)].append(number)
        return numbers

    @api.model
    def _find_free_numbers(self, rows, taken):
        """Return ``(pool id, free number, whether seats of the pool have numbers above
        its limit)``; the rest as :meth:`_get_free_numbers_query` has it."""
        if not rows:
            return []
        seats = self.env["subscription.seat"]
        seats.flush_model(["pool_id", "number", "released_at"])
        return self.env.execute_query(self._get_free_numbers_query(rows, taken))

    def _get_number_count(self, more):
        """Return the highest number to look at where ``more`` seats are assigned."""
        if self.is_unlimited:
            return 2 * (self.used + more) + SPARE_NUMBERS
        return self.seat_limit

    @api.model
    def _get_free_numbers_query(self, rows, taken):
        """Return the query of :meth:`_find_free_numbers`.

        :param rows: ``(pool id, how many, highest number, first number to try - 1,
            whether the highest number is the limit)``
        :param dict taken: ``{pool: numbers}`` to leave out
        """
        # Raw SQL: the ORM cannot ask for rows that do not exist. It stops at the first
        # free numbers, however many seats the pool has.
        pairs = [(pool.id, number) for pool in taken for number in taken[pool]]
        return SQL(
            """
            SELECT ask.pool_id, free.number, high.is_there
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[], %s::boolean[])
                   AS ask (pool_id, needed, size, start, is_limited)
             CROSS JOIN LATERAL (
                   SELECT candidate.number
                     FROM (SELECT 1 + (ask.start + generate_series(0, ask.size - 1))
                                      %% ask.size AS number) candidate
                    WHERE (ask.pool_id, candidate.number) NOT IN %s
                      AND NOT EXISTS (
                          SELECT FROM subscription_seat seat
                           WHERE seat.pool_id = ask.pool_id
                             AND seat.number = candidate.number
                             AND seat.released_at IS NULL)
                    LIMIT ask.needed
                   ) free
             CROSS JOIN LATERAL (
                   SELECT ask.is_limited AND EXISTS (
                          SELECT FROM subscription_seat seat
                           WHERE seat.pool_id = ask.pool_id
                             AND seat.number > ask.size
                             AND seat.released_at IS NULL) AS is_there
                   ) high
            """,
            *(list(column) for column in zip(*rows, strict=True)),
            tuple(pairs or [(0, 0)]),
        )

    @api.model
    def _note_collision(self, error, taken):
        """Add the number that ``error`` reports to ``taken``, ``{pool: numbers}``.

        :raise ConcurrencyError: when a parallel grant has just seated the member; Odoo
            then makes the call again
        """
        seat_model = self.env["subscription.seat"]
        broken = error.diag.constraint_name
        if broken == seat_model._holder.full_name(seat_model):
            raise ConcurrencyError("The member has just been seated.") from error
        if broken != seat_model._chair.full_name(seat_model):
            raise error
        # "Key (pool_id, number)=(12, 5) already exists.", in the server's language
        pool_id, number = re.search(
            r"\)=\((\d+), (\d+)\)", error.diag.message_detail
        ).groups()
        taken[self.browse(int(pool_id))].add(int(number))

    def _renumber(self):
        """Move seats whose number lies above the limit to free numbers below it, as
        many as fit.

        Numbers above the limit then remain only where a pool is *over*, so the free
        numbers within the limit are the seats that can be assigned.
        """
        # sudo: seats are edited by nobody.
        seats = self.env["subscription.seat"].sudo()
        seats.flush_model(["pool_id", "number", "released_at"])
        self.flush_recordset(["seat_limit", "is_unlimited"])
        # Raw SQL: one statement moves all. There are seldom any, and looking for them
        # is far cheaper than planning the move.
        query = self._get_above_limit_query()
        pool_ids = {pool_id for _, pool_id, _, _ in self.env.execute_query(query)}
        if pool_ids:
            moved = self.env.execute_query(self.browse(pool_ids)._get_renumber_query())
            seats.browse(seat_id for (seat_id,) in moved).invalidate_recordset(
                ["number"]
            )

    def _get_above_limit_query(self):
        """Return the query of the seats above the limits of these pools: id, pool,
        limit of the pool, and place among those of the pool."""
        return SQL(
            """
            SELECT seat.id, seat.pool_id, pool.seat_limit,
                   row_number() OVER (
                       PARTITION BY seat.pool_id ORDER BY seat.number) AS place
              FROM subscription_seat_pool pool
              JOIN subscription_seat seat
                ON seat.pool_id = pool.id
               AND seat.number > pool.seat_limit
               AND seat.released_at IS NULL
             WHERE pool.id IN %s AND pool.is_unlimited IS NOT TRUE
            """,
            tuple(self.ids) or (0,),
        )

    def _get_renumber_query(self):
        """Return the statement that moves the seats above the limits of these pools,
        and returns the ids of those moved."""
        return SQL(
            """
            WITH high AS (%s), free AS (
                SELECT pool.pool_id, candidate.number,
                       row_number() OVER (
                           PARTITION BY pool.pool_id
                               ORDER BY candidate.number) AS place
                  FROM (SELECT DISTINCT pool_id, seat_limit FROM high) pool
                 CROSS JOIN LATERAL generate_series(1, pool.seat_limit)
                       AS candidate (number)
                 WHERE NOT EXISTS (
                       SELECT FROM subscription_seat seat
                        WHERE seat.pool_id = pool.pool_id
                          AND seat.number = candidate.number
                          AND seat.released_at IS NULL)
            )
            UPDATE subscription_seat seat
               SET number = free.number
              FROM high JOIN free USING (pool_id, place)
             WHERE seat.id = high.id
         RETURNING seat.id
            """,
            self._get_above_limit_query(),
        )
