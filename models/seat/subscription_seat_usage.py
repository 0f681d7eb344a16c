from odoo import api, fields, models
from odoo.tools import SQL

# The states of a pool that a banner shows, from the least to the most urgent.
ALERTING_STATES = ["warning", "full", "over"]
RULE_FIELDS = ["company_id", "management_path"]
COMPANY_FIELDS = {"client_id", "managing_partner_id"}
NAME_FIELDS = ["name", "parent_id", "company_name", "management_path"]
# How the seats in use are counted: looked up for each pool, which suits some of them
# and lists that are sorted or filtered, or counted in one go, which suits all.
LOOKED_UP = SQL(
    """
    LEFT JOIN LATERAL (
         SELECT count(*)::integer AS used
           FROM subscription_seat
          WHERE subscription_seat.pool_id = pool.id
            AND subscription_seat.number IS NOT NULL
            AND subscription_seat.released_at IS NULL
         ) seat ON TRUE
    """
)
COUNTED = SQL(
    """
    LEFT JOIN (
         SELECT pool_id, count(*)::integer AS used
           FROM subscription_seat
          WHERE number IS NOT NULL AND released_at IS NULL
       GROUP BY pool_id
         ) counted ON counted.pool_id = pool.id
   CROSS JOIN LATERAL (SELECT COALESCE(counted.used, 0) AS used) seat
    """
)
# The counted fields depend on the date: Odoo caches them for each.
COUNT_CONTEXT = ("usage_date",)
# What in its place asks for the usage now; what else is no day is refused.
NOW = (None, False, "")


