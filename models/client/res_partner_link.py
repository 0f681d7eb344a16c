from odoo import models
from odoo.fields import Domain

from .res_partner import PLACE_FIELDS


class ResPartner(models.Model):
    """Links to the documents of a client end when it changes partner: the staff of the
    former one had them."""

    _inherit = "res.partner"

    def write(self, vals):
        """Change contacts; where they leave their place, links end: those to their
        documents, and those that their own users got there."""
        if not PLACE_FIELDS & set(vals):
            return super().write(vals)
        paths = self._get_management_paths()
        reaches = self.sudo().user_ids._get_reaches()
        result = super().write(vals)
        self._get_moved(paths)._end_links()
        self.sudo().user_ids._end_lost_links(reaches)
        return result

    def _absorb(self, sources):
        """Take over the documents of ``sources`` without the links to them, if those
        had another place."""
        super()._absorb(sources)
        path = self.management_path
        sources.filtered(lambda one: one.management_path != path)._end_links()

    def _get_management_paths(self):
        """Return ``{contact: its path}`` for these contacts, as superuser."""
        return {partner: partner.management_path or "" for partner in self.sudo()}

    def _get_moved(self, paths):
        """Return those of these contacts that have left their place in ``paths``."""
        now = self._get_management_paths()
        return self.browse(one.id for one in now if paths[one] not in ("", now[one]))

    def _end_links(self):
        """End the links to the documents of these contacts, of the companies below them
        and of the contacts of all of these."""
        if not self:
            return
        companies = self.filtered(lambda one: one.commercial_partner_id == one)
        below = Domain.OR(
            Domain("management_path", "=like", f"{path}%")
            for path in companies._get_management_paths().values()
            if path
        )
        own = Domain("id", "in", self.ids)
        self._renew_links(own | self._get_links_domain(companies) | below)
