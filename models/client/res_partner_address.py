from odoo import api, models
from odoo.tools import email_normalize_all

from ..core.text import clean_contact


class ResPartner(models.Model):
    """The names and addresses that e-mails are sent to."""

    _inherit = "res.partner"

    @api.model_create_multi
    def create(self, vals_list):
        """Create contacts, with names and e-mail addresses of one line: anybody may be
        written to one day, and an e-mail with a line break in its head is not sent."""
        return super().create([clean_contact(vals) for vals in vals_list])

    def write(self, vals):
        """Change contacts; their names and e-mail addresses stay in one line."""
        return super().write(clean_contact(vals))

    def _get_addresses(self):
        """Return the e-mail addresses of this contact; what is none, like "to be
        asked", counts as none."""
        self.ensure_one()
        return email_normalize_all(self.email or "")
