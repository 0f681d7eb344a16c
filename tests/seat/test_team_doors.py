from odoo import Command
from odoo.tests import tagged

from ..common.rpc import RpcCase
from .test_team_module import TeamModuleCase

TEAM, MEMBER = "subscription.team", "subscription.member"


@tagged("post_install", "-at_install")
class TestTeamDoors(TeamModuleCase, RpcCase):
    """Expenses has two seats, and Ann and Bob have them. Every way into a team with the
    module is open to programs, and gives nobody a third seat."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls._create_user("tim", "standard", cls.north)
        cls._create_keys({"staff": cls.staff})
        cls.sales.module_ids = cls.expenses
        cls.old = cls._create_team("Old", cls.cleo | cls.dan)
        cls.old.module_ids = cls.expenses
        cls.old.active = False
        cls.gone = cls._create_member("Gone", team_ids=[Command.set(cls.sales.ids)])
        cls.gone.active = False

    def test_nobody_gets_a_third_seat(self):
        dan, sales = self.dan, self.sales
        link = {"member_ids": [Command.link(dan.id)]}
        team = {
            "name": "New",
            "client_id": self.acme.id,
            "member_ids": [Command.set(dan.ids)],
            "module_ids": [Command.set(self.expenses.ids)],
        }
        member = {
            "name": "New",
            "client_id": self.acme.id,
            "team_ids": [Command.set(sales.ids)],
        }
        calls = {
            "members of a team": (TEAM, sales.ids, "write", {"vals": link}),
            "saved by the web client": (
                *(TEAM, sales.ids, "web_save"),
                {"vals": link, "specification": {}},
            ),
            "teams of a member": (
                *(MEMBER, dan.ids, "write"),
                {"vals": {"team_ids": [Command.link(sales.id)]}},
            ),
            "team created": (TEAM, (), "create", {"vals_list": [team]}),
            "member created": (MEMBER, (), "create", {"vals_list": [member]}),
            "members imported": (
                *(MEMBER, (), "load"),
                {
                    "fields": ["client_id/.id", "name", "team_ids/.id"],
                    "data": [[str(self.acme.id), "New", str(sales.id)]],
                },
            ),
            "module of a team": (
                *(TEAM, self.support.ids, "write"),
                {"vals": {"module_ids": [Command.link(self.expenses.id)]}},
            ),
            "team restored": (TEAM, self.old.ids, "action_unarchive", {}),
            "member restored": (MEMBER, self.gone.ids, "action_unarchive", {}),
            "team copied": (TEAM, sales.ids, "copy", {}),
            "a role that takes a seat": (
                *(MEMBER, self.cleo.ids, "write"),
                {"vals": {"role_id": self.role_administrator.id}},
            ),
        }
        for name, (model, ids, method, kwargs) in calls.items():
            with self.subTest(door=name), self._undone():
                answer = self._call_json("staff", model, method, ids, **kwargs)
                self.assertEqual(answer.status_code, 200, answer.text)
                self.env.invalidate_all()
                self.assertHeld(by_team=self.ann | self.bob)

    def test_what_follows_teams_is_not_callable(self):
        for model, ids, method, kwargs in (
            (TEAM, (), "_give_waiting", {}),
            (TEAM, (), "_take_back", {"claims": []}),
            (TEAM, (), "_follow_claims", {}),
            (MEMBER, self.dan.ids, "_take_team_seats", {}),
            ("subscription.removal", (), "_note", {"kind": "access"}),
            ("subscription.removal", (), "_undo", {}),
        ):
            with self.subTest(method=method):
                answer = self._call_json("staff", model, method, ids, **kwargs)
                self.assertGreaterEqual(answer.status_code, 400)
