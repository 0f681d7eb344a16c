"""Finding and queueing the notices of a day on which none has gone out yet, beside SQL
that finds them and e-mails created without any rule."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from odoo.api import Environment
from odoo.orm.registry import Registry
from odoo.tools.misc import split_every

from dataset import vacuum
from measure import Results, measure_in_turn, stopwatch, uncommitted
from usage import MOST_GROWTH

NOTICE = "subscription.notice"
MAIL = "mail.mail"
CHUNK = 50
# Messages that are queued; the others of the day count as sent.
MESSAGES = 100
COPIED = (
    "subject",
    "body_html",
    "email_from",
    "email_to",
    "reply_to",
    "author_id",
    "auto_delete",
    "message_type",
)

FIND, QUEUE = "Find the notices", "Queue the notices"
FIND_CLIENTS = "Find the notices, clients notified as well,"
PRODUCT = "job"
FLOOR = "plain SQL"
ORM = "bare ORM create"

# What a careful author would write: find what is due, and insert it, at one go.
FLOOR_QUERY = """
    WITH due AS MATERIALIZED (
        SELECT term.id, term.client_id, term.company_id, term.date, audience,
               recipient.id AS addressee_id,
               CASE WHEN left_days <= 0 THEN 0 WHEN left_days <= 7 THEN 7
                    WHEN left_days <= 30 THEN 30 WHEN left_days <= 60 THEN 60
                    ELSE 90 END AS days
          FROM sale_subscription term
          JOIN res_partner client ON client.id = term.client_id
         CROSS JOIN LATERAL (SELECT term.date - current_date AS left_days) counted
         CROSS JOIN LATERAL (
               SELECT 'partner' AS audience, manager.id
                 FROM unnest(string_to_array(
                      rtrim(client.management_path, '/'), '/')::integer[])
                      manager (id)
                WHERE manager.id <> client.id
            UNION ALL
               SELECT 'client', client.id
                WHERE %(to_clients)s) recipient
         WHERE term.in_progress AND term.active
           AND term.managing_partner_id IS NOT NULL
           AND term.date BETWEEN current_date - 7 AND current_date + 90
           AND NOT EXISTS (
               SELECT FROM subscription_snooze snooze
                WHERE snooze.subscription_id = term.id
                  AND COALESCE(snooze.addressee_id, recipient.id)
                    = recipient.id
                  AND snooze.until > current_date)
           AND NOT EXISTS (
               SELECT FROM subscription_renewal renewal
                WHERE renewal.subscription_id = term.id
                  AND renewal.state = 'scheduled')
           AND NOT EXISTS (
               SELECT FROM subscription_notice_line line
                WHERE line.partner_id = recipient.id
                  AND line.subscription_id = term.id
                  AND line.term_end = term.date)
    ), notice AS (
        INSERT INTO subscription_notice (
            kind, audience, addressee_id, partner_id, company_id, state)
        SELECT DISTINCT 'renewal', audience, addressee_id, addressee_id, company_id,
               'to_send'
          FROM due
     RETURNING id, addressee_id, company_id
    )
    INSERT INTO subscription_notice_line (
        notice_id, partner_id, company_id, kind, subscription_id, client_id, term_end,
        days)
    SELECT notice.id, addressee_id, due.company_id, 'renewal', due.id, client_id, date,
           days
      FROM due
      JOIN notice USING (addressee_id, company_id)
