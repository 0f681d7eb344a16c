from odoo import api, models

from ..access.res_users import GROUP_STANDARD


class IrActionsActions(models.Model):
    """Accountants read, print and export, and are offered nothing else."""

    _inherit = "ir.actions.actions"

    @api.model
    def _is_offered(self, action):
        return self.env.user.has_group(GROUP_STANDARD) and super()._is_offered(action)
