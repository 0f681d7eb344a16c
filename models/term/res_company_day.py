"""Which day it is for a company: all of this addon asks here.

Days are those of the company's time zone, whoever looks and wherever the server is; of
a company that has none they are those of UTC.
"""

from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.base.models.res_partner import _tz_get

from ...counting import Calendar

TERM_FIELDS = ["term_tz", "renewal_warning_months", "renewal_grace_days"]
# Where the time zone that is listed first for a country is not that of most people.
MAIN_ZONES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "FM": "Pacific/Pohnpei",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
DAY = timedelta(days=1)


class TermDays(NamedTuple):
    """The days by which terms are judged, in the time zone of a company."""

    today: object
    # Terms that end before are ending soon.
    warned: object
    # Terms that ended before give no seats any more.
    graced: object


def get_country_zone(code):
    """Return the time zone of the country ``code``: its only one, else the one in which
    most people live; False where the country has none."""
    zones = pytz.country_timezones.get(code or "", [])
    main = MAIN_ZONES.get(code)
    return main if main in zones else next(iter(zones), False)


def get_calendar(tz):
    """Return the ``Calendar`` of the time zone called ``tz``, of UTC without one."""
    return Calendar(pytz.timezone(tz if tz in pytz.all_timezones_set else "UTC"))


class ResCompany(models.Model):
    """The days of a company."""

    _inherit = "res.company"

    term_tz = fields.Selection(
        _tz_get,
        string="Time Zone of Subscriptions",
        compute="_compute_term_tz",
        store=True,
        readonly=False,
        help="Where a day begins and ends for terms and invoices. It follows from the"
        " country at first. Without one nothing is billed, and days are those of UTC.",
    )
    renewal_warning_months = fields.Integer(
        string="Ending Soon (months)",
        default=3,
        help="A term with less than these months to run is shown in orange.",
    )
    renewal_grace_days = fields.Integer(
        string="Grace Period (days)",
        default=30,
        help="Days after the end of a term for which seats can still be given. Nobody"
        " loses access afterwards.",
    )

    _renewal_warning_months_range = models.Constraint(
        "CHECK (renewal_warning_months BETWEEN 1 AND 24)",
        "Terms can be shown as ending soon from 1 to 24 months before their end.",
    )
    _renewal_grace_days_range = models.Constraint(
        "CHECK (renewal_grace_days BETWEEN 0 AND 365)",
        "The grace period can last from 0 to 365 days.",
    )

    @api.depends("country_id")
    def _compute_term_tz(self):
        """Preset the time zone of the country where none is set."""
        for company in self:
            company.term_tz = company.term_tz or get_country_zone(
                company.country_id.code
            )
        # What is kept of all companies knows the zones from before.
        self.env.registry.clear_cache()

    def write(self, vals):
        changed = self._get_changed(vals, TERM_FIELDS)
        result = super().write(vals)
        if changed:
            self.env.registry.clear_cache()
        return result

    # ------------------------------------------------------------------ days

    @api.model
    @tools.ormcache()
    def _get_term_settings(self):
        """Return ``{company id: (time zone, months, days)}`` of every company.

        Odoo itself forgets it where companies are created or deleted.
        """
        self.flush_model(TERM_FIELDS)
        columns = SQL(", ").join(SQL.identifier(name) for name in TERM_FIELDS)
        rows = self.env.execute_query(SQL("SELECT id, %s FROM res_company", columns))
        return {row[0]: row[1:] for row in rows}

    def _get_calendar(self):
        """Return the ``Calendar`` of this company: when its days begin and end."""
        return get_calendar(self._get_zone())

    def _get_zone(self):
        """Return the name of the time zone of this company, False without one."""
        self.ensure_one()
        # A caller may name a company that is not there.
        return self._get_term_settings().get(self.id, (False,))[0] or False

    def _get_day_of(self, moment):
        """Return the day of ``moment``, naive UTC, for this company."""
        return self._get_calendar().get_day(moment)

    def _get_today(self):
        """Return what day it is for the contracts of this company."""
        return self._get_day_of(fields.Datetime.now())

    def _get_day_end(self, day):
        """Return the moment, naive UTC and excluded, at which ``day`` ends."""
        return self._get_calendar().get_start(day + DAY)

    @api.model
    def _get_calendars(self):
        """Return ``{company id: Calendar}`` of every company."""
        settings = self._get_term_settings()
        return {
            company_id: get_calendar(row[0]) for company_id, row in settings.items()
        }

    @api.model
    def _get_term_days(self):
        """Return ``{company id: TermDays}`` of every company."""
        now = fields.Datetime.now()
        days = {}
        for company_id, (tz, months, grace) in self._get_term_settings().items():
            today = get_calendar(tz).get_day(now)
            days[company_id] = TermDays(
                today,
                today + relativedelta(months=months or 0),
                today - relativedelta(days=grace or 0),
            )
        return days

    @api.model
    def _get_begun_domain(self):
        """Return the domain of the records whose ``date_start`` has come for their
        company."""
        return Domain.OR(
            Domain("company_id", "=", company_id)
            & Domain("date_start", "<=", days.today)
            for company_id, days in self._get_term_days().items()
        )

    @api.model
    def _get_term_days_sql(self, company_id, *names):
        """Return the SQL of each of the days ``names`` of ``TermDays``.

        :param SQL company_id: the column of the company
        """
        days = self._get_term_days()
        return [
            self._get_day_sql(
                company_id, {company: getattr(days[company], name) for company in days}
            )
            for name in names
        ]

    @api.model
    def _get_day_sql(self, company_id, days):
        """Return the SQL of the day that ``days``, ``{company id: day}``, have for the
        company in the column ``company_id``."""
        return self._get_company_sql(company_id, days, SQL("date"))

    @api.model
    def _get_day_end_sql(self, company_id, day=None):
        """Return the SQL of the moment, naive UTC and excluded, at which ``day`` ends
        for the company in the column ``company_id``; where it is None, its today."""
        now = fields.Datetime.now()
        ends = {
            company: calendar.get_start((day or calendar.get_day(now)) + DAY)
            for company, calendar in self._get_calendars().items()
        }
        return self._get_company_sql(company_id, ends, SQL("timestamp"))

    @api.model
    def _get_zone_sql(self, term_tz):
        """Return the SQL of the name of a company's time zone.

        :param SQL term_tz: the column that has it
        """
        return SQL("COALESCE(%s, 'UTC')", term_tz)

    @api.model
    def _get_company_sql(self, company_id, values, kind):
        """Return the SQL of what ``values``, ``{company id: value}``, have for the
        company in the column ``company_id``; ``kind`` is the type of the database."""
        company_ids = defaultdict(list)
        for company, value in values.items():
            company_ids[value].append(company)
        if len(company_ids) == 1:
            return SQL("%s::%s", *company_ids, kind)
        cases = [
            SQL("WHEN %s IN %s THEN %s::%s", company_id, tuple(ids), value, kind)
            for value, ids in company_ids.items()
        ]
        return SQL("CASE %s END", SQL(" ").join(cases))
