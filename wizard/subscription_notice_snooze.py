from datetime import timedelta

from odoo import api, fields, models

# Periods by their number of days; the other one has a day of its own.
DAYS = {"7": 7, "30": 30}


class SubscriptionNoticeSnooze(models.TransientModel):
    """Snooze the renewal notices about subscriptions until a day."""

    _name = "subscription.notice.snooze"
    _description = "Snooze Notices"

    subscription_ids = fields.Many2many("sale.subscription", required=True)
    period = fields.Selection(
        [("7", "7 days"), ("30", "30 days"), ("other", "Until another day")],
        string="For",
        required=True,
        default="7",
    )
    until = fields.Date(
        compute="_compute_until",
        store=True,
        precompute=True,
        readonly=False,
        required=True,
        help="The first day on which notices go out again.",
    )

    @api.depends("period", "subscription_ids")
    def _compute_until(self):
        """Propose a day until which the notices can be snoozed."""
        for wizard in self:
            first = wizard.subscription_ids._get_first_snooze_day()
            if wizard.period in DAYS:
                wizard.until = first + timedelta(days=DAYS[wizard.period] - 1)
            else:
                wizard.until = max(wizard.until or first, first)

    def action_snooze(self):
        """Snooze the renewal notices about the subscriptions."""
        self.ensure_one()
        self.subscription_ids._snooze_notices(self.until)

    def action_wake(self):
        """Send renewal notices about the subscriptions again."""
        self.ensure_one()
        self.subscription_ids.action_wake_notices()
