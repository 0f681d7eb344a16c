"""Completing XML, without a database."""

from datetime import date

from lxml import etree

from odoo.tests import BaseCase, tagged

from ...models.einvoice import cii, ubl
from ...models.einvoice.facts import (
    Address,
    Facts,
    Line,
    Note,
    Original,
    Party,
    Span,
    TaxPart,
    Totals,
    format_rate,
    price_line,
)
from ..common.einvoice import find, find_attributes, find_misplaced

CII = f"""<rsm:CrossIndustryInvoice xmlns:rsm="{cii.NAMESPACES["rsm"]}"
 xmlns:ram="{cii.NAMESPACES["ram"]}" xmlns:udt="{cii.NAMESPACES["udt"]}"
 xmlns:qdt="{cii.NAMESPACES["qdt"]}">
<rsm:ExchangedDocumentContext>
 <ram:GuidelineSpecifiedDocumentContextParameter><ram:ID>other</ram:ID>
 </ram:GuidelineSpecifiedDocumentContextParameter>
</rsm:ExchangedDocumentContext>
<rsm:ExchangedDocument><ram:ID>INV/1</ram:ID><ram:TypeCode>380</ram:TypeCode>
 <ram:IncludedNote><ram:Content>Thank you</ram:Content></ram:IncludedNote>
</rsm:ExchangedDocument>
<rsm:SupplyChainTradeTransaction>
<ram:IncludedSupplyChainTradeLineItem>
 <ram:AssociatedDocumentLineDocument><ram:LineID>1</ram:LineID>
 </ram:AssociatedDocumentLineDocument>
 <ram:SpecifiedTradeProduct><ram:SellerAssignedID>X</ram:SellerAssignedID>
  <ram:Description>old</ram:Description></ram:SpecifiedTradeProduct>
 <ram:SpecifiedLineTradeAgreement><ram:GrossPriceProductTradePrice>
  <ram:ChargeAmount>1.00</ram:ChargeAmount><ram:AppliedTradeAllowanceCharge>
  <ram:ChargeIndicator><udt:Indicator>false</udt:Indicator></ram:ChargeIndicator>
  <ram:ActualAmount>0.10</ram:ActualAmount></ram:AppliedTradeAllowanceCharge>
  </ram:GrossPriceProductTradePrice></ram:SpecifiedLineTradeAgreement>
 <ram:SpecifiedLineTradeDelivery><ram:BilledQuantity unitCode="MON">2.0
  </ram:BilledQuantity></ram:SpecifiedLineTradeDelivery>
 <ram:SpecifiedLineTradeSettlement>
  <ram:SpecifiedTradeSettlementLineMonetarySummation>
  <ram:LineTotalAmount>1</ram:LineTotalAmount>
  </ram:SpecifiedTradeSettlementLineMonetarySummation>
 </ram:SpecifiedLineTradeSettlement>
</ram:IncludedSupplyChainTradeLineItem>
<ram:ApplicableHeaderTradeAgreement>
 <ram:SellerTradeParty><ram:Name>S</ram:Name><ram:SpecifiedLegalOrganization>
  <ram:ID schemeID="0002">12345678200017</ram:ID></ram:SpecifiedLegalOrganization>
  <ram:SpecifiedTaxRegistration><ram:ID schemeID="VA">FR1</ram:ID>
  </ram:SpecifiedTaxRegistration></ram:SellerTradeParty>
 <ram:BuyerTradeParty><ram:Name>B, John</ram:Name></ram:BuyerTradeParty>
 <ram:BuyerOrderReferencedDocument>
 <ram:IssuerAssignedID>INV/1</ram:IssuerAssignedID>
 </ram:BuyerOrderReferencedDocument>
</ram:ApplicableHeaderTradeAgreement>
<ram:ApplicableHeaderTradeDelivery><ram:ShipToTradeParty><ram:Name>B</ram:Name>
 <ram:DefinedTradeContact><ram:PersonName>J</ram:PersonName></ram:DefinedTradeContact>
 <ram:PostalTradeAddress><ram:CountryID>FR</ram:CountryID></ram:PostalTradeAddress>
 </ram:ShipToTradeParty><ram:ActualDeliverySupplyChainEvent><ram:OccurrenceDateTime>
 <udt:DateTimeString format="102">20260101</udt:DateTimeString>
 </ram:OccurrenceDateTime></ram:ActualDeliverySupplyChainEvent>
</ram:ApplicableHeaderTradeDelivery>
<ram:ApplicableHeaderTradeSettlement>
 <ram:InvoiceCurrencyCode>USD</ram:InvoiceCurrencyCode>
 <ram:ApplicableTradeTax><ram:TypeCode>VAT</ram:TypeCode></ram:ApplicableTradeTax>
 <ram:BillingSpecifiedPeriod><ram:StartDateTime>
 <udt:DateTimeString format="102">20260109</udt:DateTimeString></ram:StartDateTime>
 </ram:BillingSpecifiedPeriod>
 <ram:SpecifiedTradePaymentTerms><ram:Description>Now</ram:Description>
 </ram:SpecifiedTradePaymentTerms>
 <ram:SpecifiedTradeSettlementHeaderMonetarySummation>
 <ram:LineTotalAmount>1</ram:LineTotalAmount>
 <ram:TaxTotalAmount currencyID="USD">1</ram:TaxTotalAmount>
 <ram:DuePayableAmount>1</ram:DuePayableAmount>
 </ram:SpecifiedTradeSettlementHeaderMonetarySummation>
</ram:ApplicableHeaderTradeSettlement>
</rsm:SupplyChainTradeTransaction></rsm:CrossIndustryInvoice>"""
UBL = f"""<Invoice xmlns="{ubl.OASIS}Invoice-2" xmlns:cac="{ubl.NAMESPACES["cac"]}"
 xmlns:cbc="{ubl.NAMESPACES["cbc"]}">
<cbc:CustomizationID>peppol</cbc:CustomizationID><cbc:ProfileID>peppol</cbc:ProfileID>
<cbc:ID>INV/1</cbc:ID><cbc:IssueDate>2026-01-01</cbc:IssueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode><cbc:Note>Thank you</cbc:Note>
<cbc:DocumentCurrencyCode>USD</cbc:DocumentCurrencyCode>
<cac:OrderReference><cbc:ID>INV/1</cbc:ID></cac:OrderReference>
<cac:AccountingSupplierParty><cac:Party>
 <cbc:EndpointID schemeID="0009">12345678200017</cbc:EndpointID>
 <cac:PartyIdentification><cbc:ID>own</cbc:ID></cac:PartyIdentification>
 <cac:PartyName><cbc:Name>S</cbc:Name></cac:PartyName>
 <cac:PartyLegalEntity><cbc:RegistrationName>S</cbc:RegistrationName>
 <cbc:CompanyID>FR1</cbc:CompanyID></cac:PartyLegalEntity></cac:Party>
</cac:AccountingSupplierParty>
<cac:AccountingCustomerParty><cac:Party><cac:PartyName><cbc:Name>B, John</cbc:Name>
 </cac:PartyName></cac:Party></cac:AccountingCustomerParty>
<cac:Delivery><cbc:ActualDeliveryDate>2026-01-01</cbc:ActualDeliveryDate>
</cac:Delivery>
<cac:TaxTotal><cbc:TaxAmount currencyID="USD">1</cbc:TaxAmount></cac:TaxTotal>
<cac:LegalMonetaryTotal><cbc:PayableAmount currencyID="USD">1</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
<cac:InvoiceLine><cbc:ID>1</cbc:ID>
 <cbc:InvoicedQuantity unitCode="MON">2.0</cbc:InvoicedQuantity>
 <cbc:LineExtensionAmount currencyID="USD">1</cbc:LineExtensionAmount>
 <cac:AllowanceCharge><cbc:ChargeIndicator>false</cbc:ChargeIndicator>
 <cbc:Amount currencyID="USD">1</cbc:Amount></cac:AllowanceCharge>
 <cac:Item><cbc:Description>old</cbc:Description><cac:ClassifiedTaxCategory>
 <cbc:ID>Z</cbc:ID></cac:ClassifiedTaxCategory></cac:Item>
</cac:InvoiceLine></Invoice>"""
SPAN = Span(date(2026, 1, 12), date(2026, 1, 31))
FACTS = Facts(
    number="INV/1",
    is_credit=False,
    currency="USD",
    order="PO-1",
    contract="SUB1",
    span=SPAN,
    originals=(Original("INV/0", date(2025, 12, 1)), Original("INV/9", None)),
    lines=(
        Line(
            *("Expenses", "3 x 20 / 31 days", "Client 1", SPAN),
            *("-3", "19.35", "17.415", "1.935", "-52.25", "S", "5.5"),
        ),
    ),
    is_french=True,
    process="S1",
    notes=(
        Note("AAB", "No discount"),
        Note("PMD", "Penalties"),
        Note("PMT", "40 euro"),
        Note("BAR", "B2B"),
    ),
    seller=Party(
        *("Seller", "123456782", "", "FR2", "0225", "123456782"),
        Address("1 rue A", "75001", "Paris", "FR"),
    ),
    buyer=Party("Buyer", "987654324", "", "", "0225", "987654324_X"),
    is_domestic=True,
    taxes=(
        TaxPart("S", "5.5", "-52.25", "-2.87"),
        TaxPart("AE", "0", "10.00", "0.00", "Reverse charge", "VATEX-EU-AE"),
        TaxPart("O", "0", "1.00", "0.00", "Not subject", ""),
    ),
    totals=Totals("-52.25", "-2.87", "-55.12", "0.00", "-55.12", "0.02", "-2.50"),
)


