from odoo import models
from odoo.exceptions import UserError

# The states in which a document may be shared. A restricted user shares no others, and
# none of other models.
SHARED_STATES = {"account.move": ("posted",), "sale.order": ("sent", "sale")}


class PortalMixin(models.AbstractModel):
    """Links to documents, for partner staff and accountants.

    A link holds the token of its document, and whoever has the token needs no right:
    Odoo shows the document to it, and lets it sign and pay. It gives the token to
    everybody who may read the document.
    """

    _inherit = "portal.mixin"

    def _has_field_access(self, field, operation):
        """Close the token to restricted users; code that makes links goes on as
        superuser."""
        if field.name == "access_token" and self._is_user_restricted():
            return False
        return super()._has_field_access(field, operation)

    def _portal_ensure_token(self):
        if self._is_user_restricted():
            # For links that Odoo sends, not for the user.
            self = self.sudo()
        return super()._portal_ensure_token()

    def _get_share_url(self, *args, **kwargs):
        """:raise UserError: when the user may not share this document"""
        if self._is_user_restricted():
            self._verify_may_share()
            # The token is part of the link, which the user may have.
            self = self.sudo()
        return super()._get_share_url(*args, **kwargs)

    def get_portal_url(self, *args, **kwargs):
        """Return the link to this document.

        :raise UserError: when the user may not share it
        """
        self._verify_may_share()
        return super().get_portal_url(*args, **kwargs)

    def action_share(self):
        """Open the wizard that shares the document of the context.

        :raise UserError: when the user may not share it
        """
        self._verify_may_share_active(self.env.context)
        return super().action_share()

    def _verify_may_share_active(self, context):
        """:raise UserError: when the user may not share the document of ``context``"""
        if self._is_user_restricted():
            self.browse(context.get("active_id") or ())._verify_may_share()

    def _verify_may_share(self):
        """:raise AccessError: when the user is restricted and may not read these
            documents
        :raise UserError: when it may not share, sign or pay them
        """
        if not self._is_user_restricted():
            return
        self.check_access("read")
        if unsent := self._get_unshared():
            raise UserError(
                self.env._(
                    "%(documents)s: only an order that %(vendor)s has sent and an"
                    " invoice that is posted can be shared, previewed, signed or paid."
                    " Ask %(vendor)s to send it.",
                    documents=unsent._get_names_text(),
                    vendor=self.env.company.sudo().name,
                )
            )

    def _get_unshared(self):
        """Return those of these documents of which there is no link to share yet, or
        none at all."""
        states = SHARED_STATES.get(self._name)
        return self.filtered(lambda one: one.state not in states) if states else self
