from functools import partial

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..core.jobs import BUSY_ERRORS
from .owed import Obstacle

# Subscriptions that are billed in one transaction.
CHUNK = 100
# How often a chunk is tried that others are at work on.
TRIES = 5


class SubscriptionBillingRun(models.Model):
    """One run of the job that bills: when, and what came of it."""

    _name = "subscription.billing.run"
    _inherit = ["subscription.immutable.mixin", "subscription.worded.name.mixin"]
    _description = "Billing Run"
    _order = "started_at desc, id desc"
    _rec_name = "started_at"

    started_at = fields.Datetime(required=True, default=fields.Datetime.now)
    finished_at = fields.Datetime(help="When the job itself had done its part.")
    duration = fields.Float(compute="_compute_duration", help="In minutes.")
    started = fields.Integer(help="Subscriptions that were started.")
    resumed = fields.Integer(help="Subscriptions that were resumed.")

    @api.depends("started_at", "ended_at")
    def _compute_duration(self):
        for run in self:
            passed = (run.ended_at or run.started_at) - run.started_at
            run.duration = passed.total_seconds() / 60

    # ------------------------------------------------------------------ the job

    @api.model
    def _cron_bill(self):
        """Start and resume what is to start and go on today, then bill what is due, in
        chunks that are committed one by one: after a run that was killed the next one
        goes on, and two runs bill nothing twice."""
        cron = self.env["ir.cron"]
        subscriptions = self.env["sale.subscription"]
        run = self._add([{}])
        run._set({"started": subscriptions._start_waiting()})
        run._set({"resumed": subscriptions._resume_paused()})
        cron._commit_progress(remaining=subscriptions._count_due())
        run._bill_chunks(cron)
        run._bill_licences()
        run._set({"finished_at": fields.Datetime.now()})
        cron._commit_progress()

    def _bill_licences(self):
        """Bill the licences on account of the months that are over."""
        statements = self.env["subscription.licence.account"]._bill_on_account()
        if statements:
            invoices = len(statements.move_id)
            self._add_part(statements=len(statements), invoices=invoices)

    def _bill_chunks(self, cron):
        """Bill chunk by chunk those that pay by themselves, then partner by partner
        those that are paid together."""
        subscriptions = self.env["sale.subscription"]
        last = 0
        while chunk := self._bill_claimed(
            cron, partial(subscriptions._claim_due, last, CHUNK)
        ):
            last = max(chunk.ids)
        for partner_id in subscriptions._get_grouped_partners():
            self._bill_claimed(cron, partial(subscriptions._claim_group, partner_id))

    def _bill_claimed(self, cron, claim):
        """Bill the subscriptions that ``claim`` locks, and commit. Return them; none
        where the time of the job is up, or others are at work on them again and again.

        The claim is the first statement of the transaction: with an older view, rows
        that another run has billed meanwhile would fail instead of being skipped.
        """
        for _try in range(TRIES):
            try:
                chunk = claim()
                if chunk:
                    self._add_part(**chunk._bill_counted())
                return chunk if cron._commit_progress(len(chunk)) else chunk.browse()
            except BUSY_ERRORS:
                self.env.cr.rollback()
                self.env.invalidate_all(flush=False)
        return self.env["sale.subscription"]


