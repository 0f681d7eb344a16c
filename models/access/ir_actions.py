from odoo import api, models


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @api.model
    def _get_bindings(self, model_name):
        """Leave out what closed apps add to the menus *Action* and *Print*."""
        bindings = super()._get_bindings(model_name)
        if not self.env.user._is_restricted():
            return bindings
        closed = self.env["ir.model.data"]._get_closed_ids("ir.actions.%")
        return {
            kind: [action for action in actions if action["id"] not in closed]
            for kind, actions in bindings.items()
        }
