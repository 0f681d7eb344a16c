"""What tests of notices have in common."""

from datetime import date, timedelta
from unittest.mock import patch

from dateutil.relativedelta import relativedelta

from odoo.tests import freeze_time, tagged

from .subscription import SubscriptionCase, create_yearly_plan

DAYS = [90, 60, 30, 7, 0]
END = date(2026, 12, 31)


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
        cls.yearly = create_yearly_plan(cls.env, "Yearly", {cls.base: 10})
        cls.term = cls._create_term_until(cls.acme, END)

    @classmethod
    def _create_term_until(cls, client, end, plan=None, **vals):
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
