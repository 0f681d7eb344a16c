from odoo import models


class ResPartnerCategory(models.Model):
    _inherit = "res.partner.category"

    def _compute_display_name(self):
        """Name tags with those above them, which may be out of reach themselves: the
        name of a tag begins with theirs."""
        tags = self.sudo() if self._is_user_restricted() else self
        return super(ResPartnerCategory, tags)._compute_display_name()
