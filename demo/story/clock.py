"""A clock that stands where the story is, for its thread alone."""

from contextlib import contextmanager
from contextvars import ContextVar

import pytz

from odoo.orm import fields_temporal

# Naive UTC; None: the time that it is.
_moment = ContextVar("demo_moment", default=None)


class _Turned:
    """Stands for ``datetime`` or ``date`` where fields ask for the time: now and today
    are those of the story, all else is as it was. Other threads keep the real time."""

    def __init__(self, kind):
        self._kind = kind

    def __call__(self, *args, **options):
        return self._kind(*args, **options)

    def __getattr__(self, name):
        return getattr(self._kind, name)

    def __instancecheck__(self, value):
        return isinstance(value, self._kind)

    def now(self, tz=None):
        moment = _moment.get()
        if moment is None:
            return self._kind.now(tz)
        return pytz.utc.localize(moment).astimezone(tz) if tz else moment

    def today(self):
        moment = _moment.get()
        if moment is None:
            return self._kind.today()
        return moment if hasattr(self._kind, "now") else moment.date()


@contextmanager
def turned(cr):
    """Give the function that sets the clock to a moment, naive UTC; None sets it right.

    ``fields.Datetime.now`` and its like then say so, and so does the transaction of
    ``cr``, by which the ORM notes when records were made.
    """

    def set_to(moment):
        _moment.set(moment)
        cr._now = moment

    real = fields_temporal.datetime, fields_temporal.date
    fields_temporal.datetime, fields_temporal.date = map(_Turned, real)
    try:
        yield set_to
    finally:
        fields_temporal.datetime, fields_temporal.date = real
        set_to(None)
