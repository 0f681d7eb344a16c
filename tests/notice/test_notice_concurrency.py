from contextlib import contextmanager
from datetime import date
from unittest.mock import patch

from odoo import SUPERUSER_ID, api, fields
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.notice import subscription_notice_insert, subscription_notice_send
from ..common.committed import CommittedCase
from ..common.subscription import (
    ADDON,
    create_company,
    create_members,
    create_plan,
    create_subscription,
)

CLIENTS = 6
START = date(2020, 1, 1)


class Killed(BaseException):
    """The process ends here, whatever the program would do."""


@tagged("post_install", "-at_install")
class TestNoticeConcurrency(CommittedCase):
    """Each notice is sent once, though the job is killed anywhere or runs twice.

    Six partners have a client each, whose terms end in a month.
    """

    TABLES = (
        "subscription_notice_line",
        "subscription_notice",
        "mail_mail",
        "mail_message",
        *CommittedCase.TABLES,
    )

    def setUp(self):
        super().setUp()
        with self._committed() as env:
            base = env.ref(f"{ADDON}.module_base")
            plan = create_plan(env, "Plus", {base: 10})
            today = env.company._get_today()
            self.end = fields.Date.add(today, days=30)
            self.partner_ids, self.term_ids = [], []
            for number in range(CLIENTS):
                partner = create_company(
                    env,
                    f"Partner {number}",
                    is_managing_partner=True,
                    email=f"{number}@{self._testMethodName}.test",
                )
                client = create_company(
                    env, f"Client {number}", managing_partner_id=partner.id
                )
                term = create_subscription(
                    env, client, plan, date_start=date(2020, 1, 1)
                )
                term.date = self.end
                self.partner_ids.append(partner.id)
                self.term_ids.append(term.id)
        for module, name in (
            (subscription_notice_insert, "FOUND_LINES"),
            (subscription_notice_send, "SENT_RECIPIENTS"),
        ):
            small = patch.object(module, name, 2)
            small.start()
            self.addCleanup(small.stop)

    def tearDown(self):
        with self._committed() as env:
            # Other tests of this class find nothing due of this one.
            env["sale.subscription"].browse(self.term_ids).active = False
        super().tearDown()

    def _run_job(self, env):
        env["subscription.notice"]._cron_notify()

    def _once(self, job):
        """Return ``job`` as the scheduler does it: what fails is not tried again."""

        def run(env):
            try:
                return job(env)
            except Exception as error:  # noqa: BLE001
                env.cr.rollback()
                return error

        return run

    @contextmanager
    def _killed_at(self, method, call):
        """Kill the process when ``method`` of notices is called for the n-th time."""
        calls = []
        model = self.registry["subscription.notice"]
        original = getattr(model, method)

        def count(records, *args):
            calls.append(args)
            if len(calls) == call:
                raise Killed
            return original(records, *args)

        with patch.object(model, method, count):
            yield

    def _kill(self, method, call):
        """Run the job until it is killed."""
        with self._killed_at(method, call), self.registry.cursor() as cr:
            with self.assertRaises(Killed):
                self._run_job(api.Environment(cr, SUPERUSER_ID, {}))
            cr.rollback()

    def _count(self):
        """Return how many notices there are by state, and whom e-mails are for."""
        with self._committed() as env:
            notices = env["subscription.notice"].search(
                [("partner_id", "in", self.partner_ids)]
            )
            states = notices.mapped("state")
            mails = env["mail.mail"].search(
                [("email_to", "like", f"@{self._testMethodName}.test")]
            )
            return states, sorted(mails.mapped("email_to"))

    def _check_all_sent(self):
        states, addresses = self._count()
        self.assertEqual(states, ["sent"] * CLIENTS)
        expected = [
            f"{number}@{self._testMethodName}.test" for number in range(CLIENTS)
        ]
        self.assertEqual(addresses, expected)

    def test_killed_while_finding(self):
        """What was found before stays, the rest is found by the next run."""
        self._kill("_insert_chunk", 3)
        states, addresses = self._count()
        self.assertEqual(states, ["to_send"] * 4)
        self.assertFalse(addresses)
        with self._committed() as env:
            self._run_job(env)
        self._check_all_sent()

    def test_killed_before_sending(self):
        """What was found and not sent is sent by the next run."""
        self._kill("_send_to", 1)
        self.assertEqual(self._count()[0], ["to_send"] * CLIENTS)
        with self._committed() as env:
            self._run_job(env)
        self._check_all_sent()

    def test_killed_while_sending(self):
        """What was sent before is not sent again."""
        self._kill("_send_to", 3)
        states, addresses = self._count()
        self.assertEqual(sorted(states), ["sent"] * 4 + ["to_send"] * 2)
        self.assertEqual(len(addresses), 4)
        with self._committed() as env:
            self._run_job(env)
        self._check_all_sent()

    def test_killed_with_mails_queued(self):
        """E-mails that were queued are gone with the transaction that would have marked
        the notices as sent."""
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {})
            env["subscription.notice"]._find_all()
            env["subscription.notice"]._send_to(self.partner_ids)
            cr.rollback()
        self.assertEqual(self._count(), (["to_send"] * CLIENTS, []))
        with self._committed() as env:
            self._run_job(env)
        self._check_all_sent()

    def test_two_runs(self):
        """Two runs at once send everything once; a run that comes too late for a chunk
        leaves it to the other."""
        job = self._once(self._run_job)
        self.assertEqual(self._run_together(job, job), [None, None])
        with self._committed() as env:
            self._run_job(env)
        self._check_all_sent()

    def _insert_chunk(self, env):
        """Insert what is due, as one chunk."""
        notices = env["subscription.notice"]
        lines = notices._get_due_lines(notices._get_term_subjects())
        return notices._do_chunk(notices._insert_chunk, lines)

    def _send_chunk(self, env):
        """Send to all recipients, as one chunk."""
        notices = env["subscription.notice"]
        return notices._do_chunk(notices._send_to, self.partner_ids)

    def _check_around(self, chunk):
        """Do a chunk while another run does the same, then after it is done but not
        seen yet: it is left to that one, without an error."""
        job = self._once(chunk)
        self.assertEqual(self._run_around(job, job, rollback=True), (True, True))
        with self.registry.cursor() as cr, mute_logger("odoo.sql_db"):
            env = api.Environment(cr, SUPERUSER_ID, {})
            # From here on this transaction does not see what others do.
            env["subscription.notice"].search_count([])
            with self._committed() as other_env:
                self.assertIs(job(other_env), True)
            self.assertIs(job(env), False)
        with self._committed() as env:
            self._run_job(env)
        self._check_all_sent()

    def test_found_meanwhile(self):
        """What another run is inserting is not inserted again."""
        self._check_around(self._insert_chunk)

    def test_sent_meanwhile(self):
        """What another run is sending is not sent again."""
        with self._committed() as env:
            env["subscription.notice"]._find_all()
        self._check_around(self._send_chunk)

    def test_deleted_meanwhile(self):
        """A subscription that is deleted once it was found stops the run without an
        error; the next one sends the rest."""
        with self._committed() as env:
            notices = env["subscription.notice"]
            lines = notices._get_due_lines(notices._get_term_subjects())
        with self._committed() as env:
            env["sale.subscription"].browse(self.term_ids.pop()).unlink()
        with self.registry.cursor() as cr, mute_logger("odoo.sql_db"):
            notices = api.Environment(cr, SUPERUSER_ID, {})["subscription.notice"]
            self.assertIs(notices._do_chunk(notices._insert_chunk, lines), False)
        with self._committed() as env:
            self._run_job(env)
        self.assertEqual(self._count()[0], ["sent"] * (CLIENTS - 1))

    def test_over_found_meanwhile(self):
        """Of two transactions that find the same seats over the limit, the second one
        begins again, and finds that nothing is left to do."""
        with self._committed() as env:
            pool = env["sale.subscription"].browse(self.term_ids[0]).seat_pool_ids
            pool._grant({pool: create_members(env, pool.client_id, 2)})
            pool._apply_term_limits({pool: 1})

        def note(env):
            notices = env["subscription.notice"]
            notices._note_over(env["subscription.seat.pool"].browse(pool.id))
            return notices.search_count([("kind", "=", "over")])

        with self._hurried():
            noted = self._run(note, lambda _env: self._do(note))
        # The partner and the client.
        self.assertEqual(noted, 2)
        with self._committed() as env:
            env["subscription.notice"].search([("kind", "=", "over")]).unlink()
