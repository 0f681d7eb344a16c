from odoo import fields, models


class SubscriptionSettingsMixin(models.AbstractModel):
    """How invoices are sent."""

    _inherit = "subscription.settings.mixin"

    delivery_enabled = fields.Boolean(
        related="company_id.delivery_enabled", readonly=False
    )
    delivery_limit = fields.Integer(related="company_id.delivery_limit", readonly=False)
    delivery_xlsx = fields.Boolean(related="company_id.delivery_xlsx", readonly=False)
