"""Whatever is billed: the electronic invoice keeps the rules, and the page says the
same."""

from collections import Counter

from odoo.tests import tagged

from ..common.document import INVOICE
from ..common.paper import needs_renderer
from ..common.proof import needs_rules
from ..common.proof_page import needs_reader
from ..common.proof_pdf import InvoicePdf
from ..common.proof_random import CURRENCIES, TAXES, Draw
from ..common.seed import draw_seed
from .test_proof import ProofCase

# In these, every choice comes up.
SEEDS = (678, 1443, 539, 105)


@needs_rules
@needs_renderer
@needs_reader
@tagged("post_install", "-at_install")
class TestProofRandom(ProofCase):
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
                self._check_unless_odd(move)
        self.counts += draw.counts
        for move in moves:
            self.counts["document", move.move_type] += 1

    def _check_unless_odd(self, move):
        """Check a document, or that it has no XML since its currency has no cents, and
        its VAT is no whole number."""
        if move.einvoice_state == "complete":
            self._check(move)
        else:
            self.assertEqual(move.currency_id.name, "JPY")
            self.assertNotIn("/AF", InvoicePdf(self._render(INVOICE, move)).root)
            self.counts["document", "without XML"] += 1

    def test_always_the_same(self):
        """These draw each kind of buyer, tax, currency, language and change."""
        self.counts = Counter()
        for seed in SEEDS:
            self._check_seed(seed)
        self.assertGreaterEqual(self.counts["document", "out_invoice"], 30)
        wanted = {
            "buyer": TAXES,
            "tax": {tax for some in TAXES.values() for taxes in some for tax in taxes},
            "payer": ("client", "partner"),
            "rounding": ("per_line", "global"),
            "currency": CURRENCIES,
            "language": ("en_US", "fr_FR"),
            "change": ("none", "raise", "lower", "pause", "close"),
            "document": ("out_invoice", "out_refund"),
        }
        for what, choices in wanted.items():
            for choice in choices:
                self.assertTrue(self.counts[what, choice], (what, choice))

    def test_drawn_anew(self):
        """One that `make test-all` draws anew."""
        self.counts = Counter()
        seed = draw_seed()
        try:
            self._check_seed(seed)
        except Exception as error:
            raise AssertionError(f"Seed {seed} fails: {error}") from error
