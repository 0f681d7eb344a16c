from odoo import api, models

MEMBERSHIP = {"user_ids", "implied_ids", "implied_by_ids"}


class ResGroups(models.Model):
    """Users become restricted by their groups, which may be given from this side."""

    _inherit = "res.groups"

    @api.model_create_multi
    def create(self, vals_list):
        groups = super().create(vals_list)
        groups.all_user_ids._leave_channels()
        return groups

    def write(self, vals):
        result = super().write(vals)
        if MEMBERSHIP & vals.keys():
            self.all_user_ids._leave_channels()
        return result
