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

    def test_today_is_the_day_of_the_company(self):
        self.subscription.date_start = "2026-03-02"
        for zone, state in [("Pacific/Auckland", "ok"), ("UTC", "unavailable")]:
            self.env.company.term_tz = zone
            self.env.invalidate_all()
            with self.subTest(zone=zone), freeze_time("2026-03-01 12:00:00"):
                for tz in ("Pacific/Auckland", "UTC"):
                    usage = self.usage.with_context(tz=tz)
                    self.assertEqual(usage.state, state)

    def test_a_date_ends_where_the_company_is(self):
        users = [
            self._create_user(tz.lower(), "standard", self.north, tz=tz)
            for tz in ("UTC", "Pacific/Auckland")
        ]
        for zone, used in (("UTC", 1), ("Pacific/Auckland", 0)):
            self.env.company.term_tz = zone
            self.env.invalidate_all()
            for user in users:
                with self.subTest(zone=zone, user=user.login):
                    usage = self._at("2026-02-01").with_user(user)
                    self.assertEqual(usage.used, used)

    def test_a_date_ends_for_each_company_where_it_is(self):
        there = self.env["res.company"].create(
            {"name": "Vendor East", "term_tz": "Pacific/Auckland"}
        )
        with freeze_time("2026-01-01 09:00:00"):
            other = self._create_subscription(
                self.bolt, self.plan, company_id=there.id, date_start="2026-01-01"
            )
            pool = self._get_pool(other, self.expenses)
            eve = self._create_member("Eve", self.bolt)
        with freeze_time("2026-02-01 12:30:00"):
            pool._grant({pool: eve})
        pools = self.expenses_pool | pool
        for day in ("2026-02-01", "2026-02-02"):
            usages = self.env["subscription.seat.usage"].browse(pools.ids)
            used = usages.with_context(usage_date=day).mapped("used")
            found = pools.get_seats_in_use(day)
            with self.subTest(day=day):
                by_pool = found.grouped("pool_id")
                self.assertEqual(used, [len(by_pool.get(one, ())) for one in pools])
                self.assertEqual(eve in found.member_id, day == "2026-02-02")
                self.assertIn(self.ann, found.member_id)
