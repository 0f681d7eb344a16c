from odoo import api, models

from ..core.base import ADDON


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    def _visible_menu_ids(self, debug=False):
        """Offer the choice of a company to its staff alone: what holds for all is in
        the settings."""
        visible = super()._visible_menu_ids(debug)
        if self.env.user._is_partner_staff():
            return visible
        menu = self.env.ref(f"{ADDON}.menu_alert_choice", raise_if_not_found=False)
        return visible - {menu.id} if menu else visible
