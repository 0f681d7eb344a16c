from unittest.mock import patch

import psycopg2

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time, tagged
from odoo.tools import mute_logger

from ..common.billing_build import FIRST, PRICE, EngineCase
from ..common.queue import work_off
from ..common.subscription import SubscriptionCase, create_company

BILL = "odoo.addons.partner_managed_subscription.models.billing"
LOGGER = f"{BILL}.sale_subscription_bill"


class KilledError(BaseException):
    """Ends a job as nothing that it catches would."""


@tagged("post_install", "-at_install")
class TestOneFails(EngineCase):
    """What is wrong with one is a problem of that one, and nobody else's."""

    _undone = SubscriptionCase._undone

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.others = cls.create_billed(5)
        cls.module = cls.create_billed_module("Time", cls.company)
        cls.failing = cls.create_billed(module=cls.module)

    def check(self, code, mend, others=None, *, paid=frozenset({"posted"})):
        """Run on two days, ``mend``, and run again."""
        others = others or self.others
        self.run_job(FIRST)
        self.run_job("2027-01-02")
        self.assertEqual(len(others.statement_ids), len(others))
        self.assertEqual(len(others.statement_ids.move_id), len(others))
        self.assertFalse(self.failing.statement_ids)
        problem = self.get_problems(others | self.failing)
        self.assertEqual(problem.mapped("code"), [code])
        self.assertEqual(problem.subscription_id, self.failing)
        self.assertTrue(problem.reason)
        self.assertEqual(str(problem.due), FIRST)
        self.assertEqual(len(self.failing.activity_ids), 1)
        mend()
        self.run_job("2027-01-03")
        self.assertFalse(self.get_problems(self.failing))
        self.assertTrue(problem.solved_at)
        self.assertFalse(self.failing.activity_ids)
        self.assertEqual(len(self.failing.statement_ids), 1)
        self.assertEqual(set(self.failing.statement_ids.move_id.mapped("state")), paid)

    def test_whoever_is_to_mend_it_is_told_in_its_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.failing._get_billing_user().lang = "fr_FR"
        self.module.product_id = False
        self.run_job(FIRST)
        activity = self.failing.activity_ids
        self.assertEqual(activity.summary, "Échu et impossible à facturer")
        self.assertIn("est facturé et n'a pas d'article", activity.note)

    def test_no_product(self):
        product = self.module.product_id
        self.module.product_id = False
        self.check("product", lambda: self.module.write({"product_id": product.id}))

    def test_no_income_account(self):
        account = self.company.income_account_id or self.env["account.account"].search(
            [
                ("account_type", "=", "income"),
                ("company_ids", "in", self.company.ids),
            ],
            limit=1,
        )
        self.company.income_account_id = False
        product = self.module.product_id.with_company(self.company)
        category = product.categ_id
        category.property_account_income_categ_id = False
        other = self.expenses.product_id.with_company(self.company)
        other.property_account_income_id = account
        self.check(
            "account", lambda: product.write({"property_account_income_id": account.id})
        )

    def test_inactive_currency(self):
        money = self.env.ref("base.CHF")
        money.active = True
        self.failing.pricelist_id = self.create_pricelist(self.company, money)
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE res_currency SET active = false WHERE id = %s", [money.id]
        )
        money.invalidate_recordset()

        def mend():
            self.failing.pricelist_id = self.pricelist

        self.check("currency", mend)

    def test_unlimited(self):
        pool = self.failing.seat_pool_ids
        with freeze_time(f"{FIRST} 09:00:00"):
            pool.is_unlimited = True

        def mend():
            with freeze_time("2027-01-03 09:00:00"):
                pool.write({"is_unlimited": False, "seat_limit": 2})

        # Runs in time would have billed no seats for January. Two seats from the third
        # day on are 29 of 31 days, on the next invoice.
        self.check("unlimited", mend, paid=set())
        self.run_job("2027-02-01")
        amounts = self.failing.statement_ids.mapped("amount_untaxed")
        self.assertEqual(sorted(amounts), [0, 58 + 2 * PRICE])

    def fail_posting(self, error):
        """Let invoices of the failing one not be posted; return what mends it."""
        moves = type(self.env["account.move"])
        post, client = moves._post, self.failing.client_id

        def _post(moves, soft=True):
            if client in moves.partner_id:
                raise error
            return post(moves, soft=soft)

        patcher = patch.object(moves, "_post", _post)
        patcher.start()
        self.addCleanup(patcher.stop)
        return patcher.stop

    def test_refused_by_odoo(self):
        mend = self.fail_posting(ValidationError("The period is locked."))
        self.check("error", mend)

    def test_refused_in_words(self):
        mend = self.fail_posting(UserError("The period is locked."))
        self.run_job(FIRST)
        problem = self.get_problems(self.failing)
        self.assertEqual(problem.reason, "The period is locked.")
        mend()

    @mute_logger(LOGGER)
    def test_fault_of_a_hundred(self):
        mend = self.fail_posting(ZeroDivisionError("x"))
        self.check("error", mend, self.others | self.create_billed(94))
        self.assertNotIn("x", self.get_problems(self.failing).mapped("reason"))

    def test_rows_that_do_not_add_up(self):
        """What the database refuses at the end is one's own problem as well."""
        rows = type(self.env["subscription.statement"])
        insert, client = rows._insert_row_values, self.failing.client_id

        def _insert(statements, values):
            return insert(statements, [one for one in values if one[2] != client.id])

        patcher = patch.object(rows, "_insert_row_values", _insert)
        patcher.start()
        self.addCleanup(patcher.stop)
        with mute_logger(LOGGER, "odoo.sql_db"):
            self.check("error", patcher.stop)

    def test_nobody_to_bill(self):
        """A partner that came after the first day pays for it: nobody else could."""
        plan = self.create_plan(billing_payer="partner")
        subscription = self.create_billed(plan=plan)
        client = subscription.client_id
        with freeze_time(f"{FIRST} 09:00:00"):
            client.managing_partner_id = False
        self.run_job(FIRST)
        self.assertFalse(subscription.statement_ids)
        south = create_company(self.env, "South", is_managing_partner=True)
        with freeze_time("2027-01-05 09:00:00"):
            client.managing_partner_id = south
        self.run_job("2027-01-05")
        self.assertEqual(subscription.statement_ids.payer_id, south)


