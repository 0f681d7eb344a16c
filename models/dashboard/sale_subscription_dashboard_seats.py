from dateutil.relativedelta import relativedelta

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL, format_date

from .sections import column, open_action, row, section

DAY = relativedelta(days=1)


class SaleSubscription(models.Model):
    """Seats in use at the end of each of the last months."""

    _inherit = "sale.subscription"

    @api.model
    def _get_seat_sections(self, asked):
        """Return the line of the seats in use."""
        if not self._may_see_seats():
            return []
        days = self._get_history_days(asked)
        used, unlimited = (
            self._count_history(asked, days, is_unlimited)
            for is_unlimited in (False, True)
        )
        limit = self._read_usage_facts(asked)["limit"]
        rows = [
            self._get_seat_row(asked, day, used[place], unlimited[place], limit)
            for place, day in enumerate(days)
        ]
        has_any = limit or any(used) or any(unlimited)
        return [self._get_seat_chart(rows if has_any else [], any(unlimited))]

    @api.model
    def _may_see_seats(self):
        """Return whether the user may see pools and how they are used."""
        models = ("subscription.seat.pool", "subscription.seat.usage")
        return all(self.env[model].has_access("read") for model in models)

    @api.model
    def _get_history_days(self, asked):
        """Return the last days of the months that are looked back to, and today."""
        ends = [
            asked.first_month - relativedelta(months=number) - DAY
            for number in range(asked.months)
        ]
        return [*reversed(ends), asked.today]

    @api.model
    def _count_history(self, asked, days, is_unlimited):
        """Return how many seats were in use at the end of each of ``days``, of the
        pools that are asked for and are, or are not, ``is_unlimited``."""
        counts = [0] * len(days)
        groups = asked.once("seats", lambda: self._read_seat_history(asked, days))
        for unlimited, given, freed, number in groups:
            if bool(unlimited) == is_unlimited:
                # In use from the first end of a day after it was given to the last one
                # before it was freed.
                for place in range(given, len(days) if freed is None else freed):
                    counts[place] += number
        return counts

    @api.model
    def _read_seat_history(self, asked, days):
        """Return ``[(is unlimited, place of the first of ``days`` on which seats were
        in use, place after the last one or None, number of seats)]``."""
        # In SQL: one look at each seat of these pools that was in use in this time,
        # however many days there are. Of all pools they are read in one go, of those of
        # a partner by the index of each pool.
        query = SQL(
            """
            SELECT pool.is_unlimited,
                   width_bucket(seat.granted_at, ends.moments),
                   width_bucket(seat.released_at, ends.moments), count(*)
              FROM %(pools)s pool
             CROSS JOIN LATERAL (SELECT %(moments)s AS moments) ends
              JOIN subscription_seat seat ON seat.pool_id = pool.id
             WHERE seat.number IS NOT NULL
               AND seat.granted_at < %(last)s
               AND (seat.released_at IS NULL OR seat.released_at >= %(first)s)
          GROUP BY 1, 2, 3
            """,
            moments=self._get_moments_sql(days),
            pools=self._get_found_sql(
                self._find_pools(asked), "id", "is_unlimited", "company_id"
            ),
            # A day wider than any time zone: what is outside is in no bucket anyway.
            first=days[0] - DAY,
            last=days[-1] + relativedelta(days=3),
        )
        self.env.flush_all()
        return self.env.execute_query(query)

    @api.model
    def _get_moments_sql(self, days):
        """Return the SQL of the moments at which ``days`` end for the company of
        ``pool``, in an array."""
        companies = self.env["res.company"]
        moments = {
            company: "{%s}"
            % ",".join(
                str(calendar.get_start(day + relativedelta(days=1))) for day in days
            )
            for company, calendar in companies._get_calendars().items()
        }
        return companies._get_company_sql(
            SQL("pool.company_id"), moments, SQL("timestamp[]")
        )

    @api.model
    def _get_seat_row(self, asked, day, used, unlimited, limit):
        """Return the row of the seats in use at the end of ``day``."""
        label = format_date(self.env, day, date_format="MMM yyyy")
        label = self.env._("Today") if day == asked.today else label
        values = {"day": label, "used": used, "unlimited": unlimited, "limit": limit}
        return row(values, action=self._get_day_action(asked, day))

    @api.model
    def _get_day_action(self, asked, day):
        """Return the way to the seats in use at the end of ``day``."""
        domain = asked.get_domain("management_path", "module_id")
        return open_action(
            "subscription_seat_usage_past_action",
            name=self.env._("Seats in use on %s", format_date(self.env, day)),
            domain=domain & Domain("used", ">", 0),
            context={} if day == asked.today else {"usage_date": str(day)},
        )

    @api.model
    def _get_seat_labels(self):
        return {
            "used": self.env._("In use"),
            "limit": self.env._("Seats today"),
            "unlimited": self.env._("In use without limit"),
        }

    @api.model
    def _get_seat_note(self):
        return self.env._(
            "At the end of each month, from the history of seats. Limits have no past:"
            " the line of dashes is what is contracted today."
        )

    @api.model
    def _get_seat_chart(self, rows, has_unlimited):
        """Return the section of ``rows``."""
        labels = self._get_seat_labels()
        if not has_unlimited:
            del labels["unlimited"]
        return section(
            "seats",
            self.env._("Seats in use"),
            "line",
            [
                column("day", self.env._("Month")),
                *(column(name, labels[name], "integer") for name in labels),
            ],
            rows,
            series=[
                {"name": name, "label": label, "dashed": name == "limit"}
                for name, label in labels.items()
            ],
            note=self._get_seat_note(),
            empty=self.env._("Seats show here once a client has a subscription."),
            action=open_action("subscription_seat_usage_action"),
        )
