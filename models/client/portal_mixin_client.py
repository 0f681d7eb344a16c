from odoo import models
from odoo.tools import SQL


class PortalMixin(models.AbstractModel):
    """Links to a document end when it gets another customer: the partner of the former
    one had them."""

    _inherit = "portal.mixin"

    def write(self, vals):
        """Change documents, and end the links to those that leave a partner."""
        if "partner_id" not in vals or "partner_id" not in self._fields:
            return super().write(vals)
        places = self._get_places()
        result = super().write(vals)
        now = self._get_places()
        moved = tuple(one for one in now if places[one] not in ("", now[one]))
        if moved:
            self._renew_links_of(SQL("%s", moved))
        return result

    def _get_places(self):
        """Return ``{id: path of the customer}`` of these documents."""
        # sudo: only the place of the customer is compared.
        return {
            record.id: record.partner_id.commercial_partner_id.management_path or ""
            for record in self.sudo()
        }
