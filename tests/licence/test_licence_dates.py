from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..common.licence import RaiseCase


@freeze_time("2026-03-15")
@tagged("post_install", "-at_install")
class TestLicenceDates(RaiseCase):
    """Neither dates nor an end give seats for nothing."""

    # ------------------------------------------------------------------ ended

    def test_ended_terms_get_no_more_seats(self):
        for day in ("2027-01-01", "2027-01-30", "2027-06-01"):
            with freeze_time(day), self.subTest(day=day):
                for act in (
                    lambda: self._as_north(self.pool).write({"seat_limit": 6}),
                    lambda: self.pool.write({"seat_limit": 6}),
                    lambda: self.pool.create(
                        {
                            "subscription_id": self.term.id,
                            "module_id": self.time.id,
                            "seat_limit": 1,
                        }
                    ),
                    lambda: self._as_north(self.term).write(
                        {"template_id": self.large.id}
                    ),
                ):
                    self._check_refused(act, "the term has ended", error=UserError)
                # Fewer seats, and as many as before, are no question of licences.
                self._check_takes(0, lambda: self.pool.write({"seat_limit": 4}))
                self._check_takes(0, lambda: self.pool.write({"seat_limit": 5}))

    def test_the_last_day_is_a_day_of_the_term(self):
        with freeze_time("2026-12-31"):
            self._check_takes(0.01, lambda: self.pool.write({"seat_limit": 6}))

    def test_the_grace_period_fills_seats_and_adds_none(self):
        members = self._create_members(self.acme, 2)
        with freeze_time("2027-01-30"):
            self._grant(self.pool, members)
            self.assertEqual(self.pool.used, 2)
            self._check_refused(
                lambda: self.pool.write({"seat_limit": 6}),
                "the term has ended",
                error=UserError,
            )

    def test_no_term_is_had_for_nothing_by_dates_that_are_over(self):
        """Seats can be given in the grace period, so who started a term that is over
        would have them for nothing."""

        def start_over():
            record = self._as_north(self.term).create(
                {
                    "partner_id": self.acme.id,
                    "template_id": self.yearly.id,
                    "pricelist_id": self.term.pricelist_id.id,
                    "date_start": "2025-03-14",
                    "date": "2026-03-14",
                }
            )
            record.action_start_subscription()

        self._check_refused(start_over, "has ended already", error=UserError)

    # ------------------------------------------------------------------ dates

    def test_staff_does_not_move_the_dates_of_a_paid_term(self):
        term = self._as_north(self.term)
        for vals in (
            {"date": "2027-12-31"},
            {"date": "2026-12-30"},
            {"date": False},
            {"date_start": "2026-06-01"},
            {"date_start": "2026-06-01", "date": "2027-05-31"},
            {"template_id": self.forever.id},
        ):
            with self.subTest(vals=vals):
                self._check_refused(
                    lambda vals=vals: term.write(vals),
                    "only the vendor changes its dates",
                    error=UserError,
                )
                self.assertEqual(str(self.term.date), "2026-12-31")
        result = term.browse().load([".id", "date"], [[str(term.id), "2027-12-31"]])
        self.assertIn("only the vendor", str(result["messages"]))
        term.write({"date": "2026-12-31", "date_start": "2026-01-01"})
        self.term.close_subscription()
        self._check_refused(
            lambda: term.write({"date": "2027-12-31"}),
            "only the vendor",
            error=UserError,
        )

    def test_fields_that_only_the_program_sets(self):
        pool, term = self._as_north(self.pool), self._as_north(self.term)
        new = {"module_id": self.time.id, "seat_limit": 3, "licensed_seats": 3}
        for label, act in {
            "licensed seats": lambda: pool.write({"licensed_seats": 99}),
            "with seats": lambda: pool.write({"licensed_seats": 99, "seat_limit": 99}),
            "opened": lambda: pool.create({**new, "subscription_id": term.id}),
            "contract": lambda: term.write({"seat_pool_ids": [Command.create(new)]}),
            "by the vendor": lambda: self.pool.write({"licensed_seats": 99}),
            "first day": lambda: term.write({"term_start": "2026-12-01"}),
            "years": lambda: term.write({"term_years": 0.01}),
            "partner": lambda: term.write({"managing_partner_id": self.reef.id}),
            "of the pool": lambda: pool.write({"managing_partner_id": self.reef.id}),
        }.items():
            with self.subTest(forged=label):
                self._check_refused(act, error=UserError)
        self._check_refused(
            lambda: pool.with_context(default_licensed_seats=99).create(
                {
                    "subscription_id": term.id,
                    "module_id": self.time.id,
                    "seat_limit": 3,
                }
            ),
            "North, licences of Time: 0",
        )

    def test_the_boundary_that_upstream_computes_decides_nothing(self):
        vals = {
            "partner_id": self.acme.id,
            "template_id": self.yearly.id,
            "pricelist_id": self.term.pricelist_id.id,
            "date_start": "2026-03-15",
        }
        subscriptions = self._as_north(self.term).browse()
        for boundary in (True, False):
            for context in ({}, {"default_recurring_rule_boundary": boundary}):
                given = {} if context else {"recurring_rule_boundary": boundary}

                # pylint: disable-next=dangerous-default-value
                def start(given=given, context=context):
                    record = subscriptions.with_context(**context).create(
                        {**vals, **given}
                    )
                    self.assertEqual(str(record.date), "2027-03-14")
                    record.action_start_subscription()

                with (
                    self.subTest(boundary=boundary, context=context),
                    self.env.cr.savepoint() as savepoint,
                ):
                    self._check_takes(5, start)
                    savepoint.rollback()
                self.env.invalidate_all()
        term = self._as_north(self.term)
        try:
            with self.env.cr.savepoint():
                term.write({"recurring_rule_boundary": True})
        except UserError:
            self.env.invalidate_all()
        self._check_takes(2.4, lambda: term.seat_pool_ids[1].write({"seat_limit": 8}))
