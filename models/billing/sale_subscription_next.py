from collections import defaultdict
from datetime import date
from typing import NamedTuple

from odoo import api, fields, models

from .batch_taxes import BatchTaxes
from .invoice_builder import InvoiceBuilder, has_invoice
from .owed import Due, Obstacle, Planned


class Foreseen(NamedTuple):
    """What a subscription will have to pay next, if nothing changes until then."""

    day: date
    due: Due
    # ``Planned``, none where there is an obstacle
    plans: list
    obstacle: Obstacle | None

    @property
    def owed(self):
        """The lines that it bills."""
        return [line.owed for plan in self.plans for line in plan.lines]


class ForeseenInvoice(NamedTuple):
    """An invoice as it would be made; amounts in its currency, below 0 for a credit."""

    plan: Planned
    # ``(Priced, text, amount without taxes)``
    lines: list
    untaxed: float
    tax: float

    @property
    def total(self):
        """With taxes."""
        return self.untaxed + self.tax

    @property
    def is_invoiced(self):
        """Whether an invoice is made of it, and not the statement alone."""
        return has_invoice(self.plan)


class ForeseenTaxes(BatchTaxes):
    """The amounts of an invoice that is not there yet."""

    def get_subtotals(self, values):
        """Return ``(text, amount without taxes)`` of each product line, as the invoice
        shows them: with taxes that are rounded globally their sum may differ from the
        total by a cent."""
        company = self.env["res.company"].browse(values["company_id"])
        shared = self._prepare_shared(values, company)
        sign = -shared["sign"]
        subtotals = []
        for _code, _id, line in values["invoice_line_ids"]:
            if line.get("display_type", "product") == "product":
                base = self._prepare_base_line(line, shared)
                self.taxes._add_tax_details_in_base_line(base, company)
                amount = base["tax_details"]["raw_total_excluded_currency"]
                rounded = sign * shared["currency_id"].round(amount)
                subtotals.append((line["name"], rounded))
        return subtotals


class SaleSubscription(models.Model):
    """The next invoice, by the same code that makes it. Nothing is saved."""

    _inherit = "sale.subscription"

    next_invoice = fields.Html(
        compute="_compute_next_invoice",
        sanitize=False,
        help="What will be invoiced next if nothing changes until then.",
    )

    def _compute_next_invoice(self):
        foreseen = self._foresee()
        for record in self:
            values = record._prepare_next_invoice(foreseen.get(record))
            record.next_invoice = self.env["ir.qweb"]._render(
                "partner_managed_subscription.next_invoice", values
            )

    def _prepare_next_invoice(self, foreseen):
        """Return what the template of the next invoice shows."""
        return {
            "subscription": self,
            "day": foreseen and foreseen.day,
            "problem": self._get_obstacle_text(foreseen),
            "invoices": foreseen and self._foresee_invoices(foreseen),
        }

    @api.model
    def _get_obstacle_text(self, foreseen):
        """Return why ``foreseen`` cannot be billed, False where it can."""
        if not (foreseen and foreseen.obstacle):
            return False
        problems = self.env["subscription.billing.problem"]
        return problems._get_reason_text(*foreseen.obstacle)

    # ------------------------------------------------------------------ foreseeing

    def _foresee(self):
        """Return ``{subscription: Foreseen}``: what these have to pay next; those that
        have nothing to pay any more are left out."""
        # sudo: what is owed is the same whoever asks.
        noted = self.sudo().filtered("billing_terms_ids")
        # All at once: those of each would be read one by one.
        noted.billing_terms_ids.mapped("since")
        return self._foresee_ledgers(noted._load_ledgers() if noted else {})

    @api.model
    def _foresee_ledgers(self, ledgers):
        """Return ``{subscription: Foreseen}`` of ``{subscription: Ledger}``."""
        dues = {
            record: (ledger, due)
            for record, ledger in ledgers.items()
            for due in [self._find_next_due(ledger)]
            if due
        }
        if not dues:
            return {}
        plans, obstacles = self.sudo().browse()._plan_statements(dues)
        return {
            record: Foreseen(
                ledger.today, due, plans.get(record, []), obstacles.get(record)
            )
            for record, (ledger, due) in dues.items()
        }

    @api.model
    def _foresee_many(self, ledgers, most):
        """Return ``{subscription: [Foreseen]}``, one after the other until something is
        in the way, and the ledgers of those that have more than ``most``.

        :param ledgers: ``{subscription: Ledger}``
        """
        found = defaultdict(list)
        for _step in range(most):
            foreseen = self._foresee_ledgers(ledgers)
            for record, one in foreseen.items():
                found[record].append(one)
                ledgers[record].try_billed(one.due, one.owed)
            ledgers = {
                record: ledgers[record]
                for record, one in foreseen.items()
                if not one.obstacle
            }
            if not ledgers:
                break
        return found, ledgers

    @api.model
    def _find_next_due(self, ledger):
        """Return what is due next, and look at ``ledger`` from that day; None where
        nothing is any more."""
        day = ledger.get_next_day()
        while day:
            ledger.look_from(day)
            due = ledger.get_due()
            if due:
                return due[0]
            # The day after a term, on which nothing is left to settle.
            later = ledger.get_next_day()
            day = later if later and later > day else None
        return None

    # ------------------------------------------------------------------ invoices

    @api.model
    def _foresee_invoices(self, foreseen):
        """Return the ``ForeseenInvoice`` of each payer."""
        return [self._foresee_invoice(plan) for plan in foreseen.plans]

    @api.model
    def _foresee_invoice(self, plan):
        builder = InvoiceBuilder(plan.subscription.company_id)
        taxes = ForeseenTaxes(builder.env["account.move"])
        values = builder.build([plan])
        sums = defaultdict(float)
        for _code, _id, line in taxes.complete(values)["line_ids"]:
            # Income is below 0 in the books.
            sums[line["display_type"]] -= line.get("amount_currency", 0)
        shown = zip(plan.lines, taxes.get_subtotals(values), strict=True)
        return ForeseenInvoice(
            plan,
            [(line, text, amount) for line, (text, amount) in shown],
            sums["product"],
            sums["tax"],
        )

    @api.model
    def _get_untaxed(self, foreseen):
        """Return what all payers of ``foreseen`` pay without taxes."""
        return sum(one.untaxed for one in self._foresee_invoices(foreseen))

    # ------------------------------------------------------------------ actions

    def action_view_next_invoice(self):
        """Show the next invoice in a dialog."""
        self.ensure_one()
        return self._open_action("sale_subscription_next_action", res_id=self.id)
