"""Loads subscriptions with yearly terms in all states, by SQL, in bulk.

A client has one subscription of a year with a base pool of 5 seats and two modules
sold by the licence, of 5 and 3. 100 clients belong to one partner, each partner with
the same mix: 2 terms start today, 3 are renewed, 10 end within 90 days, 2 have ended, 2
have not started, one is closed and 80 run. Of five partners one is at the top and
manages the other four. Every partner has licences in stock. The clients whose terms
start have five members each. One more partner, for renewing in bulk, has as many
clients as are asked for, whose terms all run.
"""

from __future__ import annotations

from dataclasses import dataclass

from odoo import Command
from odoo.api import Environment
from odoo.sql_db import BaseCursor

from dataset import vacuum
from measure import progress

CLIENTS_PER_PARTNER = 100
# Clients of a partner and the four that it manages.
FAMILY = 5 * CLIENTS_PER_PARTNER
PLAN = "Bench yearly"
# The number of the partner for renewing in bulk.
BULK_PARTNER = 1_000_000
# Code, seats, seats of the next term.
MODULES = {"base": (5, 5), "bench-term-a": (5, 6), "bench-term-b": (3, 3)}
LICENCES = sum(seats for seats, _next in MODULES.values()) - MODULES["base"][0]
STOCK = 1_000_000

# A partner whose number can be divided by 5 manages the four after it.
PARTNERS = """
    CREATE TEMP TABLE bench_partner ON COMMIT DROP AS
    SELECT no, nextval('res_partner_id_seq') AS id
      FROM generate_series(%(start)s, %(stop)s - 1) no;
    INSERT INTO res_partner (
        id, name, complete_name, ref, email, email_normalized, active, is_company,
        type, autopost_bills, commercial_partner_id, is_managing_partner,
        managing_partner_id, management_path)
    SELECT this.id, name, name, 'bench-term-' || this.no, email, email, TRUE, TRUE,
           'contact', 'ask', this.id, TRUE, top.id,
           concat(top.id || '/', this.id, '/')
      FROM bench_partner this
      LEFT JOIN bench_partner top ON top.no = this.no - mod(this.no, 5)
                                 AND top.no <> this.no
     CROSS JOIN LATERAL (
           SELECT 'Terms partner ' || this.no AS name,
                  concat('office@p', this.no, '.example.com') AS email) said;
    INSERT INTO subscription_licence_account (partner_id, module_id, company_id)
    SELECT partner.id, module.id, company.id
      FROM bench_partner partner
      JOIN subscription_module module
        ON module.code = ANY(%(modules)s) AND module.is_licensed
      JOIN (SELECT id FROM res_company ORDER BY id LIMIT 1) company ON TRUE;
    INSERT INTO subscription_licence_move (
        account_id, partner_id, module_id, company_id, date, user_id, kind, number,
        quantity, balance)
    SELECT account.id, account.partner_id, account.module_id, account.company_id,
           now(), 1, 'given', 1, %(stock)s, %(stock)s
      FROM subscription_licence_account account
      JOIN bench_partner partner ON partner.id = account.partner_id
"""

