"""The job that bills, beside Odoo's own create and post of the same lines, the job of
subscription_oca and that of OCA's contract.

All data is committed: what a batch made stays, and the journal grows by it.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from configparser import ConfigParser
from functools import partial
from importlib import import_module
from pathlib import Path
from statistics import median
from types import ModuleType
from typing import Any
from unittest.mock import patch

from odoo.api import Environment
from odoo.orm.registry import Registry

import billing_reconciliation
from billing_dataset import BillingDataset
from billing_meter import Cost, measured
from measure import Results, environment, progress

WORKER = Path(__file__).with_name("billing_worker.py")
ENGINE = "odoo.addons.partner_managed_subscription.models.billing"
SUBSCRIPTION = "sale.subscription"
BATCH = 100
INVOICES = 30_000
DUE = (1_000, 10_000)

PRODUCT = "job"
ORDINARY = "job, ordinary path"
BARE = "Odoo's create and post"
UPSTREAM = "subscription_oca's job"
CONTRACT = "contract's job"
# {variant: so many times what ours takes, at least}
LEAST_FASTER = {UPSTREAM: 4, CONTRACT: 1.8}
MOST_OF_BARE = {PRODUCT: 0.7, ORDINARY: 1.1}
MOST_GROWTH = 1.1
MOST_MEMORY = 200
LEAST_OF_TWO = 1.5

# Prepares one batch, gives it to the meter, and returns how many invoices were posted.
Door = Callable[[Environment], int]


def get_options() -> list[str]:
    """Return the options of Odoo with which it finds the addons to compare with."""
    folder = os.environ.get("PMS_BENCH_ADDONS")
    if not folder:
        return []
    parser = ConfigParser()
    parser.read(os.environ["ODOO_RC"])
    paths = parser["options"]["addons_path"]
    return [f"--addons-path={paths},{folder}"]


def install_contract(registry: Registry) -> Registry:
    """Install OCA's contract where it is there; return the registry."""
    with environment(registry, 1) as env:
        env["ir.module.module"].update_list()
        modules = env["ir.module.module"].search([("name", "=", "contract")])
        env.cr.commit()
    if not modules:
        return registry
    return Registry.new(
        registry.db_name, update_module=True, install_modules=["contract"]
    )


def measure(
    registry: Registry,
    results: Results,
    data: BillingDataset,
    scale: float,
    repetitions: int,
) -> None:
    """Measure batches in an empty journal and a full one, and whole runs of the job."""
    counts = (0, round(INVOICES * scale))
    for invoices in counts:
        if invoices:
            _fill_journal(registry, data, invoices)
        _Batches(registry, results, data, invoices).measure(repetitions)
    _check_growth(results, counts)
    _measure_runs(registry, results, data, scale)
    billing_reconciliation.measure(registry, results, data, repetitions)


def _fill_journal(registry: Registry, data: BillingDataset, invoices: int) -> None:
    with environment(registry, 1) as env:
        statements = env["subscription.statement"]
        statement = statements.search([("move_id.state", "=", "posted")], limit=1)
        data.fill_journal(env, statement.move_id, invoices)
        data.renew_statistics(env.cr)


