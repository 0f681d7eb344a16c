from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..common.committed import CommittedCase
from ..common.subscription import ADDON, create_company, create_module

RUN = f"odoo.addons.{ADDON}.models.billing.subscription_billing_run"
# Of the account of all that is billed.
CODE = "700123"
# What billing leaves behind, before the rest.
TABLES = (
    "subscription_statement_row",
    "subscription_statement_line",
    "subscription_statement",
    "subscription_billing_problem",
    "subscription_billing_run",
    "subscription_seat_change",
    "subscription_billing_terms",
    "sale_subscription_line",
)


@tagged("post_install", "-at_install")
class TestBillingConcurrency(CommittedCase):
    """Two workers at once. Nothing has to be paid: statements alone are made, so that
    the test needs no accounts."""

    TABLES = (
        *TABLES,
        *CommittedCase.TABLES,
        *("product_product", "product_template", "account_account"),
    )
    COUNT = 12

    def setUp(self):
        super().setUp()
        with self._committed() as env:
            north = create_company(env, "North", is_managing_partner=True)
            accounts = env["account.account"]
            account = accounts.search([("code", "=", CODE)]) or accounts.create(
                {"name": "Income", "code": CODE, "account_type": "income"}
            )
            modules = env["subscription.module"]
            module = modules.search([("code", "=", "billed")])
            module = module or create_module(env, "Billed")
            module.product_id = env["product.product"].create(
                {
                    "name": "Billed",
                    "type": "service",
                    "lst_price": 0,
                    "property_account_income_id": account.id,
                    "taxes_id": False,
                }
            )
            plan = env["sale.subscription.template"].create(
                {"name": "Free", "recurring_rule_type": "months", "paid_by": "period"}
            )
            subscriptions = env["sale.subscription"]
            for number in range(self.COUNT):
                client = create_company(
                    env, f"Client {number}", managing_partner_id=north.id
                )
                subscription = subscriptions.create(
                    {
                        "partner_id": client.id,
                        "template_id": plan.id,
                        "date_start": fields.Date.today(),
                        "pricelist_id": env.company._get_pricelist().id,
                    }
                )
                env["subscription.seat.pool"].create(
                    {
                        "subscription_id": subscription.id,
                        "module_id": module.id,
                        "seat_limit": 2,
                        "is_billed": True,
                    }
                )
                subscription.action_start_subscription()
                subscriptions |= subscription
            self.subscription_ids = subscriptions.ids

    @staticmethod
    def run_job(env):
        """Run the job; it commits by itself."""
        env.cr.commit()
        env["subscription.billing.run"]._cron_bill()
        return True

    def check_billed_once(self):
        with self._committed() as env:
            statements = env["subscription.statement"].search(
                [("subscription_id", "in", self.subscription_ids)]
            )
            billed = statements.grouped("subscription_id")
            self.assertEqual(len(billed), self.COUNT)
            self.assertEqual({len(some) for some in billed.values()}, {1})
            self.assertEqual(len(statements.row_ids), 2 * self.COUNT)
            problems = env["subscription.billing.problem"].search(
                [("subscription_id", "in", self.subscription_ids)]
            )
            self.assertFalse(problems, problems.mapped("reason"))

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
