"""What is to be billed of contracted seats, reckoned seat by seat and day by day: much
simpler than periods, steps and blocks, and slow."""

import calendar
from collections import defaultdict
from datetime import date
from itertools import pairwise

from .billing_property import DAY, WINDOW, iter_days


class Seat:
    """One contracted seat: from when to when it is to be paid."""

    def __init__(self, first, window, is_start=False):
        self.first, self.window, self.is_start = first, window, is_start
        self.last = None


class Model:
    """What is to be billed, reckoned seat by seat and day by day."""

    def __init__(self, interval, aligned, is_never):
        self.unit, self.count = interval
        self.aligned, self.is_never = aligned, is_never
        # [first day, last day]
        self.terms = []
        self.seats = defaultdict(list)
        self.periods = {}
        self.paused = set()
        self.paused_since = None
        self.closed_on = None

    # ------------------------------------------------------------------ what happens

    def start_term(self, first, last, numbers, renewed_on=None):
        """Begin a term with ``{pool: seats}``."""
        self.terms.append([first, last])
        for pool, number in numbers.items():
            kept = [seat for seat in self.seats[pool] if seat.first < first]
            for seat in kept:
                seat.last = min(seat.last or date.max, first - DAY)
            window = max(first, renewed_on or first) + WINDOW * DAY
            self.seats[pool] = kept + [Seat(first, window, True) for _ in range(number)]

    def set_seats(self, pool, day, number):
        """Contract another number of seats."""
        lasting = [seat for seat in self.seats[pool] if seat.last is None]
        if number >= len(lasting):
            self._raise(pool, day, number - len(lasting))
            return
        excess = len(lasting) - number
        for seat in reversed(lasting):
            if excess and seat.window >= day:
                seat.last = day - DAY
                excess -= 1
        if not self.terms[-1][1]:
            late = self.get_period(day)[1]
            for seat in reversed(lasting):
                if excess and seat.last is None:
                    seat.last = late
                    excess -= 1

    def _raise(self, pool, day, missing):
        leaving = [s for s in self.seats[pool] if s.last and s.first <= day <= s.last]
        for number in range(missing):
            first = leaving[number].last + DAY if number < len(leaving) else day
            self.seats[pool].append(Seat(first, day + WINDOW * DAY))

    def pause(self, day):
        self.paused_since = day

    def resume(self, day):
        day = max(day, self.paused_since)
        self.paused |= set(iter_days(self.paused_since, day - DAY))
        self.paused_since = None

    def close(self, day):
        self.closed_on = day

    def reopen(self, day):
        self.paused |= set(iter_days(self.closed_on + DAY, day - DAY))
        self.closed_on = None

    # ------------------------------------------------------------------ periods

    def get_period(self, day):
        """Return first day, last day and length of the full period of ``day``, as far
        as the term goes."""
        key = day, str(self.terms)
        if key not in self.periods:
            self.periods[key] = self._find_period(day)
        return self.periods[key]

    def _find_period(self, day):
        place = next(
            place
            for place, (first, last) in enumerate(self.terms)
            if first <= day <= (last or date.max)
        )
        first, last = self.terms[place]
        anchor = self._get_anchor(place)
        begin, end = self._get_full(anchor, day)
        return max(begin, first), min(end, last or date.max), (end - begin).days + 1

    def _get_anchor(self, place):
        anchor = self.terms[0][0]
        for (_first, last), (after, _last) in pairwise(self.terms[: place + 1]):
            whole = self._get_full(anchor, last)[1] == last
            anchor = anchor if whole and after == last + DAY else after
        return anchor

    def _get_full(self, anchor, day):
        if self.unit == "weeks":
            length = 7 * self.count
            first = anchor + (day - anchor).days // length * length * DAY
            return first, first + (length - 1) * DAY
        if self.aligned:
            last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
            return day.replace(day=1), last
        first, number = anchor, 0
        while add_months(anchor, self.count * (number + 1)) <= day:
            number += 1
        first = add_months(anchor, self.count * number)
        return first, add_months(anchor, self.count * (number + 1)) - DAY

    # ------------------------------------------------------------------ what is owed

    def iter_owed(self, pool, until, *, is_running=False):
        """Yield ``(day, seats, days of the full period)`` up to ``until``, as if it was
        never paused where ``is_running``."""
        for first, last in self.terms:
            end = min(last or date.max, self.closed_on or date.max, until)
            for day in iter_days(first, end):
                begin, _end, length = self.get_period(day)
                paused = not is_running and (
                    day in self.paused
                    or (self.paused_since and day >= self.paused_since)
                )
                seats = [
                    seat
                    for seat in self.seats[pool]
                    if seat.first <= day <= (seat.last or date.max)
                    and (not self.is_never or seat.is_start or seat.first <= begin)
                ]
                yield day, 0 if paused else len(seats), length


def add_months(day, months):
    """Return the day ``months`` later; the first of the next month where there is
    none."""
    month = day.year * 12 + day.month - 1 + months
    year, month = month // 12, month % 12 + 1
    if day.day <= calendar.monthrange(year, month)[1]:
        return date(year, month, day.day)
    return date(year + month // 12, month % 12 + 1, 1)
