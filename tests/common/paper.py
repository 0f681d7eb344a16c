"""Documents as PDF: reports of tests, and what stands on the pages."""

import io
import re
from unittest import skipUnless
from unittest.mock import patch

from pypdf import PdfReader, PdfWriter

from odoo import Command

from odoo.addons.base.models.ir_actions_report import IrActionsReport as BaseReport

from ...models.billing.account_move_document import AccountMove
from ...report import paper
from .subscription import ADDON

COLUMNS = [
    {"name": "holder", "label": "Holder", "width": "32%"},
    {"name": "email", "label": "E-mail", "width": "40%"},
    {"name": "module", "label": "Module", "width": "18%"},
    {"name": "days", "label": "Days", "width": "10%", "number": True},
]
# A document with a table of as many rows as the caller asks for.
ARCH = f"""
<t t-name="{ADDON}.test_paper">
    <t t-call="web.html_container">
        <t t-foreach="docs" t-as="o">
            <t t-call="{ADDON}.test_paper_document" t-lang="lang" />
        </t>
    </t>
</t>
"""
DOCUMENT_ARCH = f"""
<t t-name="{ADDON}.test_paper_document">
    <t t-call="{ADDON}.paper_layout">
        <t t-set="company" t-value="res_company" />
        <t t-set="buyer" t-value="o" />
        <t t-set="facts" t-value="facts" />
        <t t-set="with_mentions" t-value="True" />
        <t t-set="title">Statement of <t t-out="o.name" /></t>
        <h2>Seats in use</h2>
        <t t-call="{ADDON}.paper_table" />
        <t t-out="extra" />
    </t>
</t>
"""


def make_rows(count, **vals):
    """Return ``count`` rows of a statement, each with a name of its own."""
    return [
        {
            "holder": f"Holder {number:04}",
            "email": f"holder{number}@client.example",
            "module": "Expenses",
            "days": 31,
            **vals,
        }
        for number in range(1, count + 1)
    ]


def create_report(env, **vals):
    """Create a paged report of contacts, with its templates."""
    for name, arch in (("test_paper", ARCH), ("test_paper_document", DOCUMENT_ARCH)):
        key = f"{ADDON}.{name}"
        env["ir.ui.view"].create(
            {"type": "qweb", "name": name, "key": key, "arch": arch}
        )
    return env["ir.actions.report"].create(
        {
            "name": "Statement",
            "model": "res.partner",
            "report_type": "qweb-pdf",
            "report_name": f"{ADDON}.test_paper",
            "is_paged": True,
            **vals,
        }
    )


def print_report(report, records, count=1, **data):
    """Return the PDF of ``records``, with a table of ``count`` rows each."""
    rows = data.pop("rows", None) or make_rows(count)
    data = {"columns": COLUMNS, "rows": rows, "facts": [], **data}
    printer = report.env["ir.actions.report"].with_context(force_report_rendering=True)
    content, kind = printer._render_qweb_pdf(report.report_name, records.ids, data)
    assert kind == "pdf"
    return content


needs_renderer = skipUnless(paper.load(), "WeasyPrint is not installed")


class PaperMixin:
    """Prints with a stand-in for wkhtmltopdf, which notes what it is asked for."""

    def setUp(self):
        super().setUp()
        self.by_wkhtmltopdf = []

        def run(_report, bodies, **options):
            self.by_wkhtmltopdf.append(len(bodies))
            return make_blank_pdf()

        # As if it were there, whatever the machine has.
        for name, stand_in in (
            ("_run_wkhtmltopdf", run),
            ("get_wkhtmltopdf_state", lambda report: "ok"),
        ):
            self.startPatcher(patch.object(BaseReport, name, stand_in))

    def _bill(self, *moves):
        """Make ``moves`` invoices of this addon."""
        ids = {move.id for move in moves}
        is_billed = patch.object(
            AccountMove, "_is_billed_by_period", lambda move: move.id in ids
        )
        self.startPatcher(is_billed)

    def _assert_on(self, page, *texts):
        """Check that all of ``texts`` stand on ``page``. Spaces do not count: readers
        of PDF find some between letters."""
        for text in texts:
            self.assertIn("".join(text.split()), "".join(page.split()))

    def _assert_inside(self, content):
        """Check that no text begins beyond the right margin of its page, of 15 mm."""
        for page in PdfReader(io.BytesIO(content)).pages:
            # WeasyPrint draws in pixels of CSS, 96 an inch.
            margin = (float(page.mediabox.width) / 72 - 15 / 25.4) * 96
            drawn = page.get_contents().get_data()
            places = [float(place) for place in re.findall(rb"(\S+) \S+ Tm", drawn)]
            self.assertLess(max(places), margin)

    def _remove_renderer(self):
        self.startPatcher(patch.object(paper, "load", lambda: None))


def render(report, report_ref, res_ids=None, data=None):
    """Render as outside of tests."""
    data = data or {}
    return report._render_qweb_pdf_prepare_streams(report_ref, data, res_ids), "pdf"


def make_blank_pdf():
    """Return a PDF of one empty page."""
    writer, stream = PdfWriter(), io.BytesIO()
    writer.add_blank_page(595, 842)
    writer.write(stream)
    return stream.getvalue()


def create_invoice(env, client, count=1, **vals):
    """Create and post an invoice of ``count`` lines."""
    invoice = env["account.move"].create(
        {
            "move_type": "out_invoice",
            "partner_id": client.id,
            "invoice_date": "2026-11-01",
            "invoice_line_ids": [
                Command.create(
                    {"name": f"Seats {line}", "quantity": 3, "price_unit": 10}
                )
                for line in range(1, count + 1)
            ],
            **vals,
        }
    )
    invoice.action_post()
    return invoice


def read_pages(content):
    """Return the text of each page."""
    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]
