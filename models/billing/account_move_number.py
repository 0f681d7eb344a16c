from odoo import models


class AccountMove(models.Model):
    """The numbers of a batch of invoices."""

    _inherit = "account.move"

    def _get_next_sequence_format(self):
        """Find out once for a batch how its numbers are written.

        For each invoice Odoo looks up again which number of the journal was the last.
        In a batch that this addon posts, the answer is that of the first invoice of the
        same journal, kind and day: its number is locked until the commit, and Odoo
        counts on from there by itself.
        """
        by_partner = self.journal_id.is_self_billing
        if not self.env.context.get("posted_together") or by_partner:
            return super()._get_next_sequence_format()
        # Odoo empties it where somebody changes a number, and after the transaction.
        cache = self._get_sequence_cache()
        key = "posted_together", self.journal_id, self.move_type, self.date
        if key not in cache:
            cache[key] = super()._get_next_sequence_format()
        text, values = cache[key]
        # Odoo takes the number out of them.
        return text, dict(values)
