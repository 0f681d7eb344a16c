from odoo import models


class ResPartner(models.Model):
    """Who may act for a client."""

    _inherit = "res.partner"

    def _get_acting_companies(self):
        """Return, as superuser, the companies that manage this client, from the one
        that it deals with up to the vendor."""
        self.ensure_one()
        above = self.sudo().managing_partner_id
        chain = above._get_management_chain() if above else above
        # From the top down; the client itself is not of them.
        return self.sudo().browse(reversed(chain.ids)) | self._get_vendor()

    def _get_former_managers(self):
        """Return, as superuser, the entries of the audit trail on companies that
        managed this client before, the last one of each, latest first."""
        # sudo: the client may know who acted for it.
        entries = (
            self.env["subscription.log"]
            .sudo()
            .search(
                [
                    ("event", "=", "managing_partner"),
                    ("client_id", "=", self.id),
                    ("old_managing_partner_id", "!=", False),
                ]
            )
        )
        acting = self._get_acting_companies()
        last = entries.browse()
        for entry in entries:
            former = entry.old_managing_partner_id
            if former not in acting | last.old_managing_partner_id:
                last |= entry
        return last
