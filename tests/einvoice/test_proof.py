"""Electronic invoices of every kind keep all the rules by which they are checked."""

import os

from odoo.tests import tagged

from ..common.document import INVOICE
from ..common.paper import needs_renderer
from ..common.proof import get_fatal, needs_rules, validate
from ..common.proof_documents import LAST_DAY, EInvoiceCase, Kind
from ..common.proof_export import count_stock, export_ubl, find_overridden
from ..common.proof_kinds import KINDS
from ..common.proof_page import Document, Page, needs_reader
from ..common.proof_pdf import InvoicePdf
from ..common.proof_same import find_differences, get_aside
from ..common.proof_table import Row, read_table, write_table

# What Odoo breaks without this addon depends on its version, and takes as long again.
WITH_STOCK = os.environ.get("PMS_ALL") or os.environ.get("PMS_PROOF")


class ProofCase(EInvoiceCase):
    """Checks documents: the PDF, the XML inside it, the UBL, and the page."""

    def _check(self, move):
        pdf = InvoicePdf(self._render(INVOICE, move, on=LAST_DAY))
        self.assertEqual(pdf.find_faults(), [])
        self._check_rules(pdf.xml)
        if move.partner_id._is_french_company():
            self._check_rules(export_ubl(move))
        lang = move.partner_id.lang
        document, page = Document(pdf.xml, lang), Page(pdf.content, lang)
        found = find_differences(document, page, get_aside(move))
        self.assertFalse(found, "\n".join(found))

    def _check_rules(self, xml):
        broken = get_fatal(validate(xml))
        self.assertFalse(broken, "\n".join(map(str, [*broken, xml.decode()])))


@needs_rules
@needs_renderer
@needs_reader
@tagged("post_install", "-at_install")
class TestProof(ProofCase):
    """Of each kind of document: the PDF is one of Factur-X, the XML inside it and the
    UBL break no rule, and the page says the same. The docs have a row for each."""

    rows = []

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        if os.environ.get("PMS_PROOF"):
            write_table(cls.rows)

    def _check_kind(self, kind):
        moves = self._make(kind)
        self.assertTrue(moves)
        for move in moves:
            with self.subTest(move=move.name):
                self._check(move)
        if WITH_STOCK:
            row = self._compare(kind, moves)
            self.rows.append(row)
            if not os.environ.get("PMS_PROOF"):
                self.assertEqual(read_table()[kind.name], str(row))

    def _compare(self, kind, moves):
        """Return the row of ``kind`` in the docs."""
        counts = [count_stock(move) for move in moves]
        cii, ubl = map(sum, zip(*counts, strict=True))
        is_french = all(move.partner_id._is_french_company() for move in moves)
        return Row(kind.name, len(moves), cii, ubl if is_french else None)

    def test_docs(self):
        """The table has these kinds, and nothing is left of this addon in what stands
        for Odoo alone."""
        self.assertEqual([*read_table()], [kind.name for kind in KINDS])
        self.assertEqual(find_overridden(self.env), {"_export_invoice"})
        self.assertGreaterEqual(len(KINDS), 40)


def _make_test(kind):
    def test(self):
        self._check_kind(kind)

    test.__doc__ = kind.name
    return test


for number, one in enumerate(KINDS, start=1):
    name = "_".join("".join(c if c.isalnum() else " " for c in one.name).split())
    setattr(TestProof, f"test_{number:02}_{name.lower()}", _make_test(one))


@needs_renderer
@tagged("post_install", "-at_install")
class TestNotProved(EInvoiceCase):
    """Where data are missing there is no XML that breaks rules, but a problem."""

    def _check_missing(self, change):
        (move,) = self._make(Kind("incomplete", before=change))
        self.assertTrue(self.player.count_problems())
        root = InvoicePdf(self._render(INVOICE, move)).root
        self.assertNotIn("/AF", root)
        self.assertNotIn("/EmbeddedFiles", [*root["/Names"]])

    def test_no_penalty(self):
        def change(player):
            player.company.document_penalty = False

        self._check_missing(change)

    def test_no_number_of_the_buyer(self):
        def change(player):
            client = player.get_partner("Client 1")
            client.write({"vat": False, "company_registry": False})

        self._check_missing(change)

    def test_no_town_of_the_seller(self):
        def change(player):
            player.company.partner_id.city = False

        self._check_missing(change)