@tagged("post_install", "-at_install")
class TestEngine(EngineCase):
    """The job, whenever and however often it runs."""

    _undone = SubscriptionCase._undone

    def count_invoices(self, subscriptions):
        return len(subscriptions.statement_ids.move_id)

    def test_clock_set_back(self):
        """What was billed stays billed; what happens then counts from then on."""
        subscription = self.create_billed()
        self.run_job(FIRST)
        self.run_job("2027-02-01")
        self.run_job("2027-01-15")
        self.assertEqual(self.count_invoices(subscription), 2)
        with freeze_time("2027-01-20 09:00:00"):
            subscription.seat_pool_ids.seat_limit = 3
        self.run_job("2027-01-20")
        self.assertEqual(self.count_invoices(subscription), 2)
        self.run_job("2027-02-02")
        self.assertEqual(self.count_invoices(subscription), 2)
        self.run_job("2027-03-01")
        # 1 x 12 of 31 days, 1 x February, 3 x March
        self.assertAlmostEqual(
            subscription.statement_ids.sorted("id")[-1].amount_untaxed,
            12 + PRICE + 3 * PRICE,
        )

    def test_companies_and_currencies_in_one_run(self):
        first = self.create_billed()
        money = self.env.ref("base.CHF")
        money.active = True
        second = self.create_billed(
            pricelist_id=self.create_pricelist(self.company, money).id
        )
        other = self.create_billing_company("Other", "USD", "America/New_York")
        module = self.create_billed_module("Other", other)
        third = self.create_billed(
            module=module,
            company_id=other.id,
            pricelist_id=self.create_pricelist(other).id,
        )
        self.run_job(FIRST)
        for subscription, company, name in (
            (first, self.company, "EUR"),
            (second, self.company, "CHF"),
            (third, other, "USD"),
        ):
            move = subscription.statement_ids.move_id
            self.assertEqual(move.state, "posted")
            self.assertEqual(move.company_id, company)
            self.assertEqual(move.journal_id.company_id, company)
            self.assertEqual(move.currency_id.name, name)
            self.assertEqual(move.invoice_line_ids.tax_ids.company_id, company)

    # ------------------------------------------------------------------ killed

    def run_committed(self):
        """Run the job with commits that are savepoints; what was not committed when it
        is killed is undone."""
        savepoints = [self.cr.savepoint()]

        def commit(*_args, **_kwargs):
            self.env.flush_all()
            savepoints.pop().close(rollback=False)
            savepoints.append(self.cr.savepoint())
            return 1000.0

        crons = type(self.env["ir.cron"])
        try:
            with patch.object(crons, "_commit_progress", side_effect=commit):
                self.env["subscription.billing.run"]._cron_bill()
                work_off(self.env, commit)
        except KilledError:
            savepoints[-1].rollback()
            self.env.transaction.clear()
        finally:
            savepoints[-1].close(rollback=False)

    def test_killed_between_any_two_steps(self):
        plan = self.create_plan(billing_raise="now")
        subscriptions = self.create_billed(5, plan=plan)
        steps = [
            ("account.move", "_create_batch"),
            ("account.move", "_post"),
            ("subscription.statement", "_add_statements"),
            ("subscription.statement", "_add_lines"),
            ("subscription.statement", "_insert_rows"),
            ("subscription.statement.row", "_check_sums"),
            ("sale.subscription", "_claim_due"),
            ("sale.subscription", "_bill"),
            ("sale.subscription", "_note_problems"),
            ("sale.subscription", "_plan_billing"),
            ("sale.subscription", "_bill_counted"),
            ("subscription.billing.run", "_add_part"),
            ("subscription.billing.run", "_bill_licences"),
        ]
        killed = 0
        for model, name in steps:
            for number in (1, 2):
                with self.subTest(step=name, number=number), self._undone():
                    killed += self.check_killed(subscriptions, model, name, number)
        self.assertGreater(killed, len(steps))

    def check_killed(self, subscriptions, model, name, number):
        """Kill the job after the ``number``-th call of a method, run it again, and
        return whether it was killed."""
        cls = type(self.env[model])
        method, calls = getattr(cls, name), []

        def killing(*args, **kwargs):
            result = method(*args, **kwargs)
            calls.append(name)
            if len(calls) == number:
                raise KilledError
            return result

        with (
            freeze_time(f"{FIRST} 10:00:00"),
            patch(f"{BILL}.subscription_billing_run.CHUNK", 2),
            patch(f"{BILL}.subscription_billing_queue.CHUNK", 2),
        ):
            with patch.object(cls, name, killing):
                self.run_committed()
            self.run_committed()
            self.run_committed()
        moves = self.env["account.move"].search(
            [("partner_id", "in", subscriptions.client_id.ids)]
        )
        self.assertEqual(len(moves), len(subscriptions))
        self.assertEqual(set(moves.mapped("state")), {"posted"})
        for subscription in subscriptions:
            statement = subscription.statement_ids
            self.assertEqual(len(statement), 1)
            self.assertEqual(statement.amount_untaxed, 2 * PRICE)
            self.assertEqual(len(statement.row_ids), 2)
            self.assertEqual(str(subscription.recurring_next_date), "2027-02-01")
        return len(calls) >= number


