from datetime import timedelta

from odoo import api, fields, models

# How long the job may not run before somebody is told.
PATIENCE = timedelta(days=2)


class SubscriptionBillingRun(models.Model):
    """Whether the job that bills has stopped."""

    _inherit = "subscription.billing.run"

    state = fields.Selection(
        [("done", "Done"), ("open", "Running or interrupted")],
        compute="_compute_state",
    )

    @api.depends("ended_at")
    def _compute_state(self):
        for run in self:
            run.state = "done" if run.ended_at else "open"

    @api.model
    def _get_late_days(self):
        """Return for how many days the job has not run where these are two or more and
        something is to be billed, else 0."""
        # sudo: that the job runs is told to whoever may read its runs.
        runs, terms = self.sudo(), self.env["subscription.billing.terms"].sudo()
        last = runs.search([], limit=1).started_at
        if not last:
            # It has not run since there is something to bill.
            last = terms.search([], order="create_date, id", limit=1).create_date
        passed = fields.Datetime.now() - last if last else timedelta()
        return passed.days if passed >= PATIENCE else 0
