import random
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytz

from odoo.tests import BaseCase

from ...counting import (
    TICK,
    Calendar,
    CountRequest,
    HolderRequest,
    Stay,
    count_days,
    count_units,
    find_peak,
    list_holders,
)

PARIS = Calendar(pytz.timezone("Europe/Paris"))
JANUARY = date(2026, 1, 1), date(2026, 1, 31)


def at(day, hour=12):
    """Return a moment of January 2026, UTC."""
    return datetime(2026, 1, 1) + timedelta(days=day - 1, hours=hour)


def draw_stays(rng, count, units=6):
    """Return random stays from hour to hour of two days; some never end, some are not
    longer than nothing."""
    stays = []
    for number in range(count):
        begin, length = rng.randrange(48), rng.choice([0, 1, 2, 5, 9, 30, None])
        until = None if length is None else at(1, begin + length)
        unit = rng.randrange(units)
        key = rng.randrange(2), unit
        stays.append(Stay(unit, at(1, begin), until, {"holder": number}, key))
    return stays


class TestCalendar(BaseCase):
    def test_days_in_paris(self):
        self.assertEqual(PARIS.get_start(date(2026, 2, 1)), datetime(2026, 1, 31, 23))
        self.assertEqual(PARIS.get_start(date(2026, 7, 1)), datetime(2026, 6, 30, 22))
        self.assertEqual(
            PARIS.get_end(date(2026, 1, 31)), datetime(2026, 1, 31, 23) - TICK
        )
        self.assertEqual(PARIS.get_day(datetime(2026, 1, 31, 23)), date(2026, 2, 1))
        self.assertEqual(
            PARIS.get_day(datetime(2026, 1, 31, 22, 59)), date(2026, 1, 31)
        )

    def test_every_moment_lies_in_its_day(self):
        """Also where clocks are set at midnight, forward (Beirut) and back (Havana)."""
        for name in ("Asia/Beirut", "America/Havana", "Pacific/Apia", "UTC"):
            calendar = Calendar(pytz.timezone(name))
            days = [date(2023, 1, 1) + timedelta(days=n) for n in range(365)]
            for day, following in pairwise(days):
                with self.subTest(name, day=day):
                    start, end = calendar.get_start(day), calendar.get_end(day)
                    self.assertEqual(end + TICK, calendar.get_start(following))
                    for moment in (start, end, start + timedelta(hours=12)):
                        self.assertEqual(calendar.get_day(moment), day)


class TestPeak(BaseCase):
    def _get_number(self, stays, moment):
        return len({stay.unit for stay in stays if stay.is_at(moment)})

    def test_same_as_looking_at_each_hour(self):
        rng, found = random.Random(11), 0
        for _ in range(400):
            stays = draw_stays(rng, rng.randrange(9))
            cuts = sorted(rng.sample(range(50), 4))
            spans = [
                (at(1, cuts[0]), at(1, cuts[1]) - TICK),
                (at(1, cuts[2]), at(1, cuts[3]) - TICK),
            ]
            hours = [*range(*cuts[:2]), *range(*cuts[2:])]
            numbers = {
                at(1, hour): self._get_number(stays, at(1, hour)) for hour in hours
            }
            highest = max(numbers.values())
            first = next((m for m in numbers if numbers[m] == highest), None)
            self.assertEqual(
                find_peak(stays, spans), (first if highest else None, highest)
            )
            found += highest > 1
        self.assertGreater(found, 100)

    def test_successor(self):
        """Who follows at the moment at which another leaves is not beside it."""
        stays = [Stay(1, at(1), at(10)), Stay(2, at(10), None)]
        self.assertEqual(find_peak(stays, [(at(1), at(31))]), (at(1), 1))


class TestDays(BaseCase):
    def test_same_as_looking_at_each_day(self):
        rng = random.Random(12)
        first, last = JANUARY
        days = [first + timedelta(days=n) for n in range(31)]
        for _ in range(300):
            stays = []
            for _ in range(rng.randrange(1, 5)):
                begin = rng.randrange(-100, 800)
                length = rng.choice([0, 1, 20, 24, 200, None])
                until = None if length is None else at(1, begin + length)
                stays.append(Stay(1, at(1, begin), until))
            there = [
                day
                for day in days
                if any(
                    stay.overlaps(PARIS.get_start(day), PARIS.get_end(day))
                    for stay in stays
                )
            ]
            self.assertEqual(count_days(stays, first, last, PARIS), len(there))

    def test_borders(self):
        for since, until, expected in [
            (datetime(2025, 12, 1), None, 31),
            (at(1), at(1, 13), 1),
            # Midnight in Paris: the day that begins then is not one of those held.
            (at(1), at(10, 23), 10),
            (at(10, 23), None, 21),
            (at(31, 23), None, 0),
            (datetime(2025, 12, 1), datetime(2025, 12, 31, 23), 0),
            (at(5), at(5), 0),
        ]:
            with self.subTest(since=since, until=until):
                stays = [Stay(1, since, until)]
                self.assertEqual(count_days(stays, *JANUARY, PARIS), expected)


