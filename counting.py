"""Who is counted, and which rows of a statement that makes, without a database.

Moments are naive UTC, as the database has them; days are those of a company. Whoever
comes at a moment is there at it, whoever leaves at it is not: so a successor is never
beside the predecessor.
"""

from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from operator import itemgetter
from typing import Any, NamedTuple

import pytz

from odoo.tools import groupby

# The shortest time that the database knows.
TICK = timedelta(microseconds=1)


class CountRequest(NamedTuple):
    """What is asked of the units of a subscription in a period."""

    subscription: Any
    # "in_use", "members" or "teams"
    basis: str
    # The pool whose seats are counted, for "in_use".
    pool: Any
    # Days, both included.
    first: date
    last: date
    # "start" and "end": when the first day that is not paused begins, or ends; "peak":
    # the first moment with the highest number.
    moment: str
    # [(first day, last day)] within the period that are not paused.
    spans: list


class HolderRequest(NamedTuple):
    """What is asked of the rows of a line of contracted seats."""

    pool: Any
    first: date
    last: date
    # Seats of the same pool and days that other lines have below this one.
    base: int
    # Seats of the line.
    quantity: int
    # Whether holders beyond the seats of all lines are listed here.
    is_top: bool
    # What happened later is not known (naive UTC).
    until: datetime


class Counted(NamedTuple):
    quantity: int
    # Rows of a statement, as :func:`make_row` returns them.
    rows: list


class Stay(NamedTuple):
    """A member in a team, a team, or a holder of a seat, from one moment to another."""

    # What is counted: the member, the team or the holder.
    unit: Any
    since: datetime
    # None while it lasts.
    until: datetime | None
    # What of a row is the same at any moment; the key of the row in its order.
    values: dict = {}
    key: tuple = ()
    # Whether the unit is counted, or listed only.
    is_unit: bool = True

    def is_at(self, moment):
        return self.since <= moment and (self.until is None or moment < self.until)

    def overlaps(self, start, end):
        """Return whether any of this stay lies between ``start`` and ``end``, both
        included; what ended as it began was never there."""
        return self.since <= end and (
            self.until is None or (start < self.until and self.since < self.until)
        )


class Calendar(NamedTuple):
    """The days of a company."""

    timezone: Any

    def get_start(self, day):
        """Return the moment at which ``day`` begins."""
        return _get_day_start(self.timezone, day)

    def get_end(self, day):
        """Return the last moment of ``day``."""
        return _get_day_start(self.timezone, day + timedelta(days=1)) - TICK

    def get_day(self, moment):
        """Return the day in which ``moment`` lies."""
        return pytz.utc.localize(moment).astimezone(self.timezone).date()


@lru_cache(maxsize=4096)
def _get_day_start(timezone, day):
    """Return when ``day`` begins in ``timezone``: where clocks are set at midnight, at
    the first moment that has this date."""
    midnight = datetime.combine(day, time.min)
    moments = [
        timezone.localize(midnight, is_dst=is_dst).astimezone(pytz.utc)
        for is_dst in (True, False)
    ]
    start = min(one for one in moments if one.astimezone(timezone).date() >= day)
    return start.replace(tzinfo=None)


def find_peak(stays, spans):
    """Return ``(moment, number)``: the first moment with the highest number of units
    that are there at one time, and that number; None and 0 where nobody ever is.

    A unit that is there twice, like a member of two teams, is one.

    :param spans: ``[(first moment, last moment)]`` that count
    """
    peak, highest = None, 0
    for start, end in spans:
        there = Counter()
        changes = sorted(_get_changes(stays, start, end), key=itemgetter(0))
        for moment, same in groupby(changes, itemgetter(0)):
            for _moment, unit, change in same:
                there[unit] += change
                if not there[unit]:
                    del there[unit]
            if len(there) > highest:
                peak, highest = moment, len(there)
    return peak, highest


def _get_changes(stays, start, end):
    """Yield ``(moment, unit, 1 or -1)`` for the coming and going of each who is there
    from ``start`` to ``end``; who is there at ``start`` comes then."""
    for stay in stays:
        if stay.overlaps(start, end):
            yield max(stay.since, start), stay.unit, 1
            if stay.until is not None:
                yield stay.until, stay.unit, -1


def count_days(stays, first, last, calendar):
    """Return on how many days from ``first`` to ``last`` one of ``stays`` was there."""
    start, end = calendar.get_start(first), calendar.get_end(last)
    days, next_day = 0, first
    for stay in sorted(stays, key=lambda stay: stay.since):
        if stay.overlaps(start, end):
            begun = first if stay.since <= start else calendar.get_day(stay.since)
            is_left = stay.until is not None and stay.until <= end
            ended = calendar.get_day(stay.until - TICK) if is_left else last
            begun = max(begun, next_day)
            days += max((ended - begun).days + 1, 0)
            next_day = max(next_day, ended + timedelta(days=1))
    return days