"""


def measure(registry: Registry, results: Results, terms: int, repetitions: int) -> None:
    """Measure finding the notices of a day of ``terms``, and queueing some of them."""
    for what, to_clients in ((FIND, False), (FIND_CLIENTS, True)):
        doors = {
            PRODUCT: partial(_find, to_clients=to_clients),
            FLOOR: partial(_find_plainly, to_clients=to_clients),
        }
        _verify_same_lines(registry, doors)
        values = measure_in_turn(
            get_scenario(what, terms),
            {
                variant: partial(_time, registry, door, terms / 1000)
                for variant, door in doors.items()
            },
            repetitions,
        )
        results.add(get_scenario(what, terms), "ms", values)
    with registry.cursor() as cr:
        _find(Environment(cr, 1, {}))
        cr.execute(
            "UPDATE subscription_notice SET state = 'sent', sent_at = now() WHERE id IN"
            " (SELECT id FROM subscription_notice ORDER BY partner_id OFFSET %s)",
            [MESSAGES],
        )
        cr.commit()
        vacuum(cr, *_get_tables())
    rows = _note_mails(registry)
    values = measure_in_turn(
        get_scenario(QUEUE, terms),
        {
            PRODUCT: partial(_time, registry, _queue, len(rows)),
            ORM: partial(_time, registry, partial(_create, rows), len(rows)),
        },
        repetitions,
    )
    results.add(get_scenario(QUEUE, terms), "ms", values)
    with registry.cursor() as cr:
        cr.execute(f"TRUNCATE {', '.join(_get_tables())}")
        cr.commit()


def check(results: Results, few: int, many: int) -> None:
    """Hold what each takes of ``many`` terms against what it takes of ``few``."""
    for what in (FIND, FIND_CLIENTS, QUEUE):
        fastest, reference = (
            min(results.get(get_scenario(what, terms), PRODUCT).values)
            for terms in (many, few)
        )
        results.check(
            f"{get_scenario(what, many)}: fastest run",
            f"{fastest / reference:.2f}x that with {few:,} terms",
            f"at most {MOST_GROWTH:g}x (noise)",
            fastest <= MOST_GROWTH * reference,
        )


def get_scenario(what: str, terms: int) -> str:
    """Return the name of doing ``what`` with ``terms``."""
    each = "each message" if what == QUEUE else "for 1,000 of them"
    return f"{what} of {terms:,} terms, {each}"


def _get_tables() -> tuple[str, str]:
    return "subscription_notice", "subscription_notice_line"


def _time(
    registry: Registry, door: Callable[[Environment], Any], count: float
) -> float:
    """Return the ms that ``door`` takes, divided by ``count``."""
    with uncommitted(registry, 1) as env, stopwatch() as elapsed:
        door(env)
        env.flush_all()
    return elapsed() / count


def _find(env: Environment, *, to_clients: bool = False) -> None:
    env["res.company"].search([]).renewal_notice_clients = to_clients
    env[NOTICE]._find_all()


def _queue(env: Environment) -> None:
    env[NOTICE]._send_all()


def _find_plainly(env: Environment, *, to_clients: bool) -> None:
    env.cr.execute(FLOOR_QUERY, {"to_clients": to_clients})


def _verify_same_lines(
    registry: Registry, doors: dict[str, Callable[[Environment], None]]
) -> None:
    """Make sure that the job and its SQL find the same.

    :raise RuntimeError: when they do not
    """
    found = []
    for door in doors.values():
        with uncommitted(registry, 1) as env:
            door(env)
            env.cr.execute(
                "SELECT partner_id, subscription_id, term_end, days"
                " FROM subscription_notice_line ORDER BY 1, 2, 3, 4"
            )
            found.append(env.cr.fetchall())
    if found[0] != found[1] or not found[0]:
        raise RuntimeError("The SQL for the notices finds others.")


def _note_mails(registry: Registry) -> list[dict[str, Any]]:
    """Return the values of the e-mails that the job queues.

    :raise RuntimeError: when a notice remains unsent
    """
    with uncommitted(registry, 1) as env:
        last_id = env[MAIL].search([], order="id desc", limit=1).id or 0
        _queue(env)
        if env[NOTICE].search_count([("state", "!=", "sent")]):
            raise RuntimeError("Notices remain unsent.")
        mails = env[MAIL].search([("id", ">", last_id)], order="id")
        return [
            {name: value for name, value in values.items() if name != "id"}
            for values in mails.read(COPIED, load="")
        ]


def _create(rows: list[dict[str, Any]], env: Environment) -> None:
    """Create the same e-mails, written already."""
    for chunk in split_every(CHUNK, rows, list):
        env[MAIL].create(chunk)
        env.cr.commit()
