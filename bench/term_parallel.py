"""Sixteen clients that take licences from one stock at the same time, more than there
are, each in its own request."""

from __future__ import annotations

from functools import partial

import psycopg2.errors

from odoo.api import Environment
from odoo.orm.registry import Registry

from measure import Results, environment, measure_in_turn
from parallel import CLIENTS, Door, Tally, race
from term_dataset import BULK_PARTNER

ACCOUNT = "subscription.licence.account"
# Of so many that are asked for, one is not in stock.
ASKED_PER_MISSING = 4

PRODUCT = "licences"
SQL_INSERT = "plain SQL, retried"

# The last entry of a ledger.
LAST = """
    SELECT * FROM subscription_licence_move WHERE account_id = %(id)s
     ORDER BY number DESC LIMIT 1
"""

# What a client asks for: the stock, and how many licences.
Take = tuple[int, int]


def measure(registry: Registry, results: Results, asked: int, repetitions: int) -> None:
    """Measure ``asked`` takes of a licence from a stock that has fewer."""
    with environment(registry, 1) as env:
        uid = env.ref("base.user_admin").id
        account = env[ACCOUNT].search(
            [("partner_id.ref", "=", f"bench-term-{BULK_PARTNER}")], limit=1
        )
        account_id, stock = account.id, asked - asked // ASKED_PER_MISSING
    scenario = f"{CLIENTS} clients take {asked:,} licences of {stock:,} in stock"
    tallies = {PRODUCT: Tally(), SQL_INSERT: Tally()}
    doors: dict[str, Door] = {PRODUCT: _take, SQL_INSERT: _insert}
    left: list[tuple[int, int]] = []
    values = measure_in_turn(
        scenario,
        {
            name: partial(
                _run,
                registry,
                uid,
                door,
                [(account_id, 1)] * asked,
                stock,
                tallies[name],
                left,
            )
            for name, door in doors.items()
        },
        repetitions,
    )
    results.add(scenario, "takes/s", values)
    results.add(
        f"{scenario}: one of them",
        "ms",
        {variant: tally.latencies for variant, tally in tallies.items()},
    )
    _check(results, scenario, tallies[PRODUCT], left)


def _check(
    results: Results, scenario: str, tally: Tally, left: list[tuple[int, int]]
) -> None:
    """Check that the stock was emptied, that no licence was given twice, and that every
    take was either served or refused."""
    results.check(
        f"{scenario}: left in stock, more by the balance than by the ledger",
        ", ".join(sorted({f"{balance}, {gap}" for balance, gap in left})),
        "0, 0",
        set(left) == {(0, 0)},
    )
    errors = {name: n for name, n in tally.errors.items() if name != "LicenceRefusal"}
    results.check(
        f"{scenario}: errors other than a refusal",
        ", ".join(f"{count} {name}" for name, count in errors.items()) or "none",
        "none",
        not errors,
    )


def _run(
    registry: Registry,
    uid: int,
    door: Door,
    what: list[Take],
    stock: int,
    tally: Tally,
    left: list[tuple[int, int]],
) -> float:
    """Let the clients take ``what`` from ``stock``; return how many a second were
    served. What they did is undone, and what was left noted."""
    account_id = what[0][0]
    with registry.cursor() as cr:
        cr.execute("SELECT max(id) FROM subscription_licence_move")
        [last_id] = cr.fetchone()
        cr.execute(
            f"""
            INSERT INTO subscription_licence_move (
                account_id, partner_id, module_id, company_id, date, user_id, kind,
                number, quantity, balance)
            SELECT account_id, partner_id, module_id, company_id, now(), 1, 'given',
                   number + 1, %(stock)s - balance, %(stock)s
              FROM ({LAST}) last
            """,
            {"stock": stock, "id": account_id},
        )
        cr.commit()
    seconds = race(registry, uid, door, what, tally)
    with registry.cursor() as cr:
        cr.execute(LAST, {"id": account_id})
        balance = cr.dictfetchone()["balance"]
        cr.execute(
            "DELETE FROM subscription_licence_move WHERE id > %s"
            " RETURNING kind, quantity",
            [last_id],
        )
        taken = -sum(quantity for kind, quantity in cr.fetchall() if kind == "renewal")
        cr.commit()
    left.append((int(balance), int(balance - stock + taken)))
    return float(taken) / seconds


def _take(env: Environment, takes: list[Take]) -> None:
    """Take licences by the rules."""
    env[ACCOUNT]._post(
        [
            {"account_id": account_id, "kind": "renewal", "quantity": -quantity}
            for account_id, quantity in takes
        ]
    )


def _insert(env: Environment, takes: list[Take]) -> None:
    """Take licences by SQL, again at once while others are at it."""
    while True:
        try:
            for take in takes:
                _insert_one(env, *take)
            env.cr.commit()
            return
        except (
            psycopg2.errors.SerializationFailure,
            psycopg2.errors.UniqueViolation,
        ):
            env.cr.rollback()


def _insert_one(env: Environment, account_id: int, quantity: int) -> None:
    env.cr.execute(
        f"""
        INSERT INTO subscription_licence_move (
            account_id, partner_id, module_id, company_id, date, user_id, kind,
            number, quantity, balance)
        SELECT account_id, partner_id, module_id, company_id, now(), %(uid)s,
               'renewal', number + 1, -%(quantity)s, balance - %(quantity)s
          FROM ({LAST}) last
         WHERE balance >= %(quantity)s
        """,
        {"id": account_id, "quantity": quantity, "uid": env.uid},
    )
