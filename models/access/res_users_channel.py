from odoo import api, models
from odoo.fields import Domain

from .res_users import GROUP_ACCOUNTANT, GROUP_ADMIN, GROUP_STANDARD


class ResUsers(models.Model):
    """Whom restricted users meet in Discuss.

    In a channel everybody sees who else is in it and what was written, and hears it on
    the bus. Odoo reads that with the rights of nobody, so it is the channel that is
    restricted: it is readable as long as everybody in it may be known.
    """

    _inherit = "res.users"

    @api.model_create_multi
    def create(self, vals_list):
        users = super().create(vals_list)
        users._leave_channels()
        return users

    def write(self, vals):
        result = super().write(vals)
        if {"group_ids", "partner_id"} & vals.keys():
            self._leave_channels()
        return result

    def _get_channel_domain(self, path=""):
        """Return the domain of the channels that this user may read: those it is a
        member of, and where it meets nobody whom it may not know. Odoo lets internal
        users read and join every public channel.

        :param str path: the way from the records to the channel
        """
        if not self._is_restricted():
            return Domain.TRUE
        own = Domain("is_member", "=", True) & self._get_known_channel_domain()
        # Who is in a thread is in its channel as well.
        thread = Domain("parent_channel_id", "any", own)
        thread &= self._get_known_channel_domain()
        domain = (Domain("parent_channel_id", "=", False) & own) | thread
        return Domain(path, "any", domain) if path else domain

    def _get_known_channel_domain(self):
        """Return the domain of the channels where this user may know every member, and
        everybody who wrote something."""
        contacts = self._get_contact_domain()
        return self._get_nobody_domain(
            "channel_member_ids.partner_id", contacts
        ) & self._get_nobody_domain("message_ids.author_id", contacts)

    @api.model
    def _get_nobody_domain(self, path, contacts):
        """Return the domain of the records whose lines name no contact, by the ``path``
        of two fields, but those of the domain ``contacts``."""
        lines, contact = path.split(".")
        is_other = Domain(contact, "!=", False) & Domain(contact, "not any", contacts)
        return Domain(lines, "not any", is_other)

    def _get_guest_domain(self):
        """Return the domain of the guests that this user may know: those it meets."""
        if not self._is_restricted():
            return Domain.TRUE
        return Domain("channel_ids", "any", self._get_channel_domain())

    def _get_shared_domain(self):
        """Return the domain of what others share that this user may read: what comes
        from users that it may know."""
        if not self._is_restricted():
            return Domain.TRUE
        return Domain("create_uid", "any", self._get_user_domain())

    @api.model
    def _get_restricted_domain(self):
        """Return the domain of the restricted users, see :meth:`_is_restricted`: nobody
        as long as the groups are being installed."""
        groups = (GROUP_STANDARD, GROUP_ACCOUNTANT, GROUP_ADMIN)
        standard, accountant, admin = map(
            self.env["ir.model.data"]._xmlid_to_res_id, groups
        )
        if not admin:
            return Domain.FALSE
        return Domain("all_group_ids", "in", [standard, accountant]) & Domain(
            "all_group_ids", "not in", [admin]
        )

    def _leave_channels(self):
        """End what those of these users who are restricted should not be in: channels
        that Odoo puts a whole group into, and those where they meet whom they may not
        know."""
        # As superuser: nobody removes the memberships of others.
        users = self.sudo().with_context(active_test=False)
        restricted = self._get_restricted_domain() & Domain("id", "in", self.ids)
        for user in users.search(restricted) if self else ():
            strange = ~Domain("channel_id", "any", user._get_known_channel_domain())
            by_group = Domain("channel_id.group_ids", "!=", False)
            own = Domain("partner_id", "=", user.partner_id.id)
            members = user.env["discuss.channel.member"]
            members.search(own & (by_group | strange)).unlink()
