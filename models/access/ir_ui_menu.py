from odoo import api, models, tools


class IrUiMenu(models.Model):
    _inherit = "ir.ui.menu"

    @api.model
    @tools.ormcache("frozenset(self.env.user._get_group_ids())", "debug")
    def _visible_menu_ids(self, debug=False):
        """Leave out the menus of apps that are closed to restricted users."""
        visible = super()._visible_menu_ids(debug)
        if not self.env.user._is_restricted():
            return visible
        return visible - self.env["ir.model.data"]._get_closed_ids(self._name)
