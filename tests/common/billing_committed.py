"""Committed subscriptions that are billed, for tests with transactions at once."""

from .committed import CommittedCase
from .queue import work_off
from .subscription import create_company, create_module

# Of the accounts of all that is billed.
INCOME, RECEIVABLE = "700123", "411123"


class BilledCommittedCase(CommittedCase):
    """Running subscriptions of two contracted seats each, that are due today."""

    # What billing leaves behind, before the rest and after it.
    TABLES = (
        "subscription_statement_row",
        "subscription_statement_line",
        "subscription_statement",
        "subscription_billing_problem",
        "subscription_billing_run",
        "subscription_seat_change",
        "subscription_billing_terms",
        "sale_subscription_line",
        "account_move_line",
        "account_move",
        *CommittedCase.TABLES,
        "product_product",
        "product_template",
        "account_journal",
        "mail_alias",
        "account_account",
    )
    COUNT = 12
    # The price of a seat: where nothing has to be paid, statements alone are made.
    PRICE = 0

    def setUp(self):
        super().setUp()
        with self._committed() as env:
            self._build_billed(env)

    def _build_billed(self, env):
        north = create_company(env, "North", is_managing_partner=True)
        plan = env["sale.subscription.template"].create(
            {"name": "Plan", "recurring_rule_type": "months", "paid_by": "period"}
        )
        module = self._build_module(env)
        subscriptions = env["sale.subscription"]
        for number in range(self.COUNT):
            client = create_company(
                env, f"Client {number}", managing_partner_id=north.id
            )
            client.property_account_receivable_id = self._get_account(
                env, RECEIVABLE, "asset_receivable"
            )
            subscription = subscriptions.create(
                {
                    "partner_id": client.id,
                    "template_id": plan.id,
                    "date_start": env.company._get_today(),
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
        self.plan_id, self.partner_id = plan.id, north.id

    def _build_module(self, env):
        modules = env["subscription.module"]
        module = modules.search([("code", "=", "billed")])
        module = module or create_module(env, "Billed")
        account = self._get_account(env, INCOME, "income")
        module.product_id = env["product.product"].create(
            {
                "name": "Billed",
                "type": "service",
                "lst_price": self.PRICE,
                "property_account_income_id": account.id,
                "taxes_id": False,
            }
        )
        if self.PRICE:
            self.journal_id = self._create_journal(env, account).id
        return module

    def _create_journal(self, env, account):
        """Create the journal of the test's own invoices, before all others."""
        journals = env["account.journal"]
        number = journals.search_count([("code", "=like", "BIL%")])
        return journals.create(
            {
                "name": "Billed",
                "code": f"BIL{number}",
                "type": "sale",
                "default_account_id": account.id,
                "sequence": -1 - number,
            }
        )

    @staticmethod
    def _get_account(env, code, kind):
        accounts = env["account.account"]
        values = {"name": code, "code": code, "account_type": kind}
        values["reconcile"] = kind == "asset_receivable"
        return accounts.search([("code", "=", code)]) or accounts.create(values)

    @staticmethod
    def run_job(env):
        """Run the job, which commits by itself."""
        env.cr.commit()
        env["subscription.billing.run"]._cron_bill()
        work_off(env, env.cr.commit)
        return True

    def check_billed_once(self):
        """Check that each has one statement, with its rows, and nothing is wrong."""
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
            if self.PRICE:
                self.check_posted(statements)

    def check_posted(self, statements):
        """Check that each invoice is posted, their numbers without gap or double."""
        moves = statements.move_id
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.assertEqual(moves.journal_id.id, self.journal_id)
        every = moves.search([("journal_id", "=", self.journal_id)])
        self.assertEqual(every, moves.sorted(lambda one: every.ids.index(one.id)))
        numbers = sorted(moves.mapped("sequence_number"))
        self.assertEqual(numbers, list(range(1, len(moves) + 1)))
        self.assertEqual(len(set(moves.mapped("name"))), len(moves))
