from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .subscription_licence_move_revenue import SEAT_KINDS

# How many months before the present one are shown.
MONTHS = 24
# Which measure has the change of a row, by its movement.
MOVEMENTS = {
    "new": "new_amount",
    "back": "back_amount",
    "raised": "raised_amount",
    "lowered": "lowered_amount",
    "lost": "lost_amount",
}
# Those that take away: they are shown above zero.
LOST_AMOUNTS = ("lowered_amount", "lost_amount")
MONTHS_A_YEAR = 12
# Amounts of different currencies are never added up, nor those of a day over months.
OF_DAY = ("mrr", "arr", "opening")
AMOUNTS = (*OF_DAY, "change", *MOVEMENTS.values())
# What of several rows is reckoned anew from their sums.
RATES = ("net_retention", "gross_retention")
# Places of an id: that of a source, and below it that of a month.
MONTH_PLACES = 65536


class SubscriptionRevenueMixin(models.AbstractModel):
    """Recurring revenue of the last months, a month at a time: what statements and the
    licences of seats come to on its last day, the present one on today.

    docs/revenue.md says what the figures mean. Nothing is stored: the amount a year and
    the days of each source were noted when it was billed or taken.
    """

    _name = "subscription.revenue.mixin"
    _description = "Recurring Revenue of a Month"

    month = fields.Date(readonly=True, help="First day of the month.")
    day = fields.Date(
        readonly=True,
        help="The day that is looked at: the last of the month, or today.",
    )
    subscription_id = fields.Many2one("sale.subscription", readonly=True)
    client_id = fields.Many2one("res.partner", readonly=True)
    managing_partner_id = fields.Many2one("res.partner", readonly=True)
    top_partner_id = fields.Many2one("res.partner", string="Partner", readonly=True)
    reseller_id = fields.Many2one("res.partner", readonly=True)
    management_path = fields.Char(readonly=True, exportable=False)
    template_id = fields.Many2one(
        "sale.subscription.template", string="Plan", readonly=True
    )
    module_id = fields.Many2one(
        "subscription.module",
        readonly=True,
        help="Empty for members, teams and what was entered by hand.",
    )
    company_id = fields.Many2one("res.company", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    movement = fields.Selection(
        [
            ("new", "New"),
            ("back", "Back"),
            ("raised", "Raised"),
            ("lowered", "Lowered"),
            ("lost", "Lost"),
            ("same", "Unchanged"),
        ],
        readonly=True,
        help="What became of it since the month before. New: the client paid nothing"
        " ever before. Back: it paid nothing the month before. Lost: it pays nothing"
        " any more.",
    )
    mrr = fields.Monetary(
        string="MRR", readonly=True, help="Recurring revenue of a month, without taxes."
    )
    opening = fields.Monetary(
        string="MRR Before", readonly=True, help="That of the month before."
    )
    change = fields.Monetary(readonly=True, help="MRR less that of the month before.")

    @property
    def _table_query(self):
        return self._get_query()

    @api.model
    def _get_query(self):
        """Return the query of the rows. A hook: each model has its own."""

    @api.private
    def exists(self):
        """Return those that are there, whoever asks: rows of others are refused, and
        not taken for deleted, though the query of a partner leaves them out."""
        if self.env.su:
            return super().exists()
        return self.browse(self.sudo().exists()._ids)

    def _read_group_select(self, aggregate_spec, query):
        """Leave sums empty that would add up different currencies, or one day's amounts
        of several months; and reckon rates from sums."""
        name, _, function = aggregate_spec.partition(":")
        if name in RATES and function == "avg":
            return self._get_unmixed_sql(self._get_rate_sql(name, query), query)
        if name not in AMOUNTS or function not in ("sum", "sum_currency"):
            return super()._read_group_select(aggregate_spec, query)
        # Refuses what the user may not read.
        self._field_to_sql(self._table, name, query)
        amount = SQL("sum(%s) / %s", self._get_yearly_sql(name), MONTHS_A_YEAR)
        keys = ("currency_id", "month") if name in OF_DAY else ("currency_id",)
        return self._get_unmixed_sql(amount, query, *keys)

    @api.model
    def _get_yearly_sql(self, name):
        """Return the amount called ``name`` of a row, by the year. Divided once it is
        added up: a division of each row takes as long as all the rest of it."""
        now, before, had, has, born, month = (
            SQL.identifier(self._table, column)
            for column in ("now", "before", "had", "has", "born", "month")
        )
        change = SQL("(%s - %s)", now, before)
        cases = {
            "new_amount": SQL("%s = 0 AND %s <> 0 AND %s >= %s", had, has, born, month),
            "back_amount": SQL("%s = 0 AND %s <> 0 AND %s < %s", had, has, born, month),
            "raised_amount": SQL("%s <> 0 AND %s <> 0 AND %s > 0", had, has, change),
            "lowered_amount": SQL("%s <> 0 AND %s <> 0 AND %s < 0", had, has, change),
            "lost_amount": SQL("%s <> 0 AND %s = 0", had, has),
        }
        if name in cases:
            sign = SQL("-") if name in LOST_AMOUNTS else SQL("")
            return SQL("CASE WHEN %s THEN %s%s ELSE 0 END", cases[name], sign, change)
        return {
            "mrr": now,
            "arr": SQL("%s * %s", now, MONTHS_A_YEAR),
            "opening": before,
            "change": change,
        }[name]

    @api.model
    def _get_rate_sql(self, name, query):
        """Return the SQL of a rate of several rows. A hook."""
        raise ValueError(f"{self._name} has no {name}.")

    @api.model
    def _get_unmixed_sql(self, amount, query, *keys):
        """Return ``amount`` of several rows, empty unless they have the same in the
        fields ``keys``, by default the currency."""
        columns = [
            self._field_to_sql(self._table, key, query)
            for key in keys or ("currency_id",)
        ]
        same = SQL(" AND ").join(
            SQL("min(%(column)s) = max(%(column)s)", column=column)
            for column in columns
        )
        return SQL("CASE WHEN %s THEN %s END", same, amount)

    @api.model
    def _get_since_domain(self, first):
        """Return the domain of the months from the one of the day ``first`` on."""
        return Domain("month", ">=", first)

    # ------------------------------------------------------------------ SQL
    # Raw SQL: each source is put into the months whose day it covers, and into the
    # month after each, as what was before; one aggregation then knows both. All of it
    # starts from subscriptions, so that the figures of one partner read its own.

    @api.model
    def _get_subscription_sql(self):
        """Return the query of the subscriptions: ``today`` and the number of its
        ``month`` for their company; the last day that a period was billed for
        (``billed``); the day until which that holds where the next is still to come
        (``carried``); their last day (``ending``), and the first one on which their
        client paid anything (``born``)."""
        return SQL(
            """
            SELECT subscription.id, subscription.client_id, subscription.company_id,
                   subscription.template_id, subscription.managing_partner_id,
                   subscription.top_partner_id, subscription.reseller_id,
                   client.management_path, clock.today, %(month)s AS month,
                   last.day AS billed,
                   CASE WHEN last.day < clock.today
                             AND (subscription.closed_on IS NOT NULL
                                  OR subscription.active AND subscription.in_progress
                                     AND subscription.is_paused IS NOT TRUE)
                        THEN LEAST(clock.today, (%(switched)s)) ELSE last.day
                   END AS carried,
                   LEAST(subscription.date, subscription.closed_on, 'infinity')
                   AS ending,
                   min(LEAST(first.day, licence.day)) OVER (
                       PARTITION BY subscription.client_id, subscription.company_id)
                   AS born
              FROM sale_subscription subscription
              JOIN res_partner client ON client.id = subscription.client_id
              JOIN (%(clock)s) clock ON clock.company_id = subscription.company_id
              LEFT JOIN LATERAL (%(last)s) last ON TRUE
              LEFT JOIN LATERAL (%(first)s) first ON TRUE
              LEFT JOIN LATERAL (
                   SELECT min(date_first) AS day FROM subscription_licence_move
                    WHERE subscription_id = subscription.id AND kind IN %(kinds)s
                   ) licence ON TRUE
             WHERE %(scope)s AND (last.day IS NOT NULL OR licence.day IS NOT NULL)
            """,
            month=self._get_month_sql(SQL("clock.today")),
            switched=self._get_switched_sql(),
            clock=self._get_clock_sql(),
            last=self._get_period_sql(SQL("date_last"), SQL("DESC")),
            first=self._get_period_sql(SQL("date_first"), SQL("ASC")),
            kinds=SEAT_KINDS,
            scope=self._get_scope_sql(),
        )

    @api.model
    def _get_scope_sql(self):
        """Return the condition of the clients of the user. The record rule says the
        same of the rows; said here, other clients are not even looked up."""
        user = self.env.user
        if self.env.su or not user._is_restricted():
            return SQL("TRUE")
        return SQL("client.management_path LIKE %s", f"{user._get_scope() or '/'}%")

    @api.model
    def _get_clock_sql(self):
        """Return the query of the today of each company."""
        days = self.env["res.company"]._get_term_days()
        return SQL(
            "SELECT *"
            " FROM unnest(%s::integer[], %s::date[]) AS day (company_id, today)",
            list(days),
            [one.today for one in days.values()],
        )

    @api.model
    def _get_period_sql(self, day, order):
        """Return the query of the ``day`` of the first or last period billed, which the
        unique index of periods answers."""
        return SQL(
            """
            SELECT %s AS day FROM subscription_statement
             WHERE subscription_id = subscription.id AND kind = 'period'
               AND state IN ('valid', 'credited')
             ORDER BY date_first %s LIMIT 1
            """,
            day,
            order,
        )

    @api.model
    def _get_switched_sql(self):
        """Return the query of the last day before licences pay what was billed by the
        period, if they ever do."""
        return SQL(
            """
            SELECT min(since) - 1 FROM subscription_billing_terms
             WHERE subscription_id = subscription.id AND since > last.day
               AND paid_by = 'licences'
            """
        )

    @api.model
    def _get_month_sql(self, day):
        """Return the number of the month of ``day``, counted from the year 0."""
        return SQL(
            "(date_part('year', %(day)s)::integer * 12"
            " + date_part('month', %(day)s)::integer - 1)",
            day=day,
        )

    @api.model
    def _get_source_sql(self):
        """Return the query of the sources: lines of statements and entries of ledgers,
        with the subscription that each is of, and their amount a year from
        ``since`` until ``until``.

        What was billed holds on until the next period is. A credit of a line that was
        credited in full takes nothing away.
        """
        return SQL(
            """
            SELECT line.id::bigint * 2 AS source, one.*, line.module_id,
                   line.currency_id, line.yearly_amount AS amount,
                   line.date_first AS since,
                   LEAST(CASE WHEN line.date_last >= one.billed THEN one.carried
                              ELSE line.date_last END, one.ending) AS until
              FROM subscription one
              JOIN subscription_statement_line line
                ON line.subscription_id = one.id AND line.date_first <= one.billed
               AND line.yearly_amount <> 0
              JOIN subscription_statement statement
                ON statement.id = line.statement_id AND statement.state = 'valid'
             WHERE line.credited_line_id IS NULL OR NOT EXISTS (
                   SELECT FROM subscription_statement_line credited
                     JOIN subscription_statement void
                       ON void.id = credited.statement_id AND void.state = 'credited'
                    WHERE credited.id = line.credited_line_id)
             UNION ALL
            SELECT move.id::bigint * 2 + 1, one.*, move.module_id, move.currency_id,
                   move.yearly_amount, move.date_first,
                   LEAST(move.date_last, one.ending)
              FROM subscription one
              JOIN subscription_licence_move move
                ON move.subscription_id = one.id AND move.kind IN %s
               AND move.yearly_amount <> 0
            """,
            SEAT_KINDS,
        )

    @api.model
    def _get_part_sql(self):
        """Return the query of the parts: each source in each month whose day it covers
        (``now``), and in the one after (``before``), by the amount a year."""
        return SQL(
            """
            SELECT source.*, covered.number + step.number AS number,
                   CASE step.number WHEN 0 THEN source.amount ELSE 0 END AS now,
                   CASE step.number WHEN 1 THEN source.amount ELSE 0 END AS before
              FROM (%(source)s) source
             CROSS JOIN LATERAL generate_series(
                   GREATEST(%(since)s, source.month - %(months)s - 1),
                   CASE WHEN source.until >= source.today THEN source.month
                        ELSE %(after)s - 1 END) covered (number)
             CROSS JOIN (VALUES (0), (1)) step (number)
             WHERE source.since <= source.today
               AND covered.number + step.number
                   BETWEEN source.month - %(months)s AND source.month
            """,
            source=self._get_source_sql(),
            since=self._get_month_sql(SQL("source.since")),
            after=self._get_month_sql(SQL("(source.until + 1)")),
            months=MONTHS,
        )

    @api.model
    def _get_movement_sql(self, change, number):
        """Return the movement of a row, from what its client pays as a whole.

        :param SQL change: by how much the row itself changed
        :param SQL number: that of its month
        """
        return SQL(
            """
            CASE WHEN had = 0 AND has = 0 THEN 'same'
                 WHEN had = 0 AND born >= %(first)s THEN 'new'
                 WHEN had = 0 THEN 'back'
                 WHEN has = 0 THEN 'lost'
                 WHEN %(change)s > 0 THEN 'raised'
                 WHEN %(change)s < 0 THEN 'lowered'
                 ELSE 'same'
            END
            """,
            first=self._get_first_sql(number),
            change=change,
        )

    @api.model
    def _get_first_sql(self, number):
        """Return the first day of the month that has the ``number``."""
        return SQL("make_date(%s / 12, mod(%s, 12) + 1, 1)", number, number)
