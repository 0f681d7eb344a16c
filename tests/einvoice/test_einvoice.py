from lxml import etree

from odoo import Command
from odoo.tests import tagged

from ..common.document import RUN, make_pool
from ..common.einvoice import (
    BUYER_SIREN,
    PARTNER_SIREN,
    SELLER_SIREN,
    EInvoiceCase,
    find,
    find_attributes,
    make_vat,
)

PARTNER = {"payer": "Partner P"}
TAX = "ram:ApplicableHeaderTradeSettlement/ram:ApplicableTradeTax"
LINE = "ram:IncludedSupplyChainTradeLineItem"


@tagged("post_install", "-at_install")
class TestEInvoice(EInvoiceCase):
    """What the XML of a billing run's invoice says."""

    def _bill(self, *subscriptions, **options):
        move = self._play(*subscriptions, **options).move_id
        self._complete(*(set(self.player.clients) - {"Partner P"}))
        if "Partner P" in self.player.clients:
            self._complete("Partner P", siren=PARTNER_SIREN)
        return move

    def _export_clean(self, move, kind="cii"):
        root, errors = self._export(move, kind)
        self.assertEqual(errors, set())
        return root

    def test_of_a_run(self):
        move = self._bill()
        move.commercial_partner_id.peppol_eas = "0009"
        root = self._export_clean(move)
        self.assertEqual(
            find(root, "ram:SpecifiedLegalOrganization/ram:ID"),
            [SELLER_SIREN, BUYER_SIREN],
        )
        uri = "ram:URIUniversalCommunication[ram:URIID/@schemeID='0225']/ram:URIID"
        self.assertEqual(find(root, uri), [SELLER_SIREN, BUYER_SIREN])
        self.assertEqual(
            find(root, "ram:SpecifiedTaxRegistration/ram:ID"),
            [make_vat(SELLER_SIREN), make_vat(BUYER_SIREN)],
        )
        self.assertEqual(find(root, "ram:SubjectCode"), ["AAB", "PMD", "PMT", "BAR"])
        self.assertIn("case of late payment: 40", " ".join(find(root, "ram:Content")))
        self.assertEqual(
            find(root, "ram:BillingSpecifiedPeriod//udt:DateTimeString"),
            ["20260101", "20260131"] * 2,
        )
        self.assertEqual(
            find(root, "ram:ContractReferencedDocument/*"),
            [self.player.subscriptions["S1"].name],
        )
        self.assertEqual(find(root, "ram:BuyerOrderReferencedDocument"), [])
        self.assertEqual(find(root, "rsm:ExchangedDocumentContext//ram:ID")[0], "S1")
        self.assertEqual(find(root, f"{LINE}//ram:IncludedNote"), [])
        self.assertEqual(find(root, "ram:GrandTotalAmount"), ["360.00"])

    def test_ubl_of_a_run(self):
        move = self._bill()
        root = self._export_clean(move, "ubl")
        notes = find(root, "*[local-name()='Invoice']/cbc:Note")
        self.assertEqual(
            [note[:5] for note in notes], ["#AAB#", "#PMD#", "#PMT#", "#BAR#"]
        )
        self.assertEqual(find(root, "cbc:EndpointID"), [SELLER_SIREN, BUYER_SIREN])
        self.assertEqual(
            find(root, "cac:PartyLegalEntity/cbc:CompanyID"),
            [SELLER_SIREN, BUYER_SIREN],
        )
        self.assertEqual(find(root, "cbc:PriceAmount"), ["30.00"])

    def test_purchase_order_and_own_address(self):
        move = self._bill()
        move.ref = "PO-4711"
        buyer = move.commercial_partner_id
        buyer.write({"peppol_eas": "0225", "peppol_endpoint": f"{BUYER_SIREN}_IT"})
        root = self._export_clean(move)
        self.assertEqual(find(root, "ram:BuyerOrderReferencedDocument/*"), ["PO-4711"])
        self.assertIn(f"{BUYER_SIREN}_IT", find(root, "ram:URIID"))

    def test_proration_multiplies_out(self):
        moves = self._bill(
            events=[
                RUN,
                {"on": "2026-01-12", "do": "raise", "module": "Expenses", "seats": 13},
                {"on": "2026-01-12", "do": "run"},
            ],
            **{"raise": "now"},
        )
        root = self._export_clean(moves[1])
        self.assertEqual(find(root, "ram:NetPriceProductTradePrice/*"), ["19.35"])
        self.assertEqual(find(root, "ram:BilledQuantity"), ["3"])
        self.assertEqual(find(root, f"{LINE}//ram:LineTotalAmount"), ["58.05"])
        self.assertEqual(
            find(root, "ram:BillingSpecifiedPeriod//udt:DateTimeString"),
            ["20260112", "20260131"] * 2,
        )

    def test_sections_and_discount(self):
        """Each line names whose it is; there is no contract of all."""
        move = self._bill(
            {**PARTNER, "pools": [make_pool("Reports", 3, 1, discount="15")]},
            {**PARTNER, "id": "S2", "client": "Client 2", "pools": [make_pool()]},
            one_for_all=True,
        )
        root = self._export_clean(move)
        self.assertEqual(
            find(root, f"{LINE}//ram:IncludedNote/*"), ["Client 1", "Client 2"]
        )
        self.assertEqual(find(root, "ram:ContractReferencedDocument"), [])
        self.assertEqual(find(root, f"{LINE}//ram:ActualAmount"), ["4.50"])
        self.assertEqual(
            find(root, "ram:SpecifiedLegalOrganization/ram:ID")[1], PARTNER_SIREN
        )
        self.assertEqual(
            find(root, f"{LINE}//ram:LineTotalAmount"), ["76.50", "300.00"]
        )

    def test_credit_note_by_hand(self):
        move = self._bill()
        note = move._reverse_moves([{"invoice_date": "2026-01-20"}])
        note.action_post()
        root = self._export_clean(note)
        self.assertEqual(find(root, "rsm:ExchangedDocument/ram:TypeCode"), ["381"])
        self.assertEqual(
            find(root, "ram:InvoiceReferencedDocument/ram:IssuerAssignedID"),
            [move.name],
        )
        self.assertEqual(
            find(root, "ram:InvoiceReferencedDocument//qdt:DateTimeString"),
            ["20260101"],
        )
        self.assertEqual(
            find(root, f"{LINE}//udt:DateTimeString"), ["20260101", "20260131"]
        )
        ubl = self._export_clean(note, "ubl")
        self.assertEqual(find(ubl, "cac:InvoiceDocumentReference/cbc:ID"), [move.name])

    def test_credit_note_of_a_run(self):
        moves = self._bill(
            {"end": "2026-01-31"},
            events=[
                RUN,
                {"on": "2026-01-05", "do": "lower", "module": "Expenses", "seats": 7},
                {"on": "2026-02-01", "do": "run"},
            ],
        )
        note = moves.filtered(lambda move: move.move_type == "out_refund")
        root = self._export_clean(note)
        self.assertEqual(
            find(root, "ram:InvoiceReferencedDocument/ram:IssuerAssignedID"),
            [(moves - note).name],
        )

    def test_credit_line(self):
        """What an invoice takes back of another is below zero by its quantity."""
        moves = self._bill(
            events=[
                RUN,
                {"on": "2026-01-05", "do": "lower", "module": "Expenses", "seats": 7},
                {"on": "2026-02-01", "do": "run"},
            ],
        )
        root = self._export_clean(moves[1])
        quantities = [float(one) for one in find(root, "ram:BilledQuantity")]
        self.assertEqual(sorted(quantities), [-3, 7])
        prices = find(root, "ram:NetPriceProductTradePrice/*")
        self.assertTrue(all(float(price) > 0 for price in prices), prices)
        self.assertEqual(
            find(root, "ram:InvoiceReferencedDocument/ram:IssuerAssignedID"),
            [moves[0].name],
        )

    def test_another_currency(self):
        """VAT is said in euros as well."""
        dollars = {"currency": "USD", "rates": [["2025-12-01", "1.25"]]}
        root = self._export_clean(self._bill(dollars))
        self.assertEqual(find(root, "ram:TaxCurrencyCode"), ["EUR"])
        self.assertEqual(find(root, "ram:TaxTotalAmount"), ["60.00", "48.00"])

    def test_paid(self):
        move = self._bill()
        self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        ).create({})._create_payments()
        root = self._export_clean(move)
        self.assertEqual(find(root, "rsm:ExchangedDocumentContext//ram:ID")[0], "S2")
        self.assertEqual(find(root, "ram:TotalPrepaidAmount"), ["360.00"])
        self.assertEqual(find(root, "ram:DuePayableAmount"), ["0.00"])

    # ------------------------------------------------------------------ taxes

    def _bill_with_tax(self, *, abroad=None, goods=False, **tax):
        """Bill with another tax, to a buyer in another country if ``abroad``."""
        self.tax = self.create_tax(
            self.company, country_id=self.company.country_id.id, **tax
        )
        move = self._play().move_id
        buyer = move.commercial_partner_id
        if abroad:
            buyer.write({"country_id": self.env.ref(f"base.{abroad[0]}").id})
            buyer.vat = abroad[1]
        else:
            self._complete("Client 1")
        if goods:
            move.invoice_line_ids.product_id.type = "consu"
        return move

    def _read_tax(self, root):
        names = ("CategoryCode", "RateApplicablePercent", "ExemptionReasonCode")
        return [find(root, f"{TAX}/ram:{name}") for name in names]

    def test_exempt(self):
        code = "VATEX-FR-CGI261C-1"
        move = self._bill_with_tax(
            amount=0,
            ubl_cii_tax_category_code="E",
            ubl_cii_tax_exemption_reason_code=code,
        )
        root = self._export_clean(move)
        self.assertEqual(self._read_tax(root), [["E"], ["0"], [code]])
        self.assertTrue(find(root, "ram:ExemptionReason")[0])

    def test_reverse_charge_at_home(self):
        move = self._bill_with_tax(amount=0, ubl_cii_tax_category_code="AE")
        root = self._export_clean(move)
        self.assertEqual(self._read_tax(root), [["AE"], ["0"], ["VATEX-EU-AE"]])

    def test_services_to_another_member_state(self):
        """Odoo guesses a supply of goods."""
        move = self._bill_with_tax(amount=0, abroad=("be", "BE0477472701"))
        self.assertEqual(
            self._read_tax(self._export_clean(move)), [["AE"], ["0"], ["VATEX-EU-AE"]]
        )
        notes = find(self._export_clean(move), "rsm:ExchangedDocument//ram:Content")
        self.assertIn("B2BINT", notes)

    def test_goods_to_another_member_state(self):
        move = self._bill_with_tax(amount=0, abroad=("be", "BE0477472701"), goods=True)
        root = self._export_clean(move)
        self.assertEqual(self._read_tax(root), [["K"], ["0"], ["VATEX-EU-IC"]])
        self.assertEqual(find(root, "rsm:ExchangedDocumentContext//ram:ID")[0], "B1")

    def test_buyer_who_owes_the_vat_has_a_number(self):
        move = self._bill_with_tax(amount=0, abroad=("be", False))
        _root, errors = self._export(move)
        self.assertEqual(errors, {"Client 1: VAT number"})

    def test_outside_the_scope(self):
        """Then nobody's VAT number may be named."""
        move = self._bill_with_tax(
            amount=0, abroad=("us", False), ubl_cii_tax_category_code="O"
        )
        root = self._export_clean(move)
        self.assertEqual(self._read_tax(root), [["O"], [], ["VATEX-EU-O"]])
        self.assertEqual(find(root, "ram:SpecifiedTaxRegistration"), [])

    def test_without_tax(self):
        move = self._bill_with_tax(amount=20)
        move.button_draft()
        move.invoice_line_ids.tax_ids = False
        move.action_post()
        root = self._export_clean(move)
        self.assertEqual(self._read_tax(root), [["E"], ["0"], []])
        self.assertTrue(find(root, "ram:ExemptionReason"))
        self.assertEqual(find(root, "ram:DuePayableAmount"), ["300.00"])

    def test_several_rates(self):
        """Each rate has its part, and what is due on payment is said."""
        move = self._bill_with_tax(amount=20)
        move.button_draft()
        reduced = self.create_tax(
            self.company, 5.5, country_id=self.company.country_id.id
        )
        move.write(
            {
                "invoice_line_ids": [
                    Command.create(
                        {
                            "name": "Book\nof the year",
                            "quantity": 2,
                            "price_unit": 10,
                            "tax_ids": [Command.set(reduced.ids)],
                        }
                    )
                ]
            }
        )
        move.action_post()
        root = self._export_clean(move)
        self.assertEqual(self._read_tax(root)[:2], [["S", "S"], ["20", "5.5"]])
        self.assertEqual(find(root, f"{TAX}/ram:CalculatedAmount"), ["60.00", "1.10"])
        self.assertIn("Book", find(root, "ram:SpecifiedTradeProduct/ram:Name"))

    def test_taxes_that_are_not_foreseen(self):
        """Two taxes on a line: the amounts stay Odoo's."""
        move = self._bill_with_tax(amount=20)
        move.button_draft()
        fixed = self.create_tax(
            self.company,
            1,
            amount_type="fixed",
            country_id=self.company.country_id.id,
        )
        move.invoice_line_ids.tax_ids |= fixed
        move.action_post()
        root, errors = self._export(move)
        self.assertEqual(
            errors,
            {f"{move.display_name}: one rate of VAT on each line, and no other tax"},
        )
        self.assertEqual(find(root, "ram:ReasonCode"), ["AEO"])
        self.assertEqual(
            find(root, "ram:DuePayableAmount"), [f"{move.amount_total:.2f}"]
        )

    def test_price_with_vat_in_it(self):
        move = self._bill_with_tax(amount=20, price_include_override="tax_included")
        root = self._export_clean(move)
        self.assertEqual(find(root, "ram:NetPriceProductTradePrice/*"), ["25.00"])
        self.assertEqual(find(root, "ram:TaxBasisTotalAmount"), ["250.00"])
        self.assertEqual(find(root, "ram:GrandTotalAmount"), ["300.00"])

    # ------------------------------------------------------------------ others

    def test_other_seller(self):
        """Periods and references are right for everybody; the rest stays Odoo's."""
        germany = self.env.ref("base.de")
        self.tax.tax_group_id.country_id = germany
        self.tax.country_id = germany
        self.company.partner_id.write({"country_id": germany.id, "vat": False})
        self.company.account_fiscal_country_id = germany
        self.company.invalidate_recordset()
        move = self._bill()
        root, errors = self._export(move)
        self.assertEqual(find(root, "ram:SubjectCode"), [])
        self.assertEqual(
            find(root, "ram:BillingSpecifiedPeriod//udt:DateTimeString"),
            ["20260101", "20260131"] * 2,
        )
        self.assertTrue(errors)
        self.assertFalse(move.einvoice_state)

    def test_invoice_of_others(self):
        """What no run made is exactly Odoo's."""
        buyer = self.env["res.partner"].create({"name": "Other", "is_company": True})
        self.make_french(buyer, BUYER_SIREN)
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "company_id": self.company.id,
                "partner_id": buyer.id,
                "invoice_date": "2026-01-01",
                "invoice_line_ids": [
                    Command.create({"name": "Advice", "quantity": 1, "price_unit": 10})
                ],
            }
        )
        move.action_post()
        root, _errors = self._export(move)
        self.assertEqual(find(root, "ram:SubjectCode"), [])
        self.assertFalse(move.einvoice_state)

    def test_private_buyer(self):
        """No SIREN is asked of it."""
        move = self._play().move_id
        client = self.player.clients["Client 1"]
        client.is_company = False
        self.assertEqual(self._export(move)[1], {"Client 1: country"})
        client.country_id = self.france
        root = self._export_clean(move)
        self.assertEqual(
            find(root, "ram:BuyerTradeParty//ram:URIID")[-1], "client.1@billing.test"
        )
        self.assertEqual(
            find_attributes(
                root, "ram:BuyerTradeParty/*/ram:URIID[@schemeID]", "schemeID"
            ),
            ["EM"],
        )
        self.assertIn("B2C", etree.tostring(root).decode())