class XmlMixin:
    """What holds for both vocabularies."""

    def complete(self, facts=FACTS, xml=None):
        return etree.fromstring(self.module.complete((xml or self.xml).encode(), facts))

    def test_in_the_order_of_the_schema(self):
        self.assertEqual(find_misplaced(self.complete(), self.module.ORDER), [])

    def test_disorder_is_found(self):
        """The order is looked at: the last child put first is noticed."""
        root = self.complete()
        root.insert(0, root[-1])
        self.assertTrue(find_misplaced(root, self.module.ORDER))

    def test_twice_is_once(self):
        once = self.module.complete(self.xml.encode(), FACTS)
        self.assertEqual(self.module.complete(once, FACTS), once)

    def test_other_sellers(self):
        """Days and references are right for everybody, the rest stays Odoo's."""
        facts = FACTS._replace(is_french=False, is_domestic=False)
        text = etree.tostring(self.complete(facts)).decode()
        for said in ("PO-1", "SUB1", "INV/0"):
            self.assertIn(said, text)
        for said in ("AAB", "0225", "52.25", "S1<", "Client 1"):
            self.assertNotIn(said, text)

    def test_lines_that_do_not_correspond(self):
        """Nothing is written to a line that might be another one, nor totals."""
        text = etree.tostring(self.complete(FACTS._replace(lines=()))).decode()
        self.assertIn("AAB", text)
        self.assertNotIn("52.25", text)

    def test_without_totals(self):
        """Amounts that came about otherwise stay as they are, all of them."""
        text = etree.tostring(self.complete(FACTS._replace(totals=None))).decode()
        self.assertIn("Client 1", text)
        self.assertNotIn("17.415", text)
        self.assertNotIn("VATEX", text)


