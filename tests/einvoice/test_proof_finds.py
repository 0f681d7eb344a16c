"""What is wrong is found: each way to break an electronic invoice, by who finds it."""

from datetime import date
from unittest.mock import patch

from odoo.tests import tagged

from ...models.einvoice import cii, facts
from ...models.einvoice.facts_builder import FactsBuilder
from ..common.document import INVOICE
from ..common.paper import needs_renderer
from ..common.proof import get_fatal, needs_rules, validate
from ..common.proof_breaks import BREAKS, LIES, NOTE, break_xml, double
from ..common.proof_documents import EInvoiceCase, Kind
from ..common.proof_page import Document, Page, needs_reader
from ..common.proof_pdf import InvoicePdf
from ..common.proof_same import find_differences
from .test_proof import ProofCase


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


def _swap_span(_builder):
    return facts.Span(date(2026, 1, 31), date(2026, 1, 1))


def _shift_span(_builder):
    return facts.Span(date(2026, 1, 2), date(2026, 1, 31))


def _double_notes(fill):
    def stand_in(root, known):
        fill(root, known)
        double(NOTE.format("PMT"))(root)

    return stand_in


REPORT = "account.account_invoices"
# How the exporter itself is broken: what stands in for what.
FAULTS = {
    "a note is dropped": (FactsBuilder, "_get_notes", lambda _builder: ()),
    "a note stands twice": (cii, "_fill_document", _double_notes(cii._fill_document)),
    "the period is swapped": (FactsBuilder, "_get_span", _swap_span),
    "the period is another": (FactsBuilder, "_get_span", _shift_span),
    "the process is unknown": (FactsBuilder, "_get_process", lambda _builder: "X1"),
    "the contract is another": (FactsBuilder, "_get_contract", lambda _builder: "X"),
    "the category is zero rated": (
        *(FactsBuilder, "_get_category"),
        lambda _builder, _line: ("Z", 0),
    ),
    "amounts are a cent too high": (
        *(FactsBuilder, "_get_amount"),
        lambda builder, line: builder.move._get_booked_amount(line) + 0.01,
    ),
    "the profile is another": (cii, "GUIDELINE", "urn:cen.eu:en16931:2017"),
    "prices are cut": (
        *(facts, "price_line"),
        lambda *_given: ("10", "29.99", "29.99", ""),
    ),
}


@needs_rules
@needs_renderer
@needs_reader
@tagged("post_install", "-at_install")
class TestProofFindsFaults(ProofCase):
    """Of an exporter that is broken in one place, the proof is refused."""

    def test_faults(self):
        move = self._make(Kind("plain"))
        self._check(move)
        for name, (target, attribute, stand_in) in FAULTS.items():
            with self.subTest(name), patch.object(target, attribute, stand_in):
                with self.assertRaises(AssertionError):
                    self._check(move)

    def test_numbers_of_the_parties(self):
        move = self._make(Kind("plain"))
        partners = self.registry["res.partner"]
        for name, stand_in in {
            "_get_siren_digits": lambda _partner: "732829320",
            "_get_endpoint": lambda _partner: ("0225", "PARIS 1"),
            "_get_vat_number": lambda _partner: "FR00000000000",
        }.items():
            with self.subTest(name), patch.object(partners, name, stand_in):
                with self.assertRaises(AssertionError):
                    self._check(move)

    def test_pdf(self):
        move = self._make(Kind("plain"))
        reports = self.registry["ir.actions.report"]
        get_options = reports._get_paper_options
        right = get_options(self.reports, self.env.ref(REPORT), move)
        (item,) = right["attachments"]
        for wrong in (
            {"variant": None},
            {"variant": "pdf/a-3u"},
            {"xmp": ()},
            {"xmp": right["xmp"][:1]},
            {"attachments": [item, item._replace(name="copy.xml")]},
            {"attachments": [item._replace(relationship="Unspecified")]},
        ):
            options = patch.object(
                reports, "_get_paper_options", lambda *_, wrong=wrong: right | wrong
            )
            with self.subTest([*wrong]), options:
                content = self._render(INVOICE, move)
                self.assertTrue(InvoicePdf(content).find_faults())
