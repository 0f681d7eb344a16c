from odoo.tests import tagged

from ..common.document import INVOICE, RUN, make_pool
from ..common.einvoice import SELLER_SIREN, EInvoiceCase, make_vat
from ..common.paper import needs_renderer


@needs_renderer
@tagged("post_install", "-at_install")
class TestEInvoiceImport(EInvoiceCase):
    """A supplier's bill that is made of our PDF says the same."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.receiver = cls.create_billing_company("Receiver")
        cls.create_tax(cls.receiver, 20, type_tax_use="purchase")

    def _import(self, content):
        """Return the bill that the receiver makes of a PDF."""
        bills = self.env["account.move"].with_company(self.receiver)
        journal = self.env["account.journal"].search(
            [("type", "=", "purchase"), ("company_id", "=", self.receiver.id)], limit=1
        )
        attachment = self.env["ir.attachment"].create(
            {"name": "invoice.pdf", "raw": content, "mimetype": "application/pdf"}
        )
        return bills.with_context(
            default_journal_id=journal.id, allowed_company_ids=self.receiver.ids
        ).browse(journal._create_document_from_attachment(attachment.ids).ids)

    def _check_same(self, bill, move):
        self.assertEqual(bill.ref, move.name)
        self.assertEqual(bill.invoice_date, move.invoice_date)
        self.assertEqual(bill.invoice_date_due, move.invoice_date_due)
        self.assertEqual(bill.currency_id, move.currency_id)
        self.assertEqual(bill.partner_id.vat, make_vat(SELLER_SIREN))
        mine, theirs = (
            [
                (
                    line.quantity,
                    round(line.price_unit, 2),
                    # Odoo infers it from the rounded amount.
                    round(line.discount, 1),
                    line.price_subtotal,
                    line.tax_ids.mapped("amount"),
                )
                for line in one.invoice_line_ids
                if line.display_type == "product"
            ]
            for one in (move, bill)
        )
        self.assertEqual(mine, theirs)
        for name in ("amount_untaxed", "amount_tax", "amount_total"):
            self.assertAlmostEqual(bill[name], move[name], 2, name)

    def _bill(self, *subscriptions, **options):
        moves = self._play(*subscriptions, **options).move_id
        self._complete(*self.player.clients)
        return moves

    def test_of_a_run(self):
        pools = [
            make_pool("Reports", 3, 1, discount="12.5", price="9.99"),
            make_pool(),
        ]
        move = self._bill({"pools": pools})
        bill = self._import(self._render(INVOICE, move))
        self.assertEqual(bill.move_type, "in_invoice")
        self._check_same(bill, move)

    def test_credit_note(self):
        move = self._bill()
        note = move._reverse_moves([{"invoice_date": "2026-01-20"}])
        note.action_post()
        bill = self._import(self._render(INVOICE, note))
        self.assertEqual(bill.move_type, "in_refund")
        self._check_same(bill, note)

    def test_with_a_credit_line(self):
        moves = self._bill(
            events=[
                RUN,
                {"on": "2026-01-05", "do": "lower", "module": "Expenses", "seats": 7},
                {"on": "2026-02-01", "do": "run"},
            ],
        )
        self._check_same(self._import(self._render(INVOICE, moves[1])), moves[1])
