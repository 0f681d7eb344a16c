"""Sending invoices to a mail server on this machine, alone and while others are billed.

What the job makes is committed: the e-mails go out by Odoo's own queue.
"""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from statistics import median
from typing import Any
from unittest.mock import patch

from odoo.api import Environment
from odoo.orm.registry import Registry

from billing import run_workers
from billing_dataset import BillingDataset
from billing_meter import Meter, read_memory
from measure import Results, environment
from smtp_server import CountingServer

INVOICES = 1_000
DELIVERY = "subscription.delivery"
PRODUCT = "delivery job"
MOST_GROWTH = 1.1
# Model, method and what its time is called: what is known of each invoice.
PARTS = (
    ("account.move", "_get_delivered_pdf", "document"),
    ("account.edi.xml.cii", "_export_invoice", "XML"),
)


def measure(
    registry: Registry, results: Results, data: BillingDataset, scale: float
) -> None:
    """Send some invoices, and as many again while the next are billed."""
    count = max(round(INVOICES * scale / 100), 1) * 100
    with CountingServer() as server:
        with environment(registry, 1) as env:
            _prepare(env, server.port)
        alone = run_workers(registry, data, 2 * count, 1)
        _send_alone(registry, results, server, count)
        beside = _send_beside(registry, results, data, count)
    rates = {
        "billing while invoices are sent": _get_rates(beside),
        "billing alone": _get_rates(alone),
    }
    scenario = f"Bill {count:,} while {count:,} are sent, each invoice: CPU"
    results.add(scenario, "ms", rates)
    results.check_ratio(scenario, *rates, MOST_GROWTH)


def _get_rates(runs: list[dict[str, Any]]) -> list[float]:
    return [
        chunk["cpu"] * 1000 / chunk["count"] for run in runs for chunk in run["chunks"]
    ]


def _prepare(env: Environment, port: int) -> None:
    """Let e-mails go to the counting server, from this company."""
    env["ir.mail_server"].search([]).active = False
    env["ir.mail_server"].create(
        {"name": "Counting", "smtp_host": "127.0.0.1", "smtp_port": port}
    )
    companies = env["res.company"].search([])
    companies.write({"email": "biller@bench.example", "delivery_limit": 0})
    env.cr.commit()


def _give_mailboxes(env: Environment, limit: int) -> None:
    """Give the clients that wait for their invoice a mailbox each; of the others, the
    invoices are noted as seen, so that ``limit`` are sent."""
    env.cr.execute(
        "UPDATE res_partner SET billing_email = concat('client', id, '@bench.example')"
        " WHERE id IN (SELECT client_id FROM subscription_statement)"
        " AND billing_email IS NULL"
    )
    env.cr.execute(
        "SELECT count(*) FROM subscription_statement"
        " WHERE is_delivery_noted IS NOT TRUE AND move_id IS NOT NULL"
    )
    [unseen] = env.cr.fetchone()
    env.cr.execute(
        "UPDATE subscription_statement SET is_delivery_noted = true WHERE id IN ("
        " SELECT id FROM subscription_statement WHERE is_delivery_noted IS NOT TRUE"
        " AND move_id IS NOT NULL ORDER BY id LIMIT %s)",
        [max(unseen - 2 * limit, 0)],
    )
    env.cr.commit()


@contextmanager
def _timed(env: Environment) -> Iterator[Counter]:
    """Give the CPU seconds of this process in each of ``PARTS``."""
    spent: Counter = Counter()

    def timed(original: Callable, name: str) -> Callable:
        def call(*args: Any, **kwargs: Any) -> Any:
            start = time.process_time()
            try:
                return original(*args, **kwargs)
            finally:
                spent[name] += time.process_time() - start

        return call

    with ExitStack() as stack:
        for model, method, name in PARTS:
            if model in env:
                owner = type(env[model])
                original = getattr(owner, method)
                patched = patch.object(owner, method, timed(original, name))
                stack.enter_context(patched)
        yield spent


