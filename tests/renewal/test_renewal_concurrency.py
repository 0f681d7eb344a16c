from datetime import timedelta
from unittest.mock import patch

import psycopg2

from odoo import SUPERUSER_ID, api
from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.committed import LICENCE_TABLES, CommittedCase
from ..common.subscription import (
    ADDON,
    create_company,
    create_members,
    create_module,
    create_subscription,
    create_yearly_plan,
    renew,
)

MODEL = f"odoo.addons.{ADDON}.models.renewal.subscription_renewal_start"


class KilledError(BaseException):
    """Ends a job as nothing that it catches would."""


@tagged("post_install", "-at_install")
class TestRenewalConcurrency(CommittedCase):
    """Renewals that are made, cancelled and started at once, or half way."""

    TABLES = (
        "subscription_log",
        *LICENCE_TABLES,
        *(table for table in CommittedCase.TABLES if table != "subscription_log"),
    )

    def _build_terms(self, count=1, licences=None):
        """Make clients of a partner, with a term each that ends in ten days."""
        with self._committed() as env:
            modules = env["subscription.module"]
            expenses = modules.search([("code", "=", "expenses")], limit=1)
            expenses = expenses or create_module(env, "Expenses")
            base = env.ref(f"{ADDON}.module_base")
            north = create_company(env, "North", is_managing_partner=True)
            accounts = env["subscription.licence.account"]
            licences = licences or 20 * count
            accounts._give(north, {expenses: licences}, env.company)
            plan = create_yearly_plan(env, "Yearly", {base: 10, expenses: 5})
            start = env.company._get_today() - timedelta(days=355)
            terms = env["sale.subscription"]
            for number in range(count):
                client = create_company(
                    env, f"Client {number}", managing_partner_id=north.id
                )
                terms |= create_subscription(env, client, plan, date_start=start)
            self.term_ids = terms.ids
            self.account_id = accounts.search([("partner_id", "=", north.id)]).id

    def _renew(self, *term_ids, years=1):
        """Return the job that renews terms."""

        return lambda env: (
            renew(env["sale.subscription"].browse(term_ids), years=years).ids
        )

    def _cancel(self, renewal_ids):
        def cancel(env):
            env["subscription.renewal"].browse(renewal_ids).action_cancel()
            return renewal_ids

        return cancel

    def _apply(self, renewal_ids):
        """Return what the job does with renewals, whether they are due or not."""

        def apply(env):
            env["subscription.renewal"].browse(renewal_ids)._apply_each()
            return renewal_ids

        return apply

    @staticmethod
    def _run_job(env):
        env["subscription.renewal"]._cron_apply()
        return True

    def _schedule_due(self, count):
        """Make terms that were renewed and have ended yesterday.

        :return: the ids of their renewals
        """
        self._build_terms(count)
        renewal_ids = self._do(self._renew(*self.term_ids))
        with self._committed() as env:
            today = env.company._get_today()
            yesterday = today - timedelta(days=1)
            env.cr.execute(
                "UPDATE sale_subscription SET date = %s WHERE id IN %s",
                [yesterday, tuple(self.term_ids)],
            )
            env.cr.execute(
                "UPDATE subscription_renewal SET previous_end = %s, date_start = %s"
                " WHERE id IN %s",
                [yesterday, today, tuple(renewal_ids)],
            )
        return renewal_ids

    def _get_states(self):
        with self._committed() as env:
            renewals = env["subscription.renewal"].search(
                [("subscription_id", "in", self.term_ids)], order="id"
            )
            return "".join(renewal.state[0] for renewal in renewals)

    def _get_balance(self):
        with self._committed() as env:
            account = env["subscription.licence.account"].browse(self.account_id)
            self.assertAlmostEqual(
                sum(account.move_ids.mapped("quantity")), account.balance
            )
            return account.balance

    def _check_started_once(self, renewal_ids):
        """Check that each of these terms has started, and once only."""
        with self._committed() as env:
            for renewal in env["subscription.renewal"].browse(renewal_ids):
                term = renewal.subscription_id
                self.assertEqual(renewal.state, "applied")
                self.assertFalse(renewal.error)
                self.assertEqual(term.date, renewal.date_end)
                entries = env["subscription.log"].search(
                    [("subscription_id", "=", term.id), ("event", "=", "term")]
                )
                self.assertEqual(len(entries), 1)
                kinds = renewal.move_ids.mapped("kind")
                self.assertEqual(kinds, ["renewal"])

    # ------------------------------------------------------------ renew and renew

    def test_two_people_renew_the_same_client(self):
        for meet in (self._run_together, self._run_around):
            self._build_terms()
            balance = self._get_balance()
            done, refused = self._split(
                meet(self._renew(*self.term_ids), self._renew(*self.term_ids, years=2))
            )
            self.assertEqual(len(done), 1)
            self.assertEqual([type(error) for error in refused], [UserError])
            self.assertIn("was renewed already by", str(refused[0]))
            self.assertEqual(self._get_states(), "s")
            with self._committed() as env:
                renewal = env["subscription.renewal"].browse(done[0])
                taken = renewal.licences
            self.assertEqual(self._get_balance(), balance - taken)

    def test_two_people_renew_several_clients_in_opposite_order(self):
        self._build_terms(3)
        one, other = self.term_ids, self.term_ids[::-1]
        done, refused = self._split(
            self._run_together(self._renew(*one), self._renew(*other))
        )
        self.assertEqual((len(done), len(refused)), (1, 1))
        self.assertIsInstance(refused[0], UserError)
        self.assertEqual(self._get_states(), "sss")

    def test_the_last_licences_are_taken_once(self):
        self._build_terms(2, licences=8)
        done, refused = self._split(
            self._run_together(*(self._renew(term_id) for term_id in self.term_ids))
        )
        self.assertEqual((len(done), len(refused)), (1, 1))
        self.assertIn(" missing", str(refused[0]))

    def test_a_renewal_that_is_not_seen_is_looked_for(self):
        """Even one that was made without a lock is no technical error."""
        self._build_terms()
        subscriptions = self.registry["sale.subscription"]

        def renew_unlocked(env):
            with patch.object(subscriptions, "_lock_exclusive"):
                return self._renew(*self.term_ids)(env)

        with self._hurried():
            refused = self._run(
                self._renew(*self.term_ids), lambda _env: self._do(renew_unlocked)
            )
        self.assertIsInstance(refused, UserError)
        self.assertIn("was renewed already by", str(refused))

    # ------------------------------------------------------------ cancel

    def test_one_renews_while_another_cancels(self):
        self._build_terms()
        balance = self._get_balance()
        renewal_ids = self._do(self._renew(*self.term_ids))
        first, second = self._run_around(
            self._cancel(renewal_ids), self._renew(*self.term_ids)
        )
        self.assertEqual(first, renewal_ids)
        self.assertNotIsInstance(second, Exception)
        self.assertEqual(self._get_states(), "cs")
        self.assertEqual(self._get_balance(), balance - 5)

    def test_two_people_cancel(self):
        self._build_terms()
        balance = self._get_balance()
        renewal_ids = self._do(self._renew(*self.term_ids))
        done, refused = self._split(
            self._run_together(*[self._cancel(renewal_ids)] * 2)
        )
        self.assertEqual((len(done), len(refused)), (1, 1))
        self.assertIn("can be cancelled", str(refused[0]))
        self.assertEqual(self._get_balance(), balance)

    def test_a_term_that_starts_while_somebody_cancels(self):
        for first, second, state in [
            (self._apply, self._cancel, "a"),
            (self._cancel, self._apply, "c"),
        ]:
            with self.subTest(state=state):
                self._build_terms()
                balance = self._get_balance()
                ids = self._do(self._renew(*self.term_ids))
                results = self._run_around(first(ids), second(ids))
                self.assertEqual(results[0], ids)
                if state == "a":
                    self.assertIn("can be cancelled", str(results[1]))
                else:
                    self.assertEqual(results[1], ids)
                self.assertEqual(self._get_states(), state)
                taken = 5 if state == "a" else 0
                self.assertEqual(self._get_balance(), balance - taken)
                with self._committed() as env:
                    self.assertFalse(env["subscription.renewal"].browse(ids).error)

    def test_a_start_that_waits_for_its_subscription_holds_nothing_yet(self):
        """What another transaction needs next stays free: nobody waits in a circle."""
        self._build_terms()
        ids = self._do(self._renew(*self.term_ids))
        wait, free = self._wait_until_blocked, []

        def look(*args):
            wait(*args)
            with self._committed() as env:
                pools = env["sale.subscription"].browse(self.term_ids).seat_pool_ids
                for records in (env["subscription.renewal"].browse(ids), pools):
                    locked = records.try_lock_for_update(allow_referencing=True)
                    free.append(locked == records)

        def lock(env):
            env["sale.subscription"].browse(self.term_ids)._lock_exclusive()

        with patch.object(self, "_wait_until_blocked", look):
            self._run_around(lock, self._apply(ids))
        self.assertEqual(free, [True, True])
        # It is left to the next run, which is no failure.
        with self._committed() as env:
            self.assertFalse(env["subscription.renewal"].browse(ids).error)

    # ------------------------------------------------------------ seats

    def test_seats_given_while_a_smaller_term_starts_are_over(self):
        """The start waits for the grant, and the next run of the job counts them."""
        self._build_terms()
        with self._committed() as env:
            term = env["sale.subscription"].browse(self.term_ids)
            pool = term.seat_pool_ids.filtered(lambda pool: not pool.is_base)
            numbers = {pool.module_id: 1}
            ids = renew(term, choice="other", numbers=numbers).ids
            member_ids = create_members(env, term.client_id, 2).ids
            pool_id = pool.id
        self._run_around(self._grant(member_ids, pool_id), self._apply(ids))
        self._do(self._apply(ids))
        self.assertEqual(self._get_states(), "a")
        with self._committed() as env:
            lines = env["subscription.notice.line"].search(
                [("subscription_id", "in", self.term_ids), ("kind", "=", "over")]
            )
            self.assertEqual(set(lines.mapped("used")), {2})

    # ------------------------------------------------------------ the job

    def _run_killed(self, patched):
        """Run the job until ``patched`` ends it, and lose what was not committed."""
        with (
            self.assertRaises((KilledError, psycopg2.Error)),
            mute_logger("odoo.sql_db"),
            patched,
            patch(f"{MODEL}.CHUNK", 2),
            self.registry.cursor() as cr,
        ):
            self._run_job(self._get_env(cr))

    def _get_env(self, cr):
        return api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    def test_the_job_is_killed_before_a_chunk(self):
        renewal_ids = self._schedule_due(5)
        renewals = self.registry["subscription.renewal"]
        apply, calls = renewals._apply, []

        def kill(records):
            calls.append(records.ids)
            if len(calls) == 2:
                raise KilledError
            return apply(records)

        self._run_killed(patch.object(renewals, "_apply", kill))
        self.assertEqual(self._get_states(), "aasss")
        self._do(self._run_job)
        self._check_started_once(renewal_ids)

    def test_the_job_is_killed_in_the_middle_of_a_chunk(self):
        """Its connection is cut when the second chunk is written, but not committed."""
        renewal_ids = self._schedule_due(5)
        logs = self.registry["subscription.renewal"]
        log_event, calls = logs._log_event, []

        def kill(records, event):
            log_event(records, event)
            records.env.flush_all()
            calls.append(records.ids)
            if len(calls) == 2:
                backend = records.env.cr._cnx.get_backend_pid()
                with self.registry.cursor() as cr:
                    cr.execute("SELECT pg_terminate_backend(%s)", [backend])

        self._run_killed(patch.object(logs, "_log_event", kill))
        self.assertEqual(self._get_states(), "aasss")
        self._do(self._run_job)
        self._check_started_once(renewal_ids)

    def test_two_jobs_at_once(self):
        renewal_ids = self._schedule_due(5)
        with patch(f"{MODEL}.CHUNK", 2):
            results = self._run_together(self._run_job, self._run_job)
        self.assertFalse(self._split(results)[1])
        self._check_started_once(renewal_ids)

    def test_the_job_passes_over_what_somebody_else_has_locked(self):
        renewal_ids = self._schedule_due(3)
        with self._committed() as env:
            env["subscription.renewal"].browse(renewal_ids[0]).lock_for_update()
            self._do(self._run_job)
        self.assertEqual(self._get_states(), "saa")
        self._do(self._run_job)
        self._check_started_once(renewal_ids)
