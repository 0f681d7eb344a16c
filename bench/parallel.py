"""Sixteen clients that grant seats at the same time, each grant in its own request."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from odoo.api import Environment
from odoo.orm.registry import Registry
from odoo.service.model import retrying

from dataset import vacuum
from grants import (
    ORM,
    PRODUCT,
    SQL_INSERT,
    Pairs,
    create,
    find_room,
    grant,
    insert,
    make_client,
    prepare_rows,
)
from measure import Results, environment, measure_in_turn

CLIENTS = 16
# At least so many times the grants a second of the bare ORM, and none so slow (ms).
LEAST_OF_ORM = 0.5
SLOWEST = 500

Door = Callable[[Environment, list[Any]], None]


@dataclass
class Tally:
    """What happened to the grants of one variant, over all repetitions."""

    latencies: list[float] = field(default_factory=list)
    errors: Counter[str] = field(default_factory=Counter)
    retries: int = 0


def measure(registry: Registry, results: Results, seats: int, repetitions: int) -> None:
    """Measure ``seats`` grants that fill one pool to its last seat, and as many in
    different pools."""
    with environment(registry, 1) as env:
        uid = env.ref("base.user_admin").id
        pool_id, member_ids = make_client(env, seats)
        env.cr.execute(
            "UPDATE subscription_seat_pool SET seat_limit = %s WHERE id = %s",
            [seats, pool_id],
        )
        env.cr.commit()
        hot = [(pool_id, member_id) for member_id in member_ids]
        many = find_room(env, seats, per_pool=1)
    for where, pairs in (("one pool", hot), ("many pools", many)):
        scenario = f"{CLIENTS} clients grant {len(pairs):,} seats of {where}"
        tallies = _measure(registry, results, uid, scenario, pairs, repetitions)
        _check(results, scenario, tallies[PRODUCT])


def _measure(
    registry: Registry,
    results: Results,
    uid: int,
    scenario: str,
    pairs: Pairs,
    repetitions: int,
) -> dict[str, Tally]:
    """Measure seating ``pairs`` and its floors; return what happened to the grants."""
    with environment(registry, uid) as env:
        rows = prepare_rows(env, uid, pairs)
    tallies = {PRODUCT: Tally(), ORM: Tally(), SQL_INSERT: Tally()}
    doors: dict[str, tuple[Door, list[Any]]] = {
        PRODUCT: (grant, pairs),
        ORM: (create, rows),
        SQL_INSERT: (insert, rows),
    }
    rates = measure_in_turn(
        scenario,
        {
            variant: partial(_run, registry, uid, door, what, tallies[variant])
            for variant, (door, what) in doors.items()
        },
        repetitions,
    )
    results.add(scenario, "grants/s", rates)
    results.add(
        f"{scenario}: one of them",
        "ms",
        {variant: tally.latencies for variant, tally in tallies.items()},
    )
    return tallies


def _check(results: Results, scenario: str, tally: Tally) -> None:
    """Check that every grant went through at the first try, and how fast they were."""
    product, floor = (results.get(scenario, name).median for name in (PRODUCT, ORM))
    results.check(
        f"{scenario}: grants a second",
        f"{product / floor:.2f}x {ORM}",
        f"at least {LEAST_OF_ORM:g}x {ORM}",
        product >= LEAST_OF_ORM * floor,
    )
    errors = ", ".join(f"{count} {name}" for name, count in tally.errors.items())
    results.check(f"{scenario}: errors", errors or "none", "none", not tally.errors)
    results.check(
        f"{scenario}: retries with a pause", f"{tally.retries}", "0", not tally.retries
    )
    slowest = max(tally.latencies)
    results.check(
        f"{scenario}: slowest grant",
        f"{slowest:.0f} ms",
        f"below {SLOWEST} ms",
        slowest < SLOWEST,
    )


def _run(
    registry: Registry, uid: int, door: Door, what: list[Any], tally: Tally
) -> float:
    """Let the clients share ``what`` between them; return how many grants a second went
    through. What they granted is deleted afterwards."""
    with registry.cursor() as cr:
        cr.execute("SELECT coalesce(max(id), 0) FROM subscription_seat")
        [last_id] = cr.fetchone()
    seconds = race(registry, uid, door, what, tally)
    return _clean(registry, last_id) / seconds


def race(
    registry: Registry, uid: int, door: Door, what: list[Any], tally: Tally
) -> float:
    """Let the clients share ``what`` between them, each item in a request of its own;
    return the seconds that all took."""
    barrier = threading.Barrier(CLIENTS + 1)
    clients = [
        threading.Thread(
            target=_be_client,
            args=(registry, uid, door, what[number::CLIENTS], tally, barrier),
        )
        for number in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    barrier.wait()
    start = time.perf_counter()
    for client in clients:
        client.join()
    return time.perf_counter() - start


def _be_client(
    registry: Registry,
    uid: int,
    door: Door,
    what: list[Any],
    tally: Tally,
    barrier: threading.Barrier,
) -> None:
    """Do ``what`` one after the other, each in a request of its own."""
    threading.current_thread().dbname = registry.db_name
    barrier.wait()
    for item in what:
        start = time.perf_counter()
        with environment(registry, uid) as env:
            calls = _call(env, door, item, tally)
        tally.latencies.append((time.perf_counter() - start) * 1000)
        tally.retries += calls - 1


def _call(env: Environment, door: Door, item: Any, tally: Tally) -> int:
    """Call ``door`` as Odoo calls a request, with retries and commit; return how often
    it was called."""
    calls = []

    def request() -> None:
        calls.append(item)
        door(env, [item])

    try:
        retrying(request, env)
    except Exception as error:
        tally.errors[type(error).__name__] += 1
    return len(calls)


def _clean(registry: Registry, last_id: int) -> int:
    """Delete the seats given after ``last_id``; return how many there were."""
    with registry.cursor() as cr:
        cr.execute("DELETE FROM subscription_seat WHERE id > %s", [last_id])
        deleted = cr.rowcount
        cr.commit()
        vacuum(cr, "subscription_seat")
    return deleted
