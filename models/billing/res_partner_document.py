from odoo import models

# Where French commercial law holds: SIREN numbers, mentions on invoices.
FRENCH_CODES = {"FR", "GF", "GP", "MF", "MQ", "RE", "YT"}


class ResPartner(models.Model):
    """The numbers by which a company is known on a document."""

    _inherit = "res.partner"

    def _get_identity_numbers(self):
        """Return ``[(label, number)]`` of the company that this contact belongs to:
        its register number and its VAT number, where there are such."""
        company = self.commercial_partner_id
        numbers = []
        if siren := company._get_siren():
            numbers.append((self.env._("SIREN"), siren))
        elif company.company_registry:
            label = company.company_registry_label
            numbers.append((label, company.company_registry))
        if company.vat and company.vat != "/":
            label = company.country_id.vat_label or self.env._("VAT number")
            numbers.append((label, company.vat))
        return numbers

    def _get_siren(self):
        """Return the SIREN of a French company as it is written, in groups of three,
        or an empty string.

        It is the register number, the beginning of a SIRET, or the end of a French VAT
        number.
        """
        if self.country_code not in FRENCH_CODES:
            return ""
        registry = "".join((self.company_registry or "").split())
        vat = "".join((self.vat or "").split())
        if registry.isdigit() and len(registry) in (9, 14):
            siren = registry[:9]
        elif vat.startswith("FR") and len(vat) == 13 and vat[4:].isdigit():
            siren = vat[4:]
        else:
            return ""
        return f"{siren[:3]} {siren[3:6]} {siren[6:]}"
