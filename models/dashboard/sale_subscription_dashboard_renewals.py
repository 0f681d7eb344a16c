from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .sections import column, open_action, row, section

# States of a term that waits to be renewed.
UNRENEWED_STATES = ["not_started", "running", "ending", "ended"]
# What is read of renewals.
RENEWAL_COLUMNS = ("id", "state", "error", "previous_end", "currency_id")


class RenewalFacts(NamedTuple):
    """What renewals take and cost, and how many of them are scheduled."""

    licences: float
    amount: float
    scheduled: int
    # Of these, those that could not start
    failed: int


class SaleSubscription(models.Model):
    """Renewals by the month in which terms end: what was renewed, and what waits."""

    _inherit = "sale.subscription"

    @api.model
    def _get_renewal_sections(self, asked):
        """Return the chart of licences, and one of money for each currency."""
        renewals = self.env["subscription.renewal"]
        if not (self._may_see_trade() and renewals.has_access("read")):
            return []
        months = self._get_renewal_months(asked)
        ways = self._get_renewal_ways(asked, months)
        renewed = self._read_renewed(asked)
        waiting = self._read_waiting(asked)
        sections = [self._get_licence_chart(ways, months, renewed, waiting)]
        prices = self._get_waiting_amounts(asked, waiting)
        currencies = {key[1] for key, values in renewed.items() if values[1]}
        currencies |= {currency for _month, currency in prices}
        return sections + [
            self._get_money_chart(ways, months, currency, renewed, prices)
            for currency in self.env["res.currency"].browse(sorted(currencies))
        ]

    @api.model
    def _get_renewal_months(self, asked):
        """Return ``[(first day, first day after, label)]`` of the bars: the months that
        are looked ahead to, and before them all that ended earlier."""
        months = [
            (
                month,
                month + relativedelta(months=1),
                format_date(self.env, month, date_format="MMM yyyy"),
            )
            for month in asked.next_months
        ]
        return [(None, asked.first_month, self.env._("Earlier")), *months]

    @api.model
    def _get_renewed_domain(self, asked):
        """Return the domain of the renewals of terms that end from this month on."""
        return (
            asked.get_domain(module="line_ids.module_id")
            & Domain("state", "in", ["scheduled", "applied"])
            & Domain("previous_end", ">=", asked.first_month)
            & Domain("previous_end", "<", asked.end_ahead)
        )

    @api.model
    def _get_waiting_domain(self, asked):
        """Return the domain of the subscriptions whose terms end and that wait to be
        renewed: not those that nobody wants to renew."""
        return (
            asked.get_domain("management_path", "seat_pool_ids.module_id")
            & Domain("in_progress", "=", True)
            & Domain("date", "<", asked.end_ahead)
            & Domain("renewal_state", "in", UNRENEWED_STATES)
            & Domain("renewal_choice", "!=", "none")
            & Domain("is_renewal_refused", "=", False)
        )

    @api.model
    def _read_renewed(self, asked):
        """Return ``{(month, currency id): RenewalFacts}`` of what was renewed, of the
        months that are looked ahead to."""
        facts = self._read_renewal_facts(asked)
        return {key: values for key, values in facts.items() if key[0]}

    @api.model
    def _count_scheduled(self, asked):
        """Return how many renewals are scheduled, and how many of them could not
        start."""
        facts = self._read_renewal_facts(asked).values()
        return sum(one.scheduled for one in facts), sum(one.failed for one in facts)

    @api.model
    def _read_renewal_facts(self, asked):
        """Return ``{(month, currency id): RenewalFacts}``, read once in a request. The
        month is None for scheduled renewals of terms that end in no month that is
        looked ahead to."""
        return asked.once("renewals", lambda: self._query_renewal_facts(asked))

    @api.model
    def _query_renewal_facts(self, asked):
        scheduled = asked.get_domain(module="line_ids.module_id")
        scheduled &= Domain("state", "=", "scheduled")
        found = self.env["subscription.renewal"]._search(
            scheduled | self._get_renewed_domain(asked)
        )
        # In SQL: rules are asked for the renewals, and their lines go with them.
        query = SQL(
            """
            SELECT CASE WHEN renewal.previous_end >= %(first)s
                             AND renewal.previous_end < %(end)s
                        THEN date_trunc('month', renewal.previous_end)::date END,
                   renewal.currency_id, SUM(line.licences),
                   SUM(ROUND(line.licences * line.price_unit / currency.rounding)
                       * currency.rounding),
                   count(DISTINCT renewal.id)
                   FILTER (WHERE renewal.state = 'scheduled'),
                   count(DISTINCT renewal.id)
                   FILTER (WHERE renewal.state = 'scheduled' AND renewal.error <> '')
              FROM %(renewals)s renewal
              LEFT JOIN subscription_renewal_line line
                ON line.renewal_id = renewal.id AND %(of_module)s
              LEFT JOIN res_currency currency ON currency.id = renewal.currency_id
          GROUP BY 1, 2
            """,
            first=asked.first_month,
            end=asked.end_ahead,
            renewals=self._get_found_sql(found, *RENEWAL_COLUMNS),
            of_module=self._get_module_sql(asked, SQL("line.module_id")),
        )
        self.env.flush_all()
        rows = self.env.execute_query(query)
        return {(month, money): RenewalFacts(*facts) for month, money, *facts in rows}

    @api.model
    def _get_module_sql(self, asked, module_id):
        """Return the SQL of whether the column ``module_id`` is asked for."""
        return (
            SQL("%s = %s", module_id, asked.module.id) if asked.module else SQL("TRUE")
        )

    @api.model
    def _get_licence_chart(self, ways, months, renewed, waiting):
        """Return the chart of the licences that were taken and that will be."""
        values = [
            {
                "month": label,
                "renewed": self._sum_of(renewed, start, 0),
                "waiting": self._sum_of(waiting, start, 0),
            }
            for start, _end, label in months
        ]
        return self._get_renewal_chart(
            ways,
            values,
            name="renewals",
            title=self.env._("Licences of renewals"),
            note=self._get_licence_note(),
            kind={"kind": "float"},
        )

    @api.model
    def _get_licence_note(self):
        return self.env._(
            "By the month in which the term ends: licences that renewals took, and"
            " those that the same seats would take for another term."
        )

    @api.model
    def _get_money_chart(self, ways, months, currency, renewed, prices):
        """Return the chart of what renewals cost in ``currency``."""
        values = [
            {
                "month": label,
                "renewed": self._sum_of(renewed, start, 1, currency.id),
                "waiting": self._sum_of(prices, start, 0, currency.id),
            }
            for start, _end, label in months
        ]
        return self._get_renewal_chart(
            ways,
            values,
            name=f"renewal_money_{currency.name.lower()}",
            title=self.env._("Money of renewals (%s)", currency.name),
            note=self._get_money_note(),
            kind={"kind": "monetary", "currency_id": currency.id},
        )

    @api.model
    def _get_money_note(self):
        return self.env._(
            "The same licences at their prices, without taxes: those of renewals as"
            " they were, the others by the price lists of today."
        )

    @api.model
    def _sum_of(self, figures, month, place, currency=None):
        """Return the sum of what ``figures``, ``{(month, currency id, ...): values}``,
        have at ``place`` for ``month``."""
        return sum(
            float(values[place] or 0)
            for key, values in figures.items()
            if key[0] == month and currency in (None, key[1])
        )

    @api.model
    def _get_renewal_chart(self, ways, values, *, kind, **names):
        """Return the section of ``names`` whose bars have ``values``."""
        labels = self._get_renewal_labels()
        return section(
            kind="bars",
            columns=[
                column("month", self.env._("Month")),
                *(column(name, labels[name], **kind) for name in labels),
            ],
            rows=self._get_renewal_rows(ways, values),
            series=self._get_renewal_series(labels),
            empty=self.env._(
                "No term that takes licences ends in this time. Choose a longer period."
            ),
            action=open_action("sale_subscription_to_renew_action"),
            **names,
        )

    @api.model
    def _get_renewal_labels(self):
        """Return the names of what the bars are made of."""
        return {
            "renewed": self.env._("Renewed"),
            "waiting": self.env._("To renew"),
        }

    @api.model
    def _get_renewal_series(self, labels):
        states = {"renewed": "renewed", "waiting": "ending"}
        return [
            {"name": name, "label": label, "state": states[name]}
            for name, label in labels.items()
        ]

    @api.model
    def _get_renewal_rows(self, ways, values):
        """Return the rows of ``values``; none where nothing is renewed in any."""
        rows = [
            row(one, actions={name: way[name] for name in way if one[name]})
            for way, one in zip(ways, values, strict=True)
        ]
        if not any(one["renewed"] or one["waiting"] for one in values):
            return []
        # What ended earlier has a bar where there is any.
        return rows if values[0]["waiting"] else rows[1:]

    @api.model
    def _get_renewal_ways(self, asked, months):
        """Return ``{name of a figure: action}`` for each of ``months``: the ways to its
        renewals and terms, the same for licences and money."""
        renewed = self._get_renewed_domain(asked)
        waiting = self._get_waiting_domain(asked)
        return [
            {
                "renewed": self._get_renewed_action(month, renewed),
                "waiting": self._get_waiting_action(month, waiting),
            }
            for month in months
        ]

    @api.model
    def _get_renewed_action(self, month, domain):
        return open_action(
            "subscription_renewal_action",
            name=month[2],
            domain=domain & self._within("previous_end", month),
            context={"search_default_scheduled": 0},
        )

    @api.model
    def _get_waiting_action(self, month, domain):
        return open_action(
            "sale_subscription_to_renew_action",
            name=month[2],
            domain=domain & self._within("date", month),
            context={"search_default_to_renew": 0},
        )

    @api.model
    def _within(self, field, month):
        """Return the domain of the dates of ``month``, as the bars have it."""
        start, end, _label = month
        domain = Domain(field, "<", end)
        return domain & Domain(field, ">=", start) if start else domain
