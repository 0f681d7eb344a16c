from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

# The thresholds that a pool in each state has passed.
PASSED = {
    "ok": set(),
    "warning": {"warning"},
    "full": {"warning", "full"},
    "over": {"warning", "full"},
}


class SubscriptionAlert(models.Model):
    """A pool that has passed a threshold of its seats, from when to when.

    Granting a seat notes nothing and waits for nobody: a job compares the thresholds
    that are passed with those that were, for all pools at once, as they are committed.
    What passes a threshold and falls below it again between two runs is not told; what
    stays above is told once, until it has been below.

    Only ``_sync`` creates and ends these.
    """

    _name = "subscription.alert"
    _inherit = ["subscription.locking.mixin"]
    _description = "Threshold That a Pool Has Passed"
    _rec_name = "pool_id"

    pool_id = fields.Many2one(
        "subscription.seat.pool", required=True, ondelete="cascade", index=True
    )
    level = fields.Selection(
        [("warning", "Running low"), ("full", "Full")], required=True
    )
    day = fields.Date(required=True, help="The day on which it was found to be passed.")
    fell_at = fields.Datetime(help="When the pool was found below the threshold again.")
    told_at = fields.Datetime(
        help="When the notices were noted, or found to be needless."
    )

    _passed = models.UniqueIndex(
        "(pool_id, level) WHERE fell_at IS NULL",
        "The pool has passed this threshold already.",
    )
    _untold = models.Index("(id) WHERE told_at IS NULL AND fell_at IS NULL")

    # ------------------------------------------------------------------ the job

    @api.model
    def _cron_alert(self):
        """Find which pools have passed a threshold, note whom to tell, and send what
        need not wait."""
        notices = self.env["subscription.notice"]
        self._sync()
        self.env["ir.cron"]._commit_progress(remaining=1)
        if notices._find_alerts():
            notices._send_all(Domain("kind", "=", "usage"))

    @api.model
    def _sync(self, *, tell=True):
        """Note which thresholds the pools have passed, and below which they fell.

        :param bool tell: whether somebody is told of those that are new
        """
        if not self._try_lock_model():
            return
        now = fields.Datetime.now()
        fallen, vals_list = self.browse(), []
        for pool_id, company_id, state, ids, levels in self._find_differences():
            # What does not run keeps its alerts: nobody has made room.
            passed = PASSED.get(state, set(levels))
            fallen |= self.browse(
                id_
                for id_, level in zip(ids, levels, strict=True)
                if level not in passed
            )
            vals_list += [
                {
                    "pool_id": pool_id,
                    "level": level,
                    "day": self.env["res.company"].browse(company_id)._get_today(),
                    "told_at": now if not tell or needless else False,
                }
                for level in passed - set(levels)
                # Who hears that a pool is full need not hear that it runs low; of
                # seats over the limit there is a notice of its own.
                for needless in [
                    state == "over" or (level == "warning" and "full" in passed)
                ]
            ]
        fallen.write({"fell_at": now})
        self.create(vals_list)

    @api.model
    def _find_differences(self):
        """Return ``(pool id, company id, state, [alert id], [level])`` of the pools
        that have passed a threshold or had; *ok* where there is no limit."""
        self.flush_model()
        usages = self.env["subscription.seat.usage"].with_context(usage_date=None)
        # Raw SQL: the usage of all pools is read once, and compared where it is.
        return self.env.execute_query(
            SQL(
                """
                SELECT usage.id, usage.company_id,
                       CASE WHEN usage.is_unlimited THEN 'ok' ELSE usage.state END,
                       COALESCE(alert.ids, '{}'), COALESCE(alert.levels, '{}')
                  FROM %s AS usage
                  LEFT JOIN (
                       SELECT pool_id, array_agg(id) AS ids, array_agg(level) AS levels
                         FROM subscription_alert
                        WHERE fell_at IS NULL
                        GROUP BY pool_id
                       ) alert ON alert.pool_id = usage.id
                 WHERE alert.pool_id IS NOT NULL
                    OR (usage.state IN ('warning', 'full', 'over')
                        AND usage.is_unlimited IS NOT TRUE)
                """,
                usages._table_sql,
            )
        )

    # ------------------------------------------------------------------ telling

    @api.model
    def _get_untold(self):
        """Return the alerts of which somebody is still to be told."""
        return self.search([("told_at", "=", False), ("fell_at", "=", False)])

    def _note_told(self):
        """Note that everybody is told of these alerts, but where somebody has snoozed
        the notices: that one is told when they wake up, if the pool is as full then."""
        subscriptions = self.pool_id.subscription_id
        snoozes = self.env["subscription.snooze"].search(
            [("subscription_id", "in", subscriptions.ids)]
        )
        snoozed = snoozes._get_running().subscription_id
        told = self.filtered(lambda one: one.pool_id.subscription_id not in snoozed)
        told.write({"told_at": fields.Datetime.now()})
