from datetime import date, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo import Command
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import BaseCase, Form, freeze_time, tagged
from odoo.tools import mute_logger

from ...models.notice import subscription_notice
from ...notices import (
    get_legal_ends,
    get_legal_window,
    get_renewal_ends,
    get_threshold,
    parse_days,
)
from ...terms import TermRequest
from ..common.subscription import ADDON, SubscriptionCase, create_plan

DAYS = [90, 60, 30, 7, 0]
END = date(2026, 12, 31)
SEND = "odoo.addons.mail.models.mail_template.MailTemplate.send_mail_batch"


class TestNoticeDays(BaseCase):
    """The rules of the calendar, without a database."""

    def test_days(self):
        """Days are read from text, in order and each once."""
        for text, days in (
            ("90, 60, 30, 7, 0", DAYS),
            (" 7,30 , 7", [30, 7]),
            ("0", [0]),
            ("730", [730]),
            ("", []),
            ("  ", []),
            (False, []),
        ):
            with self.subTest(text=text):
                self.assertEqual(parse_days(text), days)

    def test_no_days(self):
        """Anything else is refused."""
        for text in ("731", "-1", "1.5", "7;30", "7,,30", "seven", ",", "٣", "7,"):
            with self.subTest(text=text), self.assertRaises(ValueError):
                parse_days(text)

    def test_threshold(self):
        """The latest notice whose day has come is due, that of the last day for a week
        after the end."""
        for left, days, threshold in (
            (91, DAYS, None),
            (90, DAYS, 90),
            (89, DAYS, 90),
            (61, DAYS, 90),
            (60, DAYS, 60),
            (8, DAYS, 30),
            (7, DAYS, 7),
            (1, DAYS, 7),
            (0, DAYS, 0),
            (-1, DAYS, 0),
            (-7, DAYS, 0),
            (-8, DAYS, None),
            (0, [90, 7], 7),
            (-1, [90, 7], None),
            (5, [], None),
        ):
            with self.subTest(left=left, days=days):
                self.assertEqual(get_threshold(left, days), threshold)

    def test_ends(self):
        """The calendar of a day has every end that is near, with its notice."""
        today = date(2028, 2, 29)
        ends = get_renewal_ends(today, [30, 0])
        self.assertEqual(min(ends), date(2028, 2, 22))
        self.assertEqual(max(ends), date(2028, 3, 30))
        self.assertEqual(ends[today], 0)
        self.assertEqual(ends[date(2028, 3, 1)], 30)
        self.assertFalse(get_renewal_ends(today, []))

    def test_legal_window(self):
        """Neither more than three months nor less than one before the last day to
        refuse, also where a month has no such day."""
        for end, refusal_days, first, last, deadline in (
            ("2026-12-31", 0, "2026-10-01", "2026-11-30", "2026-12-31"),
            ("2026-12-31", 30, "2026-09-01", "2026-11-01", "2026-12-01"),
            ("2026-05-31", 0, "2026-03-01", "2026-04-30", "2026-05-31"),
            ("2028-05-31", 0, "2028-03-01", "2028-04-30", "2028-05-31"),
            ("2028-05-29", 0, "2028-02-29", "2028-04-29", "2028-05-29"),
            ("2026-05-29", 0, "2026-03-01", "2026-04-29", "2026-05-29"),
            ("2028-02-29", 0, "2027-11-29", "2028-01-29", "2028-02-29"),
            ("2028-03-30", 30, "2027-11-29", "2028-01-29", "2028-02-29"),
            ("2026-03-31", 0, "2025-12-31", "2026-02-28", "2026-03-31"),
        ):
            with self.subTest(end=end, refusal_days=refusal_days):
                window = get_legal_window(date.fromisoformat(end), refusal_days)
                self.assertEqual(
                    window, tuple(map(date.fromisoformat, (first, last, deadline)))
                )

    def test_legal_ends(self):
        """Every end is in the calendar from its first day to its last day to refuse."""
        for end in (END, date(2028, 2, 29), date(2026, 5, 31), date(2027, 3, 1)):
            for refusal_days in (0, 30, 365):
                first, _, deadline = get_legal_window(end, refusal_days)
                for day, due in (
                    (first - timedelta(days=1), False),
                    (first, True),
                    (deadline, True),
                    (deadline + timedelta(days=1), False),
                ):
                    with self.subTest(end=end, refusal_days=refusal_days, day=day):
                        ends = get_legal_ends(day, refusal_days)
                        self.assertEqual(end in ends, due)
                        if due:
                            self.assertEqual(ends[end], deadline)


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class NoticeCase(SubscriptionCase):
    """The plan *Yearly* takes no licences. Acme's term ends on 31 December 2026. It is
    15 March 2026."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, lang="en_US", tz="UTC"))
        cls.company = cls.env.company
        cls.company.term_tz = "UTC"
        cls.notices = cls.env["subscription.notice"]
        cls.lines = cls.env["subscription.notice.line"]
        cls.yearly = create_plan(
            cls.env,
            "Yearly",
            {cls.base: 10},
            recurring_rule_type="years",
            recurring_rule_boundary="limited",
        )
        cls.term = cls._create_term(cls.acme, END)

    @classmethod
    def _create_term(cls, client, end, plan=None, **vals):
        """Create a running subscription whose term of a year ends on ``end``."""
        start = end - relativedelta(years=1) + timedelta(days=1)
        with freeze_time(start):
            subscription = cls._create_subscription(
                client, plan or cls.yearly, date_start=start, **vals
            )
        subscription.date = end
        return subscription

    @classmethod
    def _create_admin(cls, name, client, **vals):
        vals = {"email": f"{name.lower()}@clients.test", **vals}
        return cls._create_members(client, 1, cls.role_administrator, name=name, **vals)

    def _get_day(self, left, end=END):
        """Return the day on which ``left`` days are left."""
        return end - timedelta(days=left)

    def _run(self, day):
        """Run the job on ``day``, at noon in UTC unless it has a time.

        :return: the e-mails that it queued
        """
        before = self.env["mail.mail"].search([], limit=1, order="id desc").id or 0
        moment = day if isinstance(day, str) else f"{day} 12:00:00"
        forever = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=1000.0
        )
        with freeze_time(moment), forever:
            self.notices._cron_notify()
            self.env.flush_all()
            self.env.invalidate_all()
        return self.env["mail.mail"].search([("id", ">", before)], order="id")

    def _schedule(self, subscription):
        """Renew ``subscription`` from the day after its end."""
        request = subscription._prepare_term_request()
        return self.env["subscription.renewal"]._schedule({subscription: request})[0]

    def _get_sent_days(self, recipient=None):
        """Return the days of the notices that North, or ``recipient``, was sent."""
        lines = self.lines.search(
            [
                ("partner_id", "=", (recipient or self.north).id),
                ("notice_id.state", "=", "sent"),
            ],
            order="id",
        )
        return lines.mapped("days")

    def _assert_sent(self, mails, *addresses):
        """Check that there is one e-mail for each of ``addresses`` and no other."""
        self.assertEqual(sorted(mails.mapped("email_to")), sorted(addresses))


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
            self._create_term(client, day + timedelta(days=left))
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
                self._create_term(client, END - timedelta(days=number))
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
        self._create_term(self.coral, END)
        self._create_term(self.bolt, END)
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
        self._create_term(self.dune, END)
        idle = self._create_term(self.bolt, END)
        idle.in_progress = False
        archived = self._create_term(self.bolt, END)
        archived.active = False
        with freeze_time(self._get_day(40)):
            self._schedule(self.term)
        self.assertFalse(self._run(self._get_day(30)))

    def test_cancelled_renewal(self):
        """The notice that is due then goes out once a renewal was cancelled."""
        with freeze_time(self._get_day(40)):
            renewal = self._schedule(self.term)
        self.assertFalse(self._run(self._get_day(30)))
        with freeze_time(self._get_day(20)):
            renewal.action_cancel()
        self._run(self._get_day(19))
        self.assertEqual(self._get_sent_days(), [30])

    def test_next_term(self):
        """The next term is noticed like the one before."""
        self._run(self._get_day(0))
        with freeze_time(self._get_day(-1)):
            self._schedule(self.term)
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
        self._create_term(self.coral, END)
        self.reef.active = False
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
        term = self._create_term(self.bolt, END)
        term.company_id = other
        mails = self._run(self._get_day(31))
        self._assert_sent(mails, "north@partners.test")
        mails = self._run(self._get_day(30))
        self._assert_sent(mails, "north@partners.test", "south@partners.test")
        south = mails.filtered(lambda mail: "south" in mail.email_to)
        self.assertIn("other@vendor.test", south.email_from)

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
        self.assertIn("/my", mail.body_html)
        self.assertNotIn("/odoo/", mail.body_html)
        self.assertIn("north@partners.test", mail.reply_to)
        self.assertFalse(self._run(self._get_day(30)))

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
        self._create_term(self.coral, END)
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
        self._create_term(self.bolt, END)
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


class TestNoticeFailure(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.north.email = False

    def _get_notice(self):
        return self.notices.search([("partner_id", "=", self.north.id)])

    def test_no_address(self):
        """Who has no address is shown with the reason, and told once there is one."""
        self.assertFalse(self._run(self._get_day(30)))
        notice = self._get_notice()
        self.assertEqual((notice.state, notice.failure), ("failed", "address"))
        self.assertFalse(self._run(self._get_day(29)))
        self.assertEqual(self._get_notice(), notice)
        self.north.email = "new@partners.test"
        self._assert_sent(self._run(self._get_day(28)), "new@partners.test")
        self.assertEqual((notice.state, notice.failure), ("sent", False))
        self.assertEqual(notice.email, "new@partners.test")
        self.assertFalse(self._run(self._get_day(27)))

    def test_one_message_in_the_end(self):
        """All that waited goes out as one message, which has each client once."""
        coral = self._create_term(self.coral, END)
        for left in (60, 30, 7):
            self._run(self._get_day(left))
        notice = self._get_notice()
        self.assertEqual(len(notice), 1)
        self.assertEqual(notice.line_count, 6)
        self.north.email = "new@partners.test"
        mails = self._run(self._get_day(6))
        self._assert_sent(mails, "new@partners.test")
        self.assertEqual(mails.subject, "2 subscriptions to renew")
        self.assertEqual(mails.body_html.count(coral.display_name), 1)
        self.assertFalse(self._run(self._get_day(6)))

    def test_staff(self):
        """The staff is written to where the company has no address."""
        self._create_user("nora", "standard", self.north)
        self._create_user("nick", "standard", self.north)
        self._create_user("nemo", "standard", self.north).active = False
        self._create_user("sue", "standard", self.south)
        self._create_user("ann", "base.group_portal", self.north)
        mails = self._run(self._get_day(30))
        self._assert_sent(mails, "nora@users.test, nick@users.test")

    def test_not_needed_any_more(self):
        """What was renewed before it could be told is not told, nor kept as failed."""
        self._run(self._get_day(30))
        with freeze_time(self._get_day(20)):
            self._schedule(self.term)
        self.north.email = "new@partners.test"
        self.assertFalse(self._run(self._get_day(19)))
        self.assertFalse(self._get_notice())

    def test_moved_to_a_competitor(self):
        """A partner hears nothing of a client that has gone to another one."""
        self._run(self._get_day(30))
        self.acme.managing_partner_id = self.south
        self.north.email = "new@partners.test"
        self._assert_sent(self._run(self._get_day(29)), "south@partners.test")
        self.assertFalse(self._get_notice())

    def test_send_again(self):
        """*Send again* tells why not, or sends at once."""
        self._run(self._get_day(30))
        notice = self._get_notice()
        with freeze_time(self._get_day(30)):
            answer = notice.action_send_again()
            self.assertIn("No e-mail address", answer["params"]["message"])
            self.assertEqual(notice.state, "failed")
            self.north.email = "new@partners.test"
            answer = notice.action_send_again()
        self.assertEqual(answer["params"]["type"], "success")
        self.assertEqual((notice.state, notice.email), ("sent", "new@partners.test"))
        self.assertFalse(self._run(self._get_day(30)))

    def test_send_again_what_is_gone(self):
        """*Send again* says so where nothing is left to tell."""
        self._run(self._get_day(30))
        notice = self._get_notice()
        with freeze_time(self._get_day(20)):
            self._schedule(self.term)
            answer = notice.action_send_again()
        self.assertFalse(notice.exists())
        self.assertIn("nothing to tell", answer["params"]["message"])

    @mute_logger(
        "odoo.addons.partner_managed_subscription.models.notice.subscription_notice_send"
    )
    def test_broken_message(self):
        """A message that cannot be written stops none of the others."""
        self._create_term(self.bolt, END)
        self.north.email = "north@partners.test"
        original = type(self.env["mail.template"]).send_mail_batch

        def send(template, res_ids, **kwargs):
            notices = self.notices.browse(res_ids)
            if self.north in notices.partner_id:
                raise ValueError("broken")
            return original(template, res_ids, **kwargs)

        with patch(SEND, send):
            self._assert_sent(self._run(self._get_day(30)), "south@partners.test")
        notice = self._get_notice()
        self.assertEqual((notice.state, notice.failure), ("failed", "broken"))
        self._assert_sent(self._run(self._get_day(29)), "north@partners.test")


class TestNoticeSnooze(NoticeCase):
    def _open_wizard(self, subscriptions):
        context = {"default_subscription_ids": subscriptions.ids}
        model = self.env["subscription.notice.snooze"].with_context(**context)
        return Form(model)

    def test_snooze(self):
        """Nobody hears of a snoozed subscription; when it wakes up, the notice that
        applies then goes out."""
        for left, days in (
            (90, [90]),
            (61, [90]),
            (60, [90]),
            (31, [90]),
            (20, [90]),
            (19, [90, 30]),
        ):
            if left == 61:
                with freeze_time(self._get_day(61)):
                    self.term._snooze_notices(self._get_day(19))
            self._run(self._get_day(left))
            self.assertEqual(self._get_sent_days(), days, left)

    def test_wake(self):
        """Waking up has an effect at once."""
        with freeze_time(self._get_day(61)):
            self.term._snooze_notices(self._get_day(10))
            self.assertTrue(self.term.is_notice_snoozed)
        self.assertFalse(self._run(self._get_day(60)))
        self.term.action_wake_notices()
        self.assertTrue(self._run(self._get_day(60)))

    def test_snoozed_before_it_was_sent(self):
        """What waits for an address is not sent while snoozed, but after."""
        self.north.email = False
        self._run(self._get_day(30))
        with freeze_time(self._get_day(30)):
            self.term._snooze_notices(self._get_day(20))
        self.north.email = "new@partners.test"
        self.assertFalse(self._run(self._get_day(29)))
        self._assert_sent(self._run(self._get_day(20)), "new@partners.test")

    def test_wizard(self):
        """The wizard snoozes one and many, for a while or until a day."""
        other = self._create_term(self.bolt, END)
        with freeze_time("2026-03-15"):
            form = self._open_wizard(self.term | other)
            self.assertEqual(form.until, date(2026, 3, 22))
            form.period = "30"
            self.assertEqual(form.until, date(2026, 4, 14))
            form.period = "other"
            form.until = date(2026, 5, 1)
            form.save().action_snooze()
            for term in self.term | other:
                self.assertEqual(term.notice_snoozed_until, date(2026, 5, 1))
            form.record.action_wake()
            self.assertFalse(other.notice_snoozed_until)

    def test_past_day(self):
        """Notices are snoozed until a day to come."""
        with freeze_time("2026-03-15"):
            for day in (date(2026, 3, 15), date(2026, 3, 14)):
                with self.assertRaisesRegex(UserError, "a day to come"):
                    self.term._snooze_notices(day)

    def test_staff(self):
        """The partner's staff snoozes its own clients, and no others."""
        north = self._create_user("nora", "standard", self.north)
        other = self._create_term(self.bolt, END)
        with freeze_time("2026-03-15"):
            action = self.term.with_user(north).action_snooze_notices()
            wizards = self.env[action["res_model"]].with_user(north)
            wizards = wizards.with_context(**action["context"])
            wizards.create({}).action_snooze()
            self.assertTrue(self.term.with_user(north).notice_snoozed_until)
            for until in (date(2026, 5, 1), False):
                with self.assertRaises(AccessError):
                    other.with_user(north)._snooze_notices(until)
            with self.assertRaises(AccessError):
                wizards.create({"subscription_ids": [Command.set(other.ids)]})


