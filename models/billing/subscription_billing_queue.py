"""Billing by jobs of OCA's queue_job, where that is installed: nothing of it is
imported, and nothing depends on it."""

from datetime import timedelta

from odoo import api, fields, models
from odoo.fields import Domain

from .subscription_billing_run import CHUNK

CHANNEL = "root.subscription_billing"
# States of jobs that nobody has begun.
WAITING = ("wait_dependencies", "pending", "enqueued")
# How long jobs may wait before billing goes on without them.
PATIENCE = timedelta(days=1)


class SubscriptionBillingRun(models.Model):
    """Handing the chunks of a run to the queue."""

    _inherit = "subscription.billing.run"

    def _bill_chunks(self, cron):
        """Give each chunk to a job where there is a queue, else bill them here."""
        if not self._has_queue():
            super()._bill_chunks(cron)
            return
        subscriptions = self.env["sale.subscription"]
        due = self._leave_out_waiting("_bill_due", subscriptions._get_due_ids())
        chunks = [due[at : at + CHUNK] for at in range(0, len(due), CHUNK)]
        partners = subscriptions._get_grouped_partners()
        partners = self._leave_out_waiting("_bill_together", partners)
        self._queue("_bill_due", chunks)
        self._queue("_bill_together", [[partner_id] for partner_id in partners])
        cron._commit_progress(remaining=0)

    @api.model
    def _has_queue(self):
        """Return whether jobs bill: queue_job is installed, and works off what it is
        given. Where nobody does, that must not keep invoices back."""
        if "queue.job" not in self.env:
            return False
        stuck = fields.Datetime.now() - PATIENCE
        return not self._find_waiting(Domain("date_created", "<", stuck), limit=1)

    @api.model
    def _find_waiting(self, domain, **options):
        """Return the jobs of ours that nobody has begun."""
        ours = Domain("channel", "=", CHANNEL) & Domain("state", "in", WAITING)
        # sudo: who may run the job need not read the queue.
        return self.env["queue.job"].sudo().search(ours & domain, **options)

    @api.model
    def _leave_out_waiting(self, method, ids):
        """Return those of ``ids`` that no job waits for to call ``method`` with: an
        hour's run adds none to what an earlier one has queued, however that had cut
        its chunks. (The identity key of queue_job would know whole chunks only.)"""
        jobs = self._find_waiting(Domain("method_name", "=", method))
        waiting = {one for job in jobs for one in job.args[0]}
        return [one for one in ids if one not in waiting]

    def _queue(self, method, chunks):
        """Add a job for each of ``chunks``, lists of ids, that calls ``method``."""
        parts = self.env["subscription.billing.part"]._add(
            [{"run_id": self.id} for _chunk in chunks]
        )
        for part, chunk in zip(parts, chunks, strict=True):
            getattr(part.with_delay(channel=CHANNEL), method)(chunk)


class SubscriptionBillingPart(models.Model):
    """What jobs do. They end with their transaction, and commit nothing themselves; one
    that is busy raises, and queue_job tries it again."""

    _inherit = "subscription.billing.part"

    def _bill_due(self, ids):
        """Bill what is due of some subscriptions.

        The claim is the first statement of the transaction, as in the scheduled action;
        of two who have the same ids, the second one finds nothing.
        """
        self._end(self.env["sale.subscription"]._claim_of(ids)._bill_counted())

    def _bill_together(self, partner_ids):
        """Bill what partners pay together."""
        for partner_id in partner_ids:
            claimed = self.env["sale.subscription"]._claim_group(partner_id)
            self._end(claimed._bill_counted())
