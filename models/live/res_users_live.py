from contextlib import contextmanager

from odoo import api, models
from odoo.fields import Domain

# What decides which pools a user may read.
REACH_FIELDS = {"active", "company_id", "company_ids", "group_ids", "partner_id"}


class ResUsers(models.Model):
    """Which channels of live figures a user may hear, and when that ends."""

    _inherit = "res.users"

    def _get_live_pairs(self, clients):
        """Return ``{(client, company)}`` of those pools of ``clients`` that this user
        may read."""
        # As that user, in all its companies, whichever are chosen on the screen.
        pools = self.env["subscription.seat.pool"].with_user(self)
        pools = pools.with_context(allowed_company_ids=None)
        if not pools.has_access("read"):
            return set()
        names = ["client_id", "company_id"]
        groups = pools._read_group([("client_id", "in", clients.ids)], names)
        return {(client.sudo(), company.sudo()) for client, company in groups}

    def _hears_scope(self, channel):
        """Return whether this user may hear the scope of ``channel``: its own partner's
        or, where it is the vendor's, that of all."""
        pools = self.env["subscription.seat.pool"].with_user(self)
        if channel.company_id not in self.company_ids or not pools.has_access("read"):
            return False
        return channel.client_id == self._get_live_scope()

    def _get_live_scope(self):
        """Return the partner whose clients this user looks after, nobody where it sees
        all of them; None where it is an accountant alone."""
        if not self._is_restricted():
            return self.partner_id.sudo().browse()
        if not (self._get_scope() and self._is_partner_staff()):
            return None
        return self.partner_id.sudo().commercial_partner_id

    def write(self, vals):
        """Change users; the channels that they must not hear any more end."""
        with self._get_changed(vals, REACH_FIELDS)._end_lost_channels():
            return super().write(vals)

    @api.ondelete(at_uninstall=False)
    def _unlink_end_channels(self):
        channels = self._get_heard_channels()
        self.env["subscription.live.channel"]._end(Domain("id", "in", channels.ids))

    @contextmanager
    def _end_lost_channels(self):
        """End the channels that these users may hear before and not after what is done
        meanwhile."""
        before = self._get_heard_channels()
        yield
        if not before:
            return
        # Rules are cached; what was done changes what they say.
        self.env.flush_all()
        self.env.registry.clear_cache()
        kept = self._get_heard_channels(before)
        lost = Domain("id", "in", (before - kept).ids)
        self.env["subscription.live.channel"]._end(lost)

    def _get_heard_channels(self, channels=None):
        """Return the channels, of ``channels`` or of all, that each of these users may
        hear; before anything has changed those that any of them may."""
        model = self.env["subscription.live.channel"].sudo()
        if not self:
            return model
        if channels is None:
            found = model.search([("ended_at", "=", False)])
            return found.browse().union(*(found._filter_heard(user) for user in self))
        heard = [channels._filter_heard(user) for user in self]
        return channels.filtered(lambda one: all(one in some for some in heard))
