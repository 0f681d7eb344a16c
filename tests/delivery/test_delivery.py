from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ...models.delivery import subscription_delivery_send
from ..common.delivery import DeliveryCase


@tagged("post_install", "-at_install")
class TestDelivery(DeliveryCase):
    def test_one_invoice(self):
        """It goes to each address of the mailbox, once, with its PDF and a link."""
        move = self.bill_acme(billing_email="books@acme.test, cfo@acme.test")
        self.assertFalse(move.delivery_ids)
        mails = self.deliver()
        self.assertEqual(
            sorted(mails.mapped("email_to")), ["books@acme.test", "cfo@acme.test"]
        )
        self.assertEqual(
            self.get_states(move), {"books@acme.test": "sent", "cfo@acme.test": "sent"}
        )
        mail = mails[0]
        self.assertEqual(mail.subject, f"Invoice {move.name} from Biller")
        self.assertEqual(
            mail.attachment_ids.mapped("name"), [move._get_invoice_report_filename()]
        )
        self.assertEqual(mail.attachment_ids.raw, move.invoice_pdf_report_id.raw)
        self.assertIn(f"/my/invoices/{move.id}?access_token=", mail.body_html)
        self.assertIn("Hello Acme", " ".join(mail.body_html.split()))
        self.assertEqual(mail.state, "outgoing")
        self.assertEqual(
            mail.message_id,
            self.deliveries.search([("email", "=", mail.email_to)]).message_ref,
        )
        self.assertTrue(move.is_move_sent)
        self.assertFalse(self.deliver("2026-01-01 12:00:00"))

    def test_where_it_goes(self):
        """The mailbox of the subscription, of the payer, the invoice contact."""
        move = self.bill_acme()
        self.assertEqual(move._get_delivery_target(), ("pdf", ("office@acme.test",)))
        contact = self.env["res.partner"].create(
            {
                "name": "Books",
                "type": "invoice",
                "parent_id": self.acme.id,
                "email": "contact@acme.test",
            }
        )
        move.with_context(skip_readonly_check=True).partner_id = contact
        self.assertEqual(move._get_delivery_target().addresses, ("contact@acme.test",))
        self.acme.billing_email = "books@acme.test"
        self.assertEqual(move._get_delivery_target().addresses, ("books@acme.test",))
        self.subscription.billing_email = "sub@acme.test"
        self.subscription.billing_delivery = "xlsx"
        self.assertEqual(move._get_delivery_target(), ("xlsx", ("sub@acme.test",)))
        self.subscription.billing_delivery = "portal"
        self.assertEqual(move._get_delivery_target(), ("portal", ()))

    def test_mailbox_of_a_subscription_is_not_that_of_a_partner(self):
        """Who may write a subscription does not turn the invoice of its partner to
        itself."""
        self.get_client("Acme").billing_email = "client@acme.test"
        self.north.billing_email = "north@partners.test"
        subscription = self.start("Acme", billing_payer="partner")
        subscription.billing_email = "sub@acme.test"
        self.run_job("2026-01-01")
        move = subscription.statement_ids.move_id
        self.assertEqual(move.partner_id, self.north)
        self.assertEqual(
            move._get_delivery_target().addresses, ("north@partners.test",)
        )

    def test_portal_only(self):
        move = self.bill_acme(billing_delivery="portal")
        self.assertFalse(self.deliver())
        delivery = move.delivery_ids
        self.assertEqual((delivery.channel, delivery.state), ("portal", "sent"))
        self.assertFalse(self.deliver("2026-01-01 12:00:00"))

    def test_xlsx(self):
        """As the company says, unless the client says otherwise."""
        self.company.delivery_xlsx = True
        self.bill_acme()
        names = self.deliver().attachment_ids.mapped("name")
        self.assertEqual(sum(name.endswith(".xlsx") for name in names), 1)
        self.assertEqual(len(names), 2)
        self.acme.billing_delivery = "pdf"
        self.run_job("2026-02-01")
        self.assertEqual(len(self.deliver("2026-02-01 11:00:00").attachment_ids), 1)

    def _bill_many(self, count):
        self.north.write({"billing_email": "north@partners.test"})
        for number in range(count):
            self.start(f"Client {number}", billing_payer="partner")
        self.run_job("2026-01-01")
        return self.env["account.move"].search([("partner_id", "=", self.north.id)])

    def test_one_message_for_a_partner(self):
        """All invoices of a run to one address are one e-mail, with all PDFs."""
        moves = self._bill_many(200)
        self.assertEqual(len(moves), 200)
        mail = self.deliver()
        self.assertEqual(mail.email_to, "north@partners.test")
        self.assertEqual(mail.subject, "200 invoices from Biller")
        self.assertEqual(len(mail.attachment_ids), 200)
        self.assertEqual(len(moves.delivery_ids), 200)
        self.assertEqual(set(moves.delivery_ids.mapped("state")), {"sent"})
        # Nobody reads on: the first hundred are listed.
        for number, move in enumerate(moves.sorted("id")[:100]):
            self.assertIn(f"/my/invoices/{move.id}?", mail.body_html)
            self.assertIn(f"Client {number}", mail.body_html)
        self.assertEqual(mail.body_html.count("/my/invoices/"), 100)
        self.assertIn("And 100 more", " ".join(mail.body_html.split()))

    def test_too_large_for_an_email(self):
        """What does not fit has its link alone, and is not even made."""
        moves = self._bill_many(4)
        with patch.object(subscription_delivery_send, "MOST_ATTACHED", 1):
            mail = self.deliver()
        self.assertFalse(mail.attachment_ids)
        self.assertIn("too large", mail.body_html)
        self.assertEqual(len(moves.filtered("invoice_pdf_report_id")), 1)
        self.assertEqual(mail.body_html.count("/my/invoices/"), 4)

    def test_one_invoice_for_all_clients(self):
        self.north.billing_email = "north@partners.test"
        for number in range(3):
            self.start(f"C {number}", billing_payer="partner", billing_grouped=True)
        self.run_job("2026-01-01")
        mail = self.deliver()
        self.assertEqual(len(mail), 1)
        self.assertEqual(len(mail.attachment_ids), 1)

    def test_two_languages(self):
        """Each in the language of its recipient."""
        self.env["res.lang"]._activate_lang("fr_FR")
        self.bill_acme(lang="fr_FR")
        mail = self.deliver()
        delivery = self.deliveries.search([("email", "=", mail.email_to)])
        self.assertEqual(delivery.letter_lang, "fr_FR")

    def test_draft_and_cancelled(self):
        """A draft is sent once it is posted; what is cancelled before, never."""
        self.company.billing_mode = "draft"
        move = self.bill_acme()
        self.assertFalse(self.deliver())
        with freeze_time("2026-01-01 12:00:00"):
            move.action_post()
        self.deliver("2026-01-01 12:01:00", "_find_all")
        self.assertEqual(move.delivery_ids.state, "waiting")
        move.button_cancel()
        self.assertFalse(self.deliver("2026-01-01 13:00:00"))
        self.assertFalse(move.delivery_ids)

    def test_back_to_draft(self):
        """What is set to draft waits until it is posted again."""
        move = self.bill_acme()
        self.deliver(method="_find_all")
        move.button_draft()
        self.assertFalse(self.deliver())
        with freeze_time("2026-01-01 12:00:00"):
            move.action_post()
        self.assertEqual(len(self.deliver("2026-01-01 13:00:00")), 1)

    def test_switched_off(self):
        """What is posted while it is off is sent by nobody, also afterwards."""
        self.company.delivery_enabled = False
        move = self.bill_acme()
        self.assertFalse(self.deliver())
        self.company.delivery_enabled = True
        self.assertFalse(self.deliver("2026-01-01 12:00:00"))
        with freeze_time("2026-01-01 12:00:00"):
            move.action_send_to_mailbox()
        self.assertEqual(len(self.deliver("2026-01-01 12:30:00")), 1)

    def test_upgrade(self):
        """Statements that were there before invoices were sent are noted."""
        move = self.bill_acme()
        self.env.cr.execute(
            "ALTER TABLE subscription_statement DROP COLUMN is_delivery_noted"
        )
        # As an upgrade does.
        self.env.registry.init_models(self.env.cr, ["subscription.statement"], {})
        self.env.invalidate_all()
        self.assertFalse(self.deliver())
        self.assertFalse(move.delivery_ids)

    def test_limit(self):
        """A run queues so many e-mails, the oldest first; the next goes on."""
        self.company.delivery_limit = 2
        for number in range(5):
            client = self.get_client(f"Client {number}")
            client.billing_email = f"{number}@clients.test"
            self.start(client.name)
        self.run_job("2026-01-01")
        sent = [self.deliver(f"2026-01-01 11:{run}0:00") for run in range(4)]
        self.assertEqual([len(mails) for mails in sent], [2, 2, 1, 0])
        self.assertEqual(
            [mail.email_to for mails in sent for mail in mails],
            [f"{number}@clients.test" for number in range(5)],
        )

    def test_while_billing_runs(self):
        """Invoices of a run that goes on wait for all of it."""
        move = self.bill_acme()
        run = self.runs.search([], limit=1)
        run._set({"started_at": "2026-01-01 10:00:00", "ended_at": False})
        self.assertFalse(self.deliver("2026-01-01 10:30:00"))
        self.assertFalse(move.delivery_ids)
        # A run that was interrupted keeps nothing for longer than an hour.
        self.assertTrue(self.deliver("2026-01-01 11:30:00"))

    def test_send_again(self):
        """To the same address, or to those of the mailbox that there is now."""
        move = self.bill_acme(billing_email="books@acme.test")
        first = self.deliver()
        first.unlink()
        with freeze_time("2026-01-02 10:00:00"):
            move.delivery_ids.action_send_again()
        self.assertEqual(
            self.deliver("2026-01-02 11:00:00").email_to, "books@acme.test"
        )
        self.assertEqual(len(move.delivery_ids), 1)
        self.assertEqual(move.delivery_ids.tries, 1)
        self.env["mail.mail"].search([]).unlink()
        self.acme.billing_email = "new@acme.test"
        with freeze_time("2026-01-03 10:00:00"):
            move.delivery_ids.action_send_again()
        self.assertEqual(self.deliver("2026-01-03 11:00:00").email_to, "new@acme.test")
        self.assertEqual(
            self.get_states(move), {"books@acme.test": "sent", "new@acme.test": "sent"}
        )

    def test_send_again_while_on_its_way(self):
        """An e-mail that is still to go out is not sent twice."""
        move = self.bill_acme()
        self.deliver()
        with freeze_time("2026-01-01 11:01:00"):
            move.action_send_to_mailbox()
        self.assertFalse(self.deliver("2026-01-01 11:10:00"))

    def test_send_again_refuses_others(self):
        move = self.env["account.move"].create(
            {"move_type": "out_invoice", "partner_id": self.north.id}
        )
        with self.assertRaisesRegex(UserError, "only posted invoices of subscriptions"):
            move.action_send_to_mailbox()

    def test_odoos_send(self):
        """*Send* of Odoo ends in the same rows, and the job sends it no more."""
        move = self.bill_acme(billing_email="books@acme.test")
        wizard = (
            self.env["account.move.send.wizard"]
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"sending_methods": ["email"]})
        )
        with freeze_time("2026-01-01 10:30:00"):
            wizard.action_send_and_print()
        delivery = move.delivery_ids
        self.assertEqual(
            (delivery.channel, delivery.state, delivery.email),
            ("hand", "sent", "office@acme.test"),
        )
        self.assertTrue(delivery.message_ref)
        self.assertFalse(self.deliver())

    def test_odoos_send_of_another_invoice(self):
        """An invoice that this addon has not made has no rows."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.north.id,
                "invoice_line_ids": [Command.create({"name": "x", "price_unit": 1})],
            }
        )
        self.north.email = "north@partners.test"
        move.action_post()
        self.env["account.move.send"]._generate_and_send_invoices(move)
        self.assertFalse(move.delivery_ids)
        self.assertFalse(self.deliver())

    def test_credit_note_of_a_run(self):
        """A credit note that the job makes goes the same way, by its own name."""
        self.bill_acme()
        self.deliver()
        with freeze_time("2026-01-10 10:00:00"):
            self.subscription._close(credit=True)
        self.run_job("2026-01-11")
        mail = self.deliver("2026-01-11 11:00:00")
        self.assertRegex(mail.subject, "^Credit note .* from Biller$")

    def test_queries(self):
        """Ten invoices ask for little more than two, but for their documents."""
        counts = []
        for count in (2, 10):
            for number in range(count):
                client = self.get_client(f"Q{count} {number}")
                client.billing_email = f"q{count}.{number}@clients.test"
                self.start(client.name)
            self.run_job("2026-01-01")
            self.env.flush_all()
            before = self.env.cr.sql_log_count
            self.deliver(method="_find_all")
            counts.append(self.env.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0] + 2)
