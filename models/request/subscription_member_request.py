from odoo import models


class SubscriptionMember(models.Model):
    """Members ask for modules."""

    _inherit = "subscription.member"

    def _left(self, reason):
        """Withdraw what these members, who leave, have asked for."""
        super()._left(reason)
        # sudo: users write no requests.
        requests = self.env["subscription.request"].sudo()
        requests.search([("member_id", "in", self.ids)])._close_waiting("withdrawn")