class SubscriptionSeatUsage(models.Model):
    """How the seats of each pool are used, counted from the seats themselves.

    No counter is stored, so none can be wrong and no grant waits to write it. Screens,
    refusals and alerts all read the state of a pool here.

    With ``usage_date`` in the context (a date), the seats in use at the end of that
    day are counted instead; limits have no past, so the columns that compare with
    them are empty then. Each date has its own values in the cache.
    """

    _name = "subscription.seat.usage"
    _inherit = ["subscription.module.sum.mixin"]
    _description = "Seat Usage"
    _auto = False
    _order = "usage_rate desc nulls last, id"
    _rec_name = "pool_id"
    _module_sums = ("used", "seat_limit", "available")
    _depends = {
        "res.company": ["seat_warning_rate", "seat_full_rate"],
        "sale.subscription": ["active", "in_progress", "date_start", "date"],
        "subscription.seat": ["pool_id", "number", "granted_at", "released_at"],
        "subscription.seat.pool": [
            "subscription_id",
            "module_id",
            "client_id",
            "managing_partner_id",
            "management_path",
            "company_id",
            "seat_limit",
            "is_unlimited",
        ],
    }

    pool_id = fields.Many2one("subscription.seat.pool", readonly=True)
    subscription_id = fields.Many2one("sale.subscription", readonly=True)
    client_id = fields.Many2one("res.partner", readonly=True)
    managing_partner_id = fields.Many2one("res.partner", readonly=True)
    management_path = fields.Char(readonly=True, exportable=False)
    company_id = fields.Many2one("res.company", readonly=True)
    module_id = fields.Many2one("subscription.module", readonly=True)
    is_unlimited = fields.Boolean(string="Unlimited", readonly=True)
    seat_limit = fields.Integer(
        string="Seats", readonly=True, depends_context=COUNT_CONTEXT
    )
    used = fields.Integer(string="In Use", readonly=True, depends_context=COUNT_CONTEXT)
    available = fields.Integer(
        readonly=True,
        depends_context=COUNT_CONTEXT,
        help="Seats that can still be given; empty when unlimited.",
    )
    usage_rate = fields.Float(
        string="Usage (%)",
        readonly=True,
        depends_context=COUNT_CONTEXT,
        aggregator="avg",
        digits=(5, 1),
    )
    is_running = fields.Boolean(
        string="Running",
        readonly=True,
        depends_context=COUNT_CONTEXT,
        help="The subscription is in progress, within its term or its grace period.",
    )
    state = fields.Selection(
        [
            ("unavailable", "Not configured"),
            ("ok", "Seats available"),
            ("warning", "Running low"),
            ("full", "Full"),
            ("over", "Over the limit"),
        ],
        readonly=True,
        depends_context=COUNT_CONTEXT,
    )

    def action_open(self):
        """Open the subscription of this pool; the seats then in use where the usage of
        a past date is shown."""
        self.ensure_one()
        if self.env.context.get("usage_date"):
            return self.action_open_seats()
        return self.subscription_id.get_formview_action()

    def action_open_seats(self):
        """Open the seats of this pool: on ``usage_date`` of the context, else now."""
        self.ensure_one()
        date = self.env.context.get("usage_date") or self.company_id._get_today()
        seats = self.pool_id.get_seats_in_use(date)
        return self._open_action(
            "subscription_seat_action",
            name=self.pool_id.display_name,
            domain=[("id", "in", seats.ids)],
            context={},
        )

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Fetch the fields that the record rules compare together with the others, and
        of companies and modules only what their names need.

        Otherwise Odoo counts the seats a second time, and fetches whole companies.
        """
        if field_names:
            field_names = list(dict.fromkeys([*field_names, *RULE_FIELDS]))
        records = super().search_fetch(domain, field_names, offset, limit, order)
        shown = set(field_names or ())
        records._fetch_names("res.partner", COMPANY_FIELDS & shown, NAME_FIELDS)
        records._fetch_names("subscription.module", {"module_id"} & shown, ["name"])
        return records

    @property
    def _table_query(self):
        usage_date = self.env.context.get("usage_date")
        if usage_date not in NOW:
            return self._get_past_query(self._read_day(usage_date))
        return self._get_query()

    @api.model
    def _get_query(self, seats=LOOKED_UP):
        """Return the query of the usage now. A term is running today, or in the grace
        period of its company.

        :param SQL seats: how the seats are counted
        """
        # Raw SQL: a lateral count for each pool reads the partial index of the numbers
        # in use, also where a list is filtered or sorted by usage. Left joins, though
        # nothing is missing: PostgreSQL leaves out those of which no column is asked
        # for, as where the rows of a list are counted.
        return SQL(
            """
            SELECT pool.id, pool.id AS pool_id, pool.subscription_id,
                   pool.client_id, pool.managing_partner_id,
                   pool.management_path, pool.company_id,
                   pool.module_id, pool.is_unlimited, pool.seat_limit, seat.used,
                   CASE WHEN pool.is_unlimited THEN NULL
                        ELSE GREATEST(pool.seat_limit - seat.used, 0)
                   END AS available,
                   CASE WHEN pool.is_unlimited THEN 0
                        ELSE 100.0 * seat.used / NULLIF(pool.seat_limit, 0)
                   END AS usage_rate,
                   %(is_running)s AS is_running,
                   CASE WHEN %(is_running)s IS NOT TRUE THEN 'unavailable'
                        WHEN pool.is_unlimited THEN 'ok'
                        WHEN seat.used > pool.seat_limit THEN 'over'
                        WHEN pool.seat_limit = 0 THEN 'unavailable'
                        WHEN 100 * seat.used
                             >= pool.seat_limit * company.seat_full_rate THEN 'full'
                        WHEN 100 * seat.used
                             >= pool.seat_limit * company.seat_warning_rate
                             THEN 'warning'
                        ELSE 'ok'
                   END AS state
              FROM subscription_seat_pool pool
              LEFT JOIN sale_subscription subscription
                ON subscription.id = pool.subscription_id
              LEFT JOIN res_company company ON company.id = pool.company_id
              %(seats)s
            """,
            seats=seats,
            # Given twice: one of a lateral join takes PostgreSQL longer to plan than
            # to run.
            is_running=self._get_running_sql(),
        )

    @api.model
    def _get_running_sql(self):
        """Return the SQL of whether the term of ``subscription`` is running for the
        company of ``pool``: today, or in the grace period of the company."""
        days = self.env["res.company"]._get_term_days_sql(
            SQL("pool.company_id"), "today", "graced"
        )
        return SQL(
            """
            (subscription.active AND subscription.in_progress
             AND subscription.date_start <= %s
             AND (subscription.date IS NULL OR subscription.date >= %s))
            """,
            *days,
        )

    @api.model
    def _get_past_query(self, day):
        """Return the query of the seats in use when ``day`` ends for their company."""
        # Raw SQL: the same columns as those of the usage now, from the history index.
        return SQL(
            """
            SELECT pool.id, pool.id AS pool_id, pool.subscription_id,
                   pool.client_id, pool.managing_partner_id,
                   pool.management_path, pool.company_id,
                   pool.module_id, pool.is_unlimited, NULL::integer AS seat_limit,
                   seat.used, NULL::integer AS available,
                   NULL::float AS usage_rate, NULL::boolean AS is_running,
                   NULL::varchar AS state
              FROM subscription_seat_pool pool
              LEFT JOIN LATERAL (
                   SELECT count(*)::integer AS used
                     FROM subscription_seat
                    WHERE subscription_seat.pool_id = pool.id
                      AND subscription_seat.number IS NOT NULL
                      AND subscription_seat.granted_at < %(moment)s
                      AND (subscription_seat.released_at IS NULL
                           OR subscription_seat.released_at >= %(moment)s)
                   ) seat ON TRUE
            """,
            moment=self.env["res.company"]._get_day_end_sql(
                SQL("pool.company_id"), day
            ),
        )
