from datetime import date

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo import Command
from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, Form, freeze_time, tagged

from ...terms import (
    LAST_DAY,
    TermRequest,
    count_years,
    get_anniversary,
    get_term_end,
    shift,
)
from ..common.subscription import create_yearly_plan
from ..common.term import TermCase

NEVER = date(9999, 12, 31)
DAYS = st.dates() | st.sampled_from([date.min, LAST_DAY, date.max])
LENGTHS = st.integers(1, 50) | st.sampled_from([9999, 2**31 - 1, 2**62])
UNITS = st.sampled_from(["days", "weeks", "months", "years"])
quick = settings(derandomize=True, database=None, deadline=None)


class TestFarDays(BaseCase):
    """Whatever days there are: what is computed from them is a day as well."""

    @quick
    @given(DAYS, UNITS, LENGTHS)
    def test_terms_end(self, start, unit, length):
        delta = relativedelta(**{unit: length})
        moved = shift(start, delta)
        self.assertGreater(moved, start if start < date.max else date.min)
        self.assertIsInstance(get_anniversary(start, delta), date)
        end = get_term_end(start, delta)
        self.assertTrue(start <= end or end > LAST_DAY, (start, end))

    @quick
    @given(DAYS, DAYS)
    def test_years_are_counted(self, start, end):
        years = count_years(start, end)
        self.assertGreaterEqual(years, 0)
        self.assertEqual(years > 0, start <= min(end, LAST_DAY))

    @quick
    @given(DAYS, st.integers(1, 50))
    def test_terms_are_asked_for(self, start, years):
        self.assertIsInstance(TermRequest(start, years, {}).date_end, date)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestFarDates(TermCase):
    """An end of 9999 is typed to mean never. It is kept, and refused in words where
    another term would follow it."""

    FAR = "the last day that terms can have"

    def _open(self, terms):
        wizard = self.env["subscription.renew"].with_user(self.sam)
        return Form(wizard.with_context(default_subscription_ids=terms.ids))

    def test_alone(self):
        for end in (NEVER, LAST_DAY, date(8999, 12, 31)):
            with self.subTest(end=end):
                self.term.date = end
                self.assertEqual(self.term.renewal_state, "running")
                with self._refused(self.FAR):
                    self._renew(years=2)

    def test_until_the_last_day(self):
        self.term.date = date(8998, 12, 31)
        self._give(self.north, 100)
        self.assertEqual(self._renew(years=2).date_end, LAST_DAY)

    def test_with_others(self):
        """The wizard names the one that goes on for ever, and renews the others."""
        other = self._create_terms(1)
        self.term.date = NEVER
        form = self._open(self.term | other)
        self.assertIn(self.FAR, form.refusal)
        with self._refused(self.FAR), self.cr.savepoint():
            self._renew(self.term | other)
        form.allow_partial = True
        self.assertEqual(form.renewable_count, 1)
        wizard = form.save()
        wizard.action_renew()
        self.assertEqual(other.renewal_state, "renewed")
        self.assertFalse(self.term.renewal_id)
        refused = wizard.result_ids.filtered(lambda line: line.state == "refused")
        self.assertEqual(refused.subscription_id, self.term)
        self.assertIn(self.FAR, refused.refusal)

    def test_what_else_is_shown_of_it(self):
        self.term.date = NEVER
        self.assertEqual(self.term._get_last_grace_day(), NEVER)
        self.assertGreater(self.term.term_years, 6000)
        self.assertFalse(self.term.renewal_text)
        self.assertTrue(self.term.with_user(self.sam).action_renew())

    def test_plans_that_last_for_ever(self):
        """Their terms end in 9999, by whichever door the plan comes."""
        plan = create_yearly_plan(self.env, "Ever", {self.base: 10})
        for length in (9999, 2**31 - 1):
            plan.recurring_rule_count = length
            with self.subTest(length=length):
                term = self._create_term(self.acme, plan=plan)
                self.assertGreater(term.date, LAST_DAY)
                with self._refused(self.FAR):
                    self._renew(term)
                self.assertGreater(plan._get_date(date(2026, 1, 1)), LAST_DAY)
                self.assertEqual(
                    term._get_next_invoice_date(date(9999, 1, 1)) > LAST_DAY, True
                )

    def test_starts(self):
        """No term of a partner starts after the last day, at once or later."""
        for start in ("9000-12-31", "9001-01-01", "9999-12-31"):
            with self.subTest(start=start):
                refused = self.assertRaisesRegex(ValidationError, "too far away")
                is_late = start > str(LAST_DAY)
                for act in (
                    lambda start=start: self._create_term(
                        self.acme, start, running=False
                    ),
                    lambda start=start: self._create_term(
                        self.acme, running=False
                    ).write({"date_start": start}),
                ):
                    if not is_late:
                        act()
                        continue
                    with refused, self.cr.savepoint():
                        act()

    def test_screens(self):
        """A start or a plan without end shows its end while it is typed."""
        form = Form(self.env["sale.subscription"].with_user(self.vera))
        form.template_id = self.yearly
        form.date_start = NEVER
        self.assertGreater(form.date, LAST_DAY)

    def test_usage_on_a_day(self):
        """The seats of a day are asked for by RPC, by the context and by the wizard."""
        pool, usage = self.pool, self.env["subscription.seat.usage"]
        wizards = self.env["subscription.seat.usage.date"]
        for day in ("9999-12-31", "9001-01-01", NEVER):
            for act in (
                lambda day=day: pool.get_seats_in_use(day),
                lambda day=day: usage.with_context(usage_date=day).search([]),
                lambda day=day: wizards.create({"date": day}).action_open(),
                lambda day=day: self.term._snooze_notices(day),
            ):
                with self.subTest(day=day):
                    with self.assertRaisesRegex(UserError, "too far away"):
                        act()
        for day in ("0001-01-01", LAST_DAY):
            self.assertFalse(pool.get_seats_in_use(day))
            usage.with_context(usage_date=day).search([]).mapped("used")

    def test_what_is_no_day(self):
        for day in (None, False, "", "x", 5, [], {}, ["2026-01-01"]):
            with self.subTest(day=day), self.assertRaisesRegex(UserError, "not a day"):
                self.pool.get_seats_in_use(day)

    def test_the_job_of_upstream_goes_on(self):
        """One contract that never ends does not keep the others from being billed."""
        self.term.write(
            {"date": NEVER, "sale_subscription_line_ids": [Command.clear()]}
        )
        self.env["sale.subscription"].cron_subscription_management()
        self.assertTrue(self.term.in_progress)
