from odoo import api, fields, models
from odoo.fields import Domain

from .subscription_notice_due import Subject


class SubscriptionNotice(models.Model):
    """Notices about pools that run out of seats."""

    _inherit = "subscription.notice"

    wait_until = fields.Datetime(
        string="Not Before", help="When the digest goes out that it waits for."
    )

    @api.model
    def _get_open_domain(self):
        now = fields.Datetime.now()
        due = Domain("wait_until", "=", False) | Domain("wait_until", "<=", now)
        return super()._get_open_domain() & due

    @api.model
    def _find_alerts(self):
        """Insert the notices about alerts that nobody was told of.

        :return: whether all were inserted before the time was up
        """
        alerts = self.env["subscription.alert"]._get_untold()
        lines = self._get_due_lines(self._get_alert_subjects(alerts))
        pending = self._get_pending(lines)
        chunks = self._split_by_recipient(pending)
        if not self._do_chunks(self._insert_alert_chunk, chunks):
            return False
        alerts.exists()._note_told()
        return True

    @api.model
    def _insert_alert_chunk(self, lines):
        self._insert_chunk(lines)
        self.search(
            [
                *[("kind", "=", "usage"), ("state", "=", "to_send")],
                *[
                    ("wait_until", "=", False),
                    ("partner_id", "in", [line.recipient.partner_id for line in lines]),
                ],
            ]
        )._delay()

    def _delay(self):
        """Let these notices wait for the digest that their recipients have chosen."""
        for notice in self:
            rhythm = notice.addressee_id._get_alert_rhythm(notice.company_id)
            notice.wait_until = notice.company_id._get_digest_moment(rhythm)

    @api.model
    def _get_alert_subjects(self, alerts):
        """Return what ``alerts`` are about, of those whose pools are still above."""
        alerts = alerts.filtered(lambda alert: not alert.fell_at)
        usage = alerts.pool_id._read_usage()
        return [
            Subject(
                pool.subscription_id.id,
                alert.day,
                pool.company_id.id,
                pool.client_id.id,
                pool.managing_partner_id.id,
                kind="usage",
                to_client=True,
                module_id=pool.module_id.id,
                seat_limit=pool.seat_limit,
                used=usage[pool.id]["used"],
                alert_id=alert.id,
            )
            for alert in alerts
            for pool in alert.pool_id
        ]

    @api.model
    def _get_due_lines(self, subjects):
        """Leave out those who have chosen to hear nothing of seats that run out."""
        lines = super()._get_due_lines(subjects)
        alerts = [line for line in lines if line.subject.kind == "usage"]
        if not alerts:
            return lines
        ids = {line.recipient.addressee_id for line in alerts}
        addressees = self.env["res.partner"].browse(ids)
        addressees.fetch(["seat_alert_rhythm"])
        companies = self.env["res.company"]
        return [
            line
            for line in lines
            if line.subject.kind != "usage"
            or addressees.browse(line.recipient.addressee_id)._get_alert_rhythm(
                companies.browse(line.subject.company_id)
            )
            != "never"
        ]
