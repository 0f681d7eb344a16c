from datetime import date, timedelta

from freezegun import freeze_time

from odoo.tests import Form, tagged
from odoo.tools import format_amount, format_date

from ..common.billing_screens import BillingScreenCase

DAY = "2026-01-10"


@tagged("post_install", "-at_install")
class TestClosing(BillingScreenCase):
    """The dialog says what closing bills and credits, on which day: that is what the
    job makes."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls.create_user("nora", "standard", cls.north)

    def open(self, subscription):
        """Return the form of the dialog, as the partner's staff opens it."""
        dialogs = self.as_user(self.nora, self.env["close.reason.wizard"])
        return Form(dialogs.with_context(active_id=subscription.id))

    def close(self, subscription, credit, day=DAY):
        """Close on ``day``; return what the dialog said and, day by day, what was
        made."""
        before = self.get_statements(subscription)
        with freeze_time(f"{day} 10:00:00"):
            form = self.open(subscription)
            if form.is_billed_by_period:
                form.credit_unused = credit
            text = form.closing_text
            form.save().button_confirm()
            self.env.flush_all()
        made = []
        for passed in range(4):
            on = date.fromisoformat(day) + timedelta(days=passed)
            self.run_job(on, hour=11)
            new = self.get_statements(subscription, before)
            before |= new
            made += [(on, one.amount_untaxed) for one in new if one.move_id]
        return text, made

    def check(self, subscription, credit, expected, day=DAY):
        """Check that closing makes what is ``expected``, and that it is told before."""
        text, made = self.close(subscription, credit, day)
        made = [(str(on), round(amount, 2)) for on, amount in made]
        self.assertEqual(made, expected)
        for on, amount in expected:
            self.assertIn(self.format(subscription, amount), text)
            self.assertIn(format_date(self.env, on), text)
        self.assertEqual(text.count("without taxes"), len(expected), text)
        return text

    def format(self, subscription, amount):
        return format_amount(self.env, abs(amount), subscription.currency_id)

    def test_opened_without_a_subscription_it_says_nothing(self):
        form = self.open(self.env["sale.subscription"])
        self.assertFalse(form.closing_text)

    def test_before_the_period(self):
        subscription = self.start()
        self.run_job("2026-01-01")
        # 21 / 31 of 10 x 30 and 5 x 12, by unit
        text = self.check(subscription, True, [("2026-01-11", -243.85)])
        self.assertIn("credit note", text)

    def test_before_the_period_without_credit(self):
        subscription = self.start()
        self.run_job("2026-01-01")
        text, made = self.close(subscription, credit=False)
        self.assertFalse(made)
        self.assertEqual(
            text,
            "Nothing is left to be billed.\nDays after today that were billed stay"
            f" billed: {self.format(subscription, 243.85)} without taxes.",
        )

    def test_the_choice_changes_what_is_said(self):
        subscription = self.start()
        self.run_job("2026-01-01")
        with freeze_time(f"{DAY} 10:00:00"):
            form = self.open(subscription)
            self.assertIn("stay billed", form.closing_text)
            form.credit_unused = True
            self.assertIn("credit note", form.closing_text)
            self.assertNotIn("stay billed", form.closing_text)
            self.assertTrue(form.is_billed_by_period)

    def test_after_the_period(self):
        for credit in (False, True):
            with self.subTest(credit=credit):
                subscription = self.start(f"Acme {credit}", billing_timing="post")
                self.run_job("2026-01-02")
                # 10 x 10 / 31 x 30 and 5 x 10 / 31 x 12, by unit
                self.check(subscription, credit, [("2026-01-11", 116.15)])

    def test_a_run_that_is_late_is_reckoned_with(self):
        subscription = self.start()
        self.check(subscription, True, [(DAY, 116.15)])

    def test_paused(self):
        subscription = self.start()
        self.run_job("2026-01-01")
        with freeze_time("2026-01-05 10:00:00"):
            subscription.action_pause()
        # 27 / 31, by unit
        self.check(subscription, True, [("2026-01-11", -313.55)])

    def test_paused_without_credit(self):
        subscription = self.start("Bolt")
        self.run_job("2026-01-01")
        with freeze_time("2026-01-05 10:00:00"):
            subscription.action_pause()
        text, made = self.close(subscription, credit=False)
        [(on, amount)] = made
        self.assertEqual(str(on), "2026-01-11")
        self.assertIn(self.format(subscription, amount), text)

    def test_in_the_correction_window(self):
        """Seats that were raised, billed and lowered in time."""
        subscription = self.start(billing_raise="now")
        self.run_job("2026-01-01")
        pool = self.get_pool(subscription)
        for day, seats in (("2026-01-06", 14), ("2026-01-08", 12)):
            with freeze_time(f"{day} 10:00:00"):
                pool.seat_limit = seats
                self.env.flush_all()
            self.run_job(day, hour=11)
        text, made = self.close(subscription, credit=True)
        [(on, amount)] = made
        self.assertEqual(str(on), "2026-01-11")
        self.assertLess(amount, -243.85)
        self.assertIn(self.format(subscription, amount), text)

    def test_raised_today(self):
        """What no invoice bills yet comes before the closing one."""
        subscription = self.start(billing_raise="now")
        self.run_job("2026-01-01")
        with freeze_time(f"{DAY} 09:00:00"):
            self.get_pool(subscription).seat_limit = 14
            self.env.flush_all()
        text, made = self.close(subscription, credit=True)
        self.assertEqual(len(made), 2)
        for _on, amount in made:
            self.assertIn(self.format(subscription, amount), text)

    def test_licences(self):
        stocks = self.env["subscription.licence.account"]
        modules = {self.expenses: 99, self.time: 99}
        stocks._give(self.north, modules, self.company, from_vendor=True)
        subscription = self.start(paid_by="licences")
        moves = self.env["subscription.licence.move"]
        taken = moves.search([("subscription_id", "=", subscription.id)])
        self.assertTrue(taken)
        text, made = self.close(subscription, credit=False)
        self.assertFalse(made)
        self.assertIn("no licences come back", text)
        domain = [("subscription_id", "=", subscription.id)]
        self.assertEqual(moves.search(domain), taken)

    def test_an_obstacle_is_told(self):
        subscription = self.start(billing_timing="post")
        self.time.product_id = False
        with freeze_time(f"{DAY} 10:00:00"):
            self.assertIn("Time is billed", self.open(subscription).closing_text)
