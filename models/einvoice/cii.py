"""Completing the CII that Odoo made, as Factur-X and the French rules want it.

Without a database. Works on what Odoo 19 writes, and leaves what a newer one wrote
already: completing twice is completing once."""

from lxml import etree

from .facts import SIREN_SCHEME, VAT_CURRENCY, WITH_REASON, WITHOUT_RATE
from .tree import Writer

UN = "urn:un:unece:uncefact:data:standard:"
NAMESPACES = {
    "rsm": f"{UN}CrossIndustryInvoice:100",
    "ram": f"{UN}ReusableAggregateBusinessInformationEntity:100",
    "udt": f"{UN}UnqualifiedDataType:100",
    "qdt": f"{UN}QualifiedDataType:100",
}
# The profile, as the XML and the metadata of the PDF name it.
GUIDELINE = "urn:cen.eu:en16931:2017#conformant#urn:factur-x.eu:1p0:extended"
LEVEL = "EXTENDED"

_PARTY = (
    "ID GlobalID Name RoleCode Description SpecifiedLegalOrganization"
    " DefinedTradeContact PostalTradeAddress URIUniversalCommunication"
    " SpecifiedTaxRegistration"
)
_TAX = (
    "CalculatedAmount TypeCode ExemptionReason BasisAmount LineTotalBasisAmount"
    " AllowanceChargeBasisAmount CategoryCode ExemptionReasonCode TaxPointDate"
    " DueDateTypeCode RateApplicablePercent"
)
# Children of the elements that are completed, in the order of the schema.
ORDER = {
    "CrossIndustryInvoice": "ExchangedDocumentContext ExchangedDocument"
    " SupplyChainTradeTransaction",
    "ExchangedDocumentContext": "TestIndicator"
    " BusinessProcessSpecifiedDocumentContextParameter"
    " GuidelineSpecifiedDocumentContextParameter",
    "ExchangedDocument": "ID Name TypeCode IssueDateTime CopyIndicator LanguageID"
    " IncludedNote EffectiveSpecifiedPeriod",
    "IncludedNote": "ContentCode Content SubjectCode",
    "SupplyChainTradeTransaction": "IncludedSupplyChainTradeLineItem"
    " ApplicableHeaderTradeAgreement ApplicableHeaderTradeDelivery"
    " ApplicableHeaderTradeSettlement",
    "IncludedSupplyChainTradeLineItem": "AssociatedDocumentLineDocument"
    " SpecifiedTradeProduct SpecifiedLineTradeAgreement SpecifiedLineTradeDelivery"
    " SpecifiedLineTradeSettlement",
    "AssociatedDocumentLineDocument": "LineID ParentLineID LineStatusCode"
    " LineStatusReasonCode IncludedNote",
    "SpecifiedTradeProduct": "ID GlobalID SellerAssignedID BuyerAssignedID"
    " IndustryAssignedID ModelID Name Description",
    "SpecifiedLineTradeAgreement": "ApplicableTradeDeliveryTerms"
    " SellerOrderReferencedDocument BuyerOrderReferencedDocument"
    " QuotationReferencedDocument ContractReferencedDocument"
    " AdditionalReferencedDocument GrossPriceProductTradePrice"
    " NetPriceProductTradePrice",
    "GrossPriceProductTradePrice": "ChargeAmount BasisQuantity"
    " AppliedTradeAllowanceCharge",
    "NetPriceProductTradePrice": "ChargeAmount BasisQuantity",
    "AppliedTradeAllowanceCharge": "ChargeIndicator SequenceNumeric"
    " CalculationPercent BasisAmount BasisQuantity ActualAmount ReasonCode Reason",
    "SpecifiedLineTradeDelivery": "BilledQuantity",
    "SpecifiedLineTradeSettlement": "ApplicableTradeTax BillingSpecifiedPeriod"
    " SpecifiedTradeAllowanceCharge SpecifiedTradeSettlementLineMonetarySummation"
    " InvoiceReferencedDocument AdditionalReferencedDocument",
    "ApplicableTradeTax": _TAX,
    "BillingSpecifiedPeriod": "Description StartDateTime EndDateTime CompleteDateTime",
    "ApplicableHeaderTradeAgreement": "BuyerReference SellerTradeParty BuyerTradeParty"
    " SalesAgentTradeParty BuyerTaxRepresentativeTradeParty"
    " SellerTaxRepresentativeTradeParty ProductEndUserTradeParty"
    " ApplicableTradeDeliveryTerms SellerOrderReferencedDocument"
    " BuyerOrderReferencedDocument QuotationReferencedDocument"
    " ContractReferencedDocument AdditionalReferencedDocument",
    "SellerTradeParty": _PARTY,
    "BuyerTradeParty": _PARTY,
    "PostalTradeAddress": "ID PostcodeCode LineOne LineTwo LineThree CityName"
    " CountryID",
    "SpecifiedLegalOrganization": "ID TradingBusinessName PostalTradeAddress",
    "ApplicableHeaderTradeSettlement": "CreditorReferenceID PaymentReference"
    " TaxCurrencyCode InvoiceCurrencyCode InvoiceIssuerReference InvoicerTradeParty"
    " InvoiceeTradeParty PayeeTradeParty PayerTradeParty"
    " TaxApplicableTradeCurrencyExchange SpecifiedTradeSettlementPaymentMeans"
    " ApplicableTradeTax BillingSpecifiedPeriod SpecifiedTradeAllowanceCharge"
    " SpecifiedLogisticsServiceCharge SpecifiedTradePaymentTerms"
    " SpecifiedTradeSettlementHeaderMonetarySummation SpecifiedFinancialAdjustment"
    " InvoiceReferencedDocument",
    "SpecifiedTradePaymentTerms": "ID FromEventCode SettlementPeriodMeasure"
    " Description DueDateDateTime",
    "InvoiceReferencedDocument": "IssuerAssignedID URIID LineID TypeCode Name"
    " AttachmentBinaryObject ReferenceTypeCode FormattedIssueDateTime",
    "SpecifiedTradeSettlementHeaderMonetarySummation": "LineTotalAmount"
    " ChargeTotalAmount AllowanceTotalAmount TaxBasisTotalAmount TaxTotalAmount"
    " RoundingAmount GrandTotalAmount TotalPrepaidAmount DuePayableAmount",
}
WRITER = Writer(NAMESPACES, ORDER, "ram")
put, drop, get = WRITER.put_at, WRITER.drop_at, WRITER.node_at

