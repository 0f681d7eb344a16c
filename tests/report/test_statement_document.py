from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import MUTED
from ..common.document import RUN, STATEMENT, DocumentCase, make_pool
from ..common.paper import needs_renderer


@needs_renderer
@tagged("post_install", "-at_install")
class TestStatementDocument(DocumentCase):
    """A statement alone, for whoever may read it."""

    def test_one(self):
        statement = self._play({"pools": [make_pool(), make_pool("Time", 2, 0)]})
        (page,) = self._print(STATEMENT, statement)
        self._assert_on(
            page,
            "Biller SAS",
            "Client 1",
            statement.name,
            statement.move_id.name,
            "Contracted seats",
            "30.00",
            "300.00",
            "360.00",
            "Expenses 0",
            "3 seats not assigned",
            "2 seats not assigned",
            "Page 1 of 1",
        )
        rows = statement._get_holders()
        sums = {}
        for row in rows:
            if "section" in row:
                section = sums[row["section"]] = [0, int(row["total"])]
            else:
                section[0] += int(row["quantity"])
        self.assertEqual(sorted(sums.values()), [[2, 2], [10, 10]])

    def test_many(self):
        """Each has pages of its own."""
        statements = self._play(events=[RUN, {"on": "2026-02-01", "do": "run"}])
        pages = self._print(STATEMENT, statements)
        self.assertEqual(len(pages), 2)
        for statement, page in zip(statements, pages, strict=True):
            self.assertIn(statement.name, page)
            self.assertIn("Page 1 of 1", page)

    def test_without_invoice(self):
        statement = self._play({"pools": [make_pool(price="0.00")]})
        self.assertFalse(statement.move_id)
        (page,) = self._print(STATEMENT, statement)
        self.assertIn("No invoice", page)

    def test_credited(self):
        statement = self._play()
        statement.move_id._reverse_moves([{"invoice_date": "2026-01-20"}]).action_post()
        facts = dict(statement._get_paper_facts())
        self.assertEqual(facts["State"], "Credited")
        self.assertIn("Credited", self._print(STATEMENT, statement)[0])

    def test_who_left(self):
        """Names stay, and the page says that they do not count."""
        holders = [
            {"name": name, "module": "Expenses", "from": f"2026-01-{day}", "to": end}
            for name, day, end in (
                ("Ann", "01", None),
                ("Bob", "02", "2026-01-10"),
                ("Cem", "15", None),
                ("Dee", "15", None),
            )
        ]
        statement = self._play(
            {"pools": [make_pool(seats=4, assigned=0)], "holders": holders},
            timing="post",
            basis="in_use",
            events=[{"on": "2026-02-01", "do": "run"}],
        )
        rows = {str(row.get("holder"))[:3]: row for row in statement._get_holders()}
        self.assertEqual(rows["Ann"]["quantity"], "1")
        member = statement.row_ids.filtered(lambda row: row.holder == "Bob").member_id
        self.assertEqual(rows["Bob"]["quantity"], "0")
        self.env.cr.execute(
            "UPDATE subscription_statement_row SET member_id = NULL"
            " WHERE member_id = %s",
            [member.id],
        )
        page = self._print(STATEMENT, statement)[0]
        self._assert_on(page, "Bob Left within the period")

    # ------------------------------------------------------------------ access

    @mute_logger(*MUTED)
    def test_who_may_print(self):
        statement = self._play()
        users = self._create_readers()
        for role in ("admin", "north", "accountant"):
            with self.subTest(role):
                (page,) = self._print(STATEMENT, statement, users[role])
                self.assertIn("Expenses 0", page)
        for role in ("south", "stranger", "billing"):
            with self.subTest(role), self.assertRaises(AccessError):
                self._print(STATEMENT, statement, users[role])

    def test_payer_is_not_named_to_others(self):
        """A client's accountant reads the statement, not who pays for the client."""
        statement = self._play({"payer": "Partner P"})
        users = self._create_readers()
        (page,) = self._print(STATEMENT, statement, users["accountant"])
        self.assertIn("Client 1", page)
        self.assertNotIn("Partner P", page)
        self.assertIn("Partner P", self._print(STATEMENT, statement, users["admin"])[0])
