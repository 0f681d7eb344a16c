from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tests import Form

from ...exceptions import SeatRefusal
from ..client.test_team import TeamCase
from ..common.subscription import create_plan


class TeamModuleCase(TeamCase):
    """Sales (Ann, Bob) gives nothing yet, nor does Support (Bob, Cleo). Acme has two
    seats of Expenses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref("partner_managed_subscription.ir_cron_seat_waiting")
        cls.env["ir.cron.trigger"].search([("cron_id", "=", cls.cron.id)]).unlink()

    def _pass(self):
        """Run what the scheduled action runs, if it was asked to."""
        triggers = self.env["ir.cron.trigger"].search([("cron_id", "=", self.cron.id)])
        if triggers:
            triggers.unlink()
            with self.enter_registry_test_mode():
                self.cron.method_direct_trigger()
            self.env.invalidate_all()
        return bool(triggers)

    def _get_held(self, pool=None):
        """Return ``{member: whether a team has given its seat}`` of ``pool``."""
        self.env.flush_all()
        self.env.invalidate_all()
        seats = (pool or self.expenses_pool).seat_ids
        return {seat.member_id: seat.is_from_team for seat in seats}

    def assertHeld(self, pool=None, *, by_team=(), by_hand=()):
        self.assertEqual(
            self._get_held(pool),
            {**dict.fromkeys(by_team, True), **dict.fromkeys(by_hand, False)},
        )


class TestTeamModule(TeamModuleCase):
    def test_who_is_there_gets_the_modules_and_who_joins(self):
        self.sales.module_ids = self.expenses
        self.assertHeld(by_team=self.ann | self.bob)
        self.assertFalse(self.sales.waiting_text)
        self.sales.member_ids |= self.dan
        self.assertHeld(by_team=self.ann | self.bob)
        self.assertIn("Dan · Expenses: All seats of it", self.sales.waiting_text)

    def test_every_way_to_join_and_to_leave(self):
        self.expenses_pool.seat_limit = 3
        self.sales.module_ids = self.expenses
        dan, team = self.dan, self.sales
        join = {
            "member": lambda: dan.write({"team_ids": [Command.link(team.id)]}),
            "team": lambda: team.write({"member_ids": [Command.link(dan.id)]}),
            "form of the member": lambda: self._save_form(dan, "team_ids", team),
            "form of the team": lambda: self._save_form(team, "member_ids", dan),
            "client": lambda: self.acme.write(
                {
                    "subscription_team_ids": [
                        Command.update(team.id, {"member_ids": [Command.link(dan.id)]})
                    ]
                }
            ),
            "import": lambda: self.env["subscription.member"].load(
                [".id", "team_ids/.id"], [[str(dan.id), str(team.id)]]
            ),
        }
        leave = {
            "member": lambda: dan.write({"team_ids": [Command.unlink(team.id)]}),
            "team": lambda: team.write({"member_ids": [Command.unlink(dan.id)]}),
            "team set": lambda: team.write(
                {"member_ids": [Command.set((self.ann | self.bob).ids)]}
            ),
            "member clear": lambda: dan.write({"team_ids": [Command.clear()]}),
            "archived": lambda: team.write({"active": False}),
            "deleted": team.unlink,
            "module": lambda: team.write({"module_ids": [Command.clear()]}),
            "member archived": lambda: dan.write({"active": False}),
        }
        for name, act in join.items():
            with self.subTest(join=name), self._undone():
                act()
                self.assertHeld(by_team=self.ann | self.bob | dan)
        team.member_ids |= dan
        for name, act in leave.items():
            with self.subTest(leave=name), self._undone():
                act()
                self.assertNotIn(dan, self._get_held())
                seat = dan.seat_ids.filtered("is_from_team")
                reason = "member" if name == "member archived" else "team"
                self.assertEqual(seat.release_reason, reason)
                if name != "member archived":
                    self.assertIn(dan, self._get_held(self.base_pool))

    def _save_form(self, record, name, value):
        with Form(record) as form:
            getattr(form, name).add(value)

    def test_new_members_and_teams_and_those_who_come_back(self):
        self.expenses_pool.seat_limit = 9
        self.sales.module_ids = self.expenses
        new = self._create_member("New", team_ids=[Command.set(self.sales.ids)])
        both = self.ann | self.bob | new
        self.assertHeld(by_team=both)
        self.ann.active = False
        self.assertHeld(by_team=self.bob | new)
        self.ann.active = True
        self.assertHeld(by_team=both)
        self.sales.active = False
        self.assertHeld()
        self.sales.active = True
        self.assertHeld(by_team=both)
        self.env["subscription.team"].create(
            {
                "name": "Late",
                "client_id": self.acme.id,
                "member_ids": [Command.set(self.dan.ids)],
                "module_ids": [Command.set(self.expenses.ids)],
            }
        )
        self.assertHeld(by_team=both | self.dan)

    def test_two_teams_with_one_module_take_one_seat(self):
        self.sales.module_ids = self.expenses
        self.support.module_ids = self.expenses
        self.assertHeld(by_team=self.ann | self.bob)
        self.sales.member_ids = False
        self.assertHeld(by_team=self.bob)
        self.support.member_ids = False
        self.assertHeld()

    def test_seats_given_by_hand_stay(self):
        self._grant(self.expenses_pool, self.ann)
        self.sales.module_ids = self.expenses
        self.assertHeld(by_team=self.bob, by_hand=self.ann)
        self.assertEqual(self.ann.seat_ids[0].origin, "By hand")
        self.assertEqual(self.bob.seat_ids[0].origin, "Sales")
        self._grant(self.expenses_pool, self.bob)
        self.assertHeld(by_hand=self.ann | self.bob)
        self.sales.active = False
        self.assertHeld(by_hand=self.ann | self.bob)

    def test_removed_by_hand_is_not_given_again_until_somebody_joins(self):
        self.expenses_pool.seat_limit = 3
        self.sales.module_ids = self.expenses
        self.ann._get_seats_in_use().filtered("is_from_team")._release("access")
        self._pass()
        self.assertHeld(by_team=self.bob)
        self.assertIn("removed by hand", self.sales.waiting_text)
        self.ann.role_id = self.role_reports
        self.ann.role_id = self.role_standard
        self._pass()
        self.assertHeld(by_team=self.bob)
        self.sales.member_ids -= self.ann
        self.sales.member_ids |= self.ann
        self.assertHeld(by_team=self.ann | self.bob)
        self.ann._get_seats_in_use()._release("access")
        self._pass()
        self.assertNotIn(self.ann, self._get_held(self.base_pool))
        self.support.member_ids = self.bob
        self.support.module_ids = self.expenses
        self.support.member_ids |= self.ann
        self.assertHeld(by_team=self.ann | self.bob)
        self.assertIn(self.ann, self._get_held(self.base_pool))

    def test_who_waits_is_tried_again_when_a_seat_is_free(self):
        def wait():
            self.sales.member_ids |= self.dan
            self.assertTrue(self.sales.waiting_text)
            self.assertTrue(self._pass())
            self.assertNotIn(self.dan, self._get_held())

        self.expenses_pool.seat_limit = 3
        self._grant(self.expenses_pool, self.cleo)
        self.sales.module_ids = self.expenses
        wait()
        ways = {
            "released": lambda: (
                self.cleo._get_seats_in_use().filtered(
                    lambda seat: seat.pool_id == self.expenses_pool
                )
            )._release("access"),
            "member archived": lambda: self.cleo.write({"active": False}),
            "raised": lambda: self.expenses_pool.write({"seat_limit": 4}),
            "unlimited": lambda: self.expenses_pool.write({"is_unlimited": True}),
            "role": lambda: self.cleo.write({"role_id": self.role_reports.id}),
            "another subscription": lambda: self._create_subscription(
                self.acme,
                create_plan(self.env, "More", {self.base: 9, self.expenses: 9}),
            ),
        }
        for name, act in ways.items():
            with self.subTest(name), self._undone():
                act()
                self.assertTrue(self._pass())
                held = self.dan._get_seats_in_use().filtered("is_from_team").module_id
                self.assertIn(self.expenses, held)
                self.assertFalse(self.sales.waiting_text)

    def test_nothing_is_run_where_no_team_gives_modules(self):
        self._grant(self.expenses_pool, self.ann)
        self.ann._get_seats_in_use()._release("access")
        self.assertFalse(self._pass())

    def test_roles(self):
        """A role that takes no seat gets one that does not count; one that starts to
        take a seat is not refused since a team's seat does not fit."""
        self.expenses_pool.seat_limit = 1
        self.bob.role_id = self.role_reports
        self.sales.module_ids = self.expenses
        self.assertHeld(by_team=self.ann | self.bob)
        self.assertEqual(self.expenses_pool.used, 1)
        self.bob.role_id = self.role_standard
        self.assertHeld(by_team=self.ann)
        self.assertIn("Bob", self.sales.waiting_text)
        self.cleo.role_id = self.role_reports
        self._grant(self.expenses_pool, self.cleo)
        with self.assertRaises(SeatRefusal), self.cr.savepoint():
            self.cleo.role_id = self.role_standard

    def test_a_role_that_changes_keeps_whose_seats_they_are(self):
        self._grant(self.expenses_pool, self.ann)
        self.sales.module_ids = self.expenses
        (self.ann | self.bob).role_id = self.role_reports
        self.assertHeld(by_team=self.bob, by_hand=self.ann)

    def test_merged_members(self):
        self.sales.module_ids = self.expenses
        self._merge(self.dan.partner_id, self.ann.partner_id)
        self.assertHeld(by_team=self.bob | self.dan)
        self._grant(self.expenses_pool, self.bob)
        self._merge(self.dan.partner_id, self.bob.partner_id)
        self.assertHeld(by_hand=self.dan)

    def test_merged_clients(self):
        """Members, teams and modules come together, whatever the names of teams."""
        plan = create_plan(self.env, "Bolt", {self.base: 9, self.time: 9})
        self._create_subscription(self.bolt, plan)
        bo = self._create_member("Bo", self.bolt)
        sales = self._create_team("Sales", [bo], self.bolt)
        sales.module_ids = self.time
        self._create_team("Field", [bo], self.bolt).module_ids = self.time
        self.sales.module_ids = self.expenses
        self._merge(self.acme, self.bolt)
        self.assertEqual(self.sales.module_ids, self.expenses | self.time)
        self.assertEqual(self.sales.member_ids, self.ann | self.bob | bo)
        self._pass()
        self.assertHeld(by_team=self.ann | self.bob)
        self.assertEqual(bo._get_seats_in_use().module_id, self.base | self.time)
        self.assertIn("Bo · Expenses", self.sales.waiting_text)

    def test_a_module_in_several_subscriptions(self):
        """Where the member is a user already, else where there is room; a second base
        seat goes with it."""
        plan = create_plan(self.env, "Two", {self.base: 9, self.expenses: 9})
        other = self._create_subscription(self.acme, plan)
        base, pool = (self._get_pool(other, one) for one in (self.base, self.expenses))
        self.sales.member_ids |= self.cleo | self.dan
        self.sales.module_ids = self.expenses
        self.assertHeld(by_team=self.ann | self.bob)
        self.assertHeld(pool, by_team=self.cleo | self.dan)
        self.assertHeld(base, by_team=self.cleo | self.dan)
        self.sales.active = False
        self.assertHeld(pool)
        self.assertHeld(base)
        self.assertLessEqual(set(self.members), set(self._get_held(self.base_pool)))

    def test_a_client_without_the_module_or_a_running_term(self):
        self.sales.module_ids = self.time
        self.assertIn("The company has no seats of it", self.sales.waiting_text)
        plan = create_plan(self.env, "Time", {self.base: 9, self.time: 9})
        term = self._create_subscription(self.acme, plan, running=False)
        self._pass()
        self.sales.invalidate_recordset()
        self.assertIn("not running", self.sales.waiting_text)
        term.action_start_subscription()
        self.assertTrue(self._pass())
        time_pool = self._get_pool(term, self.time)
        self.assertHeld(time_pool, by_team=self.ann | self.bob)

    def test_the_base_module_is_not_given_by_teams(self):
        with self.assertRaises(ValidationError):
            self.sales.module_ids = self.base

    def test_the_audit_trail_tells_of_teams(self):
        self.sales.module_ids = self.expenses
        self.env.flush_all()
        entry = self.env["subscription.audit"].search([("event", "=", "team_modules")])
        self.assertEqual(entry.details, "Sales: - → Sales: Expenses")
        # The names of modules are read in the language of the reader.
        self.expenses.with_context(lang="fr_FR").name = "Notes de frais"
        french = entry.with_context(lang="fr_FR")
        self.assertEqual(french.details, "Sales: - → Sales: Notes de frais")
        given = self.env["subscription.audit"].search(
            [("event", "=", "seat_given"), ("is_from_team", "=", True)]
        )
        self.assertEqual(set(given.mapped("details")), {"Given by a team"})
        self.sales.module_ids = self.expenses
        self.assertEqual(
            self.env["subscription.log"].search_count([("event", "=", "team_modules")]),
            1,
        )

    def test_the_form_tells_what_saving_does(self):
        self._grant(self.expenses_pool, self.dan)
        form = Form(self.sales)
        self.assertFalse(form.seat_text)
        form.module_ids.add(self.expenses)
        self.assertIn("Expenses: Ann get access. Seats left: 0.", form.seat_text)
        self.assertIn("Expenses: no seat for Bob.", form.seat_text)
        form.save()
        self.assertHeld(by_team=self.ann, by_hand=self.dan)
        form = Form(self.sales)
        form.module_ids.clear()
        self.assertIn("Expenses: Ann lose access.", form.seat_text)
        self.assertIn("Expenses: Ann lose access.", self.sales.archive_text)
        self.assertNotIn("Expenses", self.support.archive_text or "")

    def test_staff_changes_teams_whose_seats_it_may_give(self):
        staff = self._create_user("tim", "standard", self.north)
        self.sales.with_user(staff).module_ids = self.expenses
        self.assertHeld(by_team=self.ann | self.bob)
        self.assertEqual(self.expenses_pool.seat_ids.granted_by_id, staff)
        self.dan.with_user(staff).team_ids = self.sales
        self.assertIn("Dan", self.sales.with_user(staff).waiting_text)

    def test_as_many_queries_for_many_as_for_one(self):
        self.expenses_pool.is_unlimited = True
        many = self._create_members(self.acme, 60)
        self.sales.module_ids = self.expenses

        def join(members):
            return lambda: self.sales.write(
                {"member_ids": [Command.link(member.id) for member in members]}
            )

        self._count_queries(join(many[:1]))
        one = self._count_queries(join(many[1:2]))
        self.assertLessEqual(self._count_queries(join(many[2:])), one + 3)
        self.assertEqual(len(self._get_held()), 62)
