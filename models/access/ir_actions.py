from odoo import api, models


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @api.model
    def get_bindings(self, model_name):
        """Leave out what closed apps add to the menus *Action* and *Print*."""
        bindings = super().get_bindings(model_name)
        if not self.env.user._is_restricted():
            return bindings
        return {
            kind: opened
            for kind, actions in bindings.items()
            if (opened := [action for action in actions if not self._is_closed(action)])
        }

    @api.model
    def _is_closed(self, action):
        closed = self.env["ir.model.data"]._get_closed_ids
        return action["id"] in closed(action["type"])
