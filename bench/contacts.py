"""Opening the contact list as the staff of a partner with many clients, with the rules
that hide the contacts of other partners and without them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial
from typing import Any
from unittest.mock import patch

from lxml import etree

from odoo.api import Environment
from odoo.fields import Domain
from odoo.orm.registry import Registry
from odoo.service.model import call_kw
from odoo.sql_db import BaseCursor

from dataset import vacuum
from measure import (
    SHORT,
    WITH_JIT,
    Results,
    environment,
    measure_in_turn,
    stopwatch,
)
from usage import COUNT_LIMIT, LIMIT, get_context, get_specification, get_staff_id

ADDON = "partner_managed_subscription"
PARTNER = "res.partner"
PARTNER_REF = "bench-large-1"
CONTACTS_PER_CLIENT = 3
TYPED = "person 2 of company 1"
SUGGESTIONS = 8
MOST_TIMES_WITHOUT = 1.5

PRODUCT = "with the rules"
SAME = "without, the same contacts"
ALL = "without, all contacts"

# Asks for the contacts of a domain; returns what the web client is given.
Way = Callable[[Environment, list[Any]], Any]

# Of three companies two belong to the partner who looks, the third to another one;
# their names alternate. Each of their contacts is a member.
LOAD = """
    CREATE TEMP TABLE bench_large ON COMMIT DROP AS
    SELECT no, nextval('res_partner_id_seq') AS id FROM generate_series(1, 2) no;
    INSERT INTO res_partner (
        id, name, complete_name, ref, active, is_company, type, autopost_bills,
        commercial_partner_id, is_managing_partner, management_path)
    SELECT id, 'Large partner ' || no, 'Large partner ' || no, 'bench-large-' || no,
           TRUE, TRUE, 'contact', 'ask', id, TRUE, id || '/'
      FROM bench_large;
    CREATE TEMP TABLE bench_company ON COMMIT DROP AS
    SELECT nextval('res_partner_id_seq') AS id, company.no,
           'Company ' || company.no AS name, partner.id AS partner_id,
           concat(partner.id, '/') AS path
      FROM generate_series(1, %(clients)s * 3 / 2) company (no)
      JOIN bench_large partner
        ON partner.no = CASE WHEN mod(company.no, 3) = 0 THEN 2 ELSE 1 END;
    CREATE TEMP TABLE bench_person ON COMMIT DROP AS
    SELECT nextval('res_partner_id_seq') AS id, company.id AS company_id, position,
           concat('Person ', position, ' of company ', no) AS name,
           concat('p', position, '@c', no, '.example.net') AS email
      FROM bench_company company
     CROSS JOIN generate_series(1, %(contacts)s) position;
    INSERT INTO res_partner (
        id, name, complete_name, active, is_company, type, autopost_bills,
        commercial_partner_id, managing_partner_id, management_path)
    SELECT id, name, name, TRUE, TRUE, 'contact', 'ask', id, partner_id,
           concat(path, id, '/')
      FROM bench_company;
    INSERT INTO res_partner (
        id, name, complete_name, email, email_normalized, active, is_company, type,
        autopost_bills, commercial_partner_id, parent_id, management_path)
    SELECT person.id, person.name, concat(company.name, ', ', person.name), email,
           email, TRUE, FALSE, 'contact', 'ask', company_id, company_id,
           concat(path, company_id, '/')
      FROM bench_person person
      JOIN bench_company company ON company.id = company_id;
    INSERT INTO subscription_member (
        client_id, partner_id, name, email, role_id, active, state, is_external)
    SELECT company_id, person.id, person.name, email, role.id, TRUE, 'invited', FALSE
      FROM bench_person person
      JOIN subscription_member_role role
        ON role.code = CASE WHEN position = 1 THEN 'administrator' ELSE 'standard' END
