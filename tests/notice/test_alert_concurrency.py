from odoo.tests import tagged

from ..common.committed import CommittedCase


@tagged("post_install", "-at_install")
class TestAlertConcurrency(CommittedCase):
    """Grants that run at once pass a threshold that none of them sees passed."""

    TABLES = (
        "subscription_notice_line",
        "subscription_notice",
        "mail_mail",
        "mail_message",
        "subscription_alert",
        *CommittedCase.TABLES,
    )

    def _cron(self, env):
        """Run the job, which commits by itself."""
        env["subscription.alert"]._cron_alert()

    def _get_alerts(self):
        return self._do(
            lambda env: (
                env["subscription.alert"]
                .search([("pool_id", "=", self.pool_id), ("fell_at", "=", False)])
                .mapped("level")
            )
        )

    def test_parallel_grants(self):
        self._build(10)
        member_ids = self._create_members(8)
        self._do(self._grant(member_ids[:6]))
        self._do(self._cron)
        self.assertEqual(self._get_alerts(), [])
        jobs = [self._grant([member_id]) for member_id in member_ids[6:]]
        _done, failed = self._split(self._run_together(*jobs))
        self.assertFalse(failed)
        self._do(self._cron)
        self.assertEqual(self._get_alerts(), ["warning"])

    def test_a_grant_waits_for_no_alert(self):
        """Seats are given while the job is at work, and the next run sees them."""
        self._build(10)
        member_ids = self._create_members(10)
        with self._committed() as env:
            env["subscription.alert"]._sync()
            env.cr.flush()
            self._do(self._grant(member_ids))
        self._do(self._cron)
        self.assertEqual(set(self._get_alerts()), {"warning", "full"})

    def test_two_runs_at_once(self):
        self._build(10)
        self._do(self._grant(self._create_members(8)))
        _done, failed = self._split(self._run_together(self._cron, self._cron))
        self.assertFalse(failed)
        self.assertEqual(self._get_alerts(), ["warning"])
