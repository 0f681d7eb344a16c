import math
from datetime import date, timedelta
from fractions import Fraction

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import BaseCase, Form, freeze_time, tagged

from ...exceptions import LicenceRefusal
from ...terms import count_licences, count_years, get_anniversary, get_term_end
from ..common.licence import LicenceCase
from ..common.subscription import ADDON, create_plan

# When the term begins and ends, when how many seats are added, and what that takes.
RAISES = """
2026-01-01 2026-12-31  2026-01-01    1     1
2026-01-01 2026-12-31  2026-01-01    7     7
2026-01-01 2026-12-31  2026-01-02    1     1
2026-01-01 2026-12-31  2026-01-02  100    99.73
2026-01-01 2026-12-31  2026-01-05    1     0.99
2026-01-01 2026-12-31  2026-02-28    1     0.85
2026-01-01 2026-12-31  2026-07-02    1     0.51
2026-01-01 2026-12-31  2026-07-02    2     1.01
2026-01-01 2026-12-31  2026-12-27    1     0.02
2026-01-01 2026-12-31  2026-12-30    1     0.01
2026-01-01 2026-12-31  2026-12-31    1     0.01
2026-01-01 2026-12-31  2026-12-31    3     0.01
2026-01-01 2026-12-31  2026-12-31    4     0.02
2026-01-01 2026-12-31  2026-12-31  365     1
2026-01-01 2026-12-31  2026-12-31 1000     2.74
2024-01-01 2024-12-31  2024-02-29    1     0.84
2024-01-01 2024-12-31  2024-07-02    1     0.51
2024-01-01 2024-12-31  2024-12-31  365     1
2024-02-29 2025-02-28  2024-02-29    1     1
2024-02-29 2025-02-28  2025-02-28    1     0.01
2024-02-29 2025-02-28  2025-02-28  365     1
2026-01-31 2027-01-30  2026-12-31    1     0.09
2026-03-15 2029-03-14  2027-09-15    1     1.5
2026-03-15 2029-03-14  2028-03-15    3     3
2026-03-15 2029-03-14  2028-03-16    1     1
2023-03-01 2028-02-29  2027-03-01    2     2
2023-03-01 2028-02-29  2028-02-29    1     0.01
2026-03-01 2026-03-31  2026-03-01    1     0.09
2026-02-01 2026-02-28  2026-02-28   10     0.03
"""


class TestLicenceCount(BaseCase):
    """Licences are licence-years, rounded up to a hundredth, and to no more."""

    def test_licences_are_rounded_up_exactly(self):
        for days in range(1, 367):
            for length in (365, 366):
                for seats in (1, 2, 3, 7, 10, 99, 100, 365, 999, 1000000):
                    exact = Fraction(seats * days * 100, length)
                    expected = Fraction(math.ceil(exact), 100)
                    self.assertAlmostEqual(
                        count_licences(seats, days / length),
                        float(expected),
                        places=4,
                        msg=f"{seats} seats for {days} of {length} days",
                    )

    def test_whole_years_are_not_rounded(self):
        for seats in (0, 1, 3, 1000000):
            for years in (1, 2, 3, 49, 50):
                self.assertEqual(count_licences(seats, years), seats * years)

    def test_terms_of_years_count_exactly(self):
        for start in (date(2023, 1, 1) + timedelta(days=n) for n in range(365 * 5)):
            for years in (1, 2, 3, 4, 50):
                end = get_term_end(start, years)
                self.assertEqual(count_years(start, end), years, start)
                self.assertEqual(get_anniversary(start, years) - end, timedelta(days=1))

    def test_each_day_more_counts_more(self):
        for start in (
            date(2024, 1, 1),
            date(2024, 2, 28),
            date(2024, 2, 29),
            date(2024, 3, 1),
            date(2025, 1, 31),
            date(2025, 12, 31),
        ):
            counts = [
                count_years(start, start + timedelta(days=n)) for n in range(-3, 1500)
            ]
            self.assertEqual(counts[:3], [0, 0, 0])
            for one, other in zip(counts[2:], counts[3:], strict=False):
                self.assertLess(one, other)
                self.assertAlmostEqual(other - one, 1 / 365.5, places=4)