class TestUnits(BaseCase):
    def _count(self, stays, moment="peak", spans=(JANUARY,), period=JANUARY):
        request = CountRequest(None, "members", None, *period, moment, [*spans])
        return count_units(stays, request, PARIS)

    def _get_rows(self, counted):
        return [
            (row["holder"], row["days"], row["quantity"], row["note"])
            for row in counted.rows
        ]

    def _stay(self, name, since, until=None, team="Red"):
        values = {"holder": name, "team": team}
        return Stay(name, since, until, values, (team, name))

    def test_quantities_add_up(self):
        rng = random.Random(13)
        for _ in range(400):
            stays = draw_stays(rng, rng.randrange(9))
            for moment in ("start", "end", "peak"):
                counted = self._count(stays, moment)
                self.assertEqual(
                    sum(row["quantity"] for row in counted.rows), counted.quantity
                )
            spans = [(PARIS.get_start(JANUARY[0]), PARIS.get_end(JANUARY[1]))]
            self.assertEqual(counted.quantity, find_peak(stays, spans)[1])

    def test_peak(self):
        """The first highest number counts; the others of the period are listed."""
        counted = self._count(
            [
                self._stay("Ann", at(-5)),
                self._stay("Bob", at(-5), at(10)),
                self._stay("Cid", at(10)),
                self._stay("Dan", at(20), at(25)),
                self._stay("Eva", at(28)),
                self._stay("Old", at(-9), at(-8)),
                self._stay("New", at(33)),
            ]
        )
        # Ann, Cid and Dan from the 20th on, for the first time.
        self.assertEqual(counted.quantity, 3)
        self.assertEqual(
            self._get_rows(counted),
            [
                ("Ann", 31, 1, False),
                ("Bob", 10, 0, "left"),
                ("Cid", 22, 1, False),
                ("Dan", 6, 1, False),
                ("Eva", 4, 0, False),
            ],
        )

    def test_peak_outside_a_pause(self):
        stays = [
            self._stay("Ann", at(-5)),
            self._stay("Bob", at(10), at(12)),
        ]
        self.assertEqual(self._count(stays).quantity, 2)
        spans = [(date(2026, 1, 1), date(2026, 1, 9)), (date(2026, 1, 13), JANUARY[1])]
        self.assertEqual(self._count(stays, spans=spans).quantity, 1)
        self.assertEqual(self._count(stays, spans=[]), (0, []))

    def test_start_and_end_of_the_first_day(self):
        stays = [
            self._stay("Ann", at(-5)),
            self._stay("Bob", at(-5), at(1)),
            self._stay("Cid", at(1)),
            self._stay("Dan", at(2)),
            self._stay("Eva", at(1, -1), at(20)),
        ]
        # Eva comes as the first day begins.
        for moment, expected in (
            ("start", ["Ann", "Bob", "Eva"]),
            ("end", ["Ann", "Cid", "Eva"]),
        ):
            with self.subTest(moment):
                self.assertEqual(
                    self._get_rows(self._count(stays, moment)),
                    [(name, 31, 1, False) for name in expected],
                )

    def test_left_as_the_day_begins(self):
        gone = self._stay("Ann", at(-5), at(1, -1))
        self.assertEqual(self._count([gone], "start"), (0, []))
        gone = self._stay("Ann", at(-5), at(2, -1))
        self.assertEqual(self._count([gone], "end").quantity, 1)

    def test_paused_on_the_first_day(self):
        """Who is there is counted on the first day that is not paused."""
        stays = [self._stay("Ann", at(5)), self._stay("Bob", at(12))]
        spans = [(date(2026, 1, 10), date(2026, 1, 31))]
        self.assertEqual(
            self._get_rows(self._count(stays, "start", spans)), [("Ann", 27, 1, False)]
        )

    def test_several_teams(self):
        """A member is one, in the first of its teams; others list it with its days."""
        stays = [
            self._stay("Ann", at(-5), at(5), "Blue"),
            self._stay("Ann", at(5), None, "Green"),
            self._stay("Ann", at(-5), None, "Red"),
            self._stay("Bob", at(8), None, "Blue"),
        ]
        self.assertEqual(
            [(row["team"], *cells) for row, cells in self._zip(self._count(stays))],
            [
                ("Blue", "Ann", 5, 0, False),
                ("Blue", "Bob", 24, 1, False),
                ("Green", "Ann", 27, 1, False),
                ("Red", "Ann", 31, 0, False),
            ],
        )

    def _zip(self, counted):
        return zip(counted.rows, self._get_rows(counted), strict=True)