class _Batches:
    """Batches of 100, one variant after the other."""

    def __init__(
        self,
        registry: Registry,
        results: Results,
        data: BillingDataset,
        invoices: int,
    ) -> None:
        self.registry, self.results, self.data = registry, results, data
        self.invoices = invoices
        self.scenario = _get_scenario(invoices)

    def measure(self, repetitions: int) -> None:
        """Measure all variants in turn and check them."""
        values = self._prepare_bare()
        variants = {
            PRODUCT: ("managed", _bill),
            ORDINARY: ("managed", _bill_ordinary),
            BARE: (None, partial(_create_and_post, values)),
            UPSTREAM: ("unmanaged", _run_upstream),
        }
        if "contract" in self.data.templates:
            variants[CONTRACT] = ("contract", _run_contract)
        costs: dict[str, list[Cost]] = {name: [] for name in variants}
        for name in progress(self.scenario, [*variants] * (repetitions + 1)):
            costs[name].append(self._run(*variants[name]))
        for what, unit, attribute in (
            ("CPU", "ms", "cpu"),
            ("wall", "ms", "wall"),
            ("queries", "queries", "queries"),
        ):
            factor = 1000 if unit == "ms" else 1
            self.results.add(
                f"{self.scenario}: {what}",
                unit,
                {
                    name: [getattr(one, attribute) * factor / BATCH for one in some[1:]]
                    for name, some in costs.items()
                },
            )
        self._check(variants)

    def _prepare_bare(self) -> list[dict[str, Any]]:
        """Return the values of the invoices that the job would make of a batch, and
        take that out of what is due."""
        with environment(self.registry, 1) as env:
            ids = self.data.supply(env.cr, "managed", BATCH)
            records = env[SUBSCRIPTION].browse(ids)
            plans, _obstacles = records._plan_due({})
            builder = _import("invoice_builder").InvoiceBuilder(records.company_id)
            values = [builder.build(some) for some in plans.values()]
            env.cr.execute(
                "UPDATE sale_subscription SET recurring_next_date = NULL"
                " WHERE id = ANY(%s)",
                [ids],
            )
            env.cr.commit()
        return values

    def _run(self, kind: str | None, door: Door) -> Cost:
        """Return what ``door`` takes for one batch.

        :raise RuntimeError: when it posts another number of invoices
        """
        with self.registry.cursor() as cr:
            if kind:
                self.data.supply(cr, kind, BATCH)
            self.data.renew_statistics(cr)
        with environment(self.registry, 1) as env:
            last = _get_last_move(env)
            at_work = self.data.at_work(env)
            with measured(env.cr) as cost:
                door(at_work)
                env.cr.commit()
            env.cr.execute(
                "SELECT count(*) FROM account_move WHERE id > %s AND state = 'posted'",
                [last],
            )
            [posted] = env.cr.fetchone()
        if posted != BATCH:
            raise RuntimeError(f"{posted} of {BATCH} invoices were posted.")
        return cost

    def _check(self, variants: dict[str, Any]) -> None:
        scenario = f"{self.scenario}: CPU"
        for name, most in MOST_OF_BARE.items():
            self.results.check_ratio(scenario, name, BARE, most)
        ours = self.results.get(scenario, PRODUCT).median
        for name, least in LEAST_FASTER.items():
            if name in variants:
                ratio = self.results.get(scenario, name).median / ours
                self.results.check(
                    f"{scenario}: faster than {name}",
                    f"{ratio:.1f}x",
                    f"at least {least:g}x",
                    ratio >= least,
                )


def _get_scenario(invoices: int) -> str:
    journal = f"{invoices:,} invoices in the journal" if invoices else "empty journal"
    return f"Bill in batches of {BATCH}, {journal}, each invoice"


def _get_last_move(env: Environment) -> int:
    env.cr.execute("SELECT coalesce(max(id), 0) FROM account_move")
    return env.cr.fetchone()[0]


def _check_growth(results: Results, counts: tuple[int, int]) -> None:
    few, many = (
        min(results.get(f"{_get_scenario(count)}: CPU", PRODUCT).values)
        for count in counts
    )
    results.check(
        f"{_get_scenario(counts[1])}: CPU, fastest batch",
        f"{many / few:.2f}x that in an empty one",
        f"at most {MOST_GROWTH:g}x",
        many <= MOST_GROWTH * few,
    )


def _import(name: str) -> ModuleType:
    """Return a module of the engine: it can be imported once Odoo has its options."""
    return import_module(f"{ENGINE}.{name}")


# ---------------------------------------------------------------------- doors


def _bill(env: Environment) -> None:
    """Bill a batch as the job does."""
    env[SUBSCRIPTION]._claim_due(0, BATCH)._bill()


def _bill_ordinary(env: Environment) -> None:
    """Bill a batch with taxes that Odoo computes when it creates the invoices."""
    taxes = _import("batch_taxes").BatchTaxes
    with patch.object(taxes, "is_foreseen", return_value=False):
        _bill(env)


def _create_and_post(values: list[dict[str, Any]], env: Environment) -> None:
    """Create and post the same invoices without statements."""
    env["account.move"].create(values).action_post()


def _run_upstream(env: Environment) -> None:
    """Let subscription_oca's job bill and post, without sending e-mails."""
    send = type(env["account.move.send"])
    with patch.object(send, "_generate_and_send_invoices"):
        env[SUBSCRIPTION].cron_subscription_management()


