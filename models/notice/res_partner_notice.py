from odoo import models


class ResPartner(models.Model):
    """The notices of contacts that are merged."""

    _inherit = "res.partner"

    def _absorb(self, sources):
        """Take over what ``sources`` were told and what they snoozed."""
        super()._absorb(sources)
        partners = sources | self
        self.env["subscription.notice.line"].sudo()._mark_merged(partners, self)
        self.env["subscription.snooze"].sudo()._merge_addressees(partners)
