"""E-mails that Odoo cannot send, or only in another language, show on their notices."""

from contextlib import contextmanager
from unittest.mock import patch

from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..common.notice import END, NoticeCase

SERVER = "odoo.addons.base.models.ir_mail_server.IrMail_Server"
# What an e-mail refuses in its head.
BREAKS = ("\n", "\r\n", "\r", "\x0b", "\x85", "\u2028")


class LetterCase(NoticeCase):
    def _get_notice(self, partner=None):
        return self.notices.search([("partner_id", "=", (partner or self.north).id)])

    @contextmanager
    def _mail_server(self, refusal=None):
        """Send e-mails to a server that takes them all, or answers with ``refusal``."""

        def send(self, message, **options):
            if refusal:
                raise refusal
            return message["Message-Id"]

        with (
            patch(f"{SERVER}._disable_send", return_value=False),
            patch(f"{SERVER}._connect__", return_value=None),
            patch(f"{SERVER}.send_email", send),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            yield

    def _deliver(self, mails, refusal=None):
        """Send ``mails`` as the job does."""
        with self._mail_server(refusal):
            mails.send()
            self.env.flush_all()
            self.env.invalidate_all()


class TestNoticeMail(LetterCase):
    def test_refused(self):
        """What the mail server refused was told to nobody, and goes out later, once."""
        mails = self._run(self._get_day(30))
        notice = self._get_notice()
        self.assertEqual(notice.state, "sent")
        with freeze_time(f"{self._get_day(30)} 13:00:00"):
            self._deliver(mails, ValueError("550 no such mailbox"))
        self.assertEqual((notice.state, notice.failure), ("failed", "mail"))
        self.assertIn("550 no such mailbox", notice.failure_text)
        self.assertFalse(notice.sent_at)
        again = self._run(self._get_day(29))
        self._assert_sent(again, "north@partners.test")
        # The first one cannot go out as well.
        self.assertEqual(mails.state, "cancel")
        self._deliver(again)
        self.assertEqual((notice.state, notice.failure_text), ("sent", False))
        self.assertFalse(self._run(self._get_day(28)))

    def test_no_connection(self):
        """Nor is anybody told while the mail server cannot be reached."""
        mails = self._run(self._get_day(30))
        with (
            patch(f"{SERVER}._connect__", side_effect=OSError("no route")),
            mute_logger("odoo.addons.mail.models.mail_mail"),
        ):
            mails.send()
        self.assertEqual(self._get_notice().failure, "mail")
        self.assertIn("no route", self._get_notice().failure_text)

    def test_sent_from_the_list_of_mails(self):
        """An administrator who sends the e-mail itself again has told as well."""
        mails = self._run(self._get_day(30))
        self._deliver(mails, ValueError("later"))
        mails.mark_outgoing()
        self._deliver(mails)
        notice = self._get_notice()
        self.assertEqual((notice.state, notice.failure), ("sent", False))
        self.assertTrue(notice.sent_at)
        self.assertFalse(self._run(self._get_day(29)))

    def test_send_again(self):
        """*Send again* gives the reason, and sends."""
        mails = self._run(self._get_day(30))
        self._deliver(mails, ValueError("later"))
        notice = self._get_notice()
        with freeze_time(self._get_day(30)):
            notice.action_send_again()
        self.assertEqual(notice.state, "sent")

    def test_other_mails_are_left_alone(self):
        mail = self.env["mail.mail"].create({"email_to": "a@b.test", "body_html": "x"})
        self._deliver(mail, ValueError("no"))
        self.assertEqual(mail.state, "exception")


class TestNoticeLines(LetterCase):
    """Line breaks in names and addresses keep no e-mail from being sent."""

    def test_contacts(self):
        """They are taken out wherever a name or an address comes in."""
        for separator in BREAKS:
            with self.subTest(separator=separator):
                name = f"Ann{separator} Lee{separator}"
                email = f"ann@a.test{separator}lee@a.test{separator}"
                contact = self._create_contact(name, self.acme, email=email)
                member = self._create_member("New", self.coral)
                member.write({"name": name, "email": email})
                self.north.write({"name": name, "email": email})
                for record in (contact, member, member.partner_id, self.north):
                    self.assertEqual(record.name, "Ann Lee")
                    self.assertEqual(record.email, "ann@a.test, lee@a.test")

    def test_import(self):
        fields = ["client_id/.id", "name", "email"]
        row = [str(self.coral.id), "Ann\nLee", "ann@a.test\n"]
        (member_id,) = self.env["subscription.member"].load(fields, [row])["ids"]
        member = self.env["subscription.member"].browse(member_id)
        self.assertEqual((member.name, member.email), ("Ann Lee", "ann@a.test"))
        self.assertEqual(member.partner_id.name, "Ann Lee")

    def test_what_was_kept_before(self):
        """An e-mail goes out whatever is stored in the names that stand in its head."""
        self._create_admin("Ann", self.acme)
        self.company.legal_notice = True
        for company in (self.vendor, self.north, self.acme):
            self.env.cr.execute(
                "UPDATE res_partner SET name = %s WHERE id = %s",
                ["One\nTwo", company.id],
            )
        self.term.code = "A\nB"
        self.env.invalidate_all()
        mails = self._run(self._get_day(60))
        self.assertEqual(len(mails), 2)
        self._deliver(mails)
        self.assertEqual(set(self.notices.search([]).mapped("state")), {"sent"})

    def test_no_address_to_answer_to(self):
        """Who answers reaches the vendor where the partner has no address."""
        self.company.renewal_notice_clients = True
        self._create_admin("Ann", self.acme)
        self.north.email = "to be asked"
        mails = self._run(self._get_day(30))
        self.assertEqual(mails.mapped("email_to"), ["ann@clients.test"])
        self.assertIn("hello@vendor.test", mails.reply_to)


class TestNoticeAddress(LetterCase):
    def test_what_is_no_address(self):
        """*To be asked* counts as none: of the partner, its staff and the client."""
        self.company.renewal_notice_clients = True
        admin = self._create_admin("Ann", self.acme, email="to be asked")
        self.north.email = self.acme.email = "to be asked"
        self.assertFalse(self._run(self._get_day(30)))
        failed = self.notices.search([("failure", "=", "address")])
        self.assertEqual(failed.partner_id, self.north | self.acme)
        self._create_user("nora", "standard", self.north)
        self._assert_sent(self._run(self._get_day(29)), "nora@users.test")
        admin.email = "ann@clients.test"
        self._assert_sent(
            self._run(self._get_day(7)),
            *[
                "nora@users.test",
                "ann@clients.test",
            ],
        )

    def test_changed_on_the_member(self):
        """The notice goes to the address that was given last, on either."""
        self.company.renewal_notice_clients = True
        admin = self._create_admin("Ann", self.acme)
        admin.email = "new@clients.test"
        mails = self._run(self._get_day(30))
        self._assert_sent(mails, "new@clients.test", "north@partners.test")
        admin.partner_id.email = "newer@clients.test"
        mails = self._run(self._get_day(7))
        self._assert_sent(mails, "newer@clients.test", "north@partners.test")

    def test_archived(self):
        """Where everybody who manages the client is archived, somebody sees that nobody
        was told; it goes out when there is somebody."""
        self.env.cr.execute(
            "UPDATE res_partner SET active = FALSE WHERE id = %s", [self.north.id]
        )
        self.env.invalidate_all()
        self.assertFalse(self._run(self._get_day(30)))
        notice = self._get_notice()
        self.assertEqual((notice.state, notice.failure), ("failed", "archived"))
        self.assertEqual(notice.line_ids.subscription_id, self.term)
        with freeze_time(self._get_day(30)):
            answer = notice.action_send_again()
        self.assertIn("is archived", answer["params"]["message"])
        self.north.active = True
        self._assert_sent(self._run(self._get_day(29)), "north@partners.test")

    def test_archived_reseller(self):
        """The partner above an archived reseller is told, and nothing failed."""
        self.term.active = False
        self._create_term_until(self.coral, END)
        self.env.cr.execute(
            "UPDATE res_partner SET active = FALSE WHERE id = %s", [self.reef.id]
        )
        self.env.invalidate_all()
        self._assert_sent(self._run(self._get_day(30)), "north@partners.test")
        self.assertFalse(self._get_notice(self.reef))


class TestNoticeLanguage(LetterCase):
    """A language that was switched off stops no message."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.languages = cls.env["res.lang"]
        for code in ("fr_FR", "de_DE"):
            cls.languages._activate_lang(code)

    def _switch_off(self, code):
        """Switch off a language that contacts have: as if they had been archived
        then."""
        self.env.cr.execute(
            "UPDATE res_lang SET active = FALSE WHERE code = %s", [code]
        )
        self.env.invalidate_all()
        self.env.registry.clear_all_caches()
        self.addCleanup(self.env.registry.clear_all_caches)

    def test_notice(self):
        self.north.lang = "fr_FR"
        self._switch_off("fr_FR")
        mails = self._run(self._get_day(30))
        self._assert_sent(mails, "north@partners.test")
        self.assertIn("subscription ends", mails.subject)
        notice = self._get_notice()
        self.assertEqual((notice.letter_lang, notice.missing_lang), ("en_US", "fr_FR"))
        self.assertIn("French", notice.lang_text)
        self.assertIn("English", notice.lang_text)

    def test_company_of_the_contact(self):
        """A contact is written to in the language of its company."""
        self.company.renewal_notice_clients = True
        admin = self._create_admin("Ann", self.acme)
        self.acme.lang, admin.partner_id.lang = "de_DE", "fr_FR"
        self._switch_off("fr_FR")
        self._run(self._get_day(30))
        notice = self._get_notice(admin.partner_id)
        self.assertEqual((notice.letter_lang, notice.missing_lang), ("de_DE", "fr_FR"))

    def test_nothing_is_said_where_nothing_is_missing(self):
        self.north.lang = "fr_FR"
        self._run(self._get_day(30))
        notice = self._get_notice()
        self.assertEqual((notice.letter_lang, notice.lang_text), ("fr_FR", False))

    def test_invitation(self):
        """An accountant is invited by a client whose language is off, and accepts."""
        self.acme.lang = "fr_FR"
        invitations = self.env["subscription.invitation"]
        before = invitations._invite(self.acme, "old@ledger.test", "Robin")
        self._switch_off("fr_FR")
        with freeze_time("2026-03-15 13:00:00"):
            before._resend()
            new = invitations._invite(self.acme, "new@ledger.test", "Robin")
            for invitation in before | new:
                self.assertEqual(invitation.letter_lang, "en_US")
                self.assertIn("French", invitation.lang_text)
                self.assertEqual(invitation._accept().lang, "en_US")


class TestInvitationMail(LetterCase):
    def test_refused(self):
        """An invitation whose e-mail was refused says so, until it is sent again."""
        invitations = self.env["subscription.invitation"]
        invitation = invitations._invite(self.acme, "a@ledger.test\n", "Robin\nLedger")
        self.assertEqual(invitation.email, "a@ledger.test")
        self.assertEqual(invitation.name, "Robin Ledger")
        mails = self.env["mail.mail"].search([("email_to", "=", "a@ledger.test")])
        self._deliver(mails, ValueError("550 no such mailbox"))
        self.assertIn("550", invitation.failure_text)
        with freeze_time("2026-03-15 13:00:00"):
            invitation._resend()
        self.assertFalse(invitation.failure_text)
        self.assertEqual(mails.state, "cancel")
