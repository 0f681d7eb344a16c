from odoo import fields, models

from . import paper


class SubscriptionSettingsMixin(models.AbstractModel):
    _inherit = "subscription.settings.mixin"

    is_renderer_missing = fields.Boolean(compute="_compute_is_renderer_missing")

    def _compute_is_renderer_missing(self):
        self.is_renderer_missing = not paper.load()
