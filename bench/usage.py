"""Opening the usage list as the web client does, beside SQL for the same figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

from lxml import etree

from odoo.api import Environment
from odoo.orm.registry import Registry
from odoo.service.model import call_kw
from odoo.tools import SQL

from measure import (
    SHORT,
    WITH_JIT,
    Results,
    environment,
    measure_in_turn,
    stopwatch,
)

USAGE = "subscription.seat.usage"
POOL = "subscription.seat.pool"
PARTNER_REF = "bench-partner-1"
LIMIT = 80
COUNT_LIMIT = 10_001
MOST_TIMES_SQL = 1.8
MOST_GROWTH = 1.25

PRODUCT = "usage list"
ORM = "bare ORM list"
FLOOR = "plain SQL"

# Seats in use of each pool: looked up for a few pools, counted in one go for all.
LOOKED_UP = SQL(
    """
    CROSS JOIN LATERAL (
        SELECT count(*) AS used FROM subscription_seat
         WHERE pool_id = pool.id AND number IS NOT NULL AND released_at IS NULL
    ) seat
    """
)
COUNTED = SQL(
    """
    LEFT JOIN (
        SELECT pool_id, count(*) AS used FROM subscription_seat
         WHERE number IS NOT NULL AND released_at IS NULL GROUP BY pool_id
    ) seat ON seat.pool_id = pool.id
    """
)


@dataclass(frozen=True)
class Manager:
    """The partner whose clients are shown."""

    id: int
    path: str


@dataclass(frozen=True)
class List:
    """One way of opening the list: who opens it, what is asked, and the SQL for it."""

    name: str
    domain: Callable[[Manager], list[Any]]
    counting: SQL
    condition: Callable[[Manager], SQL]
    by_staff: bool = False
    grouped: bool = False
    targeted: bool = False


def _managed_by(manager: Manager) -> SQL:
    return SQL("pool.managing_partner_id = %s", manager.id)


def _below(manager: Manager) -> SQL:
    return SQL("pool.management_path LIKE %s", f"{manager.path}%")


def _everything(_manager: Manager) -> SQL:
    return SQL("TRUE")


LISTS = (
    List(
        "one partner",
        lambda manager: [("managing_partner_id", "=", manager.id)],
        LOOKED_UP,
        _managed_by,
        targeted=True,
    ),
    List(
        "a partner's staff, unfiltered",
        lambda _manager: [],
        LOOKED_UP,
        _below,
        by_staff=True,
        targeted=True,
    ),
    List("unfiltered", lambda _manager: [], COUNTED, _everything),
    List(
        "full pools",
        lambda _manager: [("state", "=", "full")],
        COUNTED,
        lambda _manager: SQL(
            "term.running AND NOT pool.is_unlimited AND pool.seat_limit > 0"
            " AND coalesce(seat.used, 0) <= pool.seat_limit"
            " AND 100 * coalesce(seat.used, 0)"
            " >= pool.seat_limit * company.seat_full_rate"
        ),
    ),
    List(
        "grouped by partner",
        lambda _manager: [],
        COUNTED,
        _everything,
        grouped=True,
    ),
)


def measure(registry: Registry, results: Results, seats: int, repetitions: int) -> None:
    """Measure every list with ``seats`` in use."""
    with environment(registry, 1) as env:
        partner = env["res.partner"].search([("ref", "=", PARTNER_REF)])
        staff_id = get_staff_id(env, partner.id)
        env.cr.commit()
        manager = Manager(partner.id, partner.management_path)
        admin_id = env.ref("base.user_admin").id
    for usage_list in LISTS:
        uid = staff_id if usage_list.by_staff else admin_id
        scenario = _get_scenario(usage_list, seats)
        _verify_same_figures(registry, uid, usage_list, manager)
        open_list = partial(_open, registry, uid, usage_list, manager)
        variants = {PRODUCT: partial(open_list, USAGE)}
        if usage_list.targeted:
            variants[ORM] = partial(open_list, POOL)
        variants[WITH_JIT] = partial(open_list, USAGE, jit=True)
        variants[FLOOR] = partial(_select, registry, usage_list, manager)
        values = measure_in_turn(scenario, variants, SHORT * repetitions)
        results.add(scenario, "ms", values)
        if usage_list.targeted:
            results.check_ratio(scenario, PRODUCT, FLOOR, MOST_TIMES_SQL)


def check_growth(results: Results, few: int, many: int) -> None:
    """Check that the lists of one partner are as fast with ``many`` seats as with
    ``few``. They were measured minutes apart, so the fastest runs are compared, which
    other programs disturb least; what differs by less than a quarter is noise."""
    for usage_list in LISTS:
        if usage_list.targeted:
            fastest, reference = (
                min(results.get(_get_scenario(usage_list, seats), PRODUCT).values)
                for seats in (many, few)
            )
            results.check(
                f"Usage list, {usage_list.name}: fastest run with {many:,} seats",
                f"{fastest / reference:.2f}x that with {few:,} seats",
                f"at most {MOST_GROWTH:g}x (noise)",
                fastest <= MOST_GROWTH * reference,
            )


def _verify_same_figures(
    registry: Registry, uid: int, usage_list: List, manager: Manager
) -> None:
    """Make sure that the list and its SQL show the same, in the same order.

    :raise RuntimeError: when they do not
    """
    with environment(registry, uid) as env:
        method, kwargs = _prepare_call(env, usage_list, manager, USAGE)
        result = call_kw(env[USAGE], method, [], kwargs)
        rows = env.execute_query(_get_queries(usage_list, manager)[0])
    if usage_list.grouped:
        shown = [
            (group["managing_partner_id"][0], group["used:sum"])
            for group in result["groups"]
        ]
    else:
        shown = [(record["id"], record["used"]) for record in result["records"]]
    if shown != [row[:2] for row in rows]:
        raise RuntimeError(f"The SQL for {usage_list.name!r} shows other figures.")


def _get_scenario(usage_list: List, seats: int) -> str:
    return f"Usage list, {usage_list.name}, {seats:,} seats"


def get_staff_id(env: Environment, partner_id: int) -> int:
    """Return the id of a user of this partner's staff, made where there is none."""
    users = env["res.users"].with_context(no_reset_password=True)
    staff = users.search([("login", "=", "bench-staff")]) or users.create(
        {
            "name": "Staff",
            "login": "bench-staff",
            "group_ids": [env.ref("partner_managed_subscription.group_standard").id],
        }
    )
    staff.partner_id.parent_id = partner_id
    return staff.id


