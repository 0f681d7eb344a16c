from odoo import models
from odoo.tools import format_amount, format_date, formatLang, html2plaintext

from ..models.einvoice.facts import WITH_REASON
from ..models.einvoice.facts_builder import FactsBuilder
from .words import format_number, format_span


class AccountMove(models.Model):
    """Invoices that this addon made have a layout of their own."""

    _inherit = "account.move"

    def _get_name_invoice_report(self):
        if self._is_billed_by_period():
            return "partner_managed_subscription.paper_invoice"
        return super()._get_name_invoice_report()

    # ------------------------------------------------------------------ above the lines

    def _get_paper_facts(self):
        """Return ``[(label, value)]`` of what stands above the lines; what is empty is
        left out."""
        proof = self._get_proof()
        is_invoice = self.move_type == "out_invoice"
        dated = is_invoice and self.invoice_date_due
        day = self.env._("Invoice date") if is_invoice else self.env._("Date")
        return [
            (day, format_date(self.env, self.invoice_date)),
            (self.env._("Due date"), dated and format_date(self.env, dated)),
            (self.env._("Service period"), self._get_period_text(proof)),
            (self.env._("Client"), self._get_client_text(proof)),
            (self.env._("Subscription"), self._get_contract_text(proof)),
            (self._get_reference_label(), self.ref),
            (self.env._("Original invoice"), self._get_original_text()),
            (self.env._("Nature of the operation"), self._get_nature_text()),
        ]

    def _get_period_text(self, proof):
        """Return the days that this invoice bills, from the first to the last."""
        if not proof:
            return ""
        first = min(proof.mapped("date_first"))
        return format_span(self.env, first, max(proof.mapped("date_last")))

    def _get_client_text(self, proof):
        """Return the name of the client, where somebody else pays for it alone: for
        many, each has a section."""
        client = proof.client_id
        is_other = client != self.partner_id.commercial_partner_id
        return client.display_name if is_other and len(client) == 1 else ""

    def _get_reference_label(self):
        """Return what the reference is: of an invoice of ours, the purchase order."""
        if self.sudo().statement_ids and self.move_type == "out_invoice":
            return self.env._("Purchase order number")
        return self.env._("Reference")

    def _get_contract_text(self, proof):
        """Return the number of the subscription; of a credit note that somebody made,
        that of the invoice which it takes back."""
        subscriptions = proof.subscription_id
        return self.invoice_origin or (
            subscriptions.name if len(subscriptions) == 1 else ""
        )

    def _get_original_text(self):
        """Return number and date of the invoices that this document takes back, whole
        or in part."""
        # sudo: see _get_proof.
        move = self.sudo()
        credited = move.statement_ids.line_ids.credited_line_id.statement_id.move_id
        originals = (move.reversed_entry_id | credited) - move
        return ", ".join(
            f"{original.name} ({format_date(self.env, original.invoice_date)})"
            for original in originals.sorted("id")
            if original.state == "posted"
        )

    def _get_nature_text(self):
        """Return what is sold, as French law wants it named. Lines without a product
        are of services: nothing is shipped by them."""
        lines = self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
        )
        kinds = {line.product_id.type in ("consu", "combo") for line in lines}
        if kinds == {True}:
            return self.env._("Delivery of goods")
        if True in kinds:
            return self.env._("Delivery of goods and supply of services")
        return self.env._("Supply of services")

    # ------------------------------------------------------------------ lines

    def _format_paper(self, value, *, is_amount=False):
        """Return a quantity, or an amount, as the language writes it."""
        if is_amount:
            return format_amount(self.env, value, self.currency_id)
        return format_number(self.env, value)

    def _get_net_prices(self):
        """Return ``{id of a line: price without VAT}`` of those lines of an electronic
        invoice whose price has VAT in it: the law wants it without, as the XML has
        it."""
        if not self._is_einvoice():
            return {}
        builder = FactsBuilder(self)
        prices = {}
        for line in builder.billed_lines:
            if any(line.tax_ids.flatten_taxes_hierarchy().mapped("price_include")):
                text = builder._build_line(line).gross
                digits = len(text.partition(".")[2])
                prices[line.id] = formatLang(self.env, float(text), digits=digits)
        return prices

    # ------------------------------------------------------------------ below the lines

    def _get_settled(self):
        """Return ``[(label, amount)]`` of what was paid, and what is left to pay; none
        where nothing was."""
        # sudo: as Odoo prints them, whoever reads the invoice.
        widget = self.sudo().invoice_payments_widget or {}
        paid = [
            (
                self._get_settled_label(payment),
                self._format_paper(payment["amount"], is_amount=True),
            )
            for payment in widget.get("content", ())
            if not payment["is_exchange"]
        ]
        due = self._format_paper(self.amount_residual, is_amount=True)
        return [*paid, (self.env._("Amount due"), due)] if paid else []

    def _get_settled_label(self, payment):
        day = format_date(self.env, payment["date"])
        if self.move_type == "out_refund":
            return self.env._("Applied on %(date)s", date=day)
        if payment["is_refund"]:
            return self.env._("Credited on %(date)s", date=day)
        return self.env._("Paid on %(date)s", date=day)

    def _get_exemption_reasons(self):
        """Return why no VAT is due, as the electronic invoice says it, where the taxes
        have no legal notes: those are printed anyway."""
        if not self._is_einvoice():
            return []
        said = " ".join(html2plaintext(self.taxes_legal_notes or "").split())
        parts = FactsBuilder(self)._get_taxes()
        return [
            part.reason
            for part in parts
            if part.category in WITH_REASON and part.reason not in said
        ]

    def _get_annex(self):
        """Return the statements that stand in the annex: those that name holders, in
        the order of the lines."""
        # sudo: see _get_proof.
        return self.sudo().statement_ids.filtered("row_ids").sorted("id")
