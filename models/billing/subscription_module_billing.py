from odoo import models

from ..core.changes import write_changes


class SubscriptionModule(models.Model):
    """The products that seats are billed with."""

    _inherit = "subscription.module"

    @write_changes
    def write(self, vals):
        """Change modules; lines of subscriptions follow their product."""
        result = super().write(vals)
        if "product_id" in vals:
            # sudo: who sets the product bills all subscriptions with it.
            pools = self.env["subscription.seat.pool"].sudo()
            pools.search([("module_id", "in", self.ids)]).subscription_id._sync_lines()
        return result
