from odoo import models


class AccountMove(models.Model):
    _inherit = "account.move"

    def _is_billed_by_period(self):
        """Return whether statements prove this invoice, or the one that this credit
        note takes back: such a document is printed on the addon's own layout."""
        self.ensure_one()
        return bool(self._get_proof())

    def _get_proof(self):
        """Return the statements of this invoice; of a credit note that somebody made,
        those of the invoice which it takes back."""
        self.ensure_one()
        # sudo: who may read an invoice may read what it bills, its annex.
        move = self.sudo()
        return move.statement_ids or move.reversed_entry_id.statement_ids

    def _get_booked_amount(self, lines):
        """Return what ``lines`` come to without VAT as it is booked: lines add up to
        the total, cents of rounding included."""
        amount = self.direction_sign * sum(lines.mapped("amount_currency"))
        return self.currency_id.round(amount)
