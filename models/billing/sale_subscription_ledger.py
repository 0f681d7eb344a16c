from odoo import models

from ...billing import Span
from .ledger import Ledger
from .owed import Billed

# Statements whose days count as billed.
BILLED_STATES = ("valid", "credited")


class SaleSubscription(models.Model):
    """Loading what subscriptions owe."""

    _inherit = "sale.subscription"

    def _load_ledgers(self, days=None):
        """Return ``{subscription: Ledger}`` of these, which have billing terms.

        :param dict days: ``{subscription: the day to look from}``, by default today
        """
        # sudo: what is owed is the same whoever asks.
        records = self.sudo()
        # Of all at once: the first of each would be read one by one.
        records.billing_terms_ids.mapped("since")
        billed = records._load_billed()
        pauses = {
            record: [span for pause in pauses if (span := pause._get_span())]
            for record, pauses in records.pause_ids.grouped("subscription_id").items()
        }
        changes = records.seat_pool_ids.change_ids._get_changes()
        days = days or {}
        return {
            record: record._make_ledger(
                days.get(record) or record.company_id._get_today(),
                rows=record.billing_terms_ids.sorted("since"),
                pauses=pauses.get(record, []),
                statements=record.statement_ids.filtered(
                    lambda one: one.state in BILLED_STATES
                ),
                changes={
                    pool: changes[pool]
                    for pool in record.seat_pool_ids
                    if pool in changes
                },
                billed=billed.get(record, []),
            )
            for record in records
        }

    def _make_ledger(self, today, **loaded):
        """Return the ledger of this subscription as of ``today``.

        Where it was closed and nothing is credited for it, what had been due by that
        day is reckoned as if it had not been closed, as long as some of it is open: a
        run in time would have billed whole periods.
        """
        if self.closed_on and self.closed_on <= today and not self.credits_unused:
            agreed = self._get_terms(is_closed=False)
            before = Ledger(self, self.closed_on, terms=agreed, **loaded)
            if before.get_due():
                return before
        return Ledger(self, today, terms=self._get_terms(), **loaded)

    def _load_billed(self):
        """Return ``{subscription: [Billed]}`` of their statements that count as
        billed."""
        lines = self.env["subscription.statement.line"].search(
            [
                ("subscription_id", "in", self.ids),
                ("statement_id.state", "in", BILLED_STATES),
            ]
        )
        return {
            record: [
                Billed(
                    line,
                    line.pool_id,
                    line.credited_line_id.kind or line.kind,
                    Span(line.date_first, line.date_last),
                    # Whole seats, members or teams
                    round(line.quantity) if line.kind != "manual" else line.quantity,
                    line.statement_id.state == "valid",
                )
                for line in some
            ]
            for record, some in lines.grouped("subscription_id").items()
        }
