from collections import defaultdict
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_date

from ...billing import Term


class SaleSubscription(models.Model):
    """What subscriptions are billed by: terms, contracted seats, pauses, prices."""

    _inherit = "sale.subscription"

    billing_terms_ids = fields.One2many("subscription.billing.terms", "subscription_id")
    statement_ids = fields.One2many("subscription.statement", "subscription_id")
    pause_ids = fields.One2many(
        "subscription.pause", "subscription_id", string="Pauses"
    )
    fixed_price_ids = fields.One2many("subscription.price", "subscription_id")
    recurring_next_date = fields.Date(
        help="When the next statement is due: it follows from the periods."
    )
    purchase_order = fields.Char(help="The payer's number, shown on each invoice.")
    closed_on = fields.Date(
        copy=False, readonly=True, help="The last day, where it was closed by hand."
    )
    credits_unused = fields.Boolean(
        copy=False,
        readonly=True,
        help="Whether days after the closing that were billed are credited.",
    )
    is_billed_by_period = fields.Boolean(
        compute="_compute_is_billed_by_period", exportable=False
    )

    _protected_fields = ("closed_on", "credits_unused")
    _billing_due = models.Index(
        "(recurring_next_date) WHERE recurring_next_date IS NOT NULL"
    )

    @api.depends("managing_partner_id", "template_id.paid_by", "billing_terms_ids")
    def _compute_is_billed_by_period(self):
        # Of all at once: the last of each would be read one by one.
        self.billing_terms_ids.fetch(["paid_by"])
        for record in self:
            agreed = record.billing_terms_ids[-1:] or record.template_id
            billed = agreed.paid_by == "period"
            record.is_billed_by_period = billed and record.managing_partner_id

    # ------------------------------------------------------------------ hooks

    def _verify_change(self, vals):
        super()._verify_change(vals)
        moved = self._get_changed(vals, {"recurring_next_date"})
        noted = moved.filtered("billing_terms_ids")
        if noted:
            raise UserError(
                self.env._(
                    "%(subscriptions)s: the day of the next invoice follows from the"
                    " periods that were billed. Use Bill Early to invoice before it.",
                    subscriptions=", ".join(noted.mapped("display_name")),
                )
            )

    def write(self, vals):
        """Change subscriptions; pauses are noted with their days."""
        paused = {record: record.is_paused for record in self if "is_paused" in vals}
        until = {record: record.paused_until for record in paused}
        result = super().write(vals)
        for record in paused:
            if record.is_paused and not paused[record]:
                record._note_pause()
            elif paused[record] and not record.is_paused:
                record._note_resumed(until[record])
        return result

    def unlink(self):
        """Delete subscriptions, and before them the lines that bill their seats."""
        # sudo: pools that the user may not read go as well.
        self.env["sale.subscription.line"]._unlink_of(self.sudo().seat_pool_ids)
        return super().unlink()

    def _term_changed(self, ends):
        super()._term_changed(ends)
        self._note_closed(ends)
        self._note_terms()
        self._sync_lines()
        self._plan_billing()

    def _plan_changed(self, ends, vals):
        super()._plan_changed(ends, vals)
        for record in self.filtered("billing_terms_ids"):
            record._set_billing_terms(record._prepare_plan_terms())
        self._sync_lines()

    # ------------------------------------------------------------------ notes

    def action_bill_early(self):
        """Bill the next period of these now.

        :raise UserError: naming the day from which on it can be billed, where it
            depends on who is there then
        """
        self.check_access("write")
        self._lock_exclusive("statement_ids")
        days = {record: record._get_early_day() for record in self.sudo()}
        self._bill(days)

    def _get_early_day(self):
        """Return the first day of the next period that is not billed.

        :raise UserError: where there is none, or it cannot be billed before its day
        """
        ledger = self.filtered("billing_terms_ids")._load_ledgers().get(self)
        coming = filter(ledger.is_unbilled, ledger.iter_periods()) if ledger else ()
        period = next(iter(coming), None)
        if not period:
            raise UserError(
                self.env._(
                    "%(subscription)s: no period is left to bill.",
                    subscription=self.display_name,
                )
            )
        terms = ledger.get_row(period.first)
        if (terms.billing_basis, terms.billing_timing) != ("contracted", "pre"):
            raise UserError(
                self.env._(
                    "%(subscription)s: what the next period bills is known on %(day)s,"
                    " so it cannot be billed before.",
                    subscription=self.display_name,
                    day=format_date(self.env, ledger.get_due_period(period).on),
                )
            )
        return max(period.first, ledger.today)

    def _is_term_noted(self):
        """Return whether a term runs whose contracted seats are noted."""
        return bool(self.in_progress and self.billing_terms_ids)

    def _note_terms(self):
        """Note, of those of these that run, the billing terms, the contracted seats and
        the prices with which their terms start, unless they are noted."""
        # sudo: who may start a subscription agrees to the terms of its plan.
        running = self.sudo().filtered(
            lambda one: one.in_progress and one.managing_partner_id and one.term_start
        )
        for record in running.filtered(lambda one: not one.billing_terms_ids):
            record._add_billing_terms(
                record._get_billing_start(), record._prepare_plan_terms()
            )
        noted = {
            change.pool_id
            for change in running.seat_pool_ids.change_ids
            for term in [change.subscription_id]
            # A contract that gets an end goes on with the seats that it has.
            if change.day >= term.term_start or term.fixed_from == term.term_start
        }
        starts = {
            pool: pool.subscription_id._prepare_start()
            for pool in running.seat_pool_ids
            if pool not in noted
        }
        self.env["subscription.seat.pool"]._note_starts(starts)
        self._fix_prices({record: record.term_start for record in running})

    @api.model
    def _note_upgraded(self):
        """Note what the subscriptions are billed by that ran before this addon billed
        them: from their next invoice on, since upstream's job has made the others."""
        running = self.search(
            [
                ("in_progress", "=", True),
                ("managing_partner_id", "!=", False),
                ("billing_terms_ids", "=", False),
            ]
        )
        running._note_terms()
        running._sync_lines()
        running._plan_billing()

    def _get_billing_start(self):
        """Return from when on this subscription is billed here: from the start of the
        term, or from its next invoice on if that was set to a later day."""
        next_date = self.recurring_next_date or self.term_start
        is_billed = self.template_id.paid_by == "period"
        return max(self.term_start, next_date) if is_billed else self.term_start

    def _prepare_start(self):
        """Return the first day of the term, the day from which its correction window
        counts, and the one from which on it took licences."""
        today = self.company_id._get_today()
        return self.term_start, today, max(self.term_start, today)

    def _note_closed(self, ends):
        """Note on which day those of these that ran, as in ``ends``, were closed; those
        that run again were paused meanwhile."""
        for record in self.sudo():
            today = record.company_id._get_today()
            if record in ends and not record.in_progress and record.billing_terms_ids:
                record._set({"closed_on": today})
            elif record.in_progress and record.closed_on:
                reopened = record.closed_on + timedelta(days=1)
                record._add_pause(reopened, max(today, reopened))
                record._set({"closed_on": False, "credits_unused": False})
                record.seat_pool_ids._note_changed()

    def _note_pause(self):
        self._add_pause(self.company_id._get_today())

    def _note_resumed(self, planned):
        """Note that this subscription goes on: on the day that was ``planned`` if that
        has passed, else today."""
        today = self.company_id._get_today()
        # sudo: pauses are noted for whoever resumes.
        pause = self.sudo().pause_ids.filtered(lambda pause: not pause.resumed_on)
        day = min(planned or today, today)
        pause._set({"resumed_on": max(day, pause.day or day)})
        self._plan_billing()

    def _add_pause(self, day, resumed_on=False):
        # sudo: pauses are noted for whoever pauses.
        self.env["subscription.pause"].sudo()._add(
            [{"subscription_id": self.id, "day": day, "resumed_on": resumed_on}]
        )
        self._plan_billing()

    # ------------------------------------------------------------------ terms

    def _prepare_plan_terms(self):
        """Return the values of the billing terms that the plan gives."""
        plan = self.template_id
        unit, count = plan._get_interval()
        return dict(
            plan._get_terms_values(),
            paid_by=plan.paid_by,
            period_unit=unit,
            period_count=count,
        )

    def _add_billing_terms(self, since, values):
        # sudo: rows are made by the program alone.
        rows = self.env["subscription.billing.terms"].sudo()
        return rows._add([dict(values, subscription_id=self.id, since=since)])

    def _set_billing_terms(self, values):
        """Agree to ``values`` from the next period on; terms agreed for the same day
        before are replaced."""
        # sudo: rows are made by the program alone; callers check who may.
        record = self.sudo()
        last = record.billing_terms_ids[-1:]
        if last and {**last._get_values(), **values} == last._get_values():
            return
        since = record._get_next_period_start()
        same = record.billing_terms_ids.filtered(lambda row: row.since >= since)
        if same:
            same[-1:]._set(values)
        else:
            record._add_billing_terms(since, {**last._get_values(), **values})
        record._sync_lines()
        record._plan_billing()

    def _get_next_period_start(self):
        """Return the first day of the first period that was not billed nor has begun;
        of a term that licences pay for, the day after its end."""
        ledger = self._load_ledgers()[self]
        today = ledger.today
        begun = [one.date_last for one in self.statement_ids if one.state == "valid"]
        started = [period.last for period in ledger.periods[-1:]]
        if not started and self.billing_terms_ids[-1:].paid_by == "licences":
            started = [self.date or today]
        last = max([*begun, *started, today - timedelta(days=1)])
        return last + timedelta(days=1)

    def _get_terms(self, *, is_closed=True):
        """Return the ``Term`` of this subscription that are billed, in their order; as
        they were before it was closed unless ``is_closed``."""
        started = self.renewal_ids.filtered(lambda term: term.state == "applied")
        ended = {term.date_start: term.previous_end for term in started}
        if self.fixed_from and self.fixed_from > self.date_start:
            ended.setdefault(self.fixed_from, self.fixed_from - timedelta(days=1))
        starts = [self.date_start, *sorted(ended)]
        ends = [*(ended[start] for start in starts[1:]), self.date or None]
        since = self.billing_terms_ids[:1].since
        closed_on = is_closed and self.closed_on
        terms = []
        for first, last in zip(starts, ends, strict=True):
            last = min(filter(None, (last, closed_on)), default=None)
            first = max(first, since)
            if not last or first <= last:
                terms.append(Term(first, last))
        return terms

    def _sync_lines(self):
        """Make the lines of these those of what their periods bill."""
        self.env["sale.subscription.line"]._sync(self)

    def _plan_billing(self):
        """Set when the next statement of these is due."""
        # sudo: whoever changes what is billed need not read statements.
        noted = self.sudo().filtered("billing_terms_ids")
        moved = defaultdict(noted.browse)
        for record, ledger in noted._load_ledgers().items():
            day = ledger.get_next_day() or False
            if record.recurring_next_date != day:
                moved[day] |= record
        for day, records in moved.items():
            records._set({"recurring_next_date": day})
