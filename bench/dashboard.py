"""The dashboard as the web client asks for it, beside hand-written SQL for the same
figures: of the vendor, and of the staff of one partner."""

from __future__ import annotations

from functools import partial
from typing import Any
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo.api import Environment
from odoo.orm.registry import Registry
from odoo.service.model import call_kw
from odoo.tools import SQL

import dashboard_dataset
from measure import SHORT, Results, environment, measure_in_turn, stopwatch
from usage import PARTNER_REF, get_context, get_staff_id

MODEL = "sale.subscription"
MONTHS = 12
MOST_TIMES_SQL = 2
MOST_GROWTH = 1.25
PRODUCT = "dashboard"
FLOOR = "plain SQL"
ROLES = ("vendor", "one partner")

USAGE = """
    WITH usage AS MATERIALIZED (
        SELECT pool.*, COALESCE(seat.used, 0) AS used, company.seat_full_rate,
               company.seat_warning_rate,
               term.in_progress AND term.date_start <= %(today)s::date
               AND term.date >= %(today)s::date - company.renewal_grace_days AS running
          FROM subscription_seat_pool pool
          JOIN sale_subscription term ON term.id = pool.subscription_id
          JOIN res_company company ON company.id = pool.company_id
          {seats}
         WHERE {below}),
    judged AS (
        SELECT *, CASE WHEN NOT running THEN 'unavailable' WHEN is_unlimited THEN 'ok'
                       WHEN used > seat_limit THEN 'over'
                       WHEN seat_limit = 0 THEN 'unavailable'
                       WHEN 100 * used >= seat_limit * seat_full_rate THEN 'full'
                       WHEN 100 * used >= seat_limit * seat_warning_rate THEN 'warning'
                       ELSE 'ok' END AS state
          FROM usage)
    SELECT (SELECT json_object_agg(state, number)
              FROM (SELECT state, count(*) AS number FROM judged GROUP BY 1) one),
           (SELECT json_agg(one)
              FROM (SELECT managing_partner_id, SUM(used), SUM(seat_limit) FROM judged
                     WHERE running AND NOT is_unlimited GROUP BY 1) one),
           (SELECT json_agg(one)
              FROM (SELECT used, seat_limit,
                           (SELECT name FROM res_partner WHERE id = client_id),
                           (SELECT name FROM subscription_module WHERE id = module_id)
                      FROM judged
                     WHERE state = 'ok' AND NOT is_unlimited AND seat_limit > used
                  ORDER BY seat_limit - used DESC, id LIMIT 10) one),
           (SELECT json_agg(one)
              FROM (SELECT used, seat_limit,
                           (SELECT name FROM res_partner WHERE id = client_id),
                           (SELECT name FROM subscription_module WHERE id = module_id)
                      FROM judged
                     WHERE state IN ('warning', 'full', 'over')
                  ORDER BY used::float / NULLIF(seat_limit, 0) DESC NULLS FIRST, id
                     LIMIT 10) one)
"""
COUNTED = """
    LEFT JOIN (SELECT pool_id, count(*) AS used FROM subscription_seat
                WHERE number IS NOT NULL AND released_at IS NULL GROUP BY 1) seat
      ON seat.pool_id = pool.id
"""
LOOKED_UP = """
    CROSS JOIN LATERAL (
        SELECT count(*) AS used FROM subscription_seat
         WHERE pool_id = pool.id AND number IS NOT NULL AND released_at IS NULL) seat
"""
HISTORY = """
    SELECT pool.is_unlimited, width_bucket(granted_at, %(moments)s::timestamp[]),
           width_bucket(released_at, %(moments)s::timestamp[]), count(*)
      FROM subscription_seat_pool pool
      JOIN subscription_seat seat ON seat.pool_id = pool.id
     WHERE {below} AND number IS NOT NULL AND granted_at < %(last)s
       AND (released_at IS NULL OR released_at >= %(first)s)
  GROUP BY 1, 2, 3
"""
TERMS = """
    SELECT term.managing_partner_id, count(DISTINCT term.client_id),
           count(DISTINCT term.client_id) FILTER (WHERE next.id IS NULL
               AND term.in_progress AND term.date
               < %(today)s::date + company.renewal_warning_months * interval '1 month'),
           count(DISTINCT term.client_id) FILTER (WHERE next.id IS NULL
               AND term.in_progress AND term.date < %(today)s::date)
      FROM sale_subscription term
      JOIN res_company company ON company.id = term.company_id
      LEFT JOIN subscription_renewal next
        ON next.subscription_id = term.id AND next.state = 'scheduled'
     WHERE term.active AND {term}
  GROUP BY 1
"""
RENEWED = """
    SELECT date_trunc('month', previous_end), renewal.currency_id, SUM(line.licences),
           SUM(ROUND(line.licences * line.price_unit, 2))
      FROM subscription_renewal renewal
      JOIN res_partner client ON client.id = renewal.client_id
      JOIN subscription_renewal_line line ON line.renewal_id = renewal.id
     WHERE renewal.state IN ('scheduled', 'applied') AND {client}
       AND previous_end >= %(month)s AND previous_end < %(ahead)s
  GROUP BY 1, 2
"""
WAITING = """
    SELECT date_trunc('month', term.date), pricelist_id, pool.module_id,
           SUM(seat_limit)
      FROM sale_subscription term
      JOIN subscription_seat_pool pool ON pool.subscription_id = term.id
      JOIN subscription_module module ON module.id = pool.module_id
     WHERE term.active AND term.in_progress AND term.date < %(ahead)s AND {term}
       AND term.licences_to_renew > 0 AND NOT pool.is_unlimited AND module.is_licensed
       AND NOT EXISTS (SELECT FROM subscription_renewal next
                        WHERE next.subscription_id = term.id AND state = 'scheduled')
  GROUP BY 1, 2, 3
"""
STOCKS = """
    SELECT account.id, account.partner_id, account.module_id, last.balance, used.number
      FROM subscription_licence_account account
      JOIN res_partner client ON client.id = account.partner_id
     CROSS JOIN LATERAL (
           SELECT balance FROM subscription_licence_move WHERE account_id = account.id
         ORDER BY number DESC LIMIT 1) last
     CROSS JOIN LATERAL (
           SELECT -SUM(quantity) AS number FROM subscription_licence_move
            WHERE account_id = account.id AND date >= %(first)s
              AND kind IN ('renewal', 'raise', 'returned')) used
     WHERE {client}
"""
# The counts of tiles, and the lists of the filters.
COUNTS = (
    "SELECT count(*), count(error) FROM subscription_renewal"
    " JOIN res_partner client ON client.id = client_id"
    " WHERE state = 'scheduled' AND {client}",
    "SELECT count(*) FROM subscription_request"
    " JOIN res_partner client ON client.id = client_id"
    " WHERE state = 'waiting' AND {client}",
    "SELECT code, count(*) FROM subscription_billing_problem"
    " JOIN res_partner client ON client.id = client_id"
    " WHERE solved_at IS NULL AND {client} GROUP BY 1",
    "SELECT state, count(*), count(DISTINCT delivery.email)"
    " FROM subscription_delivery delivery"
    " JOIN res_partner client ON client.id = delivery.partner_id"
    " WHERE is_problem AND {client} GROUP BY 1",
    "SELECT count(*) FROM account_move move"
    " JOIN res_partner client ON client.id = move.commercial_partner_id"
    " WHERE move.state = 'posted' AND move_type = 'out_invoice'"
    " AND payment_state IN ('not_paid', 'partial')"
    " AND invoice_date_due < %(today)s::date"
    " AND EXISTS (SELECT FROM subscription_statement WHERE move_id = move.id)"
    " AND {client}",
    "SELECT count(*) FROM subscription_notice"
    " JOIN res_partner client ON client.id = addressee_id"
    " WHERE state = 'failed' AND {client}",
    "SELECT count(*) FROM sale_subscription term"
    " WHERE term.active AND in_progress AND self_renewal_problem IS NOT NULL"
    " AND {term}",
    "SELECT id, name FROM res_partner client WHERE is_managing_partner AND {client}"
    " ORDER BY name LIMIT 500",
    "SELECT id, name FROM subscription_module WHERE active",
)