@tagged("post_install", "-at_install")
class TestCii(XmlMixin, BaseCase):
    module, xml = cii, CII

    def test_document(self):
        root = self.complete()
        self.assertEqual(
            find(root, "rsm:ExchangedDocumentContext//ram:ID"), ["S1", cii.GUIDELINE]
        )
        notes = dict(
            zip(
                ["", *find(root, "ram:SubjectCode")],
                find(root, "rsm:ExchangedDocument//ram:Content"),
                strict=True,
            )
        )
        self.assertEqual(notes.pop(""), "Thank you")
        self.assertEqual(notes, {note.code: note.text for note in FACTS.notes})
        self.assertEqual(
            find(root, "ram:BuyerOrderReferencedDocument/ram:IssuerAssignedID"),
            ["PO-1"],
        )
        self.assertEqual(find(root, "ram:ContractReferencedDocument//*"), ["SUB1"])
        self.assertEqual(
            find(root, "ram:InvoiceReferencedDocument/*"), ["INV/0", "", "INV/9"]
        )
        self.assertEqual(find(root, "qdt:DateTimeString"), ["20251201"])
        days = find(root, "ram:BillingSpecifiedPeriod//udt:DateTimeString")
        self.assertEqual(days, ["20260112", "20260131"] * 2)
        self.assertEqual(find(root, "ram:ActualDeliverySupplyChainEvent"), [])
        self.assertEqual(len(find(root, "ram:ShipToTradeParty//*")), 2)

    def test_notes_that_are_there(self):
        """A newer Odoo's are corrected, and said once."""
        note = (
            "<ram:IncludedNote><ram:Content>old</ram:Content>"
            "<ram:SubjectCode>PMT</ram:SubjectCode></ram:IncludedNote>"
        )
        xml = CII.replace("</rsm:ExchangedDocument>", f"{note * 2}\\g")
        xml = xml.replace("\\g", "</rsm:ExchangedDocument>")
        root = self.complete(xml=xml)
        self.assertEqual(
            sorted(find(root, "ram:SubjectCode")), ["AAB", "BAR", "PMD", "PMT"]
        )
        self.assertNotIn("old", find(root, "rsm:ExchangedDocument//ram:Content"))

    def test_no_purchase_order(self):
        """The number of the invoice, which Odoo writes, is none."""
        root = self.complete(FACTS._replace(order=""))
        self.assertEqual(find(root, "ram:BuyerOrderReferencedDocument"), [])
        xml = CII.replace("<ram:IssuerAssignedID>INV/1", "<ram:IssuerAssignedID>PO-2")
        root = self.complete(FACTS._replace(order=""), xml)
        self.assertEqual(find(root, "ram:BuyerOrderReferencedDocument/*"), ["PO-2"])

    def test_parties(self):
        root = self.complete()
        organization = "ram:SpecifiedLegalOrganization/ram:ID"
        self.assertEqual(find(root, organization), ["123456782", "987654324"])
        self.assertEqual(
            find_attributes(root, organization, "schemeID"), ["0002", "0002"]
        )
        self.assertEqual(
            find(root, "ram:URIUniversalCommunication/ram:URIID"),
            ["123456782", "987654324_X"],
        )
        self.assertEqual(find(root, "ram:SpecifiedTaxRegistration/ram:ID"), ["FR2"])
        self.assertEqual(find(root, "ram:BuyerTradeParty/ram:Name"), ["Buyer"])
        seller = "ram:SellerTradeParty/ram:PostalTradeAddress/*"
        self.assertEqual(find(root, seller), ["75001", "1 rue A", "Paris", "FR"])

    def test_foreign_register_number(self):
        """It is no SIREN."""
        buyer = Party("Buyer", registry="HRB 1", scheme="EM", endpoint="a@b.example")
        root = self.complete(FACTS._replace(buyer=buyer))
        path = "ram:BuyerTradeParty/ram:SpecifiedLegalOrganization/ram:ID"
        self.assertEqual(find(root, path), ["HRB 1"])
        self.assertEqual(find_attributes(root, path, "schemeID"), [None])

    def test_no_vat_numbers(self):
        seller = FACTS.seller._replace(vat="")
        root = self.complete(FACTS._replace(seller=seller))
        self.assertEqual(find(root, "ram:SpecifiedTaxRegistration"), [])

    def test_line(self):
        root = self.complete()
        line = "ram:IncludedSupplyChainTradeLineItem"
        self.assertEqual(find(root, f"{line}//ram:IncludedNote/*"), ["Client 1"])
        self.assertEqual(
            find(root, "ram:SpecifiedTradeProduct/*"),
            ["X", "Expenses", FACTS.lines[0].text],
        )
        self.assertEqual(find(root, "ram:ChargeAmount"), ["19.35", "17.415"])
        self.assertEqual(find(root, f"{line}//ram:ActualAmount"), ["1.935"])
        self.assertEqual(find(root, "ram:BilledQuantity"), ["-3"])
        self.assertEqual(
            find_attributes(root, "ram:BilledQuantity", "unitCode"), ["MON"]
        )
        self.assertEqual(
            find(root, f"{line}//ram:ApplicableTradeTax/*"), ["VAT", "S", "5.5"]
        )
        self.assertEqual(find(root, f"{line}//ram:LineTotalAmount"), ["-52.25"])

    def test_line_outside_the_scope(self):
        """It has no rate, not even none."""
        line = FACTS.lines[0]._replace(category="O", rate="0")
        root = self.complete(FACTS._replace(lines=(line,)))
        tax = "ram:SpecifiedLineTradeSettlement/ram:ApplicableTradeTax/*"
        self.assertEqual(find(root, tax), ["VAT", "O"])

    def test_amounts(self):
        root = self.complete()
        header = "ram:ApplicableHeaderTradeSettlement"
        self.assertEqual(
            find(root, f"{header}/ram:ApplicableTradeTax/ram:CategoryCode"),
            ["S", "AE", "O"],
        )
        rates = find(root, f"{header}/ram:ApplicableTradeTax/ram:RateApplicablePercent")
        self.assertEqual(rates, ["5.5", "0"])
        self.assertEqual(
            find(root, "ram:ExemptionReason"), ["Reverse charge", "Not subject"]
        )
        self.assertEqual(find(root, "ram:ExemptionReasonCode"), ["VATEX-EU-AE"])
        self.assertEqual(find(root, "ram:DueDateTypeCode"), ["5"] * 3)
        self.assertEqual(find(root, "ram:TaxCurrencyCode"), ["EUR"])
        self.assertEqual(find(root, "ram:TaxTotalAmount"), ["-2.87", "-2.50"])
        self.assertEqual(
            find_attributes(root, "ram:TaxTotalAmount", "currencyID"), ["USD", "EUR"]
        )
        self.assertEqual(find(root, "ram:RoundingAmount"), ["0.02"])

    def test_charges_are_left(self):
        """Charges that this addon does not know are part of totals that it does not."""
        charge = (
            "<ram:SpecifiedTradeAllowanceCharge><ram:ActualAmount>1"
            "</ram:ActualAmount></ram:SpecifiedTradeAllowanceCharge>"
        )
        place = " <ram:SpecifiedTradePaymentTerms>"
        root = self.complete(xml=CII.replace(place, charge + place))
        self.assertEqual(find(root, "ram:DuePayableAmount"), ["1"])
        self.assertEqual(find(root, "ram:BilledQuantity"), ["2.0"])


