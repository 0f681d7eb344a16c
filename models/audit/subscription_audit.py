from odoo import api, fields, models
from odoo.tools import SQL, format_date

# What these tell before and after are days, which each reads in its own language.
DATED_EVENTS = {"renewed", "renewal_cancelled", "term", "term_dates"}


class SubscriptionAudit(models.Model):
    """Everything that was done to the seats, limits and members of the clients.

    Seats tell who gave and who freed them; the entries of ``subscription.log`` tell the
    rest. Nothing is stored here, and nothing can be written.
    """

    _name = "subscription.audit"
    _description = "Audit Trail"
    _auto = False
    _order = "date desc, id desc"
    _rec_name = "event"
    _depends = {
        "res.partner": ["managing_partner_id"],
        "subscription.log": [
            "date",
            "user_id",
            "user_name",
            "client_id",
            "subscription_id",
            "company_id",
            "module_id",
            "member_id",
            "member_name",
            "event",
            "user_company_id",
            "old_value",
            "new_value",
            "old_manager_id",
            "new_manager_id",
        ],
        "subscription.seat": [
            "pool_id",
            "member_id",
            "holder_name",
            "takes_seat",
            "granted_at",
            "granted_by_id",
            "released_at",
            "released_by_id",
            "release_reason",
        ],
        "subscription.seat.pool": [
            "subscription_id",
            "module_id",
            "client_id",
            "managing_partner_id",
            "company_id",
        ],
    }

    date = fields.Datetime(readonly=True)
    user_id = fields.Many2one("res.users", readonly=True)
    user_name = fields.Char(readonly=True)
    author = fields.Char(
        string="By",
        compute="_compute_author",
        help="Who did it, also after that user was deleted.",
    )
    client_id = fields.Many2one("res.partner", readonly=True)
    subscription_id = fields.Many2one("sale.subscription", readonly=True)
    managing_partner_id = fields.Many2one("res.partner", readonly=True)
    company_id = fields.Many2one("res.company", readonly=True)
    module_id = fields.Many2one("subscription.module", readonly=True)
    member_id = fields.Many2one("subscription.member", readonly=True)
    member_name = fields.Char(readonly=True)
    event = fields.Selection(
        lambda self: [
            ("seat_given", self.env._("Seat given")),
            ("seat_freed", self.env._("Seat freed")),
            *self.env["subscription.log"]._get_choices("event"),
        ],
        readonly=True,
    )
    takes_seat = fields.Boolean(readonly=True)
    release_reason = fields.Selection(
        lambda self: self.env["subscription.seat"]._get_choices("release_reason"),
        string="Reason",
        readonly=True,
    )
    old_value = fields.Char(string="Before", readonly=True)
    new_value = fields.Char(string="After", readonly=True)
    details = fields.Char(compute="_compute_details")

    @api.depends("user_id", "user_name")
    @api.depends_context("uid")
    def _compute_author(self):
        for entry in self:
            entry.author = entry.user_id.sudo().display_name or entry.user_name

    @api.depends("event", "takes_seat", "release_reason", "old_value", "new_value")
    @api.depends_context("lang")
    def _compute_details(self):
        reasons = dict(self._get_choices("release_reason"))
        for entry in self:
            if entry.event == "seat_freed":
                entry.details = reasons.get(entry.release_reason)
            elif entry.event == "seat_given":
                entry.details = not entry.takes_seat and self.env._(
                    "Does not count against the limit"
                )
            else:
                values = filter(None, (entry.old_value, entry.new_value))
                if entry.event in DATED_EVENTS:
                    values = [format_date(self.env, value) for value in values]
                entry.details = " → ".join(values)

    @property
    def _table_query(self):
        return SQL(
            "%s UNION ALL %s UNION ALL %s",
            self._get_given_query(),
            self._get_freed_query(),
            self._get_log_query(),
        )

    @api.model
    def _get_given_query(self):
        """Return the query of the seats that were given.

        An entry has the id of the row that it is read from times four, plus its kind:
        unique, and the same each time. It is a bigint, for which Odoo has no limit.
        """
        return SQL(
            """
            SELECT 4 * seat.id::bigint AS id, seat.granted_at AS date,
                   seat.granted_by_id AS user_id, NULL::varchar AS user_name,
                   pool.client_id, pool.subscription_id, pool.managing_partner_id,
                   pool.company_id, pool.module_id, seat.member_id,
                   seat.holder_name AS member_name, 'seat_given'::varchar AS event,
                   seat.takes_seat, NULL::varchar AS release_reason,
                   NULL::varchar AS old_value, NULL::varchar AS new_value
              FROM subscription_seat seat
              JOIN subscription_seat_pool pool ON pool.id = seat.pool_id
            """
        )

    @api.model
    def _get_freed_query(self):
        """Return the query of the seats that were freed; ids as in
        :meth:`_get_given_query`."""
        return SQL(
            """
            SELECT 4 * seat.id::bigint + 1, seat.released_at,
                   seat.released_by_id, NULL::varchar,
                   pool.client_id, pool.subscription_id, pool.managing_partner_id,
                   pool.company_id, pool.module_id, seat.member_id,
                   seat.holder_name, 'seat_freed'::varchar,
                   seat.takes_seat, seat.release_reason,
                   NULL::varchar, NULL::varchar
              FROM subscription_seat seat
              JOIN subscription_seat_pool pool ON pool.id = seat.pool_id
             WHERE seat.released_at IS NOT NULL
            """
        )

    @api.model
    def _get_log_query(self):
        """Return the query of the entries of the log; ids as in
        :meth:`_get_given_query`.

        Names in it that the user is not told are left out: see
        ``res.users._get_strangers``.
        """
        return SQL(
            """
            SELECT 4 * log.id::bigint + 2, log.date,
                   log.user_id, %(user_name)s,
                   log.client_id, log.subscription_id, client.managing_partner_id,
                   log.company_id, log.module_id, log.member_id,
                   log.member_name, log.event,
                   NULL::boolean, NULL::varchar,
                   %(old_value)s, %(new_value)s
              FROM subscription_log log
              JOIN res_partner client ON client.id = log.client_id
            """,
            user_name=self._get_told_sql("user_name", "user_company_id"),
            old_value=self._get_told_sql("old_value", "old_manager_id"),
            new_value=self._get_told_sql("new_value", "new_manager_id"),
        )

    @api.model
    def _get_told_sql(self, name, company_name):
        """Return the SQL of the field ``name`` of the log, without names that the user
        is not told. Of a user whose company is gone nobody knows whose it was.

        :param str company_name: the field with the company that it belongs to
        """
        value = SQL.identifier("log", name)
        if not self.env.user._is_partner_staff():
            return value
        companies = self.env["res.partner"].sudo().with_context(active_test=False)
        strangers = companies._search(self.env.user._get_stranger_domain())
        return SQL(
            "CASE WHEN %(company)s IN %(strangers)s THEN %(text)s"
            " WHEN %(company)s IS NOT NULL OR %(is_told)s THEN %(value)s END",
            company=SQL.identifier("log", company_name),
            strangers=strangers.subselect(),
            text=companies._get_stranger_text(),
            is_told=name != "user_name",
            value=value,
        )