@tagged("post_install", "-at_install")
class TestLicenceTable(LicenceCase):
    def test_seats_of_a_running_term_take_licences_until_its_end(self):
        self.north.licence_billing = "on_account"
        plan = create_plan(
            self.env,
            "Table",
            {self.base: 10, self.expenses: 0},
            recurring_rule_type="years",
            recurring_rule_boundary="limited",
        )
        for line in RAISES.strip().splitlines():
            start, end, day, seats, licences = line.split()
            with self.subTest(line=line):
                with freeze_time(start):
                    term = self._create_subscription(
                        self.acme, plan, date_start=start, date=end
                    )
                since = self.moves.search([])
                pool = self._get_pool(term, self.expenses)
                with freeze_time(day):
                    pool.seat_limit = int(seats)
                moves = self.moves.search([]) - since
                raised = moves.filtered(lambda move: move.kind == "raise")
                self.assertEqual(len(raised), 1)
                self.assertEqual(raised.quantity, -float(licences))
                self.assertEqual(raised.subscription_id, term)
        self._check_adds_up()


@freeze_time("2026-03-15")
@tagged("post_install", "-at_install")
class TestLicenceRaise(LicenceCase):
    """Acme's year is 2026, with five seats of Expenses; North has 15.99 licences left.

    Until the end of the year a seat takes 292 / 365 = 0.8 licences.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_staff()
        with freeze_time("2026-01-01"):
            cls.term = cls._create_subscription(
                cls.acme, cls.yearly, date_start="2026-01-01"
            )
        cls.pool = cls._get_pool(cls.term, cls.expenses)
        cls.base_pool = cls._get_pool(cls.term, cls.base)
        cls.large = create_plan(
            cls.env,
            "Large",
            {cls.base: 10, cls.expenses: 8},
            recurring_rule_type="years",
            recurring_rule_boundary="limited",
        )
        cls.forever = create_plan(cls.env, "Forever", {cls.base: 10, cls.expenses: 8})
        cls.north_env = cls.env(user=cls.staff["north"])

    def _as_north(self, record):
        return record.with_env(self.north_env)

    def _check_takes(self, licences, act, partner=None, msg=None):
        """Check what ``act`` takes from the stock of North."""
        partner = partner or self.north
        before = self._get_balance(partner)
        act()
        self._check_adds_up()
        taken = before - self._get_balance(partner)
        self.assertAlmostEqual(taken, licences, places=2, msg=msg)

    def _check_refused(self, act, *words, error=LicenceRefusal):
        """Check that ``act`` is refused with ``words``, and changes nothing."""
        before = self._get_ledger()
        pools = self.env["subscription.seat.pool"].search([])
        names = ["seat_limit", "is_unlimited", "licensed_seats", "module_id"]
        seats = pools.read(names)
        with self.assertRaises(error) as refusal:
            act()
        for word in words:
            self.assertIn(word, str(refusal.exception))
        self.env.invalidate_all()
        self.assertEqual(self._get_ledger(), before)
        self.assertEqual(pools.read(names), seats)

    def _empty(self, left=0.0, module=None):
        """Leave North no more than ``left``."""
        balance = self._get_balance(self.north, module)
        if balance > left:
            self._take_back(self.north, balance - left, module)

    # ------------------------------------------------------------------ the start

    def test_the_start_of_a_term_takes_its_licences(self):
        self.assertEqual(
            self._get_entries(), [("given", "North", 20.0), ("raise", "North", -5.0)]
        )
        self.assertEqual(self.pool.licensed_seats, 5)

    def test_a_draft_takes_nothing(self):
        draft = self._create_subscription(self.acme, self.yearly, running=False)
        pool = self._get_pool(draft, self.expenses)

        def change():
            pool.seat_limit = 500
            pool.seat_limit = 3

        self._check_takes(0, change)
        self._check_takes(3, draft.action_start_subscription)

    def test_a_start_in_the_future_takes_the_whole_term(self):
        self._check_takes(
            5,
            lambda: self._create_subscription(
                self.acme, self.yearly, date_start="2026-09-01"
            ),
        )

    def test_a_late_start_takes_what_is_left(self):
        # 1 January to 31 December: 292 days are left.
        self._check_takes(
            4,
            lambda: self._create_subscription(
                self.acme, self.yearly, date_start="2026-01-01"
            ),
        )

    def test_every_way_to_start_takes_licences(self):
        stage = self.env.ref("subscription_oca.subscription_stage_in_progress")
        vals = {
            "partner_id": self.acme.id,
            "template_id": self.yearly.id,
            "pricelist_id": self.term.pricelist_id.id,
            "date_start": "2026-03-15",
        }
        subscriptions = self.env["sale.subscription"].with_env(self.north_env)

        def draft():
            return self._as_north(
                self._create_subscription(
                    self.acme, self.yearly, running=False, date_start="2026-03-15"
                )
            )

        def restore():
            with self.env.cr.savepoint():
                record = draft()
                record.active = False
                record.write({"in_progress": True})
                self.assertEqual(record.seat_pool_ids.mapped("licensed_seats"), [0, 0])
                record.active = True

        starts = {
            "button": lambda: draft().action_start_subscription(),
            "stage": lambda: draft().write({"stage_id": stage.id}),
            "in_progress": lambda: draft().write({"in_progress": True}),
            "restored": restore,
            "created": lambda: subscriptions.create(
                {**vals, "stage_id": stage.id, "in_progress": True}
            ),
            "imported": lambda: self._load(draft(), "stage_id/.id", stage.id),
            "imported in_progress": lambda: self._load(draft(), "in_progress", "True"),
        }
        for label, start in starts.items():
            with self.subTest(start=label), self.env.cr.savepoint() as savepoint:
                self._check_takes(5, start, msg=label)
                self._empty(1)
                self._check_refused(
                    start, "North, licences of Expenses: 1 in", "4 missing"
                )
                savepoint.rollback()
                self.env.invalidate_all()

    def _load(self, record, name, value):
        """Import a value, as :meth:`load` of a file does; raise what it reports."""
        result = record.browse().load([".id", name], [[str(record.id), str(value)]])
        if result["messages"]:
            raise LicenceRefusal(result["messages"][0]["message"])

    # ------------------------------------------------------------------ raises

    def test_every_way_to_raise_takes_licences(self):
        pool, term = self._as_north(self.pool), self._as_north(self.term)
        pools = pool.browse()
        new = {"module_id": self.time.id, "seat_limit": 3}
        self.env.flush_all()

        def fill_in():
            with Form(pool) as form:
                form.seat_limit = 8

        raises = {
            "written": lambda: pool.write({"seat_limit": 8}),
            "form": fill_in,
            "web_save": lambda: pool.web_save({"seat_limit": 8}, {}),
            "contract": lambda: term.write(
                {"seat_pool_ids": [Command.update(pool.id, {"seat_limit": 8})]}
            ),
            "imported": lambda: self._load(pool, "seat_limit", 8),
            "imported contract": lambda: self._load_contract(term, pool, 8),
            "plan": lambda: term.write({"template_id": self.large.id}),
            "plan by the vendor": lambda: self.term.write(
                {"template_id": self.large.id}
            ),
            "no longer unlimited": self._limit_again,
            "other pools as well": lambda: (
                pool | self._as_north(self.base_pool)
            ).write({"seat_limit": 8}),
        }
        for label, act in raises.items():
            with self.subTest(door=label), self.env.cr.savepoint() as savepoint:
                self._check_takes(2.4, act)
                self.assertEqual(self.pool.licensed_seats, 8)
                savepoint.rollback()
            self.env.invalidate_all()
            with self.subTest(door=label), self.env.cr.savepoint() as savepoint:
                self._empty(2.39)
                self._check_refused(
                    act, "North, licences of Expenses: 2.39", "0.01 missing"
                )
                savepoint.rollback()
            self.env.invalidate_all()
        opened = {
            "opened": lambda: pools.create({**new, "subscription_id": term.id}),
            "opened on the contract": lambda: term.write(
                {"seat_pool_ids": [Command.create(new)]}
            ),
        }
        for label, act in opened.items():
            with self.subTest(door=label), self.env.cr.savepoint() as savepoint:
                self._check_refused(act, "North, licences of Time: 0")
                self._give(self.north, 2.4, self.time)
                act()
                self.assertEqual(self._get_balance(self.north, self.time), 0)
                savepoint.rollback()
            self.env.invalidate_all()

    def _load_contract(self, term, pool, limit):
        result = term.browse().load(
            [".id", "seat_pool_ids/.id", "seat_pool_ids/seat_limit"],
            [[str(term.id), str(pool.id), str(limit)]],
        )
        if result["messages"]:
            raise LicenceRefusal(result["messages"][0]["message"])

    def _limit_again(self):
        self.pool.is_unlimited = True
        self._as_north(self.pool).write({"is_unlimited": False, "seat_limit": 8})

    def test_lowering_and_raising_again_takes_nothing_twice(self):
        self._check_takes(2.4, lambda: self.pool.write({"seat_limit": 8}))

        def back_and_forth():
            for limit in (0, 8, 3, 7, 8):
                self.pool.seat_limit = limit

        self._check_takes(0, back_and_forth)
        with freeze_time("2026-07-02"):
            self._check_takes(0, back_and_forth)
            self._check_takes(0.51, lambda: self.pool.write({"seat_limit": 9}))

    def test_starting_closing_and_opening_again_takes_nothing_twice(self):
        reason = self.env["sale.subscription.close.reason"].search([], limit=1)

        def close_and_open():
            self.term.close_subscription(reason.id)
            self.term.action_start_subscription()

        for day in ("2026-03-15", "2026-11-01"):
            with freeze_time(day), self.subTest(day=day):
                self._check_takes(0, close_and_open)
        self.assertEqual(str(self.term.date), "2026-12-31")

    def test_seats_added_while_closed_are_taken_when_opened(self):
        self.term.close_subscription()
        self._check_takes(0, lambda: self.pool.write({"seat_limit": 8}))
        self._check_takes(2.4, self.term.action_start_subscription)

    def test_a_module_that_leaves_the_plan_and_comes_back_is_not_paid_twice(self):
        bare = create_plan(
            self.env,
            "Bare",
            {self.base: 10},
            recurring_rule_type="years",
            recurring_rule_boundary="limited",
        )

        def leave_and_return():
            for plan in (bare, self.yearly):
                self._as_north(self.term).template_id = plan

        self._check_takes(0, leave_and_return)
        self.assertEqual(self.pool.exists().seat_limit, 5)

    def test_several_shortfalls_are_told_at_once(self):
        travel = self.time.copy({"name": "Travel", "code": "travel"})
        vals = [
            {"subscription_id": self.term.id, "module_id": module.id, "seat_limit": 2}
            for module in (self.time, travel)
        ]
        pools = self._as_north(self.pool).browse()
        self._check_refused(
            lambda: pools.create(vals),
            "North, licences of Time: 0",
            "licences of Travel",
        )
        self._empty(1)
        other = self._create_subscription(self.acme, self.yearly, running=False)
        with self.assertRaises(LicenceRefusal) as refusal:
            (self.term | other).write(
                {"in_progress": True, "template_id": self.large.id}
            )
        # One line for the stock that both of them need.
        self.assertEqual(len(str(refusal.exception).splitlines()), 1)

    def test_two_contracts_that_share_a_stock_are_added_up(self):
        coral_terms = [
            self._create_subscription(
                self.acme, self.yearly, running=False, date_start="2026-03-15"
            )
            for _ in range(2)
        ]
        terms = self.term.browse().union(*coral_terms)
        self._empty(9)
        self._check_refused(
            lambda: terms.write({"in_progress": True}), "10 needed", "1 missing"
        )
        self._give(self.north, 1)
        terms.write({"in_progress": True})
        self.assertEqual(self._get_balance(self.north), 0)

    def test_a_reseller_pays_from_its_own_stock(self):
        with self.assertRaises(LicenceRefusal) as refusal:
            self._create_subscription(self.coral, self.yearly, date_start="2026-03-15")
        self.assertIn("Reef, licences", str(refusal.exception))
        self.assertIn("Contact North", str(refusal.exception))
        self._give(self.reef, 5)
        self._create_subscription(self.coral, self.yearly, date_start="2026-03-15")
        self.assertEqual(self._get_balance(self.reef), 0)
        self.assertEqual(self._get_balance(self.north), 10)

    # ------------------------------------------------------------------ no licences

    def test_what_takes_no_licences(self):
        free = self.time
        free.is_licensed = False
        pool = self.pool.create(
            {"subscription_id": self.term.id, "module_id": free.id, "seat_limit": 50}
        )
        before = self._get_ledger()
        pool.seat_limit = 60
        self.base_pool.seat_limit = 90
        forever = self._create_subscription(self.acme, self.forever)
        self._get_pool(forever, self.expenses).seat_limit = 500
        own = self._create_subscription(self.dune, self.yearly)
        self._get_pool(own, self.expenses).seat_limit = 500
        self.pool.seat_limit = 1
        self.assertEqual(self._get_ledger(), before)

    def test_seats_without_limit_are_the_vendors(self):
        pool = self._as_north(self.pool)
        unlimited = {"is_unlimited": True}
        draft = self._create_subscription(self.acme, self.yearly, running=False)
        new = {"module_id": self.time.id, "is_unlimited": True}
        for label, act in {
            "written": lambda: pool.write(unlimited),
            "with seats": lambda: pool.write({**unlimited, "seat_limit": 3}),
            "draft": lambda: self._as_north(draft).seat_pool_ids.write(unlimited),
            "opened": lambda: pool.create({**new, "subscription_id": self.term.id}),
            "contract": lambda: self._as_north(self.term).write(
                {"seat_pool_ids": [Command.update(pool.id, unlimited)]}
            ),
            "new contract": lambda: (
                self._as_north(self.term)
                .browse()
                .create(
                    {
                        "partner_id": self.acme.id,
                        "template_id": self.yearly.id,
                        "pricelist_id": self.term.pricelist_id.id,
                        "seat_pool_ids": [Command.create(new)],
                    }
                )
            ),
            "default": lambda: pool.with_context(default_is_unlimited=True).create(
                {"subscription_id": self.term.id, "module_id": self.time.id}
            ),
        }.items():
            with self.subTest(door=label):
                self._check_refused(act, "without limit", error=UserError)
        self._check_takes(0, lambda: self.pool.write(unlimited))
        # Who may not give them may take them back.
        self._check_takes(
            0, lambda: pool.write({"is_unlimited": False, "seat_limit": 5})
        )

    def test_a_pool_does_not_change_its_module_for_another(self):
        pool = self._as_north(self.pool)
        self._check_refused(
            lambda: pool.write({"module_id": self.time.id}),
            "licences were taken",
            error=UserError,
        )
        other = self._create_subscription(
            self.acme, self.forever, running=False, date_start="2026-03-15"
        )
        self._check_refused(
            lambda: pool.write({"subscription_id": other.id}),
            "licences were taken",
            error=UserError,
        )

    def test_seats_of_a_free_module_do_not_become_seats_of_another(self):
        free = self.time.copy({"name": "Free", "code": "free", "is_licensed": False})
        pool = self.pool.create(
            {"subscription_id": self.term.id, "module_id": free.id, "seat_limit": 3}
        )
        act = self._as_north(pool).write
        self._check_refused(
            lambda: act({"module_id": self.time.id}), "North, licences of Time: 0"
        )
        self._give(self.north, 2.4, self.time)
        act({"module_id": self.time.id})
        self.env.flush_all()
        self.assertEqual(self._get_balance(self.north, self.time), 0)
        pool = self.pool.create(
            {
                "subscription_id": self.term.id,
                "module_id": free.id,
                "is_unlimited": True,
            }
        )
        travel = self.time.copy({"name": "Travel", "code": "travel"})
        self._check_refused(
            lambda: self._as_north(pool).write({"module_id": travel.id}),
            "without limit",
            error=UserError,
        )

    def test_on_account_nothing_is_missing(self):
        self.north.licence_billing = "on_account"
        since = self.moves.search([])
        self.pool.seat_limit = 50
        self.assertEqual(
            self._get_entries(since),
            [("on_account", "North", 21.0), ("raise", "North", -36.0)],
        )
        self.assertEqual(self._get_balance(self.north), 0)

    # ------------------------------------------------------------------ ended

    def test_ended_terms_get_no_more_seats(self):
        for day in ("2027-01-01", "2027-01-30", "2027-06-01"):
            with freeze_time(day), self.subTest(day=day):
                for act in (
                    lambda: self._as_north(self.pool).write({"seat_limit": 6}),
                    lambda: self.pool.write({"seat_limit": 6}),
                    lambda: self.pool.create(
                        {
                            "subscription_id": self.term.id,
                            "module_id": self.time.id,
                            "seat_limit": 1,
                        }
                    ),
                    lambda: self._as_north(self.term).write(
                        {"template_id": self.large.id}
                    ),
                ):
                    self._check_refused(act, "the term has ended", error=UserError)
                # Fewer seats, and as many as before, are no question of licences.
                self._check_takes(0, lambda: self.pool.write({"seat_limit": 4}))
                self._check_takes(0, lambda: self.pool.write({"seat_limit": 5}))

    def test_the_last_day_is_a_day_of_the_term(self):
        with freeze_time("2026-12-31"):
            self._check_takes(0.01, lambda: self.pool.write({"seat_limit": 6}))

    def test_the_grace_period_fills_seats_and_adds_none(self):
        members = self._create_members(self.acme, 2)
        with freeze_time("2027-01-30"):
            self._grant(self.pool, members)
            self.assertEqual(self.pool.used, 2)
            self._check_refused(
                lambda: self.pool.write({"seat_limit": 6}),
                "the term has ended",
                error=UserError,
            )

    def test_no_term_is_had_for_nothing_by_dates_that_are_over(self):
        """Seats can be given in the grace period, so who started a term that is over
        would have them for nothing."""

        def start_over():
            record = self._as_north(self.term).create(
                {
                    "partner_id": self.acme.id,
                    "template_id": self.yearly.id,
                    "pricelist_id": self.term.pricelist_id.id,
                    "date_start": "2025-03-14",
                    "date": "2026-03-14",
                }
            )
            record.action_start_subscription()

        self._check_refused(start_over, "has ended already", error=UserError)

    # ------------------------------------------------------------------ dates

    def test_staff_does_not_move_the_dates_of_a_paid_term(self):
        term = self._as_north(self.term)
        for vals in (
            {"date": "2027-12-31"},
            {"date": "2026-12-30"},
            {"date": False},
            {"date_start": "2026-06-01"},
            {"date_start": "2026-06-01", "date": "2027-05-31"},
            {"template_id": self.forever.id},
        ):
            with self.subTest(vals=vals):
                self._check_refused(
                    lambda vals=vals: term.write(vals),
                    "only the vendor changes its dates",
                    error=UserError,
                )
                self.assertEqual(str(self.term.date), "2026-12-31")
        result = term.browse().load([".id", "date"], [[str(term.id), "2027-12-31"]])
        self.assertIn("only the vendor", str(result["messages"]))
        term.write({"date": "2026-12-31", "date_start": "2026-01-01"})
        self.term.close_subscription()
        self._check_refused(
            lambda: term.write({"date": "2027-12-31"}),
            "only the vendor",
            error=UserError,
        )

    def test_fields_that_only_the_program_sets(self):
        pool, term = self._as_north(self.pool), self._as_north(self.term)
        new = {"module_id": self.time.id, "seat_limit": 3, "licensed_seats": 3}
        for label, act in {
            "licensed seats": lambda: pool.write({"licensed_seats": 99}),
            "with seats": lambda: pool.write({"licensed_seats": 99, "seat_limit": 99}),
            "opened": lambda: pool.create({**new, "subscription_id": term.id}),
            "contract": lambda: term.write({"seat_pool_ids": [Command.create(new)]}),
            "by the vendor": lambda: self.pool.write({"licensed_seats": 99}),
            "first day": lambda: term.write({"term_start": "2026-12-01"}),
            "years": lambda: term.write({"term_years": 0.01}),
            "partner": lambda: term.write({"managing_partner_id": self.reef.id}),
            "of the pool": lambda: pool.write({"managing_partner_id": self.reef.id}),
        }.items():
            with self.subTest(forged=label):
                self._check_refused(act, error=UserError)
        self._check_refused(
            lambda: pool.with_context(default_licensed_seats=99).create(
                {
                    "subscription_id": term.id,
                    "module_id": self.time.id,
                    "seat_limit": 3,
                }
            ),
            "North, licences of Time: 0",
        )

    def test_the_boundary_that_upstream_computes_decides_nothing(self):
        vals = {
            "partner_id": self.acme.id,
            "template_id": self.yearly.id,
            "pricelist_id": self.term.pricelist_id.id,
            "date_start": "2026-03-15",
        }
        subscriptions = self._as_north(self.term).browse()
        for boundary in (True, False):
            for context in ({}, {"default_recurring_rule_boundary": boundary}):
                given = {} if context else {"recurring_rule_boundary": boundary}

                # pylint: disable-next=dangerous-default-value
                def start(given=given, context=context):
                    record = subscriptions.with_context(**context).create(
                        {**vals, **given}
                    )
                    self.assertEqual(str(record.date), "2027-03-14")
                    record.action_start_subscription()

                with (
                    self.subTest(boundary=boundary, context=context),
                    self.env.cr.savepoint() as savepoint,
                ):
                    self._check_takes(5, start)
                    savepoint.rollback()
                self.env.invalidate_all()
        term = self._as_north(self.term)
        try:
            with self.env.cr.savepoint():
                term.write({"recurring_rule_boundary": True})
        except UserError:
            self.env.invalidate_all()
        self._check_takes(2.4, lambda: term.seat_pool_ids[1].write({"seat_limit": 8}))

    # ------------------------------------------------------------------ others

    def test_who_pays_a_raise_is_who_manages_the_client_now(self):
        self._give(self.south, 1)
        self.acme.managing_partner_id = self.south
        self._check_takes(
            0.8, lambda: self.pool.write({"seat_limit": 6}), partner=self.south
        )

    def test_an_entry_names_the_contract_and_who_raised_it(self):
        since = self.moves.search([])
        self._as_north(self.pool).seat_limit = 6
        move = self.moves.search([]) - since
        self.assertEqual(move.subscription_id, self.term)
        self.assertEqual(move.client_id, self.acme)
        self.assertEqual(move.user_id, self.staff["north"])
        self.assertEqual(move.kind, "raise")

    def test_a_term_that_was_renewed_takes_for_the_current_one_alone(self):
        request = self.term._prepare_term_request()
        self._check_takes(
            5, lambda: self.env["subscription.renewal"]._schedule({self.term: request})
        )
        self._check_takes(2.4, lambda: self.pool.write({"seat_limit": 8}))
        cron = self.env.ref(f"{ADDON}.ir_cron_renewal_apply")
        with freeze_time("2027-01-01"):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual((self.pool.seat_limit, self.pool.licensed_seats), (5, 5))
            self._check_takes(1, lambda: self.pool.write({"seat_limit": 6}))

    def test_a_database_full_of_terms_asks_little(self):
        terms = self.term.browse()
        self._give(self.north, 500)
        for _ in range(6):
            terms |= self._create_subscription(
                self.acme, self.yearly, running=False, date_start="2026-03-15"
            )
        pools = terms.seat_pool_ids
        counts = []
        for batch in (pools[:2], pools[2:]):
            batch.subscription_id._set({"in_progress": True})
            self.env.flush_all()
            self.env.invalidate_all()
            queries = self.cr.sql_log_count
            batch._take_licences()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - queries)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_the_dialog_of_a_module_says_what_saving_takes(self):
        pool = self._as_north(self.pool)
        with freeze_time("2026-07-01"), Form(pool) as form:
            self.assertFalse(form.licence_text)
            form.seat_limit = 7
            self.assertIn("Takes 1.01 licences of Expenses", form.licence_text)
            self.assertIn("North has 15 in stock", form.licence_text)
            self.north.licence_billing = "on_account"
            form.seat_limit = 8
            self.assertIn("on account of North", form.licence_text)
        self.assertFalse(pool.licence_text)
