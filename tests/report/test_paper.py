import sys
from contextlib import contextmanager
from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo.tests import BaseCase, TransactionCase, tagged
from odoo.tools import mute_logger

from ...report import paper
from ..common.paper import (
    create_report,
    make_rows,
    needs_renderer,
    print_report,
    read_pages,
)
from ..common.subscription import create_company

BASE_URL = "https://odoo.test"
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "YPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)


@contextmanager
def refuse_import(error):
    """Let the import of WeasyPrint end in ``error``."""
    real = __import__

    def fake(name, *args, **kwargs):
        if name.partition(".")[0] == "weasyprint":
            raise error
        return real(name, *args, **kwargs)

    paper.load.cache_clear()
    try:
        with patch.dict(sys.modules), patch("builtins.__import__", fake):
            sys.modules.pop("weasyprint", None)
            yield
    finally:
        paper.load.cache_clear()


@tagged("post_install", "-at_install")
class TestLoad(BaseCase):
    def test_absent(self):
        """Neither a missing package nor a missing Pango breaks anything."""
        for error in (ImportError("no weasyprint"), OSError("no libpango")):
            with self.subTest(error), refuse_import(error):
                self.assertIsNone(paper.load())


@needs_renderer
@tagged("post_install", "-at_install")
class TestFetcher(BaseCase):
    """A page shows what lies in it, static files and images; nothing else."""

    def setUp(self):
        super().setUp()
        self.asked = []
        self.fetcher = paper._make_fetcher_class()(BASE_URL, self._read_image)

    def _read_image(self, attachment_id):
        self.asked.append(attachment_id)
        return b"image", "image/png"

    def test_served(self):
        self.assertTrue(self.fetcher.fetch(PIXEL).read())
        logo = f"{BASE_URL}/web/static/img/logo.png"
        self.assertEqual(self.fetcher.fetch(logo).content_type, "image/png")
        self.assertEqual(self.fetcher.fetch(f"{logo}?unique=1").read()[:4], b"\x89PNG")
        for url in ("/web/image/7", "/web/image/7-abc/logo.png", "/web/content/7"):
            self.assertEqual(self.fetcher.fetch(BASE_URL + url).read(), b"image")
        self.assertEqual(self.asked, [7, 7, 7])

    def test_refused(self):
        """No server, no file of the machine, no other page of this server."""
        for url in (
            "file:///etc/passwd",
            "FILE:///etc/passwd",
            "http://127.0.0.1:8069/web/static/img/logo.png",
            "http://169.254.169.254/latest/meta-data",
            "https://odoo.test.evil.example/web/static/img/logo.png",
            "https://odoo.test@evil.example/web/static/img/logo.png",
            "ftp://odoo.test/web/static/img/logo.png",
            "//evil.example/web/static/img/logo.png",
            f"{BASE_URL}/web/static/../../base/static/img/logo.png",
            f"{BASE_URL}/web/static/%2e%2e/__manifest__.py",
            f"{BASE_URL}/web/static/src/main.js",
            f"{BASE_URL}/web/__manifest__.py",
            f"{BASE_URL}/web/image/res.partner/7/image_1920",
            f"{BASE_URL}/web/database/manager",
        ):
            with self.subTest(url), self.assertRaises((ValueError, OSError)):
                self.fetcher.fetch(url)
        self.assertEqual(self.asked, [])

    @mute_logger("weasyprint")
    def test_page_is_made_without_what_is_refused(self):
        """Whatever way the HTML asks: the renderer opens no connection."""
        html = """<html><head>
            <link rel="stylesheet" href="http://127.0.0.1:9/a.css">
            <link rel="attachment" href="file:///etc/passwd">
            <style>@import url(http://127.0.0.1:9/b.css);
            p { background: url(file:///etc/passwd) }</style></head><body>
            <p>Kept</p><img src="http://127.0.0.1:9/c.png"/>
            <img src="data:image/svg+xml,&lt;svg xmlns='http://www.w3.org/2000/svg'
            xmlns:x='http://www.w3.org/1999/xlink'&gt;&lt;image
            x:href='http://127.0.0.1:9/d.png'/&gt;&lt;/svg&gt;"/></body></html>"""
        with (
            patch("socket.socket.connect", side_effect=AssertionError) as connect,
            patch("urllib.request.FileHandler.file_open") as file_open,
        ):
            content = paper.render(html, BASE_URL, self._read_image)
        connect.assert_not_called()
        file_open.assert_not_called()
        self.assertEqual([text.strip() for text in read_pages(content)], ["Kept"])
        self.assertEqual(PdfReader(BytesIO(content)).attachments, {})


