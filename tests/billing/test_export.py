import csv
import io
import tracemalloc
from datetime import date
from tempfile import TemporaryFile
from unittest.mock import patch
from urllib.parse import parse_qs, urlsplit

from openpyxl import load_workbook

from odoo.exceptions import AccessError, UserError
from odoo.tests import HttpCase, tagged
from odoo.tools import SQL, mute_logger
from odoo.tools.translate import code_translations

from ...models.core.table_files import neutralize
from ..common.subscription import ADDON, SubscriptionCase

EXPORT = "subscription.statement.export"
STATEMENT = "subscription.statement"
HEADS = [
    *("Invoice", "Client", "First Day", "Last Day", "Module", "Team", "Holder"),
    *("E-mail", "Role", "Days", "Quantity", "Note", "Unit Price", "Discount (%)"),
    *("Amount", "Currency", "Status"),
]
FORMULAS = ("=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", " =1", "＝1")


class ExportCase(SubscriptionCase):
    """Statements of January of Acme, Bolt and Coral. That of Acme bills three seats for
    ten, of which nobody has one, and something by hand."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.statements = {
            client: cls._make_statement(client)
            for client in (cls.acme, cls.bolt, cls.coral)
        }
        cls.statement = cls.statements[cls.acme]
        line = cls._make_line(cls.statement, 3, 10, module_id=cls.expenses.id)
        cls.line = line
        cls._make_row(line, "Zoe", 1, email="zoe@acme.test", role="User", days=31)
        cls._make_row(line, "Ann", 1, days=31)
        cls._make_row(line, False, 1, note="unassigned", days=31)
        cls._make_row(line, "Bob", 0, note="left", days=3)
        product = cls.env["product.product"].create({"name": "Setup"})
        cls._make_line(cls.statement, 2, 8, kind="manual", product_id=product.id)
        for client in (cls.bolt, cls.coral):
            line = cls._make_line(cls.statements[client], 1, 5)
            cls._make_row(line, f"Holder of {client.name}", 1)
        cls.users = {
            "admin": cls._create_user("vera", "admin", cls.vendor),
            "north": cls._create_user("nora", "standard", cls.north),
            "accountant": cls._create_user("alma", "accountant", cls.dune),
            "portal": cls._create_user("petra", "base.group_portal", cls.acme),
        }
        cls._make_accountant(cls.users["accountant"], cls.acme)
        cls.env.flush_all()

    @classmethod
    def _make_statement(cls, client, first="2026-01-01", last="2026-01-31", **vals):
        subscription = cls._create_subscription(client, cls.plan)
        values = {
            "kind": "period",
            "subscription_id": subscription.id,
            "client_id": client.id,
            "payer_id": client.id,
            "managing_partner_id": client.managing_partner_id.id,
            "company_id": cls.env.company.id,
            "currency_id": cls.env.company.currency_id.id,
            "date_first": first,
            "date_last": last,
            "basis": "contracted",
        }
        return cls.env[STATEMENT]._add([{**values, **vals}])

    @classmethod
    def _make_line(cls, statement, quantity, amount, **vals):
        values = {
            "name": "Line",
            "statement_id": statement.id,
            "subscription_id": statement.subscription_id.id,
            "kind": "contracted",
            "date_first": statement.date_first,
            "date_last": statement.date_last,
            "days": 31,
            "of_days": 31,
            "quantity": quantity,
            "price_full": amount / quantity,
            "price_unit": amount / quantity,
            "amount": amount,
        }
        return cls.env[f"{STATEMENT}.line"]._add([{**values, **vals}])

    @classmethod
    def _make_row(cls, line, holder, quantity, **vals):
        values = {
            "line_id": line.id,
            "statement_id": line.statement_id.id,
            "client_id": line.client_id.id,
            "company_id": line.company_id.id,
            "holder": holder,
            "module": line.module_id.name,
            "quantity": quantity,
        }
        return cls.env[f"{STATEMENT}.row"]._add([{**values, **vals}])

    def _export(self, role="admin", **asked):
        """Return what ``role`` exports, a dictionary a row."""
        statements = self.env[STATEMENT].with_user(self.users[role])
        rows = statements._export_billed(statements._get_export_domain(**asked))
        return [dict(zip(HEADS, row, strict=True)) for row in rows]

    def _write(self, file_format, statements=None, **asked):
        """Return the file that exports what is ``asked``."""
        statements = self.env[STATEMENT] if statements is None else statements
        with TemporaryFile() as file:
            domain = statements._get_export_domain(**asked)
            statements._write_export(domain, file_format, file)
            file.seek(0)
            return file.read()

    def _read_csv(self, content):
        return list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))

    def _read_xlsx(self, content):
        return load_workbook(io.BytesIO(content)).active


@tagged("post_install", "-at_install")
class TestExport(ExportCase):
    def test_rows(self):
        """Each holder, each seat that nobody has and each line without rows."""
        rows = self._export(client=self.acme)
        found = [
            (row["Module"], row["Holder"], row["Quantity"], row["Note"]) for row in rows
        ]
        self.assertEqual(
            found,
            [
                ("Expenses", "Ann", 1, ""),
                ("Expenses", "Zoe", 1, ""),
                ("Expenses", None, 1, "Not assigned"),
                ("Expenses", "Bob", 0, "Left within the period"),
                ("Setup", None, 2, "By hand"),
            ],
        )
        zoe = rows[1]
        self.assertEqual(
            (zoe["Client"], zoe["E-mail"], zoe["Role"], zoe["Days"], zoe["Status"]),
            ("Acme", "zoe@acme.test", "User", 31, "Valid"),
        )
        self.assertEqual(zoe["First Day"], date(2026, 1, 1))
        self.assertEqual(zoe["Last Day"], date(2026, 1, 31))
        self.assertEqual(zoe["Currency"], self.env.company.currency_id.name)

    def test_amounts_add_up(self):
        """A third of ten, thrice, is ten: no cent is lost."""
        rows = self._export(client=self.acme)
        amounts = [row["Amount"] for row in rows]
        self.assertEqual(amounts, [3.33, 3.34, 3.33, 0, 8])
        self.assertEqual(sum(amounts), self.statement.amount_untaxed)

    def test_amounts_of_a_credit(self):
        line = self._make_line(self.statement, -3, -10, kind="credit")
        rows = self._export(client=self.acme)
        self.assertEqual(rows[-1]["Note"], "Credit")
        self.assertEqual((rows[-1]["Quantity"], rows[-1]["Amount"]), (-3, -10))
        self.assertEqual(line.amount, -10)

    def test_invoice_number(self):
        """A draft has no number yet."""
        move = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": self.acme.id,
                "invoice_line_ids": [(0, 0, {"name": "Seats", "price_unit": 10})],
            }
        )
        self.statement._set({"move_id": move.id})
        self.assertEqual(
            {row["Invoice"] for row in self._export(client=self.acme)}, {""}
        )
        self.statement._set({"move_id": False})
        self.env.flush_all()
        move.action_post()
        self.statement._set({"move_id": move.id})
        found = {row["Invoice"] for row in self._export(client=self.acme)}
        self.assertEqual(found, {move.name})

    def test_void_statements_are_left_out(self):
        self.statement._set({"state": "void"})
        self.assertFalse(self._export(client=self.acme))
        statements = self.env[STATEMENT]
        self.assertFalse([*statements._export_billed([("id", "=", self.statement.id)])])
        self.statement._set({"state": "credited"})
        found = {row["Status"] for row in self._export(client=self.acme)}
        self.assertEqual(found, {"Credited"})

    def test_what_is_chosen(self):
        """By statement, client, partner with those below it, and month."""
        later = self._make_statement(self.acme, "2026-01-31", "2026-03-01")
        self._make_line(later, 1, 1)

        def get_clients(**asked):
            return sorted({row["Client"] for row in self._export(**asked)})

        def get_first_days(month):
            rows = self._export(client=self.acme, month=date.fromisoformat(month))
            return sorted({row["First Day"].day for row in rows})

        self.assertEqual(get_clients(), ["Acme", "Bolt", "Coral"])
        self.assertEqual(get_clients(statements=self.statements[self.bolt]), ["Bolt"])
        self.assertEqual(get_clients(statements=self.env[STATEMENT]), [])
        self.assertEqual(get_clients(client=self.coral), ["Coral"])
        self.assertEqual(get_clients(partner=self.north), ["Acme", "Coral"])
        self.assertEqual(get_clients(partner=self.reef), ["Coral"])
        self.assertEqual(get_first_days("2026-01-15"), [1, 31])
        self.assertEqual(get_first_days("2026-02-28"), [31])
        self.assertEqual(get_first_days("2026-03-31"), [31])
        self.assertEqual(get_first_days("2026-04-01"), [])

    def test_who_reads_what(self):
        """The rules of statements, for each; who reads none is refused."""
        for role, names in (
            ("admin", {"Acme", "Bolt", "Coral"}),
            ("north", {"Acme", "Coral"}),
            ("accountant", {"Acme"}),
        ):
            with self.subTest(role=role):
                self.assertEqual({row["Client"] for row in self._export(role)}, names)
        self.assertFalse(self._export("north", client=self.bolt))
        with self.assertRaises(AccessError):
            self._export("portal")

    def test_the_portal_may_ask_as_superuser(self):
        """With the clients of its user; nothing else of the call is the user's."""
        statements = self.env[STATEMENT].with_user(self.users["portal"]).sudo()
        rows = [*statements._export_billed([("client_id", "=", self.acme.id)])]
        self.assertEqual(len(rows), 5)

    def test_two_exports_at_a_time(self):
        """One that is given up half-way does not keep another from its rows."""
        first = self.env[STATEMENT]._export_billed([])
        next(first)
        second = [*self.env[STATEMENT]._export_billed([])]
        self.assertEqual(len(second), 1 + len([*first]))

    def test_chunks(self):
        """Whatever the size of the chunks, rows come once and amounts add up."""
        with patch(
            f"odoo.addons.{ADDON}.models.billing.subscription_statement_export.CHUNK", 2
        ):
            rows = self._export(client=self.acme)
        self.assertEqual(len(rows), 5)
        self.assertEqual(sum(row["Amount"] for row in rows), 18)


