"""The job that renews by itself what is due, among many subscriptions that are not,
beside renewing the same by hand in one call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

from odoo.api import Environment
from odoo.orm.registry import Registry

from dataset import vacuum
from measure import Results, measure_in_turn, stopwatch, uncommitted
from term_dataset import BULK_PARTNER
from term_renew import ADDED, SUBSCRIPTION, renew

# The job takes at most so many times as long as one call by hand.
MOST_TIMES_BULK = 1.1
JOB, BULK = "the job", "one call by hand"
# Days until the terms of the partner end: they are due from this day on.
DAYS = 30


def measure(
    registry: Registry, results: Results, total: int, bulk: int, repetitions: int
) -> None:
    """Measure renewing the ``bulk`` clients of one partner, of ``total`` clients."""
    scenario = f"Renew {bulk:,} of {total:,} by themselves, each of them"
    with registry.cursor() as cr:
        vacuum(cr, *(model.replace(".", "_") for model in (SUBSCRIPTION, *ADDED)))
    doors = {JOB: _run_job, BULK: renew}
    values = measure_in_turn(
        scenario,
        {name: partial(_time, registry, bulk, door) for name, door in doors.items()},
        repetitions,
    )
    results.add(scenario, "ms", values)
    results.check_ratio(scenario, JOB, BULK, MOST_TIMES_BULK)


def _time(
    registry: Registry, bulk: int, door: Callable[[list[int], Environment], None]
) -> float:
    """Return the ms that ``door`` takes for each; nothing stays in the database.

    :raise RuntimeError: when it does not renew them all
    """
    with uncommitted(registry, 1) as env:
        ids = _make_due(env)
        with stopwatch() as elapsed:
            door(ids, env)
            env.cr.commit()
        scheduled = [("subscription_id", "in", ids), ("state", "=", "scheduled")]
        renewed = env["subscription.renewal"].search_count(scheduled)
        if not renewed == len(ids) == bulk:
            raise RuntimeError(f"{renewed} of {bulk} clients were renewed.")
        return elapsed() / bulk


def _make_due(env: Environment) -> list[int]:
    """Let the terms of the partner for bulk renewals end soon, and renew by themselves;
    return their ids."""
    partner = env["res.partner"].search([("ref", "=", f"bench-term-{BULK_PARTNER}")])
    terms = env[SUBSCRIPTION].search([("managing_partner_id", "=", partner.id)])
    terms.company_id.write({"self_renewal_days": DAYS, "legal_notice": False})
    env.flush_all()
    end = terms.company_id._get_today() + timedelta(days=DAYS)
    # SQL: the date of a term that runs is not written.
    env.cr.execute(
        "UPDATE sale_subscription SET date = %s, renewal_choice = 'same'"
        " WHERE id = ANY(%s)",
        [end, terms.ids],
    )
    env.invalidate_all()
    return terms.ids


def _run_job(_ids: list[int], env: Environment) -> None:
    env[SUBSCRIPTION]._cron_renew()
