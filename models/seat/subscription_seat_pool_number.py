import logging
import random
import re
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

# Free chairs that a pool without limit offers beyond those asked for: parallel grants
# start at a random one and so seldom meet.
SPARE_CHAIRS = 64


class ChairTakenFilter(logging.Filter):
    """Keeps chairs that were taken meanwhile out of the log: the next one is tried.

    ``mute_logger`` would do so for every thread of the server, and for good where two
    of them overlap.
    """

    def filter(self, record):
        return "subscription_seat_chair" not in record.getMessage()


logging.getLogger("odoo.sql_db").addFilter(ChairTakenFilter())


class SubscriptionSeatPool(models.Model):
    """The numbered chairs of pools."""

    _inherit = "subscription.seat.pool"

    @api.model
    def _insert_seats(self, requests, unseen):
        """Insert the seats of ``requests`` on free chairs, all or none.

        :raise UniqueViolation: when somebody else has just taken one of the chairs; the
            transaction can go on
        """
        numbers = self._get_free_numbers(requests, unseen)
        now = fields.Datetime.now()
        vals_list = [
            {
                "pool_id": pool.id,
                "member_id": member.id,
                "holder_name": member.name,
                "granted_at": now,
                "granted_by_id": self.env.uid,
                **({"takes_seat": True, "number": number} if number else {}),
            }
            for pool, members in requests.items()
            for member in members
            for number in [member.takes_seat and numbers[pool].pop()]
        ]
        # Everybody takes chairs in the same order, so nobody waits for one another.
        vals_list.sort(key=lambda vals: (vals["pool_id"], vals.get("number", 0)))
        with self.env.cr.savepoint():
            return self.env["subscription.seat"].sudo()._insert_rows(vals_list)

    @api.model
    def _get_free_numbers(self, requests, unseen):
        """Return ``{pool: [number, ...]}`` with a free number for each counted member.

        They follow one another from a random one on, so that parallel grants seldom
        try the same chair.
        """
        rows = []
        for pool, members in requests.items():
            needed = len(members.filtered("takes_seat"))
            size = pool.seat_limit
            if pool.is_unlimited:
                size = 2 * (pool.used + needed + len(unseen[pool])) + SPARE_CHAIRS
            if needed:
                rows.append((pool.id, needed, size, random.randrange(size)))
        taken = [(pool.id, number) for pool in unseen for number in unseen[pool]]
        numbers = defaultdict(list)
        if rows:
            query = self._get_free_numbers_query(rows, taken or [(0, 0)])
            for pool_id, number in self.env.execute_query(query):
                numbers[self.browse(pool_id)].append(number)
        return numbers

    @api.model
    def _get_free_numbers_query(self, rows, taken):
        """Return the query of :meth:`_get_free_numbers`.

        :param rows: ``(pool id, how many, size of the pool, first number to try - 1)``
        :param taken: ``(pool id, number)`` to leave out
        """
        return SQL(
            """
            SELECT ask.pool_id, chair.number
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[])
                   AS ask (pool_id, needed, size, start)
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
                   ) chair
            """,
            *(list(column) for column in zip(*rows, strict=True)),
            tuple(taken),
        )

    @api.model
    def _note_collision(self, error, unseen):
        """Add the chair that ``error`` reports to ``unseen``.

        :raise ConcurrencyError: when it is the member who has just been seated by
            somebody else; Odoo then makes the call again
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
        unseen[self.browse(int(pool_id))].add(int(number))

    def _renumber(self):
        """Move seats whose number lies above the limit to free numbers below it.

        As many as fit: numbers above the limit remain only where a pool is *over*, so
        that the free numbers within the limit are the seats that can be given.
        """
        seats = self.env["subscription.seat"].sudo()
        seats.flush_model(["pool_id", "number", "released_at"])
        self.flush_recordset(["seat_limit", "is_unlimited"])
        # Rarely there are any, and looking is far cheaper than planning the move.
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
                SELECT pool.pool_id, chair.number,
                       row_number() OVER (
                           PARTITION BY pool.pool_id ORDER BY chair.number) AS place
                  FROM (SELECT DISTINCT pool_id, seat_limit FROM high) pool
                 CROSS JOIN LATERAL generate_series(1, pool.seat_limit)
                       AS chair (number)
                 WHERE NOT EXISTS (
                       SELECT FROM subscription_seat seat
                        WHERE seat.pool_id = pool.pool_id
                          AND seat.number = chair.number
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
