from unittest.mock import patch

from odoo.tests import tagged

from ..common.billing_committed import RECEIVABLE, BilledCommittedCase
from ..common.subscription import ADDON

RUN = f"odoo.addons.{ADDON}.models.billing.subscription_billing_run"


@tagged("post_install", "-at_install")
class TestBillingConcurrency(BilledCommittedCase):
    """Two workers at once. Nothing has to be paid: statements alone are made."""

    def test_two_workers_bill_each_once(self):
        with patch(f"{RUN}.CHUNK", 2):
            results = self._run_together(self.run_job, self.run_job)
        self.assertEqual(results, [True, True])
        self.check_billed_once()

    def test_a_worker_passes_over_what_another_has(self):
        """Who has claimed some and is slow keeps nobody from the others."""

        def claim(env):
            env["sale.subscription"]._claim_due(0, 3)

        with self._committed() as env:
            claim(env)
            self._do(self.run_job)
            with self._committed() as other:
                statements = other["subscription.statement"].search_count(
                    [("subscription_id", "in", self.subscription_ids)]
                )
            self.assertEqual(statements, self.COUNT - 3)
        self._do(self.run_job)
        self.check_billed_once()

    def test_early_button_and_job(self):
        """Who bills early by hand while the job runs waits, and bills no day twice."""

        def bill_early(env):
            records = env["sale.subscription"].browse(self.subscription_ids)
            # As the button does.
            records._lock_exclusive("statement_ids")
            records._bill()
            return True

        results = self._run_together(self.run_job, bill_early)
        self.assertEqual(results, [True, True])
        self.check_billed_once()


@tagged("post_install", "-at_install")
class TestPostingConcurrency(BilledCommittedCase):
    """Two workers that post invoices at once."""

    PRICE = 31

    def test_two_workers_post_each_once(self):
        with patch(f"{RUN}.CHUNK", 2):
            results = self._run_together(self.run_job, self.run_job)
        self.assertEqual(results, [True, True])
        self.check_billed_once()

    def test_two_workers_post_for_one_partner(self):
        """Whose invoices are counted on the same row."""
        with self._committed() as env:
            subscriptions = env["sale.subscription"].browse(self.subscription_ids)
            subscriptions.billing_terms_ids._set({"billing_payer": "partner"})
            account = self._get_account(env, RECEIVABLE, "asset_receivable")
            north = env["res.partner"].browse(self.partner_id)
            north.property_account_receivable_id = account
        with patch(f"{RUN}.CHUNK", 2):
            results = self._run_together(self.run_job, self.run_job)
        self.assertEqual(results, [True, True])
        self.check_billed_once()
