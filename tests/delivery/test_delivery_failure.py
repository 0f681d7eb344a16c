import smtplib
from datetime import timedelta
from unittest.mock import patch

from freezegun import freeze_time

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.base.models.ir_mail_server import IrMail_Server

from ...models.delivery.subscription_delivery_problem import ACTIVITY, MOST_TRIES
from ..common.delivery import DeliveryCase
from ..common.subscription import create_company, make_accountant

ENGINE = "odoo.addons.partner_managed_subscription.models"
BOUNCE = """\
Return-Path: <MAILER-DAEMON@mx.test>
From: Mail Delivery System <MAILER-DAEMON@mx.test>
To: bounce@biller.test
Subject: Undelivered Mail Returned to Sender
Message-ID: <bounce.{number}@mx.test>
Date: Fri, 2 Jan 2026 10:00:00 +0000
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="cut"

--cut
Content-Type: text/plain; charset=us-ascii

<{email}>: user unknown here

--cut
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.test

Final-Recipient: rfc822; {email}
Action: failed
Status: 5.1.1
Diagnostic-Code: smtp; 550 5.1.1 User unknown

--cut
Content-Type: message/rfc822

From: vendor@biller.test
To: {email}
Subject: Invoice
Message-Id: {message_id}

Hello

--cut--
"""


