from unittest.mock import patch

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged
from odoo.tools import format_amount, format_date, mute_logger

from ...exceptions import LicenceRefusal
from ...models.renewal.subscription_renewal_plan import SubscriptionRenewal
from ...wizard.subscription_renew import SubscriptionRenew
from ..common.renew import RenewCase
from ..common.rpc import RpcCase
from ..common.subscription import ADDON, create_yearly_plan

RENEWAL = f"odoo.addons.{ADDON}.models.renewal.subscription_renewal_schedule"


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestRenewOne(RenewCase):
    def test_figures_follow_what_is_typed(self):
        for user in (self.staff, self.admin):
            with self.subTest(user=user.login):
                form = self._open(user=user)
                self.assertEqual(form.years, 1)
                self.assertEqual(str(form.next_start), "2027-01-01")
                self.assertEqual(str(form.next_end), "2027-12-31")
                self.assertEqual(form.price_text, "No price")
                self._check_line(
                    form, used=0, seats_now=5, seats_next=5, licences=5, stock=20
                )
                self._check_line(form, left=15, is_short=False, note=False)
                form.years = 3
                self.assertEqual(str(form.next_end), "2029-12-31")
                self._check_line(form, licences=15, stock=20, left=5)
                form.years = 5
                self._check_line(form, left=-5, is_short=True, note="5 missing")
                self.assertIn("25 needed, 5 missing", form.refusal)
                form.seat_choice = "in_use"
                self.assertIn("no seats at all", form.refusal)
                form.seat_choice = "other"
                self._set_seats(form, 4)
                self._check_line(form, licences=20, left=0, is_short=False)
                self.assertFalse(form.refusal)

    def test_the_base_module_has_seats_but_takes_no_licences(self):
        self._create_members(self.acme, 2)
        form = self._open()
        self._check_line(
            form, module=self.base, used=2, seats_now=10, takes_licences=False
        )
        self.assertEqual(form.line_ids._records[0]["module_id"], self.base.id)
        form.seat_choice = "in_use"
        self._check_line(form, module=self.base, seats_next=2, licences=0)

    def test_renew_as_asked(self):
        cases = [
            # choice, Expenses, licences, base
            ("same", None, 5, 10),
            ("in_use", None, 0, 1),
            ("other", 3, 3, 10),
            ("other", 0, 0, 10),
        ]
        self._create_members(self.acme, 1)
        end = format_date(self.env, fields.Date.to_date("2027-12-31"))
        for choice, seats, licences, base in cases:
            with self.subTest(choice=choice, seats=seats):
                form = self._open()
                form.seat_choice = choice
                if seats is not None:
                    self._set_seats(form, seats)
                action = self._submit(form)
                renewal = self.term.renewal_id
                self.assertIn(end, action["params"]["message"])
                self.assertEqual(renewal.user_id, self.staff)
                self.assertEqual(renewal.licences, licences)
                self.assertEqual(
                    {line.module_id: line.seats for line in renewal.line_ids},
                    {self.base: base, self.expenses: licences},
                )
                self.assertEqual(self._get_balance(self.north), 20 - licences)
                renewal.action_cancel()

    def test_years_proposed_are_those_of_the_term(self):
        for count, years in [(3, 3), (1, 1)]:
            with self.subTest(count=count):
                plan = create_yearly_plan(
                    self.env,
                    f"{count} years",
                    {self.base: 1},
                    recurring_rule_count=count,
                )
                term = self._create_subscription(
                    self.acme, plan, date_start="2026-01-01"
                )
                self.assertEqual(self._open(term).years, years)

    def test_years_out_of_range_are_refused_in_words(self):
        for years in (0, 51, -1, 100_000):
            with self.subTest(years=years):
                form = self._open()
                form.years = years
                self.assertIn("choose 1 to 50", form.refusal)
                self.assertFalse(form.next_end)
                with self.assertRaisesRegex(UserError, "choose 1 to 50"):
                    self._submit(form)

    def test_ended_terms_go_on_from_their_end_or_from_today(self):
        form = self._open()
        self.assertFalse(form.has_ended)
        with freeze_time("2027-03-01"):
            form = self._open()
            self.assertTrue(form.has_ended)
            self.assertEqual(str(form.next_start), "2027-01-01")
            self.assertEqual(form.starting_count, 1)
            form.from_today = "today"
            self.assertEqual(str(form.next_start), "2027-03-01")
            self.assertEqual(str(form.next_end), "2028-02-29")
            self._submit(form)
            self.assertEqual(str(self.term.date), "2028-02-29")
            self.assertEqual(self.term.renewal_state, "running")

    def test_what_cannot_be_renewed_says_why(self):
        draft = self._create_term(self.acme, running=False)
        self._give(self.reef, 10, from_vendor=True)
        renewed = self._create_term(self.coral)
        endless = self._create_subscription(self.acme, self.plan)
        self._submit(self._open(renewed))
        cases = [
            (draft, "not in progress"),
            (renewed, "renewed already by nora"),
            (endless, "has no end"),
        ]
        for term, words in cases:
            with self.subTest(words=words):
                form = self._open(term)
                self.assertIn(words, form.refusal)
                self.assertFalse(form.renewable_count)
                with self.assertRaisesRegex(UserError, words):
                    self._submit(form)

    def test_two_tabs(self):
        first, second = self._open(), self._open()
        self._submit(first)
        with self.assertRaisesRegex(UserError, "renewed already by"):
            self._submit(second)
        self.assertEqual(self._get_balance(self.north), 15)

    def test_a_stock_that_fell_meanwhile(self):
        form = self._open()
        self._take_back(self.north, 16)
        with self.assertRaisesRegex(LicenceRefusal, "1 missing"):
            self._submit(form)

    def test_who_is_billed_later_lacks_nothing(self):
        self.north.licence_billing = "on_account"
        form = self._open()
        form.years = 10
        self._check_line(form, left=0, is_short=False, note="On account")
        self.assertFalse(form.refusal)
        self._submit(form)
        self.assertEqual(self.term.renewal_id.licences, 50)

    def test_seats_without_limit_stay_so(self):
        pool = self._get_pool(self.term, self.base)
        pool.is_unlimited = True
        for choice in ("same", "in_use", "other"):
            with self.subTest(choice=choice):
                form = self._open()
                form.seat_choice = choice
                self._check_line(form, module=self.base, is_unlimited=True)
                if choice != "same":
                    self._set_seats(form, 1) if choice == "other" else None
                self._submit(form)
                lines = self.term.renewal_id.line_ids
                self.assertTrue(lines.filtered("is_base").is_unlimited)
                self.term.action_cancel_renewal()

    def test_others_clients_are_out_of_reach(self):
        with self.assertRaises(AccessError):
            self._open(user=self.rival)
        wizard = self.env["subscription.renew"].with_user(self.rival)
        with self.assertRaises(AccessError):
            wizard.create({"subscription_ids": self.term.ids})
        own = self._open().save()
        with self.assertRaises(AccessError):
            own.with_user(self.rival).action_renew()

    def test_the_accountant_of_a_client_sees_no_stock_of_its_partner(self):
        self.rival.group_ids |= self.env.ref(f"{ADDON}.group_accountant")
        self._make_accountant(self.rival, self.acme)
        self.assertTrue(self.term.with_user(self.rival).has_access("read"))
        with self.assertRaises(AccessError):
            self._open(user=self.rival)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestRenewMany(RenewCase):
    """North has 12 licences left, and three clients more; each needs 5 a year."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._give(cls.north, 4)
        cls.terms = cls._create_terms(3) | cls.term

    def _get_results(self, form):
        action = self._submit(form)
        wizard = self.env["subscription.renew"].browse(action["res_id"])
        return wizard.with_user(self.staff)

    def test_all_or_nothing(self):
        form = self._open(self.terms)
        self.assertEqual(form.subscription_count, 4)
        self.assertEqual(form.years, 1)
        self._check_line(
            form, client_count=4, seats_now=20, licences=20, stock=12, left=-8
        )
        self.assertIn("8 missing", form.refusal)
        with self.assertRaises(LicenceRefusal) as refused:
            self._submit(form)
        self.assertIn("8 missing", str(refused.exception))
        self.assertFalse(self.terms.renewal_ids)
        self._give(self.north, 8)
        wizard = self._get_results(self._open(self.terms))
        self.assertEqual(wizard.renewed_count, 4)
        self.assertEqual(set(self.terms.mapped("renewal_state")), {"renewed"})
        self.assertEqual(self._get_balance(self.north), 0)

    def test_allow_partial_renews_first_what_ends_first(self):
        last, first = self.terms[:2]
        last.date = "2027-06-30"
        first.date = "2026-06-30"
        form = self._open(self.terms)
        form.allow_partial = True
        self.assertEqual(form.renewable_count, 2)
        self._check_line(form, licences=10, left=2, is_short=False)
        self.assertIn("5 needed", form.refusal)
        self.assertIn(f"{last.client_id.name}: North, licences", form.refusal)
        wizard = self._get_results(form)
        self.assertEqual(wizard.renewed_count, 2)
        self.assertEqual(wizard.refused_count, 2)
        states = wizard.result_ids.mapped("state")
        self.assertEqual(states, ["refused", "refused", "renewed", "renewed"])
        self.assertEqual(first.renewal_state, "renewed")
        self.assertFalse(last.renewal_id)
        refused = wizard.result_ids.filtered(lambda row: row.subscription_id == last)
        self.assertEqual(refused.client_id, last.client_id)
        self.assertIn("3 missing", refused.refusal)
        renewed = wizard.result_ids.filtered(lambda row: row.subscription_id == first)
        self.assertEqual(str(renewed.date_end), "2027-06-30")
        self.assertEqual(renewed.licences, 5)
        self.assertEqual(renewed.action_open()["res_id"], first.id)

    def test_what_cannot_be_renewed_is_left_out(self):
        self._submit(self._open())
        form = self._open(self.terms[:1] | self.term)
        self.assertIn("renewed already by", form.refusal)
        with self.assertRaisesRegex(UserError, "renewed already by"):
            self._submit(form)
        form.allow_partial = True
        wizard = self._get_results(form)
        self.assertEqual(wizard.renewed_count, 1)
        self.assertIn("renewed already by", wizard.result_ids[0].refusal)

    def test_another_number_for_each_of_the_changed_modules(self):
        small = self._get_pool(self.terms[0], self.expenses)
        small.seat_limit = 2
        form = self._open(self.terms)
        form.seat_choice = "other"
        self._check_line(form, seats_next=17, seats_each=5, is_changed=False)
        self._set_seats(form, 3)
        # 2.4 of the small one came back: it was lowered in the correction window.
        self._check_line(form, seats_next=12, licences=12, left=2.4, is_changed=True)
        self._get_results(form)
        for term in self.terms:
            seats = {line.module_id: line.seats for line in term.renewal_id.line_ids}
            self.assertEqual(seats, {self.base: 10, self.expenses: 3})

    def test_each_partner_has_a_stock_of_its_own(self):
        self._give(self.reef, 10, from_vendor=True)
        terms = self.term | self._create_term(self.coral)
        form = self._open(terms)
        self._check_line(form, partner=self.north, stock=12, left=7)
        self._check_line(form, partner=self.reef, stock=6, left=1)
        form.years = 2
        self._check_line(form, partner=self.north, left=2)
        self._check_line(form, partner=self.reef, left=-4, note="4 missing")
        form.allow_partial = True
        wizard = self._get_results(form)
        self.assertEqual(wizard.renewed_count, 1)
        self.assertEqual(self._get_balance(self.reef), 6)

    def test_many_refusals_are_counted(self):
        form = self._open(self._create_terms(9, running=False))
        self.assertEqual(form.refusal.count("not in progress"), 5)
        self.assertIn("4 others", form.refusal)

    def test_a_single_other_refusal_is_told(self):
        form = self._open(self._create_terms(6, running=False))
        self.assertEqual(form.refusal.count("not in progress"), 6)
        self.assertNotIn("others", form.refusal)

    def test_a_second_click_shows_the_results_again(self):
        wizard = self._get_results(self._open(self.terms[:2]))
        action = wizard.action_renew()
        self.assertEqual(action["res_id"], wizard.id)
        self.assertEqual(wizard.renewed_count, 2)
        rows = self.env["subscription.renew.result"].with_user(self.staff)
        found = rows.search(wizard.action_list_results()["domain"])
        self.assertEqual(found, wizard.result_ids)
        self.assertFalse(rows.with_user(self.admin).search([]))

    def test_nothing_chosen(self):
        form = self._open(self.term.browse())
        self.assertFalse(form.refusal)
        wizard = self.env["subscription.renew"].with_user(self.staff).create({})
        with self.assertRaisesRegex(UserError, "at least one subscription"):
            wizard.action_renew()

    def test_progress_is_told_at_once(self):
        percents = []

        def send(bus, target, message_type, payload):
            self.assertIsNot(bus.env.cr, self.cr)
            self.assertEqual(target, self.staff.partner_id)
            percents.append(payload["percent"])

        self._give(self.north, 8)
        form = self._open(self.terms)
        with (
            patch(f"{RENEWAL}.CHUNK", 2),
            patch("odoo.addons.bus.models.bus.BusBus._sendone", send),
        ):
            self._get_results(form)
        self.assertEqual(percents, [0, 20, 38, 55, 65, 70, 90, False])

    def test_progress_covers_all_of_the_work(self):
        """What is told to be done is in the database, the last step included."""
        self._give(self.north, 8)
        queries = [
            "SELECT count(*) FROM subscription_renewal",
            "SELECT count(*) FROM subscription_licence_move WHERE kind = 'renewal'",
            "SELECT count(*) FROM subscription_log WHERE event = 'renewed'",
            "SELECT count(*) FROM subscription_renewal WHERE licences > 0",
        ]

        def look(wizard, percent):
            counts = []
            for query in queries:
                self.cr.execute(query)
                counts += self.cr.fetchone()
            done.append((percent, *counts))

        done = []
        form = self._open(self.terms)
        with (
            patch(f"{RENEWAL}.CHUNK", 2),
            patch.object(SubscriptionRenew, "_show_progress", look),
        ):
            self._get_results(form)
        before = done[0][1:]
        self.assertEqual(
            [
                (percent, *(now - then for now, then in zip(now, before, strict=True)))
                for percent, *now in done
            ],
            [
                (0, 0, 0, 0, 0),
                (20, 0, 0, 0, 0),
                (38, 2, 0, 0, 0),
                (55, 4, 0, 0, 0),
                (65, 4, 4, 0, 0),
                (70, 4, 4, 4, 0),
                (90, 4, 4, 4, 4),
                (False, 4, 4, 4, 4),
            ],
        )

    def test_progress_ends_when_nothing_is_renewed(self):
        form = self._open(self.terms)
        path = "odoo.addons.bus.models.bus.BusBus._sendone"
        with patch(path) as send, self.assertRaises(LicenceRefusal):
            self._submit(form)
        self.assertIs(send.call_args.args[-1]["percent"], False)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestRenewPrice(RenewCase):
    """A licence of Expenses costs 10, from 8 on 9; Time has no price."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        product = cls.env["product.product"].create(
            {"name": "Licence", "list_price": 10, "taxes_id": False}
        )
        cls.expenses.licence_product_id = product
        cls.term.pricelist_id.item_ids = [
            Command.create(
                {
                    "applied_on": "0_product_variant",
                    "product_id": product.id,
                    "compute_price": "fixed",
                    "fixed_price": 9,
                    "min_quantity": 8,
                }
            )
        ]

    def _get_text(self, amount):
        return format_amount(self.env(user=self.staff), amount, self.term.currency_id)

    def test_price_follows_what_is_typed(self):
        form = self._open()
        self.assertEqual(form.price_text, self._get_text(50))
        self._check_line(form, price_text=self._get_text(50))
        self._check_line(form, module=self.base, price_text=False)
        form.years = 2
        self.assertEqual(form.price_text, self._get_text(90))
        self._submit(form)
        self.assertEqual(self.term.renewal_id.amount, 90)

    def test_price_of_many_is_that_of_each(self):
        self._give(self.north, 30)
        large = self._create_terms(1)
        self._get_pool(large, self.expenses).seat_limit = 8
        form = self._open(self.term | large)
        self.assertEqual(form.price_text, self._get_text(50 + 72))

    def test_modules_without_a_price_are_named_so(self):
        self._give(self.north, 10, self.time)
        self.env["subscription.seat.pool"].create(
            {
                "subscription_id": self.term.id,
                "module_id": self.time.id,
                "seat_limit": 2,
            }
        )
        form = self._open()
        self._check_line(form, module=self.time, price_text="No price")
        self.assertIn(self._get_text(50), form.price_text)
        self.assertIn("without a price", form.price_text)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestRenewQueries(RenewCase):
    """Many subscriptions ask the database as often as a few."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._give(cls.north, 1000)
        cls.terms = cls._create_terms(44)
        for number, term in enumerate(cls.terms):
            cls._get_pool(term, cls.expenses).seat_limit = 5 + number % 7

    def _change(self, terms):
        wizard = self.env["subscription.renew"].with_user(self.staff)
        form = Form(wizard.with_context(default_subscription_ids=terms.ids))
        form.years = 2
        form.seat_choice = "in_use"
        form.allow_partial = True

    def test_wizard(self):
        self._change(self.terms[:2])
        most = self._count_queries(lambda: self._change(self.terms[:2]))
        self.assertLessEqual(
            self._count_queries(lambda: self._change(self.terms)), most
        )

    def test_one_preview_serves_the_wizard_and_its_lines(self):
        preview = SubscriptionRenewal._preview
        with patch.object(
            SubscriptionRenewal, "_preview", autospec=True, side_effect=preview
        ) as asked:
            form = self._open(self.terms)
            self.assertEqual(asked.call_count, 1)
            form.years = 2
            self.assertEqual(asked.call_count, 2)
            form.seat_choice = "in_use"
            self.assertEqual(asked.call_count, 3)
            self._check_line(form, client_count=44, seats_next=0, licences=0)

    def test_schedule(self):
        few = self._get_wizard(self.terms[2:4])
        many = self._get_wizard(self.terms[4:])
        self._get_wizard(self.terms[:2]).action_renew()
        most = self._count_queries(few.action_renew)
        self.assertLessEqual(self._count_queries(many.action_renew), most)

    def _get_wizard(self, terms):
        return (
            self.env["subscription.renew"]
            .with_user(self.staff)
            .create({"subscription_ids": terms.ids})
        )


@tagged("post_install", "-at_install")
class TestRenewOverRpc(RenewCase, RpcCase):
    @classmethod
    def setUpClass(cls):
        cls.TERM_START = fields.Date.today()
        super().setUpClass()
        cls._create_keys({user: user for user in (cls.staff, cls.rival)})

    def _call(self, user, method, **kwargs):
        return self._call_json(user, "subscription.renew", method, **kwargs)

    @mute_logger("odoo.http")
    def test_renew_by_rpc(self):
        vals = {"subscription_ids": self.term.ids, "years": 2}
        refused = self._call(self.rival, "create", vals_list=[vals])
        self.assertEqual(refused.status_code, 403)
        self.assertNotIn("Acme", refused.text)
        ids = self._call(self.staff, "create", vals_list=[vals]).json()
        refused = self._call(self.rival, "action_renew", ids=ids)
        self.assertEqual(refused.status_code, 403)
        self.assertTrue(self._call(self.staff, "action_renew", ids=ids).ok)
        self.env.invalidate_all()
        self.assertEqual(self.term.renewal_id.years, 2)
        again = self._call(self.staff, "action_renew", ids=ids)
        self.assertEqual(again.status_code, 422)
        self.assertIn("renewed already by", again.json()["message"])
