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
from measure import SHORT, Results, environment, measure_in_turn, stopwatch
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
    WITH last AS (
        SELECT subscription_id, max(date_last) AS day, min(date_first) AS born
          FROM subscription_statement
         WHERE kind = 'period' AND state IN ('valid', 'credited')
         GROUP BY subscription_id
    ), one AS (
        SELECT last.*, subscription.client_id,
               min(last.born) OVER (PARTITION BY client_id) AS client_born,
               CASE WHEN last.day < current_date
                         AND (in_progress OR closed_on IS NOT NULL)
                    THEN current_date ELSE last.day END AS carried,
               least(subscription.date, closed_on) AS ending
          FROM last JOIN sale_subscription subscription
            ON subscription.id = last.subscription_id
    ), line AS (
        SELECT one.subscription_id, one.client_id, one.client_born, line.module_id,
               line.currency_id, line.yearly_amount, line.date_first,
               least(CASE WHEN line.date_last >= one.day THEN one.carried
                          ELSE line.date_last END, one.ending) AS until
          FROM subscription_statement_line line
          JOIN subscription_statement statement
            ON statement.id = line.statement_id AND statement.state = 'valid'
          JOIN one ON one.subscription_id = line.subscription_id
         WHERE line.date_first <= one.day AND line.credited_line_id IS NULL
    ), change AS (
        SELECT subscription_id, client_id, client_born, module_id, currency_id,
               month + step AS month,
               sum(CASE step WHEN 0 THEN yearly_amount ELSE 0 END) AS now,
               sum(CASE step WHEN 1 THEN yearly_amount ELSE 0 END) AS before
          FROM line
         CROSS JOIN (VALUES (0), (1)) AS both_months (step)
         CROSS JOIN LATERAL generate_series(
               date_part('year', date_first)::int * 12
               + date_part('month', date_first)::int - 1,
               CASE WHEN until >= current_date
                    THEN date_part('year', current_date)::int * 12
                         + date_part('month', current_date)::int - 1
                    ELSE date_part('year', until + 1)::int * 12
                         + date_part('month', until + 1)::int - 2 END) month
         WHERE date_first <= current_date
         GROUP BY subscription_id, client_id, client_born, module_id, currency_id,
                  month + step
    ), known AS (
        SELECT *, sum(now) OVER of_client AS has, sum(before) OVER of_client AS had,
               make_date(month / 12, mod(month, 12) + 1, 1) AS first
          FROM change
        WINDOW of_client AS (PARTITION BY client_id, currency_id, month)
    )
    SELECT currency_id, first, sum(before) / 12,
           sum(CASE WHEN had = 0 AND client_born >= first THEN now - before
                    ELSE 0 END) / 12,
           sum(CASE WHEN had = 0 AND client_born < first THEN now - before
                    ELSE 0 END) / 12,
           sum(CASE WHEN had <> 0 AND has <> 0 AND now > before THEN now - before
                    ELSE 0 END) / 12,
           sum(CASE WHEN had <> 0 AND has <> 0 AND now < before THEN before - now
                    ELSE 0 END) / 12,
           sum(CASE WHEN has = 0 AND had <> 0 THEN before - now ELSE 0 END) / 12,
           sum(now) / 12
      FROM known
     WHERE first > current_date - INTERVAL '25 months' AND first <= current_date
     GROUP BY currency_id, first
     ORDER BY currency_id, first
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
    many = max(round(MANY * scale), 2 * FEW)
    with environment(registry, 1) as env:
        revenue = RevenueDataset(env, data)
    own = []
    for count in (FEW, many):
        with environment(registry, 1) as env:
            revenue.load(env, count)
        own.append(_measure_own(registry, results, revenue, repetitions))
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
    """Measure the figures of a partner that has all of its clients from the beginning,
    as its staff."""
    scenario = f"Recurring revenue of one partner, of {revenue.subscriptions:,}"
    variants = {PRODUCT: partial(_read, registry, revenue, revenue.user_id)}
    values = measure_in_turn(scenario, variants, SHORT * repetitions)
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
