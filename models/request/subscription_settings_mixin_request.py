from odoo import fields, models


class SubscriptionSettingsMixin(models.AbstractModel):
    """How long requests wait."""

    _inherit = "subscription.settings.mixin"

    request_days = fields.Integer(related="company_id.request_days", readonly=False)
    request_late_days = fields.Integer(
        related="company_id.request_late_days", readonly=False
    )
