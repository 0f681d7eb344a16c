from unittest.mock import patch

from odoo.tests import freeze_time

from ..common.notice import NoticeCase
from ..common.subscription import create_plan


class AlertCase(NoticeCase):
    """Echo, a client of North, has 10 seats of Expenses, and Ada and Eve for its
    administrators."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.alerts = cls.env["subscription.alert"]
        cls.echo = cls._create_client("Echo", cls.north)
        plan = create_plan(cls.env, "Ten", {cls.base: 100, cls.expenses: 10})
        subscription = cls._create_subscription(cls.echo, plan)
        cls.pool = cls._get_pool(subscription, cls.expenses)
        cls._create_admin("Ada", cls.echo)
        cls._create_admin("Eve", cls.echo)
        cls.people = cls._create_members(cls.echo, 12)
        cls.env.flush_all()
        # What other tests need is above its thresholds already.
        cls.alerts._sync(tell=False)

    def _use(self, count, pool=None):
        """Give, or free, seats until ``count`` are in use."""
        pool = pool or self.pool
        if count > pool.used:
            free = self.people - pool.seat_ids.member_id
            pool._grant({pool: free[: count - pool.used]})
        else:
            pool.seat_ids[: pool.used - count]._release("access")
        self.env.flush_all()

    def _alert(self, moment="2026-03-15 12:00:00"):
        """Run the job at ``moment``.

        :return: the e-mails that it queued
        """
        before = self.env["mail.mail"].search([], limit=1, order="id desc").id or 0
        forever = patch.object(
            type(self.env["ir.cron"]), "_commit_progress", return_value=1000.0
        )
        with freeze_time(moment), forever:
            self.alerts._cron_alert()
            self.env.flush_all()
            self.env.invalidate_all()
        return self.env["mail.mail"].search([("id", ">", before)], order="id")

    def _assert_told(self, mails):
        self._assert_sent(
            mails, "ada@clients.test", "eve@clients.test", "north@partners.test"
        )


class TestAlert(AlertCase):
    """The partner and the client's administrators are told once when a pool passes a
    threshold, and again only after it fell below."""

    def test_below(self):
        self._use(7)
        self.assertFalse(self._alert())

    def test_warning(self):
        self._use(8)
        mails = self._alert()
        self._assert_told(mails)
        own = mails.filtered(lambda mail: mail.email_to == "ada@clients.test")
        self.assertEqual(own.subject, "Expenses: 8 of 10 seats are in use")
        self.assertIn("Running low", own.body_html)
        self.assertIn(f"/my/subscription/{self.echo.id}", own.body_html)
        self.assertIn("North (north@partners.test, +44 20 7946 0001)", own.body_html)
        self.assertNotIn("/odoo/", own.body_html)
        theirs = mails.filtered(lambda mail: mail.email_to == "north@partners.test")
        self.assertEqual(theirs.subject, "Echo, Expenses: 8 of 10 seats are in use")
        self.assertIn("subscription_seat_usage_action", theirs.body_html)

    def test_each_threshold_once(self):
        for used, told in ((8, True), (8, False), (9, False), (10, True), (10, False)):
            self._use(used)
            with self.subTest(used=used, told=told):
                self.assertEqual(bool(self._alert()), told)

    def test_both_at_once(self):
        """Who hears that a pool is full need not hear that it runs low."""
        self._use(10)
        mails = self._alert()
        self._assert_told(mails)
        self.assertIn("10 of 10", mails[0].subject)
        self._use(9)
        self.assertFalse(self._alert())

    def test_again_after_it_fell_below(self):
        for used, told in (
            (10, True),
            (9, False),
            (10, True),
            (7, False),
            (8, True),
            (10, True),
        ):
            self._use(used)
            with self.subTest(used=used):
                self.assertEqual(bool(self._alert()), told)

    def test_between_two_runs(self):
        """What passes and falls between two runs is not told; what is above in both is
        told once."""
        self._use(10)
        self._use(7)
        self.assertFalse(self._alert())
        self._use(10)
        self.assertTrue(self._alert())
        self._use(7)
        self._use(10)
        self.assertFalse(self._alert())

    def test_more_seats(self):
        """A higher limit takes a pool below the threshold, a lower one above."""
        self._use(8)
        self.assertTrue(self._alert())
        self.pool.seat_limit = 20
        self.assertFalse(self._alert())
        self.pool.seat_limit = 10
        self.assertTrue(self._alert())

    def test_no_limit(self):
        self._use(8)
        self.pool.is_unlimited = True
        self.assertFalse(self._alert())
        self.pool.is_unlimited = False
        self.assertTrue(self._alert())
        self.pool.is_unlimited = True
        self._alert()
        self.pool.is_unlimited = False
        self.assertTrue(self._alert())

    def test_not_running(self):
        """Nobody is told of what does not run; who was told is not told again."""
        self._use(8)
        subscription = self.pool.subscription_id
        subscription.in_progress = False
        self.assertFalse(self._alert())
        subscription.in_progress = True
        self.assertTrue(self._alert())
        subscription.in_progress = False
        self._alert()
        subscription.in_progress = True
        self.assertFalse(self._alert())

    def test_thresholds_of_the_company(self):
        self._use(5)
        self.company.seat_warning_rate = 50
        self.env.flush_all()
        self._assert_told(self._alert())

    def test_over_the_limit(self):
        """A term that starts with fewer seats has a notice of its own."""
        self._use(10)
        self.env.cr.execute(
            "UPDATE subscription_seat_pool SET seat_limit = 5 WHERE id = %s",
            [self.pool.id],
        )
        self.env.invalidate_all()
        self.assertFalse(self._alert())

    def test_fell_before_it_was_sent(self):
        """A notice that waits for an address is not sent once there is room."""
        self.north.email = False
        self._use(8)
        self._alert()
        self._use(5)
        self._alert()
        self.north.email = "new@partners.test"
        self.assertFalse(self._run("2026-03-15 13:00:00"))

    def test_one_message_for_all_modules(self):
        base = self._get_pool(self.pool.subscription_id, self.base)
        self._use(8)
        base.seat_limit = base.used
        mails = self._alert()
        self._assert_told(mails)
        for mail in mails:
            modules = "2 modules are running out of seats"
            self.assertEqual(mail.subject, modules)

    def test_without_partner(self):
        """A client of the vendor's own: its administrators alone are told."""
        self.echo.managing_partner_id = False
        self._use(8)
        mails = self._alert()
        self._assert_sent(mails, "ada@clients.test", "eve@clients.test")

    def test_snoozed(self):
        """Who snoozed the notices is told when it wakes up, if it still is so."""
        subscription = self.pool.subscription_id
        user = self._create_user("nora", "standard", self.north)
        with freeze_time("2026-03-15"):
            subscription.with_user(user)._snooze_notices("2026-03-20")
        self._use(8)
        clients = ("ada@clients.test", "eve@clients.test")
        self._assert_sent(self._alert(), *clients)
        self.assertFalse(self._alert("2026-03-19 12:00:00"))
        self._assert_sent(self._alert("2026-03-20 12:00:00"), "north@partners.test")
        self.assertFalse(self._alert("2026-03-21 12:00:00"))

    def test_a_broken_alert_breaks_no_grant(self):
        """Granting seats does not even know of the job."""
        with patch.object(type(self.alerts), "_sync", side_effect=ValueError):
            self._use(8)
        self.assertEqual(self.pool.used, 8)

    def test_queries(self):
        """One query finds what has passed, however many pools there are."""
        self._use(8)
        self._alert()
        self.env.flush_all()
        with self.assertQueryCount(6):
            self.alerts._sync()