class SaleSubscription(models.Model):
    """What the job does for subscriptions."""

    _inherit = "sale.subscription"

    @api.model
    def _get_due_sql(self):
        """Return the condition of subscriptions that have something due."""
        (today,) = self.env["res.company"]._get_term_days_sql(
            SQL.identifier("due", "company_id"), "today"
        )
        return SQL(
            "due.managing_partner_id IS NOT NULL AND due.recurring_next_date <= %s"
            " AND EXISTS (SELECT FROM subscription_billing_terms terms"
            " WHERE terms.subscription_id = due.id)",
            today,
        )

    @api.model
    def _get_grouped_sql(self):
        return SQL(
            "EXISTS (SELECT FROM subscription_billing_terms terms"
            " WHERE terms.subscription_id = due.id AND terms.billing_grouped)"
        )

    @api.model
    def _count_due(self):
        query = SQL(
            "SELECT count(*) FROM sale_subscription due WHERE %s", self._get_due_sql()
        )
        return self.env.execute_query(query)[0][0]

    @api.model
    def _get_due_ids(self):
        """Return the ids of those that have something due and pay by themselves."""
        query = SQL(
            "SELECT id FROM sale_subscription due WHERE %s AND NOT %s ORDER BY id",
            self._get_due_sql(),
            self._get_grouped_sql(),
        )
        return [row[0] for row in self.env.execute_query(query)]

    @api.model
    def _claim_due(self, after, limit):
        """Lock the next subscriptions that have something due, but for those of others
        who are at work, and those that partners pay together."""
        return self._claim(
            SQL("due.id > %s AND NOT %s", after, self._get_grouped_sql()), limit
        )

    @api.model
    def _claim_group(self, partner_id):
        """Lock all subscriptions below a partner that are due and paid together: they
        are one invoice. None where another run is at it."""
        query = SQL(
            "SELECT pg_try_advisory_xact_lock(hashtext('subscription_billing'), %s)",
            partner_id,
        )
        if not self.env.execute_query(query)[0][0]:
            return self.browse()
        return self._claim(
            SQL("due.top_partner_id = %s AND %s", partner_id, self._get_grouped_sql()),
            None,
        )

    @api.model
    def _claim_of(self, ids):
        """Lock those of ``ids`` that are still due and pay by themselves, but for those
        of others who are at work."""
        return self._claim(
            SQL("due.id = ANY(%s) AND NOT %s", list(ids), self._get_grouped_sql()), None
        )

    @api.model
    def _claim(self, condition, limit):
        self.flush_model()
        rows = self.env.execute_query(
            SQL(
                "SELECT id FROM sale_subscription due WHERE %s AND %s"
                " ORDER BY id LIMIT %s FOR NO KEY UPDATE SKIP LOCKED",
                self._get_due_sql(),
                condition,
                limit,
            )
        )
        return self.browse(row[0] for row in rows)

    @api.model
    def _get_grouped_partners(self):
        """Return the ids of the partners below whom subscriptions that are paid
        together have something due."""
        query = SQL(
            "SELECT DISTINCT due.top_partner_id FROM sale_subscription due"
            " WHERE %s AND %s ORDER BY 1",
            self._get_due_sql(),
            self._get_grouped_sql(),
        )
        return [row[0] for row in self.env.execute_query(query)]

    def _bill_counted(self):
        """Bill these, which are locked; return what came of it, by the names of
        ``COUNTS``."""
        # Before: billing moves the day on which something is due.
        overdue = len(
            self.filtered(
                lambda one: one.recurring_next_date < one.company_id._get_today()
            )
        )
        tally = self._bill()
        return {
            "statements": tally.statements,
            "invoices": tally.invoices,
            "set_aside": len(tally.obstacles),
            "overdue": overdue,
            "ordinary": tally.ordinary,
        }

    # ------------------------------------------------------------------ states

    @api.model
    def _start_waiting(self):
        """Start the managed subscriptions that are ready and whose day has come; one
        that cannot start does not stop the others. Return how many."""
        begun = self.env["res.company"]._get_begun_domain()
        waiting = self.search(
            begun
            & Domain(
                [
                    ("stage_id.type", "=", "pre"),
                    ("in_progress", "=", False),
                    ("managing_partner_id", "!=", False),
                ]
            )
        )
        return sum(record._try("action_start_subscription") for record in waiting)

    @api.model
    def _resume_paused(self):
        """Resume the managed subscriptions whose day has come. Return how many."""
        paused = self.search(
            [
                ("is_paused", "=", True),
                ("paused_until", "!=", False),
                ("managing_partner_id", "!=", False),
            ]
        )
        due = paused.filtered(
            lambda record: record.paused_until <= record.company_id._get_today()
        )
        return sum(record._try("action_resume", automatic=True) for record in due)

    def _try(self, method, **options):
        """Call ``method`` of this subscription with ``options``; keep why it failed.
        Return whether it did not."""
        try:
            with self.env.cr.savepoint():
                getattr(self.with_company(self.company_id), method)(**options)
                self.env.flush_all()
        except BUSY_ERRORS:
            return False
        except Exception as error:
            self.env.invalidate_all(flush=False)
            text = self.env["subscription.renewal"]._get_error_text(error)
            self._note_problems({self: Obstacle("error", text)})
            return False
        return True
