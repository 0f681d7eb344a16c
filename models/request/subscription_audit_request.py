from odoo import api, models


class SubscriptionAudit(models.Model):
    """How the audit trail words requests."""

    _inherit = "subscription.audit"

    @api.model
    def _get_words(self):
        kinds = self.env["subscription.request"]._get_choices("kind")
        words = {f"ask_{kind}": name for kind, name in kinds}
        events = ("requested", *(f"request_{end}" for end in self._get_request_ends()))
        return {**super()._get_words(), **dict.fromkeys(events, words)}

    @api.model
    def _get_request_ends(self):
        states = self.env["subscription.request"]._get_choices("state")
        return [state for state, _name in states if state != "waiting"]