class TestHolders(BaseCase):
    def _list(self, stays, quantity, base=0, is_top=True, until=None, period=JANUARY):
        request = HolderRequest(
            None, *period, base, quantity, is_top, until or datetime(2026, 2, 1)
        )
        return [
            (row["holder"], row["days"], row["quantity"], row["note"])
            for row in list_holders(stays, request, PARIS)
        ]

    def _stay(self, name, since, until=None):
        return Stay(name, since, until, {"holder": name}, (name,))

    def test_assigned_and_not(self):
        stays = [self._stay("Bob", at(3)), self._stay("Ann", at(-5))]
        self.assertEqual(
            self._list(stays, 4),
            [
                ("Ann", 31, 1, False),
                ("Bob", 29, 1, False),
                *[(False, 31, 1, "unassigned")] * 2,
            ],
        )

    def test_lines_of_one_pool(self):
        """Ranks go from line to line; who is beyond all is on the highest, who left on
        the lowest."""
        stays = [self._stay(name, at(-9 + n)) for n, name in enumerate("ABCDE")]
        stays.append(self._stay("Z", at(-20), at(9)))
        self.assertEqual(
            self._list(stays, 2, is_top=False),
            [("A", 31, 1, False), ("B", 31, 1, False), ("Z", 9, 0, "left")],
        )
        self.assertEqual(
            self._list(stays, 2, base=2),
            [("C", 31, 1, False), ("D", 31, 1, False), ("E", 31, 0, "beyond")],
        )

    def test_changed_hands(self):
        stays = [self._stay("Ann", at(-5), at(10)), self._stay("Bob", at(10))]
        self.assertEqual(
            self._list(stays, 1), [("Bob", 22, 1, False), ("Ann", 10, 0, "left")]
        )

    def test_came_back(self):
        """One row for each person, with the days of both times."""
        stays = [self._stay("Ann", at(-5), at(3)), self._stay("Ann", at(30))]
        self.assertEqual(self._list(stays, 1), [("Ann", 5, 1, False)])

    def test_what_is_not_known_yet(self):
        """What happened after the run does not change what it says."""
        stays = [
            self._stay("Ann", at(-5), at(10)),
            self._stay("Bob", at(10)),
            self._stay("Cid", at(1)),
        ]
        self.assertEqual(
            self._list(stays, 2, until=at(1)),
            [("Ann", 31, 1, False), ("Cid", 31, 1, False)],
        )
        # Billed before the period begins.
        self.assertEqual(
            self._list(stays, 1, until=at(-1)),
            [("Ann", 31, 1, False)],
        )

    def test_after_the_last_day(self):
        stays = [self._stay("Ann", at(-5), at(31, 23)), self._stay("Bob", at(31, 23))]
        self.assertEqual(
            self._list(stays, 1, until=datetime(2026, 3, 1)), [("Ann", 31, 1, False)]
        )

    def test_quantities_add_up(self):
        rng, notes = random.Random(14), set()
        for _ in range(400):
            stays = draw_stays(rng, rng.randrange(9))
            base, quantity = rng.randrange(4), rng.randrange(4)
            until = at(1, rng.randrange(60))
            lines = [
                self._list(stays, base, is_top=False, until=until),
                self._list(stays, quantity, base=base, until=until),
            ]
            for line, sum_ in zip(lines, (base, quantity), strict=True):
                self.assertEqual(sum(row[2] for row in line), sum_)
            if base:
                listed = [row[3] for line in lines for row in line]
                there = {stay.unit for stay in stays if stay.is_at(until)}
                held = sum(note in (False, "beyond") for note in listed)
                self.assertEqual(held, len(there))
                notes.update(listed)
        self.assertEqual(notes, {False, "beyond", "left", "unassigned"})
