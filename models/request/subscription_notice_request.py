from odoo import api, models


class SubscriptionNotice(models.Model):
    """The daily job looks after requests as well."""

    _inherit = "subscription.notice"

    @api.model
    def _cron_notify(self):
        """Then let requests expire, and tell the tier above of those that nobody
        answers."""
        result = super()._cron_notify()
        self.env["subscription.request"].sudo()._attend()
        return result