def _run_contract(env: Environment) -> None:
    """Let contract's job make its drafts, and post them together."""
    last = _get_last_move(env)
    env["contract.contract"].cron_recurring_create_invoice()
    env["account.move"].search([("id", ">", last)]).action_post()


# ---------------------------------------------------------------------- whole runs


def _measure_runs(
    registry: Registry, results: Results, data: BillingDataset, scale: float
) -> None:
    """Measure the job with few and many subscriptions due, its memory, and two of it at
    once."""
    # In the smallest runs there still is something to compare.
    few, many = (
        max(round(due * scale / BATCH), least) * BATCH
        for due, least in zip(DUE, (2, 5), strict=True)
    )
    runs = {}
    for due in (few, many):
        [runs[due]] = run_workers(registry, data, due, 1)
        results.add(
            f"Job with {due:,} due, each invoice: CPU",
            "ms",
            {PRODUCT: [_get_ms(chunk) for chunk in runs[due]["chunks"]]},
        )
    small, large = (
        median(_get_ms(chunk) for chunk in runs[due]["chunks"]) for due in (few, many)
    )
    results.check(
        f"Job with {many:,} due: CPU",
        f"{large / small:.2f}x that with {few:,}",
        f"at most {MOST_GROWTH:g}x",
        large <= MOST_GROWTH * small,
    )
    _check_memory(results, many, runs[many])
    _measure_two(registry, results, data, few)


def _get_ms(chunk: dict[str, float]) -> float:
    return chunk["cpu"] * 1000 / chunk["count"]


def _check_memory(results: Results, due: int, run: dict[str, Any]) -> None:
    used = [chunk["memory"] for chunk in run["chunks"]]
    results.add(f"Job with {due:,} due: memory after a chunk", "MB", {PRODUCT: used})
    results.check(
        f"Job with {due:,} due: most memory",
        f"{run['most']:.0f} MB",
        f"at most {MOST_MEMORY} MB",
        run["most"] <= MOST_MEMORY,
    )
    early = used[min(len(used) // 2, 5)]
    results.check(
        f"Job with {due:,} due: memory at the end",
        f"{used[-1] / early:.2f}x that near the beginning",
        f"at most {MOST_GROWTH:g}x",
        used[-1] <= MOST_GROWTH * early,
    )


def _measure_two(
    registry: Registry, results: Results, data: BillingDataset, due: int
) -> None:
    """Compare what two jobs bill in a second with what one does."""
    rates: dict[str, list[float]] = {"two jobs": [], "one job": []}
    for name, workers in (("one job", 1), ("two jobs", 2)):
        walls = [
            sum(chunk["wall"] for chunk in run["chunks"])
            for run in run_workers(registry, data, due * workers, workers)
        ]
        rates[name] = [due * workers / max(walls)]
    scenario = f"Jobs at once, {due:,} due for each"
    results.add(scenario, "invoices/s", rates)
    two, one = rates["two jobs"][0], rates["one job"][0]
    results.check(
        scenario,
        f"two bill {two / one:.2f}x what one bills",
        f"at least {LEAST_OF_TWO:g}x",
        two >= LEAST_OF_TWO * one,
    )


def run_workers(
    registry: Registry,
    data: BillingDataset,
    due: int,
    count: int,
    begin: Callable[[], None] | None = None,
) -> list[dict[str, Any]]:
    """Let ``count`` processes bill ``due`` subscriptions at once; return what they say.

    :param begin: called when they are ready and start
    :raise RuntimeError: when they did not bill each once
    """
    with registry.cursor() as cr:
        data.supply(cr, "managed", due)
        data.renew_statistics(cr)
    command = [sys.executable, str(WORKER), *get_options()]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    workers = [subprocess.Popen(command, env=os.environ, **pipes) for _ in range(count)]
    for worker in workers:
        if worker.stdout.readline().strip() != "ready":
            raise RuntimeError("A job did not start.")
    if begin:
        begin()
    for worker in workers:
        worker.stdin.write("\n")
        worker.stdin.flush()
    runs = [json.loads(worker.communicate()[0]) for worker in workers]
    billed = sum(chunk["count"] for run in runs for chunk in run["chunks"])
    if billed != due:
        raise RuntimeError(f"{billed} subscriptions were billed, {due} were due.")
    return runs
