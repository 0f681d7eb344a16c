"""Completing the UBL that Odoo made, as the French rules want it.

Without a database, and like :mod:`cii`: completing twice is completing once. What the
French rules want that Peppol does not know is written between French parties alone."""

from lxml import etree

from .facts import SIREN_SCHEME, VAT_CURRENCY, WITH_REASON, WITHOUT_RATE
from .tree import Writer

OASIS = "urn:oasis:names:specification:ubl:schema:xsd:"
NAMESPACES = {
    "cac": f"{OASIS}CommonAggregateComponents-2",
    "cbc": f"{OASIS}CommonBasicComponents-2",
}
# Peppol's own identifier would promise a process that is not the French one (BT-24).
CUSTOMIZATION = "urn:cen.eu:en16931:2017"

_DOCUMENT = (
    "UBLExtensions UBLVersionID CustomizationID ProfileID ProfileExecutionID ID"
    " CopyIndicator UUID IssueDate IssueTime DueDate InvoiceTypeCode CreditNoteTypeCode"
    " Note TaxPointDate DocumentCurrencyCode TaxCurrencyCode PricingCurrencyCode"
    " PaymentCurrencyCode PaymentAlternativeCurrencyCode AccountingCostCode"
    " AccountingCost LineCountNumeric BuyerReference InvoicePeriod DiscrepancyResponse"
    " OrderReference BillingReference DespatchDocumentReference"
    " ReceiptDocumentReference StatementDocumentReference OriginatorDocumentReference"
    " ContractDocumentReference AdditionalDocumentReference ProjectReference Signature"
    " AccountingSupplierParty AccountingCustomerParty PayeeParty BuyerCustomerParty"
    " SellerSupplierParty TaxRepresentativeParty Delivery DeliveryTerms PaymentMeans"
    " PaymentTerms PrepaidPayment AllowanceCharge TaxExchangeRate PricingExchangeRate"
    " PaymentExchangeRate PaymentAlternativeExchangeRate TaxTotal WithholdingTaxTotal"
    " LegalMonetaryTotal InvoiceLine CreditNoteLine"
)
# A credit note has some of these in another order.
_CREDIT_NOTE = (
    _DOCUMENT.replace(" StatementDocumentReference OriginatorDocumentReference", "")
    .replace(
        " AdditionalDocumentReference",
        " AdditionalDocumentReference StatementDocumentReference"
        " OriginatorDocumentReference",
    )
    .replace(" TaxPointDate", "")
    .replace(" CreditNoteTypeCode", " TaxPointDate CreditNoteTypeCode")
)
_LINE = (
    "ID UUID Note InvoicedQuantity CreditedQuantity LineExtensionAmount TaxPointDate"
    " AccountingCostCode AccountingCost PaymentPurposeCode FreeOfChargeIndicator"
    " InvoicePeriod OrderLineReference DiscrepancyResponse DespatchLineReference"
    " ReceiptLineReference BillingReference DocumentReference PricingReference"
    " OriginatorParty Delivery PaymentTerms AllowanceCharge TaxTotal Item Price"
)
_CATEGORY = (
    "ID Name Percent BaseUnitMeasure PerUnitAmount TaxExemptionReasonCode"
    " TaxExemptionReason TierRange TierRatePercent TaxScheme"
)
# Children of the elements that are completed, in the order of the schema.
ORDER = {
    "Invoice": _DOCUMENT,
    "CreditNote": _CREDIT_NOTE,
    "InvoiceLine": _LINE,
    "CreditNoteLine": _LINE,
    "InvoicePeriod": "StartDate StartTime EndDate EndTime DurationMeasure"
    " DescriptionCode Description",
    "OrderReference": "ID SalesOrderID",
    "InvoiceDocumentReference": "ID CopyIndicator UUID IssueDate",
    "Party": "MarkCareIndicator MarkAttentionIndicator WebsiteURI LogoReferenceID"
    " EndpointID IndustryClassificationCode PartyIdentification PartyName Language"
    " PostalAddress PhysicalLocation PartyTaxScheme PartyLegalEntity Contact",
    "PostalAddress": "ID AddressTypeCode Postbox StreetName AdditionalStreetName"
    " BuildingName BuildingNumber CityName PostalZone CountrySubentity"
    " CountrySubentityCode AddressLine Country",
    "PartyTaxScheme": "RegistrationName CompanyID TaxLevelCode ExemptionReasonCode"
    " ExemptionReason RegistrationAddress TaxScheme",
    "PartyLegalEntity": "RegistrationName CompanyID RegistrationDate"
    " RegistrationExpirationDate CompanyLegalFormCode CompanyLegalForm"
    " RegistrationAddress",
    "Item": "Description PackQuantity PackSizeNumeric CatalogueIndicator Name"
    " HazardousRiskIndicator AdditionalInformation Keyword BrandName ModelName"
    " BuyersItemIdentification SellersItemIdentification"
    " ManufacturersItemIdentification StandardItemIdentification"
    " CatalogueItemIdentification AdditionalItemIdentification"
    " CatalogueDocumentReference ItemSpecificationDocumentReference OriginCountry"
    " CommodityClassification TransactionConditions HazardousItem"
    " ClassifiedTaxCategory AdditionalItemProperty",
    "ClassifiedTaxCategory": _CATEGORY,
    "TaxCategory": _CATEGORY,
    "Price": "PriceAmount BaseQuantity PriceChangeReason PriceTypeCode PriceType"
    " OrderableUnitFactorRate ValidityPeriod PriceList AllowanceCharge",
    "AllowanceCharge": "ID ChargeIndicator AllowanceChargeReasonCode"
    " AllowanceChargeReason MultiplierFactorNumeric PrepaidIndicator SequenceNumeric"
    " Amount BaseAmount",
    "TaxTotal": "TaxAmount RoundingAmount TaxEvidenceIndicator TaxIncludedIndicator"
    " TaxSubtotal",
    "TaxSubtotal": "TaxableAmount TaxAmount TaxCategory",
    "LegalMonetaryTotal": "LineExtensionAmount TaxExclusiveAmount TaxInclusiveAmount"
    " AllowanceTotalAmount ChargeTotalAmount PrepaidAmount PayableRoundingAmount"
    " PayableAmount",
}
WRITER = Writer(NAMESPACES, ORDER, "cbc")
put, drop, get = WRITER.put_at, WRITER.drop_at, WRITER.node_at

