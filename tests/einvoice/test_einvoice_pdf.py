from io import BytesIO
from unittest.mock import patch

from lxml import etree
from pypdf import PdfReader

from odoo.tests import tagged
from odoo.tools import config

from ...models.einvoice import cii
from ...models.einvoice.account_move_einvoice import FACTURX
from ...models.einvoice.account_move_send_einvoice import name_level
from ..common.billing_player import CasePlayer
from ..common.document import INVOICE, make_case, make_pool
from ..common.einvoice import EInvoiceCase, find, read_facturx
from ..common.paper import needs_renderer, read_pages

FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"


@needs_renderer
@tagged("post_install", "-at_install")
class TestEInvoicePdf(EInvoiceCase):
    """The PDF has its XML inside, however it is made."""

    def _bill(self):
        move = self._play().move_id
        self._complete("Client 1")
        return move

    def _read(self, content):
        reader = PdfReader(BytesIO(content))
        return reader, reader.trailer["/Root"]

    def test_printed(self):
        move = self._bill()
        content = self._render(INVOICE, move)
        reader, root = self._read(content)
        (xml,) = reader.attachments[FACTURX]
        self.assertEqual(
            find(etree.fromstring(xml), "ram:GrandTotalAmount"), ["360.00"]
        )
        (file,) = root["/AF"]
        self.assertEqual(file.get_object()["/AFRelationship"], "/Alternative")
        embedded = file.get_object()["/EF"]["/F"].get_object()
        self.assertEqual(embedded["/Subtype"], "/text/xml")
        self.assertEqual(self.by_wkhtmltopdf, [])

    def test_metadata(self):
        """They are one RDF, name the profile of the XML, and describe the schema."""
        _reader, root = self._read(self._render(INVOICE, self._bill()))
        xmp = root["/Metadata"].get_data().decode()
        xmp = etree.fromstring(xmp[xmp.index("<x:xmpmeta") : xmp.rindex("<?xpacket")])
        (rdf,) = xmp
        named = {
            node.tag.removeprefix(f"{{{FX}}}"): node.text
            for node in rdf.iter(f"{{{FX}}}*")
        }
        self.assertEqual(
            named,
            {
                "DocumentFileName": "factur-x.xml",
                "DocumentType": "INVOICE",
                "Version": "1.0",
                "ConformanceLevel": "EXTENDED",
            },
        )
        self.assertTrue(cii.GUIDELINE.endswith("extended"))
        text = etree.tostring(rdf).decode()
        for said in ("3", "B"):
            self.assertIn(said, text)
        described = rdf.xpath("//*[local-name()='property']//*[local-name()='name']")
        self.assertEqual({node.text for node in described}, set(named))

    def test_cents_of_rounding(self):
        """Page and XML say the same of a line on which a cent was booked: lines add up
        to the total on both."""
        pools = [
            make_pool(f"M{number}", 1, 0, discount="12.5", price="9.99")
            for number in range(5)
        ]
        case = make_case({"pools": pools})
        case["given"]["company"]["tax_rounding"] = "global"
        self.player = CasePlayer(self, case)
        self.player.play()
        self._complete("Client 1")
        move = self.env["account.move"].search(
            [("company_id", "=", self.company.id), ("move_type", "=", "out_invoice")]
        )
        lines = move.invoice_line_ids
        self.assertNotEqual(sum(lines.mapped("price_subtotal")), move.amount_untaxed)
        content = self._render(INVOICE, move)
        amounts = find(
            read_facturx(content),
            "ram:SpecifiedTradeSettlementLineMonetarySummation/ram:LineTotalAmount",
        )
        self.assertAlmostEqual(sum(map(float, amounts)), move.amount_untaxed)
        self.assertEqual(len(set(amounts)), 2)
        page = read_pages(content)[0]
        for amount in set(amounts):
            # VAT may be the same by chance.
            self.assertGreaterEqual(page.count(amount), amounts.count(amount))

    def test_not_embedded(self):
        """Drafts, and what lacks data, are plain pages."""
        move = self._play().move_id
        self.assertIsNone(self._render_facturx(move))
        self._complete("Client 1")
        self.assertIsNotNone(self._render_facturx(move))
        move.button_draft()
        self.assertIsNone(self._render_facturx(move))

    def test_several_at_once(self):
        """They are one PDF, which is none of them."""
        move = self._bill()
        note = move._reverse_moves([{"invoice_date": "2026-01-20"}])
        note.action_post()
        content = self._render(INVOICE, move + note)
        reader, _root = self._read(content)
        self.assertEqual(len(reader.pages), 3)
        self.assertEqual(reader.attachments, {})

    def test_readers(self):
        """Who may print the invoice gets its XML, whatever else it may not read."""
        move = self._bill()
        for name, user in self._create_readers().items():
            if name in ("north", "accountant", "billing"):
                with self.subTest(name):
                    found = read_facturx(self._render(INVOICE, move, user))
                    self.assertEqual(find(found, "ram:DuePayableAmount"), ["360.00"])

    def _send(self, move, **settings):
        """Send ``move`` as outside of tests, and return the PDF that it keeps."""
        send = self.env["account.move.send"]
        report = type(self.env["ir.actions.report"])
        with (
            patch.dict(config.options, {"test_enable": False}),
            patch.object(
                report,
                "_pre_render_qweb_pdf",
                lambda report, ref, res_ids=None, data=None: (
                    report._render_qweb_pdf_prepare_streams(ref, data or {}, res_ids),
                    "pdf",
                ),
            ),
        ):
            send._generate_and_send_invoices(
                move, sending_methods=["manual"], **settings
            )
        return move.invoice_pdf_report_id.raw

    def test_sent(self):
        """Odoo adds no second one, and writes the PDF not anew."""
        move = self._bill()
        for settings in ({}, {"invoice_edi_format": "facturx"}):
            with self.subTest(settings):
                move.invoice_pdf_report_id.unlink()
                move.invalidate_recordset()
                reader, root = self._read(self._send(move, **settings))
                self.assertEqual(len(reader.attachments[FACTURX]), 1)
                self.assertEqual(len(root["/AF"]), 1)
                xmp = root["/Metadata"].get_data()
                self.assertIn(b"EXTENDED", xmp)
                self.assertNotIn(b"EN 16931", xmp)
        self.assertIn(b"EXTENDED".lower(), move.ubl_cii_xml_id.raw)

    def test_sent_without_data(self):
        """Odoo would put in what is not complete."""
        move = self._play().move_id
        reader, _root = self._read(self._send(move))
        self.assertEqual(reader.attachments, {})

    def test_sent_without_renderer(self):
        """Odoo puts our XML into its PDF."""
        move = self._bill()
        self._remove_renderer()
        content = self._send(move, invoice_edi_format="facturx")
        reader, _root = self._read(content)
        (xml,) = reader.attachments[FACTURX]
        self.assertIn(b"EXTENDED".lower(), xml)

    def test_profile_without_renderer(self):
        """Odoo's metadata name the profile of the XML; nothing is moved."""
        content = b"%PDF <fx:ConformanceLevel>EN 16931</fx:ConformanceLevel> EN 16931"
        named = name_level(content)
        self.assertEqual(len(named), len(content))
        self.assertIn(b">EXTENDED</fx", named)
        self.assertTrue(named.endswith(b" EN 16931"))

    def test_downloaded(self):
        move = self._bill()
        self.assertEqual(move.einvoice_state, "complete")
        url = move.action_download_einvoice()["url"]
        self.assertTrue(url.endswith(f"/{move.id}/facturx"))
        found = move._get_invoice_legal_documents("facturx")
        self.assertEqual(found["errors"], set())
        self.assertIn(b"360.00", found["content"])
