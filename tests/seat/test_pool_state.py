from datetime import timedelta

from psycopg2.errors import CheckViolation

from odoo import fields
from odoo.exceptions import UserError
from odoo.tests import freeze_time
from odoo.tools import SQL, mute_logger

from ...exceptions import SeatRefusal
from ..common.subscription import ADDON, SubscriptionCase, create_plan


class TestPoolState(SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base_pool.is_unlimited = True
        cls.members = cls._create_members(cls.acme, 10)
        cls.pool = cls.expenses_pool
        cls.pool.seat_limit = 10

    def _assert_state(self, state, pool=None, **values):
        pool = pool or self.pool
        self.env.flush_all()
        self.env.invalidate_all()
        usage = self.env["subscription.seat.usage"].browse(pool.id)
        expected = {"state": state, **values}
        for record in (pool, usage):
            self.assertEqual({name: record[name] for name in expected}, expected)

    def _seat_waiting(self):
        """Run the job that seats who waits for a term."""
        with self.enter_registry_test_mode():
            self.env.ref(f"{ADDON}.ir_cron_seat_waiting").method_direct_trigger()

    def _get_numbers(self):
        return sorted(self.pool.seat_ids.filtered("takes_seat").mapped("number"))

    def test_the_state_follows_the_seats_in_use(self):
        expected = {0: "ok", 7: "ok", 8: "warning", 9: "warning", 10: "full"}
        for used in range(11):
            if used:
                self._grant(self.pool, self.members[used - 1])
            if used in expected:
                with self.subTest(used=used):
                    self._assert_state(
                        expected[used],
                        used=used,
                        available=10 - used,
                        usage_rate=10 * used,
                        is_running=True,
                    )
        self.pool.seat_ids[:3]._release("access")
        self._assert_state("ok", used=7, available=3)

    def test_a_grant_moves_what_lies_above_the_limit(self):
        """However a seat came by such a number: free numbers are free seats."""
        self._grant(self.pool, self.members[:2])
        high = self.pool.seat_ids[0]
        self.env.cr.execute(
            "UPDATE subscription_seat SET number = 15 WHERE id = %s", [high.id]
        )
        self.env.invalidate_all()
        self._grant(self.pool, self.members[2])
        self.assertLessEqual(max(self._get_numbers()), 10)
        self.assertEqual(self.pool.used, 3)

    def test_the_thresholds_are_those_of_the_settings(self):
        self.env["res.config.settings"].create(
            {"seat_warning_rate": 50, "seat_full_rate": 90}
        )
        expected = {4: "ok", 5: "warning", 8: "warning", 9: "full", 10: "full"}
        for used, state in expected.items():
            self._grant(self.pool, self.members[:used])
            with self.subTest(used=used):
                self._assert_state(state, used=used)

    def test_thresholds_make_sense(self):
        for warning, full in [(0, 100), (90, 80), (80, 101), (-1, 50)]:
            with self.subTest(warning=warning, full=full):
                with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
                    self.env.company.write(
                        {"seat_warning_rate": warning, "seat_full_rate": full}
                    )

    def test_roles_that_take_no_seat_do_not_count(self):
        self.members.role_id = self.role_reports
        self._grant(self.pool, self.members)
        self._assert_state("ok", used=0, available=10)
        self.assertEqual(self.pool.seat_ids.member_id, self.members)

    def test_a_pool_without_seats_is_not_configured(self):
        self.pool.seat_limit = 0
        self._assert_state("unavailable", used=0, available=0)
        self.assertIn("No seats are contracted", self.pool.state_reason)
        self.assertIn("North", self.pool.state_reason)

    def test_a_limit_is_a_number_of_seats(self):
        for limit in (-1, 1_000_001, 2**31 - 1):
            with self.subTest(limit=limit):
                with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
                    self.pool.seat_limit = limit

    def test_a_pool_without_limit_is_never_full(self):
        self.pool.write({"is_unlimited": True, "seat_limit": 0})
        self._grant(self.pool, self.members)
        self._assert_state("ok", used=10, usage_rate=0)
        self.assertFalse(self.pool.state_reason)

    def test_a_limit_for_a_pool_that_had_none_counts_who_is_there(self):
        self.pool.write({"is_unlimited": True, "seat_limit": 0})
        self._grant(self.pool, self.members[:4])
        with self.assertRaises(UserError):
            self.pool.write({"is_unlimited": False, "seat_limit": 3})
        self.pool.write({"is_unlimited": False, "seat_limit": 4})
        self._assert_state("full", used=4)
        self.assertEqual(self._get_numbers(), [1, 2, 3, 4])

    def test_the_largest_limit_there_is(self):
        self.pool.seat_limit = 1_000_000
        self._grant(self.pool, self.members)
        self._assert_state("ok", used=10)

    # ------------------------------------------------------------------ limits

    def test_a_raised_limit_gives_room_at_once(self):
        self.pool.seat_limit = 2
        self._grant(self.pool, self.members[:2])
        with self.assertRaises(SeatRefusal):
            self._grant(self.pool, self.members[2])
        self.pool.seat_limit = 3
        self._grant(self.pool, self.members[2])
        self._assert_state("full", used=3)

    def test_who_left_waits_for_nothing_whatever_the_list_shows(self):
        """Screens that show archived records say so in the context."""
        self.members[:2].active = False
        self.base_pool.write({"is_unlimited": False, "seat_limit": 8})
        pool = self.base_pool.with_context(active_test=False)
        pool.seat_limit = 9
        self.subscription.close_subscription()
        pool.subscription_id.action_start_subscription()
        self.assertEqual(self._get_seated(self.base_pool), self.members[2:])

    def test_a_lowered_limit_moves_the_seats_below_it(self):
        self._grant(self.pool, self.members)
        for seat in self.pool.seat_ids.filtered(lambda seat: seat.number in (1, 3, 4)):
            seat._release("access")
        holders = self.pool.seat_ids.member_id
        self.pool.seat_limit = 7
        self.assertEqual(self._get_numbers(), list(range(1, 8)))
        self.assertEqual(self.pool.seat_ids.member_id, holders)
        with self.assertRaises(UserError) as caught:
            self.pool.seat_limit = 6
        self.assertIn("before 1 of them", str(caught.exception))
        self._assert_state("full", used=7)

    def test_a_term_with_fewer_seats_evicts_nobody(self):
        self._grant(self.pool, self.members[:6])
        holders = self.pool.seat_ids.member_id
        self.pool._apply_term_limits({self.pool: 4})
        self._assert_state("over", used=6, available=0, usage_rate=150)
        self.assertEqual(self.pool.seat_ids.member_id, holders)
        self.assertIn("2 more than contracted", self.pool.state_reason)
        with self.assertRaises(SeatRefusal):
            self._grant(self.pool, self.members[6])
        for used, state, numbers in [(5, "over", 4), (4, "full", 4), (3, "ok", 3)]:
            self.pool.seat_ids[0]._release("access")
            with self.subTest(used=used):
                self._assert_state(state, used=used)
                below = [number for number in self._get_numbers() if number <= 4]
                self.assertEqual(len(below), numbers)
        self._grant(self.pool, self.members[7])
        self._assert_state("full", used=4)
        self.assertEqual(self._get_numbers(), [1, 2, 3, 4])

    def test_a_term_with_no_seats_is_over_while_somebody_is_there(self):
        self._grant(self.pool, self.members[0])
        self.pool._apply_term_limits({self.pool: 0})
        self._assert_state("over", used=1)
        self.pool.seat_ids._release("access")
        self._assert_state("unavailable", used=0)

    def test_who_lost_access_does_not_get_it_back(self):
        self.base_pool.write({"is_unlimited": False, "seat_limit": 10})
        removed = self.members[:4]
        held = self.base_pool.seat_ids
        held.filtered(lambda seat: seat.member_id in removed)._release("access")
        for limit in (8, 6, 12):
            self.base_pool.seat_limit = limit
            self.assertEqual(self._get_seated(self.base_pool), self.members[4:])
        self.subscription.close_subscription()
        self.subscription.action_start_subscription()
        self._seat_waiting()
        self.assertEqual(self._get_seated(self.base_pool), self.members[4:])

    def test_who_waits_is_told_by_the_last_seat(self):
        """Whatever ended those before it."""
        self.base_pool.write({"is_unlimited": False, "seat_limit": 10})
        ways = ("access", "role"), ("role", "access")
        for member, reasons in zip(self.members[:2], ways, strict=True):
            for reason in reasons:
                self._grant(self.base_pool, member)
                member._get_seats_in_use()._release(reason)
        self.base_pool.seat_limit = 12
        waited, lost = self.members[:2]
        self.assertEqual(self._get_seated(self.base_pool), self.members - lost)
        self.assertIn(waited, self._get_seated(self.base_pool))

    # ------------------------------------------------------------------ terms

    @freeze_time("2026-03-15")
    def test_seats_are_given_within_the_term_only(self):
        today = fields.Date.today()
        day = timedelta(days=1)
        for start, end, is_running in [
            (today, False, True),
            (today - day, today, True),
            (today + day, False, False),
            (today - 9 * day, today - day, False),
        ]:
            with self.subTest(start=start, end=end):
                self.env.company.renewal_grace_days = 0
                self.subscription.write({"date_start": start, "date": end})
                state = "ok" if is_running else "unavailable"
                self._assert_state(state, is_running=is_running)
                if is_running:
                    self._grant(self.pool, self.members[0])
                    self.pool.seat_ids._release("access")
                else:
                    self.assertIn("not running", self.pool.state_reason)
                    with self.assertRaises(SeatRefusal):
                        self._grant(self.pool, self.members[0])

    def test_the_term_is_that_of_the_day_where_the_company_is(self):
        self.subscription.date_start = "2026-03-02"
        for timezone, state in [
            ("Pacific/Auckland", "ok"),
            ("UTC", "unavailable"),
            ("America/New_York", "unavailable"),
        ]:
            with self.subTest(timezone=timezone), freeze_time("2026-03-01 12:00:00"):
                self.env.company.term_tz = timezone
                pool = self.pool.with_context(tz="Pacific/Auckland")
                pool.invalidate_recordset()
                self.assertEqual(pool.state, state)

    def test_a_closed_or_archived_subscription_gives_no_seats(self):
        self._grant(self.pool, self.members[0])
        self.subscription.close_subscription()
        self._assert_state("unavailable", used=1)
        self.subscription.action_start_subscription()
        self._assert_state("ok", used=1)
        self.subscription.active = False
        self._assert_state("unavailable", used=1)

    def test_who_waits_is_seated_when_the_term_begins(self):
        plan = create_plan(self.env, "Two", {self.base: 2})
        with freeze_time("2026-03-01"):
            subscription = self._create_subscription(
                self.bolt, plan, date_start="2026-03-10", running=False
            )
            stage = self.env.ref("subscription_oca.subscription_stage_in_progress")
            subscription.stage_id = stage
            members = self._create_members(self.bolt, 3)
            self.assertFalse(members.pool_ids)
        pool = subscription.seat_pool_ids
        for day, used in [("2026-03-09", 0), ("2026-03-10", 2), ("2026-03-11", 2)]:
            with self.subTest(day=day), freeze_time(day):
                self._seat_waiting()
                pool.invalidate_recordset()
                self.assertEqual(pool.used, used)

    # ------------------------------------------------------------------ what shows it

    def test_the_subscription_shows_what_is_most_urgent(self):
        self.base_pool.write({"is_unlimited": False, "seat_limit": 11})
        self.assertEqual(self.subscription.seat_state, "warning")
        self.pool.seat_limit = 1
        self._grant(self.pool, self.members[0])
        self.assertEqual(self.subscription.seat_state, "full")
        self.assertIn("Expenses: 1 of 1", self.subscription.seat_reason)
        # What is full and what only runs low are two banners.
        self.assertNotIn("Users", self.subscription.seat_reason)
        self.assertIn("Users: 10 of 11", self.subscription.seat_warning)
        self.assertNotIn("Expenses", self.subscription.seat_warning)
        self.base_pool._apply_term_limits({self.base_pool: 5})
        self.assertEqual(self.subscription.seat_state, "over")
        self.assertEqual(self.subscription.seat_count, 11)

    def test_the_client_counts_all_its_seats(self):
        self._grant(self.pool, self.members[:3])
        self.assertEqual(self.acme.seat_used_count, 13)
        self.assertEqual(self.acme.seat_limit_count, 10)
        self.base_pool.write({"is_unlimited": False, "seat_limit": 12})
        self.assertEqual(self.acme.seat_limit_count, 22)

    def test_usage_is_searched_and_grouped(self):
        self._grant(self.pool, self.members[:8])
        usage = self.env["subscription.seat.usage"]
        of_acme = [("client_id", "=", self.acme.id)]
        warning = usage.search([*of_acme, ("state", "=", "warning")])
        self.assertEqual(warning.pool_id, self.pool)
        groups = usage._read_group(of_acme, ["module_id"], ["used:sum"])
        self.assertEqual(dict(groups), {self.base: 10, self.expenses: 8})
        busy = usage.search([*of_acme, ("usage_rate", ">=", 80)])
        self.assertEqual(busy.pool_id, self.pool)

    def test_the_usage_query_reads_what_is_asked_for(self):
        """Where the rows of a list are counted, PostgreSQL counts no seats."""
        seats, rest = {"subscription_seat"}, {"sale_subscription", "res_company"}
        for columns, tables in (
            (SQL("count(*)"), set()),
            (SQL("sum(used)"), seats),
            (SQL("min(state)"), seats | rest),
        ):
            plan = self._explain(columns)
            for table in seats | rest:
                self.assertEqual(f"on {table} " in plan, table in tables, plan)

    def _explain(self, columns):
        """Return how PostgreSQL gets ``columns`` of the usage."""
        usages = self.env["subscription.seat.usage"]
        query = SQL("EXPLAIN SELECT %s FROM %s usage", columns, usages._table_sql)
        return "\n".join(line for (line,) in self.env.execute_query(query))

    def test_what_the_query_leaves_empty_reads_as_nothing(self):
        self.pool.is_unlimited = True
        self._assert_state("ok", available=0, usage_rate=0)
        self.pool.write({"is_unlimited": False, "seat_limit": 0})
        self._assert_state("unavailable", available=0, usage_rate=0, is_running=True)
        self.subscription.date_start = self.env.company._get_today() + timedelta(days=3)
        self._assert_state("unavailable", is_running=False)
