from freezegun import freeze_time

from odoo import Command
from odoo.tests import Form, tagged
from odoo.tools import format_amount

from ..common.billing_screens import BillingScreenCase

NOW = "2026-12-15 10:00:00"


@tagged("post_install", "-at_install")
class TestRenewPrice(BillingScreenCase):
    """Renew shows what a period of the next term will cost. From 2027 on Expenses cost
    33.00, or 31.00 from 20 seats on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls.create_user("nora", "standard", cls.north)
        expenses = {
            "applied_on": "0_product_variant",
            "product_id": cls.expenses.product_id.id,
            "compute_price": "fixed",
            "date_start": "2027-01-01 00:00:00",
        }
        cls.pricelist.item_ids = [
            Command.create({**expenses, "fixed_price": 33}),
            Command.create({**expenses, "fixed_price": 31, "min_quantity": 20}),
        ]
        cls.item = cls.pricelist.item_ids.filtered(lambda one: one.fixed_price == 33)

    def open(self, *subscriptions):
        """Return the form of the wizard, as the partner's staff opens it."""
        ids = [one.id for one in subscriptions]
        wizards = self.as_user(self.nora, self.env["subscription.renew"])
        return Form(wizards.with_context(default_subscription_ids=ids))

    def format(self, amount):
        return format_amount(self.env, amount, self.company.currency_id)

    def get_line(self, form, module):
        (line,) = [
            one for one in form.line_ids._records if one["module_id"] == module.id
        ]
        return line

    def get_fixed(self, subscription):
        """Return the prices that are fixed for 2027."""
        return {
            price.product_id: price.price_unit
            for price in subscription.fixed_price_ids
            if str(price.term_start) == "2027-01-01"
        }

    def bill_january(self, subscription):
        """Return the statement of the first period of the next term."""
        before = self.get_statements(subscription)
        self.run_job("2027-01-01")
        made = self.get_statements(subscription, before)
        return made.filtered(lambda one: str(one.date_first) == "2027-01-01")

    def test_the_price_of_a_period_is_that_of_its_first_day(self):
        subscription = self.start()
        with freeze_time(NOW):
            form = self.open(subscription)
            self.assertEqual(form.price_text, f"{self.format(390)} per month")
            line = self.get_line(form, self.expenses)
            self.assertEqual(line["price_text"], f"{self.format(330)} per month")
            self.assertIn(
                f"Expenses: 10 x {self.format(33)} = {self.format(330)}",
                form.period_text,
            )
            self.assertIn("their own first day", form.period_text)
            form.save().action_renew()
        self.assertFalse(self.get_fixed(subscription))
        self.assertEqual(self.bill_january(subscription).amount_untaxed, 390)

    def test_what_is_fixed_is_what_was_shown(self):
        subscription = self.start(billing_price="fixed")
        with freeze_time(NOW):
            form = self.open(subscription)
            self.assertIn("fixed for the next term", form.period_text)
            form.save().action_renew()
            self.item.fixed_price = 40
        self.assertEqual(
            self.get_fixed(subscription),
            {self.expenses.product_id: 33, self.time.product_id: 12},
        )
        self.assertEqual(self.bill_january(subscription).amount_untaxed, 390)

    def test_a_price_that_changed_since_is_shown_before_it_is_fixed(self):
        subscription = self.start(billing_price="fixed")
        with freeze_time(NOW):
            form = self.open(subscription)
            self.item.fixed_price = 36
            wizard = form.save()
            action = wizard.action_renew()
            self.assertFalse(subscription.renewal_ids)
            self.assertEqual(action["res_id"], wizard.id)
            self.assertIn("Nothing was renewed", wizard.price_warning)
            self.assertIn(
                f"Acme, Expenses: {self.format(36)} instead of {self.format(33)}",
                wizard.price_warning,
            )
            self.env.invalidate_all()
            self.assertEqual(wizard.price_text, f"{self.format(420)} per month")
            wizard.action_renew()
            self.assertTrue(subscription.renewal_ids)
        self.assertEqual(self.get_fixed(subscription)[self.expenses.product_id], 36)

    def test_prices_of_the_list_may_change_without_a_word(self):
        subscription = self.start()
        with freeze_time(NOW):
            form = self.open(subscription)
            self.item.fixed_price = 36
            form.save().action_renew()
        self.assertTrue(subscription.renewal_ids)

    def test_a_renewal_that_was_cancelled_fixes_nothing(self):
        subscription = self.start(billing_price="fixed")
        with freeze_time(NOW):
            self.open(subscription).save().action_renew()
            subscription.action_cancel_renewal()
            self.item.fixed_price = 36
            form = self.open(subscription)
            self.assertEqual(form.price_text, f"{self.format(420)} per month")
            form.save().action_renew()
        self.assertEqual(self.get_fixed(subscription)[self.expenses.product_id], 36)
        self.assertEqual(self.bill_january(subscription).amount_untaxed, 420)

    def test_seats_of_the_next_term_decide_the_price(self):
        subscription = self.start(billing_price="fixed")
        with freeze_time(NOW):
            form = self.open(subscription)
            form.seat_choice = "other"
            line = self.get_line(form, self.expenses)
            with form.line_ids.edit(form.line_ids._records.index(line)) as edited:
                edited.seats_each = 20
            # 20 x 31 and 5 x 12
            self.assertEqual(form.price_text, f"{self.format(680)} per month")
            form.save().action_renew()
        self.assertEqual(self.get_fixed(subscription)[self.expenses.product_id], 31)
        self.assertEqual(self.bill_january(subscription).amount_untaxed, 680)

    def test_a_discount_is_shown(self):
        subscription = self.start()
        line = subscription.sale_subscription_line_ids.filtered(
            lambda one: one.seat_pool_id == self.get_pool(subscription)
        )
        line.discount = 10
        with freeze_time(NOW):
            form = self.open(subscription)
            self.assertEqual(form.price_text, f"{self.format(297 + 60)} per month")
            self.assertIn("less 10 %", form.period_text)
            form.save().action_renew()
        self.assertEqual(self.bill_january(subscription).amount_untaxed, 357)

    def test_what_is_counted_has_the_price_of_a_unit(self):
        for basis, text in (
            ("members", f"{self.format(7)} per month for each active member"),
            ("teams", f"{self.format(7)} per month for each active team"),
            ("in_use", f"{self.format(33)} per month for each seat in use"),
        ):
            with self.subTest(basis=basis):
                subscription = self.start(
                    basis, billing_basis=basis, billing_product_id=self.unit.id
                )
                with freeze_time("2026-01-01 09:00:00"):
                    self.create_team(subscription, "Red", 2)
                with freeze_time(NOW):
                    form = self.open(subscription)
                    self.assertIn(text, form.price_text)
                    self.assertIn("as many as today", form.period_text)

    def test_a_module_without_product_has_no_price(self):
        self.time.product_id = False
        subscription = self.start()
        with freeze_time(NOW):
            form = self.open(subscription)
            self.assertIn("without a price", form.price_text)
            self.assertIn("Time: no price", form.period_text)

    def test_the_offer_has_the_same_figures(self):
        subscription = self.start()
        with freeze_time(NOW):
            wizard = self.open(subscription).save()
            offer = wizard._get_offer()
        self.assertEqual(offer["total"], self.format(390))
        rows = {row["name"]: row for row in offer["rows"]}
        self.assertEqual(rows["Expenses"]["price"], self.format(33))
        self.assertEqual(rows["Expenses"]["amount"], self.format(330))

    def test_each_of_many_has_its_price(self):
        acme = self.start("Acme", billing_price="fixed")
        bolt = self.start("Bolt")
        self.get_pool(bolt).sudo()._set({"seat_limit": 2})
        with freeze_time(NOW):
            form = self.open(acme, bolt)
            prices = {row["client"]: row["price"] for row in form.terms}
            self.assertEqual(
                prices,
                {
                    "Acme": f"{self.format(390)} per month",
                    "Bolt": f"{self.format(126)} per month",
                },
            )
            self.assertEqual(form.price_text, f"{self.format(516)} per month")
            self.assertFalse(form.period_text)
            self.item.fixed_price = 36
            wizard = form.save()
            wizard.action_renew()
            self.assertIn("Acme, Expenses", wizard.price_warning)
            self.assertNotIn("Bolt", wizard.price_warning)
            wizard.action_renew()
        self.assertTrue(acme.renewal_ids and bolt.renewal_ids)
        self.assertEqual(self.get_fixed(acme)[self.expenses.product_id], 36)

    def test_many_are_priced_with_as_many_queries_as_few(self):
        subscriptions = self.env["sale.subscription"]
        for number in range(6):
            basis = ("contracted", "members", "in_use")[number % 3]
            subscriptions |= self.start(
                f"Client {number}",
                billing_basis=basis,
                billing_price="fixed",
                billing_product_id=self.unit.id,
            )
        counts = []
        # The first time, what does not change is read as well.
        for some in (subscriptions[:3], subscriptions[:3], subscriptions):
            self.env.flush_all()
            self.env.invalidate_all()
            with freeze_time(NOW):
                requests = {one: one._prepare_term_request() for one in some}
                before = self.cr.sql_log_count
                offers = subscriptions._get_offers(requests)
                self.assertEqual(len(offers), len(some))
                subscriptions._fix_offered(offers.values())
                self.env.flush_all()
                counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])
