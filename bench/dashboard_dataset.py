"""What the dashboard shows beside seats: terms that end all year round, renewals of a
quarter of them, stocks with their ledgers, and a statement a month for each client."""

from __future__ import annotations

from odoo.sql_db import BaseCursor

from dataset import MODULES, vacuum
from measure import progress

STOCK = 1_000_000
STATEMENTS = 12

# (what, SQL). Each leaves alone what was loaded before.
STEPS = (
    (
        "terms",
        """
        UPDATE sale_subscription subscription
           SET date = current_date - 15 + mod(subscription.id * 7, 375),
               term_years = 1, renewal_choice = 'by_hand',
               licences_to_renew = (
                   SELECT COALESCE(SUM(seat_limit), 0) FROM subscription_seat_pool
                    WHERE subscription_id = subscription.id AND NOT is_base
                      AND NOT is_unlimited)
         WHERE name LIKE 'Subscription %%' AND licences_to_renew IS NULL
        """,
    ),
    (
        "stocks",
        """
        INSERT INTO subscription_licence_account (partner_id, module_id, company_id)
        SELECT partner.id, module.id, company.id
          FROM res_partner partner
          JOIN subscription_module module ON module.code IN %(modules)s
          JOIN (SELECT id FROM res_company ORDER BY id LIMIT 1) company ON TRUE
         WHERE partner.ref LIKE 'bench-partner-%%'
            ON CONFLICT DO NOTHING;
        INSERT INTO subscription_licence_move (
            account_id, partner_id, module_id, company_id, date, user_id, kind, number,
            quantity, balance)
        SELECT id, partner_id, module_id, company_id, now() - interval '2 years', 1,
               'given', 1, %(stock)s, %(stock)s
          FROM subscription_licence_account account
         WHERE NOT EXISTS (SELECT FROM subscription_licence_move
                            WHERE account_id = account.id)
        """,
    ),
    (
        "renewals",
        """
        CREATE TEMP TABLE bench_renewed ON COMMIT DROP AS
        SELECT nextval('subscription_renewal_id_seq') AS id, subscription.*
          FROM (SELECT subscription.id AS subscription_id, client_id,
                       managing_partner_id, subscription.company_id,
                       pricelist.currency_id, date
                  FROM sale_subscription subscription
                  JOIN product_pricelist pricelist ON pricelist.id = pricelist_id
                 WHERE licences_to_renew > 0 AND in_progress
                   AND mod(subscription.id, 4) = 0
                   AND NOT EXISTS (SELECT FROM subscription_renewal
                                    WHERE subscription_id = subscription.id)
               ) subscription;
        INSERT INTO subscription_renewal (
            id, subscription_id, client_id, company_id, currency_id, years, user_id,
            state, previous_end, date_start, date_end, licences, amount)
        SELECT id, subscription_id, client_id, company_id, currency_id, 1, 1,
               'scheduled', date, date + 1, date + 365, 0, 0
          FROM bench_renewed;
        INSERT INTO subscription_renewal_line (
            renewal_id, pool_id, module_id, is_base, sequence, seats, is_unlimited,
            licences, price_unit)
        SELECT renewed.id, pool.id, pool.module_id, FALSE, pool.sequence, seat_limit,
               FALSE, seat_limit, 120
          FROM bench_renewed renewed
          JOIN subscription_seat_pool pool USING (subscription_id)
         WHERE NOT pool.is_base AND NOT pool.is_unlimited;
        INSERT INTO subscription_licence_move (
            account_id, partner_id, module_id, company_id, date, user_id, kind,
            number, quantity, balance, subscription_id, renewal_id)
        SELECT account.id, account.partner_id, account.module_id, account.company_id,
               now() - mod(renewed.id, 300) * interval '1 day', 1, 'renewal',
               last.number + row_number() OVER ledger, -line.licences,
               last.balance - SUM(line.licences) OVER ledger,
               renewed.subscription_id, renewed.id
          FROM bench_renewed renewed
          JOIN subscription_renewal_line line ON line.renewal_id = renewed.id
          JOIN subscription_licence_account account
            ON account.partner_id = renewed.managing_partner_id
           AND account.module_id = line.module_id
         CROSS JOIN LATERAL (
               SELECT number, balance FROM subscription_licence_move
                WHERE account_id = account.id ORDER BY number DESC LIMIT 1) last
         WHERE line.licences > 0
        WINDOW ledger AS (PARTITION BY account.id ORDER BY renewed.id)
        """,
    ),
    (
        "statements",
        """
        INSERT INTO subscription_statement (
            kind, state, subscription_id, client_id, payer_id, managing_partner_id,
            company_id, currency_id, date_first, date_last, number)
        SELECT 'period', 'valid', subscription.id, client_id, client_id,
               managing_partner_id, subscription.company_id, pricelist.currency_id,
               first.date::date, (first.date + interval '1 month')::date - 1,
               month
          FROM sale_subscription subscription
          JOIN product_pricelist pricelist ON pricelist.id = pricelist_id
         CROSS JOIN generate_series(1, %(statements)s) month
         CROSS JOIN LATERAL (
               SELECT date_trunc('month', current_date)
                      - month * interval '1 month' AS date) first
         WHERE subscription.name LIKE 'Subscription %%'
           AND NOT EXISTS (SELECT FROM subscription_statement
                            WHERE subscription_id = subscription.id)
        """,
    ),
)
TABLES = (
    "sale_subscription",
    "subscription_renewal",
    "subscription_renewal_line",
    "subscription_licence_account",
    "subscription_licence_move",
    "subscription_statement",
)


def load(cr: BaseCursor, seats: int) -> None:
    """Load it for all clients that there are."""
    values = {"modules": MODULES, "stock": STOCK, "statements": STATEMENTS}
    cr.execute(
        "UPDATE sale_subscription_template SET recurring_rule_boundary = 'limited',"
        " paid_by = 'licences' WHERE name = 'Bench';"
        " UPDATE subscription_module SET is_licensed = NOT is_base"
    )
    for _what, statements in progress(f"Loading terms of {seats:,} seats", STEPS):
        cr.execute(statements, values)
    cr.commit()
    vacuum(cr, *TABLES)
