"""Granting seats in one call, beside the same rows created without any rule."""

from __future__ import annotations

from collections import defaultdict
from functools import partial
from typing import Any

from odoo import fields
from odoo.api import Environment
from odoo.orm.registry import Registry

from dataset import vacuum
from measure import SHORT, Results, environment, measure_in_turn, stopwatch

POOL = "subscription.seat.pool"
MEMBER = "subscription.member"
SEAT = "subscription.seat"
MEMBERS_PER_POOL = 10
# How many times as long as the bare ORM a grant may take, by the number of members.
# One is mostly fixed cost.
MOST_TIMES_ORM = {1: 2, 100: 1.4}
MOST_TIMES_ORM_IN_BULK = 2

PRODUCT = "grant"
ORM = "bare ORM create"
SQL_INSERT = "plain SQL"

# Who is to be seated: (pool id, member id).
Pairs = list[tuple[int, int]]


def measure(registry: Registry, results: Results, bulk: int, repetitions: int) -> None:
    """Measure granting 1, 100 and ``bulk`` members of one pool, and ``bulk`` members
    of many pools."""
    with environment(registry, 1) as env:
        uid = env.ref("base.user_admin").id
        pool_id, member_ids = make_client(env, bulk)
        env.cr.commit()
        scenarios = {
            f"Grant {count:,} in one pool": [
                (pool_id, member_id) for member_id in member_ids[:count]
            ]
            for count in (1, 100, bulk)
        }
        pairs = find_room(env, bulk)
        pools = len({pool_id for pool_id, _member_id in pairs})
        scenarios[f"Grant {len(pairs):,} in {pools:,} pools"] = pairs
    for scenario, pairs in scenarios.items():
        with registry.cursor() as cr:
            vacuum(cr, "subscription_seat")
        _measure(registry, results, uid, scenario, pairs, repetitions)
        most = MOST_TIMES_ORM.get(len(pairs), MOST_TIMES_ORM_IN_BULK)
        results.check_ratio(scenario, PRODUCT, ORM, most)


def make_client(env: Environment, members: int) -> tuple[int, list[int]]:
    """Make a client whose ``members`` hold base seats; return the id of an empty pool
    with room for all of them twice, and the ids of the members."""
    client = env["res.partner"].create(
        {
            "name": "Client with many members",
            "is_company": True,
            "managing_partner_id": env["res.partner"]
            .search([("ref", "=", "bench-partner-0")])
            .id,
        }
    )
    subscription = env["sale.subscription"].create(
        {
            "partner_id": client.id,
            "template_id": env["sale.subscription.template"]
            .search([("name", "=", "Bench")])
            .id,
            "pricelist_id": env["product.pricelist"]
            .search([("name", "=", "Bench")])
            .id,
        }
    )
    base, module = env["subscription.module"].search(
        [("code", "in", ("base", "bench-a"))], order="is_base desc"
    )
    pools = env[POOL].create(
        [
            {
                "subscription_id": subscription.id,
                "module_id": of.id,
                "seat_limit": 2 * members,
            }
            for of in (base, module)
        ]
    )
    subscription.stage_id = env["sale.subscription.stage"].search(
        [("type", "=", "in_progress")], limit=1
    )
    people = env[MEMBER].create(
        [
            {"client_id": client.id, "name": f"Member {number}"}
            for number in range(members)
        ]
    )
    return pools[1].id, people.ids


def find_room(env: Environment, seats: int, per_pool: int = MEMBERS_PER_POOL) -> Pairs:
    """Return up to ``seats`` pairs of pools that have room and members without a seat
    there, ``per_pool`` for each pool."""
    env.cr.execute(
        """
        SELECT pool.id, candidate.id
          FROM subscription_seat_pool pool
          JOIN sale_subscription subscription ON subscription.id = pool.subscription_id
         CROSS JOIN LATERAL (
               SELECT member.id
                 FROM subscription_member member
                 JOIN subscription_member_role role
                   ON role.id = member.role_id AND role.takes_seat
                WHERE member.client_id = pool.client_id
                  AND NOT EXISTS (
                      SELECT FROM subscription_seat
                       WHERE pool_id = pool.id AND member_id = member.id
                         AND released_at IS NULL)
                ORDER BY member.id
                LIMIT %(per_pool)s
               ) candidate
         WHERE NOT pool.is_base AND NOT pool.is_unlimited AND subscription.in_progress
           AND pool.seat_limit >= %(per_pool)s + (
               SELECT count(*) FROM subscription_seat
                WHERE pool_id = pool.id AND released_at IS NULL)
         ORDER BY pool.id LIMIT %(seats)s
        """,
        {"seats": seats, "per_pool": per_pool},
    )
    return env.cr.fetchall()


