"""Electronic invoices of every kind keep all the rules by which they are checked."""

from odoo.tests import tagged

from ..common.document import INVOICE
from ..common.proof import get_fatal, needs_rules, validate
from ..common.proof_documents import EInvoiceCase
from ..common.proof_export import export_ubl
from ..common.proof_kinds import KINDS
from ..common.proof_pdf import InvoicePdf
from ..common.paper import needs_renderer


@needs_rules
@needs_renderer
@tagged("post_install", "-at_install")
class TestProof(EInvoiceCase):
    """Of each kind of document: the PDF is one of Factur-X, and the XML inside it and
    the UBL break no rule."""

    def _check(self, kind):
        moves = self._make(kind)
        self.assertTrue(moves)
        for move in moves:
            pdf = InvoicePdf(self._render(INVOICE, move, on="2026-03-02"))
            self.assertEqual(list(pdf.find_faults()), [])
            self._check_rules(pdf.xml)
            self._check_rules(export_ubl(move))

    def _check_rules(self, xml):
        broken = get_fatal(validate(xml))
        self.assertFalse(broken, "\n".join(map(str, [*broken, xml.decode()])))


def _make_test(kind):
    def test(self):
        self._check(kind)

    test.__doc__ = kind.name
    return test


for number, one in enumerate(KINDS, start=1):
    name = "_".join("".join(c if c.isalnum() else " " for c in one.name).split())
    setattr(TestProof, f"test_{number:02}_{name.lower()}", _make_test(one))
