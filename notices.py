"""When notices are due: pure functions."""

from datetime import timedelta

from dateutil.relativedelta import relativedelta

from .terms import get_anniversary

MAX_DAYS = 730
# Days after the end of a term on which the notice of the last day still goes out.
LATE_DAYS = 7
# When the client must be notified by law, counted from the last day to refuse.
LEGAL_FIRST = relativedelta(months=-3)
LEGAL_LAST = relativedelta(months=-1)


def parse_days(text):
    """Return the days before the end of a term in ``text``, "90, 30, 0", from the
    earliest notice to the latest.

    :raise ValueError: when it is no list of days, or one is not from 0 to 730
    """
    parts = [part.strip() for part in (text or "").split(",")]
    if parts == [""]:
        return []
    if not all(part.isascii() and part.isdigit() for part in parts):
        raise ValueError(text)
    days = {int(part) for part in parts}
    if max(days) > MAX_DAYS:
        raise ValueError(text)
    return sorted(days, reverse=True)


def get_threshold(left, days):
    """Return which of the notices of ``days`` is due with so many days ``left``: the
    latest whose day has come, so that missed days are caught up by one notice.

    After the end, a negative ``left``, it is the one of the last day for a week, and
    None from then on.
    """
    if left < -LATE_DAYS:
        return None
    come = [day for day in days if day >= max(left, 0)]
    if left < 0:
        come = [day for day in come if not day]
    return min(come, default=None)


def get_renewal_ends(today, days):
    """Return ``{last day of a term: the notice of days that is due today}``."""
    ends = {}
    for left in range(-LATE_DAYS, max(days, default=-LATE_DAYS - 1) + 1):
        threshold = get_threshold(left, days)
        if threshold is not None:
            ends[today + timedelta(days=left)] = threshold
    return ends


def get_legal_window(end, refusal_days):
    """Return three days of a term that ends on ``end``: the first and the last day on
    which the client must be notified that it may refuse the renewal, and the last day
    to refuse.

    Code de la consommation, articles L215-1 and L215-3: in writing, at the earliest
    three months and at the latest one month before the end of the period in which the
    renewal can be refused. Where a month has no such day, the day lies within both.

    :param int refusal_days: days before ``end`` by which the client must refuse
    """
    deadline = end - timedelta(days=refusal_days)
    return get_anniversary(deadline, LEGAL_FIRST), deadline + LEGAL_LAST, deadline


def get_legal_ends(today, refusal_days):
    """Return ``{last day of a term: last day to refuse}`` of the terms whose client
    must be notified today: from the first day of :func:`get_legal_window` on and, where
    its last one was missed, until the last day to refuse."""
    ends = {}
    for ahead in range(100):
        end = today + timedelta(days=ahead + refusal_days)
        first, _, deadline = get_legal_window(end, refusal_days)
        if first <= today <= deadline:
            ends[end] = deadline
    return ends