def _open(
    registry: Registry,
    uid: int,
    usage_list: List,
    manager: Manager,
    model: str,
    *,
    jit: bool = False,
) -> float:
    """Open the list as the web client does, in a fresh environment; return the ms.

    Of the pools themselves the list has the same columns, those apart that say how the
    pools are used: what Odoo takes for any list of this kind.
    """
    with environment(registry, uid, jit=jit) as env:
        method, kwargs = _prepare_call(env, usage_list, manager, model)
        env.invalidate_all()
        with stopwatch() as elapsed:
            call_kw(env[model], method, [], kwargs)
        return elapsed()


def _prepare_call(
    env: Environment, usage_list: List, manager: Manager, model: str
) -> tuple[str, dict[str, Any]]:
    """Return the method that the web client calls, and what it calls it with."""
    shown = _get_shown_fields(env, model)
    asked = {
        "domain": usage_list.domain(manager),
        "limit": LIMIT,
        "context": get_context(env),
    }
    if usage_list.grouped:
        return "web_read_group", {
            **asked,
            "groupby": ["managing_partner_id"],
            "aggregates": [
                f"{name}:{field.aggregator}"
                for name, field in shown.items()
                if field.type in ("integer", "float")
            ],
        }
    return "web_search_read", {
        **asked,
        "specification": get_specification(shown),
        "order": "" if model == USAGE else "id",
        "count_limit": COUNT_LIMIT,
    }