def measure(
    registry: Registry,
    results: Results,
    seats: int,
    repetitions: int,
) -> None:
    """Measure the dashboard of each role with ``seats`` in use."""
    with registry.cursor() as cr:
        dashboard_dataset.load(cr, seats)
    with environment(registry, 1) as env:
        manager = env["res.partner"].search([("ref", "=", PARTNER_REF)])
        users = {
            "vendor": env.ref("base.user_admin").id,
            "one partner": get_staff_id(env, manager.id),
        }
        path = manager.management_path
        env.cr.commit()
    for role in ROLES:
        scope = path if role == "one partner" else None
        _verify_same_figures(registry, users[role], scope)
        scenario = _get_scenario(role, seats)
        values = measure_in_turn(
            scenario,
            {
                PRODUCT: partial(_open, registry, users[role]),
                FLOOR: partial(_select, registry, scope),
            },
            SHORT * repetitions if scope else repetitions,
        )
        results.add(scenario, "ms", values)


def check(results: Results, few: int, many: int) -> None:
    """Check how the dashboards of ``many`` seats compare with plain SQL, and that the
    one of a partner is as fast with them as with ``few``: the fastest runs, which other
    programs disturb least."""
    for role in ROLES:
        scenario = _get_scenario(role, many)
        results.check_ratio(scenario, PRODUCT, FLOOR, MOST_TIMES_SQL)
    fastest, reference = (
        min(results.get(_get_scenario("one partner", seats), PRODUCT).values)
        for seats in (many, few)
    )
    results.check(
        f"Dashboard, one partner: fastest run with {many:,} seats",
        f"{fastest / reference:.2f}x that with {few:,} seats",
        f"at most {MOST_GROWTH:g}x (noise)",
        fastest <= MOST_GROWTH * reference,
    )


