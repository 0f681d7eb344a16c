from odoo import models

from ..models.einvoice.account_move_einvoice import FACTURX
from ..models.einvoice.cii import LEVEL
from .ir_actions_report import INVOICE_REPORTS
from .paper import Attachment

RDF = 'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""'
FX = "urn:factur-x:pdfa:CrossIndustryDocument:invoice:1p0#"
# The properties of Factur-X, and what each is.
PROPERTIES = {
    "DocumentFileName": (FACTURX, "The name of the embedded XML document"),
    "DocumentType": ("INVOICE", "The type of the hybrid document"),
    "Version": ("1.0", "The version of the standard of the embedded XML document"),
    "ConformanceLevel": (LEVEL, "The profile of the embedded XML document"),
}


def make_facturx_xmp():
    """Return the metadata that name a PDF as Factur-X, and the schema that PDF/A wants
    to have described: RDF descriptions as bytes."""
    values = "".join(
        f"<fx:{name}>{value}</fx:{name}>"
        for name, (value, _about) in PROPERTIES.items()
    )
    described = "".join(
        '<rdf:li rdf:parseType="Resource">'
        f"<pdfaProperty:name>{name}</pdfaProperty:name>"
        "<pdfaProperty:valueType>Text</pdfaProperty:valueType>"
        "<pdfaProperty:category>external</pdfaProperty:category>"
        f"<pdfaProperty:description>{about}</pdfaProperty:description>"
        "</rdf:li>"
        for name, (_value, about) in PROPERTIES.items()
    )
    schema = (
        f"<rdf:Description {RDF}"
        ' xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"'
        ' xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"'
        ' xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">'
        "<pdfaExtension:schemas><rdf:Bag>"
        '<rdf:li rdf:parseType="Resource">'
        "<pdfaSchema:schema>Factur-X PDFA Extension Schema</pdfaSchema:schema>"
        f"<pdfaSchema:namespaceURI>{FX}</pdfaSchema:namespaceURI>"
        "<pdfaSchema:prefix>fx</pdfaSchema:prefix>"
        f"<pdfaSchema:property><rdf:Seq>{described}</rdf:Seq></pdfaSchema:property>"
        "</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>"
    )
    own = f'<rdf:Description {RDF} xmlns:fx="{FX}">{values}</rdf:Description>'
    return [own.encode(), schema.encode()]


class IrActionsReport(models.Model):
    """Invoices that are electronic ones: PDF/A-3 with their XML inside, however they
    are printed."""

    _inherit = "ir.actions.report"

    def _get_paper_options(self, report, records):
        options = super()._get_paper_options(report, records)
        # Each is printed alone; a draft that is shown before it is made has no id.
        if report.report_name not in INVOICE_REPORTS or len(records) != 1:
            return options
        xml = records._get_facturx()
        if not xml:
            return options
        # The XML says what the page says: one stands for the other.
        item = Attachment(FACTURX, xml, "Factur-X", "Alternative")
        return {
            **options,
            "variant": "pdf/a-3b",
            "attachments": [item],
            "xmp": make_facturx_xmp(),
        }
