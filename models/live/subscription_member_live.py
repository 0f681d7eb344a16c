from odoo import models


class SubscriptionMember(models.Model):
    """Who administers a client, or is its accountant, hears its live figures until
    that ends."""

    _inherit = "subscription.member"

    def write(self, vals):
        # sudo: channels end whoever ends the access of whom.
        clients = self.sudo()._get_changed(vals, {"client_id", "is_selected"}).client_id
        result = super().write(vals)
        clients._end_live_channels()
        return result

    def _left(self, reason):
        super()._left(reason)
        members = self.sudo().filtered(lambda one: one.role_id._opens_client())
        members.client_id._end_live_channels()

    def _role_changed(self):
        super()._role_changed()
        self.sudo().client_id._end_live_channels()

    def _relink(self, vals):
        clients = self.sudo().client_id
        super()._relink(vals)
        clients._end_live_channels()
