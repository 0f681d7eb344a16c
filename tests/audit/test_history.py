from datetime import date

from psycopg2 import IntegrityError

from odoo.exceptions import UserError
from odoo.tests import freeze_time
from odoo.tools import SQL, mute_logger

from ..common.subscription import SubscriptionCase, create_company


class TestHistory(SubscriptionCase):
    """A seat is never deleted: it proves who used what, and when."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-01-01 09:00:00"):
            cls.subscription.date_start = "2026-01-01"
            cls.ann = cls._create_member("Ann")
            cls.bob = cls._create_member("Bob")

    def _give(self, moment, members, pool=None):
        with freeze_time(moment):
            return self._grant(pool or self.expenses_pool, members)

    def _free(self, moment, members, reason="access"):
        with freeze_time(moment):
            seats = members._get_seats_in_use()
            seats = seats.filtered(lambda seat: seat.pool_id == self.expenses_pool)
            return seats._release(reason)

    def _get_usage(self, day, pools):
        """Return the usage of ``pools`` at the end of ``day``, read afresh."""
        usage = self.env["subscription.seat.usage"].with_context(usage_date=day)
        usage.invalidate_model()
        return usage.search([("pool_id", "in", pools.ids)])

    # ------------------------------------------------------------------ past dates

    def test_the_seats_in_use_on_any_day(self):
        self._give("2026-02-01 10:00:00", self.ann)
        self._give("2026-02-03 10:00:00", self.bob)
        self._free("2026-02-05 10:00:00", self.ann)
        self._give("2026-02-07 10:00:00", self.ann)
        self._free("2026-02-07 12:00:00", self.bob)
        for day, holders in [
            ("2026-01-31", []),
            ("2026-02-01", [self.ann]),
            ("2026-02-02", [self.ann]),
            ("2026-02-03", [self.ann, self.bob]),
            ("2026-02-04", [self.ann, self.bob]),
            ("2026-02-05", [self.bob]),
            ("2026-02-06", [self.bob]),
            ("2026-02-07", [self.ann]),
            ("2030-01-01", [self.ann]),
        ]:
            with self.subTest(day=day):
                seats = self.expenses_pool.get_seats_in_use(day)
                self.assertEqual(set(seats.member_id), set(holders))
                seats = self.expenses_pool.get_seats_in_use(date.fromisoformat(day))
                self.assertEqual(len(seats), len(holders))
                usage = self._get_usage(day, self.expenses_pool)
                self.assertEqual(usage.used, len(holders))

    def test_the_past_of_several_pools(self):
        self._give("2026-02-01 10:00:00", self.ann)
        pools = self.subscription.seat_pool_ids
        past = self._get_usage("2026-02-01", pools)
        self.assertEqual(
            {row.module_id: row.used for row in past},
            {self.base: 2, self.expenses: 1},
        )
        self.assertEqual(set(past.mapped("state")), {False})
        self.assertEqual(len(pools.get_seats_in_use("2026-02-01")), 3)

    def test_a_day_ends_where_the_company_is(self):
        self._give("2026-02-01 12:30:00", self.ann)
        for timezone, first_day in [
            ("UTC", 1),
            ("America/New_York", 1),
            ("Pacific/Auckland", 2),
        ]:
            self.env.company.term_tz = timezone
            for day in (1, 2):
                with self.subTest(timezone=timezone, day=day):
                    expected = int(day >= first_day)
                    past = f"2026-02-0{day}"
                    seats = self.expenses_pool.get_seats_in_use(past)
                    self.assertEqual(len(seats), expected)
                    usage = self._get_usage(past, self.expenses_pool)
                    self.assertEqual(usage.used, expected)

    def test_midnight_belongs_to_the_next_day(self):
        """A seat given at midnight counts from that day on, one freed then did until
        the day before, in the numbers as in the list."""
        self.env.company.term_tz = "UTC"
        self._give("2026-02-02 00:00:00", self.ann)
        self._free("2026-02-04 00:00:00", self.ann)
        for day, used in (("01", 0), ("02", 1), ("03", 1), ("04", 0)):
            with self.subTest(day=day):
                past = f"2026-02-{day}"
                usage = self._get_usage(past, self.expenses_pool)
                self.assertEqual(usage.used, used)
                seats = self.expenses_pool.get_seats_in_use(past)
                self.assertEqual(len(seats), used)

    def test_days_on_which_the_clocks_change(self):
        self.env.company.term_tz = "Europe/Paris"
        for day, last_moment, next_moment in [
            ("2026-03-29", "2026-03-29 21:59:59", "2026-03-29 22:00:00"),
            ("2026-10-25", "2026-10-25 22:59:59", "2026-10-25 23:00:00"),
        ]:
            with self.subTest(day=day):
                self._give(last_moment, self.ann)
                self.assertEqual(len(self.expenses_pool.get_seats_in_use(day)), 1)
                self._free(last_moment, self.ann)
                self._give(next_moment, self.bob)
                self.assertFalse(self.expenses_pool.get_seats_in_use(day))
                self._free(next_moment, self.bob)

    def test_who_takes_no_place_is_not_in_the_past_either(self):
        rita = self._create_member("Rita", role=self.role_reports)
        self._give("2026-02-01 10:00:00", rita)
        self.assertFalse(self.expenses_pool.get_seats_in_use("2026-02-01"))

    def test_the_past_stays_with_its_client(self):
        self._give("2026-02-01 10:00:00", self.ann)
        (self.ann | self.bob)._release_seats("access")
        with self.assertRaises(UserError):
            self.subscription.partner_id = self.bolt
        contact = self._create_contact("Accounts", self.acme)
        self.subscription.partner_id = contact
        with self.assertRaises(UserError):
            contact.parent_id = self.bolt
        self.assertEqual(self._get_seats().client_id, self.acme)

    # ------------------------------------------------------------------ what stays

    def test_a_seat_given_again_is_another_seat(self):
        first = self._give("2026-02-01 10:00:00", self.ann)
        self._free("2026-02-05 10:00:00", self.ann)
        second = self._give("2026-02-07 10:00:00", self.ann)
        self.assertNotEqual(first, second)
        self.assertEqual(str(first.released_at), "2026-02-05 10:00:00")
        self.assertEqual(str(second.granted_at), "2026-02-07 10:00:00")

    def test_who_gave_and_freed_a_seat_is_noted(self):
        staff = self._create_user("sam", "standard", self.north)
        pool = self.expenses_pool.with_user(staff)
        seat = pool._grant({pool: self.ann.with_user(staff)})
        self.assertEqual(seat.granted_by_id, staff)
        seat.with_user(staff).action_release()
        self.assertEqual(seat.released_by_id, staff)

    def test_a_deleted_member_is_remembered_by_name(self):
        seat = self._give("2026-02-01 10:00:00", self.ann)
        with freeze_time("2026-02-05"):
            self.ann.unlink()
        self.assertRecordValues(
            seat,
            [{"holder_name": "Ann", "member_id": False, "release_reason": "deleted"}],
        )
        self.assertEqual(len(self.expenses_pool.get_seats_in_use("2026-02-04")), 1)
        self.assertFalse(self.expenses_pool.get_seats_in_use("2026-02-05"))
        self.assertEqual(seat.display_name, "Ann")

    def test_every_way_to_leave_is_told_apart(self):
        everybody = self.env.ref("base.group_portal")

        def deactivate_user(member):
            user = self._create_user(
                "ann", "base.group_portal", self.acme, partner_id=member.partner_id.id
            )
            self.assertEqual(user.group_ids, everybody)
            user.active = False

        def merge(member):
            other = self._create_member("Double", role=self.role_reports)
            member._merge_into(other)

        for reason, leave in {
            "access": lambda member: member._get_seats_in_use().action_release(),
            "member": lambda member: member.action_archive(),
            "deleted": lambda member: member.unlink(),
            "contact": lambda member: member.partner_id.action_archive(),
            "user": deactivate_user,
            "merge": merge,
            "role": lambda member: member.write({"role_id": self.role_reports.id}),
            "inactive": lambda member: member._leave("inactive"),
        }.items():
            with self.subTest(reason=reason), self.cr.savepoint() as savepoint:
                seats = self.ann._get_seats_in_use()
                seats |= self._grant(self.expenses_pool, self.ann)
                leave(self.ann)
                self.assertEqual(seats.mapped("release_reason"), [reason] * 2)
                self.assertTrue(all(seats.mapped("released_at")))
                self.assertFalse(self._get_seated(self.expenses_pool))
                savepoint.rollback()
                self.env.invalidate_all()

    def test_what_has_a_past_cannot_be_deleted(self):
        self._give("2026-02-01 10:00:00", self.ann)
        self._free("2026-02-05 10:00:00", self.ann)
        seats = self._get_seats()
        (self.ann | self.bob).unlink()
        for record in (
            seats,
            self.expenses_pool,
            self.subscription,
            self.expenses,
            self.acme,
        ):
            with self.subTest(record=record._name):
                with mute_logger("odoo.sql_db"), self.assertRaises(Exception) as caught:
                    record.unlink()
                self.assertIsInstance(caught.exception, (UserError, IntegrityError))
        self.assertEqual(self._get_seats(), seats)

    def test_what_was_never_used_can_be_deleted(self):
        client = create_company(self.env, "Never")
        subscription = self._create_subscription(client, self.plan)
        pools = subscription.seat_pool_ids
        subscription.unlink()
        self.assertFalse(pools.exists())

    # ------------------------------------------------------------------ database

    def test_the_database_refuses_impossible_seats(self):
        self._give("2026-02-01 10:00:00", self.ann)
        held, bob = self.expenses_pool.seat_ids, {"member_id": self.bob.id}
        for name, vals in {
            "two on one chair": bob,
            "one on two chairs": {"number": held.number + 1},
            "chair number zero": {**bob, "number": 0},
            "a chair for who takes none": {
                "member_id": self.bob.id,
                "takes_seat": False,
            },
            "no chair for who takes one": {"member_id": self.bob.id, "number": None},
            "nobody on a chair": {"member_id": None, "number": 9},
            "freed before given": {
                "member_id": self.bob.id,
                "released_at": "2026-01-31 10:00:00",
            },
            "no pool": {"member_id": self.bob.id, "pool_id": None, "number": 9},
        }.items():
            row = {
                "pool_id": self.expenses_pool.id,
                "member_id": self.ann.id,
                "number": held.number,
                "takes_seat": True,
                "granted_at": "2026-02-01 10:00:00",
                "released_at": None,
                **vals,
            }
            query = SQL(
                "INSERT INTO subscription_seat (%s) VALUES (%s)",
                SQL(", ").join(map(SQL.identifier, row)),
                SQL(", ").join(SQL("%s", value) for value in row.values()),
            )
            with self.subTest(name):
                with mute_logger("odoo.sql_db"), self.assertRaises(IntegrityError):
                    self.env.cr.execute(query)
