from odoo import api, models


class SubscriptionModule(models.Model):
    """Modules whose seats are contracted."""

    _inherit = "subscription.module"

    @api.model
    def _get_using_models(self):
        return [*super()._get_using_models(), "subscription.seat.pool"]
