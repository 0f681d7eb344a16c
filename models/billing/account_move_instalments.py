from odoo import models
from odoo.tools import format_amount, html2plaintext


class AccountMove(models.Model):
    """How an invoice is to be paid, in sentences: on the page and in its XML."""

    _inherit = "account.move"

    def _get_payment_terms_text(self):
        """Return what the page says of the payment terms: their note, and how the
        invoice is to be paid. Empty for a credit note."""
        if self.move_type != "out_invoice":
            return ""
        note = html2plaintext(self.invoice_payment_term_id.note or "").strip()
        return "\n".join(filter(None, [note, *self._get_instalments()]))

    def _get_instalments(self):
        """Return how this invoice is to be paid, a sentence each: with a discount if
        early, and in parts; none where it is one payment without discount."""
        term = self.invoice_payment_term_id
        sentences = []
        if not term.display_on_invoice or self.move_type != "out_invoice":
            return sentences
        is_early = self.invoice_date and self._is_eligible_for_early_payment_discount(
            self.currency_id, self.invoice_date
        )
        if is_early:
            amount = term._get_amount_due_after_discount(
                self.amount_total, self.amount_tax
            )
            sentences.append(
                self.env._(
                    "%(amount)s if paid by %(date)s.",
                    amount=format_amount(self.env, amount, self.currency_id),
                    date=term._get_last_discount_date_formatted(self.invoice_date),
                )
            )
        return sentences + self._get_parts()

    def _get_parts(self):
        parts = self.payment_term_details or []
        if len(parts) < 2:
            return []
        return [
            self.env._(
                "Instalment %(number)s: %(amount)s, due on %(date)s.",
                number=number,
                amount=format_amount(self.env, part["amount"], self.currency_id),
                date=part["date"],
            )
            for number, part in enumerate(parts, start=1)
        ]
