from odoo import Command
from odoo.exceptions import UserError
from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import freeze_time

from ..common.subscription import ADDON, SubscriptionCase, create_plan

# Moments of the tests; the members and teams are there from the first on.
BEGIN, THEN, LATER = (f"2026-02-{day:02} 12:00:00" for day in (1, 2, 3))


class TestPresence(SubscriptionCase):
    """A row for each team, and for each member in it, as long as they count."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.presences = cls.env["subscription.presence"]
        with freeze_time(BEGIN):
            plan = create_plan(cls.env, "Large", {cls.base: 20})
            cls.subscription.write({"template_id": plan.id, "date_start": "2026-01-01"})
            cls.ann, cls.bob = (cls._create_member(name) for name in ("Ann", "Bob"))
            cls.ann.email = "ann@acme.test"
            cls.red, cls.blue = cls.env["subscription.team"].create(
                [
                    {
                        "name": name,
                        "client_id": cls.acme.id,
                        "member_ids": [Command.set((cls.ann | cls.bob).ids)],
                    }
                    for name in ("Red", "Blue")
                ]
            )
            cls.env.flush_all()

    def _get_rows(self, *domain):
        """Return ``[(team, member, since, until)]`` by team, by time, by member."""
        self.env.flush_all()
        rows = [
            (
                row.subscription_team_id.name or row.team_name,
                row.member_id.name or row.holder_name or "",
                str(row.since),
                str(row.until or ""),
            )
            for row in self.presences.search([*domain])
        ]
        return sorted(rows, key=lambda row: (row[0], row[2], row[1]))

    def _get_ended(self):
        rows = self._get_rows(("until", "!=", False))
        self.assertLessEqual({row[2:] for row in rows}, {(BEGIN, THEN)})
        return sorted(row[:2] for row in rows)

    def _get_open(self):
        return sorted(row[:2] for row in self._get_rows(("until", "=", False)))

    ALL = [
        *(("Blue", ""), ("Blue", "Ann"), ("Blue", "Bob")),
        *(("Red", ""), ("Red", "Ann"), ("Red", "Bob")),
    ]

    def test_begin(self):
        self.assertEqual(self._get_open(), self.ALL)
        self.assertEqual({row[2] for row in self._get_rows()}, {BEGIN})
        self.assertEqual(self.presences.search([]).client_id, self.acme)

    def test_every_way_out(self):
        """What ends has its end, and what goes on is not touched."""
        red = [row for row in self.ALL if row[0] == "Red"]
        ann = [row for row in self.ALL if row[1] == "Ann"]
        contact, role = self.ann.partner_id, self.role_standard
        ways = {
            "team archived": (lambda: self.red.action_archive(), red),
            "team deleted": (lambda: self.red.unlink(), red),
            "member archived": (lambda: self.ann.action_archive(), ann),
            "member deleted": (lambda: self.ann.unlink(), ann),
            "contact archived": (lambda: contact.action_archive(), ann),
            "role": (lambda: self.ann.write({"role_id": self.role_reports.id}), ann),
            "takes no seat": (
                lambda: role.write({"takes_seat": False}),
                [row for row in self.ALL if row[1]],
            ),
            "by the team": (
                lambda: self.red.write({"member_ids": [Command.unlink(self.ann.id)]}),
                [("Red", "Ann")],
            ),
            "by the member": (
                lambda: self.ann.write({"team_ids": [Command.unlink(self.red.id)]}),
                [("Red", "Ann")],
            ),
            "by the client": (
                lambda: self.acme.write(
                    {
                        "subscription_team_ids": [
                            Command.update(self.red.id, {"member_ids": False})
                        ]
                    }
                ),
                red[1:],
            ),
        }
        for name, (act, ended) in ways.items():
            with self.subTest(name), self._undone(), freeze_time(THEN):
                act()
                self.assertEqual(self._get_ended(), ended)
                kept = [row for row in self.ALL if row not in ended]
                self.assertEqual(self._get_open(), kept)

    def test_every_way_back(self):
        ways = {
            "team": (self.red, {"active": False}, {"active": True}, 3),
            "member": (self.ann, {"active": False}, {"active": True}, 2),
            "contact": (self.ann.partner_id, {"active": False}, {"active": True}, 2),
            "role": (
                self.ann,
                {"role_id": self.role_reports.id},
                {"role_id": self.role_administrator.id},
                2,
            ),
            "takes seat": (
                self.role_standard,
                {"takes_seat": False},
                {"takes_seat": True},
                4,
            ),
            "teams": (
                self.ann,
                {"team_ids": [Command.clear()]},
                {"team_ids": [Command.set((self.red | self.blue).ids)]},
                2,
            ),
        }
        for name, (record, away, back, count) in ways.items():
            with self.subTest(name), self._undone():
                with freeze_time(THEN):
                    record.write(away)
                    self.assertEqual(len(self._get_ended()), count)
                with freeze_time(LATER):
                    record.write(back)
                    self.assertEqual(self._get_open(), self.ALL)
                new = self._get_rows(("since", "=", LATER))
                self.assertEqual(len(new), count)

    def test_change_that_is_none(self):
        """A role among those that take a seat, names and the like end nothing."""
        with freeze_time(THEN):
            self.ann.role_id = self.role_administrator
            self.ann.write({"team_ids": [Command.set((self.red | self.blue).ids)]})
            self.red.write({"name": "Crimson", "active": True})
            self.red.member_ids = self.ann | self.bob
        self.assertFalse(self._get_ended())
        self.assertEqual({row[2] for row in self._get_rows()}, {BEGIN})

    def test_who_does_not_count(self):
        with freeze_time(THEN):
            self._create_member(
                "Rep", role=self.role_reports, team_ids=[Command.link(self.red.id)]
            )
            self._create_member("Cid")
            self.red.copy()
        rows = self._get_rows(("since", "=", THEN))
        self.assertEqual([row[:2] for row in rows if "Rep" in row or "Cid" in row], [])
        self.assertIn(("Red (copy)", ""), [row[:2] for row in rows])

    def test_new_member_in_teams(self):
        with freeze_time(THEN):
            self._create_member("Dan", team_ids=[Command.link(self.red.id)])
        self.assertEqual(
            self._get_rows(("since", "=", THEN)), [("Red", "Dan", THEN, "")]
        )

    def test_words_outlive(self):
        """What was deleted is told by its numbers, and keeps its last words."""
        numbers = self.red.id, self.ann.id
        with freeze_time(THEN):
            self.red.name = "Crimson"
            self.ann.name = "Ann Lee"
            (self.red | self.blue).unlink()
            self.ann.unlink()
        row = self.presences.search(
            [("team_number", "=", numbers[0]), ("member_number", "=", numbers[1])]
        )
        self.assertFalse(row.subscription_team_id or row.member_id)
        self.assertEqual(
            (row.team_name, row.holder_name, row.email, row.role),
            ("Crimson", "Ann Lee", "ann@acme.test", "standard"),
        )
        self.assertEqual(str(row.until), THEN)

    def test_merged_clients(self):
        """Teams and members go on at the client that theirs was merged into."""
        dora = self._create_member("Dora", self.bolt)
        with freeze_time(BEGIN):
            team = self.env["subscription.team"].create(
                {
                    "name": "Green",
                    "client_id": self.bolt.id,
                    "member_ids": [Command.set(dora.ids)],
                }
            )
        with freeze_time(THEN):
            self._merge(self.acme, self.bolt)
        rows = self.presences.search([("team_number", "=", team.id)])
        self.assertEqual(rows.client_id, self.acme)
        self.assertEqual(
            [row[:2] for row in self._get_rows(("team_number", "=", team.id))],
            [("Green", ""), ("Green", "Dora")] * 2,
        )
        open_rows = rows.filtered(lambda row: not row.until)
        self.assertEqual(open_rows.mapped("member_id"), dora)
        self.assertEqual({str(row.since) for row in open_rows}, {THEN})

    def test_merged_members(self):
        with freeze_time(THEN):
            self.red.member_ids = self.bob
            self._merge(self.ann.partner_id, self.bob.partner_id)
        self.assertEqual(
            self._get_open(),
            [("Blue", ""), ("Blue", "Ann"), ("Red", ""), ("Red", "Ann")],
        )

    def test_clock_behind(self):
        """Nobody leaves before coming, where the clock of another server was ahead."""
        with freeze_time("2026-02-01 11:59:00"):
            self.red.active = False
        rows = self._get_rows(("until", "!=", False))
        self.assertEqual({row[2:] for row in rows}, {(BEGIN, BEGIN)})

    def test_sealed(self):
        row = self.presences.search([], limit=1)
        for act in (
            lambda: row.write({"until": THEN}),
            lambda: row.unlink(),
            lambda: row.copy(),
            lambda: self.presences.create({"client_id": self.acme.id}),
        ):
            with self.assertRaises(UserError):
                act()

    def test_refused_change(self):
        """A refusal leaves the history as it was."""
        with freeze_time(THEN), self._undone():
            with self.assertRaises(UserError), self.cr.savepoint():
                self.red.member_ids |= self._create_member("Dora", self.bolt)
        self.assertEqual(self._get_open(), self.ALL)

    def test_migration(self):
        """A database without a history begins with who is there, since they came."""
        self.env.flush_all()
        self.cr.execute("DELETE FROM subscription_presence")
        self.env.invalidate_all()
        self.cr.execute(
            "UPDATE subscription_team SET create_date = %s WHERE id = %s",
            ["2025-12-31", self.blue.id],
        )
        self.cr.execute(
            "UPDATE subscription_member SET create_date = %s WHERE id = %s",
            ["2026-01-15", self.ann.id],
        )
        path = f"{get_module_path(ADDON)}/migrations/19.0.1.2.0/post-presences.py"
        migrate = load_script(path, "pms_post_presences").migrate
        migrate(self.cr, None)
        self.assertFalse(self._get_rows())
        for _again in range(2):
            migrate(self.cr, "19.0.1.1.0")
            self.env.invalidate_all()
            self.assertEqual(self._get_open(), self.ALL)
        since = {row[:2]: row[2] for row in self._get_rows()}
        self.assertEqual(since["Blue", ""], "2025-12-31 00:00:00")
        self.assertEqual(since["Blue", "Ann"], "2026-01-15 00:00:00")
        self.assertEqual(since["Red", ""], str(self.red.create_date)[:19])

    def test_as_many_queries_for_many(self):
        members = self._create_members(self.acme, 12)

        def join(joining):
            return lambda: self.red.write(
                {"member_ids": [Command.link(member.id) for member in joining]}
            )

        self._count_queries(join(members[:1]))
        one = self._count_queries(join(members[1:2]))
        self.assertEqual(self._count_queries(join(members[2:])), one)
