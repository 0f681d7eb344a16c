"""Billing by jobs of OCA's queue_job. Skipped where it is not installed:
`dev/tests/test_queue.py` runs this, and the engine's own tests, in a database that has
it."""

from datetime import timedelta
from unittest import SkipTest
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.billing_committed import BilledCommittedCase
from ..common.queue import find_jobs, has_queue, perform, work_off
from ..common.subscription import ADDON

MODELS = f"odoo.addons.{ADDON}.models.billing"


class KilledError(BaseException):
    """Ends a job as nothing that it catches would."""


@tagged("post_install", "-at_install")
class TestQueue(BilledCommittedCase):
    """What jobs bill, and how runs count it."""

    PRICE = 31

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls._committed() as env:
            if not has_queue(env):
                raise SkipTest("queue_job is not installed")

    def setUp(self):
        super().setUp()
        chunk = patch(f"{MODELS}.subscription_billing_queue.CHUNK", 5)
        chunk.start()
        self.addCleanup(chunk.stop)
        self.addCleanup(self.leave_nothing_due)

    def leave_nothing_due(self):
        with self._committed() as env:
            env["queue.job"].search([]).unlink()
            env.cr.execute("UPDATE sale_subscription SET recurring_next_date = NULL")

    # ------------------------------------------------------------------ helpers

    @staticmethod
    def plan(env):
        """Let the scheduled action run, which commits by itself; return its run."""
        env.cr.commit()
        env["subscription.billing.run"]._cron_bill()
        return env["subscription.billing.run"].search([], limit=1).id

    def get_jobs(self, *states):
        with self._committed() as env:
            return find_jobs(env, *(states or ("pending",))).mapped("uuid")

    def perform(self, uuid, **options):
        self._do(lambda env: perform(env, uuid, **options))

    def perform_all(self):
        for uuid in self.get_jobs():
            self.perform(uuid)

    def read_run(self, run_id):
        names = ["statements", "invoices", "set_aside", "overdue", "ordinary"]
        with self._committed() as env:
            run = env["subscription.billing.run"].browse(run_id)
            return [*run.read(names, load=None)[0].values()][1:], bool(run.ended_at)

    def count_statements(self):
        with self._committed() as env:
            return env["subscription.statement"].search_count(
                [("subscription_id", "in", self.subscription_ids)]
            )

    def read_invoices(self):
        """Return what was invoiced, without what tells one client from another."""
        with self._committed() as env:
            found = env["subscription.statement"].search(
                [("subscription_id", "in", self.subscription_ids)]
            )
            return sorted(
                (
                    statement.kind,
                    str(statement.date_first),
                    str(statement.date_last),
                    statement.move_id.state,
                    str(statement.move_id.invoice_date),
                    [
                        (line.name, line.quantity, line.price_subtotal)
                        for line in statement.move_id.invoice_line_ids
                    ],
                    statement.row_ids.mapped(lambda row: (row.days, row.quantity)),
                )
                for statement in found
            )

    # ------------------------------------------------------------------ tests

    def test_each_chunk_is_a_job(self):
        run = self._do(self.plan)
        self.assertEqual(len(self.get_jobs()), 3)
        self.assertEqual(self.count_statements(), 0)
        self.assertEqual(self.read_run(run), ([0, 0, 0, 0, 0], False))
        first, *others = self.get_jobs()
        self.perform(first)
        self.assertEqual(self.read_run(run), ([5, 5, 0, 0, 0], False))
        for uuid in others:
            self.perform(uuid)
        self.assertEqual(self.read_run(run), ([12, 12, 0, 0, 0], True))
        self.assertEqual(len(self.get_jobs("done")), 3)
        self.check_billed_once()

    def test_what_waits_is_not_added_again(self):
        """However an earlier run had cut its chunks."""
        self._do(self.plan)
        second = self._do(self.plan)
        self.assertEqual(len(self.get_jobs()), 3)
        self.assertEqual(self.read_run(second), ([0] * 5, True))
        self.perform(self.get_jobs()[1])
        before = set(self.subscription_ids)
        with self._committed() as env:
            self._build_billed(env)
        self._do(self.plan)
        with self._committed() as env:
            jobs = find_jobs(env, "pending")
            asked = [one for job in jobs for one in job.args[0]]
            self.assertEqual(len(asked), len(set(asked)))
            self.assertLess(set(self.subscription_ids), set(asked))
            self.assertEqual(len(set(asked) & before), 7)

    def test_the_same_invoices_as_by_the_scheduled_action(self):
        runs = self.registry["subscription.billing.run"]
        with patch.object(runs, "_has_queue", lambda _run: False):
            by_action = self.read_run(self._do(self.plan))
        self.assertFalse(self.get_jobs())
        expected = self.read_invoices()
        self.assertEqual(len(expected), self.COUNT)
        with self._committed() as env:
            self._build_billed(env)
        run = self._do(self.plan)
        self.perform_all()
        self.assertEqual(self.read_invoices(), expected)
        self.assertEqual(self.read_run(run), by_action)

    def test_one_that_fails_is_set_aside(self):
        with self._committed() as env:
            failing = env["sale.subscription"].browse(self.subscription_ids[3])
            env.cr.execute(
                "UPDATE res_partner SET active = false WHERE id = %s",
                [failing.client_id.id],
            )
        run = self._do(self.plan)
        self.perform_all()
        self.assertEqual(self.read_run(run), ([11, 11, 1, 0, 0], True))
        self.assertEqual(len(self.get_jobs("done")), 3)

    def test_performed_twice(self):
        run = self._do(self.plan)
        self.perform_all()
        for uuid in self.get_jobs("done"):
            self.perform(uuid)
        self.assertEqual(self.read_run(run), ([12, 12, 0, 0, 0], True))
        self.check_billed_once()

    def test_killed_and_performed_again(self):
        run = self._do(self.plan)
        first, second, third = self.get_jobs()
        self.perform(first)
        moves = self.registry["account.move"]
        for name in ("_create_batch", "_post"):
            method = getattr(moves, name)

            def killing(*args, method=method, **kwargs):
                method(*args, **kwargs)
                raise KilledError

            with patch.object(moves, name, killing), self.assertRaises(KilledError):
                self.perform(second)
            self.assertEqual(self.get_jobs("started"), [second])
            self.assertEqual(self.count_statements(), 5)
            self.assertEqual(self.read_run(run), ([5, 5, 0, 0, 0], False))
        self.perform(third)
        self.perform(second)
        self.assertEqual(self.read_run(run), ([12, 12, 0, 0, 0], True))
        self.check_billed_once()

    def test_two_at_once(self):
        run = self._do(self.plan)
        first, second, third = self.get_jobs()
        self._run_together(
            lambda env: perform(env, first), lambda env: perform(env, second)
        )
        self.perform(third)
        self.perform_all()
        self.assertEqual(self.read_run(run), ([12, 12, 0, 0, 0], True))
        self.check_billed_once()

    def test_two_with_the_same_subscriptions_at_once(self):
        """As two runs at once would add them: who comes second passes over them, or
        starts over."""
        runs = self.registry["subscription.billing.run"]
        with patch.object(runs, "_leave_out_waiting", lambda _run, _method, ids: ids):
            self._do(self.plan)
            self._do(self.plan)
        jobs = self.get_jobs()
        self.assertEqual(len(jobs), 6)
        for at in range(3):
            pair = jobs[at], jobs[at + 3]
            self._run_together(
                *(lambda env, uuid=uuid: perform(env, uuid) for uuid in pair)
            )
        with self._committed() as env:
            find_jobs(env, "pending").write({"eta": False})
        self.perform_all()
        self.assertEqual(len(self.get_jobs("done")), 6)
        self.check_billed_once()

    def test_busy_is_tried_again(self):
        run = self._do(self.plan)
        first = self.get_jobs()[0]

        def change(_env):
            """Change one that the job is about to claim: its view is older."""
            with self._committed() as other:
                other.cr.execute(
                    "UPDATE sale_subscription SET description = 'x' WHERE id = %s",
                    [self.subscription_ids[0]],
                )

        with mute_logger("odoo.sql_db"):
            self.perform(first, before=change)
        self.assertEqual(self.count_statements(), 0)
        with self._committed() as env:
            job = find_jobs(env, "pending").filtered(lambda one: one.uuid == first)
            self.assertEqual(job.retry, 1)
            self.assertTrue(job.eta)
        self.perform_all()
        self.assertEqual(self.read_run(run), ([12, 12, 0, 0, 0], True))
        self.check_billed_once()

    def test_clients_that_are_paid_together_are_one_job(self):
        with self._committed() as env:
            subscriptions = env["sale.subscription"].browse(self.subscription_ids)
            subscriptions.billing_terms_ids._set(
                {"billing_payer": "partner", "billing_grouped": True}
            )
        self._do(self.plan)
        run = self._do(self.plan)
        self.assertEqual(self.read_run(run), ([0] * 5, True))
        [job] = self.get_jobs()
        self.perform(job)
        self.check_billed_once()
        with self._committed() as env:
            statements = env["subscription.statement"].search(
                [("subscription_id", "in", self.subscription_ids)]
            )
            self.assertEqual(len(statements.move_id), 1)
            self.assertEqual(statements.move_id.partner_id.id, self.partner_id)

    def test_a_queue_that_nobody_works_off_keeps_no_invoices_back(self):
        self._do(self.plan)
        with self._committed() as env:
            yesterday = fields.Datetime.now() - timedelta(days=1, minutes=1)
            env.cr.execute(
                "UPDATE queue_job SET date_created = %s WHERE uuid = %s",
                [yesterday, find_jobs(env, "pending")[:1].uuid],
            )
        run = self._do(self.plan)
        self.assertEqual(self.read_run(run), ([12, 12, 0, 0, 0], True))
        self._do(lambda env: work_off(env, env.cr.commit))
        self.check_billed_once()
