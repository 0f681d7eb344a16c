from odoo.http import request, route

from odoo.addons.html_editor.controllers.main import HTML_Editor
from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal_thread import PortalChatter

from ..models.access.ir_attachment import OWN_FILE, OWN_FILE_KEY


class DocumentPortal(CustomerPortal):
    """The documents of the portal, for partner staff and accountants."""

    def _document_check_access(self, model_name, document_id, access_token=None):
        """Open to restricted users what they may share: a page holds the token of its
        document. A token opens nothing else to them.

        :raise UserError: when the user may not share the document
        """
        user = request.env.user
        if not user._is_restricted():
            return super()._document_check_access(
                model_name, document_id, access_token=access_token
            )
        document = super()._document_check_access(model_name, document_id)
        if isinstance(document, request.env.registry["portal.mixin"]):
            document.with_user(user)._verify_may_share()
        return document


class DocumentChatter(PortalChatter):
    """The chatter of documents behind a link, which goes on as superuser."""

    @route()
    def portal_message_fetch(self, thread_model, thread_id, fetch_params=None, **kw):
        if request.env.user._is_restricted():
            kw.pop("token", None)
        return super().portal_message_fetch(thread_model, thread_id, fetch_params, **kw)

    @route()
    def portal_avatar(
        self, res_id=None, height=50, width=50, access_token=None, _hash=None, pid=None
    ):
        if request.env.user._is_restricted():
            access_token = _hash = pid = None
        return super().portal_avatar(res_id, height, width, access_token, _hash, pid)


class ImageEditor(HTML_Editor):
    @route()
    def modify_image(self, attachment, **kwargs):
        """Let Odoo read the token of the image that it makes for the user."""
        if request.env.user._is_restricted():
            request.update_context(**{OWN_FILE_KEY: OWN_FILE})
        return super().modify_image(attachment, **kwargs)
