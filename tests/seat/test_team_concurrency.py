from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common.committed import CommittedCase


@tagged("post_install", "-at_install")
class TestTeamConcurrency(CommittedCase):
    """Several join and leave teams at once, and teams change meanwhile."""

    def setUp(self):
        super().setUp()
        self._build(2)
        self.ids = self._create_members(4)
        self.team_ids = self._do(self._make_teams)

    def _make_teams(self, env):
        pool = env["subscription.seat.pool"].browse(self.pool_id)
        return (
            env["subscription.team"]
            .create(
                [
                    {
                        "name": name,
                        "client_id": pool.client_id.id,
                        "module_ids": [Command.set(pool.module_id.ids)],
                    }
                    for name in ("One", "Two")
                ]
            )
            .ids
        )

    def _join(self, team, *members):
        ids = [self.ids[member] for member in members]

        def join(env):
            record = env["subscription.team"].browse(self.team_ids[team])
            record.member_ids = [Command.link(one) for one in ids]

        return join

    def _join_by_member(self, team, member):
        def join(env):
            record = env["subscription.member"].browse(self.ids[member])
            record.team_ids = [Command.link(self.team_ids[team])]

        return join

    def _leave(self, team, member):
        def leave(env):
            record = env["subscription.team"].browse(self.team_ids[team])
            record.member_ids = [Command.unlink(self.ids[member])]

        return leave

    def _get_holders(self):
        def read(env):
            pool = env["subscription.seat.pool"].browse(self.pool_id)
            return [self.ids.index(one) for one in pool.seat_ids.member_id.ids]

        return sorted(self._do(read))

    def _get_waiting(self):
        def read(env):
            teams = env["subscription.team"].browse(self.team_ids)
            rows = [row for team in teams for row in team._read_own_waiting()]
            return sorted({self.ids.index(member.id) for member, _m, _b in rows})

        return self._do(read)

    def _pass(self):
        self._do(lambda env: env["subscription.team"]._give_waiting())

    def assertAllDone(self, results):
        self.assertFalse([one for one in results if isinstance(one, Exception)])

    def test_the_last_seat_goes_to_one_and_the_other_waits(self):
        self._do(self._join(0, 0))
        for first, second in (
            (self._join(0, 1), self._join(0, 2)),
            (self._join(0, 1), self._join(1, 2)),
            (self._join_by_member(0, 1), self._join_by_member(1, 2)),
        ):
            self.assertAllDone(self._run_together(first, second))
            self.assertEqual(len(self._get_holders()), 2)
            waiting = self._get_waiting()
            self.assertEqual(len(waiting), 1)
            self.assertEqual({0, 1, 2}, {*self._get_holders(), *waiting})
            for team, member in ((0, 1), (0, 2), (1, 1), (1, 2)):
                self._do(self._leave(team, member))

    def test_who_joins_a_team_that_is_archived_meanwhile_has_nothing(self):
        def archive(env):
            env["subscription.team"].browse(self.team_ids[0]).active = False

        for join in (self._join(0, 1), self._join_by_member(0, 1)):
            for first, second in ((archive, join), (join, archive)):
                self.assertAllDone(self._run_around(first, second))
                self.assertEqual(self._get_holders(), [])
                self._do(self._leave(0, 1))
                self._do(
                    lambda env: (
                        env["subscription.team"]
                        .browse(self.team_ids[0])
                        .write({"active": True})
                    )
                )

    def test_who_changes_teams_in_two_places_keeps_its_seat(self):
        """Out of one team and into another that gives the module as well."""
        self._do(self._join(0, 1))
        for first, second in (
            (self._leave(0, 1), self._join(1, 1)),
            (self._leave(1, 1), self._join(0, 1)),
        ):
            self.assertAllDone(self._run_around(first, second))
            self.assertEqual(self._get_holders(), [1])

    def test_a_module_that_is_added_meanwhile_is_given_to_who_joins(self):
        def set_modules(add):
            def change(env):
                pool = env["subscription.seat.pool"].browse(self.pool_id)
                team = env["subscription.team"].browse(self.team_ids[0])
                team.module_ids = pool.module_id if add else False

            return change

        for join in (self._join(0, 1), self._join_by_member(0, 1)):
            for jobs in ((set_modules(True), join), (join, set_modules(True))):
                self._do(set_modules(False))
                self.assertAllDone(self._run_around(*jobs))
                self.assertEqual(self._get_holders(), [1])
                self._do(self._leave(0, 1))

    def test_a_seat_that_is_freed_while_somebody_joins_is_not_lost(self):
        """Neither sees what the other does; the pass that both ask for does."""
        self._do(self._join(0, 0, 1))

        def release(env):
            member = env["subscription.member"].browse(self.ids[0])
            member._get_seats_in_use().filtered("is_from_team")._release("access")

        for first, second in ((release, self._join(1, 2)),):
            self.assertAllDone(self._run_around(first, second))
            self._pass()
            self.assertEqual(self._get_holders(), [1, 2])

    def test_the_pass_meets_whoever_leaves(self):
        self._do(self._join(0, 0, 1, 2))
        self.assertEqual(self._get_waiting(), [2])

        def raise_limit(env):
            pool = env["subscription.seat.pool"].browse(self.pool_id)
            pool._apply_term_limits({pool: 3})

        def give(env):
            clients = env["subscription.team"].browse(self.team_ids).client_id
            env["subscription.team"]._give_to_clients(clients.ids)

        self._do(raise_limit)
        self.assertAllDone(self._run_around(self._leave(0, 2), give))
        self.assertEqual(self._get_holders(), [0, 1])


@tagged("post_install", "-at_install")
class TestRemovalConcurrency(CommittedCase):
    def test_of_two_who_undo_one_is_told(self):
        self._build(2)
        member_ids = self._create_members(2, seated=2)

        def archive(env):
            env["subscription.member"].browse(member_ids).write({"active": False})
            return env["subscription.removal"].search([], limit=1).id

        removal_id = self._do(archive)

        def undo(env):
            return env["subscription.removal"].browse(removal_id)._undo().text

        for together in (
            self._run_together(undo, undo),
            self._run_around(lambda env: None, undo),
        ):
            _done, refused = self._split(together)
            self.assertEqual([type(error) for error in refused], [UserError])
            self.assertIn("undone already", str(refused[0]))
        seats = self._do(
            lambda env: len(env["subscription.seat.pool"].browse(self.pool_id).seat_ids)
        )
        self.assertEqual(seats, 2)
