"""Subscriptions with statements of a year, of a hundred partners: one is made by the
rules and copied by SQL, statements are inserted by SQL.

Each has three modules with ten seats each, and a statement of each of the last twelve
months; its lines are of the kind that needs no list of holders, which nothing here
reads. Every third one has more or fewer seats from time to time, one in ten began
within the year, and one in twenty was closed.
"""

from __future__ import annotations

from odoo.api import Environment
from odoo.models import BaseModel
from odoo.sql_db import BaseCursor
from odoo.tests import new_test_user

from billing_dataset import BillingDataset
from clone import Template
from dataset import vacuum

PARTNERS = 100
# How many of them share the subscriptions that are loaded first
FIRST = 10
PERIODS = 12
TABLES = (
    "res_partner",
    "sale_subscription",
    "subscription_billing_terms",
    "subscription_statement",
    "subscription_statement_line",
)
# The number of seats of a line in the period ``ago`` months ago
SEATS = """
    CASE WHEN one.id % 3 = 0 THEN 10 + (one.id / 3 + period.ago / 2 + line.place) % 4
         ELSE 10 END
"""
STATEMENTS = f"""
    WITH one AS (
        SELECT *, row_number() OVER (ORDER BY id) AS place FROM sale_subscription
         WHERE id = ANY(%(ids)s)
    ), period AS (
        SELECT ago, (date_trunc('month', current_date)
                     - ago * INTERVAL '1 month')::date AS first,
               (date_trunc('month', current_date)
                - (ago - 1) * INTERVAL '1 month' - INTERVAL '1 day')::date AS last
          FROM generate_series(0, {PERIODS - 1}) ago
    ), made AS (
        INSERT INTO subscription_statement
               (name, kind, state, subscription_id, client_id, payer_id,
                managing_partner_id, company_id, currency_id, date_first, date_last,
                number, basis, amount_untaxed)
        SELECT concat(one.name, ' ', period.first), 'period', 'valid', one.id,
               one.client_id, one.client_id, one.managing_partner_id, one.company_id,
               %(currency)s, period.first, period.last, 1, 'contracted', 0
          FROM one CROSS JOIN period
         WHERE (one.place % 10 <> 0 OR period.ago < one.place / 10 % {PERIODS})
           AND (one.closed_on IS NULL OR period.first <= one.closed_on)
     RETURNING id, subscription_id, client_id, company_id, currency_id, date_first,
               date_last
    )
    INSERT INTO subscription_statement_line
           (name, statement_id, subscription_id, client_id, company_id, currency_id,
            kind, module_id, date_first, date_last, days, of_days, quantity, price_full,
            price_unit, discount, amount, yearly_amount)
    SELECT 'Seats', made.id, made.subscription_id, made.client_id, made.company_id,
           made.currency_id, 'manual', line.module_id, made.date_first,
           made.date_last, 30, 30, seats.number, 12.5, 12.5, 0, seats.number * 12.5,
           seats.number * 150
      FROM made
      JOIN one ON one.id = made.subscription_id
      JOIN period ON period.first = made.date_first
     CROSS JOIN unnest(%(modules)s::int[]) WITH ORDINALITY line (module_id, place)
     CROSS JOIN LATERAL (SELECT {SEATS} AS number) seats
"""
# Clients are shared among the partners, and one subscription in twenty is closed.
SPREAD = """
    UPDATE res_partner client
       SET managing_partner_id = spread.partner_id,
           management_path = concat(spread.partner_id, '/', client.id, '/')
      FROM (SELECT one.client_id,
                   (%(partners)s::int[])[1 + one.place %% %(number)s] AS partner_id
              FROM (SELECT client_id, row_number() OVER (ORDER BY id) AS place
                      FROM sale_subscription WHERE id = ANY(%(ids)s)) one) spread
     WHERE client.id = spread.client_id
"""
OWNED = """
    UPDATE sale_subscription one
       SET managing_partner_id = client.managing_partner_id,
           top_partner_id = client.managing_partner_id,
           in_progress = NOT is_closed,
           closed_on = CASE WHEN is_closed
                            THEN (current_date - one.id % 300)::date END
      FROM res_partner client, LATERAL (SELECT client.id % 20 = 0 AS is_closed) _
     WHERE client.id = one.client_id AND one.id = ANY(%(ids)s)
"""


class RevenueDataset:
    """Partners, and subscriptions of their clients that were billed for a year."""

    def __init__(self, env: Environment, data: BillingDataset) -> None:
        """Make the partners and a user of the first."""
        self.data = data
        self.copies = 0
        self.subscriptions = 0
        env = data.at_work(env)
        partners = env["res.partner"].create(
            [
                {
                    "name": f"Bench seller {number}",
                    "is_company": True,
                    "is_managing_partner": True,
                }
                for number in range(PARTNERS)
            ]
        )
        self.partner_ids = partners.ids
        company = env["res.company"].browse(data.company_id)
        user = new_test_user(
            env,
            "bench-seller",
            "partner_managed_subscription.group_standard",
            partner_id=self._create_contact(env, partners[0]).id,
            company_id=company.id,
            company_ids=[(6, 0, company.ids)],
        )
        self.user_id = user.id
        whole = data.templates["managed"]
        self.template = Template(
            "sale_subscription",
            {
                "res_partner": whole.rows["res_partner"][:1],
                "sale_subscription": whole.rows["sale_subscription"],
                "subscription_billing_terms": whole.rows["subscription_billing_terms"],
            },
            (),
            whole.changes,
        )
        self.module_ids = (
            env["subscription.module"].search([("code", "like", "bench-billed-%")]).ids
        )
        self.currency_id = company.currency_id.id
        env.cr.commit()

    def _create_contact(self, env: Environment, partner: BaseModel) -> BaseModel:
        return env["res.partner"].create(
            {"name": "Bench seller's staff", "parent_id": partner.id}
        )

    def load(self, env: Environment, subscriptions: int) -> None:
        """Add subscriptions until there are as many, with their statements."""
        count = subscriptions - self.subscriptions
        # The first partners have all of their clients from the beginning.
        partners = self.partner_ids[FIRST:] if self.subscriptions else None
        partners = partners or self.partner_ids[:FIRST]
        ids = self.template.copy(env.cr, 1_000_000 + self.copies, count)
        self.copies += count
        self.subscriptions = subscriptions
        values = {
            "ids": ids,
            "partners": partners,
            "number": len(partners),
            "modules": self.module_ids,
            "currency": self.currency_id,
        }
        for query in (SPREAD, OWNED.replace("%", "%%"), STATEMENTS.replace("%", "%%")):
            env.cr.execute(query.replace("%%(", "%("), values)
        env.cr.commit()
        env.registry.clear_cache()
        self.renew_statistics(env.cr)

    def renew_statistics(self, cr: BaseCursor) -> None:
        """Renew the planner's statistics of all that is read."""
        vacuum(cr, *TABLES)

    def describe(self, cr: BaseCursor) -> dict[str, int | float]:
        """Return how much there is."""
        counts = {}
        for table, label in (
            ("subscription_statement", "statements"),
            ("subscription_statement_line", "lines of statements"),
        ):
            cr.execute(f"SELECT count(*) FROM {table}")
            [counts[label]] = cr.fetchone()
        return {"subscriptions with statements": self.subscriptions, **counts}
