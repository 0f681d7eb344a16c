import math
from datetime import date, timedelta
from fractions import Fraction

from odoo.tests import BaseCase, freeze_time, tagged

from ...terms import count_licences, count_years, get_anniversary, get_term_end
from ..common.licence import LicenceCase
from ..common.subscription import create_yearly_plan

# When the term begins and ends, when how many seats are added, and what that takes.
RAISES = """
2026-01-01 2026-12-31  2026-01-01    1     1
2026-01-01 2026-12-31  2026-01-01    7     7
2026-01-01 2026-12-31  2026-01-02    1     1
2026-01-01 2026-12-31  2026-01-02  100    99.73
2026-01-01 2026-12-31  2026-01-05    1     0.99
2026-01-01 2026-12-31  2026-02-28    1     0.85
2026-01-01 2026-12-31  2026-07-02    1     0.51
2026-01-01 2026-12-31  2026-07-02    2     1.01
2026-01-01 2026-12-31  2026-12-27    1     0.02
2026-01-01 2026-12-31  2026-12-30    1     0.01
2026-01-01 2026-12-31  2026-12-31    1     0.01
2026-01-01 2026-12-31  2026-12-31    3     0.01
2026-01-01 2026-12-31  2026-12-31    4     0.02
2026-01-01 2026-12-31  2026-12-31  365     1
2026-01-01 2026-12-31  2026-12-31 1000     2.74
2024-01-01 2024-12-31  2024-02-29    1     0.84
2024-01-01 2024-12-31  2024-07-02    1     0.51
2024-01-01 2024-12-31  2024-12-31  365     1
2024-02-29 2025-02-28  2024-02-29    1     1
2024-02-29 2025-02-28  2025-02-28    1     0.01
2024-02-29 2025-02-28  2025-02-28  365     1
2026-01-31 2027-01-30  2026-12-31    1     0.09
2026-03-15 2029-03-14  2027-09-15    1     1.5
2026-03-15 2029-03-14  2028-03-15    3     3
2026-03-15 2029-03-14  2028-03-16    1     1
2023-03-01 2028-02-29  2027-03-01    2     2
2023-03-01 2028-02-29  2028-02-29    1     0.01
2026-03-01 2026-03-31  2026-03-01    1     0.09
2026-02-01 2026-02-28  2026-02-28   10     0.03
"""


class TestLicenceCount(BaseCase):
    """Licences are licence-years, rounded up to a hundredth, and to no more."""

    def test_licences_are_rounded_up_exactly(self):
        for days in range(1, 367):
            for length in (365, 366):
                for seats in (1, 2, 3, 7, 10, 99, 100, 365, 999, 1000000):
                    exact = Fraction(seats * days * 100, length)
                    expected = Fraction(math.ceil(exact), 100)
                    self.assertAlmostEqual(
                        count_licences(seats, days / length),
                        float(expected),
                        places=4,
                        msg=f"{seats} seats for {days} of {length} days",
                    )

    def test_whole_years_are_not_rounded(self):
        for seats in (0, 1, 3, 1000000):
            for years in (1, 2, 3, 49, 50):
                self.assertEqual(count_licences(seats, years), seats * years)

    def test_terms_of_years_count_exactly(self):
        for start in (date(2023, 1, 1) + timedelta(days=n) for n in range(365 * 5)):
            for years in (1, 2, 3, 4, 50):
                end = get_term_end(start, years)
                self.assertEqual(count_years(start, end), years, start)
                self.assertEqual(get_anniversary(start, years) - end, timedelta(days=1))

    def test_each_day_more_counts_more(self):
        for start in (
            date(2024, 1, 1),
            date(2024, 2, 28),
            date(2024, 2, 29),
            date(2024, 3, 1),
            date(2025, 1, 31),
            date(2025, 12, 31),
        ):
            counts = [
                count_years(start, start + timedelta(days=n)) for n in range(-3, 1500)
            ]
            self.assertEqual(counts[:3], [0, 0, 0])
            for one, other in zip(counts[2:], counts[3:], strict=False):
                self.assertLess(one, other)
                self.assertAlmostEqual(other - one, 1 / 365.5, places=4)


@tagged("post_install", "-at_install")
class TestLicenceTable(LicenceCase):
    def test_seats_of_a_running_term_take_licences_until_its_end(self):
        self.north.licence_billing = "on_account"
        plan = create_yearly_plan(self.env, "Table", {self.base: 10, self.expenses: 0})
        for line in RAISES.strip().splitlines():
            start, end, day, seats, licences = line.split()
            with self.subTest(line=line):
                with freeze_time(start):
                    term = self._create_subscription(
                        self.acme, plan, date_start=start, date=end
                    )
                since = self.moves.search([])
                pool = self._get_pool(term, self.expenses)
                with freeze_time(day):
                    pool.seat_limit = int(seats)
                moves = self.moves.search([]) - since
                raised = moves.filtered(lambda move: move.kind == "raise")
                self.assertEqual(len(raised), 1)
                self.assertEqual(raised.quantity, -float(licences))
                self.assertEqual(raised.subscription_id, term)
        self._check_adds_up()
