import re

from odoo import fields, models

from .gaps import MENTIONS, Gap

# What a number of an invoice may have (BR-FR-01, BR-FR-02).
NUMBER = re.compile(r"[A-Za-z0-9+\-_/]{1,35}")


class ResCompany(models.Model):
    """Companies that issue electronic invoices."""

    _inherit = "res.company"

    einvoice_policy = fields.Selection(
        [
            ("post", "Post it without its electronic invoice"),
            ("hold", "Hold it back"),
        ],
        string="Invoice that Lacks Data",
        required=True,
        default="post",
        help="What becomes of an invoice between French companies when data are"
        " missing that an electronic invoice must have. It is listed among the billing"
        " problems either way.",
    )

    def _find_seller_gaps(self, payment_term=None):
        """Return what this company lacks to issue electronic invoices: numbers,
        address, mentions of payment; nothing where it is not a French one.

        :param payment_term: that of the invoice: a discount that it gives is said
        """
        self.ensure_one()
        if not self._is_french():
            return []
        said = {note.code for note in self._get_payment_mentions(payment_term)}
        return self.partner_id._find_party_gaps(with_vat=True) + [
            Gap("res.company", self.id, code) for code in MENTIONS if code not in said
        ]


class AccountJournal(models.Model):
    """Journals whose numbers electronic invoices can have."""

    _inherit = "account.journal"

    def _find_number_gaps(self):
        """Return whether the numbers that this journal gives have signs that the rules
        do not allow, or are too long."""
        self.ensure_one()
        # sudo: whoever looks at a problem need not read the journal.
        last = self.env["account.move"].sudo()
        last = last.search(
            [
                ("journal_id", "=", self.id),
                ("state", "=", "posted"),
                ("name", "not in", (False, "/")),
            ],
            order="id desc",
            limit=1,
        )
        number = last.name or self.code or ""
        is_allowed = not number or NUMBER.fullmatch(number)
        return [] if is_allowed else [Gap("account.journal", self.id, "number")]
