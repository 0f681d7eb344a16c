"""The dashboard as a workbook, and over HTTP."""

import io
import json
from unittest.mock import patch

from openpyxl import load_workbook

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import HttpCase, freeze_time, tagged
from odoo.tools import mute_logger

from ..common.access import MUTED
from ..common.dashboard import SUBSCRIPTION, DashboardCase

PATH = "/subscription/dashboard/export"
EXPORTERS = "base.group_allow_export"


class ExportMixin:
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        group = cls.env.ref(EXPORTERS)
        # Whatever else gives the right.
        giving = cls.env["res.groups"].search([("implied_ids", "in", group.ids)])
        giving.write({"implied_ids": [Command.unlink(group.id)]})
        for user in cls.users.values():
            user.group_ids -= group
        cls.users["north"].group_ids += group
        cls.users["intern"].group_ids += group

    def _read_book(self, content):
        """Return ``{name of the sheet: rows}`` of a workbook."""

        book = load_workbook(io.BytesIO(content))
        return {
            sheet.title: [list(row) for row in sheet.iter_rows(values_only=True)]
            for sheet in book.worksheets
        }


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestDashboardExport(ExportMixin, DashboardCase):
    def _export(self, role, **filters):
        file = io.BytesIO()
        model = self.env[SUBSCRIPTION].with_user(self.users[role])
        model._write_dashboard(filters, file)
        return self._read_book(file.getvalue())

    def test_each_section_is_a_sheet_with_its_figures(self):
        sheets = self._export("north")
        sections = self._get_sections("north")
        self.assertEqual(len(sheets), 1 + len(sections))
        titles = [section["title"][:31] for section in sections.values()]
        self.assertEqual(list(sheets)[1:], titles)
        for section, rows in zip(
            sections.values(), list(sheets.values())[1:], strict=True
        ):
            heads = [column["label"] for column in section["columns"]]
            self.assertEqual([head.split(" (")[0] for head in rows[0]], heads)
            self.assertEqual(len(rows), 1 + len(section["rows"]))
        [stock] = self._get_values(sections["stock"])
        row = sheets[sections["stock"]["title"]][1]
        self.assertEqual(row[:2], [stock["module"], stock["balance"]])
        self.assertEqual(row[3].date(), stock["runs_out"])

    def test_it_is_narrowed_by_the_filters(self):
        text = str(self._export("north", partner=self.reef.id))
        self.assertIn("Coral", text)
        self.assertNotIn("Running", text)

    def test_names_are_never_formulas(self):
        name = "=1+1"
        self.terms["reef"].client_id.name = name
        file = io.BytesIO()
        model = self.env[SUBSCRIPTION].with_user(self.users["north"])
        model._write_dashboard({}, file)

        book = load_workbook(io.BytesIO(file.getvalue()))
        cells = [
            cell
            for sheet in book.worksheets
            for row in sheet.iter_rows()
            for cell in row
            if cell.value == name
        ]
        self.assertTrue(cells)
        self.assertEqual({cell.data_type for cell in cells}, {"s"})

    def test_sheets_have_names_that_excel_takes(self):
        sections = [
            {"title": "A/B [x]: " + "long " * 9, "columns": [], "rows": []},
            {"title": "A/B [x]: " + "long " * 9, "columns": [], "rows": []},
            {"title": "'", "columns": [], "rows": []},
        ]
        registry_class = self.env.registry[SUBSCRIPTION]
        with patch.object(
            registry_class, "_get_dashboard_sections", lambda *args: sections
        ):
            names = list(self._export("north"))[1:]
        self.assertEqual(len(set(names)), 3)
        for name in names:
            self.assertLessEqual(len(name), 31)
            self.assertFalse(set(name) & set("[]:*?/\\"))

    def test_who_may_not_export_is_refused(self):
        for role, may in {"north": True, "south": False, "intern": False}.items():
            with self.subTest(role):
                self.assertEqual(self._get_dashboard(role)["can_export"], may)
                if not may:
                    with self.assertRaises(AccessError):
                        self._export(role)


@tagged("post_install", "-at_install")
class TestDashboardRoute(ExportMixin, HttpCase, DashboardCase):
    def _get_file(self, role, filters=None, **params):
        self.authenticate(self.users[role].login, self.users[role].login)
        if filters is not None:
            params["filters"] = filters
        return self.url_open(PATH, params=params, timeout=120)

    def test_it_is_sent_as_a_file(self):
        answer = self._get_file("north", json.dumps({"partner": self.reef.id}))
        self.assertEqual(answer.status_code, 200)
        self.assertIn("attachment", answer.headers["Content-Disposition"])
        self.assertIn("spreadsheetml", answer.headers["Content-Type"])
        text = str(self._read_book(answer.content))
        self.assertIn("Coral", text)
        self.assertNotIn("Running", text)

    def test_odd_questions_are_answered(self):
        for filters in ("", "x", "[", "[1]", "null", '{"partner": "x"}', "[" * 100000):
            with self.subTest(filters[:20]):
                self.assertIn(
                    self._get_file("north", filters[:5000]).status_code, (200,)
                )
        self.assertEqual(self._get_file("north", company_ids="x,").status_code, 200)

    @mute_logger(*MUTED)
    def test_others_are_refused(self):
        self.assertEqual(self._get_file("south").status_code, 403)
        company = self.env["res.company"].create({"name": "Another vendor"})
        answer = self._get_file("north", company_ids=str(company.id))
        self.assertEqual(answer.status_code, 403)
