"""Whatever is done, in whatever order: who was there once a period is billed for it,
whether the job ran in time or late."""

from collections import defaultdict

from odoo import Command
from odoo.tests import tagged

from ..common.billing_model import add_months
from ..common.billing_property import (
    DAY,
    MONTH,
    MONTHLY,
    BillingPropertyCase,
    iter_days,
    plan,
)
from ..common.property import one_of, position, positions

PLANS = [
    plan(MONTH, MONTHLY, basis=basis, timing=timing)
    for basis in ("in_use", "members", "teams")
    for timing in ("pre", "post")
]


class Counts:
    """How many were there, from the moments at which that changed."""

    def __init__(self, start, end, is_pre):
        self.start, self.end, self.is_pre = start, end, is_pre
        # {key: {day: [numbers, the last one lasts]}}
        self.numbers = defaultdict(dict)
        self.paused = set()
        self.paused_since = None

    def note(self, key, day, number):
        """Note that there are ``number`` from now on."""
        self.numbers[key].setdefault(day, []).append(number)

    def pause(self, day):
        """Pause from ``day`` on."""
        self.paused_since = day

    def resume(self, day):
        """Go on on ``day``."""
        day = max(day, self.paused_since)
        self.paused |= set(iter_days(self.paused_since, day - DAY))
        self.paused_since = None

    def is_paused(self, day):
        """Return whether ``day`` is not to be paid."""
        since = self.paused_since
        return day in self.paused or bool(since and day >= since)

    def get_number(self, key, day):
        """Return how many were there when ``day`` ended."""
        known = [one for one in self.numbers[key] if one <= day]
        return self.numbers[key][max(known)][-1] if known else 0

    def iter_periods(self):
        """Yield the days of each period."""
        first, number = self.start, 1
        while first <= self.end:
            after = add_months(self.start, number)
            yield list(iter_days(first, min(after - DAY, self.end)))
            first, number = after, number + 1

    def get_owed(self, key):
        """Return ``{day: (number, days of the period)}``."""
        owed = {}
        for days in self.iter_periods():
            there = [day for day in days if not self.is_paused(day)]
            number = self._count(key, days[0], there) if there else 0
            owed |= dict.fromkeys(there, (number, len(days)))
        return owed

    def _count(self, key, first, days):
        if not self.is_pre:
            return max(
                number
                for day in days
                for number in (
                    self.get_number(key, day - DAY),
                    *self.numbers[key].get(day, ()),
                )
            )
        late = first == self.start or days[0] != first
        return self.get_number(key, days[0] if late else first - DAY)


@tagged("post_install", "-at_install")
class TestBillingPropertyCounted(BillingPropertyCase):
    """Seats in use, members and teams."""

    PLANS = PLANS
    STEPS = {
        "wait": (10, one_of(1, 2, 5, 9, 14, 20, 31)),
        "grant": (5, position),
        "release": (3, position),
        "join": (4, positions),
        "leave": (3, position),
        "set_teams": (4, position, positions),
        "add_team": (2, positions),
        "turn_team": (4, position),
        "pause": (2, one_of(None, 1, 3, 10, 40)),
        "resume": (2,),
        "run_late": (3,),
    }
    NEVER_REFUSED = (
        *("wait", "release", "join", "leave", "set_teams", "add_team", "turn_team"),
        "run_late",
    )
    LENGTH = 30

    def test_who_was_there_is_billed(self):
        self._check_fixed_sequences()

    def test_who_was_there_is_billed_in_new_sequences(self):
        self._check_new_sequences()

    def _begin(self):
        super()._begin()
        end = self.subscriptions[0].date
        is_pre = self.plan[4]["billing_timing"] == "pre"
        self.model = Counts(self.today, end, is_pre)
        with self._at(8, 30):
            self._do_add_team([0, 1, 2])
            self._do_add_team([3])
        self._done("start")
        self._catch_up()

    def _done(self, name):
        first = self.subscriptions[0]
        basis = self.plan[4]["billing_basis"]
        if basis == "in_use":
            for key in (0, 1):
                seats = self._get_pool(first, key).seat_ids
                self._note(key, len(seats.filtered(lambda one: not one.released_at)))
            return
        teams = first.client_id.subscription_team_ids.filtered("active")
        members = first.client_id.subscription_member_ids.filtered(
            lambda one: one.active and one.state in ("invited", "active")
        )
        members = members.filtered(
            lambda one: one.role_id.takes_seat and one.team_ids & teams
        )
        self._note(0, len(members if basis == "members" else teams))

    def _note(self, key, number):
        self.model.note(key, self.today, number)

    # ------------------------------------------------------------------ steps

    def _get_teams(self, subscription):
        teams = self.env["subscription.team"].with_context(active_test=False)
        return teams.search([("client_id", "=", subscription.client_id.id)], order="id")

    def _pick(self, records, places):
        """Return those of ``records`` at ``places``, counted round and round."""
        return records.browse({records.ids[place % len(records)] for place in places})

    def _do_join(self, places):
        def do(subscription):
            teams = self._pick(self._get_teams(subscription), places)
            self.env["subscription.member"].create(
                {
                    "client_id": subscription.client_id.id,
                    "name": "New",
                    "role_id": self.env.ref(
                        "partner_managed_subscription.role_standard"
                    ).id,
                    "team_ids": [Command.set(teams.ids)],
                }
            )

        self._do_both(do)

    def _do_leave(self, place):
        def do(subscription):
            members = subscription.client_id.subscription_member_ids.sorted("id")
            if members:
                self._pick(members, [place]).action_archive()
            return bool(members)

        return self._do_both(do)

    def _do_set_teams(self, place, places):
        def do(subscription):
            members = subscription.client_id.subscription_member_ids.sorted("id")
            teams = self._pick(self._get_teams(subscription), places)
            if members:
                self._pick(members, [place]).team_ids = teams
            return bool(members)

        return self._do_both(do)

    def _do_add_team(self, places):
        def do(subscription):
            members = subscription.client_id.subscription_member_ids.sorted("id")
            members = self._pick(members, places) if members else members
            self.env["subscription.team"].create(
                {
                    "name": f"Team {len(self._get_teams(subscription))}",
                    "client_id": subscription.client_id.id,
                    "member_ids": [Command.set(members.ids)],
                }
            )

        self._do_both(do)

    def _do_turn_team(self, place):
        """Archive a team, or restore it."""

        def do(subscription):
            team = self._pick(self._get_teams(subscription), [place])
            team.active = not team.active

        self._do_both(do)

    def _do_pause(self, days):
        # Whether the invoice of that day came before is not known later.
        if any(period[0] == self.today for period in self.model.iter_periods()):
            return False
        return super()._do_pause(days)

    # ------------------------------------------------------------------ checks

    def _check_end(self):
        self._do_wait(max((self.model.end + 2 * DAY - self.today).days, 1))
        self._check_nothing_left()
        self._check_statements()
        price, total = self.plan[1], 0
        for key in (0, 1):
            owed = self.model.get_owed(key)
            expected = {day: number for day, (number, _days) in owed.items()}
            total += sum(
                number * round(price / days, 2) for number, days in owed.values()
            )
            for subscription in self.subscriptions:
                self._check_billed(subscription, key, expected)
        for amount in self._get_amounts():
            self.assertAlmostEqual(amount, total, 2)
