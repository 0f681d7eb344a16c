from datetime import date, datetime, timedelta

from odoo import Command
from odoo.tests import freeze_time

from ...counting import CountRequest, HolderRequest
from ..common.subscription import SubscriptionCase, create_plan

JANUARY = date(2026, 1, 1), date(2026, 1, 31)
FEBRUARY = date(2026, 2, 1), date(2026, 2, 28)
BEFORE = "2025-12-01 09:00:00"
LONG_AFTER = datetime(2026, 12, 1)


class CountingCase(SubscriptionCase):
    """Acme has the teams Red and Blue, with Ann and Bob; the company is in Paris."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env.company.term_tz = "Europe/Paris"
        with freeze_time(BEFORE):
            plan = create_plan(cls.env, "Large", {cls.base: 40, cls.expenses: 40})
            cls.subscription.write({"template_id": plan.id, "date_start": "2025-01-01"})
            cls.ann, cls.bob = (cls._create_member(name) for name in ("Ann", "Bob"))
            cls.red = cls._create_team("Red", cls.ann)
            cls.blue = cls._create_team("Blue", cls.bob)
            cls.env.flush_all()
        cls.pool = cls._get_pool(cls.subscription, cls.expenses)

    @classmethod
    def _create_team(cls, name, members=(), client=None):
        return cls.env["subscription.team"].create(
            {
                "name": name,
                "client_id": (client or cls.acme).id,
                "member_ids": [Command.link(member.id) for member in members],
            }
        )

    def _at(self, moment):
        """Give the time at which something is done; a day begins at noon."""
        return freeze_time(f"{moment} 12:00:00" if len(moment) == 10 else moment)

    def _give(self, day, *members):
        with self._at(day):
            self._grant(self.pool, self.ann.browse().union(*members))

    def _take(self, day, member):
        with self._at(day):
            held = member._get_seats_in_use()
            held.filtered(lambda seat: seat.pool_id == self.pool)._release("access")

    def _request(self, basis, moment="start", period=JANUARY, spans=None):
        pool = self.pool if basis == "in_use" else None
        spans = [period] if spans is None else spans
        return CountRequest(self.subscription, basis, pool, *period, moment, spans)

    def _count(self, basis, *args, **options):
        request = self._request(basis, *args, **options)
        (counted,) = self.subscription._count_units([request])
        return counted

    def _get_quantity(self, basis, *args, **options):
        return self._count(basis, *args, **options).quantity

    def _get_rows(self, rows, *names):
        return [tuple(row[name] for name in names) for row in rows]


class TestCounting(CountingCase):
    def test_members(self):
        """A05, G07: in at least one team that is not archived; counted once."""
        with self._at("2025-12-05"):
            self._create_member("Cid")
            old = self._create_team("Old", self.ann)
        with self._at("2025-12-15"):
            old.active = False
        with self._at("2026-01-12"):
            self._create_member("Dan", team_ids=[Command.link(self.red.id)])
        self.assertEqual(self._get_quantity("members"), 2)
        counted = self._count("members", period=FEBRUARY)
        self.assertEqual(counted.quantity, 3)
        self.assertEqual(
            self._get_rows(counted.rows, "holder", "team", "role", "days", "quantity"),
            [
                ("Bob", "Blue", "Standard", 28, 1),
                ("Ann", "Red", "Standard", 28, 1),
                ("Dan", "Red", "Standard", 28, 1),
            ],
        )
        self.assertEqual(counted.rows[1]["member_id"], self.ann.id)
        self.assertFalse(counted.rows[1]["module"])

    def test_teams(self):
        """A07: empty teams are units; members are listed."""
        with self._at("2025-12-20"):
            self.blue.active = False
        with self._at("2026-01-10"):
            self._create_team("Green")
        self.assertEqual(self._get_quantity("teams"), 1)
        counted = self._count("teams", period=FEBRUARY)
        self.assertEqual(counted.quantity, 2)
        self.assertEqual(
            self._get_rows(counted.rows, "team", "holder", "quantity", "note"),
            [
                ("Green", False, 1, False),
                ("Red", False, 1, False),
                ("Red", "Ann", 0, "team member"),
            ],
        )

    def test_teams_at_their_peak(self):
        with self._at("2026-01-10"):
            self.blue.active = False
        with self._at("2026-01-20"):
            self._create_team("Green")
        counted = self._count("teams", "peak")
        self.assertEqual(counted.quantity, 2)
        self.assertEqual(
            self._get_rows(counted.rows, "team", "holder", "days", "quantity", "note"),
            [
                ("Blue", False, 10, 1, False),
                ("Blue", "Bob", 10, 0, "team member"),
                ("Green", False, 12, 0, False),
                ("Red", False, 31, 1, False),
                ("Red", "Ann", 31, 0, "team member"),
            ],
        )

    def test_archived_around_the_first_day(self):
        """G01 to G03, Z01: the day of the company decides, not that of the server."""
        for moment, expected in {
            "2026-01-31": 1,
            "2026-01-31 22:59:59": 1,
            "2026-01-31 23:30:00": 2,
            "2026-02-01": 2,
            "2026-02-02": 2,
        }.items():
            with self.subTest(moment), self._undone():
                with self._at(moment):
                    self.blue.active = False
                found = self._get_quantity("teams", period=FEBRUARY)
                self.assertEqual(found, expected)

    def test_time_zone_of_the_company(self):
        with self._at("2026-01-31 23:30:00"):
            self.blue.active = False
        self.env.company.term_tz = "UTC"
        self.assertEqual(self._get_quantity("teams", period=FEBRUARY), 1)

    def test_seats_in_use(self):
        """A03: the first period is counted when its first day ends."""
        others = self._create_members(self.acme, 6)
        self._give("2026-01-01", self.ann, *others)
        self._give("2026-01-05", self.bob)
        self._take("2026-01-10", self.ann)
        self.assertEqual(self._get_quantity("in_use"), 0)
        counted = self._count("in_use", "end")
        self.assertEqual(counted.quantity, 7)
        self.assertEqual(
            self._get_rows(counted.rows, "module", "days", "quantity", "note"),
            [("Expenses", 31, 1, False)] * 7,
        )
        self.assertEqual(self._get_quantity("in_use", period=FEBRUARY), 7)
        self.assertEqual(self._get_quantity("in_use", "peak"), 8)

    def test_successor(self):
        """Post-paid, a successor is not billed beside the predecessor, however close
        they follow."""
        self._give("2026-01-01", self.ann)
        self._take("2026-01-20", self.ann)
        self._give("2026-01-20", self.bob)
        counted = self._count("in_use", "peak")
        self.assertEqual(
            self._get_rows(counted.rows, "holder", "days", "quantity", "note"),
            [("Ann", 20, 1, False), ("Bob", 12, 0, False)],
        )

    def test_a_removal_that_is_undone(self):
        """By the highest number it adds nothing; by who is there at first, whoever was
        away then is not counted. Seats and members alike."""
        self._give("2025-12-02", self.ann, self.bob)
        with self._at("2026-01-31"):
            self.ann.active = False
            removal = self.env["subscription.removal"].search([], limit=1)
        with self._at("2026-02-01 09:00:00"):
            removal._undo()
        for basis in ("in_use", "members"):
            with self.subTest(basis=basis):
                self.assertEqual(self._get_quantity(basis, "peak"), 2)
                self.assertEqual(self._get_quantity(basis, "peak", FEBRUARY), 2)
                self.assertEqual(self._get_quantity(basis, period=FEBRUARY), 1)

    def test_roles_that_take_no_seat(self):
        """G15, for seats, and for members who change."""
        with self._at("2025-12-05"):
            rep = self._create_member("Rep", role=self.role_reports)
            self.red.member_ids |= rep
            self._create_member("Boss", role=self.role_administrator)
        self._give("2025-12-06", self.ann, rep)
        self.assertEqual(self._get_quantity("in_use"), 1)
        self.assertEqual(self._get_quantity("members"), 2)
        with self._at("2026-01-09"):
            self.ann.role_id = self.role_administrator
        with self._at("2026-01-10"):
            self.ann.role_id = self.role_reports
            rep.role_id = self.role_standard
        self.assertEqual(self._get_quantity("in_use", "peak"), 1)
        counted = self._count("in_use", "peak")
        self.assertEqual(
            self._get_rows(counted.rows, "holder", "role", "days", "quantity", "note"),
            [("Ann", False, 10, 1, False), ("Rep", "Standard", 22, 0, False)],
        )
        counted = self._count("members", "peak")
        self.assertEqual(
            self._get_rows(counted.rows, "holder", "role", "days", "quantity", "note"),
            [
                ("Bob", "Standard", 31, 1, False),
                ("Ann", "Administrator", 10, 1, False),
                ("Rep", "Standard", 22, 0, False),
            ],
        )

    def test_deleted(self):
        """Who was deleted since is counted, and named."""
        with self._at("2025-12-05"):
            self.blue.member_ids |= self.ann
        self._give("2025-12-06", self.ann, self.bob)
        with self._at("2026-01-20"):
            self.ann.unlink()
            self.red.unlink()
        counted = self._count("members", "peak")
        self.assertEqual(
            self._get_rows(counted.rows, "holder", "team", "member_id", "quantity"),
            [
                ("Ann", "Blue", False, 1),
                ("Bob", "Blue", self.bob.id, 1),
                ("Ann", "Red", False, 0),
            ],
        )
        counted = self._count("in_use", "peak")
        self.assertEqual(
            self._get_rows(counted.rows, "holder", "member_id", "quantity"),
            [("Ann", False, 1), ("Bob", self.bob.id, 1)],
        )

    def test_other_clients_and_pools(self):
        """Nothing of others is counted, in one call or another."""
        with self._at("2025-12-05"):
            other = self._create_other(self.bolt)
            dora = self._create_member("Dora", self.bolt)
            self._create_team("Green", dora, self.bolt)
        self._give("2025-12-06", self.ann)
        requests = [
            self._request("members"),
            self._request("teams")._replace(subscription=other),
            self._request("in_use"),
            self._request("in_use")._replace(
                subscription=other, pool=self._get_pool(other, self.base)
            ),
            self._request("members", period=(date(2025, 11, 1), date(2025, 11, 30))),
        ]
        found = self.subscription._count_units(requests)
        self.assertEqual([one.quantity for one in found], [2, 1, 1, 1, 0])
        self.assertEqual(found[1].rows[0]["team"], "Green")
        self.assertEqual(found[3].rows[0]["module"], self.base.name)
        self.assertEqual(self.subscription._count_units([]), [])

    def test_whoever_looks(self):
        """What is billed does not depend on the rights of who asks."""
        intern = self._create_user("intern", "base.group_user", self.vendor)
        self._give("2025-12-06", self.ann)
        found = self.subscription.with_user(intern)._count_units(
            [self._request("members"), self._request("in_use")]
        )
        self.assertEqual([one.quantity for one in found], [2, 1])

    def test_as_many_queries_for_many(self):
        self._give("2025-12-06", self.ann, self.bob)
        others = self.env["sale.subscription"]
        with self._at("2025-12-05"):
            for number in range(5):
                client = self._create_client(f"Client {number}", self.north)
                others |= self._create_other(client)
                members = self._create_members(client, 3)
                self._create_team("Green", members, client)
            self.env.flush_all()

        def count(subscriptions):
            requests = [
                CountRequest(
                    one, basis, self._get_base_pool(one), *JANUARY, moment, [JANUARY]
                )
                for one in subscriptions
                for basis in ("in_use", "members", "teams")
                for moment in ("start", "peak")
            ]
            return lambda: self.subscription._count_units(requests)

        def get_holders(subscriptions):
            requests = [
                HolderRequest(
                    self._get_base_pool(one), *JANUARY, 0, 3, True, LONG_AFTER
                )
                for one in subscriptions
            ]
            return lambda: self.subscription._get_holder_rows(requests)

        for get_call, limit in ((count, 7), (get_holders, 6)):
            with self.subTest(get_call.__name__):
                found = get_call(others)()
                self.assertFalse([1 for each in found if not each])
                self._count_queries(get_call(others))
                one = self._count_queries(get_call(others[:1]))
                self.assertEqual(self._count_queries(get_call(others)), one)
                self.assertLessEqual(one, limit)

    def _create_other(self, client):
        plan = self.subscription.template_id
        return self._create_subscription(client, plan, date_start="2025-01-01")

    def _get_base_pool(self, subscription):
        return self._get_pool(subscription, self.base)


class TestHolderRows(CountingCase):
    def _list(self, quantity, base=0, is_top=True, until=LONG_AFTER, period=JANUARY):
        request = HolderRequest(self.pool, *period, base, quantity, is_top, until)
        (rows,) = self.subscription._get_holder_rows([request])
        return self._get_rows(rows, "holder", "days", "quantity", "note")

    def test_assigned_and_not(self):
        """A01: seven holders, and three rows without."""
        holders = self._create_members(self.acme, 5)
        self._give("2025-12-05", self.ann)
        self._give("2025-12-06", self.bob, *holders)
        rows = self._list(10)
        self.assertEqual(len(rows), 10)
        self.assertEqual(sum(bool(row[0]) for row in rows), 7)
        self.assertEqual({row[1:3] for row in rows}, {(31, 1)})
        request = HolderRequest(self.pool, *JANUARY, 0, 10, True, LONG_AFTER)
        (rows,) = self.subscription._get_holder_rows([request])
        self.assertEqual({row["module"] for row in rows}, {"Expenses"})
        request = HolderRequest(self.pool, *JANUARY, 0, 1, False, LONG_AFTER)
        (rows,) = self.subscription._get_holder_rows([request])
        self.assertEqual(
            (rows[0]["module"], rows[0]["role"], rows[0]["member_id"]),
            ("Expenses", "Standard", self.ann.id),
        )

    def test_changed_hands_and_beyond(self):
        cid = self._create_member("Cid")
        self._give("2025-12-06", self.ann)
        self._give("2026-01-05", self.bob)
        self._take("2026-01-10", self.ann)
        self._give("2026-01-20", cid)
        expected = [("Bob", 27, 1, False), ("Ann", 10, 0, "left")]
        self.assertEqual(self._list(1, is_top=False), expected)
        self.assertEqual(self._list(0, base=1), [("Cid", 12, 0, "beyond")])
        self.assertEqual(self._list(1, base=1), [("Cid", 12, 1, False)])
        self.assertEqual(
            self._list(2, base=1),
            [("Cid", 12, 1, False), (False, 31, 1, "unassigned")],
        )

    def test_seats_given_and_freed_at_the_moment_of_the_run(self):
        """What was done in the second of the run is known; what came later is not."""
        self._give("2026-01-01", self.ann)
        noon = datetime(2026, 1, 1, 12)
        self.assertEqual(self._list(1, until=noon)[0], ("Ann", 31, 1, False))
        self._take("2026-01-02", self.ann)
        self.assertEqual(self._list(1, until=noon)[0], ("Ann", 31, 1, False))
        noon += timedelta(days=1)
        self.assertEqual(
            self._list(1, until=noon),
            [(False, 31, 1, "unassigned"), ("Ann", 2, 0, "left")],
        )

    def test_billed_early(self):
        self._give("2026-01-10", self.ann)
        self.assertEqual(
            self._list(1, until=datetime(2026, 1, 20), period=FEBRUARY),
            [("Ann", 28, 1, False)],
        )

    def test_roles_that_take_no_seat(self):
        rep = self._create_member("Rep", role=self.role_reports)
        self._give("2025-12-06", rep)
        self.assertEqual(self._list(1), [(False, 31, 1, "unassigned")])

    def test_deleted(self):
        self._give("2025-12-06", self.ann)
        with self._at("2026-01-10"):
            self.ann.unlink()
        self.assertEqual(self._list(0), [("Ann", 10, 0, "left")])
        self.assertEqual(self._list(0, period=FEBRUARY), [])
