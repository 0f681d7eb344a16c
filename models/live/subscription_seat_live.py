from odoo import api, models

LIVE_FIELDS = {"number", "pool_id", "released_at"}


class SubscriptionSeat(models.Model):
    _inherit = "subscription.seat"

    @api.private
    def modified(self, fnames, create=False, before=False):
        """Note the pools whose seats are given or released."""
        super().modified(fnames, create=create, before=before)
        if not LIVE_FIELDS.isdisjoint(fnames):
            # sudo: a change is told whoever makes it.
            self.sudo().pool_id._note_live()
