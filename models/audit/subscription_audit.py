from odoo import api, fields, models
from odoo.tools import SQL, format_date

# What these tell before and after are days, which each reads in its own language.
DATED_EVENTS = {"renewed", "renewal_cancelled", "term", "term_dates"}


class SubscriptionAudit(models.Model):
    """Everything that was done to the seats, limits and members of the clients.

    Entries are read from ``subscription.log`` and what lower folders add to
    :meth:`_get_sources`. Nothing is stored here, and nothing can be written.
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
            "old_managing_partner_id",
            "new_managing_partner_id",
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
        lambda self: self._get_events(),
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

    @api.depends("event", "old_value", "new_value")
    @api.depends_context("lang")
    def _compute_details(self):
        for entry in self:
            entry.details = entry._get_details()

    def _get_details(self):
        """Return what happened in words, beside the name of the event."""
        self.ensure_one()
        values = filter(None, (self.old_value, self.new_value))
        if self.event in DATED_EVENTS:
            values = [format_date(self.env, value) for value in values]
        return " → ".join(values)

    @api.model
    def _get_events(self):
        """Return the kinds of entries with their names. Lower folders add theirs."""
        return self.env["subscription.log"]._get_choices("event")

    @property
    def _table_query(self):
        names = [name for name, field in self._fields.items() if field.store]
        return SQL(" UNION ALL ").join(
            SQL(
                "SELECT %s FROM %s",
                SQL(", ").join(
                    SQL(
                        "%s::%s AS %s",
                        columns.get(name, SQL("NULL")),
                        SQL(self._get_column_type(name)),
                        SQL.identifier(name),
                    )
                    for name in names
                ),
                tables,
            )
            for columns, tables in self._get_sources()
        )

    @api.model
    def _get_column_type(self, name):
        # Ids are four times those of the tables, so that each source has its own: too
        # large for an integer. Odoo has no limit for them.
        return "bigint" if name == "id" else self._fields[name].column_type[1]

    @api.model
    def _get_sources(self):
        """Return what the entries are read from. Lower folders add theirs.

        An entry has the id of the row that it is read from times four, plus a number
        of its source: 0 and 1 are those of seats, 2 that of the log. It is unique, and
        the same each time.

        :return: pairs of ``{field: SQL of its column}``, those that are missing are
            empty, and the SQL of the tables
        """
        columns = {
            name: SQL.identifier("log", name)
            for name in (
                *("date", "user_id", "client_id", "subscription_id", "company_id"),
                *("module_id", "member_id", "member_name", "event"),
            )
        }
        columns |= {
            "id": SQL("4 * log.id::bigint + 2"),
            "managing_partner_id": SQL("client.managing_partner_id"),
            "user_name": self._get_visible_sql("user_name", "user_company_id"),
            "old_value": self._get_visible_sql("old_value", "old_managing_partner_id"),
            "new_value": self._get_visible_sql("new_value", "new_managing_partner_id"),
        }
        tables = SQL(
            "subscription_log log JOIN res_partner client ON client.id = log.client_id"
        )
        return [(columns, tables)]

    @api.model
    def _get_visible_sql(self, name, company_name):
        """Return the SQL of the field ``name`` of the log, without names that the user
        is not told. Of a user whose company is gone nobody knows whose it was.

        :param str company_name: the field with the company that it belongs to
        """
        value = SQL.identifier("log", name)
        if not self.env.user._is_partner_staff():
            return value
        companies = self.env["res.partner"].sudo().with_context(active_test=False)
        hidden = companies._search(self.env.user._get_hidden_partner_domain())
        return SQL(
            "CASE WHEN %(company)s IN %(hidden)s THEN %(text)s"
            " WHEN %(company)s IS NOT NULL OR %(is_told)s THEN %(value)s END",
            company=SQL.identifier("log", company_name),
            hidden=hidden.subselect(),
            text=companies._get_hidden_text(),
            is_told=name != "user_name",
            value=value,
        )
