from odoo.http import request

from odoo.addons.account.controllers.portal import PortalAccount


class DeliveryPortal(PortalAccount):
    """Who has opened the invoices that were sent."""

    def _invoice_get_page_view_values(
        self, invoice, access_token, delivery=None, **kwargs
    ):
        """Note that the invoice was seen: Odoo has checked by now who may see it."""
        if request.httprequest.method == "GET":
            invoice._note_seen(request.env.user, delivery)
        return super()._invoice_get_page_view_values(invoice, access_token, **kwargs)
