from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import float_repr, formatLang
from odoo.tools.misc import format_amount

from .res_partner_document import FRENCH_CODES


class Mention(NamedTuple):
    """A sentence that the law wants on an invoice."""

    # As electronic invoices name its subject (UNTDID 4451).
    code: str
    text: str


class ResCompany(models.Model):
    """What a company says of itself and of payments on the documents that it sends."""

    _inherit = "res.company"

    document_legal_form = fields.Char(
        string="Legal Form",
        help="Printed on documents, like “SAS” or “SARL à capital variable”.",
    )
    document_capital = fields.Monetary(
        string="Share Capital", help="Printed on documents after the legal form."
    )
    document_register = fields.Char(
        string="Register",
        help="Where the company is registered, like “RCS Paris”: printed on documents.",
    )
    document_penalty = fields.Selection(
        [
            ("ecb", "Rate of the European Central Bank plus 10 points"),
            ("legal", "Three times the French legal interest rate"),
            ("rate", "Fixed rate"),
        ],
        string="Late Payment Penalties",
        compute="_compute_document_mentions",
        store=True,
        readonly=False,
        help="What a late payment costs by the year. Empty: invoices do not say.",
    )
    document_penalty_rate = fields.Float(
        string="Yearly Rate (%)", help="Of the amount that is paid late."
    )
    document_recovery_fee = fields.Monetary(
        string="Recovery Fee",
        compute="_compute_document_mentions",
        store=True,
        readonly=False,
        help="What each late payment costs once. Zero: invoices do not say.",
    )
    document_no_discount = fields.Boolean(
        string="No Discount for Early Payment",
        compute="_compute_document_mentions",
        store=True,
        readonly=False,
        help="Invoices whose payment terms give no discount for early payment say so.",
    )

    _document_amounts = models.Constraint(
        "CHECK (document_penalty_rate >= 0 AND document_recovery_fee >= 0"
        " AND document_capital >= 0)",
        "Share capital, penalty rate and recovery fee cannot be negative.",
    )

    @api.depends("account_fiscal_country_id", "currency_id")
    def _compute_document_mentions(self):
        """Propose what French law wants to French companies that have said nothing."""
        euro = self.env.ref("base.EUR", raise_if_not_found=False)
        for company in self:
            fee, is_french = company.document_recovery_fee, company._is_french()
            penalty, no_discount = (
                company.document_penalty,
                company.document_no_discount,
            )
            if is_french and not penalty:
                penalty, no_discount = "ecb", True
            if is_french and not fee and company.currency_id == euro:
                fee = 40
            company.document_penalty = penalty
            company.document_no_discount = no_discount
            company.document_recovery_fee = fee

    def _is_french(self):
        country = self.account_fiscal_country_id or self.country_id
        return country.code in FRENCH_CODES

    # ------------------------------------------------------------------ on documents

    def _get_identity(self):
        """Return the lines that say who the company is: legal form and capital,
        numbers."""
        self.ensure_one()
        form = self.document_legal_form
        if form and self.document_capital:
            form = self.env._(
                "%(form)s with a capital of %(amount)s",
                form=form,
                amount=self._format_whole(self.document_capital),
            )
        about = ", ".join(filter(None, [form, self.document_register]))
        numbers = self.partner_id._get_identity_numbers()
        return [
            *filter(None, [about]),
            *(f"{label}\N{NO-BREAK SPACE}{number}" for label, number in numbers),
        ]

    def _get_payment_mentions(self, payment_term=None):
        """Return the mentions about payment, in the language of the context.

        :param payment_term: the payment terms of the invoice: a discount for early
            payment that they give is told instead of there being none
        :return: list of :class:`Mention`, early payment first
        """
        self.ensure_one()
        mentions = [
            ("AAB", self._get_discount_mention(payment_term)),
            ("PMD", self._get_penalty_mention()),
            ("PMT", self._get_fee_mention()),
        ]
        return [Mention(code, text) for code, text in mentions if text]

    def _get_discount_mention(self, payment_term):
        if payment_term and payment_term.early_discount:
            return self.env._(
                "Discount of %(rate)s %% if paid within %(days)s days.",
                rate=self._format_rate(payment_term.discount_percentage),
                days=payment_term.discount_days,
            )
        if self.document_no_discount:
            return self.env._("No discount for early payment.")
        return ""

    def _get_penalty_mention(self):
        if self.document_penalty == "ecb":
            return self.env._(
                "Late payment penalties: the refinancing rate of the European Central"
                " Bank plus 10 percentage points a year."
            )
        if self.document_penalty == "legal":
            return self.env._(
                "Late payment penalties: three times the French legal interest rate a"
                " year."
            )
        if self.document_penalty == "rate":
            return self.env._(
                "Late payment penalties: %(rate)s %% a year.",
                rate=self._format_rate(self.document_penalty_rate),
            )
        return ""

    def _get_fee_mention(self):
        if not self.document_recovery_fee:
            return ""
        return self.env._(
            "Fixed fee for recovery costs in case of late payment: %(amount)s.",
            amount=self._format_whole(self.document_recovery_fee),
        )

    @api.model
    def _format_rate(self, rate):
        """Return a rate without zeros at its end, as the language writes it."""
        text = float_repr(rate, 2).rstrip("0").rstrip(".")
        digits = len(text.partition(".")[2])
        return formatLang(self.env, rate, digits=digits)

    def _format_whole(self, amount):
        """Return an amount in the company's currency, whole ones without cents."""
        currency = self.currency_id
        # Odoo would take zeros from a number that has no decimals.
        cents = not currency.decimal_places or bool(amount % 1)
        return format_amount(self.env, amount, currency, trailing_zeroes=cents)
