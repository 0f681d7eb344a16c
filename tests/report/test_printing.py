from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo import Command
from odoo.tests import tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport as BaseReport

from ..common.paper import (
    PaperMixin,
    create_invoice,
    create_report,
    needs_renderer,
    print_report,
    read_pages,
)
from ..common.subscription import SubscriptionCase

INVOICE_REPORT = "account.report_invoice_with_payments"


class PrintingCase(PaperMixin, SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.reports = cls.env["ir.actions.report"].with_context(
            force_report_rendering=True
        )

    def _print(self, moves, name=INVOICE_REPORT):
        content, _kind = self.reports._render_qweb_pdf(name, moves.ids)
        return read_pages(content)


@needs_renderer
@tagged("post_install", "-at_install")
class TestPrinting(PrintingCase):
    """What WeasyPrint prints, and what it leaves to wkhtmltopdf."""

    def test_billed_invoice(self):
        invoice = create_invoice(self.env, self.acme, 2)
        self._bill(invoice)
        for name in (INVOICE_REPORT, "account.report_invoice"):
            (page,) = self._print(invoice, name)
            for text in (invoice.name, "Acme", "Seats 1", "Seats 2", "Page 1 of 1"):
                self.assertIn(text, page)
        self.assertEqual(self.by_wkhtmltopdf, [])

    def test_needs_no_wkhtmltopdf(self):
        invoice = create_invoice(self.env, self.acme)
        self._bill(invoice)
        state = patch.object(BaseReport, "get_wkhtmltopdf_state", lambda _: "install")
        self.startPatcher(state)
        self.assertIn(invoice.name, self._print(invoice)[0])

    def test_other_reports(self):
        """Other invoices, and reports of other addons."""
        self.assertEqual(self._print(create_invoice(self.env, self.acme)), [""])
        self.assertEqual(self.by_wkhtmltopdf, [1])
        self.assertEqual(
            self._print(self.env.company, "web.preview_externalreport"), [""]
        )
        self.assertEqual(self.by_wkhtmltopdf, [1, 1])

    def test_other_report_of_a_billed_invoice(self):
        """A template of somebody else is not made for pages."""
        invoice = create_invoice(self.env, self.acme)
        self._bill(invoice)
        report = self.env.ref("account.account_invoices").copy(
            {"report_name": "account.report_original_vendor_bill"}
        )
        self.assertFalse(self.reports._get_paged(report, invoice))

    def test_mixed(self):
        """Both kinds in one print, in the order asked for."""
        moves = self.env["account.move"].concat(
            *(create_invoice(self.env, self.acme) for _number in range(4))
        )
        self._bill(moves[1], moves[3])
        pages = self._print(moves)
        self.assertEqual([bool(page) for page in pages], [False, True, False, True])
        self.assertIn(moves[1].name, pages[1])
        self.assertIn(moves[3].name, pages[3])
        self.assertIn("Page 1 of 1", pages[3])
        # Once together, which could not be told apart, then one by one.
        self.assertEqual(self.by_wkhtmltopdf, [2, 1, 1])

    def test_twice_the_same(self):
        invoice = create_invoice(self.env, self.acme)
        self._bill(invoice)
        content, _kind = self.reports._render_qweb_pdf(INVOICE_REPORT, invoice.ids * 2)
        self.assertEqual(len(read_pages(content)), 1)

    def test_no_record(self):
        report = create_report(
            self.env, report_name="partner_managed_subscription.none"
        )
        arch = '<t t-name="none"><t t-call="web.html_container"><p>Nothing</p></t></t>'
        self.env["ir.ui.view"].create(
            {"type": "qweb", "key": report.report_name, "arch": arch, "name": "none"}
        )
        content, _kind = self.reports._render_qweb_pdf(report.report_name, [])
        self.assertIn("Nothing", read_pages(content)[0])
        self.assertEqual(self.by_wkhtmltopdf, [])

    def test_saved_as_attachment(self):
        """As for any report: saved once, and read from there."""
        report = create_report(
            self.env, attachment="object.name + '.pdf'", attachment_use=True
        )
        both = self.acme | self.bolt
        pages = read_pages(print_report(report, both, lang="en_US"))
        self.assertEqual(len(pages), 2)
        saved = self.env["ir.attachment"].search(
            [("res_model", "=", "res.partner"), ("res_id", "in", both.ids)]
        )
        self.assertEqual(sorted(saved.mapped("name")), ["Acme.pdf", "Bolt.pdf"])
        self.acme.name = "Renamed"
        # The name of its attachment is another now, so it is printed anew.
        again = read_pages(print_report(report, both, lang="en_US"))
        self.assertIn("Renamed", again[0])
        saved.filtered(lambda file: file.name == "Bolt.pdf").raw = b"broken"
        self.assertTrue(report.retrieve_attachment(self.bolt))

    def test_send(self):
        """*Send & Print* keeps what *Print* shows."""
        invoices = create_invoice(self.env, self.acme) | create_invoice(
            self.env, self.bolt
        )
        self._bill(invoices[0])
        invoices = invoices.with_context(force_report_rendering=True)
        for invoice in invoices:
            invoice._generate_and_send(sending_methods=[])
        first, second = invoices.invoice_pdf_report_id.sorted("res_id")
        self.assertIn(invoices[0].name, read_pages(first.raw)[0])
        self.assertEqual(read_pages(second.raw), [""])

    def test_language_of_the_client(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.acme.lang = "fr_FR"
        invoice = create_invoice(self.env, self.acme)
        self._bill(invoice)
        self.assertIn("01/11/2026", self._print(invoice)[0])

    def test_sections_and_notes(self):
        lines = [
            Command.create({"display_type": "line_section", "name": "Client one"}),
            Command.create({"name": "Seats", "quantity": 2, "price_unit": 7.5}),
            Command.create({"display_type": "line_note", "name": "2 x 30 days"}),
        ]
        invoice = create_invoice(self.env, self.acme, invoice_line_ids=lines)
        self._bill(invoice)
        (page,) = self._print(invoice)
        places = [page.find(text) for text in ("Client one", "Seats", "2 x 30 days")]
        self.assertEqual(places, sorted(places))
        self.assertNotIn(-1, places)
        self.assertIn("15.00", page)

    def test_title(self):
        invoice = create_invoice(self.env, self.acme)
        self._bill(invoice)
        content, _kind = self.reports._render_qweb_pdf(INVOICE_REPORT, invoice.ids)
        title = PdfReader(BytesIO(content)).metadata.title
        self.assertEqual(" ".join(title.split()), f"Invoice {invoice.name}")


@tagged("post_install", "-at_install")
class TestWithoutRenderer(PrintingCase):
    def test_fallback(self):
        """wkhtmltopdf prints the same templates; the settings say so."""
        self._remove_renderer()
        invoice = create_invoice(self.env, self.acme)
        self._bill(invoice)
        self.assertEqual(self._print(invoice), [""])
        print_report(create_report(self.env), self.acme, lang="en_US")
        self.assertEqual(self.by_wkhtmltopdf, [1, 1])
        self.assertTrue(self.env["subscription.settings"].new().is_renderer_missing)

    def test_everything_stands_in_the_body(self):
        """Not every wkhtmltopdf draws headers and footers."""
        self.env.company.write(
            {"document_legal_form": "SAS", "document_penalty": "legal"}
        )
        invoice = create_invoice(self.env, self.acme)
        self._bill(invoice)
        html, _kind = self.reports._render_qweb_html(INVOICE_REPORT, invoice.ids)
        bodies, ids, *_rest = self.reports._prepare_html(html, "account.move")
        self.assertEqual(ids, invoice.ids)
        for text in (self.vendor.name, "SAS", "Late payment penalties", "Acme"):
            self.assertIn(text, bodies[0])
