from odoo import models
from odoo.exceptions import UserError
from odoo.fields import Domain


class DiscussChannel(models.Model):
    _inherit = "discuss.channel"

    def _subscribe_users_automatically_get_members(self):
        """Leave out restricted users: they are in no channel unless somebody invites
        them. Whatever puts a group into a channel leads here."""
        found = super()._subscribe_users_automatically_get_members()
        ids = {id_ for ids in found.values() for id_ in ids}
        users = self.env["res.partner"].browse(ids)._get_restricted_users()
        left_out = set(users.partner_id.ids)
        return {
            channel_id: [id_ for id_ in ids if id_ not in left_out]
            for channel_id, ids in found.items()
        }

    def _notify_get_recipients(self, message, msg_vals=False, **kwargs):
        """Notify nobody who may not read this channel, or may no longer."""
        rows = super()._notify_get_recipients(message, msg_vals, **kwargs)
        partners = self.env["res.partner"].browse({row["id"] for row in rows})
        users = partners._get_restricted_users().filtered(self._is_lost_to)
        lost = set(users.partner_id.ids)
        return [row for row in rows if row["id"] not in lost]

    def _get_last_messages(self):
        """Return none that a restricted user may not read: Odoo asks the database."""
        messages = super()._get_last_messages()
        if not self._is_user_restricted():
            return messages
        return messages._filtered_access("read")

    def _verify_acquainted(self):
        """:raise UserError: when a restricted user in one of these channels may not
        know everybody who takes part"""
        # As superuser: who adds somebody need not see what stands against it.
        for channel in self.sudo().with_context(active_test=False):
            users = channel.channel_member_ids.partner_id._get_restricted_users()
            for user in users:
                known = user._get_known_channel_domain()
                if not channel.search_count(known & Domain("id", "=", channel.id)):
                    raise UserError(channel._get_unacquainted_text(user))

    def _get_unacquainted_text(self, user):
        return self.env._(
            "%(user)s cannot be in the conversation “%(channel)s”: somebody who takes"
            " part in it, or did, works for another partner or client. Partners do not"
            " meet each other. Start a new conversation with those who work together.",
            user=user.name,
            channel=self.display_name,
        )
