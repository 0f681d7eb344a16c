from datetime import date, timedelta

from odoo.tests import BaseCase

from ...notices import (
    get_legal_ends,
    get_legal_window,
    get_renewal_ends,
    get_threshold,
    parse_days,
)
from ..common.notice import DAYS, END


class TestNoticeDays(BaseCase):
    """The rules of the calendar, without a database."""

    def test_days(self):
        """Days are read from text, in order and each once."""
        for text, days in (
            ("90, 60, 30, 7, 0", DAYS),
            (" 7,30 , 7", [30, 7]),
            ("0", [0]),
            ("730", [730]),
            ("", []),
            ("  ", []),
            (False, []),
        ):
            with self.subTest(text=text):
                self.assertEqual(parse_days(text), days)

    def test_no_days(self):
        """Anything else is refused."""
        for text in ("731", "-1", "1.5", "7;30", "7,,30", "seven", ",", "٣", "7,"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_days(text)

    def test_threshold(self):
        """The latest notice whose day has come is due, that of the last day for a week
        after the end."""
        for left, days, threshold in (
            (91, DAYS, None),
            (90, DAYS, 90),
            (89, DAYS, 90),
            (61, DAYS, 90),
            (60, DAYS, 60),
            (8, DAYS, 30),
            (7, DAYS, 7),
            (1, DAYS, 7),
            (0, DAYS, 0),
            (-1, DAYS, 0),
            (-7, DAYS, 0),
            (-8, DAYS, None),
            (0, [90, 7], 7),
            (-1, [90, 7], None),
            (5, [], None),
        ):
            with self.subTest(left=left, days=days):
                self.assertEqual(get_threshold(left, days), threshold)

    def test_ends(self):
        """The calendar of a day has every end that is near, with its notice."""
        today = date(2028, 2, 29)
        ends = get_renewal_ends(today, [30, 0])
        self.assertEqual(min(ends), date(2028, 2, 22))
        self.assertEqual(max(ends), date(2028, 3, 30))
        self.assertEqual(ends[today], 0)
        self.assertEqual(ends[date(2028, 3, 1)], 30)
        self.assertFalse(get_renewal_ends(today, []))

    def test_legal_window(self):
        """Neither more than three months nor less than one before the last day to
        refuse, also where a month has no such day."""
        for end, refusal_days, first, last, deadline in (
            ("2026-12-31", 0, "2026-10-01", "2026-11-30", "2026-12-31"),
            ("2026-12-31", 30, "2026-09-01", "2026-11-01", "2026-12-01"),
            ("2026-05-31", 0, "2026-03-01", "2026-04-30", "2026-05-31"),
            ("2028-05-31", 0, "2028-03-01", "2028-04-30", "2028-05-31"),
            ("2028-05-29", 0, "2028-02-29", "2028-04-29", "2028-05-29"),
            ("2026-05-29", 0, "2026-03-01", "2026-04-29", "2026-05-29"),
            ("2028-02-29", 0, "2027-11-29", "2028-01-29", "2028-02-29"),
            ("2028-03-30", 30, "2027-11-29", "2028-01-29", "2028-02-29"),
            ("2026-03-31", 0, "2025-12-31", "2026-02-28", "2026-03-31"),
        ):
            with self.subTest(end=end, refusal_days=refusal_days):
                window = get_legal_window(date.fromisoformat(end), refusal_days)
                self.assertEqual(
                    window, tuple(map(date.fromisoformat, (first, last, deadline)))
                )

    def test_legal_ends(self):
        """Every end is in the calendar from its first day to its last day to refuse."""
        for end in (END, date(2028, 2, 29), date(2026, 5, 31), date(2027, 3, 1)):
            for refusal_days in (0, 30, 365):
                first, _, deadline = get_legal_window(end, refusal_days)
                for day, due in (
                    (first - timedelta(days=1), False),
                    (first, True),
                    (deadline, True),
                    (deadline + timedelta(days=1), False),
                ):
                    with self.subTest(end=end, refusal_days=refusal_days, day=day):
                        ends = get_legal_ends(day, refusal_days)
                        self.assertEqual(end in ends, due)
                        if due:
                            self.assertEqual(ends[end], deadline)