def get_context(env: Environment) -> dict[str, Any]:
    """Return the context that the web client sends."""
    return {
        **env.context,
        **env["res.users"].context_get(),
        "uid": env.uid,
        "allowed_company_ids": env.user.company_ids.ids,
    }


def get_specification(shown: dict[str, Any]) -> dict[str, Any]:
    """Return what the web client asks for to show these fields."""
    return {
        name: {"fields": {"display_name": {}}} if field.relational else {}
        for name, field in shown.items()
    }


def _get_shown_fields(env: Environment, model: str) -> dict[str, Any]:
    """Return the fields of the usage list that this user sees and ``model`` stores."""
    arch = env[USAGE].get_view(view_type="list")["arch"]
    fields = env[model]._fields
    names = [node.get("name") for node in etree.fromstring(arch).iter("field")]
    return {
        name: fields[name]
        for name in names
        if name in fields and (model == USAGE or fields[name].store)
    }


def _select(registry: Registry, usage_list: List, manager: Manager) -> float:
    """Get the same figures by SQL; return the ms."""
    with environment(registry, 1) as env:
        queries = _get_queries(usage_list, manager)
        with stopwatch() as elapsed:
            for query in queries:
                env.execute_query(query)
        return elapsed()


def _get_queries(usage_list: List, manager: Manager) -> list[SQL]:
    """Return the queries that a careful author would write for this list."""
    source = SQL(
        """
        FROM subscription_seat_pool pool
        JOIN sale_subscription subscription ON subscription.id = pool.subscription_id
        JOIN res_company company ON company.id = pool.company_id
       CROSS JOIN LATERAL (
             SELECT subscription.active AND subscription.in_progress
                    AND current_date >= subscription.date_start
                    AND current_date <= coalesce(subscription.date, current_date)
                    AS running
             ) term
          %s
       WHERE %s
        """,
        usage_list.counting,
        usage_list.condition(manager),
    )
    if usage_list.grouped:
        return [_get_group_query(source)]
    count_query = SQL(
        "SELECT count(*) FROM (SELECT %s LIMIT %s) counted",
        SQL("1 %s", source),
        COUNT_LIMIT,
    )
    return [_get_page_query(source), count_query]


def _get_page_query(source: SQL) -> SQL:
    """Return the query of the first page, names included."""
    return SQL(
        """
        SELECT page.id, page.used, page.*, manager.complete_name, client.complete_name,
               module.name ->> 'en_US', subscription.name
          FROM (SELECT pool.*, coalesce(seat.used, 0) AS used, term.running,
                       CASE WHEN is_unlimited THEN 0
                            ELSE 100.0 * coalesce(seat.used, 0) / nullif(seat_limit, 0)
                       END AS rate,
                       company.seat_warning_rate, company.seat_full_rate
                %s
                ORDER BY rate DESC NULLS LAST, pool.id LIMIT %s) page
          JOIN res_partner client ON client.id = page.client_id
          JOIN res_partner manager ON manager.id = page.managing_partner_id
          JOIN subscription_module module ON module.id = page.module_id
          JOIN sale_subscription subscription ON subscription.id = page.subscription_id
         ORDER BY page.rate DESC NULLS LAST, page.id
        """,
        source,
        LIMIT,
    )


def _get_group_query(source: SQL) -> SQL:
    """Return the query of the sums of each partner, names included."""
    return SQL(
        """
        SELECT manager.id, page.used, manager.complete_name, page.*
          FROM (SELECT pool.managing_partner_id, count(*),
                       sum(coalesce(seat.used, 0)) AS used,
                       sum(seat_limit),
                       sum(CASE WHEN NOT is_unlimited THEN
                           greatest(seat_limit - coalesce(seat.used, 0), 0) END),
                       avg(CASE WHEN is_unlimited THEN 0 ELSE
                           100.0 * coalesce(seat.used, 0) / nullif(seat_limit, 0) END)
                %s
                GROUP BY pool.managing_partner_id) page
          JOIN res_partner manager ON manager.id = page.managing_partner_id
         ORDER BY manager.complete_name LIMIT %s
        """,
        source,
        LIMIT,
    )
