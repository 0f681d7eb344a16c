from unittest.mock import patch

from odoo.exceptions import ConcurrencyError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..common.subscription import ADDON
from ..common.term import TermCase

MODEL = f"odoo.addons.{ADDON}.models.renewal.subscription_renewal_start"


@freeze_time("2026-03-15")
class TestRenewalJob(TermCase):
    """The job that starts the terms that are due."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cron = cls.env.ref(f"{ADDON}.ir_cron_renewal_apply")
        cls.terms = cls._create_terms(5)

    def _get_states(self, renewals):
        return "".join(renewal.state[0] for renewal in renewals)

    def _break(self, *broken):
        """Let the terms of the renewals ``broken`` fail to start, in SQL."""
        renewals = self.env.registry["subscription.renewal"]
        get_pool_seats = renewals._get_pool_seats

        def fail(records):
            if not set(records.ids).isdisjoint(one.id for one in broken):
                records.env.cr.execute("SELECT 1 / 0")
            return get_pool_seats(records)

        return patch.object(renewals, "_get_pool_seats", fail)

    def _get_term_entries(self):
        return self.env["subscription.log"].search([("event", "=", "term")])

    def test_it_starts_what_is_due_and_nothing_else(self):
        renewals = self._renew(self.terms)
        self.terms[0].renewal_id.action_cancel()
        self.terms[1].date = "2026-12-30"
        for day, states in [
            ("2026-12-31", "cssss"),
            ("2027-01-01", "caaaa"),
            ("2027-01-01", "caaaa"),
        ]:
            with freeze_time(day):
                self._run_job()
                self.assertEqual(self._get_states(renewals), states)
        self.assertEqual(len(self._get_term_entries()), 4)

    def test_it_runs_late_and_twice(self):
        renewal = self._renew(self.terms[:1])
        balance = self.account.balance
        for day in ("2027-02-10", "2027-02-10", "2027-03-01"):
            with freeze_time(day):
                self._run_job()
        self.assertEqual(str(renewal.applied_at), "2027-02-10 00:00:00")
        self.assertEqual(str(self.terms[0].date), "2027-12-31")
        self.assertEqual(str(self.terms[0].term_start), "2027-01-01")
        self.assertEqual(len(self._get_term_entries()), 1)
        self.assertEqual(self.account.balance, balance)

    def test_it_runs_so_late_that_the_term_is_over(self):
        renewal = self._renew(self.terms[:1])
        with freeze_time("2028-05-05"):
            self._run_job()
            self.assertEqual(renewal.state, "applied")
            self.assertEqual(self.terms[0].renewal_state, "ended")

    def test_days_begin_where_the_company_is(self):
        renewal = self._renew(self.terms[:1])
        self.env.company.term_tz = "Pacific/Pago_Pago"
        for moment, state in [
            ("2027-01-01 10:59:59", "scheduled"),
            ("2027-01-01 11:00:00", "applied"),
        ]:
            with freeze_time(moment):
                self._run_job()
                self.assertEqual(renewal.state, state)

    @mute_logger(MODEL, "odoo.sql_db")
    def test_one_that_fails_stops_none_of_the_others(self):
        renewals = self._renew(self.terms)
        for size in (100, 2):
            with (
                self.subTest(size=size),
                freeze_time("2027-01-01"),
                patch(f"{MODEL}.CHUNK", size),
                self._break(renewals[1]),
            ):
                self._run_job()
                self.assertEqual(self._get_states(renewals), "asaaa")
                self.assertIn("technical reason", renewals[1].error)
                self.assertFalse(any((renewals - renewals[1]).mapped("error")))
                self.assertEqual(str(self.terms[1].date), "2026-12-31")
        with freeze_time("2027-01-02"):
            self._run_job()
        self.assertEqual(self._get_states(renewals), "aaaaa")
        self.assertFalse(renewals[1].error)
        self.assertEqual(len(self._get_term_entries()), 5)

    @mute_logger(MODEL, "odoo.sql_db")
    def test_one_that_fails_is_tried_once_in_a_run(self):
        """With the others of its chunk, that is, and then alone."""
        renewals = self._renew(self.terms)
        registry, tried = self.env.registry["subscription.renewal"], []

        def note(records):
            tried.append(records.ids)
            return apply(records)

        apply = registry._apply
        with (
            freeze_time("2027-01-01"),
            patch(f"{MODEL}.CHUNK", 2),
            patch.object(registry, "_apply", note),
            self._break(renewals[1]),
        ):
            self._run_job()
        one, failing, *others = renewals.ids
        self.assertEqual(
            tried, [[one, failing], [one], [failing], others[:2], others[2:]]
        )

    def test_it_goes_by_chunks_and_tells_how_far_it_is(self):
        renewals = self._renew(self.terms)
        registry = self.env.registry["subscription.renewal"]
        sizes = []

        def note(records):
            sizes.append(len(records))
            return apply(records)

        apply = registry._apply
        with (
            freeze_time("2027-01-01"),
            patch(f"{MODEL}.CHUNK", 2),
            patch.object(registry, "_apply", note),
        ):
            self._run_job()
        self.assertEqual(sizes, [2, 2, 1])
        self.assertEqual(self._get_states(renewals), "aaaaa")
        progress = self.env["ir.cron.progress"].search(
            [("cron_id", "=", self.cron.id)], order="id desc", limit=1
        )
        self.assertEqual((progress.done, progress.remaining), (5, 0))

    def test_it_stops_when_its_time_is_over_and_goes_on_later(self):
        renewals = self._renew(self.terms)
        crons = self.env.registry["ir.cron"]
        with freeze_time("2027-01-01"), patch(f"{MODEL}.CHUNK", 2):
            with (
                self.enter_registry_test_mode(),
                patch.object(crons, "_commit_progress", return_value=0),
            ):
                self.renewals._cron_apply()
            self.assertEqual(self._get_states(renewals), "aasss")
            self._run_job()
        self.assertEqual(self._get_states(renewals), "aaaaa")

    def test_what_others_are_at_work_on_is_no_failure(self):
        renewals = self._renew(self.terms[:2])
        registry = self.env.registry["subscription.renewal"]
        apply = registry._apply

        def busy(records):
            if renewals[0].id in records.ids:
                raise ConcurrencyError("Somebody else has just renewed.")
            return apply(records)

        with freeze_time("2027-01-01"):
            with patch.object(registry, "_apply", busy):
                self._run_job()
            self.assertEqual(self._get_states(renewals), "sa")
            self.assertFalse(renewals[0].error)
            self._run_job()
        self.assertEqual(self._get_states(renewals), "aa")

    def test_terms_of_one_client_start_together(self):
        other = self._create_term(self.acme)
        self._renew(self.term | other)
        with freeze_time("2027-01-01"):
            self._run_job()
        ends = {str(term.date) for term in self.term | other}
        self.assertEqual(ends, {"2027-12-31"})