@tagged("post_install", "-at_install")
class TestUbl(XmlMixin, BaseCase):
    module, xml = ubl, UBL

    def test_document(self):
        root = self.complete()
        self.assertEqual(find(root, "cbc:ProfileID"), ["S1"])
        self.assertEqual(find(root, "cbc:CustomizationID"), [ubl.CUSTOMIZATION])
        self.assertEqual(
            find(root, "*[local-name()='Invoice']/cbc:Note"),
            ["Thank you", *(f"#{note.code}#{note.text}" for note in FACTS.notes)],
        )
        self.assertEqual(find(root, "cac:OrderReference/cbc:ID"), ["PO-1"])
        self.assertEqual(find(root, "cac:ContractDocumentReference/cbc:ID"), ["SUB1"])
        self.assertEqual(
            find(root, "cac:InvoiceDocumentReference/*"),
            ["INV/0", "2025-12-01", "INV/9"],
        )
        self.assertEqual(
            find(root, "cac:InvoicePeriod/*"),
            ["2026-01-12", "2026-01-31", "3", "2026-01-12", "2026-01-31"],
        )
        self.assertEqual(find(root, "cbc:ActualDeliveryDate"), [])

    def test_parties(self):
        root = self.complete()
        self.assertEqual(find(root, "cbc:EndpointID"), ["123456782", "987654324_X"])
        self.assertEqual(
            find_attributes(root, "cbc:EndpointID", "schemeID"), ["0225"] * 2
        )
        self.assertEqual(
            find(root, "cac:PartyLegalEntity/cbc:CompanyID"),
            ["123456782", "987654324"],
        )
        self.assertEqual(find(root, "cac:PartyIdentification"), [])
        self.assertEqual(
            find(root, "cac:PartyTaxScheme/*/cbc:ID | //cac:PartyTaxScheme/cbc:*"),
            ["FR2", "VAT"],
        )

    def test_notes_that_are_there(self):
        """A newer Odoo's are corrected, and said once."""
        note = "<cbc:Note>Thank you</cbc:Note>"
        old = "<cbc:Note>#PMT#old</cbc:Note>"
        root = self.complete(xml=UBL.replace(note, note + old * 2))
        notes = find(root, "*[local-name()='Invoice']/cbc:Note")
        self.assertEqual(len(notes), 1 + len(FACTS.notes))
        self.assertNotIn("#PMT#old", notes)

    def test_credit_note(self):
        """Its elements have other names, and another order."""
        xml = UBL
        for name in ("Invoice", "InvoiceLine", "InvoiceTypeCode"):
            for mark in ("<{}", "</{}", "<cac:{}", "</cac:{}", "<cbc:{}", "</cbc:{}"):
                for end in (" ", ">"):
                    old = mark.format(name) + end
                    xml = xml.replace(old, old.replace("Invoice", "CreditNote"))
        xml = xml.replace("Invoice-2", "CreditNote-2")
        xml = xml.replace("InvoicedQuantity", "CreditedQuantity")
        xml = xml.replace(
            "<cac:AccountingSupplierParty>",
            "<cac:OriginatorDocumentReference/><cac:AccountingSupplierParty>",
        )
        root = self.complete(xml=xml)
        self.assertEqual(find_misplaced(root, ubl.ORDER), [])
        names = [etree.QName(child).localname for child in root]
        contract = names.index("ContractDocumentReference")
        self.assertLess(contract, names.index("OriginatorDocumentReference"))
        self.assertEqual(find(root, "cbc:CreditedQuantity"), ["-3"])
        self.assertEqual(find(root, "cac:ContractDocumentReference/cbc:ID"), ["SUB1"])

    def test_abroad(self):
        """Peppol's own rules hold there."""
        root = self.complete(FACTS._replace(is_domestic=False))
        self.assertEqual(find(root, "cbc:ProfileID"), ["peppol"])
        self.assertEqual(find(root, "cac:ContractDocumentReference/cbc:ID"), ["SUB1"])

    def test_line(self):
        """A discount is one of the price."""
        root = self.complete()
        self.assertEqual(find(root, "cac:InvoiceLine/cbc:Note"), ["Client 1"])
        self.assertEqual(find(root, "cbc:InvoicedQuantity"), ["-3"])
        self.assertEqual(find(root, "cac:InvoiceLine/cac:AllowanceCharge"), [])
        self.assertEqual(
            find(root, "cac:Price//cbc:*"), ["17.415", "false", "1.935", "19.35"]
        )
        self.assertEqual(
            find(root, "cac:ClassifiedTaxCategory//cbc:*"), ["S", "5.5", "VAT"]
        )

    def test_amounts(self):
        root = self.complete()
        self.assertEqual(find(root, "cbc:TaxCurrencyCode"), ["EUR"])
        self.assertEqual(find(root, "cac:TaxTotal/cbc:TaxAmount"), ["-2.87", "-2.50"])
        self.assertEqual(find(root, "cac:TaxCategory/cbc:Percent"), ["5.5", "0"])
        self.assertEqual(
            find(root, "cac:LegalMonetaryTotal/*"),
            ["-52.25", "-52.25", "-55.12", "0.00", "0.02", "-55.12"],
        )


