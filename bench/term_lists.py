"""Opening *Clients to renew* as the web client does, and counting all terms by state,
beside SQL for the same figures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

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
from usage import (
    COUNT_LIMIT,
    LIMIT,
    MOST_GROWTH,
    MOST_TIMES_SQL,
    get_context,
    get_specification,
    get_staff_id,
)

SUBSCRIPTION = "sale.subscription"
PARTNER_REF = "bench-term-1"
SHOWN = (
    "client_id",
    "name",
    "reseller_id",
    "term_start",
    "date",
    "term_years",
    "licences_to_renew",
)
TO_RENEW = [("renewal_state", "in", ["ending", "ended"])]
STORED = [("in_progress", "=", True), ("date", "<", "today +3m")]

PRODUCT = "by state"
ORM = "bare ORM, a stored field"
FLOOR = "plain SQL"

STATE = SQL(
    """
    CASE WHEN NOT term.in_progress AND stage.type = 'post' THEN NULL
         WHEN NOT term.in_progress OR term.date_start > current_date THEN 'not_started'
         WHEN renewal.id IS NOT NULL THEN 'renewed'
         WHEN term.date < current_date THEN 'ended'
         WHEN term.date < current_date + interval '3 months' THEN 'ending'
         ELSE 'running'
    END
    """
)
SOURCE = SQL(
    """
      FROM sale_subscription term
      JOIN sale_subscription_stage stage ON stage.id = term.stage_id
      LEFT JOIN subscription_renewal renewal
        ON renewal.subscription_id = term.id AND renewal.state = 'scheduled'
    """
)
DUE = SQL(
    """
    term.active AND term.in_progress AND term.date_start <= current_date
    AND term.date < current_date + interval '3 months' AND renewal.id IS NULL
    """
)


@dataclass(frozen=True)
class Question:
    """What is asked, by whom, and the SQL for it."""

    name: str
    by_staff: bool = False
    grouped: bool = False


QUESTIONS = (
    Question("Clients to renew, a partner's staff", by_staff=True),
    Question("Clients to renew, the vendor"),
    Question("Terms by state", grouped=True),
)


def measure(registry: Registry, results: Results, terms: int, repetitions: int) -> None:
    """Measure every question over ``terms``."""
    with environment(registry, 1) as env:
        partner = env["res.partner"].search([("ref", "=", PARTNER_REF)])
        staff_id = get_staff_id(env, partner.id)
        env.cr.commit()
        path, admin_id = partner.management_path, env.ref("base.user_admin").id
    for question in QUESTIONS:
        uid = staff_id if question.by_staff else admin_id
        queries = _get_queries(question, f"{path}%")
        _verify_same_figures(registry, uid, question, queries[0])
        values = measure_in_turn(
            get_scenario(question, terms),
            {
                PRODUCT: partial(_time, registry, uid, partial(_ask, question)),
                WITH_JIT: partial(
                    _time, registry, uid, partial(_ask, question), jit=True
                ),
                ORM: partial(_time, registry, uid, partial(_ask_stored, question)),
                FLOOR: partial(_time, registry, uid, partial(_select, queries)),
            },
            repetitions * (SHORT if question.by_staff else 1),
        )
        results.add(get_scenario(question, terms), "ms", values)


def check(results: Results, few: int, many: int) -> None:
    """Hold the questions over ``many`` terms against SQL and against ``few``."""
    for question in QUESTIONS:
        scenario = get_scenario(question, many)
        if question.grouped:
            results.check_ratio(scenario, PRODUCT, FLOOR, MOST_TIMES_SQL)
        if question.by_staff:
            fastest, reference = (
                min(results.get(get_scenario(question, terms), PRODUCT).values)
                for terms in (many, few)
            )
            results.check(
                f"{question.name}: fastest run with {many:,} terms",
                f"{fastest / reference:.2f}x that with {few:,}",
                f"at most {MOST_GROWTH:g}x (noise)",
                fastest <= MOST_GROWTH * reference,
            )


def get_scenario(question: Question, terms: int) -> str:
    """Return the name of asking ``question`` over ``terms``."""
    return f"{question.name}, {terms:,} terms"


def _verify_same_figures(
    registry: Registry, uid: int, question: Question, query: SQL
) -> None:
    """Make sure that the question and its SQL have the same answer.

    :raise RuntimeError: when they do not
    """
    with environment(registry, uid) as env:
        answer = _ask(question, env)
        rows = env.execute_query(query)
    if question.grouped:
        shown = {
            (group["renewal_state"], group["__count"]) for group in answer["groups"]
        }
        wanted = {(state or False, count) for state, count, *_sums in rows}
    else:
        shown = [record["id"] for record in answer["records"]]
        wanted = [row[0] for row in rows]
    if shown != wanted:
        raise RuntimeError(f"The SQL for {question.name!r} shows other figures.")


def _time(
    registry: Registry,
    uid: int,
    ask: Callable[[Environment], Any],
    *,
    jit: bool = False,
) -> float:
    """Return the ms that ``ask`` takes in a fresh environment."""
    with environment(registry, uid, jit=jit) as env:
        env.user.has_group("base.group_user")
        env.invalidate_all()
        with stopwatch() as elapsed:
            ask(env)
        return elapsed()


def _ask(question: Question, env: Environment) -> Any:
    """Ask by the state of the day."""
    if question.grouped:
        return _group(env, "renewal_state")
    return _open(env, TO_RENEW, (*SHOWN, "renewal_state"))


def _ask_stored(question: Question, env: Environment) -> Any:
    """Ask the same of stored fields alone: what Odoo takes for any list like this."""
    if question.grouped:
        return _group(env, "in_progress")
    return _open(env, STORED, SHOWN)


def _group(env: Environment, name: str) -> Any:
    return call_kw(
        env[SUBSCRIPTION],
        "web_read_group",
        [],
        {
            "domain": [],
            "groupby": [name],
            "aggregates": ["licences_to_renew:sum"],
            "limit": LIMIT,
            "context": get_context(env),
        },
    )


def _open(env: Environment, domain: list[Any], names: tuple[str, ...]) -> Any:
    shown = {name: env[SUBSCRIPTION]._fields[name] for name in names}
    return call_kw(
        env[SUBSCRIPTION],
        "web_search_read",
        [],
        {
            "domain": domain,
            "specification": get_specification(shown),
            "order": "date, id",
            "limit": LIMIT,
            "count_limit": COUNT_LIMIT,
            "context": get_context(env),
        },
    )


def _select(queries: list[SQL], env: Environment) -> None:
    for query in queries:
        env.execute_query(query)


def _get_queries(question: Question, pattern: str) -> list[SQL]:
    """Return the queries that a careful author would write for this question."""
    if question.grouped:
        return [
            SQL(
                "SELECT %s, count(*), sum(licences_to_renew) %s WHERE term.active"
                " GROUP BY 1",
                STATE,
                SOURCE,
            )
        ]
    source = SQL("%s JOIN res_partner client ON client.id = term.client_id", SOURCE)
    condition = SQL(
        "%s AND %s",
        DUE,
        SQL("client.management_path LIKE %s", pattern)
        if question.by_staff
        else SQL("TRUE"),
    )
    return [
        SQL(
            """
            SELECT term.id, term.name, term.term_start, term.date, term.term_years,
                   term.licences_to_renew, %s, client.complete_name,
                   reseller.complete_name
              %s
              LEFT JOIN res_partner reseller ON reseller.id = term.reseller_id
             WHERE %s ORDER BY term.date, term.id LIMIT %s
            """,
            STATE,
            source,
            condition,
            LIMIT,
        ),
        SQL(
            "SELECT count(*) FROM (SELECT 1 %s WHERE %s LIMIT %s) counted",
            source,
            condition,
            COUNT_LIMIT,
        ),
    ]