PARTY = "cac:Accounting{}Party/cac:Party"
# When VAT falls due (UNTDID 2005): with the invoice, with the payment.
DUE_WITH_INVOICE, DUE_WITH_PAYMENT = "3", "432"


def complete(xml, facts):
    """Return the UBL ``xml`` with what ``facts`` know; as bytes, like it."""
    root = etree.fromstring(xml)
    _fill_references(root, facts)
    _fill_periods(root, facts)
    if facts.is_domestic:
        _fill_document(root, facts)
        for role, party in (("Supplier", facts.seller), ("Customer", facts.buyer)):
            _fill_party(WRITER.make_at(root, PARTY.format(role)), party)
        _fill_lines(root, facts)
        _fill_amounts(root, facts)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


# ---------------------------------------------------------------------- whole document


def _fill_references(root, facts):
    """Name purchase order, contract and the invoices that are taken back."""
    put(root, "cac:OrderReference/ID", facts.order)
    put(root, "cac:ContractDocumentReference/ID", facts.contract)
    path = "cac:InvoiceDocumentReference"
    known = {
        WRITER.text_at(node, f"{path}/ID"): node
        for node in WRITER.nodes_at(root, "cac:BillingReference")
    }
    for original in facts.originals:
        node = known.get(original.number)
        if node is None:
            node = WRITER.add_child(root, "cac:BillingReference")
            put(node, f"{path}/ID", original.number)
        if original.day:
            put(node, f"{path}/IssueDate", f"{original.day:%Y-%m-%d}")


def _fill_periods(root, facts):
    """Say which days the whole and each line bill."""
    if facts.span:
        _put_span(root, facts.span)
    for node, line in _pair_lines(root, facts):
        if line.span:
            _put_span(node, line.span)


def _put_span(node, span):
    period = WRITER.make_at(node, "cac:InvoicePeriod")
    put(period, "StartDate", f"{span.first:%Y-%m-%d}")
    put(period, "EndDate", f"{span.last:%Y-%m-%d}")


def _fill_document(root, facts):
    """Name the business process, add the notes, and leave out what Peppol wants and
    nobody entered."""
    put(root, "CustomizationID", CUSTOMIZATION)
    put(root, "ProfileID", facts.process)
    order = WRITER.text_at(root, "cac:OrderReference/ID")
    if not facts.order and order == facts.number:
        drop(root, "cac:OrderReference")
    if facts.span:
        due = DUE_WITH_PAYMENT if facts.is_due_on_payment else DUE_WITH_INVOICE
        put(root, "cac:InvoicePeriod/DescriptionCode", due)
        if not facts.has_delivery:
            drop(root, "cac:Delivery/ActualDeliveryDate")
    if facts.terms:
        put(root, "cac:PaymentTerms/Note", facts.terms)
    else:
        drop(root, "cac:PaymentTerms")
    for note in facts.notes:
        mark = f"#{note.code}#"
        same = [
            node
            for node in WRITER.nodes_at(root, "Note")
            if (node.text or "").startswith(mark)
        ]
        node = same[0] if same else WRITER.add_child(root, "Note")
        node.text = f"{mark}{note.text}"
        for further in same[1:]:
            root.remove(further)


