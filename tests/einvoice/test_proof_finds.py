"""What is wrong is found: each way to break an electronic invoice, by who finds it."""

from odoo.tests import tagged

from ..common.document import INVOICE
from ..common.proof import get_fatal, needs_rules, validate
from ..common.proof_breaks import BREAKS, LIES, break_xml
from ..common.proof_documents import EInvoiceCase, Kind
from ..common.proof_page import Document, Page, needs_reader
from ..common.proof_pdf import InvoicePdf
from ..common.proof_same import find_differences
from ..common.paper import needs_renderer


@needs_rules
@needs_renderer
@needs_reader
@tagged("post_install", "-at_install")
class TestProofFinds(EInvoiceCase):
    """An invoice that is right, broken in one place each."""

    def setUp(self):
        super().setUp()
        move = self._make(Kind("plain"))
        self.pdf = InvoicePdf(self._render(INVOICE, move))
        self.xml = self.pdf.xml

    def test_rules(self):
        self.assertEqual(get_fatal(validate(self.xml)), [])
        for name, (change, rule_set, rule) in BREAKS.items():
            with self.subTest(name):
                found = get_fatal(validate(break_xml(self.xml, change)))
                named = [f"{one.rule_set} {one.rule}" for one in found]
                expected = f"{rule_set} {rule}"
                self.assertTrue(
                    any(one.startswith(expected) for one in named), (expected, named)
                )

    def test_page(self):
        page = Page(self.pdf.content)
        self.assertEqual(find_differences(Document(self.xml), page), [])
        for name, change in LIES.items():
            with self.subTest(name):
                lie = break_xml(self.xml, change)
                self.assertEqual(get_fatal(validate(lie)), [])
                self.assertTrue(find_differences(Document(lie), page))
