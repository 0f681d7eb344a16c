from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import SQL
from odoo.tools.misc import split_every

from .subscription_delivery_problem import MOST_TRIES

# Invoices that are noted in one transaction.
FOUND_INVOICES = 500
# Invoices whose PDFs are made in one transaction, which takes seconds.
MADE_DOCUMENTS = 20
# E-mails that are queued in one transaction.
SENT_EMAILS = 50
# How long after it failed an e-mail is tried again.
TRIED_APART = timedelta(hours=1)
# A bounce comes back within this time, as a rule.
ARRIVED_AFTER = timedelta(days=2)
# A billing run that goes on for longer was interrupted.
RUNS_WITHIN = timedelta(hours=1)


class SubscriptionDelivery(models.Model):
    """The job that sends invoices."""

    _inherit = "subscription.delivery"

    @api.model
    def _cron_deliver(self):
        """Note the invoices that were posted, then queue the e-mails, as many as each
        company allows a run: by chunks that are committed one by one. What a killed run
        left is done by the next one, and nothing twice."""
        if self._find_all():
            self._tidy()
            self._send_all()

    @api.model
    def _find_all(self):
        """Note the invoices that were posted, by chunks. While a billing run is under
        way they wait, so that one address gets all of the run in one e-mail.

        :return: whether there is time left
        """
        if self._is_billing():
            return True
        ids = self._get_unseen_ids()
        # One more, since sending is still to come then.
        self.env["ir.cron"]._commit_progress(remaining=len(ids) + 1)
        return self._do_chunks(self._find_chunk, split_every(FOUND_INVOICES, ids, list))

    @api.model
    def _is_billing(self):
        """Return whether a billing run is under way."""
        last = self.env["subscription.billing.run"].search([], limit=1)
        since = fields.Datetime.now() - RUNS_WITHIN
        return bool(last) and not last.ended_at and last.started_at > since

    # ------------------------------------------------------------------ tidying

    @api.model
    def _tidy(self):
        """Take what was left: e-mails that failed unheard, failed ones to try again,
        bounces that were mended, and invoices that were cancelled before they went."""
        now = fields.Datetime.now()
        self._note_unheard()
        self.search(
            [
                ("state", "=", "failed"),
                ("failure", "=", "mail"),
                ("tries", "<", MOST_TRIES),
                # A clock that was set back since does not keep them waiting for long.
                "|",
                ("tried_at", "<=", now - TRIED_APART),
                ("tried_at", ">", now + TRIED_APART),
            ]
        ).write({"state": "waiting"})
        self._mend_arrived(now - ARRIVED_AFTER)
        self.search(
            [("is_problem", "=", True), ("failure", "=", "address")]
        )._settle_homeless()
        self.search(
            [("state", "=", "waiting"), ("move_id.state", "=", "cancel")]
        ).unlink()
        self.env["ir.cron"]._commit_progress()

    @api.model
    def _note_unheard(self):
        """Note e-mails that failed without telling: Odoo's queue ends where the mail
        server hangs up, and leaves the one that it was at as failed."""
        # sudo: the queue of e-mails is read by the program.
        mails = (
            self.env["mail.mail"]
            .sudo()
            .search([("letter_model", "=", self._name), ("state", "=", "exception")])
        )
        for mail in mails:
            letter = self.browse(mail.letter_id).exists()
            if letter.message_ref == mail.message_id:
                letter._mail_failed(mail.failure_reason)

    # ------------------------------------------------------------------ sending

    @api.model
    def _send_all(self):
        """Make the documents of what waits, by chunks of invoices, and queue it, by
        chunks of addresses. What is above the limit of a run is not counted as
        remaining: the next run comes in its turn."""
        addresses = self._get_waiting_addresses()
        ids = self._search_waiting(addresses).ids
        self.env["ir.cron"]._commit_progress(remaining=len(ids) + len(addresses))
        if self._do_chunks(self._make_chunk, split_every(MADE_DOCUMENTS, ids, list)):
            chunks = split_every(SENT_EMAILS, addresses, list)
            self._do_chunks(self._send_to, chunks)
        if addresses:
            # Odoo's own queue runs each hour otherwise.
            self.env.ref("mail.ir_cron_mail_scheduler_action")._trigger()

    @api.model
    def _get_waiting_addresses(self):
        """Return ``(company id, address)`` of what waits, what has waited longest
        first; of each company as many as it sends in a run."""
        self.flush_model()
        return self.env.execute_query(
            SQL(
                """
                SELECT waiting.company_id, waiting.email
                  FROM (SELECT delivery.company_id, delivery.email,
                               min(delivery.id) AS first,
                               row_number() OVER (
                                   PARTITION BY delivery.company_id
                                   ORDER BY min(delivery.id)) AS place
                          FROM subscription_delivery delivery
                          JOIN account_move move ON move.id = delivery.move_id
                         WHERE delivery.state = 'waiting'
                           AND delivery.email IS NOT NULL AND move.state = 'posted'
                         GROUP BY 1, 2) waiting
                  JOIN res_company company ON company.id = waiting.company_id
                 WHERE COALESCE(company.delivery_limit, 0) = 0
                    OR place <= company.delivery_limit
                 ORDER BY first
                """
            )
        )

    @api.model
    def _search_waiting(self, addresses):
        """Return what waits for ``addresses``, pairs of company and address, with what
        one address gets together."""
        emails = {email for _company, email in addresses}
        waiting = self.search(
            [
                ("state", "=", "waiting"),
                ("email", "in", list(emails)),
                ("move_id.state", "=", "posted"),
            ],
            order="email, id",
        )
        asked = set(map(tuple, addresses))
        return waiting.filtered(lambda one: (one.company_id.id, one.email) in asked)

    @api.model
    def _make_chunk(self, ids):
        """Make the documents of these deliveries, which are kept on the invoices: a run
        that is killed makes none of them twice."""
        self.browse(ids)._claim_waiting()._make_documents()

    @api.model
    def _send_to(self, addresses):
        """Queue what waits for ``addresses``, pairs of company and address."""
        self._search_waiting(addresses)._send()
