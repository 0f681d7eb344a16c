from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form

from ...exceptions import SeatRefusal
from ..common.subscription import SubscriptionCase, create_plan, create_yearly_plan


class TestRefusal(SubscriptionCase):
    """A refusal says which limit, how many are used, whom to ask, what else to do."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        members = [cls._create_member(name) for name in ("Ana", "Ben", "Cleo")]
        cls.ana, cls.ben, cls.cleo = members
        cls.members = cls.ana | cls.ben | cls.cleo

    def _get_refusal(self, requests):
        with self.assertRaises(SeatRefusal) as caught:
            self.env["subscription.seat.pool"]._grant(requests)
        return str(caught.exception)

    def _assert_words(self, text, *words):
        for word in words:
            self.assertIn(word, text)

    def test_a_module(self):
        self._grant(self.expenses_pool, self.ana)
        refusal = self._get_refusal({self.expenses_pool: self.ben | self.cleo})
        self._assert_words(
            refusal,
            "Acme: 1 of 2 seats of Expenses are in use",
            "adding 2 would be 1 too many",
            "Contact North (north@partners.test, +44 20 7946 0001)",
            "raise the limit",
            "remove the access of somebody",
            "Reports only, Time tracking, Accountant",
        )
        self.assertNotIn("\n", refusal)

    def test_the_users_of_the_plan(self):
        with self.assertRaises(SeatRefusal) as caught:
            self._create_member("Dora")
        self._assert_words(
            str(caught.exception),
            "Acme: 3 of the 3 users of the plan (Users) are in use",
            "adding 1 would be 1 too many",
            "Contact North (north@partners.test, +44 20 7946 0001)",
            "more users or another plan",
            "remove the access of somebody",
            "Reports only, Time tracking, Accountant",
        )

    def test_every_pool_that_falls_short_has_its_line(self):
        self.base_pool.seat_limit = 5
        plan = create_plan(self.env, "Two", {self.base: 1, self.time: 1})
        other = self._create_subscription(self.acme, plan)
        time_pool = self._get_pool(other, self.time)
        refusal = self._get_refusal(
            {self.expenses_pool: self.members, time_pool: self.ana | self.ben}
        )
        lines = refusal.split("\n")
        self.assertEqual(len(lines), 3)
        for words in (
            "0 of 2 seats of Expenses are in use, and adding 3 would be 1",
            "0 of 1 seats of Time are in use, and adding 2 would be 1",
            "0 of the 1 users of the plan (Users) are in use, and adding 2 would be 1",
        ):
            self.assertTrue([line for line in lines if words in line], words)

    def test_whom_to_contact(self):
        company = self.env.company.partner_id
        for client, vals, contact in [
            (self.coral, {}, "Contact Reef (reef@partners.test)"),
            (self.dune, {}, "Contact Vendor (hello@vendor.test, +1 555 0100)"),
            (self.bolt, {"email": False}, "Contact South for"),
            (self.bolt, {"phone": "123"}, "Contact South (123)"),
        ]:
            with self.subTest(contact=contact):
                (client.managing_partner_id or company).write(vals)
                subscription = self._create_subscription(
                    client, create_plan(self.env, "None", {self.base: 1})
                )
                with self.assertRaises(SeatRefusal) as caught:
                    self._create_members(client, 2)
                self.assertIn(contact, str(caught.exception))
                subscription.active = False

    def test_a_pool_that_is_not_configured_says_so(self):
        self.expenses_pool.seat_limit = 0
        refusal = self._get_refusal({self.expenses_pool: self.ana})
        self._assert_words(
            refusal, "Expenses", "Acme", "No seats are contracted yet", "Contact North"
        )
        self.expenses_pool.seat_limit = 2
        self.subscription.active = False
        refusal = self._get_refusal({self.expenses_pool: self.ana})
        self._assert_words(refusal, "not running", "Contact North")

    def test_an_over_full_pool_gives_nothing(self):
        self.base_pool._apply_term_limits({self.base_pool: 1})
        with self.assertRaises(SeatRefusal) as caught:
            self._create_member("Dora")
        self._assert_words(
            str(caught.exception), "3 of the 1 users", "adding 1 would be 1 too many"
        )

    def test_who_is_archived_gets_no_seat(self):
        self.ana.active = False
        with self.assertRaises(UserError) as caught:
            self._grant(self.expenses_pool, self.ana | self.ben)
        self.assertIn("Ana", str(caught.exception))
        self.assertNotIn("Ben", str(caught.exception))

    def test_a_limit_that_cannot_be_lowered_says_how_many_to_free(self):
        self._grant(self.expenses_pool, self.ana | self.ben)
        with self.assertRaises(UserError) as caught:
            (self.base_pool | self.expenses_pool).write({"seat_limit": 1})
        lines = str(caught.exception).split("\n")
        self.assertEqual(len(lines), 2)
        self._assert_words(lines[0], "Users · Acme", "3 seats", "to 1", "2 of them")
        self._assert_words(lines[1], "Expenses · Acme", "2 seats", "1 of them")

    def test_the_roles_named_are_those_there_are(self):
        roles = self.env["subscription.member.role"].search([])
        roles.filtered(lambda role: not role.takes_seat).active = False
        refusal = self._get_refusal({self.expenses_pool: self.members})
        self.assertNotIn("role", refusal)

    def test_a_french_user_reads_it_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        french = self.env(context={"lang": "fr_FR"})
        pool, members = self.expenses_pool.with_env(french), self.members
        vals = {"client_id": self.acme.id, "name": "Dora"}
        for words, attempt in {
            "0 sur 2 sièges (Expenses)": lambda: pool._grant({pool: members}),
            "3 sur 3 utilisateurs prévus par la formule": lambda: french[
                "subscription.member"
            ].create(vals),
        }.items():
            with self.subTest(words):
                with self.assertRaises(SeatRefusal) as caught:
                    attempt()
                self._assert_words(
                    str(caught.exception),
                    f"Acme\N{NO-BREAK SPACE}: {words}",
                    "Contactez North (north@partners.test, +44 20 7946 0001)",
                    "retirez l'accès d'un utilisateur",
                    "Les rôles suivants n'occupent pas de siège",
                )

    # ------------------------------------------------------------------ what fits

    def test_as_many_as_fit(self):
        seats = self._grant(self.expenses_pool, self.members, allow_partial=True)
        self.assertEqual(seats.member_id, self.ana | self.ben)
        self.assertFalse(
            self._grant(self.expenses_pool, self.members, allow_partial=True)
        )

    def test_who_finds_no_base_seat_gets_no_other(self):
        self._leave_base(self.ben | self.cleo)
        self.base_pool._apply_term_limits({self.base_pool: 2})
        seats = self._grant(self.expenses_pool, self.members, allow_partial=True)
        self.assertEqual(self._get_seated(self.expenses_pool), self.ana | self.ben)
        self.assertEqual(self._get_seated(self.base_pool), self.ana | self.ben)
        self.assertEqual(len(seats), 3)

    def test_who_finds_no_base_seat_takes_no_place_from_others(self):
        self._leave_base(self.ana)
        self.base_pool._apply_term_limits({self.base_pool: 2})
        self.expenses_pool.seat_limit = 1
        self._grant(self.expenses_pool, self.ana | self.ben, allow_partial=True)
        self.assertEqual(self._get_seated(self.expenses_pool), self.ben)

    def _leave_base(self, members):
        members._get_seats_in_use()._release("access")

    # ------------------------------------------------------------------ wizard

    def _open_wizard(self, members, pools=None, **vals):
        wizard = Form(
            self.env["subscription.seat.grant"].with_context(
                default_client_id=self.acme.id,
                default_pool_ids=(pools or self.expenses_pool).ids,
                default_member_ids=members.ids,
            )
        )
        for name, value in vals.items():
            setattr(wizard, name, value)
        return wizard

    def test_the_wizard_says_beforehand_what_would_be_refused(self):
        wizard = self._open_wizard(self.members)
        self.assertIn("adding 3 would be 1 too many", wizard.refusal)
        wizard = wizard.save()
        self.assertEqual(wizard.left_out_ids, self.cleo)
        self.assertRecordValues(
            wizard.preview_ids,
            [
                {
                    "pool_id": self.expenses_pool.id,
                    "used": 0,
                    "change": 3,
                    "available": 0,
                    "missing": 1,
                }
            ],
        )
        with self.assertRaises(SeatRefusal) as caught:
            wizard.action_grant()
        self.assertEqual(str(caught.exception), wizard.refusal)
        self.assertFalse(self._get_seated(self.expenses_pool))

    def test_the_wizard_adds_as_many_as_fit(self):
        wizard = self._open_wizard(self.members, allow_partial=True).save()
        params = wizard.action_grant()["params"]
        self.assertEqual(params["type"], "warning")
        self.assertIn("Cleo", params["message"])
        self.assertEqual(self._get_seated(self.expenses_pool), self.ana | self.ben)

    def test_the_wizard_says_what_it_gave(self):
        wizard = self._open_wizard(self.ana | self.ben).save()
        self.assertFalse(wizard.refusal)
        self.assertEqual(wizard.action_grant()["params"]["type"], "success")
        self.assertEqual(self._get_seated(self.expenses_pool), self.ana | self.ben)

    def test_the_wizard_needs_somebody_and_something(self):
        for vals in (
            {"pool_ids": self.expenses_pool.ids},
            {"member_ids": self.ana.ids},
        ):
            commands = {name: [Command.set(ids)] for name, ids in vals.items()}
            wizard = self.env["subscription.seat.grant"].create(
                {"client_id": self.acme.id, **commands}
            )
            with self.assertRaises(UserError):
                wizard.action_grant()


class TestWhoReadsIt(SubscriptionCase):
    """Who can raise a limit is told so, everybody else whom to contact."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        firm = cls._create_client("Firm", cls.env["res.partner"])
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.rita = cls._create_user("rita", "standard", cls.reef)
        cls.vera = cls._create_user("vera", "admin", cls.vendor)
        cls.rob = cls._create_user("rob", "accountant", firm)
        cls.clara = cls._create_user("clara", "base.group_portal", cls.coral)
        seller = "sales_team.group_sale_salesman_all_leads"
        cls.sally = cls._create_user("sally", seller, cls.vendor)
        cls._create_member(
            "Rob", cls.coral, cls.role_accountant, partner_id=cls.rob.partner_id.id
        )
        cls.term = cls._create_subscription(cls.coral, cls.plan)
        cls.users = cls._get_pool(cls.term, cls.base)
        cls.seats = cls._get_pool(cls.term, cls.expenses)
        cls.members = cls._create_members(cls.coral, 3)
        cls.managers = cls.nora | cls.rita | cls.vera
        cls.others = cls.rob | cls.clara | cls.sally | cls.env.ref("base.user_root")

    def _get_refusal(self, pool, user):
        """Return what ``user`` reads where 9 more seats of ``pool`` are refused."""
        return pool.with_user(user).sudo()._get_refusal(pool.used, 9)

    def test_a_refusal(self):
        for pool, remedy, others in [
            (self.seats, "too many. Raise the limit, or remove", "to raise the limit"),
            (
                self.users,
                "too many. Raise the limit, choose another plan, or remove",
                "for more users or another plan",
            ),
        ]:
            for user in self.managers:
                with self.subTest(user=user.login, pool=pool.module_id.name):
                    refusal = self._get_refusal(pool, user)
                    self.assertIn(remedy, refusal)
                    self.assertIn("No seat is taken by the roles", refusal)
                    self.assertNotIn("ontact", refusal)
            for user in self.others:
                with self.subTest(user=user.login, pool=pool.module_id.name):
                    refusal = self._get_refusal(pool, user)
                    contact = "Contact Reef (reef@partners.test)"
                    self.assertIn(f"{contact} {others}", refusal)

    def test_at_the_door(self):
        """Whoever asks reads its own refusal, also of what the program does for it."""
        for user, words in [(self.rita, "Raise the limit"), (self.clara, "Contact")]:
            pools = self.env["subscription.seat.pool"].with_user(user).sudo()
            with self.subTest(user=user.login), self.assertRaises(SeatRefusal) as door:
                pools._grant({pools.browse(self.seats.id): self.members})
            self.assertIn(words, str(door.exception))

    def test_its_own_company(self):
        """The contract of a partner itself is the business of who manages it."""
        own = self._create_subscription(self.reef, self.plan)
        pool = self._get_pool(own, self.expenses)
        self.assertIn("Contact North", self._get_refusal(pool, self.rita))
        self.assertIn("Raise the limit", self._get_refusal(pool, self.nora))

    def _check_reasons(self, pool, managers, others):
        """Check what those who manage the client of ``pool``, and others, read."""
        self.env.invalidate_all()
        for users, words in ((self.managers, managers), (self.others, others)):
            for user in users - self.clara - self.sally:
                reason = pool.with_user(user).state_reason
                with self.subTest(user=user.login, reason=reason):
                    self.assertIn(words, reason)
                    self.assertEqual("Reef" in reason, users == self.others)

    def test_the_state_of_a_pool(self):
        self.seats.seat_limit = 5
        for used, managers, others in [
            (4, "4 of 5 seats are in use. Raise the limit, or", "limit in time"),
            (5, "5 of 5 seats are in use. Raise the limit, or", "Free a seat, or"),
        ]:
            more = used - len(self.members)
            self._grant(self.seats, self.members)
            self.users.seat_limit = used
            self._grant(self.seats, self._create_members(self.coral, more))
            self.members = self.seats.seat_ids.member_id
            self._check_reasons(self.seats, managers, others)
        self.seats._apply_term_limits({self.seats: 2})
        self._check_reasons(
            self.seats,
            "3 more than contracted. Nobody loses access, but no seat can be added."
            " Raise the limit, or",
            "free seats, or contact Reef",
        )
        banner = self.term.with_user(self.rita).seat_reason
        self.assertIn("Expenses: 5 seats are in use, 3 more", banner)
        self.assertIn("Raise the limit, choose another plan", banner)
        self.assertNotIn("Reef", banner)
        self.assertIn("contact Reef", self.term.with_user(self.rob).seat_reason)

    def test_a_pool_that_gives_no_seats(self):
        self.seats.seat_limit = 0
        self._check_reasons(
            self.seats, "contracted yet. Enter how many", "contracted yet. Contact"
        )
        tomorrow = self.env.company._get_today() + relativedelta(days=1)
        for vals, words in [
            ({"date_start": tomorrow}, "Seats can be given from then on"),
            ({"date_start": "2020-01-01", "date": "2020-12-31"}, "Renew it to give"),
            ({"active": False}, "Unarchive it"),
        ]:
            self.term.write(vals)
            self._check_reasons(self.users, words, "Contact Reef")
        self.term.active = True
        self.term.close_subscription()
        self._check_reasons(self.users, "Start it to give", "is not running. Contact")

    def test_a_term_that_has_ended(self):
        """Only a renewal gives more seats where they take licences."""
        yesterday = self.env.company._get_today() - relativedelta(days=1)
        plan = create_yearly_plan(self.env, "Yearly", {self.expenses: 2})
        term = self._create_subscription(self.coral, plan, running=False)
        pool = self._get_pool(term, self.expenses)
        start = yesterday - relativedelta(years=1)
        term.write({"date_start": start, "date": yesterday})
        term.action_start_subscription()
        for user in self.managers:
            refusal = self._get_refusal(pool, user)
            self.assertIn("Renew the subscription to have more seats, or", refusal)
        self.assertIn("Contact Reef", self._get_refusal(pool, self.rob))
