"""The job that starts the terms that are due, beside the same rows written without any
rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from odoo.api import Environment
from odoo.models import BaseModel
from odoo.orm.registry import Registry
from odoo.tools.misc import split_every

from dataset import vacuum
from measure import Results, environment, measure_in_turn, stopwatch, uncommitted
from usage import MOST_GROWTH

RENEWAL = "subscription.renewal"
LOG = "subscription.log"
CHUNK = 100
# What starting a term changes, in the order of the writes, and the ids of it.
CHANGED = {
    RENEWAL: (("state", "applied_at"), "SELECT unnest(%(ids)s)"),
    "subscription.seat.pool": (
        ("seat_limit", "is_unlimited", "licensed_seats"),
        "SELECT pool.id FROM subscription_seat_pool pool"
        " JOIN subscription_renewal USING (subscription_id)"
        " WHERE subscription_renewal.id = ANY(%(ids)s)",
    ),
    "sale.subscription": (
        ("date", "term_start", "term_years", "licences_to_renew"),
        "SELECT subscription_id FROM subscription_renewal WHERE id = ANY(%(ids)s)",
    ),
}
LOGGED = (
    "date",
    "user_id",
    "user_name",
    "client_id",
    "subscription_id",
    "company_id",
    "pool_id",
    "module_id",
    "event",
    "old_value",
    "new_value",
)

PRODUCT = "job"
ORM = "bare ORM write"
SQL_UPDATE = "plain SQL"

Row = dict[str, Any]


def measure(registry: Registry, results: Results, terms: int, repetitions: int) -> None:
    """Measure starting a tenth of the terms that are due, and all of them."""
    with environment(registry, 1) as env:
        due = len(_find_due(env))
    counts = (due // 10, due)
    for count in counts:
        _measure(registry, results, _get_scenario(count, terms), count, repetitions)
    few, many = (
        min(results.get(_get_scenario(count, terms), PRODUCT).values)
        for count in counts
    )
    results.check(
        f"{_get_scenario(due, terms)}: fastest run",
        f"{many / few:.2f}x that with {due // 10:,}",
        f"at most {MOST_GROWTH:g}x (noise)",
        many <= MOST_GROWTH * few,
    )


def _get_scenario(count: int, terms: int) -> str:
    return f"Start {count:,} of {terms:,} terms, each of them"


def _measure(
    registry: Registry, results: Results, scenario: str, count: int, repetitions: int
) -> None:
    """Measure starting ``count`` terms and its floors; nothing stays in the
    database."""
    chunks = _note_changes(registry, count)
    doors = {
        PRODUCT: _run_job,
        ORM: partial(_write, chunks),
        SQL_UPDATE: partial(_update, chunks),
    }
    with registry.cursor() as cr:
        vacuum(cr, *(model.replace(".", "_") for model in (*CHANGED, LOG)))
    values = measure_in_turn(
        scenario,
        {name: partial(_time, registry, door, count) for name, door in doors.items()},
        repetitions,
    )
    results.add(scenario, "ms", values)


@contextmanager
def _prepare(registry: Registry, count: int) -> Iterator[Environment]:
    """Give an environment in which ``count`` terms are due, and nothing is
    committed."""
    with uncommitted(registry, 1) as env:
        env.cr.execute(
            "UPDATE subscription_renewal SET date_start = date_start + 1"
            " WHERE id = ANY(%s)",
            [_find_due(env)[count:]],
        )
        env.invalidate_all()
        yield env


def _find_due(env: Environment) -> list[int]:
    return env[RENEWAL].search(env[RENEWAL]._get_due_domain(), order="id").ids


def _time(registry: Registry, door: Callable[[Environment], None], count: int) -> float:
    """Return the ms that ``door`` takes for each of ``count`` terms."""
    with _prepare(registry, count) as env, stopwatch() as elapsed:
        door(env)
    return elapsed() / count


def _run_job(env: Environment) -> None:
    """Start the terms by the rules."""
    env[RENEWAL]._cron_apply()


def _note_changes(registry: Registry, count: int) -> list[dict[str, list[Row]]]:
    """Return what the job writes: for each chunk, the rows of each model.

    :raise RuntimeError: when it starts other terms than those that are due
    """
    chunks = []
    with _prepare(registry, count) as env:
        ids = _find_due(env)
        env.cr.execute("SELECT coalesce(max(id), 0) FROM subscription_log")
        values = {"last_id": env.cr.fetchone()[0]}
        _run_job(env)
        for chunk_ids in split_every(CHUNK, ids):
            values["ids"] = list(chunk_ids)
            chunks.append(
                {
                    **{
                        model: _select(
                            env,
                            model,
                            ("id", *names),
                            f"id IN ({ids_of})",
                            values,
                        )
                        for model, (names, ids_of) in CHANGED.items()
                    },
                    LOG: _select(
                        env,
                        LOG,
                        LOGGED,
                        "id > %(last_id)s AND subscription_id IN ("
                        + CHANGED["sale.subscription"][1]
                        + ")",
                        values,
                    ),
                }
            )
    if any(row["state"] != "applied" for chunk in chunks for row in chunk[RENEWAL]):
        raise RuntimeError("Terms that are due were not started.")
    return chunks


def _select(
    env: Environment, model: str, names: tuple[str, ...], where: str, values: Row
) -> list[Row]:
    table = env[model]._table
    env.cr.execute(f"SELECT {', '.join(names)} FROM {table} WHERE {where}", values)
    return env.cr.dictfetchall()


def _write(chunks: list[dict[str, list[Row]]], env: Environment) -> None:
    """Write the same rows by the ORM, those that are alike together, without the rules
    of starting."""
    for chunk in chunks:
        for model in CHANGED:
            alike = defaultdict(list)
            for row in chunk[model]:
                values = tuple((name, row[name]) for name in row if name != "id")
                alike[values].append(row["id"])
            for values, ids in alike.items():
                BaseModel.write(env[model].browse(ids), dict(values))
        BaseModel.create(env[LOG], chunk[LOG])
        env.cr.commit()


def _update(chunks: list[dict[str, list[Row]]], env: Environment) -> None:
    """Write the same rows by SQL, in one statement a table."""
    for chunk in chunks:
        for model, (names, _ids_of) in CHANGED.items():
            changes = ", ".join(f"{name} = changed.{name}" for name in names)
            env.cr.execute_values(
                f"UPDATE {env[model]._table} this SET {changes} FROM (VALUES %s)"
                f" changed (id, {', '.join(names)}) WHERE this.id = changed.id",
                [tuple(row.values()) for row in chunk[model]],
                page_size=len(chunk[model]),
            )
        env.cr.execute_values(
            f"INSERT INTO subscription_log ({', '.join(LOGGED)}) VALUES %s",
            [tuple(row.values()) for row in chunk[LOG]],
            page_size=len(chunk[LOG]),
        )
        env.cr.commit()
