"""Loads clients, subscriptions, pools, members and seats by SQL, in bulk.

The shape is the same at every size. A client has one subscription with a base pool and
two modules; 5 to 95 of its members hold a base seat, 60 % and 40 % of them a seat of
the modules: 100 seats in use on average, and a released one beside each. Two more
members have a role that takes no seat. 80 clients belong to one partner; of five
partners one is at the top and manages the other four. Of 100 pools about 10 are full,
15 running low, 5 unlimited and one over its limit; of 50 subscriptions one is a draft.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass

import psycopg2

from odoo import SUPERUSER_ID
from odoo.api import Environment
from odoo.sql_db import BaseCursor, connection_info_for

from measure import progress

CLIENTS_PER_PARTNER = 80
SEATS_PER_CLIENT = 100
MODULES = ("bench-a", "bench-b")

PREPARE = """
    INSERT INTO subscription_module (name, code, sequence, active, is_base)
    VALUES ('{"en_US": "Bench A"}', 'bench-a', 10, TRUE, FALSE),
           ('{"en_US": "Bench B"}', 'bench-b', 20, TRUE, FALSE);
    INSERT INTO product_pricelist (name, currency_id, active)
    SELECT '{"en_US": "Bench"}', currency_id, TRUE FROM res_company LIMIT 1;
"""

# A partner whose number can be divided by 5 manages the four after it.
PARTNERS = """
    CREATE TEMP TABLE bench_partner ON COMMIT DROP AS
    SELECT no, nextval('res_partner_id_seq') AS id
      FROM generate_series(0, %(partners)s - 1) no;
    INSERT INTO res_partner (
        id, name, complete_name, ref, active, is_company, type, autopost_bills,
        commercial_partner_id, is_managing_partner,
        managing_partner_id, management_path)
    SELECT this.id, 'Partner ' || this.no, 'Partner ' || this.no,
           'bench-partner-' || this.no, TRUE, TRUE, 'contact', 'ask',
           this.id, TRUE, top.id, concat(top.id || '/', this.id, '/')
      FROM bench_partner this
      LEFT JOIN bench_partner top ON top.no = this.no - mod(this.no, 5)
                                 AND top.no <> this.no