@tagged("post_install", "-at_install")
class TestExportFiles(ExportCase):
    def test_csv(self):
        content = self._write("csv", client=self.acme)
        self.assertTrue(content.startswith(b"\xef\xbb\xbf"))
        heads, *rows = self._read_csv(content)
        self.assertEqual(heads, HEADS)
        found = dict(zip(HEADS, rows[0], strict=True))
        self.assertEqual(found["First Day"], "2026-01-01")
        self.assertEqual((found["Quantity"], found["Amount"]), ("1", "3.33"))
        self.assertEqual(rows[2][HEADS.index("Holder")], "")

    def test_xlsx(self):
        sheet = self._read_xlsx(self._write("xlsx", client=self.acme))
        heads, *rows = sheet.iter_rows(values_only=True)
        self.assertEqual(list(heads), HEADS)
        found = dict(zip(HEADS, rows[0], strict=True))
        self.assertEqual(found["First Day"].date(), date(2026, 1, 1))
        self.assertEqual((found["Quantity"], found["Amount"]), (1, 3.33))

    def test_xlsx_goes_on_in_another_sheet(self):
        path = f"odoo.addons.{ADDON}.models.core.table_files.MAX_ROWS"
        with patch(path, 2):
            content = self._write("xlsx", client=self.acme)
        book = load_workbook(io.BytesIO(content))
        self.assertEqual([sheet.max_row for sheet in book], [3, 3, 2])
        self.assertEqual({sheet["A1"].value for sheet in book}, {"Invoice"})

    def test_formulas(self):
        """Whoever names a member "=1+1" has nothing run at the reader."""
        for text in FORMULAS:
            with self.subTest(text):
                self.assertEqual(neutralize(text), f"'{text}")
        for text in ("Ann", "a=1", "7", "", "'=1"):
            self.assertEqual(neutralize(text), text)
        line = self._make_line(self.statements[self.bolt], 2, 5)
        for text in FORMULAS:
            self._make_row(line, text, 1, role=text, team=text, email=text)
        rows = self._read_csv(self._write("csv", client=self.bolt))
        texts = {row[HEADS.index(name)] for row in rows for name in ("Holder", "Team")}
        self.assertLessEqual({f"'{text}" for text in FORMULAS}, texts)
        self.assertFalse(texts & set(FORMULAS))
        sheet = self._read_xlsx(self._write("xlsx", client=self.bolt))
        kinds = {
            cell.data_type
            for row in sheet.iter_rows()
            for cell in row
            if str(cell.value).strip().startswith(("=", "+", "@", "-1"))
        }
        self.assertEqual(kinds, {"s"})

    def test_language_of_the_reader(self):
        """Heads and notes are the reader's; what was frozen stays."""
        self.env["res.lang"]._activate_lang("fr_FR")
        french = {"Holder": "Titulaire", "Unit Price": "Prix unitaire"}
        self.patch(code_translations, "python_translations", {(ADDON, "fr_FR"): french})
        statements = self.env[STATEMENT].with_context(lang="fr_FR")
        heads = self._read_csv(self._write("csv", statements, client=self.acme))[0]
        self.assertEqual((heads[6], heads[12]), ("Titulaire", "Prix unitaire"))

    def test_another_format_is_refused(self):
        with self.assertRaises(UserError):
            self._write("pdf", client=self.acme)

    def test_memory(self):
        """Rows are not held: five times as many take no more memory."""
        peaks = {}
        for count in (4_000, 20_000):
            self._insert_rows(count)
            for file_format in ("csv", "xlsx"):
                peaks[file_format, count] = self._measure_peak(file_format)
        for file_format in ("csv", "xlsx"):
            small, large = peaks[file_format, 4_000], peaks[file_format, 20_000]
            with self.subTest(file_format, small=small, large=large):
                self.assertLess(large, 1.3 * small)
                self.assertLess(large, 20_000_000)

    def _insert_rows(self, count):
        """Have ``count`` rows on a line of Bolt's."""
        line = self.statements[self.bolt].line_ids
        self.env.cr.execute(
            SQL(
                """
                INSERT INTO subscription_statement_row
                       (line_id, statement_id, client_id, company_id, holder, email,
                        role, module, days, quantity)
                SELECT line_id, statement_id, client_id, company_id,
                       'Holder ' || number,
                       'holder.' || number || '@bolt.test', 'User', 'Expenses', 31, 1
                  FROM subscription_statement_row, generate_series(2, %s) AS number
                 WHERE line_id = %s AND holder = 'Holder of Bolt'
                   AND number > (SELECT count(*) FROM subscription_statement_row
                                  WHERE line_id = %s)
                """,
                *(count, line.id, line.id),
            )
        )
        line._set({"quantity": count, "amount": 5 * count})
        self.env.flush_all()

    def _measure_peak(self, file_format):
        """Return how much memory an export of Bolt takes at most, in bytes."""
        statements = self.env[STATEMENT]
        domain = statements._get_export_domain(client=self.bolt)
        with TemporaryFile() as file:
            tracemalloc.start()
            try:
                statements._write_export(domain, file_format, file)
                return tracemalloc.get_traced_memory()[1]
            finally:
                tracemalloc.stop()