# (what, SQL). Each reads what those before it left in temporary tables.
STEPS = (
    (
        "clients",
        """
        CREATE TEMP TABLE bench_term ON COMMIT DROP AS
        SELECT no, kind, nextval('res_partner_id_seq') AS id, partner.id AS partner_id,
               partner.managing_partner_id AS top_id, partner.management_path,
               nextval('sale_subscription_id_seq') AS subscription_id,
               CASE WHEN kind BETWEEN 0 AND 4 THEN 'renewed'
                    WHEN kind BETWEEN 17 AND 18 THEN 'draft'
                    WHEN kind = 19 THEN 'closed'
               END AS how,
               current_date + CASE
                   WHEN kind BETWEEN 0 AND 1 THEN -1
                   WHEN kind BETWEEN 2 AND 14 THEN mod(no / 100 * 7 + kind, 90)
                   WHEN kind BETWEEN 15 AND 16 THEN -1 - mod(no / 100, 60)
                   WHEN kind BETWEEN 17 AND 18 THEN 365 + mod(no / 100, 30)
                   WHEN kind = 19 THEN -100
                   ELSE 95 + mod(no * 7, 265)
               END::integer AS date
          FROM (SELECT no, CASE WHEN %(only)s THEN 99
                                ELSE mod(no, %(per_partner)s) END AS kind,
                       concat('bench-term-', CASE WHEN %(only)s THEN %(partner)s
                              ELSE no / %(per_partner)s END) AS ref
                  FROM generate_series(%(start)s, %(stop)s - 1) no) numbered
          JOIN res_partner partner USING (ref);
        INSERT INTO res_partner (
            id, name, complete_name, active, is_company, type, autopost_bills,
            commercial_partner_id, managing_partner_id, management_path)
        SELECT id, name, name, TRUE, TRUE, 'contact', 'ask', id, partner_id,
               concat(management_path, id, '/')
          FROM bench_term
         CROSS JOIN LATERAL (SELECT 'Client ' || id AS name) said
        """,
    ),
    (
        "subscriptions",
        """
        INSERT INTO sale_subscription (
            id, name, code, company_id, currency_id, partner_id, client_id,
            managing_partner_id, management_path, top_partner_id, reseller_id,
            template_id, pricelist_id, stage_id, active, in_progress,
            recurring_rule_boundary, date_start, term_start, date,
            recurring_next_date, term_years, licences_to_renew)
        SELECT subscription_id, 'Term ' || subscription_id, 'T' || subscription_id,
               company.id, company.currency_id, term.id, term.id, partner_id,
               concat(management_path, term.id, '/'), coalesce(top_id, partner_id),
               CASE WHEN top_id IS NOT NULL THEN partner_id END, template.id,
               pricelist.id, stage.id, TRUE, how IS DISTINCT FROM 'draft'
               AND how IS DISTINCT FROM 'closed', TRUE, begun.date, begun.date,
               term.date, term.date + 1, 1, %(licences)s
          FROM bench_term term
         CROSS JOIN LATERAL (
               SELECT (term.date + 1 - interval '1 year')::date AS date) begun
          JOIN (SELECT id, currency_id FROM res_company ORDER BY id LIMIT 1) company
            ON TRUE
          JOIN sale_subscription_template template ON template.name = %(plan)s
          JOIN product_pricelist pricelist ON pricelist.name ->> 'en_US' = %(plan)s
          JOIN (SELECT DISTINCT ON (type) id, type FROM sale_subscription_stage) stage
            ON stage.type = CASE how WHEN 'draft' THEN 'draft' WHEN 'closed' THEN 'post'
                                     ELSE 'in_progress' END
        """,
    ),
    (
        "pools",
        """
        CREATE TEMP TABLE bench_pool ON COMMIT DROP AS
        SELECT nextval('subscription_seat_pool_id_seq') AS id, term.no,
               term.subscription_id, term.id AS client_id, partner_id, how, kind,
               concat(management_path, term.id, '/') AS management_path,
               module.id AS module_id, module.is_base, module.sequence, size.seats,
               size.next_seats
          FROM bench_term term
         CROSS JOIN unnest(%(modules)s, %(seats)s, %(next_seats)s)
               AS size (code, seats, next_seats)
          JOIN subscription_module module USING (code);
        INSERT INTO subscription_seat_pool (
            id, subscription_id, module_id, is_base, sequence, client_id,
            managing_partner_id, management_path, company_id, seat_limit, is_unlimited,
            licensed_seats)
        SELECT pool.id, subscription_id, module_id, is_base, pool.sequence,
               pool.client_id, pool.partner_id, management_path,
               subscription.company_id,
               seats, FALSE, CASE WHEN is_base OR how = 'draft' THEN 0 ELSE seats END
          FROM bench_pool pool
          JOIN sale_subscription subscription ON subscription.id = subscription_id
        """,
    ),
    (
        "members and seats",
        """
        CREATE TEMP TABLE bench_member ON COMMIT DROP AS
        SELECT nextval('subscription_member_id_seq') AS id, term.id AS client_id,
               nextval('res_partner_id_seq') AS contact_id, position,
               'Member ' || position AS name,
               concat(management_path, term.id, '/') AS management_path
          FROM bench_term term, generate_series(1, 5) position
         WHERE kind BETWEEN 0 AND 1 OR %(only)s;
        INSERT INTO res_partner (
            id, name, complete_name, active, type, autopost_bills,
            commercial_partner_id, parent_id, management_path)
        SELECT contact_id, name, name, TRUE, 'contact', 'ask', client_id,
               client_id, management_path
          FROM bench_member;
        INSERT INTO subscription_member (
            id, client_id, partner_id, name, role_id, active, state, is_selected,
            is_external)
        SELECT member.id, client_id, contact_id, member.name, role.id, TRUE, 'invited',
               TRUE, FALSE
          FROM bench_member member
          JOIN subscription_member_role role ON role.code = 'standard';
        INSERT INTO subscription_seat (
            pool_id, member_id, holder_name, number, takes_seat, granted_at,
            granted_by_id)
        SELECT pool.id, member.id, member.name, position, TRUE, now(), 1
          FROM bench_pool pool
          JOIN bench_member member USING (client_id)
         WHERE position <= pool.seats
        """,
    ),
    (
        "renewals",
        """
        CREATE TEMP TABLE bench_renewal ON COMMIT DROP AS
        SELECT nextval('subscription_renewal_id_seq') AS id, term.subscription_id,
               term.id AS client_id, term.partner_id, subscription.company_id,
               subscription.currency_id, term.date AS previous_end,
               mod(no, 2) = 1 AS same
          FROM bench_term term
          JOIN sale_subscription subscription ON subscription.id = subscription_id
         WHERE how = 'renewed';
        INSERT INTO subscription_renewal (
            id, subscription_id, client_id, company_id, currency_id, years, user_id,
            state, previous_end, date_start, date_end, licences, amount)
        SELECT id, subscription_id, client_id, company_id, currency_id, 1, 1,
               'scheduled', previous_end, previous_end + 1,
               (previous_end + interval '1 year')::date,
               %(licences)s + (NOT same)::integer, 0
          FROM bench_renewal;
        INSERT INTO subscription_renewal_line (
            renewal_id, pool_id, module_id, is_base, sequence, seats, is_unlimited,
            licences, price_unit)
        SELECT renewal.id, pool.id, module_id, is_base, sequence, next.seats, FALSE,
               CASE WHEN is_base THEN 0 ELSE next.seats END, 0
          FROM bench_renewal renewal
          JOIN bench_pool pool USING (subscription_id)
         CROSS JOIN LATERAL (
               SELECT CASE WHEN same THEN pool.seats ELSE next_seats END AS seats
               ) next;
        INSERT INTO subscription_licence_move (
            account_id, partner_id, module_id, company_id, date, user_id, kind,
            number, quantity, balance, subscription_id, renewal_id)
        SELECT account.id, account.partner_id, account.module_id, account.company_id,
               now(), 1, 'renewal', last.number + row_number() OVER ledger,
               -line.licences, last.balance - SUM(line.licences) OVER ledger,
               subscription_id, renewal.id
          FROM bench_renewal renewal
          JOIN subscription_renewal_line line ON line.renewal_id = renewal.id
          JOIN subscription_licence_account account
            ON account.partner_id = renewal.partner_id
           AND account.module_id = line.module_id
         CROSS JOIN LATERAL (
               SELECT number, balance FROM subscription_licence_move
                WHERE account_id = account.id ORDER BY number DESC LIMIT 1) last
         WHERE line.licences > 0
        WINDOW ledger AS (PARTITION BY account.id ORDER BY renewal.id)
        """,
    ),
)
TABLES = (
    "res_partner",
    "sale_subscription",
    "subscription_seat_pool",
    "subscription_member",
    "subscription_seat",
    "subscription_renewal",
    "subscription_renewal_line",
    "subscription_licence_account",
    "subscription_licence_move",
)
# What is counted, and where.
COUNTED = {
    "subscriptions with terms": "sale_subscription WHERE term_start IS NOT NULL",
    "renewals scheduled": "subscription_renewal WHERE state = 'scheduled'",
    "stocks of licences": "subscription_licence_account",
    "entries of their ledgers": "subscription_licence_move",
}


