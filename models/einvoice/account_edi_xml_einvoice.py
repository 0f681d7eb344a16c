from odoo import models

from . import cii, ubl


class AccountEdiXmlCii(models.AbstractModel):
    """Factur-X of invoices of this addon: Odoo's, completed."""

    _inherit = "account.edi.xml.cii"

    def _export_invoice(self, invoice, *args, **kwargs):
        xml, errors = super()._export_invoice(invoice, *args, **kwargs)
        return invoice._complete_einvoice(xml, errors, cii.complete)


class AccountEdiXmlUblBis3(models.AbstractModel):
    """UBL of invoices of this addon: Odoo's, completed."""

    _inherit = "account.edi.xml.ubl_bis3"

    def _export_invoice(self, invoice, *args, **kwargs):
        xml, errors = super()._export_invoice(invoice, *args, **kwargs)
        # Formats of other countries inherit this one: theirs, and abroad Odoo's rules.
        is_french = invoice.partner_id._is_french_company()
        return invoice._complete_einvoice(
            *(xml, errors, ubl.complete),
            is_french_rule=is_french and self._name == "account.edi.xml.ubl_bis3",
        )
