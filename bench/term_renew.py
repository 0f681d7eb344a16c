"""Opening *Renew* on the clients of one partner, and renewing them in one call, beside
the same rows read or created without any rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from odoo.api import Environment
from odoo.models import BaseModel
from odoo.orm.registry import Registry
from odoo.tests import Form

from dataset import vacuum
from measure import SHORT, Results, environment, measure_in_turn, stopwatch
from term_dataset import BULK_PARTNER
from usage import MOST_GROWTH, get_staff_id

SUBSCRIPTION = "sale.subscription"
# The models that a renewal adds to, in the order of the inserts, and what it sets.
ADDED = {
    "subscription.renewal": (
        "subscription_id",
        "client_id",
        "company_id",
        "currency_id",
        "previous_end",
        "date_start",
        "date_end",
        "years",
        "licences",
        "amount",
        "state",
        "user_id",
    ),
    "subscription.renewal.line": (
        "renewal_id",
        "pool_id",
        "module_id",
        "is_base",
        "sequence",
        "seats",
        "is_unlimited",
        "licences",
        "price_unit",
    ),
    "subscription.licence.move": (
        "account_id",
        "partner_id",
        "module_id",
        "company_id",
        "date",
        "user_id",
        "user_name",
        "kind",
        "number",
        "quantity",
        "balance",
        "subscription_id",
        "renewal_id",
    ),
    "subscription.log": (
        "date",
        "user_id",
        "user_name",
        "client_id",
        "subscription_id",
        "company_id",
        "event",
        "old_value",
        "new_value",
    ),
}

# What the wizard must know to show what a renewal takes.
READ = {
    SUBSCRIPTION: ("client_id", "date", "term_start", "term_years", "in_progress"),
    "subscription.seat.pool": (
        "subscription_id",
        "module_id",
        "managing_partner_id",
        "seat_limit",
        "is_unlimited",
    ),
}

OPEN, RENEW = "Open Renew", "Renew"
PRODUCT = {OPEN: "wizard", RENEW: "renewal"}
ORM = {OPEN: "bare ORM read", RENEW: "bare ORM create"}
FLOOR = "plain SQL"

# The rows that are added to each model, and the new balances of the stocks.
Rows = dict[str, list[dict[str, Any]]]


def measure(registry: Registry, results: Results, bulk: int, repetitions: int) -> None:
    """Measure renewing 1, a tenth and all of the ``bulk`` clients of one partner."""
    with environment(registry, 1) as env:
        partner = env["res.partner"].search(
            [("ref", "=", f"bench-term-{BULK_PARTNER}")]
        )
        uid = get_staff_id(env, partner.id)
        ids = env[SUBSCRIPTION].search([("managing_partner_id", "=", partner.id)]).ids
        env.cr.commit()
    counts = (1, bulk // 10, bulk)
    for what in (OPEN, RENEW):
        for count in counts:
            _measure(registry, results, what, uid, ids[:count], repetitions)
        few, many = (
            min(results.get(_get_scenario(what, count), PRODUCT[what]).values)
            for count in counts[1:]
        )
        results.check(
            f"{_get_scenario(what, bulk)}: fastest run",
            f"{many / few:.2f}x that with {bulk // 10:,}",
            f"at most {MOST_GROWTH:g}x (noise)",
            many <= MOST_GROWTH * few,
        )


def _get_scenario(what: str, count: int) -> str:
    return f"{what}, {count:,} {'client' if count == 1 else 'clients, each of them'}"


def _measure(
    registry: Registry,
    results: Results,
    what: str,
    uid: int,
    ids: list[int],
    repetitions: int,
) -> None:
    """Measure doing ``what`` with ``ids`` and its floors; nothing stays in the
    database."""
    if what == OPEN:
        doors = {
            PRODUCT[what]: partial(_open, ids),
            ORM[what]: partial(_read, ids),
            FLOOR: partial(_select_shown, ids),
        }
    else:
        rows = _note_rows(registry, uid, ids)
        doors = {
            PRODUCT[what]: partial(renew, ids),
            ORM[what]: partial(_create, rows),
            FLOOR: partial(_insert, rows),
        }
    with registry.cursor() as cr:
        vacuum(cr, *(model.replace(".", "_") for model in ADDED))
    values = measure_in_turn(
        _get_scenario(what, len(ids)),
        {
            variant: partial(_time, registry, uid, door, len(ids))
            for variant, door in doors.items()
        },
        repetitions * (SHORT if len(ids) <= 100 else 1),
    )
    results.add(_get_scenario(what, len(ids)), "ms", values)


def _time(
    registry: Registry, uid: int, door: Callable[[Environment], None], count: int
) -> float:
    """Return the ms that ``door`` takes for each of ``count`` clients."""
    with environment(registry, uid) as env, stopwatch() as elapsed:
        door(env)
        env.flush_all()
    return elapsed() / count


def _open(ids: list[int], env: Environment) -> None:
    """Open the wizard as the web client does."""
    Form(env["subscription.renew"].with_context(default_subscription_ids=ids))


def _read(ids: list[int], env: Environment) -> None:
    """Read the subscriptions and their pools, without working out anything."""
    env[SUBSCRIPTION].browse(ids).read(READ[SUBSCRIPTION])
    env["subscription.seat.pool"].search_read(
        [("subscription_id", "in", ids)], READ["subscription.seat.pool"]
    )


def _select_shown(ids: list[int], env: Environment) -> None:
    """Add up by SQL what a renewal takes of each module, and the seats in use."""
    env.cr.execute(
        """
        SELECT pool.managing_partner_id, pool.module_id, last.balance,
               count(DISTINCT pool.client_id), sum(pool.seat_limit), sum(seat.used)
          FROM subscription_seat_pool pool
          JOIN sale_subscription term ON term.id = pool.subscription_id
          LEFT JOIN subscription_licence_account account
            ON account.partner_id = pool.managing_partner_id
           AND account.module_id = pool.module_id
          LEFT JOIN LATERAL (
               SELECT balance FROM subscription_licence_move
                WHERE account_id = account.id ORDER BY number DESC LIMIT 1
               ) last ON TRUE
         CROSS JOIN LATERAL (
               SELECT count(*) AS used FROM subscription_seat
                WHERE pool_id = pool.id AND number IS NOT NULL AND released_at IS NULL
               ) seat
         WHERE term.id = ANY(%s) AND term.in_progress
         GROUP BY 1, 2, 3
        """,
        [ids],
    )


def renew(ids: list[int], env: Environment) -> None:
    """Renew subscriptions for a year, with the same seats, as their partner."""
    env["subscription.renewal"]._schedule(
        {
            subscription: subscription._prepare_term_request()
            for subscription in env[SUBSCRIPTION].browse(ids)
        }
    )


def _note_rows(registry: Registry, uid: int, ids: list[int]) -> Rows:
    """Return what renewing ``ids`` adds: the rows of each model.

    :raise RuntimeError: when it does not renew them all
    """
    with environment(registry, uid) as env:
        last_ids = {model: _get_last_id(env, model) for model in ADDED}
        renew(ids, env)
        env.flush_all()
        rows = {
            model: _select(env, model, names, "id > %s", last_ids[model])
            for model, names in ADDED.items()
        }
        renewal_ids = {row["renewal_id"] for row in rows["subscription.renewal.line"]}
    if len(renewal_ids) != len(ids):
        raise RuntimeError(f"{len(renewal_ids)} of {len(ids)} clients were renewed.")
    _number(rows, sorted(renewal_ids))
    return rows


def _get_last_id(env: Environment, model: str) -> int:
    env.cr.execute(f"SELECT coalesce(max(id), 0) FROM {env[model]._table}")
    return env.cr.fetchone()[0]


def _select(
    env: Environment, model: str, names: tuple[str, ...], where: str, value: Any
) -> list[dict[str, Any]]:
    env.cr.execute(
        f"SELECT {', '.join(names)} FROM {env[model]._table} WHERE {where} ORDER BY id",
        [value],
    )
    return env.cr.dictfetchall()


def _number(rows: Rows, renewal_ids: list[int]) -> None:
    """Say in ``rows`` which of the renewals a row belongs to, instead of its id."""
    places = {renewal_id: place for place, renewal_id in enumerate(renewal_ids)}
    for model_rows in rows.values():
        for row in model_rows:
            if "renewal_id" in row:
                row["renewal_id"] = places[row["renewal_id"]]


def _refer(rows: list[dict[str, Any]], ids: list[int]) -> list[dict[str, Any]]:
    """Return ``rows`` with the ids of the renewals that they belong to."""
    return [
        {**row, "renewal_id": ids[row["renewal_id"]]} if "renewal_id" in row else row
        for row in rows
    ]


def _create(rows: Rows, env: Environment) -> None:
    """Create the same rows by the ORM, without the rules of renewing."""
    ids: list[int] = []
    for model in ADDED:
        records = BaseModel.create(env[model].sudo(), _refer(rows[model], ids))
        ids = ids or records.ids


def _insert(rows: Rows, env: Environment) -> None:
    """Insert the same rows by SQL, in one statement a table."""
    ids: list[int] = []
    for model, names in ADDED.items():
        added = env.cr.execute_values(
            f"INSERT INTO {env[model]._table} ({', '.join(names)}) VALUES %s"
            " RETURNING id",
            [tuple(row.values()) for row in _refer(rows[model], ids)],
            page_size=len(rows[model]),
            fetch=True,
        )
        ids = ids or [new_id for (new_id,) in added]
