import re

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

# What these tell before and after are days, which each reads in its own language.
DATED_EVENTS = {
    *("renewed", "renewal_cancelled", "renewal_refused", "renewal_accepted"),
    *("term", "term_dates"),
}
CODE = re.compile(r"[\w-]+")
# Names in the log that not everybody may read, each with the company it belongs to.
NAMED_BY = {
    "user_name": "user_company_id",
    "old_value": "old_managing_partner_id",
    "new_value": "new_managing_partner_id",
}


def _search_visible(name):
    """Return the search method of a field of ``NAMED_BY``: by what the user reads."""
    return lambda records, operator, value: records._search_visible_value(
        name, operator, value
    )


class SubscriptionAudit(models.Model):
    """Everything that was done to the seats, limits and members of the clients.

    Entries are read from ``subscription.log`` and what lower folders add to
    :meth:`_get_sources`. Nothing is stored here, and nothing can be written.
    """

    _name = "subscription.audit"
    _inherit = ["subscription.worded.name.mixin"]
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
    log_id = fields.Many2one(
        "subscription.log", readonly=True, groups=fields.NO_ACCESS, exportable=False
    )
    user_name = fields.Char(
        compute="_compute_visible_values", search=_search_visible("user_name")
    )
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
    old_value = fields.Char(
        string="Before",
        compute="_compute_visible_values",
        search=_search_visible("old_value"),
    )
    new_value = fields.Char(
        string="After",
        compute="_compute_visible_values",
        search=_search_visible("new_value"),
    )
    details = fields.Char(compute="_compute_details")

    @api.depends("user_id", "user_name")
    @api.depends_context("uid")
    def _compute_author(self):
        for entry in self:
            entry.author = entry.user_id.sudo().display_name or entry.user_name

    @api.depends("event", "old_value", "new_value")
    @api.depends_context("lang", "uid")
    def _compute_details(self):
        words = self._get_words()
        for entry in self:
            entry.details = entry._get_details(words.get(entry.event, {}))

    def _get_details(self, words):
        """Return what happened in words, beside the name of the event.

        :param dict words: what :meth:`_get_words` has for the event
        """
        self.ensure_one()
        values = [
            self._get_wording(value, words)
            for value in (self.old_value, self.new_value)
        ]
        return " → ".join(filter(None, values))

    def _get_wording(self, value, words):
        """Return ``value`` as its reader words it. Entries of earlier versions hold
        words instead of codes: those stay as they are."""
        if self.event in DATED_EVENTS:
            return value and format_date(self.env, value)
        if not value:
            return words.get("", value)
        return CODE.sub(lambda code: words.get(code[0], code[0]), value)

    @api.model
    def _get_words(self):
        """Return ``{event: {code: its word}}`` for the codes that the log keeps, in the
        language of the reader; the empty code is for no value. Lower folders add
        theirs."""
        return {}

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
            "log_id": SQL("log.id"),
        }
        tables = SQL(
            "subscription_log log JOIN res_partner client ON client.id = log.client_id"
        )
        return [(columns, tables)]

    # ------------------------------------------------------------------ names
    # What is read depends on the reader, and so is computed: in the query of the table
    # it would be cached for whoever reads next in the transaction.

    @api.depends("log_id")
    @api.depends_context("uid")
    def _compute_visible_values(self):
        logs = self.sudo().log_id
        hidden = self._get_hidden_companies(logs)
        for entry in self:
            log = entry.sudo().log_id
            for name, company_name in NAMED_BY.items():
                entry[name] = self._mask(log[name], log[company_name], hidden, name)

    @api.model
    def _get_hidden_companies(self, logs):
        """Return those of the companies of ``logs`` whose names the user may not read;
        None for a user who reads all names."""
        user = self.env.user
        if not user._is_partner_staff():
            return None
        names = NAMED_BY.values()
        companies = (
            self.env["res.partner"].sudo().union(*(logs[name] for name in names))
        )
        return user._get_hidden_partners(companies)

    @api.model
    def _mask(self, value, company, hidden, name):
        """Return what the user reads of ``value``. Of a user whose company is gone
        nobody knows whose it was."""
        if hidden is None:
            return value
        if company in hidden:
            return company._get_hidden_text()
        return value if company or name != "user_name" else False

    @api.model
    def _search_visible_value(self, name, operator, value):
        """Return the domain of the entries whose field ``name`` of ``NAMED_BY`` the
        user reads as asked."""
        field = self._fields[name]
        return Domain.custom(
            to_sql=lambda model, alias, query: field.condition_to_sql(
                name, operator, value, model, alias, query
            ),
            predicate=lambda entry: field.filter_function(entry, name, operator, value)(
                entry
            ),
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr in NAMED_BY:
            return SQL(
                "(SELECT %s FROM subscription_log log WHERE log.id = %s)",
                self._get_visible_sql(field_expr),
                SQL.identifier(alias, "log_id"),
            )
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _get_visible_sql(self, name):
        """Return the SQL of :meth:`_mask` for the field ``name`` of ``log``."""
        value = SQL.identifier("log", name)
        if not self.env.user._is_partner_staff():
            return value
        companies = self.env["res.partner"].sudo().with_context(active_test=False)
        hidden = companies._search(self.env.user._get_hidden_partner_domain())
        return SQL(
            "CASE WHEN %(company)s IN %(hidden)s THEN %(text)s"
            " WHEN %(company)s IS NOT NULL OR %(is_shown)s THEN %(value)s END",
            company=SQL.identifier("log", NAMED_BY[name]),
            hidden=hidden.subselect(),
            text=companies._get_hidden_text(),
            is_shown=name != "user_name",
            value=value,
        )
