"""Opening the reconciliation as the web client does, beside SQL for the figures."""

from __future__ import annotations

from functools import partial
from typing import Any

from lxml import etree

from odoo.api import Environment
from odoo.orm.registry import Registry
from odoo.service.model import call_kw
from odoo.tools import SQL

from billing_dataset import BillingDataset
from measure import SHORT, Results, environment, measure_in_turn, stopwatch
from usage import COUNT_LIMIT, LIMIT, get_context, get_specification

MODEL = "subscription.reconciliation"
PRODUCT = "reconciliation"
FLOOR = "plain SQL"
MOST_TIMES_SQL = 2

# What a careful author would write for today, all subscriptions in one go: each table
# is read once, as a whole.
FIGURES = SQL(
    """
    WITH terms AS (
        SELECT DISTINCT ON (subscription_id) subscription_id, billing_basis, paid_by
          FROM subscription_billing_terms WHERE since <= current_date
         ORDER BY subscription_id, since DESC
    ), began AS (
        SELECT DISTINCT ON (subscription_id) subscription_id, id, date_start
          FROM subscription_renewal
         WHERE state = 'applied' AND date_start <= current_date
         ORDER BY subscription_id, date_start DESC
    ), paused AS (
        SELECT DISTINCT subscription_id FROM subscription_pause pause
          JOIN sale_subscription one ON one.id = pause.subscription_id
         WHERE day <= current_date
           AND current_date < coalesce(resumed_on, greatest(paused_until, day),
                                       'infinity')
    ), contract AS (
        SELECT DISTINCT ON (pool_id) pool_id, seats
          FROM subscription_seat_change WHERE day <= current_date
         ORDER BY pool_id, id DESC
    ), seat AS (
        SELECT pool_id, count(*) AS used FROM subscription_seat
         WHERE number IS NOT NULL AND granted_at < current_date + 1
           AND (released_at IS NULL OR released_at >= current_date + 1)
         GROUP BY pool_id
    ), back AS (
        SELECT source.id, sum(taken.quantity) AS quantity
          FROM account_move credit
          JOIN account_move_line source ON source.move_id = credit.reversed_entry_id
          JOIN account_move_line taken
            ON taken.move_id = credit.id AND taken.display_type = 'product'
           AND taken.product_id = source.product_id
           AND taken.sequence = source.sequence
         WHERE credit.state = 'posted' AND credit.move_type = 'out_refund'
         GROUP BY source.id
    ), billed AS (
        SELECT line.pool_id, sum(line.quantity - coalesce(back.quantity, 0)) AS quantity
          FROM subscription_statement statement
          JOIN subscription_statement_line line ON line.statement_id = statement.id
          LEFT JOIN back ON back.id = line.move_line_id
         WHERE statement.state = 'valid' AND line.date_first <= current_date
           AND line.date_last >= current_date
         GROUP BY line.pool_id
    ), cover AS (
        SELECT DISTINCT subscription_id FROM subscription_statement
         WHERE kind = 'period' AND state IN ('valid', 'credited')
           AND date_first <= current_date AND date_last >= current_date
    ), ledger AS (
        SELECT entry.subscription_id, entry.module_id, -sum(entry.quantity) AS quantity
          FROM subscription_licence_move entry
          LEFT JOIN began ON began.subscription_id = entry.subscription_id
         WHERE entry.kind IN ('renewal', 'raise', 'returned')
           AND (entry.renewal_id = began.id OR entry.renewal_id IS NULL
                AND (began.id IS NULL OR entry.date >= began.date_start))
         GROUP BY entry.subscription_id, entry.module_id
    )
    SELECT pool.id, pool.client_id, pool.module_id, terms.billing_basis, terms.paid_by,
           coalesce(contract.seats, pool.seat_limit) AS contracted,
           coalesce(seat.used, 0) AS assigned, coalesce(billed.quantity, 0) AS billed,
           coalesce(ledger.quantity, 0) AS licences,
           CASE WHEN coalesce(billed.quantity, 0) = 0 AND cover.subscription_id IS NULL
                     AND subscription.recurring_next_date > current_date THEN 0
                WHEN NOT pool.is_billed OR paused.subscription_id IS NOT NULL THEN 0
                WHEN terms.billing_basis = 'contracted'
                     THEN coalesce(contract.seats, pool.seat_limit)
                ELSE coalesce(seat.used, 0)
           END - coalesce(billed.quantity, 0) AS difference
      FROM subscription_seat_pool pool
      JOIN sale_subscription subscription ON subscription.id = pool.subscription_id
      LEFT JOIN terms ON terms.subscription_id = subscription.id
      LEFT JOIN paused ON paused.subscription_id = subscription.id
      LEFT JOIN contract ON contract.pool_id = pool.id
      LEFT JOIN seat ON seat.pool_id = pool.id
      LEFT JOIN billed ON billed.pool_id = pool.id
      LEFT JOIN cover ON cover.subscription_id = subscription.id
      LEFT JOIN ledger ON ledger.subscription_id = subscription.id
                      AND ledger.module_id = pool.module_id
     WHERE subscription.active AND subscription.managing_partner_id IS NOT NULL
    """
)
PAGE = SQL(
    """
    SELECT figures.id, figures.difference, figures.contracted, figures.assigned,
           figures.billed, figures.licences, client.complete_name,
           module.name, figures.billing_basis, figures.paid_by
      FROM (%s) figures
      JOIN res_partner client ON client.id = figures.client_id
      JOIN subscription_module module ON module.id = figures.module_id
     ORDER BY abs(difference) DESC, client.complete_name, client.id DESC, figures.id
     LIMIT %s
    """,
    FIGURES,
    LIMIT,
)
COUNT = SQL(
    """
    SELECT count(*) FROM (
        SELECT FROM subscription_seat_pool pool
          JOIN sale_subscription subscription ON subscription.id = pool.subscription_id
         WHERE subscription.active AND subscription.managing_partner_id IS NOT NULL
         LIMIT %s) counted
    """,
    COUNT_LIMIT,
)


