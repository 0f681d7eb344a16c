from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import freeze_time

from ...models.notice import (
    subscription_notice,
    subscription_notice_insert,
    subscription_notice_send,
)
from ..common.notice import DAYS, END, NoticeCase
from ..common.subscription import ADDON, renew


class TestNoticeRenewal(NoticeCase):
    def test_each_day_once(self):
        """A run a day sends each notice on its day, and none twice."""
        sent = {}
        near = {left for day in DAYS for left in (day + 1, day, day - 1, day - 7)}
        for left in sorted(near | {-8, -9}, reverse=True):
            mails = self._run(self._get_day(left))
            if mails:
                self._assert_sent(mails, "north@partners.test")
                sent[left] = self._get_sent_days()[-1]
        self.assertEqual(sent, dict(zip(DAYS, DAYS, strict=True)))

    def test_missed_days(self):
        """A day that was missed is caught up by one notice, not by one for each."""
        for left, days in (
            (95, []),
            (45, [60]),
            (44, [60]),
            (5, [60, 7]),
            (-7, [60, 7, 0]),
            (-8, [60, 7, 0]),
        ):
            with self.subTest(left=left):
                self._run(self._get_day(left))
                self.assertEqual(self._get_sent_days(), days)

    def test_much_too_late(self):
        """More than a week after the end it is no news any more."""
        self.assertFalse(self._run(self._get_day(-8)))
        self.assertFalse(self.notices.search([]))

    def test_run_twice(self):
        """A second run on the same day sends nothing."""
        self._assert_sent(self._run(self._get_day(30)), "north@partners.test")
        self.assertFalse(self._run(self._get_day(30)))

    def test_one_message(self):
        """One message has all the clients of a recipient, whatever notice is due, the
        most urgent first."""
        day = self._get_day(90)
        for name, left in (("Ann", 30), ("Bea", 0), ("Cid", 90), ("Dan", 91)):
            client = self._create_client(name, self.north)
            self._create_term_until(client, day + timedelta(days=left))
        mails = self._run(day)
        self._assert_sent(mails, "north@partners.test")
        self.assertEqual(mails.subject, "4 subscriptions to renew")
        body = mails.body_html
        places = [body.index(f">{name}</b>") for name in ("Bea", "Ann", "Acme", "Cid")]
        self.assertEqual(places, sorted(places))
        self.assertNotIn("Dan", body)
        self.assertIn("ends today", body)
        self.assertIn("30 days left", body)
        self.assertIn("/odoo/clients-to-renew", body)
        self.assertEqual(sorted(self._get_sent_days()), [0, 30, 90, 90])

    def test_long_list(self):
        """A message lists fifty, and says how many more there are."""
        with patch.object(subscription_notice, "LISTED_LINES", 3):
            for number in range(5):
                client = self._create_client(f"Client {number}", self.north)
                self._create_term_until(client, END - timedelta(days=number))
            mails = self._run(self._get_day(30))
        self._assert_sent(mails, "north@partners.test")
        self.assertEqual(mails.subject, "6 subscriptions to renew")
        for number in range(5):
            listed = f">Client {number}</b>" in mails.body_html
            self.assertEqual(listed, number > 1, number)
        self.assertRegex(mails.body_html, r"And\s+3\s+more")
        self.assertEqual(subscription_notice.LISTED_LINES, 50)

    def test_one_client(self):
        """The subject tells of a single client, and whether its term has ended."""
        mails = self._run(self._get_day(7))
        self.assertEqual(mails.subject, "Acme: the subscription ends on 12/31/2026")
        mails = self._run(self._get_day(-2))
        self.assertEqual(mails.subject, "Acme: the subscription ended on 12/31/2026")
        self.assertIn("ended 2 days ago", mails.body_html)
        self.assertIn("Ended", mails.body_html)

    def test_partners_above(self):
        """The reseller and the partner are told, each of its own clients alone."""
        self._create_term_until(self.coral, END)
        self._create_term_until(self.bolt, END)
        mails = self._run(self._get_day(30))
        bodies = {mail.email_to: mail.body_html for mail in mails}
        listed = {
            address: {name for name in ("Acme", "Bolt", "Coral") if name in body}
            for address, body in bodies.items()
        }
        self.assertEqual(
            listed,
            {
                "north@partners.test": {"Acme", "Coral"},
                "reef@partners.test": {"Coral"},
                "south@partners.test": {"Bolt"},
            },
        )
        self.assertRegex(bodies["north@partners.test"], r"managed by\s+Reef")
        self.assertNotIn("managed by", bodies["reef@partners.test"])

    def test_who_is_not_told(self):
        """Nothing is told of contracts that do not run, have no end, are renewed or
        have no partner."""
        self._create_term_until(self.dune, END)
        idle = self._create_term_until(self.bolt, END)
        idle.in_progress = False
        archived = self._create_term_until(self.bolt, END)
        archived.active = False
        with freeze_time(self._get_day(40)):
            renew(self.term)
        self.assertFalse(self._run(self._get_day(30)))

    def test_cancelled_renewal(self):
        """The notice that is due then goes out once a renewal was cancelled."""
        with freeze_time(self._get_day(40)):
            renewal = renew(self.term)
        self.assertFalse(self._run(self._get_day(30)))
        with freeze_time(self._get_day(20)):
            renewal.action_cancel()
        self._run(self._get_day(19))
        self.assertEqual(self._get_sent_days(), [30])

    def test_next_term(self):
        """The next term is noticed like the one before."""
        self._run(self._get_day(0))
        with freeze_time(self._get_day(-1)):
            renew(self.term)
        self.assertEqual(self.term.date, date(2027, 12, 31))
        self._run(self._get_day(0, self.term.date))
        self.assertEqual(self._get_sent_days(), [0, 0])

    def test_changed_days(self):
        """Notices follow the settings of the company; none go out without days."""
        self.company.renewal_notice_days = "45"
        self.assertFalse(self._run(self._get_day(46)))
        self.assertTrue(self._run(self._get_day(45)))
        self.company.renewal_notice_days = False
        self.assertFalse(self._run(self._get_day(0)))

    def test_archived_partner(self):
        """A partner that was archived is not written to."""
        self._create_term_until(self.coral, END)
        # As it could be done before partners with clients stayed.
        self.reef._set({"active": False})
        self._assert_sent(self._run(self._get_day(30)), "north@partners.test")

    def test_time_zone(self):
        """The day is that of the company, not of the server."""
        for zone, moment, days in (
            ("Pacific/Auckland", "2026-12-30 10:30:00", [7]),
            ("Pacific/Auckland", "2026-12-30 11:30:00", [7, 0]),
            ("America/Los_Angeles", "2027-01-08 07:30:00", [0]),
            ("America/Los_Angeles", "2027-01-08 08:30:00", []),
        ):
            with self.subTest(zone=zone, moment=moment):
                self.company.term_tz = zone
                self._run(moment)
                self.assertEqual(self._get_sent_days(), days)
                if len(days) != 1 or days == [0]:
                    self.notices.search([]).unlink()

    def test_two_companies(self):
        """Each company has its settings, its today and messages of its own."""
        other = self.env["res.company"].create(
            {
                "name": "Other",
                "renewal_notice_days": "30",
                "email": "other@vendor.test",
                "term_tz": "UTC",
            }
        )
        term = self._create_term_until(self.bolt, END)
        term.company_id = other
        mails = self._run(self._get_day(31))
        self._assert_sent(mails, "north@partners.test")
        mails = self._run(self._get_day(30))
        self._assert_sent(mails, "north@partners.test", "south@partners.test")
        south = mails.filtered(lambda mail: "south" in mail.email_to)
        self.assertIn("other@vendor.test", south.email_from)

    def test_archived_company(self):
        """A company that was archived sends nothing."""
        other = self.env["res.company"].create({"name": "Other", "term_tz": "UTC"})
        self._create_term_until(self.bolt, END).company_id = other
        other.active = False
        self._assert_sent(self._run(self._get_day(30)), "north@partners.test")

    def test_chunks_in_order(self):
        """Chunks come in the order of recipients, each with all that one gets, so that
        two runs do not wait for each other."""
        for client in (self.bolt, self.coral):
            self._create_term_until(client, END)
        with freeze_time(self._get_day(30)):
            lines = self.notices._get_due_lines(self.notices._get_term_subjects())
        with patch.object(subscription_notice_insert, "FOUND_LINES", 1):
            for some in (lines, lines[::-1]):
                chunks = self.notices._split_by_recipient(some)
                recipients = [
                    {line.recipient.partner_id for line in chunk} for chunk in chunks
                ]
                self.assertEqual(
                    recipients, [{self.north.id}, {self.south.id}, {self.reef.id}]
                )

    def test_sent_in_order(self):
        """So do the recipients who are sent to."""
        for client in (self.bolt, self.coral):
            self._create_term_until(client, END)
        sent = []
        send = patch.object(
            type(self.notices), "_send_to", lambda _notices, ids: sent.append(ids)
        )
        with patch.object(subscription_notice_send, "SENT_RECIPIENTS", 1), send:
            self._run(self._get_day(30))
        self.assertEqual(sent, [[self.north.id], [self.south.id], [self.reef.id]])

    def test_progress(self):
        """While it looks for what is due, sending is still to come: the scheduler does
        not take the job for done."""
        noted = []
        note = patch.object(
            type(self.env["ir.cron"]),
            "_commit_progress",
            lambda _cron, done=0, *, remaining=None: noted.append(remaining) or 1000.0,
        )
        with freeze_time(f"{self._get_day(30)} 12:00:00"), note:
            self.notices._find_all()
        self.assertEqual(noted, [2, None])

    def test_scheduled_action(self):
        """The scheduled action does it, in a transaction of its own."""
        cron = self.env.ref(f"{ADDON}.ir_cron_notice")
        with freeze_time(self._get_day(30)), self.enter_registry_test_mode():
            cron.method_direct_trigger()
        self.assertEqual(self._get_sent_days(), [30])

    def test_only_queued(self):
        """The job sends nothing itself: a mail server that hangs holds up nothing."""
        smtp = patch("odoo.addons.mail.models.mail_mail.MailMail.send")
        with smtp as send:
            mails = self._run(self._get_day(30))
        send.assert_not_called()
        self.assertEqual(mails.state, "outgoing")
        self.assertFalse(mails.mail_message_id.res_id)


