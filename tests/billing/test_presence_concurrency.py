from odoo import Command
from odoo.tests import tagged

from ..common.committed import CommittedCase


@tagged("post_install", "-at_install")
class TestPresenceConcurrency(CommittedCase):
    """Who joins a team while it is archived, or while the member leaves, is not there
    for good."""

    def setUp(self):
        super().setUp()
        self._build(5)
        (self.member_id,) = self._create_members(1)
        self.team_id = self._do(
            lambda env: env["subscription.team"].create(
                {"name": "Red", "client_id": self.client_id}
            )
        ).id
        self.addCleanup(self._end_presences)

    def _end_presences(self):
        self._do(lambda env: env.cr.execute("DELETE FROM subscription_presence"))

    def _team(self, **vals):
        return lambda env: env["subscription.team"].browse(self.team_id).write(vals)

    def _member(self, **vals):
        return lambda env: env["subscription.member"].browse(self.member_id).write(vals)

    def _get_open(self):
        def read(env):
            rows = env["subscription.presence"].search(
                [("until", "=", False), ("client_id", "=", self.client_id)]
            )
            return sorted((row.team_number, row.member_number) for row in rows)

        return self._do(read)

    def test_team_archived(self):
        joins = self._team(member_ids=[Command.link(self.member_id)])
        joins_too = self._member(team_ids=[Command.link(self.team_id)])
        for join in (joins, joins_too):
            for pair in (
                (join, self._team(active=False)),
                (self._team(active=False), join),
            ):
                with self.subTest(pair=pair):
                    self.assertEqual(self._run_around(*pair), (True, True))
                    self.assertEqual(self._get_open(), [])
                    self._do(self._team(active=True, member_ids=[Command.clear()]))

    def test_member_archived(self):
        team = [(self.team_id, 0)]
        joins = self._team(member_ids=[Command.link(self.member_id)])
        joins_too = self._member(team_ids=[Command.link(self.team_id)])
        leave = self._member(active=False)
        for join in (joins, joins_too):
            for pair in ((join, leave), (leave, join)):
                with self.subTest(pair=pair):
                    self.assertEqual(self._run_around(*pair), (True, True))
                    self.assertEqual(self._get_open(), team)
                    self._do(self._member(active=True))
                    self._do(self._team(member_ids=[Command.clear()]))

    def test_team_restored(self):
        """Who joins an archived team while it is restored is there."""
        self._do(self._team(active=False))
        join = self._team(member_ids=[Command.link(self.member_id)])
        join_too = self._member(team_ids=[Command.link(self.team_id)])
        back = self._team(active=True)
        both = [(self.team_id, 0), (self.team_id, self.member_id)]
        for one in (join, join_too):
            for pair in ((one, back), (back, one)):
                with self.subTest(pair=pair):
                    self.assertEqual(self._run_around(*pair), (True, True))
                    self.assertEqual(self._get_open(), both)
                    self._do(self._team(active=False, member_ids=[Command.clear()]))

    def test_role_changed(self):
        """A role that stops taking seats ends those who came with it meanwhile."""
        role_id = self._do(
            lambda env: env["subscription.member.role"].create({"name": "Driver"})
        ).id

        def create(env):
            return bool(
                env["subscription.member"].create(
                    {
                        "name": "Dan",
                        "client_id": self.client_id,
                        "role_id": role_id,
                        "team_ids": [Command.link(self.team_id)],
                    }
                )
            )

        def stop(env):
            role = env["subscription.member.role"].browse(role_id)
            return role.write({"takes_seat": False})

        self.assertEqual(self._run_around(create, stop), (True, True))
        self.assertEqual(self._get_open(), [(self.team_id, 0)])

    def test_joined_twice(self):
        join = self._team(member_ids=[Command.link(self.member_id)])
        join_too = self._member(team_ids=[Command.link(self.team_id)])
        self.assertEqual(self._run_around(join, join_too), (True, True))
        self.assertEqual(
            self._get_open(), [(self.team_id, 0), (self.team_id, self.member_id)]
        )