@tagged("post_install", "-at_install")
class TestNumbers(BaseCase):
    def test_price_of_a_line(self):
        for given, expected in {
            (3, 19.35, 0, 58.05): ("3", "19.35", "19.35", ""),
            # Back, whichever of the two is below zero.
            (-3, 19.35, 0, -58.05): ("-3", "19.35", "19.35", ""),
            (1, -10.0, 0, -10.0): ("-1", "10.00", "10.00", ""),
            (-1, -10.0, 0, 10.0): ("1", "10.00", "10.00", ""),
            (3, 9.99, 12.5, 26.22): ("3", "9.99", "8.74125", "1.24875"),
            (10, 30.0, 100, 0.0): ("10", "30.00", "0.00", "30.00"),
            # A price of more decimals, and quantities of parts.
            (7, 0.123456, 0, 0.86): ("7", "0.123456", "0.123456", ""),
            (2.5, 10.0, 0, 25.0): ("2.5", "10.00", "10.00", ""),
            # VAT was in the price, or a cent was rounded.
            (3, 12.0, 0, 30.0): ("3", "10.00", "10.00", ""),
            (3, 9.99, 0, 29.98): ("3", "9.993333", "9.993333", ""),
            # A discount, and a cent that was rounded: the price stays.
            (1, 9.99, 12.5, 8.75): ("1", "9.99", "8.75", "1.24"),
            # Whole units of money.
            (19, 254.0, 10, 4343.0, 0): ("19", "254.00", "228.60", "25.40"),
            (0, 5.0, 0, 0.0): ("0", "5.00", "5.00", ""),
            (-2, 0.0, 0, 0.0): ("-2", "0.00", "0.00", ""),
        }.items():
            with self.subTest(given):
                self.assertEqual(price_line(*given), expected)

    def test_rates(self):
        """They are written as the French rules list them."""
        for rate, text in {20.0: "20", 5.5: "5.5", 2.1: "2.1", 0: "0"}.items():
            self.assertEqual(format_rate(rate), text)
