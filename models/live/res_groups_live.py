from odoo import models
from odoo.fields import Domain

MEMBER_FIELDS = {"user_ids", "implied_ids", "implied_by_ids"}


class ResGroups(models.Model):
    _inherit = "res.groups"

    def write(self, vals):
        """Change groups. Who is in them decides who reads pools: all channels of live
        figures end, and who may still hear them asks again."""
        result = super().write(vals)
        if MEMBER_FIELDS & vals.keys():
            self.env["subscription.live.channel"]._end(Domain.TRUE)
        return result