@dataclass(frozen=True)
class TermDataset:
    """A database to be filled with ``bulk`` clients of one partner, and in one step or
    more with clients of many."""

    bulk: int

    def prepare(self, env: Environment) -> None:
        """Load what all sizes share: modules, their prices, plan, the bulk partner."""
        modules = env["subscription.module"].create(
            [
                {
                    "name": code.title(),
                    "code": code,
                    "is_licensed": True,
                    "licence_product_id": env["product.product"]
                    .create({"name": code, "type": "service", "list_price": 120})
                    .id,
                }
                for code in MODULES
                if code != "base"
            ]
        )
        env["sale.subscription.template"].create(
            {
                "name": PLAN,
                "recurring_rule_type": "years",
                "recurring_rule_boundary": "limited",
                "plan_line_ids": [
                    Command.create(
                        {"module_id": module.id, "seat_limit": MODULES[module.code][0]}
                    )
                    for module in modules
                ],
            }
        )
        env["product.pricelist"].create({"name": PLAN})
        env.flush_all()
        self._load(env.cr, 0, self.bulk, partner=BULK_PARTNER)

    def load(self, cr: BaseCursor, start: int, stop: int) -> None:
        """Load the clients ``start`` to ``stop - 1`` and all that is theirs; both are
        multiples of ``FAMILY``."""
        self._load(cr, start, stop)
        vacuum(cr, *TABLES)

    def describe(self, cr: BaseCursor) -> dict[str, int]:
        """Return how many rows there are of terms."""
        counts = {}
        for what, condition in COUNTED.items():
            cr.execute(f"SELECT count(*) FROM {condition}")
            counts[what] = cr.fetchone()[0]
        return counts

    def _load(
        self, cr: BaseCursor, start: int, stop: int, partner: int | None = None
    ) -> None:
        """Load clients of ``partner``, else of partners of their own, and these."""
        codes, sizes = list(MODULES), list(MODULES.values())
        values = {
            "start": start,
            "stop": stop,
            "only": partner is not None,
            "partner": partner,
            "per_partner": CLIENTS_PER_PARTNER,
            "plan": PLAN,
            "modules": codes,
            "seats": [seats for seats, _next in sizes],
            "next_seats": [seats for _seats, seats in sizes],
            "licences": LICENCES,
            "stock": STOCK,
        }
        first, last = start // CLIENTS_PER_PARTNER, stop // CLIENTS_PER_PARTNER
        if partner is not None:
            first, last = partner, partner + 1
        cr.execute(PARTNERS, {**values, "start": first, "stop": last})
        for _what, statements in progress(f"Loading up to {stop:,} terms", STEPS):
            cr.execute(statements, values)
        cr.commit()
