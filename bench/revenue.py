"""Recurring revenue of 24 months, as its pivot asks for it, beside SQL for the same
figures; of all partners, and of one with few and with many subscriptions besides."""

from __future__ import annotations

from functools import partial
from typing import Any

from odoo.api import Environment
from odoo.orm.registry import Registry
from odoo.service.model import call_kw
from odoo.tools import SQL

from billing_dataset import BillingDataset
from measure import Results, environment, measure_in_turn, stopwatch
from revenue_dataset import RevenueDataset

MODEL = "subscription.revenue"
MANY, FEW = 10_000, 100
PRODUCT, FLOOR = "recurring revenue", "plain SQL"
MOST_TIMES_SQL = 2
MOST_GROWTH = 1.25
MEASURES = (
    *("opening", "new_amount", "back_amount", "raised_amount", "lowered_amount"),
    *("lost_amount", "mrr"),
)

# What a careful author would write for all partners in one go, by the definitions of
# docs/revenue.md: each table is read once, as a whole.
FIGURES = SQL(
    """
    WITH month AS (
        SELECT number, least(first + INTERVAL '1 month' - INTERVAL '1 day',
                             current_date)::date AS day, first::date
          FROM (SELECT number, date_trunc('month', current_date)
                               - (25 - number) * INTERVAL '1 month' AS first
                  FROM generate_series(0, 25) number) months
    ), last AS (
        SELECT subscription_id, max(date_last) AS day, min(date_first) AS born
          FROM subscription_statement
         WHERE kind = 'period' AND state IN ('valid', 'credited')
         GROUP BY subscription_id
    ), client AS (
        SELECT client_id, min(last.born) AS born
          FROM last JOIN sale_subscription one ON one.id = last.subscription_id
         GROUP BY client_id
    ), paid AS (
        SELECT one.client_id, line.subscription_id, line.module_id, line.currency_id,
               month.number, sum(line.yearly_amount) / 12 AS amount
          FROM subscription_statement_line line
          JOIN subscription_statement statement
            ON statement.id = line.statement_id AND statement.state = 'valid'
          JOIN sale_subscription one ON one.id = line.subscription_id
          JOIN last ON last.subscription_id = one.id
          JOIN month ON month.day >= line.date_first
           AND month.day <= least(
               CASE WHEN line.date_last >= last.day AND last.day < current_date
                         AND (one.in_progress OR one.closed_on IS NOT NULL)
                    THEN current_date ELSE line.date_last END,
               one.date, one.closed_on)
         WHERE line.date_first <= last.day
           AND line.credited_line_id IS NULL
         GROUP BY one.client_id, line.subscription_id, line.module_id, line.currency_id,
                  month.number
    ), change AS (
        SELECT client_id, currency_id, number, sum(now) AS now, sum(before) AS before,
               subscription_id, module_id
          FROM (SELECT client_id, subscription_id, module_id, currency_id, number,
                       amount AS now, 0 AS before FROM paid
                 UNION ALL
                SELECT client_id, subscription_id, module_id, currency_id, number + 1,
                       0, amount FROM paid WHERE number < 25) both_months
         GROUP BY client_id, subscription_id, module_id, currency_id, number
    ), known AS (
        SELECT change.*, sum(now) OVER of_client AS has, sum(before) OVER of_client
               AS had
          FROM change
        WINDOW of_client AS (PARTITION BY client_id, currency_id, number)
    )
    SELECT known.currency_id, month.first, sum(before), sum(CASE WHEN had = 0
               AND client.born >= month.first THEN now - before ELSE 0 END),
           sum(CASE WHEN had = 0 AND client.born < month.first
                    THEN now - before ELSE 0 END),
           sum(CASE WHEN had <> 0 AND has <> 0 AND now > before
                    THEN now - before ELSE 0 END),
           sum(CASE WHEN had <> 0 AND has <> 0 AND now < before
                    THEN before - now ELSE 0 END),
           sum(CASE WHEN has = 0 AND had <> 0 THEN before - now ELSE 0 END),
           sum(now)
      FROM known
      JOIN month ON month.number = known.number AND month.number > 0
      JOIN client ON client.client_id = known.client_id
     GROUP BY known.currency_id, month.first
     ORDER BY known.currency_id, month.first
    """
)


