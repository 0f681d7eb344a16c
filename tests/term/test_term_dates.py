from datetime import date

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.tests import BaseCase

from ...terms import count_licences, count_years, get_anniversary, get_term_end

STARTS = st.dates(date(1996, 1, 1), date(2099, 12, 31))
YEARS = st.integers(1, 50)
UNITS = st.sampled_from(["days", "weeks", "months", "years"])
quick = settings(derandomize=True, database=None, deadline=None)


class TestTermDates(BaseCase):
    """Terms by the calendar: no day twice, none missing, a year is a year."""

    def test_last_days(self):
        for start, unit, count, end in [
            ("2026-01-01", "years", 1, "2026-12-31"),
            ("2026-03-15", "years", 3, "2029-03-14"),
            ("2024-02-29", "years", 1, "2025-02-28"),
            ("2024-02-29", "years", 4, "2028-02-28"),
            ("2023-03-01", "years", 1, "2024-02-29"),
            ("2024-03-01", "years", 1, "2025-02-28"),
            ("2026-01-31", "months", 1, "2026-02-28"),
            ("2026-01-30", "months", 1, "2026-02-28"),
            ("2026-01-28", "months", 1, "2026-02-27"),
            ("2028-01-31", "months", 1, "2028-02-29"),
            ("2026-03-31", "months", 1, "2026-04-30"),
            ("2026-08-31", "months", 6, "2027-02-28"),
            ("2026-12-15", "months", 1, "2027-01-14"),
            ("2026-12-28", "weeks", 1, "2027-01-03"),
            ("2028-02-29", "days", 1, "2028-02-29"),
        ]:
            with self.subTest(start=start, unit=unit, count=count):
                found = get_term_end(
                    date.fromisoformat(start), relativedelta(**{unit: count})
                )
                self.assertEqual(str(found), end)

    def test_years(self):
        for start, end, years in [
            ("2026-01-01", "2026-12-31", 1),
            ("2026-01-01", "2026-01-01", 1 / 365),
            ("2028-01-01", "2028-01-01", 1 / 366),
            ("2026-03-15", "2026-12-31", 292 / 365),
            ("2024-02-29", "2025-02-28", 1),
            ("2024-02-29", "2025-02-27", 365 / 366),
            # The part of a year lies in the second one, which has 366 days.
            ("2026-07-01", "2027-12-31", 1 + 184 / 366),
            ("2026-07-01", "2076-06-30", 50),
            ("2026-01-02", "2026-01-01", 0),
            ("2026-01-02", "2025-01-01", 0),
        ]:
            with self.subTest(start=start, end=end):
                found = count_years(date.fromisoformat(start), date.fromisoformat(end))
                self.assertAlmostEqual(found, years, 9)

    def test_an_end_that_means_never_counts_too(self):
        start = date(2026, 1, 1)
        self.assertGreater(count_years(start, date.max), 6000)
        self.assertEqual(count_years(date.max, date.max), 0)

    def test_licences_are_rounded_up(self):
        for seats, years, licences in [
            (1, 1, 1),
            (5, 292 / 365, 4),
            (1, 1 / 365, 0.01),
            (3, 1 / 3, 1),
            (7, 0.1, 0.7),
            (1, 0.331, 0.34),
            (0, 1, 0),
            (3, 0, 0),
            (1_000_000, 50, 50_000_000),
        ]:
            with self.subTest(seats=seats, years=years):
                self.assertAlmostEqual(count_licences(seats, years), licences, 9)

    @quick
    @given(STARTS, YEARS)
    def test_n_years_count_n(self, start, years):
        self.assertEqual(count_years(start, get_term_end(start, years)), years)

    @quick
    @given(STARTS, YEARS)
    def test_a_day_less_counts_less_and_a_day_more_counts_more(self, start, years):
        end, day = get_term_end(start, years), relativedelta(days=1)
        self.assertLess(count_years(start, end - day), years)
        self.assertGreater(count_years(start, end + day), years)

    @quick
    @given(STARTS, STARTS, STARTS)
    def test_longer_terms_count_no_less(self, start, one, other):
        one, other = sorted([one, other])
        self.assertLessEqual(count_years(start, one), count_years(start, other))

    @quick
    @given(STARTS, UNITS, st.integers(1, 40), st.integers(1, 30))
    def test_terms_neither_overlap_nor_leave_a_gap(self, start, unit, length, count):
        """Also those that are counted from the very first start, as plans are."""
        day = relativedelta(days=1)
        first, second = (
            relativedelta(**{unit: length * times}) for times in (count, count + 1)
        )
        self.assertEqual(
            get_term_end(start, first) + day, get_anniversary(start, first)
        )
        self.assertLess(get_term_end(start, first), get_term_end(start, second))

    @quick
    @given(STARTS, st.lists(YEARS, min_size=2, max_size=4))
    def test_terms_that_follow_one_another_start_on_the_same_day(self, start, lengths):
        for years in lengths:
            following = get_term_end(start, years) + relativedelta(days=1)
            if start.month == 2 and start.day == 29 and following.day == 1:
                self.assertEqual(following.month, 3)
                break
            self.assertEqual((following.month, following.day), (start.month, start.day))
            start = following
