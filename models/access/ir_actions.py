from odoo import api, models


class IrActionsActions(models.Model):
    _inherit = "ir.actions.actions"

    @api.model
    def get_bindings(self, model_name):
        """Leave out what closed apps add to the menus *Action* and *Print*."""
        bindings = super().get_bindings(model_name)
        restricted = self.env.user._is_restricted()
        return self._drop_closed(bindings) if restricted else bindings

    @api.model
    def _drop_closed(self, bindings):
        closed = self.env["ir.model.data"]._get_closed_ids("ir.actions.%")
        opened = {
            kind: [action for action in actions if action["id"] not in closed]
            for kind, actions in bindings.items()
        }
        return {kind: actions for kind, actions in opened.items() if actions}
