from datetime import date

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

# In the context while upstream moves a stage; nobody can send it from outside.
MOVING_STAGE = object()
# In the context of upstream's job; nobody can send it from outside.
UPSTREAM_JOB = object()


class SaleSubscription(models.Model):
    """Guards against faults of subscription_oca, see docs/upstream.md."""

    _inherit = "sale.subscription"

    # Upstream evaluates these defaults once, when the server starts.
    date_start = fields.Date(
        default=lambda self: self.env.company._get_today(), copy=False
    )
    recurring_next_date = fields.Date(
        default=lambda self: self.env.company._get_today(), copy=False
    )
    # Upstream leaves the stage empty unless both dates are given, and its copy is in
    # progress without ever having started.
    stage_id = fields.Many2one(
        copy=False,
        default=lambda self: self.env["sale.subscription.stage"].search(
            [("type", "=", "draft")], limit=1
        ),
    )
    in_progress = fields.Boolean(copy=False)
    close_reason_id = fields.Many2one(copy=False)
    # Upstream takes a number for each new form, also for those that are left again, and
    # its copy has that of the original.
    code = fields.Char(default=None, copy=False)
    # Upstream counts as the user, who may start a contract without reading invoices.
    account_invoice_ids_count = fields.Integer(compute_sudo=True)

    # Upstream depends on the lines alone, not on what they amount to.
    @api.depends(
        "sale_subscription_line_ids.price_subtotal",
        "sale_subscription_line_ids.amount_tax_line_amount",
    )
    def _compute_total(self):
        return super()._compute_total()

    # Upstream sets end, terms and next invoice anew each time a plan or start is tried
    # in the form, also when it is what was saved.
    def _compute_rule_boundary(self):
        kept = self._get_as_saved()
        super(SaleSubscription, self - kept)._compute_rule_boundary()
        for record in kept:
            record.date = record._origin.date
            record.recurring_rule_boundary = record._origin.recurring_rule_boundary

    def _compute_terms(self):
        kept = self._get_as_saved()
        super(SaleSubscription, self - kept)._compute_terms()
        for record in kept:
            record.terms = record._origin.terms

    @api.onchange("template_id", "date_start")
    def _onchange_template_id(self):
        if self._get_as_saved() or self._origin.billing_terms_ids:
            self.recurring_next_date = self._origin.recurring_next_date
        else:
            super()._onchange_template_id()

    def _get_as_saved(self):
        """Return those of these, opened in a form, whose plan and start are as saved
        and follow the rules of terms."""
        return self.filtered(
            lambda record: (
                record._origin != record
                and record._origin.template_id == record.template_id
                and record._origin.date_start == record.date_start
                and record._is_managed()
            )
        )

    @api.model_create_multi
    def create(self, vals_list):
        return super().create([self._complete_values(vals) for vals in vals_list])

    def write(self, vals):
        if self.env.context.get("moving_stage") is MOVING_STAGE:
            vals = self._drop_moved_dates(vals)
        moving = self.with_context(moving_stage=MOVING_STAGE)
        records = moving if "stage_id" in vals else self
        return super(SaleSubscription, records).write(vals)

    @api.model
    def _complete_values(self, vals):
        """Return ``vals`` with the start date that upstream's ``create`` cannot do
        without, and moves otherwise to the next invoice's when that is earlier."""
        vals = self._number(vals)
        # With it, upstream would set an end that is a day too late.
        boundary = {"recurring_rule_boundary"} & set(vals)
        vals = {name: vals[name] for name in set(vals) - boundary}
        if "date_start" not in vals and not boundary:
            return vals
        start = fields.Date.to_date(vals.get("date_start"))
        start = start or self._get_given_company(vals)._get_today()
        complete = dict(vals, date_start=start)
        next_date = fields.Date.to_date(vals.get("recurring_next_date"))
        complete["recurring_next_date"] = max(next_date or start, start)
        return complete

    @api.model
    def _get_given_company(self, vals):
        """Return the company that ``vals`` give, which may be anything."""
        given = vals.get("company_id")
        companies = self.env["res.company"]
        return companies.browse(given if type(given) is int else ()) or self.env.company

    # Upstream fails where the calendar ends before the next invoice.
    def _get_next_invoice_date(self, previous_date):
        try:
            return super()._get_next_invoice_date(previous_date)
        except (OverflowError, ValueError):
            return date.max

    @api.model
    def _number(self, vals):
        """Return ``vals`` with the next reference, unless they have one."""
        if vals.get("code"):
            return vals
        return dict(vals, code=self.env["ir.sequence"].next_by_code(self._name))

    def _drop_moved_dates(self, vals):
        """Return ``vals`` without the dates that upstream moves to today's, unless they
        are empty: it starts the term anew at each move to a stage in progress. What
        no partner runs starts anew, today by the company's day: the server's may be
        tomorrow there."""
        if not self._is_managed():
            moved = {"date_start": self.company_id._get_today()}
            return {**vals, **moved} if "date_start" in vals else vals
        moved = {name for name in ("date_start", "recurring_next_date") if self[name]}
        if self.billing_terms_ids:
            # It follows from the periods.
            moved.add("recurring_next_date")
        return {name: vals[name] for name in set(vals) - moved}

    @api.private
    @api.model
    def cron_subscription_management(self):
        return super(
            SaleSubscription, self.with_context(upstream_job=UPSTREAM_JOB)
        ).cron_subscription_management()

    # Managed ones have a job of their own, which starts, resumes and bills them.
    @api.model
    def _search(self, domain, *args, **kwargs):
        if self.env.context.get("upstream_job") is UPSTREAM_JOB:
            domain = Domain(domain) & Domain("managing_partner_id", "=", False)
        return super()._search(domain, *args, **kwargs)

    def manual_invoice(self):
        """Invoice this subscription now: for managed ones, the next period."""
        if not self.billing_terms_ids:
            return super().manual_invoice()
        self.action_bill_early()
        return self.action_view_account_invoice_ids()

    def generate_invoice(self):
        """Invoice this subscription by upstream's rules.

        :raise UserError: when it is managed, and so has rules of its own
        """
        self._verify_not_billed_here()
        return super().generate_invoice()

    def create_invoice(self):
        """Make an invoice by upstream's rules.

        :raise UserError: when it is managed, and so has rules of its own
        """
        self._verify_not_billed_here()
        return super().create_invoice()

    def _verify_not_billed_here(self):
        managed = self.filtered("billing_terms_ids")
        if managed:
            raise UserError(
                self.env._(
                    "%(subscriptions)s: its periods are billed by a job of their own,"
                    " each once. Use Bill Early to invoice the next one now.",
                    subscriptions=", ".join(managed.mapped("display_name")),
                )
            )

    def close_subscription(self, close_reason_id=False):
        """Close this subscription.

        :raise UserError: when it is closed for a reason that does not exist
        """
        if close_reason_id:
            self.env["sale.subscription.close.reason"]._read_record(close_reason_id)
        closing = self.with_context(moving_stage=MOVING_STAGE)
        return super(SaleSubscription, closing).close_subscription(
            close_reason_id=close_reason_id
        )