def prepare_rows(env: Environment, uid: int, pairs: Pairs) -> list[dict[str, Any]]:
    """Return the values of the seats of ``pairs``, with free numbers."""
    pools = env[POOL].browse({pool_id for pool_id, _member_id in pairs})
    env.cr.execute(
        "SELECT pool_id, number FROM subscription_seat"
        " WHERE pool_id IN %s AND number IS NOT NULL AND released_at IS NULL",
        [tuple(pools.ids)],
    )
    taken = set(env.cr.fetchall())
    numbers = {
        pool.id: iter(
            [
                number
                for number in range(1, pool.seat_limit + 1)
                if (pool.id, number) not in taken
            ]
        )
        for pool in pools
    }
    names = {member.id: member.name for member in _browse_members(env, pairs)}
    return [
        {
            "pool_id": pool_id,
            "member_id": member_id,
            "holder_name": names[member_id],
            "number": next(numbers[pool_id]),
            "takes_seat": True,
            "granted_at": fields.Datetime.now(),
            "granted_by_id": uid,
        }
        for pool_id, member_id in pairs
    ]


def _browse_members(env: Environment, pairs: Pairs) -> Any:
    return env[MEMBER].browse(member_id for _pool_id, member_id in pairs)


def _measure(
    registry: Registry,
    results: Results,
    uid: int,
    scenario: str,
    pairs: Pairs,
    repetitions: int,
) -> None:
    """Measure granting ``pairs`` and its floors; nothing stays in the database."""
    with environment(registry, uid) as env:
        rows = prepare_rows(env, uid, pairs)
    values = measure_in_turn(
        scenario,
        {
            PRODUCT: partial(_time, registry, uid, grant, pairs),
            ORM: partial(_time, registry, uid, create, rows),
            SQL_INSERT: partial(_time, registry, uid, insert, rows),
        },
        repetitions * (SHORT if len(pairs) <= 100 else 1),
    )
    results.add(scenario, "ms", values)


def _time(registry: Registry, uid: int, door: Any, what: list[Any]) -> float:
    """Return the ms that ``door(env, what)`` takes in a fresh environment."""
    with environment(registry, uid) as env, stopwatch() as elapsed:
        door(env, what)
        env.flush_all()
    return elapsed()


def grant(env: Environment, pairs: Pairs) -> None:
    """Seat ``pairs`` by the rules."""
    members: dict[int, list[int]] = defaultdict(list)
    for pool_id, member_id in pairs:
        members[pool_id].append(member_id)
    env[POOL]._grant(
        {
            env[POOL].browse(pool_id): env[MEMBER].browse(member_ids)
            for pool_id, member_ids in members.items()
        }
    )


def create(env: Environment, rows: list[dict[str, Any]]) -> None:
    """Create the same rows by the ORM, past the seat's own ``create``: without the
    rules of granting."""
    # Odoo finds addons once the registry is loaded.
    from odoo.addons.partner_managed_subscription.models.seat.subscription_seat import (
        SubscriptionSeat,
    )

    super(SubscriptionSeat, env[SEAT].sudo()).create(rows)


def insert(env: Environment, rows: list[dict[str, Any]]) -> None:
    """Insert the same rows by SQL, in one statement."""
    columns = ", ".join(rows[0])
    env.cr.execute_values(
        f"INSERT INTO subscription_seat ({columns}) VALUES %s",
        [tuple(row.values()) for row in rows],
        page_size=len(rows),
    )
