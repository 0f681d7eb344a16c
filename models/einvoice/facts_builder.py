"""The facts of one invoice, from the database."""

from collections import defaultdict
from decimal import Decimal
from functools import cached_property

from odoo.tools import html2plaintext

from . import facts as words
from .facts import Facts, Line, Note, Original, Span, TaxPart, Totals


class FactsBuilder:
    """Reads what an electronic invoice says from an invoice of ours."""

    def __init__(self, move):
        """Read ``move``, in the language of its buyer."""
        lang = move.partner_id.lang or move.env.lang
        # sudo: who may read an invoice may read what it bills, see _get_proof.
        self.move = move.sudo().with_context(lang=lang).with_company(move.company_id)
        self.env = self.move.env
        self.company = self.move.company_id
        self.proof = self.move._get_proof()
        self.sign = self.move.direction_sign
        self.edi = self.env["account.edi.xml.cii"]

    @cached_property
    def billed_lines(self):
        """The lines that are billed, in the order in which Odoo writes them."""
        return get_products(self.move)

    @cached_property
    def line_proofs(self):
        """``{invoice line: statement line}``."""
        found = {line.move_line_id: line for line in self.proof.line_ids}
        return found if self.move.statement_ids else self._match_originals(found)

    def _match_originals(self, found):
        """Return the statement lines of a credit note that somebody made: those of its
        invoice, where it took back all of them."""
        originals = get_products(self.move.reversed_entry_id)
        if len(originals) != len(self.billed_lines):
            return {}
        pairs = zip(self.billed_lines, originals, strict=True)
        return {
            line: found[original]
            for line, original in pairs
            if original in found and line.product_id == original.product_id
        }

    def build(self):
        """Return the ``Facts`` of the invoice."""
        facts = self._build_shared()
        return facts._replace(**self._build_french()) if facts.is_french else facts

    def _build_shared(self):
        """Return what is said for all sellers."""
        move = self.move
        return Facts(
            number=move.name,
            is_credit=move.move_type == "out_refund",
            currency=move.currency_id.name,
            order=self._get_order(),
            contract=self._get_contract(),
            terms=move._get_payment_terms_text(),
            span=self._get_span(),
            has_delivery=bool(move.delivery_date),
            originals=self._get_originals(),
            lines=tuple(self._build_line(line) for line in self.billed_lines),
            is_french=self.company._is_french(),
        )

    def _build_french(self):
        """Return what is said for French sellers alone."""
        buyer, seller = self.move.partner_id, self.company.partner_id
        # Who is outside the scope of VAT must not name a number of it.
        with_vat = "O" not in {category for category, _rate in self.lines_by_tax}
        due = self.billed_lines.tax_ids.mapped("tax_exigibility")
        return {
            "process": self._get_process(),
            "notes": self._get_notes(),
            "seller": seller._get_party(with_vat=with_vat),
            "buyer": buyer._get_party(with_vat=with_vat),
            "is_domestic": bool(buyer._get_siren_digits()),
            "is_due_on_payment": "on_payment" in due,
            "taxes": self._get_taxes(),
            "totals": self._get_totals(),
        }

    # ------------------------------------------------------------------ references

    def _get_order(self):
        """Return the purchase order: the reference of an invoice that a run made."""
        if own := self._get_public("purchase_order_reference"):
            return own
        source = self.move if self.move.statement_ids else self.move.reversed_entry_id
        return (source.ref or "") if source.statement_ids else ""

    def _get_contract(self):
        """Return the subscription, where the invoice is of one."""
        if own := self._get_public("contract_reference"):
            return own
        subscriptions = self.proof.subscription_id
        return subscriptions.name or "" if len(subscriptions) == 1 else ""

    def _get_public(self, name):
        """Return what an addon for French public buyers has in a field that it adds,
        where there is such an addon: it knows better."""
        return name in self.move._fields and self.move[name]

    def _get_span(self):
        if not self.proof:
            return None
        return Span(
            min(self.proof.mapped("date_first")), max(self.proof.mapped("date_last"))
        )

    def _get_originals(self):
        """Return the invoices that this one takes back, whole or in part."""
        move = self.move
        credited = move.statement_ids.line_ids.credited_line_id.statement_id.move_id
        found = (move.reversed_entry_id | credited) - move
        return tuple(
            Original(one.name, one.invoice_date)
            for one in found.sorted("id")
            if one.state == "posted"
        )

    # ------------------------------------------------------------------ document

    def _get_process(self):
        """Return the business process: the nature of what is sold, and whether it is
        paid already (BT-23)."""
        kinds = {is_goods(line) for line in self.billed_lines}
        nature = "M" if len(kinds) > 1 else "B" if kinds == {True} else "S"
        return nature + (words.PAID if self._is_paid() else words.UNPAID)

    def _is_paid(self):
        """Return whether nothing is left to pay of an invoice that was to be paid."""
        move, is_zero = self.move, self.move.currency_id.is_zero
        is_invoice = move.move_type == "out_invoice" and not is_zero(move.amount_total)
        return is_invoice and is_zero(move.amount_residual)

    def _get_notes(self):
        company = self.company.with_env(self.env)
        mentions = company._get_payment_mentions(self.move.invoice_payment_term_id)
        return (
            *(Note(mention.code, mention.text) for mention in mentions),
            Note(words.TREATMENT, self._get_treatment()),
        )

    def _get_treatment(self):
        """Return what a platform has to do with the invoice (BR-FR-20)."""
        buyer = self.move.commercial_partner_id
        if not buyer.is_company:
            return "B2C"
        return "B2B" if buyer._is_french_company() else "B2BINT"

    # ------------------------------------------------------------------ lines

    def _build_line(self, line):
        proof = self.line_proofs.get(line)
        name = line.product_id.name or (line.name or "").partition("\n")[0]
        amount = self._get_amount(line)
        quantity, gross, net, discount = words.price_line(
            line.quantity,
            self._get_price(line),
            line.discount,
            amount,
            self.move.currency_id.decimal_places,
        )
        category, rate = self._get_category(line)
        return Line(
            name=" ".join(name.split()) or "-",
            text=line.name if line.name and line.name != name else "",
            note=self._get_client(proof),
            span=proof and Span(proof.date_first, proof.date_last),
            quantity=quantity,
            gross=gross,
            net=net,
            discount=discount,
            amount=words.format_money(amount),
            category=category,
            rate=words.format_rate(rate),
        )

    def _get_client(self, proof):
        """Return whose line it is, where that is not the buyer."""
        client = proof.client_id if proof else self.env["res.partner"]
        return client.name or "" if client != self.move.commercial_partner_id else ""

    def _get_amount(self, line):
        return self.move._get_booked_amount(line)

    def _get_price(self, line):
        """Return the price of a unit without VAT, before the discount."""
        if any(self._get_taxes_of(line).mapped("price_include")):
            factor = 1 - line.discount / 100
            if line.quantity and factor:
                return abs(self._get_amount(line) / line.quantity / factor)
        return line.price_unit

    # ------------------------------------------------------------------ taxes

    def _get_taxes_of(self, line):
        return line.tax_ids.flatten_taxes_hierarchy()

    def _get_tax_of(self, line):
        """Return the tax that gives ``line`` its category: the first that is VAT."""
        taxes = self._get_taxes_of(line).filtered(
            lambda tax: tax.amount_type in ("percent", "division")
        )
        return taxes.filtered("amount")[:1] or taxes[:1]

    def _get_category(self, line):
        """Return category and rate of ``line``."""
        tax = self._get_tax_of(line)
        category = self.edi._get_tax_category_code(*self._parties, tax)
        if category == "K" and not tax.ubl_cii_tax_category_code and not is_goods(line):
            # Odoo guesses a supply of goods: services are due by who receives them.
            category = "AE"
        return category, tax.amount if category == "S" else 0

    @cached_property
    def _parties(self):
        seller = self.company.partner_id.commercial_partner_id
        return self.move.commercial_partner_id, seller

    def _get_reason(self, line, category):
        """Return why no VAT is due on ``line``: text and code."""
        tax = self._get_tax_of(line)
        said = " ".join(html2plaintext(tax.invoice_legal_notes or "").split())
        defaults = {
            "AE": (self.env._("Reverse charge"), "VATEX-EU-AE"),
            "K": (self.env._("Intra-Community supply"), "VATEX-EU-IC"),
            "G": (self.env._("Export outside the EU"), "VATEX-EU-G"),
            "O": (self.env._("Not subject to VAT"), "VATEX-EU-O"),
            "E": (self.env._("Exempt from VAT"), ""),
        }
        text, code = defaults.get(category, ("", ""))
        found = self.edi._get_tax_exemption_reason(*self._parties, tax)
        own = tax.ubl_cii_tax_exemption_reason_code
        if own or category == "E":
            text = found["tax_exemption_reason"] or text
            code = found["tax_exemption_reason_code"] or code
        # What the page says of the tax.
        return said or text, code

    @cached_property
    def lines_by_tax(self):
        """``{(category, rate): lines}``, in the order of the lines."""
        groups = defaultdict(self.env["account.move.line"].browse)
        for line in self.billed_lines:
            groups[self._get_category(line)] |= line
        return groups

    @cached_property
    def _tax_amounts(self):
        """``{(category, rate): VAT}`` as it is booked; None where a tax is none of a
        line's category."""
        keys = {
            self._get_tax_of(line): self._get_category(line)
            for line in self.billed_lines
        }
        amounts = defaultdict(float)
        for line in self.move.line_ids.filtered("tax_line_id"):
            if line.tax_line_id not in keys:
                return None
            amounts[keys[line.tax_line_id]] += self.sign * line.amount_currency
        return amounts

    def _get_taxes(self):
        """Return the VAT breakdown: a part for each category and rate."""
        if self._tax_amounts is None:
            return ()
        parts = []
        for (category, rate), lines in self.lines_by_tax.items():
            reasons = [self._get_reason(line, category) for line in lines]
            codes = list(dict.fromkeys(code for _text, code in reasons))
            texts = dict.fromkeys(text for text, _code in reasons if text)
            parts.append(
                TaxPart(
                    category=category,
                    rate=words.format_rate(rate),
                    basis=words.format_money(sum(map(self._get_amount, lines))),
                    tax=words.format_money(self._tax_amounts[category, rate]),
                    reason="; ".join(texts),
                    reason_code=codes[0] if len(codes) == 1 else "",
                )
            )
        return tuple(parts)

    # ------------------------------------------------------------------ totals

    def _is_foreseen(self):
        """Return whether each line has one tax at most, and that a percentage: then it
        is known how all amounts come about."""
        taxes = [self._get_taxes_of(line) for line in self.billed_lines]
        is_plain = self._tax_amounts is not None and all(
            len(some) <= 1 and set(some.mapped("amount_type")) <= {"percent"}
            for some in taxes
        )
        return is_plain and self._is_vat_exact()

    def _is_vat_exact(self):
        """Return whether VAT is its rate of what is taxed, but for a cent a line: the
        profile wants it so, and a currency without cents cannot always say it."""
        pairs = zip(self._get_taxes(), self.lines_by_tax.values(), strict=True)
        return all(
            abs(Decimal(part.basis) * Decimal(part.rate) / 100 - Decimal(part.tax))
            <= len(lines) * Decimal("0.01")
            for part, lines in pairs
        )

    def _get_totals(self):
        if not self._is_foreseen():
            return None
        move = self.move
        basis = sum(map(self._get_amount, self.billed_lines))
        tax = sum(self._tax_amounts.values())
        rounding = move.amount_total - basis - tax
        has_rounding = not move.currency_id.is_zero(rounding)
        return Totals(
            basis=words.format_money(basis),
            tax=words.format_money(tax),
            total=words.format_money(basis + tax),
            paid=words.format_money(move.amount_total - move.amount_residual),
            due=words.format_money(move.amount_residual),
            rounding=words.format_money(rounding) if has_rounding else "",
            declared=self._get_declared(),
        )

    def _get_declared(self):
        """Return the VAT in the currency in which it is declared, empty where the
        invoice has that one."""
        euro = self.env.ref("base.EUR")
        if self.move.currency_id == euro:
            return ""
        booked = self.move.line_ids.filtered("tax_line_id")
        tax = self.sign * sum(booked.mapped("balance"))
        own = self.company.currency_id
        if own != euro:
            tax = own._convert(tax, euro, self.company, self.move.invoice_date)
        return words.format_money(tax)


def get_products(move):
    """Return the lines of ``move`` that sell something."""
    return move.invoice_line_ids.filtered(lambda line: line.display_type == "product")


def is_goods(line):
    """Return whether ``line`` sells goods. Without a product it is of services: nothing
    is shipped by it."""
    return line.product_id.type in ("consu", "combo")
