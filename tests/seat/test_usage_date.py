from odoo.tests import freeze_time

from ..common.subscription import SubscriptionCase

PAST_DAYS = {"2026-01-31": 0, "2026-02-01": 1, "2026-02-02": 2, "2026-02-03": 1}


class TestUsageDate(SubscriptionCase):
    """Each date gets its own seats in use, whatever was read before in the same
    transaction."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with freeze_time("2026-01-01 09:00:00"):
            cls.subscription.date_start = "2026-01-01"
            cls.ann = cls._create_member("Ann")
            cls.bob = cls._create_member("Bob")
        for day, member in (("2026-02-01", cls.ann), ("2026-02-02", cls.bob)):
            with freeze_time(f"{day} 12:30:00"):
                cls.expenses_pool._grant({cls.expenses_pool: member})
        with freeze_time("2026-02-03 12:30:00"):
            seats = cls.expenses_pool.seat_ids
            seats.filtered(lambda seat: seat.member_id == cls.ann)._release("access")
        cls.usage = cls.env["subscription.seat.usage"].browse(cls.expenses_pool.id)

    def _at(self, day, **context):
        return self.usage.with_context(usage_date=day, **context)

    def test_each_date_has_its_own_seats(self):
        for day, used in [*PAST_DAYS.items(), *reversed(PAST_DAYS.items())]:
            with self.subTest(day=day):
                self.assertEqual(self._at(day).used, used)

    def test_a_date_found_by_search_has_its_own_seats(self):
        for day, used in PAST_DAYS.items():
            with self.subTest(day=day):
                domain = [("pool_id", "=", self.expenses_pool.id), ("used", "=", used)]
                found = self._at(day).search(domain)
                self.assertEqual(found, self.usage)
                self.assertEqual(found.used, used)
                self.assertEqual(found.read(["used"])[0]["used"], used)

    def test_now_and_a_past_date_do_not_mix(self):
        for _round in range(2):
            self.assertEqual(self.usage.state, "ok")
            self.assertEqual(self.usage.seat_limit, 2)
            self.assertEqual(self.usage.available, 1)
            self.assertEqual(self.usage.usage_rate, 50)
            past = self._at("2026-02-02")
            self.assertEqual(past.used, 2)
            for name in ("state", "seat_limit", "available", "usage_rate"):
                self.assertFalse(past[name], name)
            self.assertEqual(self.usage.used, 1)

    def test_groups_of_each_date_have_their_own_seats(self):
        domain = [("client_id", "=", self.acme.id)]
        for day, used in PAST_DAYS.items():
            with self.subTest(day=day):
                groups = self._at(day)._read_group(domain, ["module_id"], ["used:sum"])
                self.assertEqual(dict(groups), {self.base: 2, self.expenses: used})
                groups = self._at(day)._read_group(
                    domain, ["module_id"], ["id:recordset"]
                )
                self.assertEqual(dict(groups)[self.expenses].used, used)

    def test_pools_know_no_date_but_today(self):
        pool = self.expenses_pool
        self.assertEqual(self._at("2026-02-02").used, 2)
        for day in (False, *PAST_DAYS):
            with self.subTest(day=day):
                pool.invalidate_recordset()
                self.assertEqual(pool.with_context(usage_date=day).used, 1)
                self.assertEqual(pool.with_context(usage_date=day).state, "ok")

    def test_today_is_the_day_where_each_user_is(self):
        self.subscription.date_start = "2026-03-02"
        for timezone, state in [("Pacific/Auckland", "ok"), ("UTC", "unavailable")]:
            with self.subTest(timezone=timezone), freeze_time("2026-03-01 12:00:00"):
                self.assertEqual(self.usage.with_context(tz=timezone).state, state)

    def test_a_date_ends_where_each_user_is(self):
        users = {}
        for timezone, used in (("UTC", 1), ("Pacific/Auckland", 0)):
            login = timezone.lower()
            users[self._create_user(login, "standard", self.north, tz=timezone)] = used
        for user, used in users.items():
            with self.subTest(user=user.login):
                self.assertEqual(self._at("2026-02-01").with_user(user).used, used)
