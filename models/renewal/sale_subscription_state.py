from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

# States of a term, from the least to the most urgent.
RENEWAL_STATES = ["running", "renewed", "not_started", "ending", "ended"]

TO_RENEW_STATES = ["ending", "ended"]

# Places in Odoo's palette, for calendars: red, orange, blue, green.
COLORS = {"ended": 1, "ending": 2, "not_started": 4, "renewed": 10}


class SaleSubscription(models.Model):
    """How the current term of a subscription stands with renewing."""

    _inherit = "sale.subscription"

    renewal_state = fields.Selection(
        [
            ("not_started", "Not started"),
            ("running", "Running"),
            ("ending", "Ending soon"),
            ("ended", "Ended"),
            ("renewed", "Renewed"),
        ],
        string="Term State",
        compute="_compute_renewal_state",
        search="_search_renewal_state",
    )
    renewal_color = fields.Integer(compute="_compute_renewal_color", exportable=False)
    renewal_text = fields.Char(
        compute="_compute_renewal_text",
        help="How the term stands, in a sentence, and what can be done.",
        exportable=False,
    )

    @api.depends("date_start", "date", "in_progress", "stage_id", "renewal_ids.state")
    def _compute_renewal_state(self):
        """Ask the database. The rule is written once, in SQL: the state can be searched
        and grouped by, and is right every day without being stored."""
        self.flush_recordset()
        self.env["subscription.renewal"].flush_model(["subscription_id", "state"])
        table = SQL.identifier(self._table)
        query = SQL(
            "SELECT id, %s FROM %s WHERE id IN %s",
            self._get_renewal_state_sql(self._table),
            table,
            tuple(self._origin.ids) or (0,),
        )
        states = dict(self.env.execute_query(query))
        for record in self:
            record.renewal_state = states.get(record._origin.id, False)

    @api.model
    def _get_renewal_state_sql(self, alias):
        """Return the SQL of the state of the term of the rows of ``alias``; closed
        subscriptions have none."""
        columns = ("id", "company_id", "stage_id", "in_progress", "date_start", "date")
        row = {name: SQL.identifier(alias, name) for name in columns}
        today, warned = self.env["res.company"]._get_term_days_sql(
            row["company_id"], "today", "warned"
        )
        return SQL(
            """
            CASE WHEN %(in_progress)s IS NOT TRUE AND %(stage_id)s IN (
                      SELECT id FROM sale_subscription_stage WHERE type = 'post')
                 THEN NULL
                 WHEN %(in_progress)s IS NOT TRUE OR %(date_start)s > %(today)s
                 THEN 'not_started'
                 WHEN EXISTS (SELECT FROM subscription_renewal next
                               WHERE next.subscription_id = %(id)s
                                 AND next.state = 'scheduled')
                 THEN 'renewed'
                 WHEN %(date)s < %(today)s THEN 'ended'
                 WHEN %(date)s < %(warned)s THEN 'ending'
                 ELSE 'running'
            END
            """,
            **row,
            today=today,
            warned=warned,
        )

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "renewal_state":
            self.env["subscription.renewal"].flush_model(["subscription_id", "state"])
            self.flush_model(["stage_id", "in_progress", "date_start", "date"])
            return self._get_renewal_state_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _search_renewal_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        domain = Domain.custom(
            to_sql=lambda model, alias, query: SQL(
                "COALESCE(%s, '') IN %s",
                model._field_to_sql(alias, "renewal_state", query),
                tuple(state or "" for state in value),
            ),
            predicate=lambda record: record.renewal_state in value,
        )
        if set(value) <= set(TO_RENEW_STATES):
            # Lets the database look up the few that end, by their date.
            days = self.env["res.company"]._get_term_days().values()
            domain &= Domain("in_progress", "=", True)
            domain &= Domain("date", "<", max(day.warned for day in days))
        return domain

    @api.depends("renewal_state")
    def _compute_renewal_color(self):
        for record in self:
            record.renewal_color = COLORS.get(record.renewal_state, 0)

    @api.depends("renewal_state", "date", "renewal_id")
    @api.depends_context("lang")
    def _compute_renewal_text(self):
        for record in self:
            record.renewal_text = record._get_renewal_text()

    def _get_renewal_text(self):
        """Return in a sentence how the term stands, empty while nothing is to do."""
        self.ensure_one()
        if self.renewal_state == "renewed":
            return self._get_renewed_text()
        if self.renewal_state == "ending":
            return self.env._(
                "The term ends on %(end)s.", end=format_date(self.env, self.date)
            )
        return self.renewal_state == "ended" and self._get_ended_text()

    def _get_client_term_text(self):
        """Return in a sentence when the term starts or ends, as the client reads it:
        without what only its partner can act on."""
        self.ensure_one()
        start, end = format_date(self.env, self.date_start), self._get_end_text()
        if self.renewal_state == "not_started":
            return self.env._("It starts on %(start)s.", start=start)
        if not self.renewal_state:
            return self.env._("It is closed.")
        if self.renewal_state == "ended":
            return f"{end} {self._get_grace_text()}"
        if self.renewal_state == "renewed":
            return f"{end} {self._get_client_renewed_text()}"
        return end

    def _get_end_text(self):
        """Return in a sentence when the term ends or ended, and how many days that
        is from today."""
        if not self.date:
            return self.env._("It has no end.")
        days = (self.date - self.company_id._get_today()).days
        values = {"end": format_date(self.env, self.date), "days": abs(days)}
        if days < -1:
            return self.env._("It ended on %(end)s (%(days)s days ago).", **values)
        if days == -1:
            return self.env._("It ended on %(end)s (yesterday).", **values)
        if days == 0:
            return self.env._("It ends on %(end)s (today).", **values)
        if days == 1:
            return self.env._("It ends on %(end)s (tomorrow).", **values)
        return self.env._("It ends on %(end)s (in %(days)s days).", **values)

    def _get_grace_text(self):
        """Return in a sentence what still works after the end of the term."""
        if self._has_ended(grace=True):
            return self.env._(
                "Nobody loses access, but no seat can be given until it is renewed."
            )
        return self.env._(
            "Seats can be given until %(grace)s.",
            grace=format_date(self.env, self._get_last_grace_day()),
        )

    def _get_client_renewed_text(self):
        term = self.renewal_id
        text = self.env._(
            "Renewed: the next term runs from %(start)s to %(end)s.",
            start=format_date(self.env, term.date_start),
            end=format_date(self.env, term.date_end),
        )
        return " ".join(filter(None, [text, term._get_changes_text()]))

    def _get_renewed_text(self):
        """Return in a sentence when the next term starts, or why it does not."""
        term = self.renewal_id
        start = format_date(self.env, term.date_start)
        if term.error:
            return self.env._(
                "The next term should have started on %(start)s, which failed and is"
                " tried again: %(error)s",
                start=start,
                error=term.error,
            )
        text = self.env._(
            "Renewed: the next term runs from %(start)s to %(end)s.",
            start=start,
            end=format_date(self.env, term.date_end),
        )
        return " ".join(filter(None, [text, term._get_changes_text()]))

    def _get_ended_text(self):
        """Return in a sentence since when the term is over, and what still works."""
        values = {
            "end": format_date(self.env, self.date),
            "grace": format_date(self.env, self._get_last_grace_day()),
        }
        if self._has_ended(grace=True):
            return self.env._(
                "The term ended on %(end)s, and the grace period on %(grace)s: nobody"
                " loses access, but no seat can be given until it is renewed.",
                **values,
            )
        return self.env._(
            "The term ended on %(end)s. Seats can be given until %(grace)s; renew it"
            " to go on.",
            **values,
        )
