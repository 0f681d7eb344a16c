"""The pages of a client with many members, beside those of one with few; and adding a
list of many members, beside creating as many contacts.

Pages are asked for as the server does, through Odoo's own application, in this process:
there is no network between.
"""

from __future__ import annotations

from functools import partial

from werkzeug.test import Client

from odoo import Command, http, sql_db
from odoo.api import Environment
from odoo.orm.registry import Registry
from odoo.tools import config

from measure import SHORT, Results, environment, measure_in_turn, stopwatch

ADDON = "partner_managed_subscription"
PARTNER = "res.partner"
MEMBER = "subscription.member"
PASSWORD = "bench-portal"
FEW, MANY = 50, 5_000
LOCAL = {"REMOTE_ADDR": "127.0.0.1"}
PAGES = {"Members": "/members", "Overview": "", "Module": "/module/{pool}"}
# A page of the large client takes at most so many times as long as of the small one,
# and so many queries.
MOST_GROWTH = 1.5
MOST_QUERIES = 25
# Adding a list takes at most so many times as long as creating its contacts.
MOST_TIMES_CONTACTS = 2
ADD = f"Add a CSV of {MANY:,} members"
CONTACTS = "create as many contacts"


def measure(registry: Registry, results: Results, repetitions: int) -> None:
    """Measure the pages of the portal, and adding a list of members."""
    with environment(registry, 1) as env:
        pools = {size: _make_client(env, size) for size in (FEW, MANY)}
        empty_id = _make_client(env, 0)
        env.cr.commit()
        # As autovacuum does soon after; until then plans are made for empty tables.
        env.cr.execute("ANALYZE")
        env.cr.commit()
    config["db_name"] = [registry.db_name]
    visitors = {size: _Visitor(size) for size in (FEW, MANY)}
    for page, path in PAGES.items():
        variants = {
            f"{size:,} members": partial(visitors[size].open, path, *pools[size])
            for size in (FEW, MANY)
        }
        scenario = f"{page} page"
        values = measure_in_turn(scenario, variants, SHORT * repetitions)
        results.add(scenario, "ms", values)
        few, many = variants
        results.check_ratio(scenario, many, few, MOST_GROWTH)
        queries = visitors[MANY].count_queries(path, *pools[MANY])
        results.check(
            f"{scenario}, {MANY:,} members",
            f"{queries} queries",
            f"at most {MOST_QUERIES}",
            queries <= MOST_QUERIES,
        )
    _measure_adding(registry, results, empty_id[0], repetitions)


def _measure_adding(
    registry: Registry, results: Results, client_id: int, repetitions: int
) -> None:
    lines = [f"Person {n} Bench;person{n}@list.example" for n in range(MANY)]
    text = "\n".join(["Name;E-mail", *lines])
    variants = {
        "read, plan and add": partial(_add, registry, client_id, text),
        CONTACTS: partial(_create_contacts, registry, client_id),
    }
    values = measure_in_turn(ADD, variants, repetitions)
    results.add(ADD, "ms", values)
    product, floor = variants
    results.check_ratio(ADD, product, floor, MOST_TIMES_CONTACTS)


def _add(registry: Registry, client_id: int, text: str) -> float:
    """Add the list and return the ms; nothing of it is kept."""
    with environment(registry, 1) as env:
        client = env[PARTNER].browse(client_id)
        with stopwatch() as elapsed:
            people = client._read_members_text(text).people
            role = env[MEMBER]._default_role_id()
            plan = client._plan_members(people, role=role)
            members = client._add_members(plan)
            env.flush_all()
        if len(members) != MANY:
            raise RuntimeError("Not all members of the list were added.")
        return elapsed()


def _create_contacts(registry: Registry, client_id: int) -> float:
    """Create as many contacts and return the ms; nothing of it is kept."""
    with environment(registry, 1) as env:
        with stopwatch() as elapsed:
            env[PARTNER].create(
                [
                    {
                        "name": f"Person {n} Bench",
                        "email": f"person{n}@list.example",
                        "parent_id": client_id,
                    }
                    for n in range(MANY)
                ]
            )
            env.flush_all()
        return elapsed()


def _make_client(env: Environment, size: int) -> tuple[int, int]:
    """Make a client with so many members, and its administrator's login; return the ids
    of the client and of a pool."""
    manager = env[PARTNER].create(
        {"name": f"Partner {size}", "is_company": True, "is_managing_partner": True}
    )
    client = env[PARTNER].create(
        {
            "name": f"Client with {size} members",
            "is_company": True,
            "managing_partner_id": manager.id,
        }
    )
    base = env["subscription.module"].search([("is_base", "=", True)])
    plan = env["sale.subscription.template"].create(
        {
            "name": f"Portal {size}",
            "plan_line_ids": [
                Command.create({"module_id": base.id, "seat_limit": 2 * MANY})
            ],
        }
    )
    subscription = env["sale.subscription"].create(
        {
            "partner_id": client.id,
            "template_id": plan.id,
            "pricelist_id": env["product.pricelist"].create({"name": "Portal"}).id,
        }
    )
    subscription.action_start_subscription()
    _make_members(env, client, size)
    return client.id, subscription.seat_pool_ids.id


def _make_members(env: Environment, client: object, size: int) -> None:
    teams = env["subscription.team"].create(
        [{"client_id": client.id, "name": f"Team {n}"} for n in range(5)]
    )
    env[MEMBER].create(
        [
            {
                "client_id": client.id,
                "name": f"Member {n}",
                "email": f"m{n}@c{client.id}.example",
                "team_ids": [Command.set(teams[n % 5].ids)],
            }
            for n in range(size)
        ]
    )
    administrator = env[MEMBER].create(
        {
            "client_id": client.id,
            "name": f"Administrator {size}",
            "email": f"admin{size}@portal.example",
            "role_id": env.ref(f"{ADDON}.role_administrator").id,
        }
    )
    env["res.users"].with_context(no_reset_password=True).create(
        {
            "partner_id": administrator.partner_id.id,
            "login": f"admin{size}",
            "password": PASSWORD,
            "group_ids": [Command.set(env.ref("base.group_portal").ids)],
        }
    )


class _Visitor:
    """An administrator who has logged in."""

    def __init__(self, size: int) -> None:
        self._browser = Client(http.root)
        params = {
            "db": config["db_name"][0],
            "login": f"admin{size}",
            "password": PASSWORD,
        }
        answer = self._browser.post(
            "/web/session/authenticate", json={"params": params}, environ_base=LOCAL
        )
        if "error" in answer.json:
            raise RuntimeError(answer.json["error"])

    def open(self, path: str, client_id: int, pool_id: int) -> float:
        """Open a page of a client and return the ms."""
        address = f"/my/subscription/{client_id}{path.format(pool=pool_id)}"
        with stopwatch() as elapsed:
            answer = self._browser.get(address, environ_base=LOCAL)
            text = answer.get_data(as_text=True)
        if answer.status_code != 200 or "o_my_subscription" not in text:
            raise RuntimeError(f"{address} answered {answer.status_code}.")
        return elapsed()

    def count_queries(self, path: str, client_id: int, pool_id: int) -> int:
        """Return how many queries a page needs that was opened before."""
        before = sql_db.sql_counter
        self.open(path, client_id, pool_id)
        return sql_db.sql_counter - before
