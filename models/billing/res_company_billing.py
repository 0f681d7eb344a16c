import pytz

from odoo import fields, models


class ResCompany(models.Model):
    """How a company bills its subscriptions."""

    _inherit = "res.company"

    billing_mode = fields.Selection(
        [("post", "Post"), ("draft", "Draft for review")],
        string="Invoices of Subscriptions",
        required=True,
        default="post",
        help="Post: the job posts what it makes. Draft: somebody reviews it first.",
    )
    correction_window_days = fields.Integer(
        string="Correction Window (days)",
        default=7,
        help="Days after a start, an addition or a renewal within which seats can be"
        " lowered again: licences of unused days come back, unused days that were"
        " billed are credited.",
    )

    def _get_day_of(self, moment):
        """Return the day of ``moment``, naive UTC, where this company's contracts
        are."""
        self.ensure_one()
        tz = self._get_term_settings()[self.id][0]
        zone = pytz.timezone(tz if tz in pytz.all_timezones_set else "UTC")
        return pytz.utc.localize(moment).astimezone(zone).date()

    _correction_window_range = models.Constraint(
        "CHECK (correction_window_days BETWEEN 0 AND 60)",
        "The correction window lasts from 0 to 60 days.",
    )
