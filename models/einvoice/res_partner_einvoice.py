from stdnum.fr import siren as siren_number

from odoo import models

from ..billing.res_partner_document import FRENCH_CODES
from .facts import ADDRESS_SCHEME, EMAIL_SCHEME, Address, Party
from .gaps import ADDRESS, Gap


class ResPartner(models.Model):
    """Contacts as parties of an electronic invoice."""

    _inherit = "res.partner"

    def _is_french_company(self):
        """Return whether electronic invoices are for the company that this contact
        belongs to: a company in France. One without a country might be."""
        company = self.commercial_partner_id
        country = company.country_code or self.country_code
        return company.is_company and (not country or country in FRENCH_CODES)

    def _get_siren_digits(self):
        """Return the nine digits of a French company's SIREN, empty where there is none
        or its key is wrong."""
        digits = self.commercial_partner_id._get_siren().replace(" ", "")
        return digits if siren_number.is_valid(digits) else ""

    def _get_vat_number(self):
        """Return the VAT number, without spaces, of the company of this contact."""
        vat = "".join((self.commercial_partner_id.vat or "").split())
        return vat if vat != "/" else ""

    def _get_einvoice_address(self):
        """Return where this contact is; what it lacks is that of its company."""
        company = self.commercial_partner_id
        has_place = self.street or self.zip or self.city
        place = self if has_place else company
        return Address(
            street=place.street or place.street2 or "",
            zip=place.zip or "",
            city=place.city or "",
            country=place.country_code or company.country_code or "",
        )

    def _get_endpoint(self):
        """Return scheme and identifier of the electronic address: a French company's in
        the directory begins with its SIREN, others have that of Peppol, or an
        e-mail address."""
        company = self.commercial_partner_id
        scheme, endpoint = company.peppol_eas or "", company.peppol_endpoint or ""
        if siren := self._get_siren_digits():
            is_own = scheme == ADDRESS_SCHEME and endpoint.startswith(siren)
            return ADDRESS_SCHEME, endpoint if is_own else siren
        if scheme and endpoint:
            return scheme, endpoint
        email = self.email_normalized or company.email_normalized
        return (EMAIL_SCHEME, email) if email else ("", "")

    def _get_party(self, *, with_vat=True):
        """Return this contact as a party of an electronic invoice."""
        company = self.commercial_partner_id
        siren = self._get_siren_digits()
        scheme, endpoint = self._get_endpoint()
        is_french = company.country_code in FRENCH_CODES
        return Party(
            name=company.name or self.name or "",
            siren=siren,
            registry="" if is_french else company.company_registry or "",
            vat=self._get_vat_number() if with_vat else "",
            scheme=scheme,
            endpoint=endpoint,
            address=self._get_einvoice_address(),
        )

    # ------------------------------------------------------------------ what is missing

    def _find_party_gaps(self, *, with_vat=False):
        """Return what this contact lacks as a party of an electronic invoice: SIREN and
        address, and the VAT number if asked for."""
        company = self.commercial_partner_id
        missing = []
        if not self._get_siren_digits():
            missing.append("siren")
        if with_vat and not self._get_vat_number():
            missing.append("vat")
        address = self._get_einvoice_address()
        missing += [name for name in ADDRESS if not getattr(address, name)]
        # An address is entered where one was begun.
        has_place = self.street or self.zip or self.city
        place = self if has_place else company
        return [
            Gap(
                "res.partner",
                (place if code in ADDRESS[:3] else company).id,
                code,
            )
            for code in missing
        ]

    def _find_contact_gaps(self, contact):
        """Return what every buyer needs, in France or not: a country, and an electronic
        address or an e-mail address. ``contact`` is who gets the invoice."""
        gaps = []
        if not contact._get_einvoice_address().country:
            gaps.append(Gap("res.partner", self.id, "country"))
        if not contact._get_endpoint()[1] and not contact._is_french_company():
            gaps.append(Gap("res.partner", contact.id, "email"))
        return gaps

    def _find_buyer_gaps(self):
        """Return what this contact lacks to be sent electronic invoices: nothing where
        those are not for it."""
        return self._find_party_gaps() if self._is_french_company() else []
