from odoo import api, fields, models
from odoo.exceptions import UserError

from . import cii
from .facts_builder import FactsBuilder
from .gap_words import describe, open_gap
from .gaps import Gap
from .res_company_einvoice import NUMBER

# How Factur-X wants the XML inside a PDF to be named.
FACTURX = "factur-x.xml"
# Categories of VAT that the buyer owes: its number must be named.
BUYER_OWES = {"AE", "K"}


class AccountMove(models.Model):
    """Invoices of this addon as electronic invoices."""

    _inherit = "account.move"

    einvoice_state = fields.Selection(
        [("complete", "Complete"), ("incomplete", "Data are missing")],
        string="Electronic Invoice",
        compute="_compute_einvoice",
    )
    einvoice_missing = fields.Text(
        string="Missing for the Electronic Invoice", compute="_compute_einvoice"
    )

    @api.depends("state", "name", "partner_id", "statement_ids", "reversed_entry_id")
    @api.depends_context("lang")
    def _compute_einvoice(self):
        for move in self:
            gaps = move._find_einvoice_gaps()
            state = "incomplete" if gaps else "complete"
            is_posted = move.state == "posted" and move._is_einvoice()
            move.einvoice_state = state if is_posted else False
            move.einvoice_missing = describe(self.env, gaps) if is_posted else False

    # ------------------------------------------------------------------ whether

    def _is_einvoice(self):
        """Return whether this addon completes the XML of this invoice: one of ours that
        a French company issues."""
        self.ensure_one()
        is_french = self.is_sale_document() and self.company_id._is_french()
        return is_french and self._is_billed_by_period()

    def _find_einvoice_gaps(self):
        """Return what this invoice lacks to be a complete electronic one; nothing where
        it is none."""
        if not self._is_einvoice():
            return []
        # sudo: who reads an invoice need not read the parties.
        move = self.sudo()
        seller = move.company_id._find_seller_gaps(move.invoice_payment_term_id)
        gaps = [*seller, *move.partner_id._find_buyer_gaps()]
        if move.state == "posted":
            if not NUMBER.fullmatch(move.name or ""):
                gaps.append(Gap("account.journal", move.journal_id.id, "number"))
            gaps += move._find_content_gaps()
        return list(dict.fromkeys(gaps))

    def _find_content_gaps(self):
        """Return what any buyer needs, the number of one who owes the VAT, and what is
        wrong with this invoice itself."""
        builder = FactsBuilder(self)
        categories = {category for category, _rate in builder.lines_by_tax}
        buyer = self.commercial_partner_id
        missing = buyer._find_contact_gaps(self.partner_id)
        if categories & BUYER_OWES and not buyer._get_vat_number():
            missing.append(Gap("res.partner", buyer.id, "vat"))
        if self.move_type == "out_refund" and not builder._get_originals():
            missing.append(Gap("account.move", self.id, "original"))
        if not builder._is_foreseen():
            missing.append(Gap("account.move", self.id, "taxes"))
        return missing

    # ------------------------------------------------------------------ XML

    def _complete_einvoice(self, xml, errors, complete, *, is_french_rule=True):
        """Return the ``xml`` that Odoo made with what this addon knows, and why it must
        not be used.

        :param complete: what completes it, of :mod:`cii` or :mod:`ubl`
        :param bool is_french_rule: whether the French rules know the format
        """
        if not xml or not (self.is_sale_document() and self._is_billed_by_period()):
            return xml, errors
        facts = FactsBuilder(self).build()
        if not is_french_rule:
            facts = facts._replace(is_french=False, is_domestic=False)
        if facts.is_french:
            # Odoo asks for what German rules want, and knows none of the French.
            missing = describe(self.env, self._find_einvoice_gaps())
            errors = {missing} if missing else set()
        return complete(xml, facts), errors

    def _make_facturx(self):
        """Return the XML of this invoice as Factur-X, and why it must not be used."""
        self.ensure_one()
        # sudo: whoever may read the invoice gets the document.
        move = self.sudo()
        builder = self.env["res.partner"].sudo()._get_edi_builder("facturx")
        xml, errors = builder._export_invoice(move)
        if builder._name != "account.edi.xml.cii":
            # A builder of a newer Odoo, which this addon does not know.
            xml, errors = move._complete_einvoice(xml, errors, cii.complete)
        return xml, errors

    def _get_facturx(self):
        """Return the XML that goes into the PDF of this invoice, None where there is
        none: a draft, one of another seller, one that lacks data."""
        if self.state != "posted" or not self._is_einvoice():
            return None
        return None if self._find_einvoice_gaps() else self._make_facturx()[0]

    def _get_invoice_legal_documents(self, filetype, allow_fallback=False):
        """Give the XML of an electronic invoice as ``facturx``."""
        if filetype != "facturx":
            return super()._get_invoice_legal_documents(
                filetype, allow_fallback=allow_fallback
            )
        self.ensure_one()
        if self.state != "posted" or not self._is_einvoice():
            return None
        xml, errors = self._make_facturx()
        return {
            "filename": f"{self.name.replace('/', '_')}_factur-x.xml",
            "filetype": "xml",
            "content": xml,
            "errors": errors,
        }

    # ------------------------------------------------------------------ posting

    def _post(self, soft=True):
        """Post invoices.

        :raise UserError: when a company holds back what lacks data
        """
        self._verify_einvoices()
        return super()._post(soft=soft)

    def _verify_einvoices(self):
        """:raise UserError: naming those of these that a company holds back, since an
        electronic invoice lacks data"""
        holding = self.filtered(
            lambda move: (
                move.company_id.einvoice_policy == "hold"
                and move.partner_id._is_french_company()
            )
        )
        for move in holding:
            if gaps := move._find_einvoice_gaps():
                raise UserError(
                    self.env._(
                        "%(invoice)s is held back, since its electronic invoice lacks"
                        " data. %(missing)s",
                        invoice=move.display_name,
                        missing=describe(self.env, gaps),
                    )
                )

    # ------------------------------------------------------------------ actions

    def action_download_einvoice(self):
        """Download the XML of this electronic invoice."""
        self.check_access("read")
        url = f"/account/download_invoice_documents/{self.ensure_one().id}/facturx"
        return {"type": "ir.actions.act_url", "url": url, "target": "download"}

    def action_open_einvoice_gap(self):
        """Open the record where the first thing is entered that is missing.

        :raise AccessError: when the user may not see it
        """
        self.check_access("read")
        return open_gap(self.env, self._find_einvoice_gaps())