def make_row(values, days, quantity, note=False):
    """Return a row of a statement.

    :param note: False, "left", "beyond", "unassigned" or "team member"
    """
    return {
        "member_id": False,
        "holder": False,
        "email": False,
        "role": False,
        "module": False,
        "team": False,
        **values,
        "days": days,
        "quantity": quantity,
        "note": note,
    }


# ---------------------------------------------------------------------- counting


def count_units(stays, request, calendar):
    """Return the ``Counted`` units of ``request``.

    At a "start" or "end", rows are of who was there, and what came later is left out:
    a late run says what a run in time has said. At a "peak", all of the period have a
    row: those who were there at it count, the others are listed with their days.
    """
    moment = _get_moment(stays, request, calendar)
    if moment is None:
        rows = _make_unit_rows(stays, request, calendar, None) if request.spans else []
        return Counted(0, rows)
    if request.moment != "peak":
        stays = [stay._replace(until=None) for stay in stays if stay.is_at(moment)]
    rows = _make_unit_rows(stays, request, calendar, moment)
    return Counted(sum(row["quantity"] for row in rows), rows)


def _get_moment(stays, request, calendar):
    """Return the moment at which the units are counted, None where there is none."""
    if not request.spans:
        return None
    if request.moment == "peak":
        spans = [
            (calendar.get_start(first), calendar.get_end(last))
            for first, last in request.spans
        ]
        return find_peak([stay for stay in stays if stay.is_unit], spans)[0]
    first = request.spans[0][0]
    if request.moment == "end":
        return calendar.get_end(first)
    return calendar.get_start(first)


def _make_unit_rows(stays, request, calendar, moment):
    """Return the rows of ``stays``: each unit counts once, in the first of its rows
    that is there at ``moment``."""
    period = calendar.get_start(request.first), calendar.get_end(request.last)
    stays = [stay for stay in stays if stay.overlaps(*period)]
    staying = {stay.unit for stay in stays if stay.is_at(period[1])}
    rows, counted = [], set()
    for same in _group_by_key(stays):
        stay = same[-1]
        days = count_days(same, request.first, request.last, calendar)
        is_there = moment is not None and any(one.is_at(moment) for one in same)
        quantity = int(stay.is_unit and is_there and stay.unit not in counted)
        if quantity:
            counted.add(stay.unit)
        note = "left" if not is_there and stay.unit not in staying else False
        note = note if stay.is_unit else "team member"
        rows.append(make_row(stay.values, days, quantity, note))
    return rows


def _group_by_key(stays):
    """Return ``stays`` in lists of those with the same key, in the order of the keys;
    each in the order of time."""
    by_key = defaultdict(list)
    for stay in sorted(stays, key=lambda stay: stay.since):
        by_key[stay.key].append(stay)
    return [by_key[key] for key in sorted(by_key)]


# ---------------------------------------------------------------------- holders


def list_holders(stays, request, calendar):
    """Return the rows of a line of contracted seats, whose quantities add up to that of
    the line.

    Who holds a seat at the end of the days, or at the last moment that is known, is
    ranked by when it was assigned. The line has the ranks after ``base``; what nobody
    holds is a row without holder. Who is beyond the seats of all lines is listed on the
    highest, who left on the lowest.
    """
    stays = _get_known(stays, request, calendar)
    end = calendar.get_end(request.last)
    held = {stay.unit: stay.values for stay in stays if stay.is_at(end)}
    left = {stay.unit: stay.values for stay in stays if stay.unit not in held}
    by_unit = defaultdict(list)
    for stay in stays:
        by_unit[stay.unit].append(stay)

    def make_rows(holders, quantity, note=False):
        return [
            make_row(
                values,
                count_days(by_unit[unit], request.first, request.last, calendar),
                quantity,
                note,
            )
            for unit, values in holders
        ]

    holders, top = [*held.items()], request.base + request.quantity
    rows = make_rows(holders[request.base : top], 1)
    days = (request.last - request.first).days + 1
    free = make_row({}, days, 1, "unassigned")
    rows += [dict(free) for _ in range(request.quantity - len(rows))]
    rows += make_rows(holders[top:] if request.is_top else (), 0, "beyond")
    return rows + make_rows(() if request.base else left.items(), 0, "left")


def _get_known(stays, request, calendar):
    """Return what is known of ``stays`` by ``request.until`` and belongs to its days,
    by when they began: what ends later goes on, as far as is known."""
    period = calendar.get_start(request.first), calendar.get_end(request.last)
    known = [
        stay._replace(until=None)
        if stay.until is not None and stay.until > request.until
        else stay
        for stay in sorted(stays, key=lambda stay: stay.since)
        if stay.since <= request.until
    ]
    return [stay for stay in known if stay.overlaps(*period)]