CONTEXT = "rsm:ExchangedDocumentContext"
DOCUMENT = "rsm:ExchangedDocument"
TRADE = "rsm:SupplyChainTradeTransaction"
AGREEMENT = f"{TRADE}/ApplicableHeaderTradeAgreement"
DELIVERY = f"{TRADE}/ApplicableHeaderTradeDelivery"
SETTLEMENT = f"{TRADE}/ApplicableHeaderTradeSettlement"
LINES = f"{TRADE}/IncludedSupplyChainTradeLineItem"
# What a place of delivery may say in EN 16931.
SHIP_TO = {"ID", "GlobalID", "Name", "PostalTradeAddress"}
# When VAT falls due (UNTDID 2475): with the invoice, with the payment.
DUE_WITH_INVOICE, DUE_WITH_PAYMENT = "5", "72"


def complete(xml, facts):
    """Return the CII ``xml`` with what ``facts`` know; as bytes, like it."""
    root = etree.fromstring(xml)
    _fill_references(root, facts)
    _fill_periods(root, facts)
    if facts.is_french:
        _fill_document(root, facts)
        _fill_party(WRITER.make_at(root, f"{AGREEMENT}/SellerTradeParty"), facts.seller)
        _fill_party(WRITER.make_at(root, f"{AGREEMENT}/BuyerTradeParty"), facts.buyer)
        _fill_delivery(root, facts)
        _fill_terms(root, facts)
        _fill_lines(root, facts)
        _fill_amounts(root, facts)
    etree.cleanup_namespaces(root, keep_ns_prefixes=list(NAMESPACES))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


# ---------------------------------------------------------------------- whole document


def _fill_references(root, facts):
    """Name purchase order, contract and the invoices that are taken back."""
    agreement = WRITER.make_at(root, AGREEMENT)
    order = "BuyerOrderReferencedDocument/IssuerAssignedID"
    put(agreement, order, facts.order)
    if not facts.order and WRITER.text_at(agreement, order) == facts.number:
        # Odoo's number of the invoice is no purchase order.
        drop(agreement, order)
    put(agreement, "ContractReferencedDocument/IssuerAssignedID", facts.contract)
    settlement = WRITER.make_at(root, SETTLEMENT)
    known = {
        WRITER.text_at(node, "IssuerAssignedID"): node
        for node in WRITER.nodes_at(settlement, "InvoiceReferencedDocument")
    }
    for original in facts.originals:
        node = known.get(original.number)
        if node is None:
            node = WRITER.add_child(settlement, "InvoiceReferencedDocument")
            put(node, "IssuerAssignedID", original.number)
        if original.day:
            _put_day(node, "FormattedIssueDateTime/qdt:DateTimeString", original.day)


