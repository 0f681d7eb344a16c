from odoo import Command
from odoo.tests import Form, HttpCase, tagged

from ..common.portal_user import PortalBrowserMixin, PortalUserMixin
from .test_team_module import TeamModuleCase


@tagged("post_install", "-at_install")
class TestMemberTeamText(TeamModuleCase):
    """What joining and leaving teams gives is said before it is done. Sales (Ann, Bob)
    gives Expenses, of which three seats are given; Dan is in no team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.expenses_pool.seat_limit = 3
        cls.sales.module_ids = cls.expenses
        cls.staff = cls._create_user("nora", "standard", cls.north)

    def test_join_and_leave_on_the_form(self):
        with Form(self.dan.with_user(self.staff)) as form:
            self.assertFalse(form.team_text)
            form.team_ids.add(self.sales)
            text = "Expenses: Dan get access. Seats left: 0."
            self.assertIn(text, form.team_text)
        self.assertHeld(by_team=self.ann | self.bob | self.dan)
        with Form(self.dan.with_user(self.staff)) as form:
            form.team_ids.remove(self.sales.id)
            self.assertEqual(form.team_text, "Expenses: Dan lose access.")
        self.assertHeld(by_team=self.ann | self.bob)

    def test_who_finds_no_seat(self):
        self.expenses_pool.seat_limit = 2
        with Form(self.dan.with_user(self.staff)) as form:
            form.team_ids.add(self.sales)
            self.assertIn("Expenses: no seat for Dan. They wait", form.team_text)

    def test_nothing_to_say(self):
        """Another team gives it as well, or the module was given by hand."""
        self.support.module_ids = self.expenses
        with Form(self.bob.with_user(self.staff)) as form:
            form.team_ids.remove(self.sales.id)
            self.assertFalse(form.team_text)
        self.expenses_pool.seat_limit = 4
        self._grant(self.expenses_pool, self.dan)
        with Form(self.dan.with_user(self.staff)) as form:
            form.team_ids.add(self.sales)
            self.assertFalse(form.team_text)

    def test_new_member(self):
        members = self.env["subscription.member"].with_user(self.staff)
        members = members.with_context(default_client_id=self.acme.id)
        with Form(members) as form:
            form.name = "Eve"
            form.team_ids.add(self.sales)
            text = "Expenses comes with the teams: 1 left."
            self.assertEqual(form.team_text, text)
        self.assertIn("Eve", self._get_held_names())

    def _get_held_names(self):
        return [member.name for member in self._get_held()]

    def test_several_members_at_once(self):
        """The seats are counted for all of them together."""
        vals = {"team_ids": [Command.link(self.sales.id)]}
        text = (self.cleo | self.dan)._get_teams_change_text(vals)
        self.assertIn("Expenses: Cleo get access. Seats left: 0.", text)
        self.assertIn("no seat for Dan", text)
        self.assertNotIn(self.sales, self.dan.team_ids)
        self.assertHeld(by_team=self.ann | self.bob)


@tagged("post_install", "-at_install")
class TestMemberTeamPage(PortalUserMixin, PortalBrowserMixin, TeamModuleCase, HttpCase):
    """The same in the portal, as Ada who administers Acme."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_portal_users()
        cls.sales.module_ids = cls.expenses
        cls.url = f"/my/subscription/{cls.acme.id}"

    def _is_in_sales(self, member):
        self.env.invalidate_all()
        return self.sales in member.team_ids

    def test_asks_before(self):
        """On the page of the team and on that of the member."""
        self._log_in(self.ada)
        self.expenses_pool.seat_limit = 3
        for member, path, data in (
            (
                self.cleo,
                f"/teams/{self.sales.id}/join",
                {"member_ids": self.cleo.id},
            ),
            (
                self.dan,
                f"/members/{self.dan.id}/teams",
                {"team_ids": self.sales.id},
            ),
        ):
            with self.subTest(path), self._undone():
                self.env.flush_all()
                page = self._post(self.url + path, **data).text
                text = f"Expenses: {member.name} get access. Seats left: 0."
                self.assertIn(text, page)
                self.assertFalse(self._is_in_sales(member))
                self._post(self.url + path, **data, confirmed="1")
                self.assertTrue(self._is_in_sales(member))

    def test_team_without_modules(self):
        """Nobody is asked where nothing is given or taken."""
        self._log_in(self.ada)
        path = f"/teams/{self.support.id}/join"
        self._post(self.url + path, member_ids=self.dan.id)
        self.env.invalidate_all()
        self.assertIn(self.support, self.dan.team_ids)
