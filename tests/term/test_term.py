from datetime import date

from dateutil.relativedelta import relativedelta
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, Form, freeze_time

from odoo.addons.partner_managed_subscription.exceptions import SeatRefusal

from ...terms import (
    count_licences,
    count_years,
    get_anniversary,
    get_term_end,
)
from ..common.subscription import create_plan
from ..common.term import YEARLY, TermCase

STARTS = st.dates(date(1996, 1, 1), date(2099, 12, 31))
YEARS = st.integers(1, 50)
UNITS = st.sampled_from(["days", "weeks", "months", "years"])
quick = settings(derandomize=True, database=None, deadline=None)


class TestTermDates(BaseCase):
    """Terms by the calendar: no day twice, none missing, a year is a year."""

    def test_last_days(self):
        for start, unit, count, end in [
            ("2026-01-01", "years", 1, "2026-12-31"),
            ("2026-03-15", "years", 3, "2029-03-14"),
            ("2024-02-29", "years", 1, "2025-02-28"),
            ("2024-02-29", "years", 4, "2028-02-28"),
            ("2023-03-01", "years", 1, "2024-02-29"),
            ("2024-03-01", "years", 1, "2025-02-28"),
            ("2026-01-31", "months", 1, "2026-02-28"),
            ("2026-01-30", "months", 1, "2026-02-28"),
            ("2026-01-28", "months", 1, "2026-02-27"),
            ("2028-01-31", "months", 1, "2028-02-29"),
            ("2026-03-31", "months", 1, "2026-04-30"),
            ("2026-08-31", "months", 6, "2027-02-28"),
            ("2026-12-15", "months", 1, "2027-01-14"),
            ("2026-12-28", "weeks", 1, "2027-01-03"),
            ("2028-02-29", "days", 1, "2028-02-29"),
        ]:
            with self.subTest(start=start, unit=unit, count=count):
                found = get_term_end(
                    date.fromisoformat(start), relativedelta(**{unit: count})
                )
                self.assertEqual(str(found), end)

    def test_years(self):
        for start, end, years in [
            ("2026-01-01", "2026-12-31", 1),
            ("2026-01-01", "2026-01-01", 1 / 365),
            ("2028-01-01", "2028-01-01", 1 / 366),
            ("2026-03-15", "2026-12-31", 292 / 365),
            ("2024-02-29", "2025-02-28", 1),
            ("2024-02-29", "2025-02-27", 365 / 366),
            # The part of a year lies in the second one, which has 366 days.
            ("2026-07-01", "2027-12-31", 1 + 184 / 366),
            ("2026-07-01", "2076-06-30", 50),
            ("2026-01-02", "2026-01-01", 0),
            ("2026-01-02", "2025-01-01", 0),
        ]:
            with self.subTest(start=start, end=end):
                found = count_years(date.fromisoformat(start), date.fromisoformat(end))
                self.assertAlmostEqual(found, years, 9)

    def test_an_end_that_means_never_counts_too(self):
        start = date(2026, 1, 1)
        self.assertGreater(count_years(start, date.max), 6000)
        self.assertEqual(count_years(date.max, date.max), 0)

    def test_licences_are_rounded_up(self):
        for seats, years, licences in [
            (1, 1, 1),
            (5, 292 / 365, 4),
            (1, 1 / 365, 0.01),
            (3, 1 / 3, 1),
            (7, 0.1, 0.7),
            (1, 0.331, 0.34),
            (0, 1, 0),
            (3, 0, 0),
            (1_000_000, 50, 50_000_000),
        ]:
            with self.subTest(seats=seats, years=years):
                self.assertAlmostEqual(count_licences(seats, years), licences, 9)

    @quick
    @given(STARTS, YEARS)
    def test_n_years_count_n(self, start, years):
        self.assertEqual(count_years(start, get_term_end(start, years)), years)

    @quick
    @given(STARTS, YEARS)
    def test_a_day_less_counts_less_and_a_day_more_counts_more(self, start, years):
        end, day = get_term_end(start, years), relativedelta(days=1)
        self.assertLess(count_years(start, end - day), years)
        self.assertGreater(count_years(start, end + day), years)

    @quick
    @given(STARTS, STARTS, STARTS)
    def test_longer_terms_count_no_less(self, start, one, other):
        one, other = sorted([one, other])
        self.assertLessEqual(count_years(start, one), count_years(start, other))

    @quick
    @given(STARTS, UNITS, st.integers(1, 40), st.integers(1, 30))
    def test_terms_neither_overlap_nor_leave_a_gap(self, start, unit, length, count):
        """Also those that are counted from the very first start, as plans are."""
        day = relativedelta(days=1)
        first, second = (
            relativedelta(**{unit: length * times}) for times in (count, count + 1)
        )
        self.assertEqual(
            get_term_end(start, first) + day, get_anniversary(start, first)
        )
        self.assertLess(get_term_end(start, first), get_term_end(start, second))

    @quick
    @given(STARTS, st.lists(YEARS, min_size=2, max_size=4))
    def test_terms_that_follow_one_another_start_on_the_same_day(self, start, lengths):
        for years in lengths:
            following = get_term_end(start, years) + relativedelta(days=1)
            if start.month == 2 and start.day == 29 and following.day == 1:
                self.assertEqual(following.month, 3)
                break
            self.assertEqual((following.month, following.day), (start.month, start.day))
            start = following


