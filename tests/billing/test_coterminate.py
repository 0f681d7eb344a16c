from datetime import date

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common.billing_screens import BillingScreenCase
from ..common.subscription import create_company

END = date(2026, 12, 31)


@tagged("post_install", "-at_install")
class TestCoterminate(BillingScreenCase):
    """One end for several subscriptions of a client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls.create_user("nora", "standard", cls.north)
        cls.accounts = cls.env["subscription.licence.account"]

    def get_form(self, subscriptions, user=None):
        records = self.as_user(user, subscriptions) if user else subscriptions
        action = records.action_coterminate()
        context = {**records.env.context, **action["context"]}
        return Form(records.env[action["res_model"]].with_context(**context))

    def start_licensed(self, start="2026-07-01", end="2027-06-30", stock=20):
        """Return a subscription that takes licences, of 4 seats of a module of its own,
        whose partner has ``stock`` licences."""
        module = self.env["subscription.module"].create(
            {"name": "Travel", "code": "travel", "is_licensed": True}
        )
        self.accounts._give(self.north, {module: stock}, self.company)
        line = {"module_id": module.id, "seat_limit": 4}
        subscription = self.start(
            start=start,
            end=end,
            paid_by="licences",
            plan_line_ids=[Command.create(line)],
        )
        return subscription, module

    def get_balance(self, module):
        stock = self.accounts.search([("module_id", "=", module.id)])
        stock.invalidate_recordset(["balance"])
        return stock.balance

    # ------------------------------------------------------------------ the end

    def test_all_end_with_the_last_one(self):
        one, other = self.start(), self.start(start="2026-03-15", end="2027-03-14")
        with freeze_time("2026-04-01 10:00:00"):
            form = self.get_form(one, self.nora)
            self.assertEqual(form.subscription_ids[:], one | other)
            self.assertEqual(form.date_end, other.date)
            self.assertFalse(form.refusal)
            form.save().action_coterminate()
        self.assertEqual(one.date, date(2027, 3, 14))
        self.assertEqual(one.date, other.date)

    def test_no_term_becomes_shorter(self):
        one, other = self.start(), self.start(start="2026-03-15", end="2027-03-14")
        with freeze_time("2026-04-01 10:00:00"):
            form = self.get_form(one | other)
            form.date_end = "2027-03-13"
            self.assertIn("no term becomes shorter", form.refusal)
            with self.assertRaisesRegex(UserError, "no term becomes shorter"):
                form.save().action_coterminate()
        self.assertEqual(one.date, END)

    def test_what_cannot_end_together_is_refused(self):
        one, other = self.start(), self.start("Bolt")
        endless = self.start(end=False, recurring_rule_boundary="unlimited")
        over = self.start(end="2026-02-28")
        renewed, _module = self.start_licensed(start="2026-01-01", end="2026-12-31")
        with freeze_time("2026-04-01 10:00:00"):
            request = renewed._prepare_term_request(1, "same", None, from_today=False)
            self.env["subscription.renewal"]._schedule({renewed: request})
            for subscriptions, text in (
                (one | other, "several clients"),
                (one | endless, "no term that runs and ends"),
                (one | over, "its term is over"),
                (one | renewed, "next term is scheduled"),
                (one.browse(), "Choose the subscriptions"),
            ):
                with self.subTest(text=text):
                    refusal = subscriptions._get_coterminate_refusal(END)
                    self.assertIn(text, refusal)
                    with self.assertRaisesRegex(UserError, text):
                        subscriptions._coterminate(END)

    def test_others_do_not_reach_it(self):
        one, other = self.start(), self.start(start="2026-03-15", end="2027-03-14")
        south = create_company(self.env, "South", is_managing_partner=True)
        sam = self.create_user("sam", "standard", south)
        wizards = self.as_user(sam, self.env["subscription.coterminate"])
        with self.assertRaises(AccessError):
            self.as_user(sam, one | other)._coterminate(END)
        with self.assertRaises(AccessError):
            ids = [Command.set((one | other).ids)]
            wizards.create({"subscription_ids": ids}).read(["date_end", "preview"])

    # ------------------------------------------------------------------ what it costs

    def bill_until(self, subscription, last):
        """Run the job each month until ``last`` has passed; return what was billed."""
        day = date(2026, 1, 1)
        while day <= last:
            self.run_job(day)
            month = day.month % 12 + 1
            day = day.replace(year=day.year + (month == 1), month=month)
        self.run_job(day)
        return sum(self.get_statements(subscription).mapped("amount_untaxed"))

    def test_the_cost_that_is_shown_is_what_is_billed(self):
        end = date(2026, 8, 10)
        for client, plan in (
            ("before", {}),
            ("after", {"billing_timing": "post"}),
            ("aligned", {"billing_aligned": True}),
        ):
            with self.subTest(plan=client):
                short = self.start(f"{client} short", end="2026-05-20", **plan)
                longer = self.start(f"{client} long", end="2026-05-20", **plan)
                self.run_job("2026-01-01")
                with freeze_time("2026-01-20 10:00:00"):
                    found = longer._foresee_extension(end)[longer]
                    longer._coterminate(end)
                cost = self.bill_until(longer, end) - self.bill_until(short, end)
                self.assertAlmostEqual(found.cost, cost, 2)
                self.assertTrue(found.lines)
                self.assertIn("10 / 31 days", found.lines[-1][0])

    def test_a_term_that_was_billed_up_to_its_end_is_billed_for_the_rest(self):
        subscription = self.start(end="2026-05-20")
        for day in ("2026-01-01", "2026-05-01"):
            self.run_job(day)
        before = self.get_statements(subscription)
        with freeze_time("2026-05-10 10:00:00"):
            found = subscription._foresee_extension(date(2026, 5, 31))[subscription]
            subscription._coterminate(date(2026, 5, 31))
        self.run_job("2026-06-01")
        made = self.get_statements(subscription, before)
        self.assertAlmostEqual(made.amount_untaxed, found.cost, 2)
        # 11 / 31 of 10 x 30 and 5 x 12, by unit
        self.assertAlmostEqual(found.cost, 10 * 10.65 + 5 * 4.26, 2)

    def test_the_preview_shows_lines_and_costs(self):
        one, other = self.start(end="2026-05-20"), self.start(end="2026-08-10")
        with freeze_time("2026-01-20 10:00:00"):
            form = self.get_form(one | other)
            self.assertIn("10 / 31 days", form.preview)
            self.assertFalse(form.licence_text)

    # ------------------------------------------------------------------ licences

    def test_added_days_take_licences_from_the_stock(self):
        long = self.start(end="2027-12-31")
        subscription, module = self.start_licensed()
        self.assertEqual(self.get_balance(module), 16)
        with freeze_time("2026-09-01 10:00:00"):
            form = self.get_form(subscription | long, self.nora)
            # 4 x 184 / 366 years, from 1 July 2027 on
            self.assertIn("2.02", form.licence_text)
            form.save().action_coterminate()
        self.assertEqual(subscription.date, date(2027, 12, 31))
        self.assertEqual(self.get_balance(module), 13.98)

    def test_a_term_as_a_whole_takes_what_one_as_long_takes(self):
        subscription, module = self.start_licensed()
        with freeze_time("2026-09-01 10:00:00"):
            subscription._coterminate(date(2028, 6, 30))
        self.assertEqual(self.get_balance(module), 20 - 2 * 4)
        with freeze_time("2026-09-02 10:00:00"):
            subscription.seat_pool_ids.write({"seat_limit": 4})
        self.assertEqual(self.get_balance(module), 12)

    def test_nothing_moves_where_the_stock_falls_short(self):
        long = self.start(end="2027-12-31")
        subscription, module = self.start_licensed(stock=5)
        with freeze_time("2026-09-01 10:00:00"):
            with self.assertRaisesRegex(UserError, "Travel"):
                (long | subscription)._coterminate(date(2027, 12, 31))
        self.assertEqual(self.get_balance(module), 1)