"""


def measure(
    registry: Registry, results: Results, clients: int, repetitions: int
) -> None:
    """Measure the contact list, and the suggestions where a contact is chosen, of a
    partner with ``clients`` clients, among those of another one with half as many."""
    with registry.cursor() as cr:
        _load(cr, clients)
    with environment(registry, 1) as env:
        partner = env[PARTNER].search([("ref", "=", PARTNER_REF)])
        uid = get_staff_id(env, partner.id)
        env.cr.commit()
        same = _get_same_domain(env, uid, partner.management_path)
    # Typing searches names: PostgreSQL compares those of the hidden contacts as well
    # before it comes to the rules, and so it does in the list of all contacts.
    for scenario, way, references in (
        (f"Contact list, {clients:,} clients", _open, (SAME, ALL)),
        (f"Contact suggestions, {clients:,} clients", _suggest, (ALL,)),
    ):
        _verify_same_contacts(registry, uid, way, same)
        values = measure_in_turn(
            scenario,
            {
                PRODUCT: partial(_time, registry, uid, way, [], restricted=True),
                WITH_JIT: partial(
                    _time, registry, uid, way, [], restricted=True, jit=True
                ),
                SAME: partial(_time, registry, uid, way, same, restricted=False),
                ALL: partial(_time, registry, uid, way, [], restricted=False),
            },
            SHORT * repetitions,
        )
        results.add(scenario, "ms", values)
        for reference in references:
            results.check_ratio(scenario, PRODUCT, reference, MOST_TIMES_WITHOUT)


def _load(cr: BaseCursor, clients: int) -> None:
    """Load a partner with ``clients`` clients and another one with half as many."""
    cr.execute(LOAD, {"clients": clients, "contacts": CONTACTS_PER_CLIENT})
    cr.commit()
    vacuum(cr, "res_partner", "subscription_member")


def _get_same_domain(env: Environment, uid: int, path: str) -> list[Any]:
    """Return the domain of the contacts that this user sees: those of its partner's
    clients, and by their ids the few others."""
    clients = Domain("management_path", "=like", f"{path}%")
    others = env[PARTNER].with_user(uid).search(~clients)
    return list(clients | Domain("id", "in", others.ids))


def _verify_same_contacts(
    registry: Registry, uid: int, way: Way, same: list[Any]
) -> None:
    """Make sure that the rules show the contacts of the domain ``same``, no others.

    :raise RuntimeError: when they do not
    """
    with environment(registry, uid) as env:
        shown = way(env, [])
        with _without_rules(env):
            expected, everything = way(env, same), way(env, [])
    if shown != expected or shown == everything:
        raise RuntimeError("With and without the rules other contacts are shown.")


def _time(
    registry: Registry,
    uid: int,
    way: Way,
    domain: list[Any],
    *,
    restricted: bool,
    jit: bool = False,
) -> float:
    """Return the ms that ``way`` takes the second time: whoever changes rules, as is
    done here, makes the server forget what it keeps between requests."""
    with environment(registry, uid, jit=jit) as env:
        with nullcontext() if restricted else _without_rules(env):
            way(env, domain)
            env.invalidate_all()
            with stopwatch() as elapsed:
                way(env, domain)
        return elapsed()


@contextmanager
def _without_rules(env: Environment) -> Iterator[None]:
    """Switch the rules of this addon for contacts off, in this transaction alone, and
    with them what holds for models that have none."""
    data = env["ir.model.data"].sudo()
    names = data.search([("module", "=", ADDON), ("model", "=", "ir.rule")])
    rules = env["ir.rule"].sudo().browse(names.mapped("res_id"))
    rules.filtered(lambda rule: rule.model_id.model == PARTNER).active = False
    env.flush_all()
    unruled = patch.object(
        env.registry["ir.rule"], "_get_shared_domain", lambda *args: Domain.TRUE
    )
    try:
        with unruled:
            yield
    finally:
        env.cr.rollback()
        env.registry.clear_all_caches()


def _open(env: Environment, domain: list[Any]) -> Any:
    """Open the contact list."""
    arch = env[PARTNER].get_view(view_type="list")["arch"]
    names = [node.get("name") for node in etree.fromstring(arch).iter("field")]
    shown = {name: env[PARTNER]._fields[name] for name in names}
    return call_kw(
        env[PARTNER],
        "web_search_read",
        [],
        {
            "domain": domain,
            "specification": get_specification(shown),
            "order": "",
            "limit": LIMIT,
            "count_limit": COUNT_LIMIT,
            "context": get_context(env),
        },
    )


def _suggest(env: Environment, domain: list[Any]) -> Any:
    """Type a part of a name where a contact is chosen."""
    return call_kw(
        env[PARTNER],
        "name_search",
        [],
        {
            "name": TYPED,
            "domain": domain,
            "operator": "ilike",
            "limit": SUGGESTIONS,
            "context": get_context(env),
        },
    )