class TestNoticeSnoozeSides(NoticeCase):
    """Coral's term is told to North, its reseller Reef, and Coral's administrator Cora;
    Nora is of North, Rita of Reef, Vera of the vendor."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.renewal_notice_clients = True
        cls.term.active = False
        cls.term = cls._create_term(cls.coral, END)
        cls._create_admin("Cora", cls.coral)
        cls.addresses = {
            "nora": cls.north.email,
            "rita": cls.reef.email,
            "cora": "cora@clients.test",
        }
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.rita = cls._create_user("rita", "standard", cls.reef)
        cls.vera = cls._create_user("vera", "admin", cls.vendor)

    def _snooze(self, user, left=10, day=61):
        """Let ``user`` snooze until so many days are left."""
        with freeze_time(self._get_day(day)):
            self.term.with_user(user)._snooze_notices(left and self._get_day(left))

    def _get_texts(self, user):
        """Return who is said to get no notices to ``user``, and the banner's day."""
        with freeze_time(self._get_day(60)):
            self.env.invalidate_all()
            term = self.term.with_user(user)
            return term.snooze_text.split("\n"), term.notice_snoozed_until

    def test_its_own_side(self):
        """A snooze silences the company of who snoozed, and no other; the vendor's
        silences everybody."""
        for users, told in (
            ("", ["nora", "rita", "cora"]),
            ("rita", ["nora", "cora"]),
            ("nora", ["rita", "cora"]),
            ("nora rita", ["cora"]),
            ("vera", []),
            ("vera rita", []),
        ):
            with self.subTest(users=users):
                self.env["subscription.snooze"].search([]).unlink()
                self.notices.search([]).unlink()
                for login in users.split():
                    self._snooze(getattr(self, login))
                mails = self._run(self._get_day(60))
                self._assert_sent(mails, *(self.addresses[name] for name in told))

    def test_waking(self):
        """Each wakes what it snoozed itself, and the others sleep on."""
        for user in (self.nora, self.rita, self.vera):
            self._snooze(user)
        self._snooze(self.rita, False)
        self.assertFalse(self._run(self._get_day(60)))
        self._snooze(self.vera, False)
        mails = self._run(self._get_day(60))
        self._assert_sent(mails, self.reef.email, self.addresses["cora"])
        self._snooze(self.nora, False)
        self._assert_sent(self._run(self._get_day(60)), self.north.email)

    def test_until_its_day(self):
        """Each side wakes up on its own day."""
        self._snooze(self.nora, 20)
        self._snooze(self.rita, 10)
        for left, addresses in (
            (21, ["cora@clients.test"]),
            (20, [self.north.email]),
            (11, []),
            (10, [self.reef.email]),
        ):
            with self.subTest(left=left):
                self._assert_sent(self._run(self._get_day(left)), *addresses)

    def test_snoozed_before_it_was_sent(self):
        """What waits is taken out for the side that snoozed meanwhile only."""
        self.company.renewal_notice_clients = False
        staff = (self.nora | self.rita).partner_id
        (self.north | self.reef | staff).email = False
        self._run(self._get_day(30))
        self._snooze(self.rita, day=30)
        for partner in (self.north, self.reef):
            partner.email = f"{partner.name.lower()}@new.test"
        self._assert_sent(self._run(self._get_day(29)), "north@new.test")

    def test_who_snoozed_until_when(self):
        """The form tells everybody what silences it, or those below it."""
        self._snooze(self.nora, 20)
        self._snooze(self.rita, 10)
        said = "%s gets no renewal notices until %s (%s)."
        north = said % ("North", "12/11/2026", self.nora.name)
        reef = said % ("Reef", "12/21/2026", self.rita.name)
        self.assertEqual(
            self._get_texts(self.nora), ([north, reef], date(2026, 12, 11))
        )
        self.assertEqual(self._get_texts(self.rita), ([reef], date(2026, 12, 21)))
        self.assertEqual(self._get_texts(self.vera), ([north, reef], False))
        self._snooze(self.vera, 30)
        self._snooze(self.vera, 5)
        nobody = "Nobody gets renewal notices until 12/26/2026"
        self.assertIn(nobody, self._get_texts(self.vera)[0][2])
        self.assertEqual(self._get_texts(self.vera)[1], date(2026, 12, 26))
        self.assertIn(nobody, self._get_texts(self.rita)[0][1])
        with freeze_time(self._get_day(10)):
            self.env.invalidate_all()
            self.assertFalse(self.term.with_user(self.rita).is_notice_snoozed)
            self.assertNotIn("Reef", self.term.with_user(self.nora).snooze_text)

    def test_what_the_wizard_says(self):
        for user, words in (
            (self.rita, "Your company gets no"),
            (self.vera, "Nobody gets"),
        ):
            wizards = self.env["subscription.notice.snooze"].with_user(user)
            arch = wizards.get_view(view_type="form")["arch"]
            for text in ("Your company gets no", "Nobody gets"):
                with self.subTest(user=user.login, text=text):
                    self.assertEqual(text in arch, text == words)

    def test_nobody_writes_it(self):
        """Neither the day nor who is silenced can be set past the wizard."""
        self._snooze(self.nora)
        for user in (self.rita, self.vera):
            snoozes = self.env["subscription.snooze"].with_user(user)
            with self.assertRaises(AccessError):
                snoozes.create(
                    {
                        "subscription_id": self.term.id,
                        "addressee_id": self.north.id,
                        "until": self._get_day(1),
                    }
                )
            with self.assertRaises(AccessError):
                self.term.with_user(user).write({"snooze_ids": [Command.clear()]})
            with freeze_time(self._get_day(60)):
                self.term.with_user(user).notice_snoozed_until = self._get_day(1)
        self.assertEqual(self.term.snooze_ids.until, self._get_day(10))

    def test_many(self):
        """The snoozes of many subscriptions are read at once."""
        terms = self.term
        for number in range(9):
            client = self._create_client(f"Client {number}", self.reef)
            terms |= self._create_term(client, END)
        with freeze_time(self._get_day(61)):
            terms.with_user(self.rita)._snooze_notices(self._get_day(10))
            counts = []
            for some in (terms[:2], terms):
                self.env.invalidate_all()
                some = some.with_user(self.nora)
                before = self.cr.sql_log_count
                self.assertTrue(all(some.mapped("snooze_text")))
                counts.append(self.cr.sql_log_count - before)
        self.assertLessEqual(counts[1], counts[0])


