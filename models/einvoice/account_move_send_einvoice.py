import io

from odoo import models
from odoo.tools.pdf import OdooPdfFileReader

from . import cii
from .account_move_einvoice import FACTURX

LEVEL = cii.LEVEL.encode()
# The profile that Odoo names in the metadata of every PDF.
ODOO_LEVEL = b"<fx:ConformanceLevel>EN 16931<"


class AccountMoveSend(models.AbstractModel):
    """Sending invoices whose PDF is an electronic invoice already."""

    _inherit = "account.move.send"

    def _hook_invoice_document_after_pdf_report_render(self, invoice, invoice_data):
        """Keep the PDF where it has its XML, or must not have one: Odoo would put it
        in, once more, and write the PDF anew, which then is no PDF/A-3."""
        pdf = self._get_einvoice_pdf(invoice, invoice_data)
        content = pdf and pdf["raw"]
        result = super()._hook_invoice_document_after_pdf_report_render(
            invoice, invoice_data
        )
        if pdf and invoice._is_einvoice():
            kept = content
            if not (has_facturx(content) or invoice._find_einvoice_gaps()):
                # wkhtmltopdf's, with the XML that Odoo put in.
                kept = name_level(pdf["raw"])
            if pdf["raw"] != kept:
                pdf["raw"] = kept
        return result

    def _get_einvoice_pdf(self, invoice, invoice_data):
        """Return where the PDF is that Odoo adds XML to: an attachment, or the values
        of one."""
        own = invoice.invoice_pdf_report_id
        if self.env.context.get("custom_template_facturx"):
            own = own.browse()
        return (
            own
            or invoice_data.get("pdf_attachment_values")
            or invoice_data.get("proforma_pdf_attachment_values")
        )


def name_level(content):
    """Return a PDF of Odoo with the profile in its metadata that our XML has.

    They are in clear, and both names have eight letters: all stays in its place.
    """
    return content.replace(ODOO_LEVEL, ODOO_LEVEL.replace(b"EN 16931", LEVEL))


def has_facturx(content):
    """Return whether a PDF has the XML of an electronic invoice in it."""
    with io.BytesIO(content) as stream:
        reader = OdooPdfFileReader(stream, strict=False)
        return any(name == FACTURX for name, _file in reader.getAttachments())
