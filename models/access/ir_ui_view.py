from odoo import models
from odoo.fields import Domain


class IrUiView(models.Model):
    _inherit = "ir.ui.view"

    def _get_inheriting_views_domain(self):
        """Leave out what closed apps add to the screens of others: it shows records
        which a restricted user may not read. Pages (``qweb``) stay as they are."""
        domain = super()._get_inheriting_views_domain()
        if not self.env.user._is_restricted():
            return domain
        closed = self.env["ir.model.data"]._get_closed_ids("ir.ui.view")
        return domain & (Domain("type", "=", "qweb") | Domain("id", "not in", closed))