@freeze_time("2026-03-15")
class TestTerm(TermCase):
    """When terms begin and end, and who says so."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.stages = {
            stage.type: stage
            for stage in cls.env["sale.subscription.stage"].search([])[::-1]
        }
        cls.staffed = cls.term.with_user(cls.sam)
        cls.governed = cls.term.with_user(cls.vera)

    def _draft(self, client=None, plan=None, **vals):
        vals = {"date_start": "2026-01-01", **vals}
        return self._create_subscription(
            client or self.acme, plan or self.yearly, running=False, **vals
        )

    def _get_dates(self, record):
        dates = (record.date_start, record.term_start, record.date)
        return tuple(str(day or "") for day in dates)

    # ------------------------------------------------------------ end by the plan

    def test_the_end_by_the_plan_is_the_last_day(self):
        for start, end in [("2026-01-01", "2026-12-31"), ("2024-02-29", "2025-02-28")]:
            term = self._draft(date_start=start)
            self.assertEqual(self._get_dates(term), (start, start, end))
            self.assertEqual(term.term_years, 1)

    def test_the_end_of_who_is_not_managed_is_upstreams(self):
        term = self._draft(self.dune)
        self.assertEqual(str(term.date), "2027-01-01")

    def test_the_end_follows_plan_and_start_while_in_draft(self):
        term = self._draft()
        longer = create_plan(self.env, "Long", {}, recurring_rule_count=3, **YEARLY)
        term.template_id = longer
        self.assertEqual(str(term.date), "2028-12-31")
        term.date_start = "2026-02-01"
        self.assertEqual(str(term.date), "2029-01-31")
        self.assertEqual(term.term_years, 3)

    def test_the_end_follows_plan_and_start_in_the_form(self):
        with Form(self._draft()) as form:
            form.date_start = "2024-02-29"
            self.assertEqual(str(form.date), "2025-02-28")

    def test_odd_intervals_of_a_plan_end_as_well(self):
        for interval, count, end in [(-1, 1, "2026-12-31"), (0, 0, "2026-12-31")]:
            plan = create_plan(
                self.env,
                "Odd",
                {},
                recurring_interval=interval,
                recurring_rule_count=count,
                **YEARLY,
            )
            self.assertEqual(str(self._draft(plan=plan).date), end)

    def test_a_running_term_keeps_its_end_when_the_plan_changes(self):
        longer = create_plan(
            self.env, "Long", {self.base: 10}, recurring_rule_count=3, **YEARLY
        )
        self.term.template_id = longer
        self.assertEqual(str(self.term.date), "2026-12-31")

    def test_a_closed_term_keeps_its_end_when_the_plan_changes(self):
        self.term.close_subscription()
        longer = create_plan(self.env, "Long", {}, recurring_rule_count=3, **YEARLY)
        self.term.template_id = longer
        self.assertEqual(str(self.term.date), "2026-12-31")

    def test_a_contract_without_end_gets_the_term_of_today(self):
        contract = self._draft(plan=self.plan, date_start="2023-05-10")
        contract.action_start_subscription()
        self.assertEqual(self._get_dates(contract), ("2023-05-10", "2023-05-10", ""))
        contract.template_id = self.yearly
        dates = ("2023-05-10", "2025-05-10", "2026-05-09")
        self.assertEqual(self._get_dates(contract), dates)
        self.assertEqual(contract.term_years, 1)
        self.assertEqual(contract.licences_to_renew, 5)
        # 56 days of 365, for five seats
        self.assertEqual(self.account.balance, 16 - 0.77)
        renewal = self._renew(contract)
        self.assertEqual(str(renewal.date_start), "2026-05-10")
        self.env.invalidate_all()
        self.assertEqual(self._get_dates(contract), dates)

    def test_a_draft_without_end_gets_its_first_term(self):
        contract = self._draft(plan=self.plan, date_start="2023-05-10")
        contract.template_id = self.yearly
        dates = ("2023-05-10", "2023-05-10", "2024-05-09")
        self.assertEqual(self._get_dates(contract), dates)

    def test_who_set_the_first_day_cannot_be_forged(self):
        with self.assertRaises(UserError):
            self.governed.fixed_from = "2026-06-01"

    def test_an_end_far_away_harms_nobody(self):
        other = self._draft(self.dune)
        for term in (self.governed, other):
            term.date = date.max
            self.assertGreater(term.term_years, 6000)
            self.assertFalse(term.renewal_text)
        self.assertEqual(self.term.renewal_state, "running")
        self.assertEqual(self.term.licences_to_renew, 250)

    # ------------------------------------------------------------ dates by hand

    def test_staff_cannot_move_the_dates_of_a_term(self):
        forever = create_plan(self.env, "Forever", {self.base: 10, self.expenses: 5})
        for vals in [
            {"date": "2028-12-31"},
            {"date": "2026-12-30"},
            {"date": False},
            {"date_start": "2025-01-01"},
            {"template_id": forever.id},
            {"template_id": forever.id, "date": "2026-12-31"},
        ]:
            with self.subTest(vals=vals):
                with self._refused("only the vendor changes", UserError):
                    self.staffed.write(vals)
                self.assertEqual(str(self.term.date), "2026-12-31")

    def test_staff_cannot_move_the_dates_of_a_term_by_closing_it(self):
        self.staffed.close_subscription()
        with self._refused("only the vendor changes", UserError):
            self.staffed.date = "2028-12-31"

    def test_staff_writes_the_same_dates_again(self):
        self.staffed.write({"date": "2026-12-31", "date_start": "2026-01-01"})
        self.staffed.write({"date": date(2026, 12, 31), "description": "Renegotiated"})

    def test_staff_sets_the_dates_of_a_draft(self):
        term = self._draft().with_user(self.sam)
        term.write({"date_start": "2026-03-01", "date": "2026-08-31"})
        self.assertAlmostEqual(term.term_years, 184 / 365, 2)

    def test_staff_starts_no_term_that_is_over(self):
        """The seats of its grace period would cost nothing."""
        term = self._draft(date_start="2025-03-01").with_user(self.sam)
        self.assertEqual(str(term.date), "2026-02-28")
        with self._refused("has ended already", UserError):
            term.action_start_subscription()
        term.date_start = "2026-03-01"
        term.action_start_subscription()
        self.assertEqual(term.renewal_state, "running")

    def test_the_vendor_takes_over_terms_that_are_over(self):
        term = self._draft(date_start="2025-03-01").with_user(self.vera)
        term.action_start_subscription()
        self.assertEqual(term.renewal_state, "ended")
        self.assertEqual(self.account.balance, 16)

    def test_staff_reopens_a_term_that_is_over(self):
        self.staffed.close_subscription()
        with freeze_time("2027-01-10"):
            self.staffed.action_start_subscription()
            self.assertEqual(self.staffed.renewal_state, "ended")

    def test_a_fixed_plan_needs_an_end(self):
        for term in (self.governed, self._draft().with_user(self.sam)):
            with self._refused("the term needs an end", ValidationError):
                term.date = False

    def test_the_vendor_moves_the_end_and_it_is_noted(self):
        self.governed.date = "2027-06-30"
        entry = self.env["subscription.log"].search([("event", "=", "term_dates")])
        self.assertEqual(entry.subscription_id, self.term)
        values = (entry.old_value, entry.new_value, entry.user_id)
        self.assertEqual(values, ("2026-12-31", "2027-06-30", self.vera))

    def test_a_plan_without_end_ends_what_was_paid_for(self):
        """Whoever comes back to a longer plan does not get its years for nothing."""
        forever = create_plan(self.env, "Forever", {self.base: 10, self.expenses: 5})
        longer = create_plan(
            self.env,
            "Long",
            {self.base: 10, self.expenses: 5},
            recurring_rule_count=2,
            **YEARLY,
        )
        self.governed.template_id = forever
        self.assertFalse(self.term.date)
        self.assertFalse(self.pool.licensed_seats)
        self.assertEqual(self.account.balance, 16)
        self.governed.template_id = longer
        self.assertEqual(str(self.term.date), "2027-12-31")
        self.assertEqual(self.account.balance, 7.01)

    def test_a_term_ends_after_it_starts(self):
        for vals in [
            {"date": "2025-12-31"},
            {"date_start": "2026-06-01", "date": "2026-05-31"},
        ]:
            with self._refused("before it starts", ValidationError):
                self.governed.write(vals)
        self.governed.date = "2026-01-01"

    def test_a_term_does_not_reach_into_the_next(self):
        self._renew()
        with self._refused("Cancel that renewal first", ValidationError):
            self.governed.date = "2027-01-01"
        self.governed.date = "2026-11-30"

    def test_a_renewed_term_starts_with_its_renewal(self):
        self._renew()
        with freeze_time("2027-01-01"):
            self._run_job()
        dates = ("2026-01-01", "2027-01-01", "2027-12-31")
        self.assertEqual(self._get_dates(self.term), dates)
        with self._refused("before it starts", ValidationError):
            self.governed.date = "2026-12-31"

    # ------------------------------------------------------------ stages

    def test_moves_between_stages_keep_the_dates(self):
        dates = self._get_dates(self.term)
        with freeze_time("2026-06-01"):
            for kind in ("draft", "in_progress", "pre", "in_progress"):
                self.staffed.stage_id = self.stages[kind]
                self.assertEqual(self._get_dates(self.term), dates)
            self.staffed.close_subscription()
            self.assertEqual(self._get_dates(self.term), dates)
            self.assertFalse(self.term.renewal_state)
            self.staffed.action_start_subscription()
        self.assertEqual(self._get_dates(self.term), dates)
        self.assertEqual(self.account.balance, 16)

    def test_several_are_moved_at_once(self):
        terms = self.term | self._draft(self.coral, date_start="2026-02-01")
        self.accounts._give(self.reef, {self.expenses: 5}, self.env.company)
        terms.stage_id = self.stages["in_progress"]
        self.assertEqual(str(terms[1].date), "2027-01-31")
        self.assertEqual(str(terms[0].date), "2026-12-31")

    def test_what_is_renewed_is_neither_stopped_nor_archived(self):
        self._renew()
        for vals in [
            {"stage_id": self.stages["post"].id},
            {"stage_id": self.stages["draft"].id},
            {"stage_id": self.stages["pre"].id},
            {"active": False},
        ]:
            with self.subTest(vals=vals):
                with self._refused("Cancel that renewal", ValidationError):
                    self.staffed.write(vals)
        with self._refused("Cancel that renewal", ValidationError):
            self.staffed.close_subscription()
        self.term.action_cancel_renewal()
        self.staffed.close_subscription()
        self.assertFalse(self.term.in_progress)

    def test_upstreams_job_leaves_ended_terms_open(self):
        own = self._create_subscription(self.dune, self.yearly, date_start="2026-01-01")
        with freeze_time("2027-03-15"):
            self.env["sale.subscription"].cron_subscription_management()
            self.assertFalse(own.in_progress)
            self.assertTrue(self.term.in_progress)
            self.assertEqual(self.term.renewal_state, "ended")
            self.staffed.close_subscription()
        self.assertFalse(self.term.in_progress)

    # ------------------------------------------------------------ copies

    def test_a_copy_begins_anew(self):
        self._renew(years=3)
        with freeze_time("2027-02-10"):
            self._run_job()
            balance = self.account.balance
            copy = self.staffed.copy()
        self.assertEqual(
            self._get_dates(copy), ("2027-02-10", "2027-02-10", "2028-02-09")
        )
        self.assertFalse(copy.in_progress)
        self.assertEqual(copy.stage_id.type, "draft")
        self.assertFalse(copy.renewal_ids)
        self.assertFalse(any(copy.sudo().seat_pool_ids.mapped("licensed_seats")))
        self.assertEqual(copy.seat_pool_ids.mapped("seat_limit"), [10, 5])
        self.assertEqual(self.account.balance, balance)

    # ------------------------------------------------------------ grace

    def test_seats_are_given_within_the_grace_period_alone(self):
        self.env.company.renewal_grace_days = 10
        members = self._create_members(self.acme, 3)
        self._grant(self.pool, members[0])
        term = self.term.with_context(lang="en_US")
        with freeze_time("2027-01-10"):
            self.env.invalidate_all()
            self.assertIn("until 01/10/2027", term.renewal_text)
            self._grant(self.pool, members[1])
        with freeze_time("2027-01-11"):
            self.env.invalidate_all()
            self.assertIn("nobody loses access", term.renewal_text)
            with self._refused("the grace period is over", SeatRefusal):
                self._grant(self.pool, members[2])
            self.assertEqual(self._get_seated(self.pool), members[:2])
            self.assertEqual(self._get_seated(self.users), members)
            self.pool.seat_ids[0]._release("access")
            self.assertEqual(self.pool.used, 1)

    def test_no_seats_are_added_to_a_term_that_ended(self):
        with freeze_time("2027-01-01"):
            self.env.invalidate_all()
            with self._refused("the term has ended", UserError):
                self.pool.with_user(self.sam).seat_limit = 6
            self.pool.with_user(self.sam).seat_limit = 4
        self.assertEqual(self.account.balance, 16)

    def test_without_grace_it_ends_with_the_term(self):
        self.env.company.renewal_grace_days = 0
        members = self._create_members(self.acme, 2)
        with freeze_time("2026-12-31"):
            self.env.invalidate_all()
            self._grant(self.pool, members[0])
        with freeze_time("2027-01-01"):
            self.env.invalidate_all()
            with self.assertRaises(SeatRefusal):
                self._grant(self.pool, members[1])

    def test_the_words_tell_what_can_be_done(self):
        for day, text in [
            ("2026-03-15", False),
            ("2026-10-01", "The term ends on 12/31/2026."),
            (
                "2027-01-01",
                "The term ended on 12/31/2026. Seats can be given until 01/30/2027;"
                " renew it to go on.",
            ),
            (
                "2027-01-31",
                "The term ended on 12/31/2026, and the grace period on 01/30/2027:"
                " nobody loses access, but no seat can be given until it is renewed.",
            ),
        ]:
            with self.subTest(day=day), freeze_time(day):
                self.env.invalidate_all()
                term = self.term.with_context(lang="en_US")
                self.assertEqual(term.renewal_text, text)


@freeze_time("2026-03-15")
class TestTermState(TermCase):
    """The state of a term is right at any time, without a job, wherever it is read."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.subscriptions = cls.env["sale.subscription"]

    def _check(self, expected, context=None):
        """Check that the states are as ``expected``, ``{record: state}``, however they
        are asked for."""
        self.env.flush_all()
        self.env.invalidate_all()
        model = self.subscriptions.with_context(**(context or {}))
        records = model.union(*(record.with_env(model.env) for record in expected))
        found = {record.id: record.renewal_state for record in records}
        self.assertEqual(found, {record.id: expected[record] for record in expected})
        states = [*dict(model._fields["renewal_state"].selection), False]
        ended = records.filtered(lambda record: record.renewal_state == "ended")
        mine = [("id", "in", records.ids)]
        for state in states:
            matching = records.filtered(lambda r: r.renewal_state == state)  # noqa: B023
            others = records - matching
            for domain, result in [
                ([("renewal_state", "=", state)], matching),
                ([("renewal_state", "!=", state)], others),
                ([("renewal_state", "in", [state])], matching),
                ([("renewal_state", "not in", [state])], others),
                (["!", ("renewal_state", "=", state)], others),
                ([("renewal_state", "in", [state, "ended"])], matching | ended),
                ([("renewal_state", "not in", [state, "ended"])], others - ended),
            ]:
                with self.subTest(domain=domain):
                    self.assertEqual(records.filtered_domain(domain), result)
                    self.assertEqual(set(model.search(mine + domain)), set(result))
        groups = dict(model._read_group(mine, ["renewal_state"], ["__count"]))
        counts = {}
        for state in expected.values():
            counts[state] = counts.get(state, 0) + 1
        self.assertEqual(groups, counts)
        shown = model.formatted_read_group(mine, ["renewal_state"], ["__count"])
        self.assertEqual(
            {group["renewal_state"]: group["__count"] for group in shown}, counts
        )
        for group in shown:
            listed = model.search([*mine, *group["__extra_domain"]])
            self.assertEqual(
                set(listed.mapped("renewal_state")), {group["renewal_state"]}
            )
        ordered = model.search(mine, order="renewal_state, id").mapped("renewal_state")
        named = [state for state in ordered if state]
        self.assertEqual(named, sorted(named))

    def test_each_state_on_each_day(self):
        draft = self._create_subscription(
            self.acme, self.yearly, running=False, date_start="2026-01-01"
        )
        closed = self._create_subscription(self.dune, self.yearly)
        closed.close_subscription()
        endless = self._create_subscription(
            self.acme, self.plan, date_start="2020-01-01"
        )
        renewed = self._create_terms(1)
        self._renew(renewed)
        for day, state, renewed_state, endless_state in [
            ("2019-12-31", "not_started", "not_started", "not_started"),
            ("2025-12-31", "not_started", "not_started", "running"),
            ("2026-01-01", "running", "renewed", "running"),
            ("2026-09-30", "running", "renewed", "running"),
            ("2026-10-01", "ending", "renewed", "running"),
            ("2026-12-31", "ending", "renewed", "running"),
            ("2027-01-01", "ended", "renewed", "running"),
            ("2030-01-01", "ended", "renewed", "running"),
        ]:
            with self.subTest(day=day), freeze_time(day):
                self._check(
                    {
                        self.term: state,
                        draft: "not_started",
                        closed: False,
                        endless: endless_state,
                        renewed: renewed_state,
                    }
                )

    def test_the_month_ends_of_the_warning(self):
        """Three months before the last day, by the calendar."""
        self.term.date = "2026-05-31"
        for day, state in [
            ("2026-02-28", "running"),
            ("2026-03-01", "ending"),
            ("2026-05-31", "ending"),
            ("2026-06-01", "ended"),
        ]:
            with self.subTest(day=day), freeze_time(day):
                self._check({self.term: state})

    def test_days_begin_where_the_company_is(self):
        for zone, moment, state in [
            ("Pacific/Kiritimati", "2026-12-31 09:59:59", "ending"),
            ("Pacific/Kiritimati", "2026-12-31 10:00:00", "ended"),
            ("UTC", "2026-12-31 23:59:59", "ending"),
            ("UTC", "2027-01-01 00:00:00", "ended"),
            ("Pacific/Pago_Pago", "2027-01-01 10:59:59", "ending"),
            ("Pacific/Pago_Pago", "2027-01-01 11:00:00", "ended"),
        ]:
            self.env.company.term_tz = zone
            with self.subTest(zone=zone, moment=moment), freeze_time(moment):
                for tz in ("Pacific/Auckland", "America/Los_Angeles", False):
                    self._check({self.term: state}, {"tz": tz})

    def test_days_begin_where_the_user_is_unless_the_company_says(self):
        self.env.company.term_tz = False
        with freeze_time("2026-12-31 12:00:00"):
            for tz, state in [
                ("Pacific/Kiritimati", "ended"),
                ("UTC", "ending"),
                ("Pacific/Pago_Pago", "ending"),
                ("Nowhere/At_All", "ending"),
            ]:
                with self.subTest(tz=tz):
                    self._check({self.term: state}, {"tz": tz})

    def test_each_company_has_its_days(self):
        """Time zone, warning and grace period of each."""
        here = self.env.company
        there = self.env["res.company"].create({"name": "Vendor East"})
        here.write({"term_tz": "Pacific/Pago_Pago", "renewal_warning_months": 1})
        there.write(
            {
                "term_tz": "Pacific/Kiritimati",
                "renewal_warning_months": 6,
                "renewal_grace_days": 0,
            }
        )
        self.accounts._give(self.north, {self.expenses: 20}, there)
        east = self._create_subscription(
            self._create_client("Eve", self.north),
            self.yearly,
            date_start="2026-01-01",
            company_id=there.id,
        )
        for moment, state, eastern in [
            ("2026-06-30 09:00:00", "running", "running"),
            ("2026-06-30 11:00:00", "running", "ending"),
            ("2026-12-02 09:00:00", "ending", "ending"),
            ("2026-12-31 11:00:00", "ending", "ended"),
            ("2027-01-01 12:00:00", "ended", "ended"),
        ]:
            with self.subTest(moment=moment), freeze_time(moment):
                self._check({self.term: state, east: eastern})
        with freeze_time("2026-12-31 11:00:00"):
            self.env.invalidate_all()
            running = [pool.is_running for pool in (self.pool, east.seat_pool_ids[0])]
            self.assertEqual(running, [True, False])
            self.assertTrue(east._has_ended())
            self.assertFalse(self.term._has_ended())

    def test_the_settings_of_a_company_take_effect_at_once(self):
        with freeze_time("2026-08-15"):
            self._check({self.term: "running"})
            self.env.company.renewal_warning_months = 6
            self._check({self.term: "ending"})

    def test_a_state_changes_with_what_it_follows_from(self):
        steps = [
            (self._renew, "renewed"),
            (self.term.action_cancel_renewal, "running"),
            (lambda: self.term.write({"date": "2026-03-14"}), "ended"),
            (lambda: self.term.write({"date": "2026-03-15"}), "ending"),
            (self.term.close_subscription, False),
            (self.term.action_start_subscription, "ending"),
            (lambda: self.term.write({"date": "2026-12-31"}), "running"),
        ]
        for step, state in steps:
            step()
            self.assertEqual(self.term.renewal_state, state)
            self.assertIn(
                self.term,
                self.subscriptions.search([("renewal_state", "=", state)]),
            )

    def test_the_state_can_be_grouped_by_on_screens(self):
        field = self.subscriptions.fields_get(["renewal_state"])["renewal_state"]
        self.assertTrue(field["searchable"])
        self.assertTrue(field["groupable"])
        self.assertTrue(field["sortable"])

    def test_members_are_seated_when_the_term_begins_where_the_company_is(self):
        self.env.company.term_tz = "Pacific/Kiritimati"
        client = self._create_client("Late", self.north)
        term = self._create_subscription(client, self.yearly, date_start="2026-04-01")
        member = self._create_members(client, 1)
        for moment, seated in [("2026-03-31 09:00", False), ("2026-03-31 11:00", True)]:
            with freeze_time(moment), self.enter_registry_test_mode():
                self.env.invalidate_all()
                self.env.ref(
                    "partner_managed_subscription.ir_cron_seat_waiting"
                ).method_direct_trigger()
                self.env.invalidate_all()
                pool = self._get_pool(term, self.base)
                self.assertEqual(member in self._get_seated(pool), seated)


@freeze_time("2026-03-15")
class TestTermDeletion(TermCase):
    def test_what_took_licences_stays(self):
        """The ledger tells what licences were taken for, so that is not deleted: by
        nobody, alone or with others, running or closed."""
        waiting = self._create_subscription(self.acme, self.yearly, running=False)
        words = f"{self.term.display_name}: licences were taken for it"
        for terms in (self.term, waiting | self.term):
            for user in (self.vera, self.env.ref("base.user_root")):
                with self._refused(words) as refusal:
                    terms.with_user(user).unlink()
                self.assertNotIn(waiting.display_name, str(refusal.exception))
        self.term.close_subscription()
        self.term.active = False
        with self._refused(words):
            self.term.with_user(self.vera).unlink()
        self.assertTrue(self.account.move_ids.subscription_id)

    def test_what_took_none_goes(self):
        waiting = self._create_subscription(self.acme, self.yearly, running=False)
        forever = self._create_subscription(self.acme, self.plan)
        (waiting | forever).with_user(self.vera).unlink()
        self.assertFalse((waiting | forever).exists())