def _fill_party(node, party):
    """Correct a party: its name, numbers and electronic address."""
    for found in WRITER.nodes_at(node, "cac:PartyIdentification"):
        if not get(found, "ID").get("schemeID"):
            # A reference of the seller's own.
            node.remove(found)
    put(node, "EndpointID", party.endpoint, schemeID=party.scheme)
    put(node, "cac:PartyName/Name", party.name)
    legal = WRITER.make_at(node, "cac:PartyLegalEntity")
    put(legal, "RegistrationName", party.name)
    put(legal, "CompanyID", party.siren, schemeID=SIREN_SCHEME)
    for name, value in (
        ("StreetName", party.address.street),
        ("CityName", party.address.city),
        ("PostalZone", party.address.zip),
        ("cac:Country/IdentificationCode", party.address.country),
    ):
        put(node, f"cac:PostalAddress/{name}", value)
    if party.vat:
        put(node, "cac:PartyTaxScheme/CompanyID", party.vat)
        put(node, "cac:PartyTaxScheme/cac:TaxScheme/ID", "VAT")
    else:
        drop(node, "cac:PartyTaxScheme")


# ---------------------------------------------------------------------- lines


def _get_lines(root):
    return WRITER.nodes_at(root, f"cac:{etree.QName(root).localname}Line")


def _pair_lines(root, facts):
    """Return pairs of element and line; none where they do not correspond."""
    nodes = _get_lines(root)
    if len(nodes) != len(facts.lines):
        return []
    return list(zip(nodes, facts.lines, strict=True))


def _fill_lines(root, facts):
    is_foreseen = _is_foreseen(root, facts)
    for node, line in _pair_lines(root, facts):
        put(node, "Note", line.note)
        put(node, "cac:Item/Name", line.name)
        put(node, "cac:Item/Description", line.text)
        if is_foreseen:
            _put_price(node, line, facts.currency)
            drop(node, "cac:Item/cac:ClassifiedTaxCategory")
            item = WRITER.make_at(node, "cac:Item")
            _put_category(WRITER.add_child(item, "cac:ClassifiedTaxCategory"), line)


def _put_price(node, line, currency):
    """Write how the line comes to its amount. The discount is one of the price: rounded
    for the line as a whole, prices would not multiply out."""
    is_credit = etree.QName(node).localname == "CreditNoteLine"
    quantity = WRITER.make_at(
        node, "CreditedQuantity" if is_credit else "InvoicedQuantity"
    )
    quantity.text = line.quantity
    if not quantity.get("unitCode"):
        # UN/ECE Recommendation 20: one.
        quantity.set("unitCode", "C62")
    put(node, "LineExtensionAmount", line.amount, currencyID=currency)
    drop(node, "cac:AllowanceCharge")
    price = WRITER.make_at(node, "cac:Price")
    put(price, "PriceAmount", line.net, currencyID=currency)
    drop(price, "cac:AllowanceCharge")
    if line.discount:
        allowance = WRITER.add_child(price, "cac:AllowanceCharge")
        put(allowance, "ChargeIndicator", "false")
        put(allowance, "Amount", line.discount, currencyID=currency)
        put(allowance, "BaseAmount", line.gross, currencyID=currency)


def _put_category(node, taxed):
    """Write the VAT category of a line or a part of the breakdown."""
    put(node, "ID", taxed.category)
    if taxed.category not in WITHOUT_RATE:
        put(node, "Percent", taxed.rate)
    put(node, "cac:TaxScheme/ID", "VAT")


# ---------------------------------------------------------------------- amounts


def _is_foreseen(root, facts):
    """Return whether it is known how all amounts come about: they are written, or left
    as Odoo wrote them, all or none."""
    charged = WRITER.nodes_at(root, "cac:AllowanceCharge")
    return bool(facts.totals and not charged and _pair_lines(root, facts))


def _fill_amounts(root, facts):
    """Write VAT breakdown and totals, where it is known how they came about."""
    if not _is_foreseen(root, facts):
        return
    totals, currency = facts.totals, facts.currency
    drop(root, "TaxCurrencyCode")
    drop(root, "cac:TaxTotal")
    total = WRITER.add_child(root, "cac:TaxTotal")
    put(total, "TaxAmount", totals.tax, currencyID=currency)
    for part in facts.taxes:
        _put_tax(WRITER.add_child(total, "cac:TaxSubtotal"), part, currency)
    if totals.declared:
        put(root, "TaxCurrencyCode", VAT_CURRENCY)
        declared = WRITER.add_child(root, "cac:TaxTotal")
        put(declared, "TaxAmount", totals.declared, currencyID=VAT_CURRENCY)
    node = WRITER.make_at(root, "cac:LegalMonetaryTotal")
    drop(node, "PayableRoundingAmount")
    for name, value in (
        ("LineExtensionAmount", totals.basis),
        ("TaxExclusiveAmount", totals.basis),
        ("TaxInclusiveAmount", totals.total),
        ("PrepaidAmount", totals.paid),
        ("PayableRoundingAmount", totals.rounding),
        ("PayableAmount", totals.due),
    ):
        put(node, name, value, currencyID=currency)


def _put_tax(node, part, currency):
    put(node, "TaxableAmount", part.basis, currencyID=currency)
    put(node, "TaxAmount", part.tax, currencyID=currency)
    category = WRITER.make_at(node, "cac:TaxCategory")
    _put_category(category, part)
    if part.category in WITH_REASON:
        put(category, "TaxExemptionReasonCode", part.reason_code)
        put(category, "TaxExemptionReason", part.reason)