def measure(
    registry: Registry, results: Results, data: BillingDataset, repetitions: int
) -> None:
    """Measure the first page of the reconciliation of today, differences first."""
    with registry.cursor() as cr:
        data.renew_statistics(cr)
        cr.execute("SELECT count(*) FROM sale_subscription WHERE active")
        [subscriptions] = cr.fetchone()
    _verify_same_figures(registry, data)
    scenario = f"Reconciliation of {subscriptions:,} subscriptions, first page"
    variants = {
        PRODUCT: partial(_open, registry, data),
        FLOOR: partial(_select, registry),
    }
    values = measure_in_turn(scenario, variants, SHORT * repetitions)
    results.add(scenario, "ms", values)
    results.check_ratio(scenario, PRODUCT, FLOOR, MOST_TIMES_SQL)


def _verify_same_figures(registry: Registry, data: BillingDataset) -> None:
    """Make sure that the list and its SQL show the same, in the same order.

    :raise RuntimeError: when they do not
    """
    names = ("id", "difference", "contracted", "assigned", "billed", "licences")
    with environment(registry, 1) as env:
        shown = [
            tuple(record[name] for name in names)
            for record in call_kw(env[MODEL], *_prepare_call(data.at_work(env)))[
                "records"
            ]
        ]
        rows = [row[: len(names)] for row in env.execute_query(PAGE)]
    if shown != rows:
        raise RuntimeError("The SQL for the reconciliation shows other figures.")


def _open(registry: Registry, data: BillingDataset) -> float:
    """Open the list in a fresh environment; return the ms."""
    with environment(registry, 1) as env:
        call = _prepare_call(data.at_work(env))
        env.invalidate_all()
        with stopwatch() as elapsed:
            call_kw(env[MODEL], *call)
        return elapsed()


def _prepare_call(env: Environment) -> tuple[str, list[Any], dict[str, Any]]:
    """Return what the web client calls for the list."""
    arch = env[MODEL].get_view(view_type="list")["arch"]
    fields = env[MODEL]._fields
    names = [node.get("name") for node in etree.fromstring(arch).iter("field")]
    shown = {name: fields[name] for name in names if name in fields}
    return (
        "web_search_read",
        [],
        {
            "domain": [],
            "limit": LIMIT,
            "order": "",
            "specification": get_specification(shown),
            "count_limit": COUNT_LIMIT,
            "context": get_context(env),
        },
    )


def _select(registry: Registry) -> float:
    """Get the same figures by SQL; return the ms."""
    with environment(registry, 1) as env:
        with stopwatch() as elapsed:
            for query in (PAGE, COUNT):
                env.execute_query(query)
        return elapsed()