def _get_scenario(role: str, seats: int) -> str:
    return f"Dashboard, {role}, {seats:,} seats"


def _open(registry: Registry, uid: int) -> float:
    """Ask for it as the web client does, in a fresh environment; return the ms."""
    with environment(registry, uid) as env:
        context = get_context(env)
        env.invalidate_all()
        with _without_revenue(env), stopwatch() as elapsed:
            call_kw(env[MODEL], "get_dashboard", [{}], {"context": context})
        return elapsed()


def _without_revenue(env: Environment) -> Any:
    """Leave out recurring revenue, which has a benchmark of its own."""
    return patch.object(
        env.registry[MODEL], "_may_see_all_revenue", lambda _self: False
    )


def _select(registry: Registry, scope: str | None) -> float:
    with environment(registry, 1) as env:
        queries = _get_queries(env, scope)
        with stopwatch() as elapsed:
            for query in queries:
                env.execute_query(query)
        return elapsed()


def _get_queries(env: Environment, scope: str | None) -> list[SQL]:
    """Return the statements for all figures of the clients below ``scope``."""
    today = env.company._get_today()
    month = today.replace(day=1)
    ends = [month - relativedelta(months=number) for number in range(MONTHS)]
    moments = [*reversed(ends), today + relativedelta(days=1)]
    values = {
        "moments": "{%s}" % ",".join(map(str, moments)),
        "first": moments[0],
        "last": moments[-1],
        "month": month,
        "ahead": month + relativedelta(months=MONTHS),
        "path": f"{scope}%",
        "today": today,
    }
    parts = {
        "below": "pool.management_path LIKE %(path)s" if scope else "TRUE",
        "term": "term.management_path LIKE %(path)s" if scope else "TRUE",
        "client": "client.management_path LIKE %(path)s" if scope else "TRUE",
        "seats": LOOKED_UP if scope else COUNTED,
    }
    texts = [USAGE, HISTORY, TERMS, RENEWED, WAITING, STOCKS, *COUNTS]
    return [
        SQL(text.format(**parts), **_get_used(text.format(**parts), values))
        for text in texts
    ]


def _get_used(text: str, values: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if f"%({name})s" in text}


def _verify_same_figures(registry: Registry, uid: int, scope: str | None) -> None:
    """Make sure that the dashboard and the SQL show the same.

    :raise RuntimeError: when they do not
    """
    with environment(registry, uid) as env:
        with _without_revenue(env):
            shown = call_kw(env[MODEL], "get_dashboard", [{}], {})
        queries = _get_queries(env, scope)
        usage, history, terms, renewed, waiting, stocks = (
            env.execute_query(query) for query in queries[:6]
        )
    sections = {section["name"]: section for section in shown["sections"]}
    tiles = {tile["name"]: tile for tile in shown["tiles"]}
    rows = {
        name: [row["values"] for row in one["rows"]] for name, one in sections.items()
    }
    states, _partners, free, short = usage[0]
    figures = {
        "states": (
            tiles["seats"]["value"],
            sum(states.get(state, 0) for state in ("warning", "full", "over")),
        ),
        "free": (
            [one["used"] for one in rows["seats_free"]],
            [one["used"] for one in free or []],
        ),
        "short": (
            [one["used"] for one in rows["seats_short"]],
            [one["used"] for one in short or []],
        ),
        "seats today": (
            rows["seats"][-1]["used"] + rows["seats"][-1]["unlimited"],
            sum(row[3] for row in history if row[1] <= MONTHS and row[2] is None),
        ),
        "to renew": (tiles["renew"]["value"], sum(row[2] for row in terms)),
        "renewed": (
            sum(one["renewed"] for one in rows["renewals"]),
            float(sum(row[2] for row in renewed)),
        ),
        "waiting": (
            sum(one["waiting"] for one in rows["renewals"]),
            float(sum(row[3] for row in waiting)),
        ),
        "stocks": (
            round(sum(one["value"] for one in tiles["licences"]["details"])),
            round(
                sum(
                    float(row[3])
                    for row in stocks
                    if not scope or row[1] == _get_last(scope)
                )
            ),
        ),
    }
    for name, (found, expected) in figures.items():
        if found != expected:
            raise RuntimeError(f"The SQL of {name} shows {expected}, not {found}.")


def _get_last(path: str) -> int:
    """Return the company to which ``path`` leads."""
    return int(path.strip("/").rsplit("/", 1)[-1])
