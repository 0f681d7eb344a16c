from datetime import datetime, time, timedelta

import pytz

from odoo import fields, models

# When a digest goes out: the next day, or the next Monday.
MORNING = time(6)
RHYTHMS = [
    ("now", "At once"),
    ("day", "Once a day"),
    ("week", "Once a week"),
    ("never", "Never"),
]


class ResCompany(models.Model):
    """How often those are told who share the pools of a company."""

    _inherit = "res.company"

    seat_alert_rhythm = fields.Selection(
        RHYTHMS,
        string="Seats Running Out",
        default="now",
        required=True,
        help="When the partner and the client's administrators are e-mailed that a pool"
        " has passed one of the thresholds. Each company can choose otherwise.",
    )

    def _get_digest_moment(self, rhythm):
        """Return when what is noted now goes out by ``rhythm``, in UTC; False where it
        need not wait."""
        if rhythm not in ("day", "week"):
            return False
        today = self._get_today()
        days = 1 if rhythm == "day" else 7 - today.weekday()
        zone = pytz.timezone(self.term_tz or "UTC")
        morning = datetime.combine(today + timedelta(days=days), MORNING)
        return zone.localize(morning).astimezone(pytz.utc).replace(tzinfo=None)
