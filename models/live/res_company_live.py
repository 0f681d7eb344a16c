from odoo import models
from odoo.fields import Domain

# What the states of all pools of a company follow from.
STATE_FIELDS = {"seat_warning_rate", "seat_full_rate"}


class ResCompany(models.Model):
    _inherit = "res.company"

    def write(self, vals):
        """Change companies. Where the states of all pools may be others, the channels
        end: who shows pools asks again, and no message lists thousands."""
        changed = self._get_changed(vals, STATE_FIELDS)
        result = super().write(vals)
        if changed:
            domain = Domain("company_id", "in", changed.ids)
            self.env["subscription.live.channel"]._end(domain)
        return result
