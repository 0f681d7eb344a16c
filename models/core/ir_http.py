from odoo import models


class IrHttp(models.AbstractModel):
    _inherit = "ir.http"

    def session_info(self):
        """Tell the web client of which fields it says what it showed when it saves."""
        watched = self.env["subscription.seen.values.mixin"]._get_watched_fields()
        return {**super().session_info(), "watched_fields": watched}
