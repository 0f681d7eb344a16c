from odoo import models
from odoo.tools import format_amount, format_date

# Invoices that an e-mail lists one by one.
LISTED = 100


class SubscriptionDelivery(models.Model):
    """What the e-mails say. They are those of the first delivery of each."""

    _inherit = "subscription.delivery"

    def _get_title(self):
        """Return the subject: which document from whom, or how many."""
        moves = self._get_shared().move_id
        vendor = self.company_id.name
        if len(moves) == 1:
            return self.env._(
                "%(document)s from %(vendor)s",
                document=moves._get_delivery_name(),
                vendor=vendor,
            )
        return self.env._(
            "%(count)s invoices from %(vendor)s", count=len(moves), vendor=vendor
        )

    def _get_payer_name(self):
        """Return who is addressed: the payer, nobody where there are several."""
        payers = self._get_shared().partner_id
        return payers.name if len(payers) == 1 else ""

    def _get_rows(self):
        """Return what the e-mail lists, as dictionaries."""
        return [one._get_row() for one in self._get_shared()[:LISTED]]

    def _get_row(self):
        move = self.move_id
        sign = -1 if move.move_type == "out_refund" else 1
        return {
            "name": move._get_delivery_name(),
            "client": self._get_client_text(),
            "date": format_date(self.env, move.invoice_date),
            "due": sign > 0 and format_date(self.env, move.invoice_date_due),
            "amount": format_amount(
                self.env, sign * move.amount_total, move.currency_id
            ),
            "url": self._get_url(),
        }

    def _get_client_text(self):
        """Return the client that is billed, where somebody else pays for it alone."""
        client = self.move_id._get_proof().client_id
        is_other = len(client) == 1 and client != self.partner_id
        return client.name if is_other else ""

    def _get_more_count(self):
        """Return how many invoices the e-mail does not list."""
        return max(len(self._get_shared()) - LISTED, 0)

    def _get_unattached_count(self):
        """Return of how many invoices the PDF is not in the e-mail."""
        return len(self._get_shared().move_id) - len(self._get_attached())

    def _get_url(self):
        """Return the address of the page of this invoice. It opens without a login, and
        tells by whom it was opened."""
        link = self.move_id.get_portal_url(query_string=f"&delivery={self.id}")
        return self.get_base_url() + link