@needs_renderer
@tagged("post_install", "-at_install")
class TestPages(TransactionCase):
    """Looked at as text: what stands on which page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("en_US")
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US"))
        cls.company = cls.env.company
        cls.company.write({"name": "Vendor Inc", "document_legal_form": "SAS"})
        cls.client = create_company(cls.env, "Acme", street="1 High Street")
        cls.report = create_report(cls.env)

    def _print(self, count=1, **data):
        return print_report(self.report, self.client, count, lang="en_US", **data)

    def test_one_row(self):
        (page,) = read_pages(self._print(facts=[("Purchase order", "PO-7")]))
        self.assertIn("Statement of Acme", page)
        for text in ("Vendor Inc", "SAS", "1 High Street", "PO-7", "Holder 0001"):
            self.assertIn(text, page)
        self.assertIn("Page 1 of 1", page)

    def test_many_rows(self):
        """Heads and names stand on each page, rows once and in order."""
        for count, most in ((30, 2), (500, 20)):
            with self.subTest(count):
                pages = read_pages(self._print(count))
                self.assertTrue(1 < len(pages) <= most, len(pages))
                for number, page in enumerate(pages, 1):
                    self.assertIn(f"Page {number} of {len(pages)}", page)
                    self.assertIn("Statement of Acme", page)
                    self.assertIn("Vendor Inc", page)
                for page in pages[:-1]:
                    self.assertIn("Holder E-mail Module Days", page)
                text = "\n".join(pages)
                rows = [f"Holder {number:04}" for number in range(1, count + 1)]
                places = [text.find(row) for row in rows]
                self.assertEqual(places, sorted(places))
                self.assertNotIn(-1, places)
                self.assertEqual(text.count("Holder 00"), min(count, 99))

    def test_no_time(self):
        """A document tells no hour, and is the same whenever it is printed."""
        first, second = self._print(30), self._print(30)
        for page in read_pages(first):
            self.assertNotRegex(page, r"\d\d?:\d\d")
        self.assertNotIn("/CreationDate", PdfReader(BytesIO(first)).metadata)
        self.assertEqual(first, second)

    def test_long_names(self):
        """A word without a space is broken, and pushes no column off the page."""
        name = "x" * 200
        pages = read_pages(self._print(rows=make_rows(2, email=name)))
        self.assertFalse([page for page in pages if name in page])
        text = "".join("".join(pages).split())
        self.assertEqual(text.count(name), 2)
        self.assertEqual(text.count("Expenses"), 2)

    def test_sections(self):
        rows = [{"section": "North"}, *make_rows(1), {"section": "South"}]
        (page,) = read_pages(self._print(rows=rows))
        self.assertLess(page.find("North"), page.find("Holder 0001"))
        self.assertLess(page.find("Holder 0001"), page.find("South"))

    def test_title(self):
        meta = PdfReader(BytesIO(self._print())).metadata
        self.assertEqual(meta.title, "Statement of Acme")

    def test_paper_format(self):
        """Size and orientation are the report's."""
        formats = self.env["report.paperformat"]
        for vals, width, height in (
            ({"format": "A4", "orientation": "Portrait"}, 210, 297),
            ({"format": "A4", "orientation": "Landscape"}, 297, 210),
            (
                {
                    "format": "custom",
                    "page_width": 100,
                    "page_height": 150,
                    "orientation": "Portrait",
                },
                100,
                150,
            ),
        ):
            with self.subTest(vals):
                self.report.paperformat_id = formats.create({"name": "Paper", **vals})
                box = PdfReader(BytesIO(self._print())).pages[0].mediabox
                self.assertAlmostEqual(float(box.width) * 25.4 / 72, width, places=0)
                self.assertAlmostEqual(float(box.height) * 25.4 / 72, height, places=0)

    def test_archive_variant_with_attachment(self):
        item = paper.Attachment(
            "factur-x.xml", b"<a/>", "Invoice", relationship="Alternative"
        )
        xmp = b"<rdf:Description xmlns:rdf='rdf' fx='EN 16931'/>"
        options = {"variant": "pdf/a-3b", "attachments": [item], "xmp": [xmp]}
        with patch.object(
            type(self.env["ir.actions.report"]),
            "_get_paper_options",
            return_value=options,
        ) as get_options:
            content = self._print()
        self.assertEqual(get_options.call_args.args[1], self.client)
        reader = PdfReader(BytesIO(content))
        self.assertEqual(reader.attachments, {"factur-x.xml": [b"<a/>"]})
        root = reader.trailer["/Root"]
        (file,) = (item.get_object() for item in root["/AF"])
        self.assertEqual(file["/AFRelationship"], "/Alternative")
        self.assertIn("/OutputIntents", root)
        xmp = root["/Metadata"].get_data().decode()
        self.assertIn("fx='EN 16931'", xmp)
        self.assertRegex(xmp, r'part(="|>)3')
        self.assertRegex(xmp, r'conformance(="|>)B')

    def test_image_of_an_attachment(self):
        """As the user may see it, also where the report is printed with all rights."""
        attachment = self.env["ir.attachment"].create(
            {"name": "logo.png", "datas": PIXEL.partition(",")[2]}
        )
        reports = self.env["ir.actions.report"]
        self.assertEqual(reports._read_image(attachment.id)[1], "image/png")
        public = self.env.ref("base.public_user")
        for stranger in (reports.with_user(public), reports.with_user(public).sudo()):
            with self.assertRaises(ValueError):
                stranger._read_image(attachment.id)
            with self.assertRaises(ValueError):
                stranger._read_image(2**31 - 1)
        attachment.write({"datas": "PGEvPg==", "mimetype": "text/plain"})
        with self.assertRaises(ValueError):
            reports._read_image(attachment.id)
