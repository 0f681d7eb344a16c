from odoo import api, models
from odoo.fields import Domain


class SaleSubscriptionCloseReason(models.Model):
    """Guards against faults of subscription_oca, see docs/upstream.md."""

    _inherit = "sale.subscription.close.reason"

    # Upstream's reasons are English in every language. One that the vendor wrote stays.
    @api.depends("name")
    @api.depends_context("lang")
    def _compute_display_name(self):
        super()._compute_display_name()
        texts = self._get_translated()
        for reason in self:
            reason.display_name = texts.get(reason.name, reason.display_name)

    @api.model
    def _search_display_name(self, operator, value):
        domain = super()._search_display_name(operator, value)
        if operator != "ilike" or not isinstance(value, str):
            return domain
        found = [
            name
            for name, text in self._get_translated().items()
            if value.lower() in text.lower()
        ]
        return Domain(domain) | Domain("name", "in", found)

    @api.model
    def _get_translated(self):
        """Return the reasons that upstream brings in the user's language, by name."""
        return {
            "The subscription is too expensive": self.env._(
                "The subscription is too expensive"
            ),
            "Subscription does not meet my requirements": self.env._(
                "Subscription does not meet my requirements"
            ),
            "The subscription ended": self.env._("The subscription ended"),
            "I don't really use it": self.env._("I don't really use it"),
            "Other": self.env._("Other"),
        }
