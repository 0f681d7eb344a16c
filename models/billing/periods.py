"""When the periods of a subscription are, and when they are due."""

from itertools import takewhile

from ...billing import (
    DAY,
    Span,
    Step,
    get_at,
    get_steps,
    iter_periods,
)
from ...terms import LAST_DAY
from .owed import Due


class Calendar:
    """The periods of a subscription, and when they are due."""

    def __init__(self, today, *, rows, terms, pauses, statements):
        """Take what was loaded.

        :param rows: the billing terms, in the order of their days
        :param terms: ``Term`` that are billed, in their order
        :param pauses: ``Span``
        :param statements: those that count as billed
        """
        self.today = today
        self.rows = rows
        self.terms = terms
        self.pauses = pauses
        self.schedules = [row._get_schedule() for row in rows]
        self.covered = sorted(
            (one.date_first, one.date_last)
            for one in statements
            if one.kind == "period"
        )
        self.look_from(today)

    def look_from(self, day):
        """See what will be due on ``day`` if nothing changes until then."""
        self.today = day
        # Those that have begun
        self.periods = list(takewhile(self._has_begun, self.iter_periods()))

    def _has_begun(self, period):
        return period.first <= self.today

    def get_row(self, day):
        """Return the billing terms that hold on ``day``."""
        return get_at(self.rows, day)

    def get_term(self, period):
        """Return the term that ``period`` is of."""
        return next(term for term in self.terms if period.first <= term.end)

    def iter_periods(self):
        """Yield all periods that are paid by the period."""
        last = self.rows[-1]
        until = LAST_DAY if last.paid_by == "period" else last.since
        for period in iter_periods(self.terms, self.schedules, until):
            if self.get_row(period.first).paid_by == "period":
                yield period

    def is_unbilled(self, period):
        """Return whether ``period`` has no statement, nor one that reaches into it."""
        return not any(first <= period.first <= last for first, last in self.covered)

    def get_reach(self, period):
        """Return the days of ``period`` that may have been billed: beyond its end,
        where the term has come to end earlier."""
        ends = [last for first, last in self.covered if first == period.first]
        return Span(period.first, max([period.last, *ends]))

    def is_opening(self, period):
        """Return whether a term that does not follow another begins with it."""
        before = period.first - DAY
        begins = period.first == self.get_term(period).first
        return begins and not any(term.last == before for term in self.terms)

    def get_due_period(self, period):
        """Return when ``period`` is to be billed, and when its units are counted."""
        row = self.get_row(period.first)
        steps = get_steps([Step(period.span, 1)], period.span, self.pauses)
        spans = tuple(step.span for step in steps if step.quantity)
        on, moment = period.last + DAY, "peak"
        if row.billing_timing == "pre" and spans:
            on, moment = spans[0].first, "start"
            late = self.is_opening(period) or on != period.first
            if row.billing_basis != "contracted" and late:
                on, moment = on + DAY, "end"
        return Due(on, "period", period, self.get_term(period), moment, spans)

    def get_last_billed_day(self, day):
        """Return up to when seats that are lowered on ``day``, too late to be credited,
        are billed: None for up to the end of the term, else that of the period."""
        term = next((term for term in self.terms if term.end >= day), None)
        if not term or term.last:
            return None
        lasts = (one.last for one in self.iter_periods() if one.last >= day)
        return next(lasts, None)