class TestNoticeLegal(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.write({"legal_notice": True, "renewal_notice_days": False})
        cls._create_admin("Ada", cls.acme)

    def test_off(self):
        """There are none unless the company wants them."""
        self.company.legal_notice = False
        self.assertFalse(self._run("2026-10-15 12:00:00"))

    def test_window(self):
        """It goes out on the first day of the window, once, with the last day to refuse
        in a box."""
        self.assertFalse(self._run("2026-08-31 12:00:00"))
        mails = self._run("2026-09-01 12:00:00")
        self._assert_sent(mails, "ada@clients.test")
        self.assertIn("until 12/01/2026", mails.subject)
        self.assertRegex(
            mails.body_html, r"border: 2px solid[^>]*>[^$]*?12/01/2026\s*</b>"
        )
        self.assertIn("L215-1", mails.body_html)
        notice = self.notices.search([("kind", "=", "legal")])
        self.assertEqual(notice.deadline, date(2026, 12, 1))
        for day in ("2026-09-02", "2026-11-01", "2026-12-01"):
            self.assertFalse(self._run(f"{day} 12:00:00"))

    def test_late(self):
        """A late job still sends it until the last day to refuse."""
        for day, sent in (("2026-12-01", True), ("2026-12-02", False)):
            with self.subTest(day=day):
                mails = self._run(f"{day} 12:00:00")
                self.assertEqual(bool(mails), sent)
                self.notices.search([]).unlink()

    def test_renewed(self):
        """The client may refuse what was renewed already."""
        with freeze_time("2026-08-01"):
            self._schedule(self.term)
        self._assert_sent(self._run("2026-09-01 12:00:00"), "ada@clients.test")

    def test_not_snoozed(self):
        """What the law demands is not snoozed, nor does it ask what is chosen."""
        self.term.notify_client = "no"
        with freeze_time("2026-08-01"):
            self.term._snooze_notices(date(2026, 12, 1))
        self._assert_sent(self._run("2026-09-01 12:00:00"), "ada@clients.test")

    def test_one_box(self):
        """Subscriptions with the same last day to refuse are in one message."""
        self._create_term(self.acme, END)
        self._create_term(self.acme, END + timedelta(days=1))
        mails = self._run("2026-09-02 12:00:00")
        self._assert_sent(mails, "ada@clients.test", "ada@clients.test")
        self.assertTrue(mails.filtered(lambda m: "subscriptions" in m.subject))

    def test_nobody_to_tell(self):
        """It stays as failed where nobody could be told until the last day."""
        self.acme.subscription_member_ids.write({"email": False})
        self.acme.subscription_member_ids.partner_id.write({"email": False})
        self._run("2026-09-01 12:00:00")
        notice = self.notices.search([("kind", "=", "legal")])
        self.assertEqual(notice.partner_id, self.acme)
        self.assertEqual(notice.failure, "address")
        self._run("2026-12-02 12:00:00")
        self.assertEqual((notice.state, notice.failure), ("failed", "late"))
        self.acme.email = "acme@clients.test"
        self.assertFalse(self._run("2026-12-03 12:00:00"))
        self.assertEqual((notice.state, notice.failure), ("failed", "late"))

    def test_in_time(self):
        """It goes out when there is an address in time."""
        ada = self.acme.subscription_member_ids
        ada.write({"email": False})
        ada.partner_id.write({"email": False})
        self._run("2026-09-01 12:00:00")
        ada.email = "ada@clients.test"
        self._assert_sent(self._run("2026-10-01 12:00:00"), "ada@clients.test")
        self.assertFalse(self._run("2026-10-02 12:00:00"))
        self.assertEqual(self.notices.search([]).mapped("state"), ["sent"])


class TestNoticeOver(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.renewal_notice_days = False
        cls.pool = cls._get_pool(cls.term, cls.base)
        cls._create_admin("Ada", cls.acme)
        cls._create_members(cls.acme, 4)

    def setUp(self):
        super().setUp()
        clock = freeze_time("2026-03-15")
        clock.start()
        self.addCleanup(clock.stop)
        members = self.acme.subscription_member_ids
        self._grant(self.pool, members)
        self.pool._apply_term_limits({self.pool: 3})

    def test_over(self):
        """The partner and the client's administrators are told, once a term."""
        self.notices._note_over(self.pool)
        self.notices._note_over(self.pool)
        mails = self._run("2026-03-15 12:00:00")
        self._assert_sent(mails, "north@partners.test", "ada@clients.test")
        north = mails.filtered(lambda mail: "north" in mail.email_to)
        self.assertEqual(north.subject, "Acme: more seats in use than contracted")
        line = self.lines.search([("partner_id", "=", self.north.id)])
        self.assertEqual((line.used, line.seat_limit), (5, 3))
        self.assertIn("Users", north.body_html)
        self.assertFalse(self._run("2026-03-16 12:00:00"))

    def test_run_at_once(self):
        """The job is called, so that people can act."""
        triggers = self.env["ir.cron.trigger"]
        cron = self.env.ref(f"{ADDON}.ir_cron_notice")
        before = triggers.search_count([("cron_id", "=", cron.id)])
        self.notices._note_over(self.pool)
        self.assertEqual(triggers.search_count([("cron_id", "=", cron.id)]), before + 1)

    def test_not_over(self):
        """Pools whose seats fit are none of it, nor are no pools."""
        self.pool._apply_term_limits({self.pool: 5})
        self.notices._note_over(self.pool)
        self.notices._note_over(self.pool.browse())
        self.assertFalse(self.notices.search([]))

    def test_mended_before_it_was_sent(self):
        """What fits again by the time of sending is not told."""
        self.notices._note_over(self.pool)
        self.pool._apply_term_limits({self.pool: 5})
        self.assertFalse(self._run("2026-03-15 12:00:00"))
        self.assertFalse(self.notices.search([]))

    def test_start_of_a_term(self):
        """A renewal that starts with fewer seats than are in use tells."""
        self.pool._apply_term_limits({self.pool: 10})
        with freeze_time("2026-12-31"):
            request = TermRequest(date(2027, 1, 1), 1, {self.pool: 2})
            self.env["subscription.renewal"]._schedule({self.term: request})
        forever = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=1000.0
        )
        with freeze_time("2027-01-01 12:00:00"), forever:
            self.env["subscription.renewal"]._cron_apply()
        self.assertEqual(self.pool.seat_limit, 2)
        mails = self._run("2027-01-01 12:00:00")
        self._assert_sent(mails, "north@partners.test", "ada@clients.test")
        line = self.lines.search([("partner_id", "=", self.north.id)])
        self.assertEqual(line.term_end, date(2027, 12, 31))


class TestNoticeAccess(NoticeCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_term(cls.bolt, END)
        cls._create_term(cls.coral, END)
        cls.company.renewal_notice_clients = True
        for client in (cls.acme, cls.bolt, cls.coral):
            client.email = f"{client.name.lower()}@clients.test"
        cls.users = {
            name: cls._create_user(name, "standard", getattr(cls, name))
            for name in ("north", "south", "reef")
        }

    def _get_visible(self, name):
        """Return the recipients of the notices that the staff of a partner sees."""
        notices = self.notices.with_user(self.users[name])
        return set(notices.search([]).sudo().partner_id.mapped("name"))

    def test_who_sees_what(self):
        """A partner sees what its companies and clients were told, no competitor's."""
        self._run(self._get_day(30))
        self.assertEqual(self._get_visible("north"), {"North", "Reef", "Acme", "Coral"})
        self.assertEqual(self._get_visible("south"), {"South", "Bolt"})
        self.assertEqual(self._get_visible("reef"), {"Reef", "Coral"})

    def test_lines(self):
        """Lines show own clients, and none that have gone to another partner."""
        self._run(self._get_day(30))
        lines = self.lines.with_user(self.users["north"])
        self.assertEqual(lines.search([]).client_id, self.acme | self.coral)
        self.acme.managing_partner_id = self.south
        self.env.invalidate_all()
        self.assertEqual(lines.search([]).client_id, self.coral)
        lines = self.lines.with_user(self.users["south"])
        self.assertEqual(lines.search([]).client_id, self.acme | self.bolt)
        self.assertNotIn(self.north, lines.search([]).sudo().partner_id)

    def test_nobody_writes(self):
        """Notices are made by the program alone."""
        self._run(self._get_day(30))
        admin = self._create_user("boss", "admin", self.vendor)
        for user in (*self.users.values(), admin):
            for records in (self.notices, self.lines):
                record = records.with_user(user).search([], limit=1)
                self.assertTrue(record)
                for operation in ("create", "write", "unlink"):
                    self.assertFalse(record.has_access(operation))

    def test_accountant(self):
        """Accountants have nothing to do with notices."""
        user = self._create_user("carl", "accountant", self.vendor)
        self.assertFalse(self.notices.with_user(user).has_access("read"))
        self.assertFalse(self.lines.with_user(user).has_access("read"))

    def test_what_is_listed_is_internal(self):
        """What a message lists goes past the rules, and so is nobody's to read."""
        self._run(self._get_day(30))
        notice = self.notices.with_user(self.users["north"]).search([], limit=1)
        for name in ("listed_line_ids", "listed_count"):
            with self.assertRaises(AccessError):
                notice.read([name])

    def test_send_again(self):
        """Staff sends again what failed for its own clients, not for others."""
        self.bolt.email = False
        self.acme.email = False
        self._run(self._get_day(30))
        failed = self.notices.search([("state", "=", "failed")])
        self.assertEqual(failed.partner_id, self.acme | self.bolt)
        self.acme.email = self.bolt.email = "new@clients.test"
        own = failed.filtered(lambda notice: notice.partner_id == self.acme)
        with freeze_time(self._get_day(30)):
            own.with_user(self.users["north"]).action_send_again()
            with self.assertRaises(AccessError):
                (failed - own).with_user(self.users["north"]).action_send_again()
        self.assertEqual(own.state, "sent")
        self.assertEqual((failed - own).state, "failed")

    def test_screens(self):
        """Lists and forms open for the staff."""
        self._run(self._get_day(30))
        user = self.users["north"]
        for notice in self.notices.with_user(user).search([]):
            Form(notice)
            self.assertTrue(notice.display_name)
        term = self.term.with_user(user)
        Form(term)
        action = term.action_view_notices()
        found = self.notices.with_user(user).search(action["domain"])
        self.assertEqual(found.partner_id, self.north | self.acme)


class TestNoticeSettings(NoticeCase):
    def test_days_in_order(self):
        """Days are kept in order, each once."""
        for text, kept in (
            ("7,90 ,  30,7", "90, 30, 7"),
            ("0", "0"),
            ("", ""),
            (False, False),
        ):
            with self.subTest(text=text):
                self.company.renewal_notice_days = text
                self.assertEqual(self.company.renewal_notice_days, kept)

    def test_no_days(self):
        """What are no days is refused, in words."""
        for text in ("soon", "7, -1", "731"):
            with self.subTest(text=text):
                with self.assertRaisesRegex(ValidationError, "numbers from 0 to 730"):
                    self.company.renewal_notice_days = text
                with self.assertRaisesRegex(ValidationError, text):
                    self.company.create({"name": "New", "renewal_notice_days": text})

    def test_defaults(self):
        """A new company tells its partners, and nobody else."""
        company = self.company.create({"name": "New"})
        self.assertEqual(company.renewal_notice_days, "90, 60, 30, 7, 0")
        self.assertFalse(company.renewal_notice_clients)
        self.assertFalse(company.legal_notice)
        self.assertEqual(company.legal_refusal_days, 30)

    def test_screen(self):
        """The settings have all of it."""
        with Form(self.env["res.config.settings"]) as form:
            form.renewal_notice_days = "14, 28"
            form.renewal_notice_clients = True
            form.legal_notice = True
            form.legal_refusal_days = 60
            form.term_tz = "Europe/Paris"
            form.renewal_warning_months = 2
            form.renewal_grace_days = 10
        form.record.execute()
        self.assertEqual(self.company.renewal_notice_days, "28, 14")
        self.assertEqual(self.company.legal_refusal_days, 60)
        self.assertEqual(self.company.renewal_grace_days, 10)


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
            self._create_term(client, END)
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
            self._create_term(client, END)
        many, mails = self._count_queries(self._get_day(30))
        self.assertEqual(len(mails), 13)
        self.assertLessEqual(many, one + 5)

    def test_nothing_due(self):
        """A run on a day without notices asks a handful of questions."""
        self._count_queries(self._get_day(30))
        count, mails = self._count_queries(self._get_day(29))
        self.assertFalse(mails)
        self.assertLessEqual(count, 15)
