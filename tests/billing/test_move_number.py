from itertools import product

from odoo import Command
from odoo.tests import tagged

from odoo.addons.account.tests.common import AccountTestInvoicingCommon

TYPES = ("out_invoice", "out_refund")
# In two months of one year, and in another year.
DAYS = ("2026-03-31", "2026-04-01", "2027-01-01")


class Undone(Exception):
    """Raised to roll back what was done."""


@tagged("post_install", "-at_install")
class TestMoveNumber(AccountTestInvoicingCommon):
    """A batch has the numbers that Odoo gives its invoices one by one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.journal = cls.company_data["default_journal_sale"]
        cls.account = cls.company_data["default_account_revenue"]
        cls.journals = cls.journal | cls.journal.copy({"name": "Two", "code": "TWO"})

    def draft(self, count=2, journals=None, types=TYPES, days=DAYS):
        """Return drafts of all kinds, each ``count`` times."""
        return self.env["account.move"].create(
            [
                {
                    "move_type": kind,
                    "journal_id": journal.id,
                    "partner_id": self.partner_a.id,
                    "invoice_date": day,
                    "invoice_line_ids": [
                        Command.create(
                            {
                                "name": "Seats",
                                "price_unit": 10,
                                "account_id": self.account.id,
                            }
                        )
                    ],
                }
                for _number in range(count)
                for journal, kind, day in product(
                    self.journals if journals is None else journals, types, days
                )
            ]
        )

    def post(self, moves, **context):
        """Return the names of ``moves`` when they are posted; nothing of it stays."""
        try:
            with self.env.cr.savepoint():
                moves.with_context(**context)._post(soft=False)
                self.env.flush_all()
                names = moves.mapped("name")
                raise Undone
        except Undone:
            self.env.cr.precommit.data.pop("sequence.mixin", None)
            self.env.invalidate_all(flush=False)
        return names

    def test_same_numbers(self):
        for own_refunds, first in product((True, False), ("", "/2026/0007", "-00012")):
            with self.subTest(own_refunds=own_refunds, first=first):
                self.journals.refund_sequence = own_refunds
                if first:
                    move = self.draft(1, self.journal, TYPES[:1], DAYS[:1])
                    move.name = f"{own_refunds}{first}"
                    move._post(soft=False)
                moves = self.draft()
                odoo = self.post(moves)
                self.assertEqual(len(set(odoo)), len(moves))
                self.assertEqual(self.post(moves, posted_together=True), odoo)

    def test_changed_number(self):
        """Who changes a number within the transaction is counted on from."""
        context = {"posted_together": True}
        moves = self.draft(1, self.journal, TYPES[:1], DAYS[:1])
        moves.with_context(**context)._post(soft=False)
        moves.name = "NEW/2026/0100"
        later = self.draft(2, self.journal, TYPES[:1], DAYS[:1])
        later.with_context(**context)._post(soft=False)
        self.assertEqual(
            sorted(later.mapped("name")), ["NEW/2026/0101", "NEW/2026/0102"]
        )

    def test_no_query_for_each(self):
        """Ten more invoices are numbered without a query more for each."""
        drafts = [
            self.draft(count, self.journal, TYPES[:1], DAYS[:1]) for count in (2, 12)
        ]
        counts = []
        for moves in drafts:
            moves = moves.with_context(posted_together=True)
            moves._post(soft=False)
            self.env.flush_all()
            self.env.invalidate_all()
            moves.write({"name": False, "posted_before": False, "state": "draft"})
            self.env.flush_all()
            moves.mapped("name")
            begin = self.env.cr.sql_log_count
            moves.state = "posted"
            self.env.add_to_compute(moves._fields["name"], moves)
            moves.mapped("name")
            counts.append(self.env.cr.sql_log_count - begin)
        self.assertLess(counts[1], counts[0] + 10, counts)
