from odoo import api, models

from .subscription_live_channel import PREFIX, USAGE


class BusBus(models.Model):
    """Live figures are counted when they are delivered, to who may read them then."""

    _inherit = "bus.bus"

    @api.model
    def _poll(self, channels, last=0, ignore_ids=None):
        """Deliver nothing from channels of live figures that the user may not hear, or
        that there are not; fill in the figures of the others."""
        names = {channel: self._get_live_name(channel) for channel in channels}
        asked = {name for name in names.values() if name}
        if not asked:
            return super()._poll(channels, last, ignore_ids)
        audible = self.env["subscription.live.channel"]._get_audible_names(asked)
        channels = [one for one, name in names.items() if not name or name in audible]
        return self._fill_in_figures(super()._poll(channels, last, ignore_ids))

    @api.model
    def _get_live_name(self, channel):
        """Return the name of ``channel`` where it has the form of one of live figures,
        else None. Odoo's connections put the database before it."""
        name = channel[-1] if isinstance(channel, tuple) else channel
        is_live = isinstance(name, str) and name.startswith(PREFIX)
        return name if is_live else None

    @api.model
    def _fill_in_figures(self, notifications):
        """Put the figures of the pools as they stand now in place of their ids.

        Not those of when it was sent: of two transactions that gave seats at the same
        time, neither has seen the seats of the other.
        """
        sent = [one for one in notifications if one["message"]["type"] == USAGE]
        if not sent:
            return notifications
        ids = {id_ for one in sent for id_ in one["message"]["payload"]["pool_ids"]}
        pools = self.env["subscription.seat.pool"].sudo().browse(sorted(ids))
        figures = {one["pool_id"]: one for one in pools._read_figures()}
        for one in sent:
            payload = one["message"]["payload"]
            known = [figures[id_] for id_ in payload["pool_ids"] if id_ in figures]
            one["message"] = {"type": USAGE, "payload": {"pools": known}}
        return notifications