@tagged("post_install", "-at_install")
class TestStatement(EngineCase):
    """Statements and the invoices that they prove."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subscription = cls.create_billed()
        with freeze_time(f"{FIRST} 09:00:00"):
            cls.member = cls.env["subscription.member"].create(
                {
                    "client_id": cls.subscription.client_id.id,
                    "name": "Ann",
                    "role_id": cls.env.ref(
                        "partner_managed_subscription.role_standard"
                    ).id,
                }
            )
            pool = cls.subscription.seat_pool_ids
            pool._grant({pool: cls.member})

    def setUp(self):
        super().setUp()
        self.run_job(FIRST)
        self.statement = self.subscription.statement_ids
        self.line = self.statement.line_ids
        self.move = self.statement.move_id

    def test_a_second_statement_is_refused(self):
        """By the database, whoever makes it: with the same number, or another."""
        columns = "kind, state, subscription_id, client_id, payer_id, company_id,"
        columns += " currency_id, date_first, date_last"
        for number in (1, 2):
            with (
                self.assertRaises(psycopg2.errors.UniqueViolation),
                mute_logger("odoo.sql_db"),
                self.cr.savepoint(),
            ):
                self.cr.execute(
                    f"INSERT INTO subscription_statement ({columns}, number)"  # noqa: S608
                    f" SELECT {columns}, %s FROM subscription_statement WHERE id = %s",
                    [number, self.statement.id],
                )

    def test_posting_another_quantity_is_refused(self):
        self.move.button_draft()
        self.assertEqual(self.statement.state, "valid")
        billed = self.move.invoice_line_ids
        for values in ({"quantity": 3}, {"price_unit": 30}, {"discount": 5}):
            with self.assertRaises(UserError), self.cr.savepoint():
                billed.write(values)
                self.move.action_post()
        with self.assertRaises(UserError), self.cr.savepoint():
            billed.unlink()
            self.move.action_post()
        self.move.invoice_line_ids = [
            Command.create({"name": "Goodwill", "quantity": 1, "price_unit": -10})
        ]
        self.move.action_post()
        self.assertEqual(self.move.amount_untaxed, 2 * PRICE - 10)
        self.assertEqual(self.statement.amount_untaxed, 2 * PRICE)

    def test_draft_bills_nothing_again(self):
        self.move.button_draft()
        self.run_job("2027-01-02")
        self.assertEqual(self.subscription.statement_ids, self.statement)

    def test_payment_leaves_the_subscription(self):
        with freeze_time("2027-01-10 09:00:00"):
            self.subscription.close_subscription()
            self.env["account.payment.register"].with_context(
                active_model="account.move", active_ids=self.move.ids
            ).create({})._create_payments()
        self.assertIn(self.move.payment_state, ("paid", "in_payment"))
        self.assertFalse(self.subscription.in_progress)
        self.assertEqual(self.subscription.stage_id.type, "post")

    def test_partly_credited(self):
        """Half of it does not free the period, all of it in two halves does."""
        for state in ("valid", "credited"):
            notes = self.move._reverse_moves([{"invoice_date": "2027-01-02"}])
            notes.invoice_line_ids.quantity = 1
            notes.action_post()
            self.assertEqual(self.statement.state, state)
        notes.button_draft()
        self.assertEqual(self.statement.state, "valid")

    def test_deleted_members_stay_named(self):
        row = self.statement.row_ids.filtered("holder")
        self.assertEqual(row.holder, "Ann")
        self.cr.execute(
            "DELETE FROM subscription_seat WHERE member_id = %s", [self.member.id]
        )
        self.cr.execute(
            "DELETE FROM subscription_member WHERE id = %s", [self.member.id]
        )
        self.env.invalidate_all()
        self.assertEqual(
            (row.holder, row.quantity, row.member_id.id), ("Ann", 1, False)
        )
        self.env["subscription.statement.row"]._check_sums()

    def test_the_payer_reads_its_language(self):
        """So do the lines of the invoice and who is billed; what is frozen stays."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.subscription.client_id.lang = "fr_FR"
        self.expenses.with_context(lang="fr_FR").name = "Notes de frais"
        self.member.role_id.with_context(lang="fr_FR").name = "Membre"
        self.run_job("2027-02-01")
        statement = self.subscription.statement_ids - self.statement
        row = statement.row_ids.filtered("holder")
        self.assertEqual((row.module, row.role), ("Notes de frais", "Membre"))
        self.assertIn("Notes de frais", statement.line_ids.name)
        before = self.statement.row_ids.filtered("holder")
        self.assertEqual((before.module, before.role), ("Expenses", "Standard"))

    # ------------------------------------------------------------------ sums

    def check_refused(self, query, *values):
        """Check that the database refuses ``query`` when the transaction ends."""
        with (
            self.assertRaises(psycopg2.errors.CheckViolation),
            mute_logger("odoo.sql_db"),
            self.cr.savepoint(),
        ):
            self.cr.execute(query, values)
            self.env["subscription.statement.row"]._check_sums()

    def test_rows_add_up(self):
        line, row = self.line.id, self.statement.row_ids[0].id
        self.check_refused("DELETE FROM subscription_statement_row WHERE id = %s", row)
        self.check_refused(
            "UPDATE subscription_statement_row SET quantity = 2 WHERE id = %s", row
        )
        self.check_refused(
            "UPDATE subscription_statement_line SET quantity = 3 WHERE id = %s", line
        )
        columns = "statement_id, client_id, company_id, quantity"
        self.check_refused(
            f"INSERT INTO subscription_statement_row (line_id, {columns})"  # noqa: S608
            f" SELECT line_id, {columns} FROM subscription_statement_row WHERE id = %s",
            row,
        )

    def test_rows_of_void_statements_stay(self):
        self.move.button_cancel()
        self.assertEqual(self.statement.state, "void")
        self.assertEqual(sum(self.statement.row_ids.mapped("quantity")), 2)
        self.env["subscription.statement.row"]._check_sums()

    def test_many_rows_are_added_up_once(self):
        """A thousand rows of one line cost no more than as many of many lines."""
        self.cr.execute(
            "UPDATE subscription_statement_line SET quantity = 1002 WHERE id = %s",
            [self.line.id],
        )
        columns = "statement_id, client_id, company_id, quantity"
        self.cr.execute(
            f"INSERT INTO subscription_statement_row (line_id, {columns})"  # noqa: S608
            f" SELECT line_id, {columns} FROM subscription_statement_row,"
            " generate_series(1, 1000) WHERE id = %s",
            [self.statement.row_ids[0].id],
        )
        before = self.cr.sql_log_count
        self.cr.execute("SELECT clock_timestamp()")
        start = self.cr.fetchone()[0]
        self.env["subscription.statement.row"]._check_sums()
        self.cr.execute("SELECT clock_timestamp()")
        taken = (self.cr.fetchone()[0] - start).total_seconds()
        self.assertEqual(self.cr.sql_log_count - before, 4)
        self.assertLess(taken, 0.5)
