from odoo import api, fields, models
from odoo.tools import SQL

from .subscription_revenue import SubscriptionRevenue
from .subscription_revenue_mixin import MONTH_PLACES


class SubscriptionRevenueLine(models.Model):
    """What recurring revenue is made of: each line of a statement, and each entry that
    seats took or gave back, in the months in which it counts.

    The columns of ``subscription.revenue`` are here as well, so that the domain of any
    figure there is that of its lines here, and they add up to it. Who reads the figure
    reads its lines; statements and entries themselves have rules of their own.
    """

    _name = "subscription.revenue.line"
    _inherit = ["subscription.revenue.mixin"]
    _description = "Line of Recurring Revenue"
    _auto = False
    _order = "month desc, client_id, subscription_id, id"
    _rec_name = "subscription_id"
    _depends = SubscriptionRevenue._depends

    origin = fields.Selection(
        [("statement", "Statement"), ("licences", "Licences")], readonly=True
    )
    statement_line_id = fields.Many2one("subscription.statement.line", readonly=True)
    licence_move_id = fields.Many2one("subscription.licence.move", readonly=True)
    quantity = fields.Float(
        digits=(16, 2),
        readonly=True,
        help="Seats, members or teams; below 0 those that were given back.",
    )
    date_first = fields.Date(string="First Day", readonly=True)
    date_last = fields.Date(
        string="Counts Until",
        readonly=True,
        help="The last day that was paid for; of the last period billed today, until"
        " the next one is billed.",
    )

    @api.model
    def _get_query(self):
        return SQL(
            """
            SELECT line.id, %(first)s AS month,
                   LEAST(%(first)s + INTERVAL '1 month' - INTERVAL '1 day',
                         line.today)::date AS day,
                   line.subscription_id, line.client_id, line.managing_partner_id,
                   line.top_partner_id, line.reseller_id, line.management_path,
                   line.template_id, line.module_id, line.company_id, line.currency_id,
                   line.now, line.before, line.had, line.has, line.born,
                   %(movement)s AS movement,
                   line.now / 12 AS mrr, line.before / 12 AS opening,
                   (line.now - line.before) / 12 AS change,
                   CASE WHEN line.is_move THEN 'licences' ELSE 'statement' END
                   AS origin,
                   CASE WHEN NOT line.is_move THEN line.origin_id END
                   AS statement_line_id,
                   CASE WHEN line.is_move THEN line.origin_id END AS licence_move_id,
                   COALESCE(billed.quantity, entry.seats) AS quantity,
                   line.since AS date_first, line.until AS date_last
              FROM (%(lines)s) line
              LEFT JOIN subscription_statement_line billed
                ON billed.id = line.origin_id AND NOT line.is_move
              LEFT JOIN subscription_licence_move entry
                ON entry.id = line.origin_id AND line.is_move
            """,
            first=self._get_first_sql(SQL("line.number")),
            movement=self._get_movement_sql(
                SQL("(row_now - row_before)"), SQL("line.number")
            ),
            lines=self._get_line_sql(),
        )

    @api.model
    def _get_line_sql(self):
        """Return the query of the lines, by the amount a year, with what their rows and
        their clients pay as a whole."""
        return SQL(
            """
            WITH subscription AS MATERIALIZED (%(subscription)s)
            SELECT part.source * %(places)s + part.number AS id,
                   (part.source / 2)::integer AS origin_id,
                   mod(part.source, 2) = 1 AS is_move,
                   part.id AS subscription_id, part.number, part.today, part.born,
                   part.client_id, part.managing_partner_id, part.top_partner_id,
                   part.reseller_id, part.management_path, part.template_id,
                   part.module_id, part.company_id, part.currency_id,
                   part.since, part.until,
                   sum(part.now) AS now, sum(part.before) AS before,
                   sum(sum(part.now)) OVER of_row AS row_now,
                   sum(sum(part.before)) OVER of_row AS row_before,
                   sum(sum(part.now)) OVER of_client AS has,
                   sum(sum(part.before)) OVER of_client AS had
              FROM (%(part)s) part
             GROUP BY part.source, part.number, part.id, part.today, part.born,
                      part.client_id, part.managing_partner_id, part.top_partner_id,
                      part.reseller_id, part.management_path, part.template_id,
                      part.module_id, part.company_id, part.currency_id, part.since,
                      part.until
            WINDOW of_row AS (
                   PARTITION BY part.client_id, part.company_id, part.currency_id,
                                part.number, part.managing_partner_id,
                                part.top_partner_id, part.management_path, part.id,
                                part.module_id),
                   of_client AS (
                   PARTITION BY part.client_id, part.company_id, part.currency_id,
                                part.number, part.managing_partner_id,
                                part.top_partner_id, part.management_path)
            """,
            subscription=self._get_subscription_sql(),
            places=MONTH_PLACES,
            part=self._get_part_sql(),
        )

    def action_open_origin(self):
        """Open the statement or the entry of the ledger that this line is of.

        :raise AccessError: when it is out of reach, as entries of the ledger of a
            partner that managed the client before are
        """
        self.ensure_one()
        self.check_access("read")
        origin = self.licence_move_id or self.statement_line_id.statement_id
        origin.check_access("read")
        return origin.get_formview_action()
