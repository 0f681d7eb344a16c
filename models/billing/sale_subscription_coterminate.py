from typing import NamedTuple

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_date

# Invoices until the new end that are worked out for a preview.
MOST_FORESEEN = 60


class Extension(NamedTuple):
    """What the days cost by which a term becomes longer; None where that is not
    known."""

    cost: float | None
    # ``(text, amount without taxes)`` of lines for a part of a period
    lines: list


class SaleSubscription(models.Model):
    """Bringing the terms of several subscriptions to one end."""

    _inherit = "sale.subscription"

    def _coterminate(self, end):
        """Let the current terms of these, all of one client, last until ``end``.

        What licences pay for takes those of the added days from the stock; the added
        days of the others are billed with their periods.

        :raise UserError: a line for each that cannot
        :raise LicenceRefusal: a line for each stock that falls short
        """
        self.check_access("write")
        # Another one that renews them meanwhile waits. sudo: the fresh look must see
        # all, not the user's alone.
        self.sudo()._lock_exclusive("renewal_ids")
        refusal = self._get_coterminate_refusal(end)
        if refusal:
            raise UserError(refusal)
        longer = self.filtered(lambda record: record.date < end)
        longer._take_extension(end)
        # sudo: whoever may use the stock makes the term longer by it, as a renewal
        # does; the staff of a partner does not move dates otherwise.
        longer.sudo().write({"date": end})

    def _get_coterminate_refusal(self, end):
        """Return why not all of these can end on ``end``, a line each; empty where they
        can."""
        if not self:
            return self.env._("Choose the subscriptions that are to end together.")
        if len(self.client_id) > 1:
            return self.env._(
                "These are subscriptions of several clients: %(clients)s. Choose those"
                " of one.",
                clients=self.client_id._get_names_text(),
            )
        if not end:
            return self.env._("Enter the day on which they are to end.")
        self._verify_day(end)
        lines = [record._get_end_refusal(end) for record in self]
        return "\n".join(filter(None, lines))

    def _get_end_refusal(self, end):
        values = {"subscription": self.display_name}
        if not (self.in_progress and self.date):
            return self.env._(
                "%(subscription)s: it has no term that runs and ends.", **values
            )
        if self._has_ended():
            return self.env._("%(subscription)s: its term is over. Renew it.", **values)
        if self.renewal_id:
            return self.env._(
                "%(subscription)s: its next term is scheduled. Cancel that renewal"
                " first.",
                **values,
            )
        if end < self.date:
            return self.env._(
                "%(subscription)s: it runs until %(end)s, and no term becomes shorter."
                " Choose that day or a later one.",
                end=format_date(self.env, self.date),
                **values,
            )
        return False

    # ------------------------------------------------------------------ preview

    def _foresee_extension(self, end):
        """Return ``{subscription: Extension}`` of those of these that are billed by the
        period: by the code that makes invoices, all until ``end``."""
        # sudo: what is owed is the same whoever asks.
        noted = self.sudo().filtered(
            lambda record: record.is_billed_by_period and record.billing_terms_ids
        )
        before = noted._foresee_to_end({record: record.date for record in noted})
        after = noted._foresee_to_end(dict.fromkeys(noted, end))
        return {
            record: Extension(
                self._get_extension_cost(before[record], after[record]),
                self._get_prorated(after[record], record.date),
            )
            for record in noted
        }

    def _foresee_to_end(self, ends):
        """Return ``{subscription: [ForeseenInvoice]}``: all invoices until ``ends``,
        None last where there are more."""
        ledgers = self._load_ledgers() if self else {}
        for record, ledger in ledgers.items():
            *before, current = ledger.terms
            ledger.try_terms([*before, current._replace(last=ends[record])])
        found, more = self._foresee_many(ledgers, MOST_FORESEEN)
        return {
            record: [
                invoice
                for one in found[record]
                for invoice in self._foresee_invoices(one)
            ]
            + [None] * (record in more)
            for record in ledgers
        }

    @api.model
    def _get_extension_cost(self, before, after):
        """Return by how much ``after`` is more than ``before``, None where it goes on
        too long to be worked out."""
        if None in before or None in after:
            return None
        return sum(one.untaxed for one in after) - sum(one.untaxed for one in before)

    @api.model
    def _get_prorated(self, invoices, old_end):
        """Return the lines after ``old_end`` that bill a part of a period."""
        return [
            (text, amount)
            for invoice in invoices
            if invoice
            for priced, text, amount in invoice.lines
            if priced.owed.span.last > old_end
            and priced.owed.days != priced.owed.period.of_days
        ]

    # ------------------------------------------------------------------ actions

    def action_coterminate(self):
        """Open the dialog that brings these to one end; of one, with all others of its
        client that run."""
        subscriptions = self
        if len(self) == 1:
            subscriptions |= self.search(
                [
                    ("client_id", "=", self.client_id.id),
                    ("in_progress", "=", True),
                    ("date", "!=", False),
                ]
            )
        return self._open_action(
            "subscription_coterminate_action",
            context={"default_subscription_ids": subscriptions.ids},
        )
