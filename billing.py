"""Periods and quantities of billing: pure functions on days and numbers.

Days are those of the company's time zone; spans include both their ends. The rules are
those of docs/billing.md, which names them by the same words.
"""

import calendar
from collections import Counter
from datetime import date, timedelta
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from .terms import LAST_DAY, get_anniversary

DAY = timedelta(days=1)


class Span(NamedTuple):
    """Days from the first to the last, both included."""

    first: date
    last: date

    @property
    def days(self):
        """How many days it has."""
        return (self.last - self.first).days + 1

    def covers(self, day):
        """Return whether ``day`` is one of them."""
        return self.first <= day <= self.last

    def cut(self, first, last):
        """Return what of it lies between two days, ``None`` where nothing does."""
        first, last = max(self.first, first), min(self.last, last)
        return Span(first, last) if first <= last else None


class Term(NamedTuple):
    """The days that a subscription runs for; ``last`` is None without an end."""

    first: date
    last: date | None

    @property
    def end(self):
        """The last day, a far one where there is none."""
        return self.last or LAST_DAY


class Schedule(NamedTuple):
    """How periods follow each other from a day on."""

    since: date
    # "days", "weeks", "months" or "years"
    unit: str
    count: int
    # Whether periods are calendar months and their multiples
    aligned: bool

    @property
    def months(self):
        """The length in months, 0 for days and weeks."""
        return self.count * {"months": 1, "years": 12}.get(self.unit, 0)

    def is_like(self, other):
        """Return whether the periods of ``other`` are as long and as aligned."""
        return other is not None and self[1:] == other[1:]

    def get_full(self, anchor, day):
        """Return the full period, counted from ``anchor``, in which ``day`` lies."""
        if self.aligned and self.months:
            return self._get_calendar(day)
        number = self._get_number(anchor, day)
        first = self._get_start(anchor, number)
        return Span(first, self._get_start(anchor, number + 1) - DAY)

    def _get_calendar(self, day):
        # From the first of a month on it is whole; before, it ends with the month.
        if day.day == 1:
            return Span(day, day + relativedelta(months=self.months) - DAY)
        last = day.replace(day=calendar.monthrange(day.year, day.month)[1])
        return Span(last + DAY - relativedelta(months=self.months), last)

    def _get_start(self, anchor, number):
        delta = relativedelta(**{self.unit: self.count * number})
        return get_anniversary(anchor, delta)

    def _get_number(self, anchor, day):
        if self.months:
            apart = (day.year - anchor.year) * 12 + day.month - anchor.month
            number = apart // self.months
        else:
            length = self.count * (7 if self.unit == "weeks" else 1)
            number = (day - anchor).days // length
        # Anniversaries may lie a day later than the months say.
        while self._get_start(anchor, number) > day:
            number -= 1
        while self._get_start(anchor, number + 1) <= day:
            number += 1
        return number


class Period(NamedTuple):
    """A period that is billed: its days, and the full period that they are part of."""

    first: date
    last: date
    full: Span

    @property
    def of_days(self):
        """The days of the full period, which its price is for."""
        return self.full.days

    @property
    def is_whole(self):
        """Whether it is a full period."""
        return self.full == (self.first, self.last)

    @property
    def span(self):
        """Its days."""
        return Span(self.first, self.last)


def iter_periods(terms, schedules, until):
    """Yield the periods of ``terms`` that begin by ``until``, in their order.

    The anchor, whose day of the month the periods keep, is the first day of a term that
    leaves a gap after the one before, or follows one that ended inside a period, and
    the day from which on periods have another length.

    :param schedules: ``Schedule`` in the order of their days; the first holds before
    """
    anchor = used = last = None
    whole = False
    for term in terms:
        cursor = term.first
        if not whole or cursor != last + DAY:
            anchor = cursor
        while cursor <= min(term.end, until):
            schedule = get_at(schedules, cursor)
            if used and not schedule.is_like(used):
                anchor = cursor
            used, full = schedule, schedule.get_full(anchor, cursor)
            last = min(full.last, term.end)
            whole = last == full.last
            yield Period(cursor, last, full)
            cursor = last + DAY


def get_at(rows, day):
    """Return the last of ``rows``, ordered by their ``since``, that holds on ``day``;
    the first one on earlier days."""
    found = rows[0]
    for row in rows:
        if row.since <= day:
            found = row
    return found


# -------------------------------------------------------------------- contracted seats


class SeatChange(NamedTuple):
    """Contracted seats of one pool from a day on, in the order in which they came."""

    day: date
    seats: int
    # Last day of the correction window
    window: date
    # Whether a term starts with them
    is_start: bool
    # The day from which on licences were taken for them
    licensed: date | None = None
    # Without an end: up to when seats lowered too late were to be billed on that day
    kept_until: date | None = None


class Layer(NamedTuple):
    """Seats that were contracted together: from when to when they are billed."""

    first: date
    last: date | None
    seats: int
    window: date
    is_start: bool
    licensed: date | None = None

    @property
    def end(self):
        """The last day, a far one while it is open."""
        return self.last or LAST_DAY

    def covers(self, day):
        """Return whether the seats are billed on ``day``."""
        return self.first <= day <= self.end


