from odoo import models


class DiscussChannelRtcSession(models.Model):
    _inherit = "discuss.channel.rtc.session"

    def _notify_peers(self, notifications):
        """Pass on what a restricted user sends to others in the same call, and to
        nobody else: Odoo takes the id of any call."""
        if self.env.user._is_restricted():
            peers = set(self.channel_id.rtc_session_ids.ids)
            notifications = [
                ([id_ for id_ in ids if id_ in peers], content)
                for ids, content in notifications
            ]
        return super()._notify_peers(notifications)
