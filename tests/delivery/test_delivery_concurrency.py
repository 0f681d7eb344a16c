from contextlib import contextmanager
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.tests import tagged

from ...models.delivery import subscription_delivery_job
from ..common.committed import CommittedCase
from ..common.subscription import create_company

COUNT = 6
DELIVERY = "subscription.delivery"


class Killed(BaseException):
    """The process ends here, whatever the program would do."""


@tagged("post_install", "-at_install")
class TestDeliveryConcurrency(CommittedCase):
    """Each invoice is sent once, though the job is killed anywhere or runs twice.

    Six clients have an invoice each, which a statement proves. Documents are not made.
    """

    TABLES = (
        *("subscription_delivery", "subscription_statement", "mail_mail"),
        *("mail_message", "mail_activity", "account_move", "account_journal"),
        "subscription_licence_account",
        *CommittedCase.TABLES,
    )

    def setUp(self):
        super().setUp()
        with self._committed() as env:
            journal = env["account.journal"].search([("code", "=", "DLV")], limit=1)
            journal = journal or env["account.journal"].create(
                {"name": "Delivered", "code": "DLV", "type": "sale"}
            )
            self.move_ids = [
                self._create_invoice(env, journal, number) for number in range(COUNT)
            ]
        for name in ("FOUND_INVOICES", "MADE_DOCUMENTS", "SENT_EMAILS"):
            small = patch.object(subscription_delivery_job, name, 2)
            small.start()
            self.addCleanup(small.stop)
        document = patch.object(
            self.registry["account.move"],
            "_get_delivered_pdf",
            lambda move: move.env["ir.attachment"],
        )
        made = patch.object(
            self.registry[DELIVERY],
            "_try_document",
            lambda delivery: delivery.env["ir.attachment"].new({"file_size": 1}),
        )
        for one in (document, made):
            one.start()
            self.addCleanup(one.stop)

    def _create_invoice(self, env, journal, number):
        """Return the id of an invoice that looks like a posted one of this addon."""
        client = create_company(
            env, f"Client {number}", email=f"{number}@{self._testMethodName}.test"
        )
        move = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": client.id,
                "journal_id": journal.id,
            }
        )
        env["subscription.statement"]._add(
            [
                {
                    "kind": "on_account",
                    "account_id": self._get_account(env, client).id,
                    "client_id": client.id,
                    "payer_id": client.id,
                    "company_id": env.company.id,
                    "currency_id": env.company.currency_id.id,
                    "date_first": "2026-01-01",
                    "date_last": "2026-01-31",
                    "move_id": move.id,
                }
            ]
        )
        env.flush_all()
        env.cr.execute(
            "UPDATE account_move SET state = 'posted', name = %s WHERE id = %s",
            [f"DLV/{move.id}", move.id],
        )
        env.invalidate_all()
        return move.id

    def _get_account(self, env, client):
        """Return something that a statement can be of: a stock of licences."""
        stocks = env["subscription.licence.account"].sudo()
        module = env.ref("partner_managed_subscription.module_base")
        return stocks._add(
            [
                {
                    "partner_id": client.id,
                    "module_id": module.id,
                    "company_id": env.company.id,
                }
            ]
        )

    def _run_job(self, env):
        env[DELIVERY]._cron_deliver()
        return True

    @contextmanager
    def _killed_at(self, method, call):
        """Kill the process when ``method`` is called for the n-th time."""
        calls = []
        model = self.registry[DELIVERY]
        original = getattr(model, method)

        def count(records, *args, **kwargs):
            calls.append(args)
            if len(calls) == call:
                raise Killed
            return original(records, *args, **kwargs)

        with patch.object(model, method, count):
            yield

    def _kill(self, method, call):
        """Run the job until it is killed."""
        with self._killed_at(method, call), self.registry.cursor() as cr:
            with self.assertRaises(Killed):
                self._run_job(api.Environment(cr, SUPERUSER_ID, {}))
            cr.rollback()

    def _count(self):
        """Return the states of the deliveries, and whom e-mails are for."""
        with self._committed() as env:
            states = env[DELIVERY].search([("move_id", "in", self.move_ids)])
            mails = env["mail.mail"].search(
                [("email_to", "like", f"@{self._testMethodName}.test")]
            )
            return states.mapped("state"), sorted(mails.mapped("email_to"))

    def _check_all_sent(self):
        states, addresses = self._count()
        self.assertEqual(states, ["sent"] * COUNT)
        self.assertEqual(
            addresses,
            [f"{number}@{self._testMethodName}.test" for number in range(COUNT)],
        )

    def test_killed_anywhere(self):
        """After each of the steps, of the first chunk and of a later one, the next run
        goes on where it was."""
        for method, call in (
            ("_find_chunk", 2),
            ("_note", 2),
            ("_tidy", 1),
            ("_send_to", 2),
            ("_make_documents", 2),
            ("_queue_letters", 1),
            ("_prepare_mail_values", 2),
        ):
            with self.subTest(method=method, call=call):
                self._kill(method, call)
                self.assertNotEqual(self._count()[0], ["sent"] * COUNT)
        self._do(self._run_job)
        self._check_all_sent()
        self._do(self._run_job)
        self._check_all_sent()

    def test_two_workers(self):
        """Two at once send each once; what one has in hand the other passes over."""
        self._run_together(self._run_job, self._run_job)
        self._do(self._run_job)
        self._check_all_sent()

    def test_who_is_sending(self):
        """Who has locked some and is slow keeps nobody from the others."""
        self._do(lambda env: env[DELIVERY]._find_all())
        with self._committed() as env:
            mine = env[DELIVERY].search(
                [("move_id", "in", self.move_ids)], order="id", limit=2
            )
            mine.lock_for_update()
            self._do(self._run_job)
            self.assertEqual(self._count()[0].count("sent"), COUNT - 2)
        self._do(self._run_job)
        self._check_all_sent()

    def test_added_twice(self):
        """Of two that find the same invoice the second adds nothing."""

        def find(env):
            deliveries = env[DELIVERY]
            return deliveries._do_chunk(deliveries._find_chunk, self.move_ids)

        self._run_together(find, find)
        self.assertEqual(self._count()[0], ["waiting"] * COUNT)