def get_layers(changes, get_last_day):
    """Return the layers that ``changes`` of one pool make.

    Raised seats are a layer of their own. Lowering takes back the layers whose window
    is open, the last first, from that day on. What is lowered outside stays until
    ``get_last_day(day)``, the last day up to which seats of ``day`` are billed, or None
    for: until the next term.
    """
    layers = []
    for change in changes:
        if change.is_start:
            layers = [
                layer._replace(last=min(layer.end, change.day - DAY))
                for layer in layers
                if layer.first < change.day
            ]
            layers.append(_open(change, change.day, change.seats))
            continue
        lasting = sum(layer.seats for layer in layers if layer.last is None)
        if change.seats < lasting:
            _lower(layers, change, lasting - change.seats, get_last_day)
        else:
            _raise(layers, change, change.seats - lasting)
    return [layer for layer in layers if layer.seats and layer.first <= layer.end]


def _open(change, first, seats):
    return Layer(
        first, None, seats, change.window, change.is_start, change.licensed or first
    )


def _raise(layers, change, missing):
    # Seats that were lowered too late are still billed for a while.
    closing = [one for one in layers if one.last and one.covers(change.day)]
    spare = min(sum(layer.seats for layer in closing), missing)
    layers.append(_open(change, change.day, missing - spare))
    if spare:
        later = max(layer.last for layer in closing) + DAY
        layers.append(_open(change, later, spare))


def _lower(layers, change, excess, get_last_day):
    for at in reversed(range(len(layers))):
        layer = layers[at]
        if excess and layer.last is None and layer.window >= change.day:
            excess -= _close(layers, at, min(excess, layer.seats), change.day - DAY)
    late = excess and (change.kept_until or get_last_day(change.day))
    for at in reversed(range(len(layers))) if late else ():
        if excess and layers[at].last is None:
            excess -= _close(layers, at, min(excess, layers[at].seats), late)


def _close(layers, at, seats, last):
    """End ``seats`` of the layer at ``at`` with the day ``last``; return ``seats``."""
    layer = layers[at]
    layers[at] = layer._replace(seats=layer.seats - seats)
    layers.insert(at + 1, layer._replace(seats=seats, last=last))
    return seats


def get_returned(before, after, day):
    """Return ``{day from which on licences were taken: (seats before, seats after)}``
    of the seats that lowering on ``day`` takes back, both lists of ``Layer``."""
    counts = []
    for layers in (before, after):
        counts.append(Counter())
        for layer in layers:
            if layer.covers(day):
                counts[-1][layer.licensed] += layer.seats
    had, has = counts
    return {since: (had[since], has[since]) for since in had if had[since] > has[since]}


# -------------------------------------------------------------------- levels


class Step(NamedTuple):
    """A number of seats that holds for all days of a span."""

    span: Span
    quantity: float


class Block(NamedTuple):
    """Seats of a span that lie above ``base`` others on the same days."""

    span: Span
    base: float
    quantity: float


def get_steps(amounts, span, pauses=()):
    """Return the steps of the sum of ``amounts``, ``Step`` that may overlap, within
    ``span``; 0 on the days of ``pauses``. Neighbours differ."""
    parts = [
        (part, amount.quantity)
        for amount in amounts
        for part in [amount.span.cut(*span)]
        if part
    ]
    steps = []
    days = sorted(_get_breaks([part for part, _ in parts] + [*pauses], span))
    for first, after in zip(days, days[1:], strict=False):
        paused = any(pause.covers(first) for pause in pauses)
        level = sum(number for part, number in parts if part.covers(first))
        _append(steps, Step(Span(first, after - DAY), 0 if paused else level))
    return steps


def _get_breaks(parts, span):
    """Return the days within ``span``, and the one after it, on which one of ``parts``
    begins or has just ended."""
    ends = {day for part in parts for day in (part.first, part.last + DAY)}
    return {span.first, span.last + DAY} | {day for day in ends if span.covers(day)}


def _append(steps, step):
    if steps and steps[-1].quantity == step.quantity:
        first = steps.pop().span.first
        step = Step(Span(first, step.span.last), step.quantity)
    steps.append(step)


def get_blocks(wanted, billed, span):
    """Return the blocks of ``wanted`` above ``billed``, both steps, within ``span``:
    as long as can be, the lowest first."""
    taken = [Step(step.span, -step.quantity) for step in billed]
    return list(_stack(get_steps([*wanted, *taken], span), wanted))


def _stack(missing, wanted):
    for run in _get_runs(missing):
        height = min(step.quantity for step in run)
        span = Span(run[0].span.first, run[-1].span.last)
        top = min(step.quantity for step in wanted if step.span.cut(*span))
        yield Block(span, max(top - height, 0), height)
        rest = [step._replace(quantity=step.quantity - height) for step in run]
        yield from _stack(rest, wanted)


def _get_runs(steps):
    """Return the lists of neighbouring ``steps`` above 0."""
    runs = [[]]
    for step in steps:
        if step.quantity > 0:
            runs[-1].append(step)
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def get_excess(wanted, billed, span):
    """Return the steps by which ``billed`` lies above ``wanted`` within ``span``."""
    more = get_steps(
        [*billed, *(Step(step.span, -step.quantity) for step in wanted)], span
    )
    return [step for step in more if step.quantity > 0]
