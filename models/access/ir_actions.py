from odoo import api, models

from ..core.base import ADDON


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

    @api.model
    def get_bindings(self, model_name):
        """Offer restricted users none of the menu *Action* of other addons that runs
        on the server, where it asks for rights which they do not have."""
        bindings = super().get_bindings(model_name)
        if not self.env.user._is_restricted():
            return bindings
        return {
            kind: actions if kind == "report" else self._get_offered(actions)
            for kind, actions in bindings.items()
        }

    @api.model
    def _get_offered(self, actions):
        """Return those of ``actions``, bound to a menu, that restricted users may have:
        of this addon, or opening a window."""
        actions = [dict(action) for action in actions]
        # sudo: only the names are asked for.
        bound = self.sudo().browse(action["id"] for action in actions)
        names = bound.get_external_id()
        return [
            action
            for action, one in zip(actions, bound, strict=True)
            if names[one.id].startswith(f"{ADDON}.") or self._is_offered(one)
        ]

    @api.model
    def _is_offered(self, action):
        """Return whether restricted users may have ``action`` of another addon."""
        return action.type == "ir.actions.act_window"
