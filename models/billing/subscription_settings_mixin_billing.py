from odoo import fields, models


class SubscriptionSettingsMixin(models.AbstractModel):
    """How subscriptions are invoiced."""

    _inherit = "subscription.settings.mixin"

    billing_mode = fields.Selection(related="company_id.billing_mode", readonly=False)
    correction_window_days = fields.Integer(
        related="company_id.correction_window_days", readonly=False
    )
