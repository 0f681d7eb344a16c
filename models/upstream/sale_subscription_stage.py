from odoo import api, models

# How upstream's French calls the stage "Ready to start": the word for a reason.
WRONG_NAMES = {"pre": "Raison"}


class SaleSubscriptionStage(models.Model):
    """Guards against faults of subscription_oca, see docs/upstream.md."""

    _inherit = "sale.subscription.stage"

    # Upstream's French says something else. A name that the vendor gave stays.
    @api.depends("name", "type")
    @api.depends_context("lang")
    def _compute_display_name(self):
        super()._compute_display_name()
        for stage in self:
            if stage.name == WRONG_NAMES.get(stage.type):
                stage.display_name = self.env._("Ready to start")
