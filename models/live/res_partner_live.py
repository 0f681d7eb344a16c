from odoo import models
from odoo.fields import Domain

from ..client.res_partner import PLACE_FIELDS


class ResPartner(models.Model):
    """Who manages a company hears the live figures of all below it."""

    _inherit = "res.partner"

    def write(self, vals):
        """Change contacts; where a company moves, the channels of all below it end, and
        where a contact does, those that its user has heard."""
        moving = self.browse()
        if PLACE_FIELDS & vals.keys():
            moving = self._get_changed(vals, PLACE_FIELDS)
        # sudo: only compared, and only paths.
        paths = {partner: partner.management_path for partner in moving.sudo()}
        channels = moving._get_live_channels(paths.values())
        result = super().write(vals)
        if channels and any(one.management_path != paths[one] for one in paths):
            channels._end(Domain("id", "in", channels.ids))
        return result

    def _absorb(self, sources):
        """End the channels of contacts that become one."""
        merged = Domain("client_id", "in", (sources | self).ids)
        self.env["subscription.live.channel"]._end(merged)
        super()._absorb(sources)

    def _get_live_channels(self, paths):
        """Return the channels of the companies below ``paths``, of these contacts."""
        channels = self.env["subscription.live.channel"].sudo()
        below = [
            Domain("client_id.management_path", "=like", f"{path}%")
            for path in set(filter(None, paths))
        ]
        current = Domain("ended_at", "=", False)
        return channels.search(current & Domain.OR(below)) if below else channels

    def _end_live_channels(self):
        """End the channels of these clients."""
        if self:
            domain = Domain("client_id", "in", self.ids)
            self.env["subscription.live.channel"]._end(domain)
