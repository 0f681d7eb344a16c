from odoo import api, models


class SubscriptionModule(models.Model):
    """Modules that requests are about."""

    _inherit = "subscription.module"

    @api.model
    def _get_using_models(self):
        return [*super()._get_using_models(), "subscription.request"]
