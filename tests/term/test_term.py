from datetime import date

from odoo.exceptions import UserError, ValidationError
from odoo.tests import Form, freeze_time

from ...exceptions import SeatRefusal
from ..common.subscription import create_plan, create_yearly_plan
from ..common.term import TermCase


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
        longer = create_yearly_plan(self.env, "Long", {}, recurring_rule_count=3)
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
            plan = create_yearly_plan(self.env, "Odd", {}, recurring_interval=interval)
            # As a plan that was there before may have it.
            self.env.cr.execute(
                "UPDATE sale_subscription_template SET recurring_rule_count = %s"
                " WHERE id = %s",
                [count, plan.id],
            )
            plan.invalidate_recordset()
            self.assertEqual(str(self._draft(plan=plan).date), end)

    def test_a_running_term_keeps_its_end_when_the_plan_changes(self):
        longer = create_yearly_plan(
            self.env, "Long", {self.base: 10}, recurring_rule_count=3
        )
        self.term.template_id = longer
        self.assertEqual(str(self.term.date), "2026-12-31")

    def test_a_closed_term_keeps_its_end_when_the_plan_changes(self):
        self.term.close_subscription()
        longer = create_yearly_plan(self.env, "Long", {}, recurring_rule_count=3)
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

    def test_a_running_contract_keeps_its_start(self):
        """Without one, nothing could be billed."""
        with self.assertRaisesRegex(ValidationError, "on which it started"):
            self.term.write({"date_start": False})
            self.env.flush_all()

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
        longer = create_yearly_plan(
            self.env, "Long", {self.base: 10, self.expenses: 5}, recurring_rule_count=2
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
        self._give(self.reef, 5)
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
        own = self._create_term(self.dune)
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
