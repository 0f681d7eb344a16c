from odoo import api, models


class BusBus(models.Model):
    """What a restricted user hears on the bus ends with its access.

    Odoo asks what a user may listen to when it subscribes. An open connection lives on
    for hours, so here it is asked each time that something is delivered.
    """

    _inherit = "bus.bus"

    @api.model
    def _poll(self, channels, last=0, ignore_ids=None):
        """Deliver nothing from channels that the user may not listen to any more."""
        if self.env.uid and self.env.user._is_restricted():
            channels = self._get_audible(channels)
        return super()._poll(channels, last, ignore_ids)

    @api.model
    def _get_audible(self, channels):
        """Return those of ``channels`` that are about no record, or about one that the
        user may read. What is sent to a whole group is for the users of the vendor."""
        links = {channel: self._get_channel_link(channel) for channel in channels}
        hidden = self._get_hidden_documents({*filter(None, links.values())})
        own = ("res.partner", self.env.user.partner_id.id)
        return [
            channel
            for channel, link in links.items()
            if not link
            or link == own
            or (link not in hidden and link[0] != "res.groups")
        ]

    @api.model
    def _get_channel_link(self, channel):
        """Return the model and the id of the record that ``channel`` is about, None for
        a name. Odoo's are the database, the model and the id of a record, and maybe
        what of it."""
        if not isinstance(channel, (list, tuple)):
            return None
        parts = channel[1:]
        models_ = [part for part in parts if isinstance(part, str) and part in self.env]
        ids = [part for part in parts if isinstance(part, int)]
        return (models_[0], ids[0]) if models_ and ids else None
