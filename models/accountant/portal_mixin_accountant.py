from odoo import models
from odoo.exceptions import UserError


class PortalMixin(models.AbstractModel):
    """Accountants share, preview, sign and pay nothing."""

    _inherit = "portal.mixin"

    def _verify_may_share(self):
        """:raise UserError: when the user reads one of these documents as an accountant
        alone"""
        if documents := self._get_only_read():
            documents.check_access("read")
            raise UserError(
                self.env._(
                    "An accountant reads documents and changes nothing: %(documents)s"
                    " cannot be shared, previewed online, signed or paid by you. Ask"
                    " %(client)s to do it.",
                    documents=documents._get_names_text(),
                    client=documents._get_client_name(),
                )
            )
        super()._verify_may_share()

    def _get_client_name(self):
        """Return the name of the client that the first of these documents is for."""
        # sudo: of the client only, whose accountant the user is.
        document = self[:1].sudo()
        contact = document._mail_get_partners()[document.id][:1]
        return contact.commercial_partner_id.name or self.env.company.sudo().name