def _fill_periods(root, facts):
    """Say which days the whole and each line bill."""
    if facts.span:
        _put_span(WRITER.make_at(root, SETTLEMENT), facts.span)
    for node, line in _pair_lines(root, facts):
        if line.span:
            _put_span(WRITER.make_at(node, "SpecifiedLineTradeSettlement"), line.span)


def _fill_document(root, facts):
    """Name the profile and the business process, and add the notes."""
    context = WRITER.make_at(root, CONTEXT)
    process = "BusinessProcessSpecifiedDocumentContextParameter/ID"
    put(context, process, facts.process)
    put(context, "GuidelineSpecifiedDocumentContextParameter/ID", GUIDELINE)
    document = WRITER.make_at(root, DOCUMENT)
    for note in facts.notes:
        same = [
            node
            for node in WRITER.nodes_at(document, "IncludedNote")
            if WRITER.text_at(node, "SubjectCode") == note.code
        ]
        node = same[0] if same else WRITER.add_child(document, "IncludedNote")
        put(node, "Content", note.text)
        put(node, "SubjectCode", note.code)
        for further in same[1:]:
            document.remove(further)


def _fill_party(node, party):
    """Correct a party: its name, numbers and electronic address."""
    put(node, "Name", party.name)
    number = "SpecifiedLegalOrganization/ID"
    if party.siren:
        put(node, number, party.siren, schemeID=SIREN_SCHEME)
    elif party.registry:
        # Odoo names it a SIREN, whatever it is.
        put(node, number, party.registry, schemeID=None)
    else:
        drop(node, number)
    _put_address(node, party.address)
    if party.endpoint:
        uri = "URIUniversalCommunication/URIID"
        put(node, uri, party.endpoint, schemeID=party.scheme)
    _put_vat(node, party.vat)


def _put_address(node, address):
    for name, value in (
        ("PostcodeCode", address.zip),
        ("LineOne", address.street),
        ("CityName", address.city),
        ("CountryID", address.country),
    ):
        put(node, f"PostalTradeAddress/{name}", value)


def _put_vat(node, vat):
    """Write the VAT number, or remove it where there is none to be named."""
    found = [
        registration
        for registration in WRITER.nodes_at(node, "SpecifiedTaxRegistration")
        if (get(registration, "ID").get("schemeID") or "VA") == "VA"
    ]
    if vat and not found:
        found = [WRITER.add_child(node, "SpecifiedTaxRegistration")]
    for registration in found:
        if vat:
            put(registration, "ID", vat, schemeID="VA")
        else:
            node.remove(registration)


def _fill_delivery(root, facts):
    """Leave of the delivery what EN 16931 knows. What is billed by its days was not
    delivered on one."""
    ship_to = get(root, f"{DELIVERY}/ShipToTradeParty")
    if ship_to is not None:
        WRITER.keep_children(ship_to, SHIP_TO)
    if facts.span and not facts.has_delivery:
        delivery = WRITER.make_at(root, DELIVERY)
        drop(delivery, "ActualDeliverySupplyChainEvent")
        if ship_to is not None:
            # Nothing is shipped: the country alone counts, for VAT.
            WRITER.keep_children(ship_to, {"PostalTradeAddress"})
            address = get(ship_to, "PostalTradeAddress")
            if address is not None:
                WRITER.keep_children(address, {"CountryID"})


def _fill_terms(root, facts):
    """Say of the payment what the page says: Odoo names the payment terms."""
    path = f"{SETTLEMENT}/SpecifiedTradePaymentTerms/Description"
    if facts.terms:
        put(root, path, facts.terms)
    else:
        drop(root, path)


# ---------------------------------------------------------------------- lines


def _pair_lines(root, facts):
    """Return pairs of element and line; none where they do not correspond."""
    nodes = WRITER.nodes_at(root, LINES)
    if len(nodes) != len(facts.lines):
        return []
    return list(zip(nodes, facts.lines, strict=True))


def _fill_lines(root, facts):
    is_foreseen = _is_foreseen(root, facts)
    for node, line in _pair_lines(root, facts):
        put(node, "AssociatedDocumentLineDocument/IncludedNote/Content", line.note)
        product = WRITER.make_at(node, "SpecifiedTradeProduct")
        put(product, "Name", line.name)
        put(product, "Description", line.text)
        if is_foreseen:
            _put_price(node, line)
            _put_line_tax(WRITER.make_at(node, "SpecifiedLineTradeSettlement"), line)


