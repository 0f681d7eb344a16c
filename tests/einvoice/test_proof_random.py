"""Whatever is billed: the electronic invoice keeps the rules, and the page says the
same."""

import random
from collections import Counter

from odoo.tests import tagged

from ..common.document import INVOICE
from ..common.proof import get_fatal, needs_rules, validate
from ..common.proof_documents import LAST_DAY, EInvoiceCase
from ..common.proof_export import export_ubl
from ..common.proof_page import Document, Page, needs_reader
from ..common.proof_pdf import InvoicePdf
from ..common.proof_random import CURRENCIES, TAXES, Draw
from ..common.proof_same import find_differences, get_aside
from ..common.paper import needs_renderer

SEEDS = range(1, 5)


@needs_rules
@needs_renderer
@needs_reader
@tagged("post_install", "-at_install")
class TestProofRandom(EInvoiceCase):
    """Cases of billing that are drawn, each of several subscriptions."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")

    def _check_seed(self, seed):
        draw = Draw(seed)
        moves = self._make(draw.make())
        self.assertTrue(moves)
        for move in moves:
            with self.subTest(seed=seed, move=move.name, buyer=move.partner_id.name):
                self._check(move)
        self.counts += draw.counts
        for move in moves:
            self.counts["document", move.move_type] += 1

    def _check(self, move):
        pdf = InvoicePdf(self._render(INVOICE, move, on=LAST_DAY))
        self.assertEqual(pdf.find_faults(), [])
        for xml in (pdf.xml, export_ubl(move)):
            broken = get_fatal(validate(xml))
            self.assertFalse(broken, "\n".join(map(str, broken)))
        lang = move.partner_id.lang
        document, page = Document(pdf.xml, lang), Page(pdf.content, lang)
        found = find_differences(document, page, get_aside(move))
        self.assertFalse(found, "\n".join(found))

    def test_always_the_same(self):
        """These draw each kind of buyer, tax, currency, language and change."""
        self.counts = Counter()
        for seed in SEEDS:
            self._check_seed(seed)
        self.assertGreaterEqual(self.counts["document", "out_invoice"], 30)
        wanted = {
            "buyer": TAXES,
            "currency": CURRENCIES,
            "language": ("en_US", "fr_FR"),
            "change": ("none", "raise", "lower", "pause"),
            "document": ("out_invoice", "out_refund"),
        }
        for what, choices in wanted.items():
            for choice in choices:
                self.assertTrue(self.counts[what, choice], (what, choice))

    def test_drawn_anew(self):
        """One that nobody has seen before."""
        self.counts = Counter()
        seed = random.SystemRandom().randrange(2**32)
        try:
            self._check_seed(seed)
        except Exception as error:
            raise AssertionError(f"Seed {seed} fails: {error}") from error
