import io
from collections import Counter
from unittest.mock import patch

from openpyxl import load_workbook

from odoo.tests import freeze_time, tagged
from odoo.tools import SQL

from ..common.dashboard import TODAY, DashboardCase
from ..common.licence import MOVE
from ..common.revenue import LINE, REVENUE, Reckoner, group_rows

# What a seat costs a year.
PRICE = 120
FIGURES = ("new", "back", "raised", "lowered", "lost")


@tagged("post_install", "-at_install")
@freeze_time("2026-03-15")
class TestRevenueOnDashboard(DashboardCase):
    """The licences of all terms cost 120.00 a year, from the first day of each term;
    one of North's has two seats more from today on, one has ended, one was closed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.currency = cls.company.currency_id
        for term in cls.terms.values():
            moves = cls.env[MOVE].search(
                [("subscription_id", "=", term.id), ("kind", "=", "raise")]
            )
            for move in moves:
                move._set(
                    {
                        "yearly_amount": move.seats * PRICE,
                        "currency_id": cls.currency.id,
                        "date_first": term.date_start,
                    }
                )
        raised = cls.terms["running"]
        cls._get_pool(raised, cls.expenses).seat_limit += 2
        move = cls.env[MOVE].search(
            [("subscription_id", "=", raised.id), ("kind", "=", "raise")], limit=1
        )
        move._set({"yearly_amount": 2 * PRICE, "currency_id": cls.currency.id})
        cls.terms["ending"]._set({"closed_on": "2026-01-20"})
        cls.env.flush_all()
        cls.env.invalidate_all()

    def _get_revenue(self, role="admin", **filters):
        """Return the sections of revenue, by their names without the currency."""
        code = self.currency.name.lower()
        return {
            name.removesuffix(f"_{code}"): section
            for name, section in self._get_sections(role, **filters).items()
            if name.startswith("revenue")
        }

    def _reckon(self, *names, partner=None):
        subscriptions = self.env["sale.subscription"].search([])
        rows = Reckoner(subscriptions, TODAY).get_rows()
        if partner:
            rows = {
                key: figures
                for key, figures in rows.items()
                if key[1].client_id.management_path.startswith(partner.management_path)
            }
        return {
            (month, *key): figures
            for (month, _currency, *key), figures in group_rows(rows, *names).items()
        }

    def _check_month(self, values, expected):
        self.assertEqual(round(values["mrr"], 2), round(expected["mrr"], 2))
        for name in FIGURES:
            self.assertAlmostEqual(values[f"{name}_amount"], expected[name], 2)

    def test_only_the_vendor_sees_it(self):
        self.assertEqual(
            list(self._get_revenue()),
            ["revenue", "revenue_months", "revenue_movements"],
        )
        for role in ("north", "south", "reef", "accountant", "intern"):
            self.assertFalse(self._get_revenue(role), role)

    def test_the_rules_alone_keep_others_out(self):
        """Without the query, which looks at nobody else's either."""
        mixin = self.env.registry["subscription.revenue.mixin"]
        with patch.object(mixin, "_get_scope_sql", lambda _self: SQL("TRUE")):
            for role, partner in (("north", self.north), ("south", self.south)):
                for model in (REVENUE, LINE):
                    with self.subTest(role=role, model=model):
                        found = self.env[model].with_user(self.users[role]).search([])
                        paths = found.sudo().client_id.mapped("management_path")
                        self.assertTrue(paths)
                        for path in paths:
                            self.assertTrue(path.startswith(partner.management_path))

    def test_the_present_month(self):
        reckoned = self._reckon()
        month = TODAY.replace(day=1)
        [values] = self._get_values(self._get_revenue()["revenue"])
        self._check_month(values, reckoned[month,])
        self.assertEqual(values["arr"], 12 * values["mrr"])
        self.assertTrue(values["mrr"])
        # A partner with all below it
        [values] = self._get_values(self._get_revenue(partner=self.south.id)["revenue"])
        self._check_month(values, self._reckon(partner=self.south)[month,])

    def test_each_month(self):
        reckoned = self._reckon()
        sections = self._get_revenue(months=24)
        months = self._get_values(sections["revenue_months"])
        movements = self._get_values(sections["revenue_movements"])
        self.assertEqual(len(months), 25)
        by_label = {
            month.strftime("%b %Y"): figures for (month,), figures in reckoned.items()
        }
        self.assertTrue(any(one["lost"] for one in by_label.values()))
        for values, moved in zip(months, movements, strict=True):
            expected = Counter(by_label.get(values["month"], {}))
            self.assertAlmostEqual(values["mrr"], expected["mrr"], 2)
            for name in FIGURES:
                sign = -1 if name in ("lowered", "lost") else 1
                self.assertAlmostEqual(
                    sign * moved[f"{name}_amount"], expected[name], 2
                )

    def test_retention_is_that_of_each_month_multiplied(self):
        reckoned = self._reckon()
        net = gross = 100
        for (month,), one in reckoned.items():
            # The months of the last year
            if one["opening"] and (TODAY - month).days < 360:
                net *= one["mrr"] - one["new"] - one["back"]
                gross *= one["opening"] - one["lowered"] - one["lost"]
                net, gross = net / one["opening"], gross / one["opening"]
        [values] = self._get_values(self._get_revenue(months=12)["revenue"])
        self.assertLess(net, 100)
        self.assertAlmostEqual(values["net"], net, 1)
        self.assertAlmostEqual(values["gross"], gross, 1)

    def test_partners_are_compared(self):
        code = self.currency.name.lower()
        table = self._get_sections("admin", months=12)["partners"]
        names = {one["name"] for one in table["columns"]}
        self.assertLessEqual({f"mrr_{code}", f"net_{code}"}, names)
        month = TODAY.replace(day=1)
        before = month.replace(year=TODAY.year - 1)
        rows = Reckoner(self.env["sale.subscription"].search([]), TODAY).get_rows()
        amounts = Counter()
        for (first, one, _module, _currency), figures in rows.items():
            amounts[first, one.managing_partner_id.id] += float(figures["mrr"])
        self.assertEqual(len(table["rows"]), 3)
        for one in table["rows"]:
            values = one["values"]
            now, then = (amounts[first, one["id"]] for first in (month, before))
            self.assertAlmostEqual(values[f"mrr_{code}"], now, 2)
            self.assertAlmostEqual(values[f"mrr_change_{code}"], now - then, 2)

    def test_figures_open_their_lines(self):
        for months in (3, 24):
            sections = self._get_revenue(months=months)
            for name in ("revenue", "revenue_movements"):
                for row in sections[name]["rows"]:
                    self._check_actions(row)
            for row in sections["revenue_months"]["rows"]:
                lines = self._find(row["action"], "admin")
                self.assertAlmostEqual(
                    sum(lines.mapped("mrr")), row["values"]["mrr"], 2
                )

    def _check_actions(self, row):
        for name, action in row["actions"].items():
            lines = self._find(action, "admin")
            if name == "mrr":
                total = sum(lines.mapped("mrr"))
            elif name == "arr":
                total = 12 * sum(lines.mapped("mrr"))
            else:
                total = abs(sum(lines.mapped("change")))
            self.assertAlmostEqual(total, abs(row["values"][name]), 2, name)

    def test_the_workbook_has_the_same_figures(self):
        file = io.BytesIO()
        model = self.env["sale.subscription"].with_user(self.users["admin"])
        model._write_dashboard({"months": 12}, file)
        book = load_workbook(file)
        sheets = {sheet.title: [*sheet.values] for sheet in book.worksheets}
        for section in self._get_revenue(months=12).values():
            heads, *rows = sheets[section["title"][:31]]
            columns = section["columns"]
            names = [column["name"] for column in columns]
            expected = [
                [one["values"][name] for name in names] for one in section["rows"]
            ]
            self.assertTrue(rows)
            for row, values in zip(rows, expected, strict=True):
                for cell, value in zip(row, values, strict=True):
                    if isinstance(value, str):
                        self.assertEqual(cell, value)
                    else:
                        self.assertAlmostEqual(cell, float(value), 6)
            for head, column in zip(heads, columns, strict=True):
                is_money = column["type"] == "monetary"
                self.assertEqual(head.endswith(f"({self.currency.name})"), is_money)

    def test_without_revenue(self):
        self.env[MOVE].search([])._set({"yearly_amount": 0})
        sections = {
            name: one
            for name, one in self._get_sections("admin").items()
            if name.startswith("revenue")
        }
        self.assertEqual(list(sections), ["revenue"])
        self.assertFalse(sections["revenue"]["rows"])
        self.assertTrue(sections["revenue"]["empty"])

    def test_one_query(self):
        """However many partners and months there are."""
        model = self.env["sale.subscription"].with_user(self.users["admin"])
        asked = model._read_dashboard_filters({"months": 24})
        model._get_revenue_sections(model._read_revenue(asked), asked)
        self.env.flush_all()
        with self.assertQueryCount(1):
            model._read_revenue(asked)
