"""Measures the lists of contacts and usage, the dashboard, granting seats, parallel
clients, live gauges, all that has to do with terms, the pages of the portal, billing,
and sending invoices, beside their floors.

Needs ODOO_RC, and PMS_BENCH_DB: a fresh database with the addon, which is filled.
PMS_BENCH_ADDONS may name a folder with addons to compare with, which are installed when
their section comes. `make bench` gives all three, and passes ARGS on.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from pathlib import Path

from odoo.modules.registry import Registry
from odoo.tools import config

import billing
import contacts
import dashboard
import delivery
import grants
import guard
import live
import parallel
import portal
import renewals
import revenue
import usage
from billing_dataset import BillingDataset
from dataset import SEATS_PER_CLIENT, Dataset
from measure import Results, environment
from report import as_markdown, describe_machine

RESULTS = Path(__file__).with_name("RESULTS.md")
SECTIONS = (
    *("contacts", "usage", "dashboard", "grant", "parallel", "live", "renewals"),
    *("self-renewal", "portal", "revenue", "billing", "delivery"),
)
# Those that need no data set of seats.
APART = {"renewals", "self-renewal", "portal", "revenue", "billing", "delivery"}
FEW_CLIENTS = 100
MANY_CLIENTS = 10_000


def main() -> int:
    """Run the benchmarks; return 1 when a target is missed, else 0."""
    args = _parse_arguments()
    if "PMS_BENCH_DB" not in os.environ:
        sys.exit("PMS_BENCH_DB must name a fresh database. `make bench` makes one.")
    config.parse_config(billing.get_options())
    logging.disable(logging.ERROR)
    results = run(Registry(os.environ["PMS_BENCH_DB"]), args)
    report = as_markdown(results)
    print(report)
    if args.json:
        args.json.write_text(json.dumps(results.as_dict(), indent=2) + "\n")
    if args.write:
        args.write.write_text(report)
    return int(not all(check.passed for check in results.checks))


def run(registry: Registry, args: argparse.Namespace) -> Results:
    """Load the data sets and measure what ``args`` ask for."""
    results = Results()
    with registry.cursor() as cr:
        # The data sets are dated by the clock of PostgreSQL, which is UTC's.
        cr.execute("UPDATE res_company SET term_tz = 'UTC'")
        results.machine = describe_machine(cr)
    if not set(args.only) <= APART:
        _run_seats(registry, results, args)
    if {"renewals", "self-renewal"} & set(args.only):
        renewals.measure(registry, results, args.only, args.scale, args.repeat)
    if "portal" in args.only:
        portal.measure(registry, results, args.repeat)
    if {"revenue", "billing", "delivery"} & set(args.only):
        _run_billing(registry, results, args)
    results.machine["load after"] = f"{os.getloadavg()[0]:.2f}"
    return results


def _run_billing(
    registry: Registry, results: Results, args: argparse.Namespace
) -> None:
    """Report what was billed, bill, and send it, as far as ``args`` ask for it."""
    if "billing" in args.only:
        # Last: what it installs to compare with may slow the others down.
        registry = billing.install_contract(registry)
    with environment(registry, 1) as env:
        data = BillingDataset(env)
    if "revenue" in args.only:
        revenue.measure(registry, results, data, args.scale, args.repeat)
    if "billing" in args.only:
        billing.measure(registry, results, data, args.scale, args.repeat)
    if "delivery" in args.only:
        delivery.measure(registry, results, data, args.scale)


def _run_seats(registry: Registry, results: Results, args: argparse.Namespace) -> None:
    """Load the data set of seats and measure what ``args`` ask for of it."""
    dataset = Dataset(max(int(MANY_CLIENTS * args.scale), FEW_CLIENTS))
    few, many = (count * SEATS_PER_CLIENT for count in (FEW_CLIENTS, dataset.clients))
    with registry.cursor() as cr:
        dataset.prepare(cr)
        dataset.load(cr, 0, FEW_CLIENTS)
        results.dataset = dataset.describe(cr)
    if "contacts" in args.only:
        contacts.measure(registry, results, dataset.clients, args.repeat)
        guard.measure(registry, results, args.repeat)
    if set(args.only) <= {"contacts"} | APART:
        return
    if "usage" in args.only:
        usage.measure(registry, results, few, args.repeat)
    if "dashboard" in args.only:
        dashboard.measure(registry, results, few, args.repeat)
    with registry.cursor() as cr:
        dataset.load(cr, FEW_CLIENTS, dataset.clients)
        results.dataset = dataset.describe(cr)
    if "usage" in args.only:
        usage.measure(registry, results, many, args.repeat)
        usage.check_growth(results, few, many)
    if "dashboard" in args.only:
        dashboard.measure(registry, results, many, args.repeat)
        dashboard.check(results, few, many)
    if "grant" in args.only:
        grants.measure(registry, results, args.bulk, args.repeat)
    if "parallel" in args.only:
        parallel.measure(registry, results, args.grants, args.repeat)
    if "live" in args.only:
        live.measure(registry, results, args.repeat)


def _parse_arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument(
        "--scale",
        type=float,
        default=1,
        help=f"size of the data sets; 1 is {MANY_CLIENTS:,} subscriptions with seats,"
        f" and {renewals.MANY_TERMS:,} with terms, {billing.INVOICES:,} invoices",
    )
    parser.add_argument(
        "--only",
        type=lambda names: names.split(","),
        default=SECTIONS,
        help=f"some of {','.join(SECTIONS)}",
    )
    parser.add_argument("--repeat", type=int, default=7, help="counted repetitions")
    parser.add_argument("--bulk", type=int, default=10_000, help="members at once")
    parser.add_argument("--grants", type=int, default=400, help="by parallel clients")
    parser.add_argument("--quick", action="store_true", help="small sizes, two minutes")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write JSON as well")
    parser.add_argument(
        "--write",
        type=Path,
        nargs="?",
        const=RESULTS,
        metavar="FILE",
        help=f"write FILE, by default {RESULTS.name}",
    )
    args = parser.parse_args()
    unknown = set(args.only) - set(SECTIONS)
    if unknown:
        parser.error(f"--only: unknown {', '.join(sorted(unknown))}")
    if args.quick:
        args.scale, args.repeat, args.bulk, args.grants = 0.05, 2, 1_000, 160
    return args


if __name__ == "__main__":
    sys.exit(main())
