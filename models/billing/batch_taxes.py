"""The taxes of invoices that are not there yet, by Odoo's own tax engine."""

from odoo import Command

MOVE_TYPES = {"out_invoice": -1, "out_refund": 1}
TEXT_LINES = ("line_section", "line_subsection", "line_note")
# Without these Odoo computes what the taxes depend on: a search for each line.
NEEDED_OF_MOVE = {"company_id", "currency_id", "invoice_payment_term_id", "partner_id"}
NEEDED_OF_LINE = {
    *("account_id", "analytic_distribution"),
    *("price_unit", "quantity", "tax_ids"),
}
# With these the taxes follow other rules, or are given.
UNFORESEEN_OF_MOVE = (
    *("invoice_cash_rounding_id", "invoice_currency_rate", "line_ids"),
    *("quick_edit_total_amount", "tax_totals"),
)
UNFORESEEN_OF_LINE = {
    *("amount_currency", "balance", "credit", "currency_id", "debit"),
    *("deductible_amount", "extra_tax_data", "group_tax_id", "is_imported"),
    *("partner_id", "tax_repartition_line_id", "tax_tag_ids"),
}
# A line on such an account is no product line unless it says so.
TERM_ACCOUNTS = ("asset_receivable", "liability_payable")


class BatchTaxes:
    """Completes the values of customer invoices and credit notes by what Odoo's tax
    engine finds out about them: amounts and tags of product lines, and the tax lines.

    One for each batch: it remembers currency rates. Not foreseen, and so left to Odoo:

    - other moves than customer invoices and credit notes;
    - values that leave partner, currency, payment terms, or a line's account, taxes,
      price or analytic distribution to be computed;
    - amounts, tags or rates that are given; cash rounding; deductible parts;
    - payment terms whose discount reduces the taxes at once (*mixed*);
    - companies that book corrections as negative amounts (*storno*): debit and credit
      then depend on the order in which a line gets its values;
    - lines that are neither products nor text.
    """

    def __init__(self, model):
        """:param model: ``account.move``, in the environment that creates the moves"""
        self.model = model
        self.env = model.env
        self.lines = model.env["account.move.line"]
        self.taxes = model.env["account.tax"]
        self.rates = {}
        self.precision = self.env["decimal.precision"].precision_get(
            "Percentage Analytic"
        )

    # -------------------------------------------------------------- what is foreseen

    def is_foreseen(self, vals):
        """Return whether the taxes of a move can be computed from its values alone."""
        return (
            vals.get("move_type") in MOVE_TYPES
            and vals.keys() >= NEEDED_OF_MOVE
            and bool(vals["partner_id"] and vals["company_id"] and vals["currency_id"])
            and not any(vals.get(name) for name in UNFORESEEN_OF_MOVE)
            and not self._browse("res.company", vals["company_id"]).account_storno
            and self._is_term_foreseen(vals["invoice_payment_term_id"])
            and all(map(self._is_line_foreseen, vals.get("invoice_line_ids") or []))
        )

    def _is_term_foreseen(self, term_id):
        term = self._browse("account.payment.term", term_id)
        return not (
            term.early_discount and term.early_pay_discount_computation == "mixed"
        )

    def _is_line_foreseen(self, command):
        code, _id, line = (*command, None)[:3]
        if code != Command.CREATE:
            return False
        if line.get("display_type") in TEXT_LINES:
            return True
        return (
            line.get("display_type", "product") == "product"
            and line.keys() >= NEEDED_OF_LINE
            and not line.keys() & UNFORESEEN_OF_LINE
            and self._is_account_foreseen(line["account_id"])
            and _read_tax_ids(line["tax_ids"]) is not None
        )

    def _is_account_foreseen(self, account_id):
        account = self._browse("account.account", account_id)
        return bool(account) and account.account_type not in TERM_ACCOUNTS

    # -------------------------------------------------------------- what is completed

    def complete(self, vals):
        """Return the values of a move with its taxes; ``vals`` are left as they are."""
        lines = [dict(line) for _code, _id, line in vals.get("invoice_line_ids") or []]
        products = [
            line for line in lines if line.get("display_type") not in TEXT_LINES
        ]
        results = self._compute(vals, products)
        amounts = [amounts for _base, amounts in results["base_lines_to_update"]]
        for line, found in zip(products, amounts, strict=True):
            line.update(found, display_type="product")
        lines += [{**tax, "display_type": "tax"} for tax in results["tax_lines_to_add"]]
        new = {name: vals[name] for name in vals if name != "invoice_line_ids"}
        return {**new, "line_ids": [Command.create(line) for line in lines]}

    def _compute(self, vals, products):
        """Return what ``_prepare_tax_lines`` says about the product lines."""
        company = self._browse("res.company", vals["company_id"])
        shared = self._prepare_shared(vals, company)
        base_lines = [self._prepare_base_line(line, shared) for line in products]
        self.taxes._add_tax_details_in_base_lines(base_lines, company)
        self.taxes._round_base_lines_tax_details(base_lines, company)
        # Tags of taxes on payment come with the payment: an invoice is never
        # ``always_tax_exigible``.
        self.taxes._add_accounting_data_in_base_lines_tax_details(base_lines, company)
        return self.taxes._prepare_tax_lines(base_lines, company)

    def _prepare_shared(self, vals, company):
        """Return what all base lines of a move have."""
        partner = self._browse("res.partner", vals["partner_id"])
        currency = self._browse("res.currency", vals["currency_id"])
        return {
            "currency_id": currency,
            "rate": self._get_rate(vals, company, currency),
            "sign": MOVE_TYPES[vals["move_type"]],
            "is_refund": vals["move_type"] == "out_refund",
            "partner_id": partner.commercial_partner_id,
        }

    def _prepare_base_line(self, line, shared):
        return self.taxes._prepare_base_line_for_taxes_computation(
            None,
            name=line.get("name"),
            product_id=self._browse("product.product", line.get("product_id")),
            product_uom_id=self._browse("uom.uom", line.get("product_uom_id")),
            account_id=self._browse("account.account", line["account_id"]),
            tax_ids=self._browse("account.tax", _read_tax_ids(line["tax_ids"])),
            price_unit=self._round("price_unit", line["price_unit"]),
            quantity=self._round("quantity", line["quantity"]),
            discount=self._round("discount", line.get("discount")),
            analytic_distribution=self._read_distribution(line),
            **shared,
        )

    def _browse(self, model, ids):
        return self.env[model].browse(ids or ())

    def _round(self, name, value):
        """Return ``value`` as the field of a line keeps it."""
        return self.lines._fields[name].convert_to_cache(value, self.lines)

    def _read_distribution(self, line):
        """Return the analytic distribution as a line keeps it, False for none."""
        given = {"analytic_distribution": line["analytic_distribution"]}
        kept = self.lines._sanitize_values(given, self.precision)
        return kept["analytic_distribution"] or False

    def _get_rate(self, vals, company, currency):
        """Return how much one unit of the company's currency is in ``currency`` on the
        day that Odoo takes, which can depend on any date of the move."""
        if currency == company.currency_id:
            return 1.0
        given = {
            name: value
            for name, value in vals.items()
            if self.model._fields[name].type in ("date", "datetime")
        }
        given.update(company_id=company.id, currency_id=currency.id)
        key = tuple(given.items())
        if key not in self.rates:
            draft = self.model.new({**given, "move_type": vals["move_type"]})
            self.rates[key] = draft.invoice_currency_rate
        return self.rates[key]


def _read_tax_ids(commands):
    """Return the ids in ``[Command.set(ids)]``, None where the commands are others."""
    if not commands:
        return []
    code, _id, ids = (*commands[0], None, None)[:3]
    return list(ids) if len(commands) == 1 and code == Command.SET else None
