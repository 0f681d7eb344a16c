from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, freeze_time, tagged

from ..exceptions import LicenceRefusal
from .common import SubscriptionCase, create_plan


class RenewCase(SubscriptionCase):
    """Acme's year is 2026, with five seats of Expenses; North has 20 licences left."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.yearly = create_plan(
            cls.env,
            "Yearly",
            {cls.base: 10, cls.expenses: 5},
            recurring_rule_type="years",
            recurring_rule_boundary="limited",
        )
        cls.accounts = cls.env["subscription.licence.account"]
        cls._give(cls.north, 24)
        cls.term = cls._create_term(cls.acme)
        cls.staff = cls._create_user("nora", "standard", cls.north)
        cls.rival = cls._create_user("sven", "standard", cls.south)
        cls.admin = cls._create_user("vera", "admin", cls.vendor)

    @classmethod
    def _give(cls, partner, licences, module=None):
        module = module or cls.expenses
        cls.accounts._give(
            partner, {module: licences}, cls.env.company, from_vendor=True
        )

    @classmethod
    def _create_term(cls, client, start="2026-01-01", **vals):
        return cls._create_subscription(client, cls.yearly, date_start=start, **vals)

    @classmethod
    def _create_terms(cls, count, manager=None, **vals):
        """Create terms of new clients of ``manager``, North by default."""
        manager = manager or cls.north
        terms = cls.env["sale.subscription"]
        for number in range(1, count + 1):
            client = cls._create_client(f"Client {number:04}", manager)
            terms |= cls._create_term(client, **vals)
        return terms

    def _get_balance(self, partner=None, module=None):
        account = self.accounts.search(
            [
                ("partner_id", "=", (partner or self.north).id),
                ("module_id", "=", (module or self.expenses).id),
            ]
        )
        return account.balance

    def _open(self, terms=None, user=None):
        """Open the wizard as the screen does."""
        terms = self.term if terms is None else terms
        wizard = self.env["subscription.renew"].with_user(user or self.staff)
        return Form(wizard.with_context(default_subscription_ids=terms.ids))

    def _get_line(self, form, module=None, partner=None):
        """Return the values of the line of a module, of Expenses by default."""
        wanted = (module or self.expenses).id, (partner or self.north).id
        (line,) = [
            line
            for line in form.line_ids._records
            if (line["module_id"], line["partner_id"]) == wanted
        ]
        return line

    def _set_seats(self, form, seats, module=None):
        """Type the number of seats of a module."""
        line = self._get_line(form, module)
        with form.line_ids.edit(form.line_ids._records.index(line)) as edited:
            edited.seats_each = seats

    def _check_line(self, form, *, module=None, partner=None, **expected):
        line = self._get_line(form, module, partner)
        self.assertEqual({name: line[name] for name in expected}, expected)

    def _renew(self, form):
        return form.save().action_renew()


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
                self.assertIn("25 are needed: 5 are missing", form.refusal)
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
        for choice, seats, licences, base in cases:
            with self.subTest(choice=choice, seats=seats):
                form = self._open()
                form.seat_choice = choice
                if seats is not None:
                    self._set_seats(form, seats)
                action = self._renew(form)
                renewal = self.term.renewal_id
                self.assertIn("12/31/2027", action["params"]["message"])
                self.assertEqual(renewal.user_id, self.staff)
                self.assertEqual(renewal.licences, licences)
                self.assertEqual(
                    {line.module_id: line.seats for line in renewal.line_ids},
                    {self.base: base, self.expenses: licences},
                )
                self.assertEqual(self._get_balance(), 20 - licences)
                renewal.action_cancel()

    def test_years_proposed_are_those_of_the_term(self):
        for count, years in [(3, 3), (1, 1)]:
            with self.subTest(count=count):
                plan = create_plan(
                    self.env,
                    f"{count} years",
                    {self.base: 1},
                    recurring_rule_type="years",
                    recurring_rule_boundary="limited",
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
                    self._renew(form)

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
            self._renew(form)
            self.assertEqual(str(self.term.date), "2028-02-29")
            self.assertEqual(self.term.renewal_state, "running")

    def test_what_cannot_be_renewed_says_why(self):
        draft = self._create_term(self.acme, running=False)
        renewed = self._create_term(self.coral)
        endless = self._create_subscription(self.acme, self.plan)
        self._give(self.reef, 10)
        self._renew(self._open(renewed))
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
                    self._renew(form)

    def test_two_tabs(self):
        first, second = self._open(), self._open()
        self._renew(first)
        with self.assertRaisesRegex(UserError, "renewed already by"):
            self._renew(second)
        self.assertEqual(self._get_balance(), 15)

    def test_a_stock_that_fell_meanwhile(self):
        form = self._open()
        self.accounts._take_back(self.north, {self.expenses: 16}, self.env.company)
        with self.assertRaisesRegex(LicenceRefusal, "1 are missing|1 is missing"):
            self._renew(form)

    def test_who_is_billed_later_lacks_nothing(self):
        self.north.licence_billing = "on_account"
        form = self._open()
        form.years = 10
        self._check_line(form, left=0, is_short=False, note="On account")
        self.assertFalse(form.refusal)
        self._renew(form)
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
                self._renew(form)
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


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestRenewMany(RenewCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.terms = cls._create_terms(3)

    def test_all_or_nothing(self):
        self._give(self.north, 2)
        terms = self.term | self.terms
        form = self._open(terms)
        self.assertEqual(form.subscription_count, 4)
        print(self._get_balance())
