"""What many invoices lack to be electronic ones, before they are made."""

from typing import NamedTuple

from odoo.models import BaseModel

from ..billing.invoice_builder import InvoiceBuilder


class Bill(NamedTuple):
    """Something that is billed to somebody."""

    subscription: BaseModel
    payer: BaseModel


class GapFinder:
    """Finds what is missing for the invoices of a batch. What depends on seller, buyer
    or journal alone is looked up once."""

    def __init__(self):
        """Begin with nothing known."""
        self._builders, self._buyers, self._sellers, self._numbers = {}, {}, {}, {}

    def find_gaps(self, subscription, payer):
        """Return what the invoice of ``subscription`` to ``payer`` will lack; nothing
        where no electronic invoice is required."""
        builder = self._get_builder(subscription.company_id)
        address = builder.get_addresses(Bill(subscription, payer))[0]
        return self._find(builder, address, builder.get_journal(subscription))

    def find_of_partner(self, company, partner):
        """Return what an invoice of ``company`` to ``partner`` will lack that is of no
        subscription."""
        builder = self._get_builder(company)
        address = partner.browse(partner.address_get(["invoice"])["invoice"])
        return self._find(builder, address, builder.journal)

    def _get_builder(self, company):
        if company not in self._builders:
            self._builders[company] = InvoiceBuilder(company)
        return self._builders[company]

    def _find(self, builder, address, journal):
        if (builder.company, address) not in self._buyers:
            is_french = builder.company._is_french()
            is_required = is_french and address._is_french_company()
            found = address._find_buyer_gaps() if is_required else None
            self._buyers[builder.company, address] = found
        found = self._buyers[builder.company, address]
        return (
            [] if found is None else self._find_ours(builder, address, journal) + found
        )

    def _find_ours(self, builder, address, journal):
        """Return what the seller lacks for an invoice to ``address``."""
        term = builder.get_payment_term(address)
        key = builder.company, term
        if key not in self._sellers:
            self._sellers[key] = builder.company._find_seller_gaps(term)
        if journal not in self._numbers:
            self._numbers[journal] = journal._find_number_gaps() if journal else []
        return [*self._sellers[key], *self._numbers[journal]]
