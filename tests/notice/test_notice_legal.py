from datetime import date, timedelta
from unittest.mock import patch

from odoo.tests import freeze_time

from ...terms import TermRequest
from ..common.notice import END, NoticeCase
from ..common.subscription import ADDON, renew


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
            renew(self.term)
        self._assert_sent(self._run("2026-09-01 12:00:00"), "ada@clients.test")

    def test_not_snoozed(self):
        """What the law demands is not snoozed, nor does it ask what is chosen."""
        self.term.notify_client = "no"
        with freeze_time("2026-08-01"):
            self.term._snooze_notices(date(2026, 12, 1))
        self._assert_sent(self._run("2026-09-01 12:00:00"), "ada@clients.test")

    def test_one_box(self):
        """Subscriptions with the same last day to refuse are in one message."""
        self._create_term_until(self.acme, END)
        self._create_term_until(self.acme, END + timedelta(days=1))
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

    def test_noted_once(self):
        """What was noted already makes no notices without lines."""
        self.notices._note_over(self.pool)
        noted = self.notices.search([])
        self.assertEqual(len(noted), 2)
        self.notices._note_over(self.pool)
        self.assertEqual(self.notices.search([]), noted)

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
