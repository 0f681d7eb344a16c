from io import BytesIO
from unittest.mock import patch

from pypdf import PdfReader

from odoo import Command
from odoo.tests import tagged

from ..common.document import INVOICE, RUN, DocumentCase, make_pool
from ..common.paper import needs_renderer, read_pages

PARTNER = {"payer": "Partner P"}
PIXEL = (
    "data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk"
    "+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@needs_renderer
@tagged("post_install", "-at_install")
class TestInvoiceDocument(DocumentCase):
    """The invoice of a billing run: what is billed, then who."""

    def _get_facts(self, move):
        return {label: value for label, value in move._get_paper_facts() if value}

    def test_one_holder(self):
        statement = self._play({"pools": [make_pool(seats=1, assigned=1)]})
        first, annex = self._print(INVOICE, statement.move_id)
        subscription = statement.subscription_id
        self._assert_on(
            first,
            "Biller SAS",
            "Client 1",
            statement.move_id.name,
            "Expenses",
            "01/01/2026 to 01/31/2026",
            subscription.name,
            "Supply of services",
            "36.00",
            "Page 1 of 2",
        )
        self._assert_on(
            annex, "Annex", statement.name, "Expenses 0", "Standard", "Page 2 of 2"
        )
        self.assertNotIn("not assigned", annex)
        self.assertNotIn("Expenses 0", first)

    def test_thirty_holders(self):
        """What is not assigned is one row."""
        statement = self._play({"pools": [make_pool(seats=33, assigned=30)]})
        pages = self._print(INVOICE, statement.move_id)
        text = "\n".join(pages[1:])
        for number in range(30):
            self.assertIn(f"Expenses {number}\n", text.replace(" Standard", "\n"))
        self.assertEqual(text.count("3 seats not assigned"), 1)

    def test_five_hundred_holders(self):
        statement = self._play({"pools": [make_pool(seats=500, assigned=499)]})
        content = self._render(INVOICE, statement.move_id)
        pages = read_pages(content)
        self.assertGreater(len(pages), 8)
        for number, page in enumerate(pages, start=1):
            self.assertIn(f"Page {number} of {len(pages)}", page)
            if number > 1:
                self.assertIn("Holder", page)
        self._assert_inside(content)
        found = "\n".join(pages).count("Standard")
        self.assertEqual(found, 499)
        self.assertIn("1 seat not assigned", pages[-1])

    def test_formula_and_purchase_order(self):
        statements = self._play(
            events=[
                RUN,
                {"on": "2026-01-12", "do": "raise", "module": "Expenses", "seats": 13},
                {"on": "2026-01-12", "do": "run"},
            ],
            **{"raise": "now"},
        )
        move = statements[1].move_id
        move.ref = "PO-4711"
        first, annex = self._print(INVOICE, move)
        self._assert_on(
            first, "3 x 20 / 31 days", "Purchase order number", "PO-4711", "58.05"
        )
        self.assertIn("3 seats not assigned", annex)
        self.assertEqual(
            self._get_facts(move)["Service period"], "01/12/2026 to 01/31/2026"
        )

    def test_sections(self):
        """One invoice for all clients of a partner: each has its section, on the
        invoice and in the annex."""
        statements = self._play(
            {**PARTNER, "pools": [make_pool("Reports", 3, 1, discount="15")]},
            {**PARTNER, "id": "S2", "client": "Client 2", "pools": [make_pool()]},
            one_for_all=True,
        )
        (move,) = statements.move_id
        first, annex = self._print(INVOICE, move)
        self._assert_on(
            first, "Partner P", "Client 1", "Client 2", "15", "76.50", "300.00"
        )
        self.assertNotIn("Client", self._get_facts(move))
        places = [
            annex.index(text)
            for text in ("Client 1", "Reports 0", "2 seats", "Client 2", "Expenses 0")
        ]
        self.assertEqual(places, sorted(places))

    def test_partner_pays_for_one(self):
        statement = self._play({**PARTNER})
        self.assertEqual(self._get_facts(statement.move_id)["Client"], "Client 1")

    def test_credit_note_by_hand(self):
        """It is printed as its invoice, names it, and has no annex."""
        move = self._play().move_id
        note = move._reverse_moves([{"invoice_date": "2026-01-20"}])
        note.action_post()
        (page,) = self._print(INVOICE, note)
        self.assertEqual(self.by_wkhtmltopdf, [])
        self.assertIn("Credit Note", page)
        facts = self._get_facts(note)
        self.assertEqual(facts["Original invoice"], f"{move.name} (01/01/2026)")
        self.assertEqual(facts["Service period"], "01/01/2026 to 01/31/2026")
        self.assertNotIn("Due date", facts)

    def test_credit_note_of_a_run(self):
        """Seats that were lowered in time are credited: the note names the invoice."""
        statements = self._play(
            {"end": "2026-01-31"},
            events=[
                RUN,
                {"on": "2026-01-05", "do": "lower", "module": "Expenses", "seats": 7},
                {"on": "2026-02-01", "do": "run"},
            ],
        )
        notes = statements.move_id.filtered(lambda move: move.move_type == "out_refund")
        self.assertEqual(len(notes), 1)
        facts = self._get_facts(notes)
        original = statements[0].move_id.name
        self.assertEqual(facts["Original invoice"], f"{original} (01/01/2026)")
        self.assertEqual(facts["Service period"], "01/05/2026 to 01/31/2026")
        self.assertEqual(len(self._print(INVOICE, notes)), 1)

    def test_another_currency(self):
        """Taxes stand in the company's currency as well."""
        dollars = {"currency": "USD", "rates": [["2025-12-01", "1.25"]]}
        statement = self._play(dollars)
        page = self._print(INVOICE, statement.move_id)[0]
        self._assert_on(page, "360.00", "Taxes EUR", "288.00")

    def test_teams(self):
        """A team is billed, its members are named below it."""
        unit = {"what": "Teams", "price": "80.00", "tax": "20"}
        team = {"name": "Red", "created": "2025-12-01", "archived": None}
        member = {"name": "Zoe", "from": "2025-12-02", "to": None, "teams": ["Red"]}
        subscription = {"pools": [], "unit": unit, "teams": [team], "members": [member]}
        statement = self._play(
            subscription, basis="teams", events=[RUN, {"on": "2026-01-02", "do": "run"}]
        )
        annex = self._print(INVOICE, statement.move_id)[1]
        self.assertLess(annex.index("Red"), annex.index("Zoe"))
        rows = statement._get_holders()
        self.assertEqual([row.get("quantity") for row in rows], [None, "1", "0"])
        self.assertEqual(rows[0]["total"], "1")

    # ------------------------------------------------------------------ payment

    def _bill_in_parts(self):
        """Return an invoice that is paid in two parts to an account."""
        term = self.env["account.payment.term"].create(
            {
                "name": "Two parts",
                "note": "Half at once",
                "display_on_invoice": True,
                "line_ids": [
                    Command.create(
                        {"value": "percent", "value_amount": 50, "nb_days": days}
                    )
                    for days in (0, 30)
                ],
            }
        )
        bank = self.env["res.partner.bank"].create(
            {
                "acc_number": "FR7630001007941234567890185",
                "partner_id": self.company.partner_id.id,
                "allow_out_payment": True,
            }
        )
        self.company.write({"qr_code": True, "document_penalty": "legal"})
        move = self._play().move_id
        move.button_draft()
        move.write({"invoice_payment_term_id": term.id, "partner_bank_id": bank.id})
        move.action_post()
        return move

    def test_instalments(self):
        page = self._print(INVOICE, self._bill_in_parts())[0]
        self._assert_on(
            page,
            "Half at once",
            "Instalment 1:",
            "180.00 €, due on 01/01/2026",
            "Instalment 2:",
            "180.00 €, due on 01/31/2026",
            "FR7630001007941234567890",
            "Late payment penalties",
        )

    def test_code_to_pay(self):
        move = self._bill_in_parts()
        # Which codes there are depends on addons of countries.
        code = patch.object(
            self.registry["account.move"], "_generate_qr_code", lambda *_, **__: PIXEL
        )
        with code:
            content = self._render(INVOICE, move)
        page = PdfReader(BytesIO(content)).pages[0]
        self.assertEqual(len(page.images), 1)
        self.assertIn("Scan this code with your banking", page.extract_text())

    def test_paid(self):
        move = self._play().move_id
        payments = self.env["account.payment.register"].with_context(
            active_model="account.move", active_ids=move.ids
        )
        payments.create(
            {"payment_date": "2026-01-15", "amount": 100}
        )._create_payments()
        settled = move._get_settled()
        self.assertEqual([label for label, _ in settled][-1], "Amount due")
        page = self._print(INVOICE, move)[0]
        self._assert_on(page, "Paid on 01/15/2026", "260.00")

    # ------------------------------------------------------------------ the rest

    def test_nature_of_the_operation(self):
        move = self._play({"pools": [make_pool(), make_pool("Time")]}).move_id
        products = move.invoice_line_ids.product_id
        self.assertEqual(move._get_nature_text(), "Supply of services")
        products[0].type = "consu"
        self.assertEqual(
            move._get_nature_text(), "Delivery of goods and supply of services"
        )
        products[1].type = "consu"
        self.assertEqual(move._get_nature_text(), "Delivery of goods")

    def test_is_ours(self):
        """An invoice that no run made is not on our layout."""
        move = self._play().move_id
        self.assertTrue(move._is_billed_by_period())
        other = move.copy({"invoice_date": "2026-01-20"})
        self.assertFalse(other._is_billed_by_period())

    def test_read_by_who_reads_invoices(self):
        """The annex is a part of the invoice, whoever prints that."""
        move = self._play().move_id
        users = self._create_readers()
        statements = self.env["subscription.statement"].with_user(users["billing"])
        self.assertFalse(statements.has_access("read"))
        pages = self._print(INVOICE, move, users["billing"])
        self.assertIn("Expenses 0", pages[1])

    def test_without_renderer(self):
        """wkhtmltopdf gets the same, the annex in the same body."""
        self._remove_renderer()
        move = self._play().move_id
        html, _kind = self.reports._render_qweb_html(INVOICE, move.ids)
        bodies, _ids, *_rest = self.reports._prepare_html(html, "account.move")
        self._assert_on(
            bodies[0], "Expenses 0", "3 seats not assigned", "Service period"
        )

    def test_language_of_the_payer(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        move = self._play().move_id
        move.partner_id.lang = "fr_FR"
        role = self.env.ref("partner_managed_subscription.role_standard")
        role.with_context(lang="fr_FR").name = "Utilisateur courant"
        first, annex = self._print(INVOICE, move)
        self.assertIn("31/01/2026", first)
        self.assertIn("360,00", first.replace("\N{NO-BREAK SPACE}", " "))
        self.assertIn("Utilisateur courant", annex)
