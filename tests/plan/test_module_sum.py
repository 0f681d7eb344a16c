"""Numbers of different modules are not added up, whatever they are grouped by."""

import io
import json

from openpyxl import load_workbook

from odoo.http import Request
from odoo.tests import HttpCase, tagged

from ..common.licence import StockCase
from ..common.subscription import create_plan


@tagged("post_install", "-at_install")
class TestModuleSum(StockCase):
    def setUp(self):
        super().setUp()
        self._give(self.south, 3)
        self._give(self.south, 4, self.time)

    def _sum(self, model, name, group_by, domain):
        """Return ``{group: total}`` of the field ``name``."""
        rows = self.env[model].formatted_read_group(domain, group_by, [f"{name}:sum"])
        return {
            tuple(row[by] and row[by][1] for by in group_by): row[f"{name}:sum"]
            for row in rows
        }

    def test_stocks_are_added_up_for_each_module(self):
        for model, name in (
            ("subscription.licence.account", "balance"),
            ("subscription.licence.move", "quantity"),
        ):
            of_south = [("partner_id", "=", self.south.id)]
            with self.subTest(model=model):
                self.assertEqual(
                    self._sum(model, name, ["module_id"], of_south),
                    {(self.expenses.name,): 3, (self.time.name,): 4},
                )
                self.assertEqual(
                    self._sum(model, name, ["partner_id"], of_south),
                    {(self.south.display_name,): False},
                )
                one = [*of_south, ("module_id", "=", self.time.id)]
                self.assertEqual(
                    self._sum(model, name, ["partner_id"], one),
                    {(self.south.display_name,): 4},
                )

    def test_seats_are_added_up_for_each_module(self):
        plan = create_plan(self.env, "Two", {self.expenses: 5, self.time: 2})
        client = self._create_client("Pine", self.south)
        self._create_subscription(client, plan)
        mine = [("client_id", "=", client.id)]
        model = "subscription.seat.usage"
        totals = self._sum(model, "seat_limit", ["module_id"], mine)
        self.assertEqual(totals[self.expenses.name,], 5)
        self.assertEqual(totals[self.time.name,], 2)
        [total] = self._sum(model, "seat_limit", ["client_id"], mine).values()
        self.assertFalse(total)
        [(count,)] = self.env[model]._read_group(mine, [], ["__count"])
        self.assertGreaterEqual(count, 2)

    def test_what_has_no_module_is_not_added_to_what_has_one(self):
        lines = self.env["subscription.statement.line"]
        query = lines._search([])
        select = lines._read_group_select("quantity:sum", query)
        self.assertIn("COALESCE", select.code)
        self.assertNotIn("CASE", lines._read_group_select("amount:sum", query).code)

    def test_partners_list_what_is_left_the_least_first(self):
        self.assertEqual(
            self.south.licence_balance, f"{self.expenses.name} 3, {self.time.name} 4"
        )
        self._give(self.south, 2.5)
        self.assertEqual(
            self.south.licence_balance.replace(",5", ".5"),
            f"{self.time.name} 4, {self.expenses.name} 5.5",
        )
        self.assertFalse(self.acme.licence_balance)


@tagged("post_install", "-at_install")
class TestGroupedExport(HttpCase, StockCase):
    """Odoo's workbook of a grouped list adds up what the list adds up, and no more."""

    def setUp(self):
        super().setUp()
        self._give(self.south, 3)
        self._give(self.south, 4, self.time)

    def _export(self, role, **params):
        """Return the rows of a workbook of stocks, the titles of the columns left
        out."""
        staff = self.staff[role]
        self.authenticate(staff.login, staff.login)
        data = {
            "model": "subscription.licence.account",
            "fields": [
                {"name": "partner_id", "label": "Partner", "type": "many2one"},
                {"name": "balance", "label": "Stock", "type": "float"},
            ],
            "ids": False,
            "domain": [["partner_id", "=", self.south.id]],
            "groupby": ["partner_id"],
            "import_compat": False,
            **params,
        }
        data = {"data": json.dumps(data), "csrf_token": Request.csrf_token(self)}
        answer = self.url_open("/web/export/xlsx", data=data)
        self.assertEqual(answer.status_code, 200, answer.text)
        sheet = load_workbook(io.BytesIO(answer.content)).active
        return [row[:2] for row in sheet.iter_rows(min_row=2, values_only=True)]

    def _get_total(self, *group_by, **params):
        """Return the totals of the groups, by their titles."""
        rows = self._export("south", groupby=group_by, **params)
        return {title.strip(): total for title, total in rows if title.endswith(")")}

    def test_different_modules_are_not_added_up(self):
        south = self.south.display_name
        self.assertEqual(self._get_total("partner_id"), {f"{south} (2)": None})
        totals = self._get_total("partner_id", "module_id")
        expenses, time = self.expenses.name, self.time.name
        self.assertEqual(
            totals, {f"{south} (2)": None, f"{expenses} (1)": 3, f"{time} (1)": 4}
        )

    def test_one_module_is_added_up(self):
        south = self.south.display_name
        one = [["partner_id", "=", self.south.id], ["module_id", "=", self.time.id]]
        self.assertEqual(self._get_total("partner_id", domain=one), {f"{south} (1)": 4})
        totals = self._get_total("module_id", "partner_id")
        self.assertEqual(totals[f"{self.expenses.name} (1)"], 3)
        chosen = self.south.licence_account_ids
        self.assertEqual(
            self._get_total("partner_id", ids=chosen.ids), {f"{south} (2)": None}
        )
        chosen = chosen.filtered(lambda stock: stock.module_id == self.time)
        self.assertEqual(
            self._get_total("partner_id", ids=chosen.ids), {f"{south} (1)": 4}
        )

    def test_other_lists_are_added_up_as_ever(self):
        self.south.color = 3
        [total] = self._export(
            "south",
            model="res.partner",
            fields=[
                {"name": "name", "label": "Name", "type": "char"},
                {"name": "color", "label": "Color", "type": "integer"},
            ],
            domain=[["id", "=", self.south.id]],
            groupby=["is_company"],
        )[:1]
        self.assertEqual(total[1], "3")