def _put_price(node, line):
    """Write how the line comes to its amount: nothing is rounded to the cent but
    that."""
    agreement = WRITER.make_at(node, "SpecifiedLineTradeAgreement")
    gross = WRITER.make_at(agreement, "GrossPriceProductTradePrice")
    put(gross, "ChargeAmount", line.gross)
    allowance = "AppliedTradeAllowanceCharge"
    if line.discount:
        put(gross, f"{allowance}/ChargeIndicator/udt:Indicator", "false")
        put(gross, f"{allowance}/ActualAmount", line.discount)
    else:
        drop(gross, allowance)
    put(agreement, "NetPriceProductTradePrice/ChargeAmount", line.net)
    quantity = WRITER.make_at(node, "SpecifiedLineTradeDelivery/BilledQuantity")
    quantity.text = line.quantity
    if not quantity.get("unitCode"):
        # UN/ECE Recommendation 20: one.
        quantity.set("unitCode", "C62")
    amount = "SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"
    put(node, f"SpecifiedLineTradeSettlement/{amount}", line.amount)


def _put_line_tax(settlement, line):
    drop(settlement, "ApplicableTradeTax")
    tax = WRITER.add_child(settlement, "ApplicableTradeTax")
    put(tax, "TypeCode", "VAT")
    put(tax, "CategoryCode", line.category)
    if line.category not in WITHOUT_RATE:
        put(tax, "RateApplicablePercent", line.rate)


# ---------------------------------------------------------------------- amounts


def _is_foreseen(root, facts):
    """Return whether it is known how all amounts come about: they are written, or left
    as Odoo wrote them, all or none."""
    charge = "SpecifiedTradeAllowanceCharge"
    charged = WRITER.nodes_at(root, f"{SETTLEMENT}/{charge}") or WRITER.nodes_at(
        root, f"{LINES}/SpecifiedLineTradeSettlement/{charge}"
    )
    return bool(facts.totals and not charged and _pair_lines(root, facts))


def _fill_amounts(root, facts):
    """Write VAT breakdown and totals, where it is known how they came about."""
    if not _is_foreseen(root, facts):
        return
    settlement = WRITER.make_at(root, SETTLEMENT)
    drop(settlement, "ApplicableTradeTax")
    due = DUE_WITH_PAYMENT if facts.is_due_on_payment else DUE_WITH_INVOICE
    for part in facts.taxes:
        _put_tax(WRITER.add_child(settlement, "ApplicableTradeTax"), part, due)
    if facts.totals.declared:
        put(settlement, "TaxCurrencyCode", VAT_CURRENCY)
    _put_totals(
        WRITER.make_at(settlement, "SpecifiedTradeSettlementHeaderMonetarySummation"),
        facts,
    )


def _put_tax(tax, part, due):
    put(tax, "CalculatedAmount", part.tax)
    put(tax, "TypeCode", "VAT")
    put(tax, "BasisAmount", part.basis)
    put(tax, "CategoryCode", part.category)
    put(tax, "DueDateTypeCode", due)
    if part.category in WITH_REASON:
        put(tax, "ExemptionReason", part.reason)
        put(tax, "ExemptionReasonCode", part.reason_code)
    if part.category not in WITHOUT_RATE:
        put(tax, "RateApplicablePercent", part.rate)


def _put_totals(node, facts):
    totals = facts.totals
    put(node, "LineTotalAmount", totals.basis)
    put(node, "TaxBasisTotalAmount", totals.basis)
    drop(node, "TaxTotalAmount")
    tax = WRITER.add_child(node, "TaxTotalAmount")
    tax.text = totals.tax
    tax.set("currencyID", facts.currency)
    if totals.declared:
        declared = WRITER.add_child(node, "TaxTotalAmount")
        declared.text = totals.declared
        declared.set("currencyID", VAT_CURRENCY)
    drop(node, "RoundingAmount")
    put(node, "RoundingAmount", totals.rounding)
    put(node, "GrandTotalAmount", totals.total)
    put(node, "TotalPrepaidAmount", totals.paid)
    put(node, "DuePayableAmount", totals.due)


# ---------------------------------------------------------------------- days


def _put_day(node, path, day):
    put(node, path, f"{day:%Y%m%d}", format="102")


def _put_span(settlement, span):
    period = WRITER.make_at(settlement, "BillingSpecifiedPeriod")
    _put_day(period, "StartDateTime/udt:DateTimeString", span.first)
    _put_day(period, "EndDateTime/udt:DateTimeString", span.last)
