from odoo import api, models

# What the state of a pool follows from, beside its seats and its limit.
LIVE_FIELDS = {"active", "date", "date_start", "in_progress", "stage_id"}


class SaleSubscription(models.Model):
    _inherit = "sale.subscription"

    @api.private
    def modified(self, fnames, create=False, before=False):
        """Note the pools of subscriptions that start, end or get other terms."""
        super().modified(fnames, create=create, before=before)
        if not create and not LIVE_FIELDS.isdisjoint(fnames):
            # sudo: a change is told whoever makes it.
            self._origin.sudo().seat_pool_ids._note_live()