@tagged("post_install", "-at_install")
class TestExportHttp(ExportCase, HttpCase):
    def _open(self, role, path="csv", **parameters):
        login = self.users[role].login
        self.authenticate(login, login.ljust(8, "x"))
        address = f"/subscription/statement/export/{path}"
        with mute_logger("odoo.http", "odoo.addons.base.models.ir_rule"):
            return self.url_open(address, params=parameters)

    def test_file(self):
        for role in ("admin", "north", "accountant"):
            with self.subTest(role=role):
                response = self._open(role, client_id=self.acme.id)
                response.raise_for_status()
                self.assertEqual(
                    response.headers["Content-Type"], "text/csv;charset=utf-8"
                )
                self.assertIn("attachment", response.headers["Content-Disposition"])
                self.assertEqual(len(self._read_csv(response.content)), 6)
        response = self._open("north", "xlsx", statement_ids=self.statement.id)
        self.assertEqual(self._read_xlsx(response.content).max_row, 6)

    def test_foreign_ids_are_refused(self):
        """What is out of reach is refused, not left out without a word."""
        own, foreign = self.statement, self.statements[self.bolt]
        for role, parameters in (
            ("north", {"statement_ids": f"{own.id},{foreign.id}"}),
            ("north", {"client_id": self.bolt.id}),
            ("north", {"partner_id": self.south.id}),
            ("accountant", {"statement_ids": self.statements[self.coral].id}),
            ("accountant", {"client_id": self.coral.id}),
            ("portal", {"client_id": self.acme.id}),
            ("portal", {}),
        ):
            with self.subTest(role=role, parameters=parameters):
                response = self._open(role, **parameters)
                self.assertEqual(response.status_code, 403)
                self.assertNotIn("Holder of", response.text)

    def test_all_is_what_one_may_read(self):
        rows = self._read_csv(self._open("north").content)
        self.assertEqual({row[1] for row in rows[1:]}, {"Acme", "Coral"})

    def test_odd_values(self):
        gone = self._make_statement(self.acme, "2026-05-01", "2026-05-31")
        for path, parameters, status in (
            ("pdf", {}, 404),
            ("csv", {"statement_ids": "x"}, 400),
            ("csv", {"statement_ids": 2**31 - 1}, 404),
            ("csv", {"client_id": "1,"}, 400),
            ("csv", {"month": "2026-02-30"}, 400),
            ("csv", {"month": "9999-12-31"}, 400),
            ("csv", {"company_ids": 2**31 - 1}, 403),
        ):
            with self.subTest(path=path, parameters=parameters):
                response = self._open("admin", path, **parameters)
                self.assertEqual(response.status_code, status)
        self.assertTrue(gone.exists())

    def test_wizard(self):
        """The wizard counts what is found, and its address gives that."""
        wizards = self.env[EXPORT].with_user(self.users["north"])
        wizard = wizards.with_context(
            active_model=STATEMENT, active_ids=list(self.statement.ids)
        ).create({"file_format": "csv"})
        self.assertEqual(wizard.statement_ids.ids, self.statement.ids)
        self.assertEqual(wizard.statement_count, 1)
        self._check_wizard(wizard, {"Acme"})
        wizard = wizards.create({"partner_id": self.north.id, "month": "2026-01-15"})
        wizard.file_format = "csv"
        self.assertEqual(wizard.statement_count, 2)
        self._check_wizard(wizard, {"Acme", "Coral"})
        self.assertFalse(wizards.create({"month": "2026-06-01"}).statement_count)

    def _check_wizard(self, wizard, names):
        action = wizard.action_export()
        self.assertEqual(action["type"], "ir.actions.act_url")
        address = urlsplit(action["url"])
        path = address.path.removeprefix("/subscription/statement/export/")
        parameters = {name: one for name, [one] in parse_qs(address.query).items()}
        rows = self._read_csv(self._open("north", path, **parameters).content)
        self.assertEqual({row[1] for row in rows[1:]}, names)

    def test_too_many_chosen(self):
        path = (
            f"odoo.addons.{ADDON}.wizard.subscription_statement_export.MAX_STATEMENTS"
        )
        statements = self.statement | self.statements[self.coral]
        wizard = self.env[EXPORT].create({"statement_ids": statements.ids})
        with patch(path, 1), self.assertRaises(UserError):
            wizard.action_export()
