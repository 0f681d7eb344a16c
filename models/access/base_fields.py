from odoo import api, models


class Base(models.AbstractModel):
    _inherit = "base"

    @api.model
    def fields_get(self, allfields=None, attributes=None):
        """Describe the fields. *Archive* is offered where ``active`` can be written:
        restricted users are not offered it where they change nothing."""
        described = super().fields_get(allfields, attributes)
        active = described.get("active", {})
        if "readonly" in active and self._is_user_restricted():
            active["readonly"] = active["readonly"] or not self.has_access("write")
        return described