def measure(
    registry: Registry,
    results: Results,
    data: BillingDataset,
    scale: float,
    repetitions: int,
) -> None:
    """Load few subscriptions, then many, and measure the figures of both."""
    many = max(round(MANY * scale), FEW)
    with environment(registry, 1) as env:
        revenue = RevenueDataset(env, data)
    # Each partner has one client of the few, whatever comes later.
    own = []
    for count in (FEW, many):
        with environment(registry, 1) as env:
            revenue.load(env, count)
        own.append(_measure_own(registry, results, revenue, repetitions))
        if count == many:
            break
    _check_growth(results, own)
    _verify_same_figures(registry, revenue)
    scenario = f"Recurring revenue of 24 months, {many:,} subscriptions"
    variants = {
        PRODUCT: partial(_read, registry, revenue, 1),
        FLOOR: partial(_select, registry),
    }
    results.add(scenario, "ms", measure_in_turn(scenario, variants, repetitions))
    results.check_ratio(scenario, PRODUCT, FLOOR, MOST_TIMES_SQL)
    with registry.cursor() as cr:
        results.dataset |= revenue.describe(cr)


def _measure_own(
    registry: Registry, results: Results, revenue: RevenueDataset, repetitions: int
) -> tuple[str, float]:
    """Measure the figures of one client of a partner, as the partner's staff."""
    scenario = f"Recurring revenue of one partner, of {revenue.subscriptions:,}"
    variants = {PRODUCT: partial(_read, registry, revenue, revenue.user_id)}
    values = measure_in_turn(scenario, variants, repetitions)
    results.add(scenario, "ms", values)
    return scenario, min(values[PRODUCT])


def _check_growth(results: Results, own: list[tuple[str, float]]) -> None:
    """Check that more subscriptions of others cost a partner nothing."""
    (_few, reference), (scenario, fastest) = own[0], own[-1]
    results.check(
        f"{scenario}: fastest run",
        f"{fastest / reference:.2f}x that with {FEW:,}",
        f"at most {MOST_GROWTH:g}x (noise)",
        fastest <= MOST_GROWTH * reference,
    )


def _verify_same_figures(registry: Registry, revenue: RevenueDataset) -> None:
    """Make sure that the view and its SQL say the same.

    :raise RuntimeError: when they do not
    """
    with environment(registry, 1) as env:
        shown = [
            tuple(round(group[f"{name}:sum"] or 0, 2) for name in MEASURES)
            for group in _call(env, revenue)
        ]
        rows = [
            tuple(round(float(amount), 2) for amount in row[2:])
            for row in env.execute_query(FIGURES)
        ]
    if shown != rows:
        raise RuntimeError("The SQL for recurring revenue says other figures.")


def _call(env: Environment, revenue: RevenueDataset) -> list[dict[str, Any]]:
    """Ask for the figures of each month as the web client does."""
    env = revenue.data.at_work(env)
    return call_kw(
        env[MODEL],
        "formatted_read_group",
        [],
        {
            "domain": [],
            "groupby": ["currency_id", "month:month"],
            "aggregates": [f"{name}:sum" for name in MEASURES],
            "context": dict(env.context),
        },
    )


def _read(registry: Registry, revenue: RevenueDataset, uid: int) -> float:
    """Read the figures in a fresh environment as ``uid``; return the ms."""
    with environment(registry, uid) as env:
        with stopwatch() as elapsed:
            _call(env, revenue)
        return elapsed()


def _select(registry: Registry) -> float:
    """Get the same figures by SQL; return the ms."""
    with environment(registry, 1) as env:
        with stopwatch() as elapsed:
            env.execute_query(FIGURES)
        return elapsed()
