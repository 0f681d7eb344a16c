from unittest.mock import patch

from odoo.tests import TransactionCase, tagged

from ..common.subscription import create_company

TOGETHER = {"posted_together": True}


@tagged("post_install", "-at_install")
class TestCustomerRanks(TransactionCase):
    """Invoices of a batch are counted at their partners as Odoo counts them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.new = create_company(cls.env, "New")
        cls.old = create_company(cls.env, "Old", customer_rank=3)
        cls.older = create_company(cls.env, "Older", customer_rank=7)
        cls.partners = cls.new | cls.old | cls.older
        cls.env.flush_all()

    def count(self, *batches, field="customer_rank"):
        """Count ``batches``, ``(partners, number)``, and what comes after the commit;
        return the ranks."""
        for partners, number in batches:
            partners._increase_rank(field, number)
        self.env.flush_all()
        with self.enter_registry_test_mode():
            self.env.cr.postcommit.run()
        self.env.invalidate_all()
        return self.partners.mapped(field)

    def test_batch_is_counted_as_by_odoo(self):
        batches = [(self.new | self.old, 2), (self.old | self.older, 1)]
        savepoint = self.env.cr.savepoint()
        odoo = self.count(*batches)
        savepoint.close(rollback=True)
        self.env.invalidate_all()
        together = [(one.with_context(**TOGETHER), count) for one, count in batches]
        self.assertEqual(self.count(*together), odoo)
        self.assertEqual(odoo, [2, 6, 8])

    def test_first_invoice_counts_at_once(self):
        self.partners.with_context(**TOGETHER)._increase_rank("customer_rank")
        self.assertEqual(self.partners.mapped("customer_rank"), [1, 3, 7])

    def test_batch_writes_no_partner_that_was_invoiced_before(self):
        written = []
        model = self.env.registry["res.partner"]
        with patch.object(model, "write", lambda self, vals: written.append(self.ids)):
            self.count((self.old.with_context(**TOGETHER), 1))
        self.assertFalse(written)

    def test_next_batch_is_counted_as_well(self):
        for _ in range(2):
            ranks = self.count((self.old.with_context(**TOGETHER), 1))
        self.assertEqual(ranks[1], 5)

    def test_suppliers_are_left_to_odoo(self):
        self.old.supplier_rank = 2
        batch = self.old.with_context(**TOGETHER)
        self.assertEqual(self.count((batch, 1), field="supplier_rank"), [0, 3, 0])
