from dateutil.relativedelta import relativedelta

from odoo import api, fields, models


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

    @api.depends("period")
    def _compute_until(self):
        today = fields.Date.context_today(self)
        for wizard in self:
            if wizard.period and wizard.period != "other":
                wizard.until = today + relativedelta(days=int(wizard.period))
            else:
                wizard.until = wizard.until or today + relativedelta(days=1)

    def action_snooze(self):
        """Snooze the renewal notices about the subscriptions."""
        self.ensure_one()
        self.subscription_ids._snooze_notices(self.until)

    def action_wake(self):
        """Send renewal notices about the subscriptions again."""
        self.ensure_one()
        self.subscription_ids.action_wake_notices()