def _run_job(env: Environment, chunks: list[float]) -> None:
    """Run the job as the scheduler does; note the memory after each chunk."""

    def commit(_cron: Any, processed: int = 0, **_values: Any) -> float:
        env.cr.commit()
        if processed:
            chunks.append(read_memory()[0])
        return float("inf")

    with patch.object(type(env["ir.cron"]), "_commit_progress", commit):
        env[DELIVERY]._send_all()


def _send_alone(
    registry: Registry, results: Results, server: CountingServer, count: int
) -> None:
    """Measure what sending ``count`` invoices takes, part by part."""
    scenario = f"Send {count:,} invoices, each"
    with environment(registry, 1) as env:
        _give_mailboxes(env, count)
        env[DELIVERY]._do_chunk(
            env[DELIVERY]._find_chunk, env[DELIVERY]._get_unseen_ids()[:count]
        )
        env.cr.commit()
        meter, chunks = Meter(env.cr), []
        with _timed(env) as spent:
            _run_job(env, chunks)
        made = meter.lap()
        env["mail.mail"].process_email_queue(batch_size=2 * count)
        env.cr.commit()
        sent = meter.lap()
    parts = {
        PRODUCT: made.cpu + sent.cpu,
        "of it rendering": spent["document"] - spent["XML"],
        "of it XML": spent["XML"],
        "of it writing e-mails": made.cpu - spent["document"],
        "of it Odoo's queue of e-mails": sent.cpu,
    }
    results.add(
        f"{scenario}: CPU",
        "ms",
        {name: [cpu * 1000 / count] for name, cpu in parts.items()},
    )
    minutes = (made.wall + sent.wall) / 60
    results.add(f"{scenario}: rate", "documents/min", {PRODUCT: [count / minutes]})
    results.add(f"{scenario}: bytes", "B", {PRODUCT: [server.bytes / count]})
    results.check(
        f"{scenario}: e-mails that arrived",
        f"{server.messages:,}",
        f"{count:,}",
        server.messages == count,
    )
    _check_memory(results, scenario, chunks)


def _check_memory(results: Results, scenario: str, chunks: list[float]) -> None:
    results.add(f"{scenario}: memory after a chunk", "MB", {PRODUCT: chunks})
    early = chunks[min(len(chunks) // 4, 10)]
    results.check(
        f"{scenario}: memory at the end",
        f"{chunks[-1] / early:.2f}x that near the beginning",
        f"at most {MOST_GROWTH:g}x",
        chunks[-1] <= MOST_GROWTH * early,
    )


def _send_beside(
    registry: Registry, results: Results, data: BillingDataset, count: int
) -> list[dict[str, Any]]:
    """Send ``count`` invoices while a process of its own bills as many; return what
    that says. Nothing may wait for a row of a delivery."""
    with environment(registry, 1) as env:
        env[DELIVERY]._do_chunk(
            env[DELIVERY]._find_chunk, env[DELIVERY]._get_unseen_ids()[:count]
        )
        env.cr.commit()
    stop, waits = threading.Event(), []

    def send() -> None:
        with environment(registry, 1) as env:
            _run_job(env, [])

    def watch() -> None:
        while not stop.wait(0.05):
            with registry.cursor() as cr:
                cr.execute(
                    "SELECT count(*) FROM pg_locks WHERE NOT granted AND (relation ="
                    " 'subscription_delivery'::regclass OR locktype = 'transactionid')"
                )
                waits.append(cr.fetchone()[0])

    sender, watcher = (threading.Thread(target=target) for target in (send, watch))

    def begin() -> None:
        sender.start()
        watcher.start()

    runs = run_workers(registry, data, count, 1, begin)
    stop.set()
    watcher.join()
    sender.join()
    results.check(
        f"Bill {count:,} while {count:,} are sent: looks that saw a lock waited for",
        f"{sum(map(bool, waits))} of {len(waits)}",
        "0",
        not any(waits),
    )
    results.add(
        f"Bill {count:,} while {count:,} are sent: seconds of billing",
        "s",
        {PRODUCT: [median(sum(one["wall"] for one in run["chunks"]) for run in runs)]},
    )
    return runs
