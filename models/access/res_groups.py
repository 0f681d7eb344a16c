from odoo import api, models

MEMBERSHIP = {"user_ids", "implied_ids", "implied_by_ids"}


class ResGroups(models.Model):
    """Users become restricted by their groups, which may be given from this side."""

    _inherit = "res.groups"

    @api.depends_context("uid")
    def _compute_all_users_count(self):
        """Count, for restricted users, the users that they may know: Odoo counts all,
        with the rights of nobody."""
        super()._compute_all_users_count()
        groups = self.sudo(False)
        for group in groups if groups._is_user_restricted() else ():
            group.all_users_count = len(group.all_user_ids._filtered_access("read"))

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