@tagged("post_install", "-at_install")
class TestDeliveryFailure(DeliveryCase):
    """What does not arrive is shown with its reason, to who can mend it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls.create_user("nora", "standard", cls.north)

    def _bounce(self, email, message_id="<unknown@biller.test>", number=1):
        """Let a mail server send an e-mail back, by Odoo's own door."""
        text = BOUNCE.format(email=email, message_id=message_id, number=number)
        with mute_logger("odoo.addons.mail.models.mail_thread"):
            self.env["mail.thread"].message_process(None, text)
        self.env.flush_all()
        self.env.invalidate_all()

    def _get_tiles(self):
        model = self.as_user(self.nora, self.env["sale.subscription"])
        return {tile["name"]: tile["value"] for tile in model.get_dashboard()["tiles"]}

    # ------------------------------------------------------------------ bounces

    def test_bounce(self):
        move = self.bill_acme(billing_email="books@acme.test, cfo@acme.test")
        self.deliver()
        bounced = move.delivery_ids.filtered(lambda one: one.email == "books@acme.test")
        # Odoo deletes e-mails that were sent: what is kept is the Message-Id.
        self.env["mail.mail"].search([]).unlink()
        self.assertNotIn("deliveries", self._get_tiles())
        self._bounce("books@acme.test", bounced.message_ref)
        self.assertEqual(
            self.get_states(move),
            {"books@acme.test": "bounced", "cfo@acme.test": "sent"},
        )
        self.assertIn("user unknown here", bounced.failure_text)
        sentence = "An e-mail to books@acme.test came back."
        self.assertIn(sentence, bounced.problem)
        self.assertIn(sentence, self.as_user(self.nora, self.acme).mailbox_problem)
        self.assertIn(
            sentence, self.as_user(self.nora, self.subscription).mailbox_problem
        )
        self.assertEqual(self._get_tiles()["deliveries"], 1)
        self.assertEqual(self._get_tiles()["mailboxes"], 1)
        activity = self.acme.activity_search([ACTIVITY])
        self.assertEqual(activity.user_id, self.nora)
        self.assertIn(sentence, activity.note)
        # Once more is no second activity; another mailbox ends it all.
        self._bounce("books@acme.test", bounced.message_ref, 2)
        self.assertEqual(len(self.acme.activity_search([ACTIVITY])), 1)
        self.as_user(self.nora, self.acme).billing_email = "new@acme.test"
        self.assertFalse(bounced.is_problem)
        self.assertFalse(self.acme.mailbox_problem)
        self.assertFalse(self.subscription.mailbox_problem)
        self.assertFalse(self.acme.activity_search([ACTIVITY]))
        self.assertFalse({"deliveries", "mailboxes"} & set(self._get_tiles()))

    def test_bounce_with_another_message_id(self):
        """A mail server that changes Message-Ids: the last e-mail to that address."""
        move = self.bill_acme()
        self.deliver()
        self.env["mail.mail"].search([]).unlink()
        self.env.cr.execute("UPDATE subscription_delivery SET sent_at = now()")
        self._bounce("office@acme.test")
        self.assertEqual(move.delivery_ids.state, "bounced")

    def test_bounce_of_another_email(self):
        """An e-mail that this addon has not sent says nothing of invoices."""
        move = self.bill_acme()
        self.deliver()
        self.env.cr.execute("UPDATE subscription_delivery SET sent_at = now()")
        message = self.north.message_post(body=self.north.name)
        self._bounce("office@acme.test", message.message_id)
        self._bounce("other@acme.test", number=2)
        self.assertEqual(move.delivery_ids.state, "sent")

    def test_bounce_of_many(self):
        """What was one e-mail came back as a whole."""
        self.north.billing_email = "north@partners.test"
        for number in range(3):
            self.start(f"Client {number}", billing_payer="partner")
        self.run_job("2026-01-01")
        mail = self.deliver()
        self._bounce("north@partners.test", mail.message_id)
        found = self.deliveries.search([("partner_id", "=", self.north.id)])
        self.assertEqual(found.mapped("state"), ["bounced"] * 3)

    def test_a_later_one_arrives(self):
        """A bounce is mended where the next e-mail to the address does not come
        back."""
        move = self.bill_acme()
        mail = self.deliver()
        self._bounce("office@acme.test", mail.message_id)
        self.run_job("2026-02-01")
        self.deliver("2026-02-01 11:00:00")
        self.assertTrue(move.delivery_ids.is_problem)
        self.deliver("2026-02-04 11:00:00")
        self.assertFalse(move.delivery_ids.is_problem)
        self.assertFalse(self.acme.activity_search([ACTIVITY]))

    # ------------------------------------------------------------------ no address

    def test_no_address(self):
        """It is shown, and goes out once there is an address, whichever."""
        move = self.bill_acme(email=False)
        self.assertFalse(self.deliver())
        delivery = move.delivery_ids
        self.assertEqual((delivery.state, delivery.failure), ("failed", "address"))
        self.assertIn("neither a billing mailbox", self.acme.mailbox_problem)
        self.assertTrue(self.acme.activity_search([ACTIVITY]))
        self.acme.email = "office@acme.test"
        self.assertEqual(
            self.deliver("2026-01-01 12:00:00").email_to, "office@acme.test"
        )
        self.assertEqual(self.get_states(move), {"office@acme.test": "sent"})
        self.assertFalse(self.acme.activity_search([ACTIVITY]))

    def test_whoever_is_to_mend_it_is_told_in_its_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.nora.lang = "fr_FR"
        self.bill_acme(email=False)
        self.deliver()
        activity = self.acme.activity_search([ACTIVITY])
        self.assertEqual(activity.summary, "Des factures n'arrivent pas")
        self.assertIn("boîte de facturation", activity.note)

    def test_no_address_then_a_mailbox(self):
        move = self.bill_acme(email=False)
        self.deliver()
        self.as_user(self.nora, self.acme).billing_email = "books@acme.test"
        self.assertEqual(self.get_states(move), {"books@acme.test": "waiting"})

    # ------------------------------------------------------------------ mail server

    def _send_mails(self, send):
        """Let Odoo's queue send what waits, by ``send(message)``."""

        def send_email(_server, message, *args, **kwargs):
            return send(message) or message["Message-Id"]

        with (
            patch.object(IrMail_Server, "_disable_send", return_value=False),
            patch.object(IrMail_Server, "_connect__", return_value=None),
            patch.object(IrMail_Server, "send_email", send_email),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            self.env["mail.mail"].process_email_queue()
        self.env.flush_all()
        self.env.invalidate_all()

    def test_refused(self):
        """It is tried again each hour, five times, and then shown."""

        def refuse(_message):
            raise smtplib.SMTPRecipientsRefused({"x": (550, b"no such user")})

        move = self.bill_acme()
        for number in range(MOST_TRIES):
            self.assertFalse(move.delivery_ids.is_problem)
            mails = self.deliver(f"2026-01-01 {11 + 2 * number}:00:00")
            self.assertEqual(len(mails), 1)
            self._send_mails(refuse)
            delivery = move.delivery_ids
            self.assertEqual((delivery.state, delivery.failure), ("failed", "mail"))
            self.assertEqual(delivery.tries, number + 1)
        self.assertTrue(delivery.is_problem)
        self.assertIn("no such user", delivery.problem)
        self.assertFalse(self.deliver("2026-01-02 11:00:00"))
        waiting = self.env["mail.mail"].search([("state", "=", "outgoing")])
        self.assertFalse(waiting)

    def test_server_hangs_up(self):
        """In the middle of the queue: what was sent stays sent, the one that it was at
        is tried again, the others wait in Odoo's queue. Nobody gets an e-mail twice."""
        for number in range(4):
            client = self.get_client(f"Client {number}")
            client.billing_email = f"{number}@clients.test"
            self.start(client.name)
        self.run_job("2026-01-01")
        self.deliver()
        got = []

        def take(message):
            if len(got) == 2 and not hung_up:
                hung_up.append(message)
                raise smtplib.SMTPServerDisconnected("gone")
            got.append(message["To"])

        hung_up = []
        self._send_mails(take)
        self.assertEqual(len(got), 2)
        self._send_mails(take)
        self.assertEqual(len(got), 3)
        self.deliver("2026-01-01 11:10:00")
        self.deliver("2026-01-01 13:00:00")
        self._send_mails(take)
        self.assertEqual(sorted(got), [f"{number}@clients.test" for number in range(4)])
        found = self.deliveries.search([("company_id", "=", self.company.id)])
        self.assertEqual(set(found.mapped("state")), {"sent"})

    def test_broken_document(self):
        """One that cannot be made stops none of the others."""
        for name in ("Acme", "Bolt"):
            client = self.get_client(name)
            client.billing_email = f"{name.lower()}@clients.test"
            self.start(name)
        self.run_job("2026-01-01")
        moves = type(self.env["account.move"])
        original = moves._get_delivered_pdf

        def make(move):
            if move.commercial_partner_id.name == "Acme":
                raise ValueError("broken")
            return original(move)

        with patch.object(moves, "_get_delivered_pdf", make):
            mail = self.deliver()
        self.assertEqual(mail.email_to, "bolt@clients.test")
        failed = self.deliveries.search([("email", "=", "acme@clients.test")])
        self.assertEqual((failed.state, failed.failure), ("failed", "broken"))
        self.assertTrue(failed.is_problem)
        self.assertIn("technical reason", failed.problem)

    @mute_logger(f"{ENGINE}.core.subscription_letter_queue")
    def test_broken_message(self):
        """So does a template that somebody has spoiled."""
        for name in ("Acme", "Bolt"):
            client = self.get_client(name)
            client.billing_email = f"{name.lower()}@clients.test"
            self.start(name)
        self.run_job("2026-01-01")
        models = type(self.deliveries)
        original = models._get_title

        def write(delivery):
            if delivery.email == "acme@clients.test":
                raise ValueError("broken")
            return original(delivery)

        with patch.object(models, "_get_title", write):
            mail = self.deliver()
        self.assertEqual(mail.email_to, "bolt@clients.test")
        failed = self.deliveries.search([("email", "=", "acme@clients.test")])
        self.assertEqual((failed.state, failed.failure), ("failed", "broken"))

    # ------------------------------------------------------------------ who may

    def test_who_sends_again(self):
        """The vendor and the partner; no accountant, no other partner."""
        move = self.bill_acme()
        self.deliver()
        south = create_company(self.env, "South", is_managing_partner=True)
        alma = self.create_user("alma", "accountant", create_company(self.env, "Firm"))
        sven = self.create_user("sven", "standard", south)
        make_accountant(self.env, alma, self.acme)
        self.env["mail.mail"].search([]).unlink()
        delivery = move.delivery_ids
        self.assertEqual(self.as_user(alma, delivery).mapped("state"), ["sent"])
        for user in (alma, sven):
            for record, method in (
                (move, "action_send_to_mailbox"),
                (delivery, "action_send_again"),
            ):
                with self.assertRaises(AccessError):
                    getattr(self.as_user(user, record), method)()
        self.assertEqual(delivery.state, "sent")
        self.as_user(self.nora, delivery).action_send_again()
        self.assertEqual(delivery.state, "waiting")
        with self.assertRaises(AccessError):
            self.as_user(self.nora, delivery).write({"state": "seen"})

    def test_overdue(self):
        """What is overdue is counted, and the list shows it."""
        move = self.bill_acme()
        for days, count in ((0, None), (1, 1)):
            day = move.invoice_date_due + timedelta(days=days)
            with freeze_time(f"{day} 12:00:00"):
                self.assertEqual(self._get_tiles().get("overdue"), count)
