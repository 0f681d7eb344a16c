from odoo import Command

from ..common.property import PropertyMixin, boolean, one_of, position, positions
from ..common.subscription import create_plan
from .test_team_module import TeamModuleCase

limit = one_of(0, 1, 2, 2, 3, 4, 6)


class TestTeamProperty(PropertyMixin, TeamModuleCase):
    """Whatever is done to teams, members, seats and limits: once the waiting were tried
    again, who has which seat, and by whom, is what a simple model says.

    The model knows who was given a seat by hand, and who lost it that way. By teams
    those have a seat, of those whom teams promise one, for whom there is room.
    """

    STEPS = {
        "join": (6, position, positions),
        "leave": (4, position, positions),
        "set_teams": (3, position, positions),
        "set_modules": (4, position, positions),
        "archive_team": (3, position, boolean),
        "delete_team": (1, position),
        "archive_member": (3, position, boolean),
        "grant": (3, position, position),
        "release": (3, position),
        "set_limit": (4, position, limit),
        "set_role": (2, position, position),
    }
    NEVER_REFUSED = (
        *("join", "leave", "set_teams", "set_modules", "archive_team", "delete_team"),
        *("archive_member", "release", "set_role"),
    )
    LENGTH = 30

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = create_plan(
            cls.env, "Three", {cls.base: 90, cls.expenses: 2, cls.time: 2}
        )
        cls.subscription.template_id = plan
        cls.time_pool = cls._get_pool(cls.subscription, cls.time)
        cls.pools = cls.expenses_pool | cls.time_pool
        cls.members |= cls._create_members(cls.acme, 2)
        cls.teams = cls.sales | cls.support | cls._create_team("Third", cls.dan)
        cls.roles = cls.role_standard | cls.role_reports

    def test_seats_are_as_the_model_says(self):
        self._check_fixed_sequences()

    def test_seats_are_as_the_model_says_in_new_sequences(self):
        self._check_new_sequences()

    def _begin(self):
        # {(pool, member)} with a seat that was given by hand
        self.by_hand = set()
        # {(pool, member)} that lost one by hand, and did not join a team since
        self.barred = set()
        self.claims = set()

    def _get_claims(self):
        """Return ``{(team, pool, member)}`` as teams say, read plainly."""
        return {
            (team, pool, member)
            for team in self.teams.exists()
            if team.active
            for pool in self.pools
            if pool.module_id in team.module_ids
            for member in team.member_ids
            if member.active
        }

    def _check_step(self, name, *arguments):
        if not self._is_done(name, *arguments):
            return
        self._pass()
        claims = self._get_claims()
        if name != "archive_member":
            self.barred -= {claim[1:] for claim in claims - self.claims}
        self.claims = claims
        self._check()

    def _check(self):
        seats = self.pools.seat_ids
        held = {(seat.pool_id, seat.member_id): seat.is_from_team for seat in seats}
        self.by_hand = {key for key in self.by_hand if key[1].active}
        self.assertEqual(
            {key for key, is_from_team in held.items() if not is_from_team},
            self.by_hand,
        )
        by_team = set(held) - self.by_hand
        promised = {claim[1:] for claim in self.claims} - self.by_hand - self.barred
        self.assertLessEqual(by_team, promised, "somebody has what no team gives")
        for pool, member in promised - by_team:
            self.assertTrue(member.takes_seat, "one that does not count was not given")
            self.assertGreaterEqual(pool.used, pool.seat_limit, "a seat was left free")
        for pool in self.pools:
            counted = pool.seat_ids.filtered("takes_seat")
            self.assertLessEqual(len(counted), pool.seat_limit)
        for seat in seats:
            self.assertEqual(seat.takes_seat, seat.member_id.takes_seat)
        self.assertEqual(len(held), len(seats), "somebody has two seats")

    def _pick(self, records, *positions):
        return records.browse(
            records[position % len(records)].id for position in positions if records
        )

    def _pick_pair(self, number):
        pairs = [(pool, member) for pool in self.pools for member in self.members]
        return pairs[number % len(pairs)]

    # ------------------------------------------------------------------ what is done

    def _do_join(self, team, members):
        team = self._pick(self.teams.exists(), team)
        team.member_ids |= self._pick(self.members, *members)
        return bool(team)

    def _do_leave(self, team, members):
        team = self._pick(self.teams.exists(), team)
        team.member_ids -= self._pick(self.members, *members)
        return bool(team)

    def _do_set_teams(self, member, teams):
        teams = self._pick(self.teams.exists(), *teams)
        self._pick(self.members, member).team_ids = [Command.set(teams.ids)]

    def _do_set_modules(self, team, modules):
        team = self._pick(self.teams.exists(), team)
        # The last of these is none, so that a team gives nothing at times.
        chosen = [number % 3 for number in modules]
        team.module_ids = self.pools.module_id.browse(
            self.pools[number].module_id.id for number in chosen if number < 2
        )
        return bool(team)

    def _do_archive_team(self, team, active):
        team = self._pick(self.teams.exists(), team)
        team.active = active
        return bool(team)

    def _do_delete_team(self, team):
        teams = self.teams.exists()
        if len(teams) > 1:
            self._pick(teams, team).unlink()
        return len(teams) > 1

    def _do_archive_member(self, member, active):
        self._pick(self.members, member).active = active

    def _do_grant(self, pool, member):
        pool, member = self._pick(self.pools, pool), self._pick(self.members, member)
        self._grant(pool, member)
        self.by_hand.add((pool, member))
        self.barred.discard((pool, member))

    def _do_release(self, number):
        pool, member = self._pick_pair(number)
        seat = pool.seat_ids.filtered(lambda seat: seat.member_id == member)
        seat._release("access")
        if seat:
            self.by_hand.discard((pool, member))
            self.barred.add((pool, member))
        return bool(seat)

    def _do_set_limit(self, pool, limit):
        self._pick(self.pools, pool).seat_limit = limit

    def _do_set_role(self, member, role):
        member = self._pick(self.members, member)
        # By hand it would be refused where it does not fit, which is tested elsewhere.
        if any(one == member for _pool, one in self.by_hand):
            return False
        member.role_id = self._pick(self.roles, role)
        return True
