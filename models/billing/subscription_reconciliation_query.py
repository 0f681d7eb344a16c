from odoo import api, models
from odoo.tools import SQL


class SubscriptionReconciliation(models.Model):
    """The query behind the reconciliation of a day.

    Raw SQL: one row reads six tables, each by an index on its pool or subscription, so
    that rules, filters and a client's own page cost what their rows cost. What is one
    of a subscription (``about``) is a query of its own, which PostgreSQL runs once for
    each where all are asked for, and not once for each pool. The ``max`` of
    one figure keeps PostgreSQL from putting its query in each place that names it, and
    lets it leave out what nobody asks for.
    """

    _inherit = "subscription.reconciliation"

    @api.model
    def _get_query(self, day):
        """Return the query of the rows on ``day``, None for the today of each
        company."""
        return SQL(
            "%s UNION ALL %s", self._get_pool_query(day), self._get_unit_query(day)
        )

    @api.model
    def _get_pool_query(self, day):
        """Return the rows of pools."""
        return SQL(
            """
            SELECT pool.id, pool.id AS pool_id, pool.subscription_id, pool.client_id,
                   pool.managing_partner_id, pool.management_path, pool.company_id,
                   pool.module_id, about.basis, about.paid_by,
                   contract.seats AS contracted, seat.used AS assigned,
                   billed.quantity AS billed, ledger.quantity AS licences,
                   judged.difference, abs(judged.difference) AS gap,
                   %(state)s AS state
              FROM subscription_seat_pool pool
              JOIN subscription_module module ON module.id = pool.module_id
              JOIN (%(about)s) about ON about.id = pool.subscription_id
              %(contract)s %(seats)s %(billed)s %(ledger)s
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN NOT about.is_billable OR about.paid_by <> 'period'
                                    OR NOT pool.is_billed THEN 0
                               WHEN about.basis = 'contracted'
                                    THEN COALESCE(contract.seats, 0)
                               WHEN about.basis = 'in_use' THEN seat.used
                               ELSE 0
                          END AS quantity
                   ) expected
             LEFT JOIN LATERAL (
                   SELECT max(one.difference) AS difference
                     FROM (SELECT %(difference)s AS difference) one
                   ) judged ON TRUE
            """,
            about=self._get_about_sql(day),
            contract=self._get_contract_sql(),
            seats=self._get_seat_sql(day),
            billed=self._get_billed_sql(SQL("line.pool_id = pool.id")),
            ledger=self._get_ledger_sql(),
            difference=self._get_difference_sql(self._get_uncovered_sql()),
            state=self._get_state_sql(),
        )

    @api.model
    def _get_unit_query(self, day):
        """Return the rows of subscriptions that are billed by members or teams. They
        have the negative id of the subscription: no pool has it."""
        lines = SQL(
            "line.subscription_id = about.id AND line.pool_id IS NULL"
            " AND line.kind IN ('members', 'teams', 'credit')"
        )
        return SQL(
            """
            SELECT -about.id, NULL::integer, about.id, about.client_id,
                   about.managing_partner_id, client.management_path, about.company_id,
                   NULL::integer, about.basis, about.paid_by, NULL::integer, units.used,
                   billed.quantity, NULL::numeric, judged.difference,
                   abs(judged.difference), %(state)s
              FROM (%(about)s) about
              JOIN res_partner client ON client.id = about.client_id
              %(units)s %(billed)s
             CROSS JOIN LATERAL (
                   SELECT CASE WHEN about.is_billable THEN units.used ELSE 0 END
                          AS quantity
                   ) expected
             LEFT JOIN LATERAL (
                   SELECT max(one.difference) AS difference
                     FROM (SELECT %(difference)s AS difference) one
                   ) judged ON TRUE
             WHERE about.paid_by = 'period' AND about.basis IN ('members', 'teams')
            """,
            about=self._get_about_sql(day),
            units=self._get_presence_sql(),
            billed=self._get_billed_sql(lines),
            difference=self._get_difference_sql(SQL("0")),
            state=self._get_state_sql(),
        )

    # ------------------------------------------------------------------ subscriptions

    @api.model
    def _get_about_sql(self, day):
        """Return the query of what holds for each managed subscription on the day: the
        ``day`` itself, today in its company where none is given, and its ``ending``
        (UTC, excluded); the ``zone`` of the company; what the terms bill (``basis``,
        ``paid_by``); the renewal that its term began with, and its first day; the first
        day of the next term; whether the day is to be billed at all (``is_billable``),
        whether a period that was billed covers it (``is_covered``), and whether its
        next invoice is to come (``is_ahead``)."""
        companies = self.env["res.company"]
        company_id = SQL("subscription.company_id")
        (today,) = companies._get_term_days_sql(company_id, "today")
        return SQL(
            """
            SELECT subscription.id, subscription.client_id,
                   subscription.managing_partner_id, subscription.company_id,
                   subscription.recurring_next_date > clock.today AS is_ahead,
                   at.day, zone.name AS zone,
                   %(ending)s AS ending,
                   terms.billing_basis AS basis, terms.paid_by,
                   term.renewal_id, term.term_start, term.next_start, cover.is_covered,
                   EXISTS (
                       SELECT FROM subscription_licence_move
                        WHERE subscription_id = subscription.id
                   ) AS has_entries,
                   terms.paid_by IS NOT NULL AND NOT pause.is_paused
                   AND subscription.date_start <= at.day
                   AND at.day <= COALESCE(
                       LEAST(COALESCE(term.previous_end, subscription.date),
                             subscription.closed_on),
                       'infinity') AS is_billable
              FROM sale_subscription subscription
              JOIN res_company company ON company.id = subscription.company_id
             CROSS JOIN LATERAL (SELECT %(today)s AS today) clock
             CROSS JOIN LATERAL (SELECT COALESCE(%(day)s::date, clock.today) AS day) at
             CROSS JOIN LATERAL (SELECT %(zone)s AS name) zone
              LEFT JOIN LATERAL (
                   SELECT billing_basis, paid_by
                     FROM subscription_billing_terms
                    WHERE subscription_id = subscription.id AND since <= at.day
                    ORDER BY since DESC LIMIT 1
                   ) terms ON TRUE
              LEFT JOIN LATERAL (
                   SELECT (array_agg(id ORDER BY date_start DESC)
                           FILTER (WHERE date_start <= at.day))[1] AS renewal_id,
                          max(date_start) FILTER (WHERE date_start <= at.day)
                          AS term_start,
                          min(date_start) FILTER (WHERE date_start > at.day)
                          AS next_start,
                          (array_agg(previous_end ORDER BY date_start)
                           FILTER (WHERE date_start > at.day))[1] AS previous_end
                     FROM subscription_renewal
                    WHERE subscription_id = subscription.id AND state = 'applied'
                   ) term ON TRUE
              LEFT JOIN LATERAL (
                   SELECT count(*) > 0 AS is_paused
                     FROM subscription_pause pause
                    WHERE pause.subscription_id = subscription.id
                      AND pause.day <= at.day
                      AND at.day < COALESCE(
                              pause.resumed_on,
                              GREATEST(subscription.paused_until, pause.day),
                              'infinity')
                   ) pause ON TRUE
              LEFT JOIN LATERAL (
                   SELECT count(*) > 0 AS is_covered
                     FROM subscription_statement
                    WHERE subscription_id = subscription.id AND kind = 'period'
                      AND state IN ('valid', 'credited')
                      AND date_first <= at.day AND date_last >= at.day
                   ) cover ON TRUE
             WHERE subscription.active AND subscription.managing_partner_id IS NOT NULL
            """,
            today=today,
            day=day,
            ending=companies._get_day_end_sql(company_id, day),
            zone=companies._get_zone_sql(SQL("company.term_tz")),
        )

    # ------------------------------------------------------------------ figures

    @api.model
    def _get_contract_sql(self):
        """Return the join of the contracted seats: the last change up to the day. What
        has none yet has the limit of the pool."""
        return SQL(
            """
             LEFT JOIN LATERAL (
                   SELECT max(one.seats) AS seats FROM (
                   SELECT CASE WHEN pool.is_unlimited THEN NULL
                               ELSE COALESCE(
                                    (SELECT seats FROM subscription_seat_change
                                      WHERE pool_id = pool.id AND day <= about.day
                                      ORDER BY id DESC LIMIT 1),
                                    CASE WHEN EXISTS (
                                         SELECT FROM subscription_seat_change
                                          WHERE pool_id = pool.id) THEN 0
                                         ELSE pool.seat_limit
                                    END)
                          END AS seats
                   ) one) contract ON TRUE
            """
        )

    @api.model
    def _get_seat_sql(self, day):
        """Return the join of the seats in use at the end of the day; today those in use
        now, which the index of their numbers counts."""
        then = SQL(
            "subscription_seat.granted_at < about.ending"
            " AND (subscription_seat.released_at IS NULL"
            " OR subscription_seat.released_at >= about.ending)"
        )
        return SQL(
            """
             LEFT JOIN LATERAL (
                   SELECT count(*)::integer AS used
                     FROM subscription_seat
                    WHERE subscription_seat.pool_id = pool.id
                      AND subscription_seat.number IS NOT NULL AND %s
                   ) seat ON TRUE
            """,
            then if day else SQL("subscription_seat.released_at IS NULL"),
        )

    @api.model
    def _get_presence_sql(self):
        """Return the join of the members or teams at the end of the day."""
        return SQL(
            """
             LEFT JOIN LATERAL (
                   SELECT CASE WHEN about.basis = 'members'
                               THEN count(DISTINCT presence.member_number)
                               ELSE count(DISTINCT presence.team_number)
                                    FILTER (WHERE presence.member_number IS NULL)
                          END::integer AS used
                     FROM subscription_presence presence
                    WHERE presence.client_id = about.client_id
                      AND presence.since < about.ending
                      AND (presence.until IS NULL OR presence.until >= about.ending)
                   ) units ON TRUE
            """
        )

    @api.model
    def _get_billed_sql(self, lines):
        """Return the join of what valid statements bill for the day, less the lines of
        posted credit notes: those repeat product and place of the lines they credit.

        :param SQL lines: the condition of the lines of statements
        """
        return SQL(
            """
             LEFT JOIN LATERAL (
                   SELECT COALESCE(sum(line.quantity - CASE WHEN EXISTS (
                                       SELECT FROM account_move
                                        WHERE reversed_entry_id = statement.move_id)
                                   THEN (%(credited)s) ELSE 0 END), 0)
                          AS quantity
                     FROM subscription_statement_line line
                     JOIN subscription_statement statement
                       ON statement.id = line.statement_id AND statement.state = 'valid'
                    WHERE %(lines)s
                      AND line.date_first <= about.day AND line.date_last >= about.day
                   ) billed ON TRUE
            """,
            lines=lines,
            credited=self._get_credited_sql(),
        )

    @api.model
    def _get_credited_sql(self):
        """Return the query of what posted credit notes took back of a line."""
        return SQL(
            """
            SELECT COALESCE(sum(back.quantity), 0)
              FROM account_move_line source
              JOIN account_move credit
                ON credit.reversed_entry_id = source.move_id
               AND credit.state = 'posted' AND credit.move_type = 'out_refund'
              JOIN account_move_line back
                ON back.move_id = credit.id AND back.display_type = 'product'
               AND back.product_id = source.product_id
               AND back.sequence = source.sequence
             WHERE source.id = line.move_line_id
            """
        )

    @api.model
    def _get_ledger_sql(self):
        """Return the join of the licences of the term: those of its renewal, and what
        was taken and came back from its first day to that of the next one. The first
        term has those from before it as well."""
        return SQL(
            """
             LEFT JOIN LATERAL (
                   SELECT max(one.quantity) AS quantity FROM (
                   SELECT CASE WHEN about.has_entries THEN (
                          SELECT COALESCE(-sum(entry.quantity), 0)
                            FROM subscription_licence_move entry
                           WHERE entry.subscription_id = about.id
                             AND entry.module_id = pool.module_id
                             AND entry.kind IN ('renewal', 'raise', 'returned')
                             AND (entry.renewal_id = about.renewal_id
                                  OR entry.renewal_id IS NULL
                                     AND (about.term_start IS NULL
                                          OR entry.date >= about.term_start::timestamp
                                             AT TIME ZONE about.zone
                                             AT TIME ZONE 'UTC')
                                     AND (about.next_start IS NULL
                                          OR entry.date < about.next_start::timestamp
                                             AT TIME ZONE about.zone
                                             AT TIME ZONE 'UTC'))
                          ) ELSE 0 END AS quantity
                   ) one) ledger ON TRUE
            """
        )
