from collections import defaultdict
from typing import NamedTuple

import pytz
from dateutil.relativedelta import relativedelta

from odoo import api, fields, models, tools
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.base.models.res_partner import _tz_get

TERM_FIELDS = ["term_tz", "renewal_warning_months", "renewal_grace_days"]


class TermDays(NamedTuple):
    """The days by which terms are judged, in the time zone of a company."""

    today: object
    # Terms that end before are ending soon.
    warned: object
    # Terms that ended before give no seats any more.
    graced: object


class ResCompany(models.Model):
    _inherit = "res.company"

    seat_warning_rate = fields.Integer(
        string="Seats Running Low (%)",
        default=80,
        help="Share of the seats of a pool from which it is shown in orange.",
    )
    seat_full_rate = fields.Integer(
        string="Seats Used Up (%)",
        default=100,
        help="Share of the seats of a pool from which it is shown in red. "
        "Seats can be given until the limit of the pool, whatever this rate.",
    )

    invitation_days = fields.Integer(
        string="Invitations Expire After (days)",
        default=14,
        help="Days for which an accountant can accept an invitation.",
    )
    term_tz = fields.Selection(
        _tz_get,
        string="Time Zone of Terms",
        help="Where a day begins and ends for contracts. Empty: where each user is.",
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
    _invitation_days_range = models.Constraint(
        "CHECK (invitation_days BETWEEN 1 AND 90)",
        "Invitations can be accepted for 1 to 90 days.",
    )
    _seat_rates = models.Constraint(
        "CHECK (seat_warning_rate > 0 AND seat_warning_rate <= seat_full_rate"
        " AND seat_full_rate <= 100)",
        "The seat thresholds must lie between 1 and 100 %, the first not above the"
        " second.",
    )

    def write(self, vals):
        changed = self._get_changed(vals, TERM_FIELDS)
        result = super().write(vals)
        if changed:
            self.env.registry.clear_cache()
        return result

    # ------------------------------------------------------------------ days of terms

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

    def _get_today(self):
        """Return what day it is for the contracts of this company."""
        self.ensure_one()
        return self._get_local_day(self._get_term_settings()[self.id][0])

    @api.model
    def _get_local_day(self, tz):
        """Return what day it is in the time zone ``tz``, the user's where empty."""
        timezone = self._get_timezone(tz)
        return pytz.utc.localize(fields.Datetime.now()).astimezone(timezone).date()

    @api.model
    def _get_timezone(self, tz):
        """Return the time zone called ``tz``, the user's where empty."""
        # Odoo keeps what it returns of the user, who is not read each time.
        context = self.env.context
        tz = tz or context.get("tz") or self.env["res.users"].context_get().get("tz")
        # A caller may send anything.
        return pytz.timezone(tz if tz in pytz.all_timezones_set else "UTC")

    @api.model
    def _get_term_days(self):
        """Return ``{company id: TermDays}`` of every company."""
        days = {}
        for company_id, (tz, months, grace) in self._get_term_settings().items():
            today = self._get_local_day(tz)
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
        company_ids = defaultdict(list)
        for company, day in days.items():
            company_ids[day].append(company)
        if len(company_ids) == 1:
            return SQL("%s::date", *company_ids)
        cases = [
            SQL("WHEN %s IN %s THEN %s::date", company_id, tuple(ids), day)
            for day, ids in company_ids.items()
        ]
        return SQL("CASE %s END", SQL(" ").join(cases))
