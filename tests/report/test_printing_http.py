from unittest.mock import patch

from odoo.tests import HttpCase, tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport as BaseReport

from ..common.paper import (
    PaperMixin,
    create_invoice,
    needs_renderer,
    read_pages,
    render,
)
from ..common.subscription import SubscriptionCase


@needs_renderer
@tagged("post_install", "-at_install")
class TestPrintingHttp(PaperMixin, SubscriptionCase, HttpCase):
    """The doors of the web: the print menu, and the portal with a link."""

    def setUp(self):
        super().setUp()
        self.startPatcher(patch.object(BaseReport, "_pre_render_qweb_pdf", render))
        self.invoice = create_invoice(self.env, self.acme)
        self.other = create_invoice(self.env, self.acme)
        self._bill(self.invoice)

    def _get_page(self, url):
        response = self.url_open(url, timeout=60)
        self.assertEqual(response.status_code, 200)
        return read_pages(response.content)[0]

    def test_portal(self):
        """Who has the link needs no login."""
        for report_type in ("report_type=pdf", "report_type=pdf&download=true"):
            for invoice, found in ((self.invoice, True), (self.other, False)):
                token = invoice._portal_ensure_token()
                url = f"/my/invoices/{invoice.id}?access_token={token}&{report_type}"
                with self.subTest(url):
                    self.assertEqual(invoice.name in self._get_page(url), found)

    def test_print_menu(self):
        self.authenticate("admin", "admin")
        url = f"/report/pdf/account.report_invoice_with_payments/{self.invoice.id}"
        self.assertIn(self.invoice.name, self._get_page(url))
