from odoo import api, fields, models

# What is counted of a part, and added up of a run.
COUNTS = ("statements", "invoices", "set_aside", "overdue", "ordinary")


class SubscriptionBillingPart(models.Model):
    """What one transaction of a run has billed. Each has a row of its own: transactions
    that are at work at once would start over if all added to the row of the run."""

    _name = "subscription.billing.part"
    _inherit = ["subscription.immutable.mixin"]
    _description = "Part of a Billing Run"
    _order = "run_id desc, id"
    _rec_name = "run_id"

    run_id = fields.Many2one(
        "subscription.billing.run", required=True, ondelete="cascade", index=True
    )
    ended_at = fields.Datetime(help="Empty: it waits, runs, or was interrupted.")
    statements = fields.Integer()
    invoices = fields.Integer()
    set_aside = fields.Integer()
    overdue = fields.Integer()
    ordinary = fields.Integer()

    def _end(self, counts):
        """Note that this has ended, and add ``counts`` to what it came to before: a job
        can be asked for again."""
        added = {name: self[name] + count for name, count in counts.items()}
        self._set({**added, "ended_at": fields.Datetime.now()})


class SubscriptionBillingRun(models.Model):
    """What a run came to: added up as it is read, so that it is right while jobs are
    still at work."""

    _inherit = "subscription.billing.run"

    part_ids = fields.One2many("subscription.billing.part", "run_id")
    ended_at = fields.Datetime(
        compute="_compute_counts", help="Empty: it runs, or was interrupted."
    )
    statements = fields.Integer(compute="_compute_counts")
    invoices = fields.Integer(compute="_compute_counts")
    set_aside = fields.Integer(
        compute="_compute_counts", help="Subscriptions that could not be billed."
    )
    overdue = fields.Integer(
        compute="_compute_counts", help="Statements that were due on a day before."
    )
    ordinary = fields.Integer(
        compute="_compute_counts",
        string="Ordinary Path",
        exportable=False,
        help="Invoices whose taxes could not be computed beforehand.",
    )

    @api.depends("finished_at", *(f"part_ids.{name}" for name in ("ended_at", *COUNTS)))
    def _compute_counts(self):
        sums = [f"{name}:sum" for name in COUNTS]
        rows = self.env["subscription.billing.part"]._read_group(
            [("run_id", "in", self.ids)],
            ["run_id"],
            ["__count", "ended_at:count", "ended_at:max", *sums],
        )
        found = {run: row for run, *row in rows}
        for run in self:
            parts, ended, last, *counts = found.get(run, (0, 0, False, 0, 0, 0, 0, 0))
            has_ended = run.finished_at and parts == ended
            run.ended_at = has_ended and max(run.finished_at, last or run.finished_at)
            run.update(dict(zip(COUNTS, counts, strict=True)))

    def _add_part(self, **counts):
        """Note what a transaction of this run, which ends with it, came to."""
        ended = fields.Datetime.now()
        self.env["subscription.billing.part"]._add(
            [{"run_id": self.id, "ended_at": ended, **counts}]
        )
