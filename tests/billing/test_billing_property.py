"""Whatever is done, in whatever order: what was billed is what was contracted, day by
day, whether the job ran in time or late."""

from collections import Counter

from odoo.tests import tagged

from ..common.billing_events import date_created
from ..common.billing_model import Model
from ..common.billing_property import (
    DAY,
    MONTH,
    MONTHLY,
    QUARTER,
    QUARTERLY,
    WEEKLY,
    WEEKS,
    BillingPropertyCase,
    plan,
)
from ..common.property import one_of, position

PLANS = [
    plan(MONTH, MONTHLY),
    plan(MONTH, MONTHLY, raised="now"),
    plan(MONTH, MONTHLY, raised="never"),
    plan(MONTH, MONTHLY, timing="post"),
    plan(MONTH, MONTHLY, timing="post", raised="never"),
    plan(MONTH, MONTHLY, aligned=True),
    plan(QUARTER, QUARTERLY, length=2, raised="now"),
    plan(WEEKS, WEEKLY, length=6),
    plan(WEEKS, WEEKLY, length=0, raised="now"),
    plan(MONTH, MONTHLY, "2027-01-31", 0),
    plan(MONTH, MONTHLY, length=0, timing="post", aligned=True),
    plan(MONTH, MONTHLY, length=0, raised="never"),
]


@tagged("post_install", "-at_install")
class TestBillingProperty(BillingPropertyCase):
    """Contracted seats, by the day."""

    PLANS = PLANS

    STEPS = {
        "wait": (10, one_of(1, 2, 3, 6, 7, 8, 15, 20, 31, 45)),
        "raise": (6, position, one_of(1, 2, 3)),
        "lower": (6, position, one_of(1, 2, 3, 5)),
        "grant": (2, position),
        "release": (2, position),
        "pause": (2, one_of(None, None, 1, 3, 10, 40)),
        "resume": (2,),
        "set_end": (1, one_of(-20, -3, 5, 25)),
        "renew": (2,),
        "close": (1,),
        "reopen": (2,),
        "run_late": (3,),
    }
    NEVER_REFUSED = (
        *("wait", "raise", "run_late", "release", "set_end", "close", "reopen"),
    )
    LENGTH = 30

    def test_what_is_billed_is_what_was_contracted(self):
        self._check_fixed_sequences()

    def test_what_is_billed_is_what_was_contracted_in_new_sequences(self):
        self._check_new_sequences()

    def _begin(self):
        super()._begin()
        interval, _price, start, _length, terms = self.plan
        never = terms["billing_raise"] == "never"
        self.model = Model(interval, terms.get("billing_aligned"), never)
        end = self.subscriptions[0].date
        self.model.start_term(start, end, dict.fromkeys((0, 1), 4))
        self.renewing = None
        self.is_sum_comparable = True
        self.ever = {0: Counter(), 1: Counter()}
        self._note_ever()
        self._catch_up()

    def _done(self, name):
        self._note_ever()

    def _note_ever(self):
        """Note what each day was contracted at most, by what is known now."""
        for pool, ever in self.ever.items():
            until = self.today + 100 * DAY
            for day, seats, _length in self.model.iter_owed(
                pool, until, is_running=True
            ):
                ever[day] = max(ever[day], seats)

    # ------------------------------------------------------------------ days

    def _catch_up(self):
        if self.renewing and self.renewing[0] <= self.today:
            with self._at(10):
                self.env["subscription.renewal"]._cron_apply()
            self._note_renewed()
        super()._catch_up()

    def _get_stops(self):
        return [*super()._get_stops(), self.renewing and self.renewing[0]]

    # ------------------------------------------------------------------ steps

    def _change_seats(self, pool, change):
        def do(subscription):
            one = self._get_pool(subscription, pool)
            one.seat_limit = max(one.seat_limit + change, 0)
            return one.seat_limit

        number = self._do_both(do)
        if not self.model.closed_on:
            self.model.set_seats(pool % 2, self.today, number)

    def _do_raise(self, pool, number):
        self._change_seats(pool, number)

    def _do_lower(self, pool, number):
        self._change_seats(pool, -number)

    def _do_set_end(self, days):
        end = self.subscriptions[0].date
        if not end or self.renewing or self.model.closed_on:
            return False
        end = max(end + days * DAY, self.model.terms[-1][0], self.today)

        def do(subscription):
            subscription.date = end

        self._do_both(do)
        self.model.terms[-1][1] = end
        return True

    def _do_renew(self):
        def do(subscription):
            request = subscription._prepare_term_request(1, "same", None)
            renewals = subscription.env["subscription.renewal"]
            date_created(renewals._schedule({subscription: request})[0])
            return request.date_start, request.date_end

        span = self._do_both(do)
        numbers = {
            pool: self._get_pool(self.subscriptions[0], pool).seat_limit
            for pool in (0, 1)
        }
        self.renewing = (*span, numbers, self.today)
        if span[0] <= self.today:
            self._note_renewed()

    def _note_renewed(self):
        first, last, numbers, day = self.renewing
        begin, end, length = self.model.get_period(self.model.terms[-1][1])
        self.is_sum_comparable &= (end - begin).days + 1 == length
        self.model.start_term(first, last, numbers, day)
        self.renewing = None

    def _do_close(self):
        def do(subscription):
            subscription._set({"credits_unused": True})
            subscription.close_subscription()

        if self.renewing or self.model.closed_on:
            return False
        self._do_both(do)
        self.model.close(self.today)
        return True

    def _do_reopen(self):
        if not self.model.closed_on:
            return False
        self._do_both(lambda one: one.action_start_subscription())
        self.model.reopen(self.today)
        for pool in (0, 1):
            number = self._get_pool(self.subscriptions[0], pool).seat_limit
            self.model.set_seats(pool, self.today, number)
        return True

    # ------------------------------------------------------------------ checks

    def _check_statements(self):
        super()._check_statements()
        for subscription in self.subscriptions:
            for pool, days in self._get_billed(subscription).items():
                wrong = {
                    str(day): (number, self.ever[pool][day])
                    for day, number in days.items()
                    if not 0 <= number <= self.ever[pool][day]
                }
                self.assertFalse(wrong, (subscription.client_id.name, pool))

    def _check_end(self):
        if not self.subscriptions[0].date and not self.model.closed_on:
            with self._at(10):
                self._do_close()
        if self.renewing:
            self._do_wait((self.renewing[0] - self.today).days)
        last = self.model.closed_on or self.model.terms[-1][1]
        self._do_wait(max((last + 2 * DAY - self.today).days, 1))
        self._check_nothing_left()
        self._note_ever()
        self._check_statements()
        price, total = self.plan[1], 0
        for pool in (0, 1):
            owed = list(self.model.iter_owed(pool, last))
            total += sum(seats * round(price / days, 2) for _day, seats, days in owed)
            for subscription in self.subscriptions:
                expected = {day: seats for day, seats, _length in owed}
                self._check_billed(subscription, pool, expected)
        if self.is_sum_comparable:
            # Days of a period that was billed and then cut have the price of both.
            for amount in self._get_amounts():
                self.assertAlmostEqual(amount, total, 2)
