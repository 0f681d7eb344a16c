from datetime import timedelta

from odoo import fields, models

from ...billing import Span
from ...terms import LAST_DAY


class SubscriptionPause(models.Model):
    """Days on which a subscription was paused: they are not billed. The day of the
    pause is one of them, the day of resuming is not."""

    _name = "subscription.pause"
    _inherit = ["subscription.immutable.mixin"]
    _description = "Pause of a Subscription"
    _order = "subscription_id, day, id"
    _rec_name = "subscription_id"

    subscription_id = fields.Many2one(
        "sale.subscription", required=True, ondelete="cascade", index=True
    )
    client_id = fields.Many2one(
        related="subscription_id.client_id", store=True, index=True
    )
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    day = fields.Date(string="Paused On", required=True)
    resumed_on = fields.Date(help="Empty while it is paused.")

    _order_of_days = models.Constraint(
        "CHECK (resumed_on >= day)", "A pause ends after it begins."
    )
    _one_open = models.UniqueIndex(
        "(subscription_id) WHERE resumed_on IS NULL", "It is paused already."
    )

    def _get_span(self):
        """Return its days, None where it ended on the day on which it began."""
        planned = self.subscription_id.paused_until if not self.resumed_on else None
        after = self.resumed_on or (planned and max(planned, self.day)) or LAST_DAY
        last = after - timedelta(days=1)
        return Span(self.day, last) if last >= self.day else None
