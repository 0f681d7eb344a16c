"""One of a hundred cannot be billed: the others are, and who mends it is told why."""

from datetime import date

from odoo.tests import freeze_time, tagged
from odoo.tools import format_date

from ..common.billing_build import FIRST, PRICE, EngineCase
from ..common.subscription import SubscriptionCase

# What no reason in plain words has.
TECHNICAL = ("Traceback", "Error", "Exception", "odoo.", "psycopg2", "Contact an")


@tagged("post_install", "-at_install")
class TestOneOfHundred(EngineCase):
    """Each kind of fault, among 99 that have none."""

    _undone = SubscriptionCase._undone

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls.create_billed(99)
        cls.module = cls.create_billed_module("Time", cls.company)
        cls.failing = cls.create_billed(module=cls.module)

    def check(self, code, words, mend, failing=None):
        """Run twice, an hour apart, ``mend``, and run again: 99 are billed by the first
        run, the last one by the third."""
        failing = failing or self.failing
        self.run_job(FIRST)
        self.assertEqual(len(self.others.statement_ids.move_id), 99)
        self.assertEqual(set(self.others.statement_ids.mapped("state")), {"valid"})
        moves = self.others.statement_ids.move_id
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        self.run_job(FIRST, hour=11)
        self.assertEqual(self.others.statement_ids.move_id, moves)
        self.assertFalse(failing.statement_ids)
        problem = self.get_problems(self.others | failing)
        self.assertEqual(problem.subscription_id, failing)
        self.assertEqual(problem.code, code)
        for word in words:
            self.assertIn(word, problem.reason)
        for word in TECHNICAL:
            self.assertNotIn(word, problem.reason)
        self.assertEqual(len(failing.activity_ids), 1)
        self.assertIn(words[0], str(failing.activity_ids.note))
        mend()
        self.run_job(FIRST, hour=12)
        self.assertFalse(self.get_problems(failing))
        self.assertFalse(failing.activity_ids)
        self.assertEqual(failing.statement_ids.move_id.state, "posted")
        self.assertEqual(failing.statement_ids.amount_untaxed, 2 * PRICE)
        self.assertEqual(self.others.statement_ids.move_id, moves)

    def test_no_product(self):
        product = self.module.product_id
        self.module.product_id = False
        self.check(
            "product",
            ["Time", "no product"],
            lambda: self.module.write({"product_id": product.id}),
        )

    def test_no_income_account(self):
        accounts = self.env["account.account"].with_company(self.company)
        account = self.company.income_account_id or accounts.search(
            [("account_type", "=", "income")], limit=1
        )
        self.company.income_account_id = False
        product = self.module.product_id.with_company(self.company)
        product.categ_id.property_account_income_categ_id = False
        other = self.expenses.product_id.with_company(self.company)
        other.property_account_income_id = account
        self.check(
            "account",
            ["Time", "no income account"],
            lambda: product.write({"property_account_income_id": account.id}),
        )

    def test_inactive_currency(self):
        money = self.env.ref("base.CHF")
        money.active = True
        self.failing.pricelist_id = self.create_pricelist(self.company, money)
        self.env.flush_all()
        self.set_active(money, False)

        def mend():
            self.failing.pricelist_id = self.pricelist

        self.check("currency", ["CHF", "not active"], mend)

    def test_archived_payer(self):
        client = self.failing.client_id
        client.name = "Gone"
        self.set_active(client, False)
        self.check(
            "archived", ["Gone", "archived"], lambda: self.set_active(client, True)
        )

    def set_active(self, record, value):
        """Archive or restore ``record`` as nobody may: something runs that needs it."""
        self.env.flush_all()
        self.cr.execute(
            f"UPDATE {record._table} SET active = %s WHERE id = %s",  # noqa: S608
            [value, record.id],
        )
        record.invalidate_recordset()

    # ------------------------------------------------------------------ locked books

    def create_elsewhere(self):
        """Create one that another company bills."""
        other = self.create_billing_company("Other")
        # It has no administrator, so the program is told, whose language depends on
        # the database.
        self.env.user.lang = "en_US"
        return self.create_billed(
            module=self.create_billed_module("Elsewhere", other),
            company_id=other.id,
            pricelist_id=self.create_pricelist(other).id,
        )

    def test_locked_books(self):
        """For sales or for all: nothing can be posted today, whatever the period."""
        for field in ("sale_lock_date", "fiscalyear_lock_date"):
            with self.subTest(field), self._undone():
                failing = self.create_elsewhere()
                company = failing.company_id
                company[field] = "2027-01-20"
                self.check(
                    "locked",
                    ["locked", format_date(self.env, date(2027, 1, 20))],
                    lambda company=company, field=field: company.write({field: False}),
                    failing,
                )

    def test_books_locked_up_to_yesterday(self):
        """An invoice has the day on which it is made: a lock of its period is no
        obstacle."""
        self.run_job("2026-12-31")
        self.company.fiscalyear_lock_date = "2027-01-31"
        self.company.sale_lock_date = "2027-01-31"
        self.run_job("2027-02-01")
        self.assertFalse(self.get_problems(self.others | self.failing))
        moves = self.failing.statement_ids.move_id
        self.assertEqual(moves.mapped("state"), ["posted"] * 2)
        days = {
            str(day) for name in ("date", "invoice_date") for day in moves.mapped(name)
        }
        self.assertEqual(days, {"2027-02-01"})
        self.assertEqual(
            sorted(map(str, self.failing.statement_ids.mapped("date_first"))),
            [FIRST, "2027-02-01"],
        )

    def test_locked_books_hold_up_no_drafts(self):
        self.company.billing_mode = "draft"
        self.company.fiscalyear_lock_date = "2027-01-20"
        self.run_job(FIRST)
        self.assertFalse(self.get_problems(self.others | self.failing))
        self.assertEqual(len(self.others.statement_ids.move_id), 99)

    def test_without_address(self):
        """It is billed: what an invoice lacks is another question."""
        client = self.failing.client_id
        for name in ("street", "zip", "city", "country_id", "email", "vat"):
            self.assertFalse(client[name])
        self.run_job(FIRST)
        self.assertFalse(self.get_problems(self.failing))
        self.assertEqual(self.failing.statement_ids.move_id.state, "posted")


@tagged("post_install", "-at_install")
class TestEveryMinute(EngineCase):
    """The job run far more often than it is planned."""

    def test_a_day(self):
        """It is billed once, by the first run that can; the others ask little."""
        subscription = self.create_billed()
        product = self.expenses.product_id
        self.expenses.product_id = False
        queries = []
        with freeze_time(f"{FIRST} 00:00:00") as clock:
            for run in range(24 * 60):
                if run == 60:
                    self.expenses.product_id = product
                before = self.cr.sql_log_count
                self.bill()
                queries.append(self.cr.sql_log_count - before)
                clock.tick(60)
        self.assertEqual(len(subscription.statement_ids.move_id), 1)
        self.assertEqual(len(subscription.billing_problem_ids), 0)
        self.assertFalse(subscription.activity_ids)
        # Those of both jobs, that bills and that starts terms, and of the look at who
        # was billed without an electronic invoice.
        self.assertLessEqual(max(queries[61:]), 10)