"""

# (what, SQL). Each reads what those before it left in temporary tables.
STEPS = (
    (
        "contacts",
        """
        CREATE TEMP TABLE bench_contact ON COMMIT DROP AS
        SELECT *, nextval('res_partner_id_seq') AS id,
               concat('m', position, '@c', no, '.example.com') AS email
          FROM (SELECT no, 5 + 10 * mod(no, 10) AS size, position,
                       CASE WHEN position = 0 THEN 'Client ' || no
                            ELSE 'Member ' || position || ' of client ' || no
                       END AS name,
                       mod(no / %(per_partner)s + 1, %(partners)s) AS partner_no
                  FROM generate_series(%(start)s, %(stop)s - 1) no
                 CROSS JOIN LATERAL
                       generate_series(0, 5 + 10 * mod(no, 10) + 2) position
                 ORDER BY no, position) ordered;
        CREATE TEMP TABLE bench_client ON COMMIT DROP AS
        SELECT contact.id, no, size, contact.name, partner.id AS partner_id,
               concat(partner.management_path, contact.id, '/') AS path,
               nextval('sale_subscription_id_seq') AS subscription_id
          FROM bench_contact contact
          JOIN res_partner partner ON partner.ref = 'bench-partner-' || partner_no
         WHERE position = 0;
        INSERT INTO res_partner (
            id, name, complete_name, email, email_normalized, active, is_company, type,
            autopost_bills, commercial_partner_id, parent_id,
            managing_partner_id, management_path)
        SELECT contact.id, contact.name,
               CASE WHEN position = 0 THEN contact.name
                    ELSE concat(client.name, ', ', contact.name) END,
               email, email, TRUE, position = 0, 'contact', 'ask', client.id,
               CASE WHEN position > 0 THEN client.id END,
               CASE WHEN position = 0 THEN client.partner_id END, path
          FROM bench_contact contact
          JOIN bench_client client USING (no)
         ORDER BY contact.id
        """,
    ),
    (
        "subscriptions",
        """
        INSERT INTO sale_subscription (
            id, name, code, company_id, partner_id, client_id, managing_partner_id,
            management_path, template_id, pricelist_id, stage_id, active, in_progress,
            date_start, date)
        SELECT subscription_id, 'Subscription ' || no, 'B' || no, company.id,
               client.id, client.id, client.partner_id, path, template.id, pricelist.id,
               stage.id, TRUE, stage.type = 'in_progress', current_date - 200,
               current_date + 165
          FROM bench_client client
          JOIN (SELECT id FROM res_company ORDER BY id LIMIT 1) company ON TRUE
          JOIN sale_subscription_template template ON template.name = 'Bench'
          JOIN product_pricelist pricelist ON pricelist.name ->> 'en_US' = 'Bench'
          JOIN (SELECT DISTINCT ON (type) id, type FROM sale_subscription_stage) stage
            ON stage.type = CASE WHEN mod(no, 50) = 49 THEN 'draft'
                                 ELSE 'in_progress' END
        """,
    ),
    (
        "pools",
        """
        CREATE TEMP TABLE bench_pool ON COMMIT DROP AS
        SELECT nextval('subscription_seat_pool_id_seq') AS id, client.id AS client_id,
               client.subscription_id, client.partner_id, client.path, client.no,
               module.id AS module_id, module.is_base, module.sequence, used,
               kind BETWEEN 25 AND 29 AS is_unlimited,
               CASE WHEN kind < 10 THEN used
                    WHEN kind < 25 THEN ceil(used / 0.9)
                    WHEN kind < 30 THEN 0
                    WHEN kind = 30 THEN used - 1
                    ELSE 2 * used
               END::integer AS seat_limit
          FROM bench_client client
          JOIN subscription_module module
            ON module.is_base OR module.code IN %(modules)s
         CROSS JOIN LATERAL (
               SELECT CASE WHEN is_base THEN size
                           WHEN code = 'bench-a' THEN size * 3 / 5
                           ELSE size * 2 / 5
                      END AS used,
                      mod(client.no * 7 + module.id * 31, 100) AS kind
               ) computed;
        INSERT INTO subscription_seat_pool (
            id, subscription_id, module_id, is_base, sequence, client_id,
            managing_partner_id, management_path, company_id, seat_limit, is_unlimited)
        SELECT pool.id, subscription_id, module_id, is_base, pool.sequence,
               pool.client_id, pool.partner_id, path, subscription.company_id,
               seat_limit, is_unlimited
          FROM bench_pool pool
          JOIN sale_subscription subscription ON subscription.id = subscription_id
        """,
    ),
    (
        "members",
        """
        CREATE TEMP TABLE bench_member ON COMMIT DROP AS
        SELECT nextval('subscription_member_id_seq') AS id, client.id AS client_id,
               contact.id AS contact_id, position, contact.size, contact.name, email
          FROM bench_contact contact
          JOIN bench_client client USING (no)
         WHERE position > 0
         ORDER BY contact.id;
        INSERT INTO subscription_member (
            id, client_id, partner_id, name, email, role_id, active, state,
            is_selected, is_external)
        SELECT member.id, client_id, member.contact_id, member.name, email, role.id,
               TRUE, 'invited', TRUE, FALSE
          FROM bench_member member
          JOIN subscription_member_role role
            ON role.code = CASE WHEN position = 1 THEN 'administrator'
                                WHEN position > size THEN 'reports'
                                ELSE 'standard' END
        """,
    ),
    (
        "seats",
        """
        INSERT INTO subscription_seat (
            pool_id, member_id, holder_name, number, takes_seat, granted_at,
            granted_by_id, released_at, released_by_id, release_reason)
        SELECT pool.id, member.id, member.name,
               CASE WHEN position > size THEN NULL
                    WHEN is_unlimited OR seat_limit < used THEN position
                    ELSE 1 + mod(position + no, seat_limit)
               END,
               position <= size, date, 1, date + gone, CASE WHEN gone IS NOT NULL THEN 1
               END, CASE WHEN gone IS NOT NULL THEN 'access' END
          FROM bench_pool pool
          JOIN bench_member member
            ON member.client_id = pool.client_id
           AND (position <= used OR is_base AND position > size)
         CROSS JOIN (VALUES (now() - interval '500 days', interval '200 days'),
                            (now() - interval '200 days', NULL)) period (date, gone)
         ORDER BY date, pool.id
        """,
    ),
)
TABLES = (
    "res_partner",
    "sale_subscription",
    "subscription_seat_pool",
    "subscription_member",
    "subscription_seat",
)
# Tables that get so many rows that it pays to index them afterwards.
BULKY = {
    "contacts": "res_partner",
    "members": "subscription_member",
    "seats": "subscription_seat",
}


@dataclass(frozen=True)
class Dataset:
    """A database to be filled up to ``clients`` clients, in one step or more."""

    clients: int

    @property
    def partners(self) -> int:
        """Partners, whole families of five."""
        return 5 * math.ceil(self.clients / CLIENTS_PER_PARTNER / 5)

    def prepare(self, cr: BaseCursor) -> None:
        """Load what all sizes share: modules, plan, price list, partners."""
        plans = Environment(cr, SUPERUSER_ID, {})["sale.subscription.template"]
        plans.create(
            {"name": "Bench", "recurring_rule_type": "years"}
        ).flush_recordset()
        cr.execute(PREPARE)
        cr.execute(PARTNERS, {"partners": self.partners})
        cr.commit()

    def load(self, cr: BaseCursor, start: int, stop: int) -> None:
        """Load the clients ``start`` to ``stop - 1`` and all that is theirs."""
        values = {
            "start": start,
            "stop": stop,
            "partners": self.partners,
            "per_partner": CLIENTS_PER_PARTNER,
            "modules": MODULES,
        }
        seats = stop * SEATS_PER_CLIENT
        for what, statements in progress(f"Loading up to {seats:,} seats", STEPS):
            with _without_indexes(cr, BULKY.get(what)):
                cr.execute(statements, values)
        cr.commit()
        vacuum(cr, *TABLES)

    def describe(self, cr: BaseCursor) -> dict[str, int]:
        """Return how many rows there are."""
        counts = {}
        for table in TABLES:
            cr.execute(f"SELECT count(*) FROM {table}")
            counts[f"{table} rows"] = cr.fetchone()[0]
        cr.execute(
            "SELECT count(*) FROM subscription_seat"
            " WHERE number IS NOT NULL AND released_at IS NULL"
        )
        return counts | {"seats in use": cr.fetchone()[0]}


def vacuum(cr: BaseCursor, *tables: str) -> None:
    """Clear dead rows away and renew the planner's statistics."""
    info = connection_info_for(cr.dbname)[1]
    with closing(psycopg2.connect(**info)) as connection:
        connection.autocommit = True
        with connection.cursor() as plain_cr:
            plain_cr.execute(f"VACUUM (ANALYZE) {', '.join(tables)}")


@contextmanager
def _without_indexes(cr: BaseCursor, table: str | None) -> Iterator[None]:
    """Take away the indexes and foreign keys of ``table`` for a while. Building them
    again checks all rows, and is three times as fast as checking row by row."""
    cr.execute(
        """
        SELECT format('DROP INDEX %%I', indexrelid::regclass::text),
               pg_get_indexdef(indexrelid)
          FROM pg_index
         WHERE indrelid = to_regclass(%(table)s)
           AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid)
         UNION ALL
        SELECT format('ALTER TABLE %%I DROP CONSTRAINT %%I', %(table)s, conname),
               format('ALTER TABLE %%I ADD CONSTRAINT %%I %%s', %(table)s, conname,
                      pg_get_constraintdef(oid))
          FROM pg_constraint
         WHERE conrelid = to_regclass(%(table)s) AND contype = 'f'
        """,
        {"table": table},
    )
    statements = cr.fetchall()
    for drop, _create in statements:
        cr.execute(drop)
    yield
    for _remove_or_zero, create in statements:
        cr.execute(create)
