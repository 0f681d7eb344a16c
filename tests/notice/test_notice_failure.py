from unittest.mock import patch

from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ..common.notice import END, NoticeCase
from ..common.subscription import renew

SEND = "odoo.addons.mail.models.mail_template.MailTemplate.send_mail_batch"


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

    def test_tried_apart(self):
        """A run that goes on soon after does not try again, a later one does."""
        day = self._get_day(30)
        for time, tried in [("12:00", "12:00"), ("12:09", "12:00"), ("12:11", "12:11")]:
            self._run(f"{day} {time}:00")
            self.assertEqual(str(self._get_notice().tried_at), f"{day} {tried}:00")

    def test_the_first_notice_remains(self):
        """What waits goes on as the notice that was there first."""
        self._run(self._get_day(60))
        notice = self._get_notice()
        self._run(self._get_day(30))
        self.assertEqual(self._get_notice(), notice)
        self.assertEqual(notice.line_count, 2)
        # It lists the subscription by the latest of its days.
        self.assertEqual(notice.listed_line_ids.mapped("days"), [30])

    def test_one_message_in_the_end(self):
        """All that waited goes out as one message, which has each client once."""
        coral = self._create_term_until(self.coral, END)
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
            renew(self.term)
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
            renew(self.term)
            answer = notice.action_send_again()
        self.assertFalse(notice.exists())
        self.assertIn("nothing to tell", answer["params"]["message"])

    @mute_logger(
        "odoo.addons.partner_managed_subscription.models.core.subscription_letter_queue"
    )
    def test_broken_message(self):
        """A message that cannot be written stops none of the others."""
        self._create_term_until(self.bolt, END)
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
