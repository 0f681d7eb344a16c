"""Dates and quantities of terms: pure functions that models and wizards share."""

from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo.tools import float_round

# One user of one module for one year; a part of a year counts by the day.
LICENCE_DIGITS = (16, 2)
MAX_YEARS = 50
# The last day that is reckoned with: no term starts, is renewed or is looked at beyond
# it. Ends that are later, typed to mean never, are kept and count as this day.
LAST_DAY = date(9000, 12, 31)


def shift(day, delta):
    """Return the day ``delta`` after ``day``; where the calendar ends before, its last
    day, which is after ``LAST_DAY``."""
    try:
        return day + delta
    except (OverflowError, ValueError):
        return date.max


def get_anniversary(start, delta):
    """Return the day ``delta`` after ``start``; the first of the next month where that
    month has no such day: 1 March for 29 February, in a common year.

    :param delta: a ``relativedelta``, or a number of years
    """
    if isinstance(delta, int):
        delta = relativedelta(years=delta)
    anniversary = shift(start, delta)
    if (delta.years or delta.months) and not (delta.days or delta.weeks):
        anniversary += timedelta(days=anniversary.day < start.day)
    return anniversary


def get_term_end(start, delta):
    """Return the last day of a term of ``delta`` from ``start`` on."""
    return get_anniversary(start, delta) - timedelta(days=1)


def count_years(start, end):
    """Return the years from ``start`` to ``end``, both included.

    Whole years by the calendar; what is left by the day, as a part of the year in which
    it lies, 365 or 366 days long. A term of n years counts exactly n.
    """
    after = min(end, LAST_DAY) + timedelta(days=1)
    if after <= start:
        return 0.0
    whole = max(relativedelta(after, start).years - 1, 0)
    while get_anniversary(start, whole + 1) <= after:
        whole += 1
    begun = get_anniversary(start, whole)
    year = get_anniversary(start, whole + 1) - begun
    return whole + (after - begun) / year


def count_licences(seats, years):
    """Return the licences that ``seats`` take for ``years``: licence-years, rounded up
    to a hundredth, so that no seat is given for nothing."""
    return float_round(
        seats * years, precision_digits=LICENCE_DIGITS[1], rounding_method="UP"
    )


class TermRequest(NamedTuple):
    """What is asked of the next term of a subscription."""

    date_start: date
    years: int
    # {pool: seats}, infinity for a pool without limit
    seats: dict
    # Whether the subscription renews by itself, and nobody asks
    is_by_itself: bool = False

    @property
    def date_end(self):
        """The last day of the term."""
        return get_term_end(self.date_start, self.years)
