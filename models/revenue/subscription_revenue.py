from odoo import api, fields, models
from odoo.tools import SQL

from .subscription_revenue_mixin import LOST_AMOUNTS, MONTH_PLACES, MOVEMENTS


class SubscriptionRevenue(models.Model):
    """Recurring revenue by month, subscription and module, and what became of it since
    the month before.

    Of any rows, MRR before + new + back + raised - lowered - lost is the MRR. Each row
    has its change in one of them, which what the client pays as a whole decides.
    """

    _name = "subscription.revenue"
    _inherit = ["subscription.revenue.mixin"]
    _description = "Recurring Revenue"
    _auto = False
    _order = "month desc, mrr desc, id"
    _rec_name = "subscription_id"
    _depends = {
        "res.partner": ["management_path"],
        "sale.subscription": [
            *("active", "in_progress", "is_paused", "date", "closed_on", "client_id"),
            *("company_id", "template_id", "managing_partner_id", "top_partner_id"),
            "reseller_id",
        ],
        "subscription.billing.terms": ["subscription_id", "since", "paid_by"],
        "subscription.licence.move": [
            *("subscription_id", "kind", "module_id", "currency_id", "yearly_amount"),
            *("date_first", "date_last"),
        ],
        "subscription.statement": [
            *("subscription_id", "kind", "state", "date_first", "date_last")
        ],
        "subscription.statement.line": [
            *("statement_id", "subscription_id", "module_id", "currency_id"),
            *("yearly_amount", "date_first", "date_last", "credited_line_id"),
        ],
    }

    arr = fields.Monetary(
        string="ARR", readonly=True, help="Recurring revenue of a year: 12 x MRR."
    )
    new_amount = fields.Monetary(
        string="New", readonly=True, help="Of clients that never paid before."
    )
    back_amount = fields.Monetary(
        string="Back",
        readonly=True,
        help="Reactivation: of clients that paid before, but not the month before.",
    )
    raised_amount = fields.Monetary(
        string="Raised", readonly=True, help="By how much clients pay more."
    )
    lowered_amount = fields.Monetary(
        string="Lowered", readonly=True, help="By how much clients pay less."
    )
    lost_amount = fields.Monetary(
        string="Lost", readonly=True, help="Of clients that pay nothing any more."
    )
    net_retention = fields.Float(
        string="Net Retention (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="What the clients of the month before pay now, of what they paid then. Of"
        " several months: their average, by what was paid.",
    )
    gross_retention = fields.Float(
        string="Gross Retention (%)",
        readonly=True,
        aggregator="avg",
        digits=(16, 1),
        help="The same without what was raised.",
    )

    @api.model
    def _get_query(self):
        # Beside the fields, what amounts of several rows are reckoned from.
        return SQL(
            """
            SELECT row.id, %(first)s AS month,
                   LEAST(%(first)s + INTERVAL '1 month' - INTERVAL '1 day',
                         row.today)::date AS day,
                   row.subscription_id, row.client_id, row.managing_partner_id,
                   row.top_partner_id, row.reseller_id, row.management_path,
                   row.template_id, row.module_id, row.company_id, row.currency_id,
                   row.now, row.before, row.had, row.has, row.born,
                   row.movement, row.now / 12 AS mrr, row.now AS arr,
                   row.before / 12 AS opening, row.change, %(amounts)s,
                   100 * row.now / NULLIF(row.before, 0) AS net_retention,
                   100 * LEAST(row.now, row.before) / NULLIF(row.before, 0)
                   AS gross_retention
              FROM (SELECT sums.*, (sums.now - sums.before) / 12 AS change,
                           %(movement)s AS movement
                      FROM (%(sums)s) sums) row
            """,
            first=self._get_first_sql(SQL("row.number")),
            amounts=self._get_amounts_sql(),
            movement=self._get_movement_sql(
                SQL("(sums.now - sums.before)"), SQL("sums.number")
            ),
            sums=self._get_sum_sql(),
        )

    @api.model
    def _get_sum_sql(self):
        """Return the query of the rows, by the amount a year, with what their clients
        pay as a whole.

        What the window is divided by lets PostgreSQL filter by partner, client and
        month before it adds up.
        """
        return SQL(
            """
            WITH subscription AS MATERIALIZED (%(subscription)s)
            SELECT sums.*, one.today, one.born, one.reseller_id, one.template_id
              FROM (
                   SELECT min(part.source) * %(places)s + part.number AS id,
                          part.id AS subscription_id, part.number, part.client_id,
                          part.managing_partner_id, part.top_partner_id,
                          part.management_path, part.module_id, part.company_id,
                          part.currency_id,
                          sum(part.now) AS now, sum(part.before) AS before,
                          sum(sum(part.now)) OVER of_client AS has,
                          sum(sum(part.before)) OVER of_client AS had
                     FROM (%(part)s) part
                    GROUP BY part.id, part.module_id, part.currency_id, part.number,
                             part.client_id, part.managing_partner_id,
                             part.top_partner_id, part.management_path, part.company_id
                   HAVING sum(part.now) <> 0 OR sum(part.before) <> 0
                   WINDOW of_client AS (
                          PARTITION BY part.client_id, part.company_id,
                                       part.currency_id, part.number,
                                       part.managing_partner_id, part.top_partner_id,
                                       part.management_path)
                   ) sums
              JOIN subscription one ON one.id = sums.subscription_id
            """,
            subscription=self._get_subscription_sql(),
            places=MONTH_PLACES,
            part=self._get_part_sql(),
        )

    @api.model
    def _get_amounts_sql(self):
        """Return the columns that have the change, each in rows of its movement."""
        return SQL(", ").join(
            SQL(
                "CASE row.movement WHEN %s THEN %s ELSE 0 END AS %s",
                movement,
                SQL("-row.change") if name in LOST_AMOUNTS else SQL("row.change"),
                SQL.identifier(name),
            )
            for movement, name in MOVEMENTS.items()
        )

    @api.model
    def _get_rate_sql(self, name, query):
        """Return the SQL of the retention of several rows, from their sums."""
        self._field_to_sql(self._table, name, query)
        opening, raised, lowered, lost = (
            self._get_yearly_sql(one)
            for one in ("opening", "raised_amount", "lowered_amount", "lost_amount")
        )
        if name == "gross_retention":
            raised = SQL("0")
        return SQL(
            "100 * sum(%s + %s - %s - %s) / NULLIF(sum(%s), 0)",
            *(opening, raised, lowered, lost, opening),
        )

    # ------------------------------------------------------------------ actions

    def action_open_lines(self):
        """Open the lines that this figure is made of."""
        self.ensure_one()
        self.check_access("read")
        return self._open_action(
            "subscription_revenue_line_action",
            name=self.display_name,
            domain=[
                ("month", "=", self.month),
                ("subscription_id", "=", self.subscription_id.id),
                ("module_id", "=", self.module_id.id),
                ("currency_id", "=", self.currency_id.id),
            ],
            context={},
        )