class TestNoticeClient(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_admin("Ada", cls.acme)
        cls._create_admin("Eve", cls.acme)
        cls._create_admin("Joe", cls.acme, email=False)
        cls._create_member("Max", email="max@clients.test")
        cls._create_admin("Zoe", cls.bolt)
        cls._create_admin("Old", cls.acme).active = False

    def test_not_chosen(self):
        """Clients are told only where that was chosen."""
        self._assert_sent(self._run(self._get_day(30)), "north@partners.test")

    def test_chosen(self):
        """The client's administrators with an address are told, each once."""
        self.company.renewal_notice_clients = True
        mails = self._run(self._get_day(30))
        self._assert_sent(
            mails, "north@partners.test", "ada@clients.test", "eve@clients.test"
        )
        mail = mails.filtered(lambda mail: mail.email_to == "ada@clients.test")
        self.assertIn("ends on 12/31/2026", mail.subject)
        self.assertIn("North (north@partners.test, +44 20 7946 0001)", mail.body_html)
        self.assertIn(f"/my/subscription/{self.acme.id}", mail.body_html)
        self.assertNotIn("/odoo/", mail.body_html)
        self.assertIn("north@partners.test", mail.reply_to)
        self.assertFalse(self._run(self._get_day(30)))

    def test_archived_role(self):
        """Whose role was archived is no administrator any more."""
        self.company.renewal_notice_clients = True
        chief = self.role_administrator.copy({"name": "Chief", "code": "chief"})
        self.assertTrue(chief.is_administrator)
        self._create_members(self.acme, 1, chief, name="Kim", email="kim@clients.test")
        chief.active = False
        mails = self._run(self._get_day(30))
        self._assert_sent(
            mails, "north@partners.test", "ada@clients.test", "eve@clients.test"
        )

    def test_subscription_says_otherwise(self):
        """What a subscription says goes before the settings."""
        for chosen, notify, told in (
            (True, "no", False),
            (True, False, True),
            (False, "yes", True),
            (False, False, False),
        ):
            with self.subTest(chosen=chosen, notify=notify):
                self.company.renewal_notice_clients = chosen
                self.term.notify_client = notify
                mails = self._run(self._get_day(30))
                found = "ada@clients.test" in mails.mapped("email_to")
                self.assertEqual(found, told)
                self.notices.search([]).unlink()

    def test_no_administrator(self):
        """Without an administrator who has an address the company itself is told; the
        failure is shown where it has none either."""
        self.company.renewal_notice_clients = True
        self._create_term_until(self.coral, END)
        self._run(self._get_day(30))
        notice = self.notices.search([("addressee_id", "=", self.coral.id)])
        self.assertEqual(notice.partner_id, self.coral)
        self.assertEqual((notice.state, notice.failure), ("failed", "address"))
        self.coral.email = "coral@clients.test"
        mails = self._run(self._get_day(29))
        self._assert_sent(mails, "coral@clients.test")

    def test_two_clients(self):
        """Who administers two clients gets a message for each: they may have competing
        partners."""
        self.company.renewal_notice_clients = True
        ada = self.acme.subscription_member_ids.filtered(lambda m: m.name == "Ada")
        self.env["subscription.member"].create(
            {
                "client_id": self.bolt.id,
                "partner_id": ada.partner_id.id,
                "role_id": self.role_administrator.id,
            }
        )
        self._create_term_until(self.bolt, END)
        mails = self._run(self._get_day(30))
        mails = mails.filtered(lambda mail: mail.email_to == "ada@clients.test")
        self.assertEqual(len(mails), 2)
        for mail in mails:
            self.assertNotEqual("North" in mail.body_html, "South" in mail.body_html)

    def test_address_of_the_member(self):
        """A member's address serves where the contact has lost its own."""
        self.company.renewal_notice_clients = True
        ada = self.acme.subscription_member_ids.filtered(lambda m: m.name == "Ada")
        ada.partner_id.email = False
        ada.email = "ada@home.test"
        mails = self._run(self._get_day(30))
        self.assertIn("ada@home.test", mails.mapped("email_to"))

    def test_language(self):
        """Everybody reads its own language, and dates as it writes them."""
        self.env["res.lang"]._activate_lang("fr_FR")
        template = self.env.ref(f"{ADDON}.mail_template_notice_renewal_client")
        template.with_context(
            lang="fr_FR"
        ).subject = "Fin le {{ object.listed_line_ids[:1]._get_date_text(object.line_ids.term_end) }}"  # noqa: E501
        self.company.renewal_notice_clients = True
        ada = self.acme.subscription_member_ids.filtered(lambda m: m.name == "Ada")
        ada.partner_id.lang = "fr_FR"
        mails = self._run(self._get_day(30))
        subjects = {mail.email_to: mail.subject for mail in mails}
        self.assertEqual(subjects["ada@clients.test"], "Fin le 31/12/2026")
        self.assertIn("12/31/2026", subjects["eve@clients.test"])


class TestNoticeQueries(NoticeCase):
    """What a run costs does not grow with the clients of a recipient."""

    def _count_queries(self, day):
        self.env.flush_all()
        self.env.invalidate_all()
        before = self.env.cr.sql_log_count
        mails = self._run(day)
        return self.env.cr.sql_log_count - before, mails

    def test_clients(self):
        """Twelve clients of a partner cost as many queries as one."""
        self._count_queries(self._get_day(90))
        one, mails = self._count_queries(self._get_day(60))
        self.assertEqual(len(mails), 1)
        for number in range(11):
            client = self._create_client(f"Client {number}", self.north)
            self._create_term_until(client, END)
        many, mails = self._count_queries(self._get_day(30))
        self.assertEqual(mails.subject, "12 subscriptions to renew")
        self.assertLessEqual(many, one + 5)

    def test_recipients(self):
        """So do twelve recipients of a message each."""
        self.company.renewal_notice_clients = True
        self.acme.email = "acme@clients.test"
        self._count_queries(self._get_day(90))
        one, mails = self._count_queries(self._get_day(60))
        self.assertEqual(len(mails), 2)
        for number in range(11):
            client = self._create_client(
                f"Client {number}", self.north, email=f"{number}@clients.test"
            )
            self._create_term_until(client, END)
        many, mails = self._count_queries(self._get_day(30))
        self.assertEqual(len(mails), 13)
        self.assertLessEqual(many, one + 5)

    def test_nothing_due(self):
        """A run on a day without notices asks a handful of questions."""
        self._count_queries(self._get_day(30))
        count, mails = self._count_queries(self._get_day(29))
        self.assertFalse(mails)
        self.assertLessEqual(count, 15)
