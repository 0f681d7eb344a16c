import json
from pathlib import Path

from odoo.tests import tagged

from ..common.billing import BillingCase
from ..common.billing_player import CasePlayer

CASES = json.loads((Path(__file__).parent / "cases.json").read_text())
# What an invoice and its lines are compared by, where the case says something.
INVOICE = (
    *("kind", "payer", "invoice_date", "period_start", "period_end", "untaxed", "tax"),
    *("statement_rows", "billed_holders", "sub", "currency"),
    *("company_currency_total", "state"),
)


@tagged("post_install", "-at_install")
class TestCases(BillingCase):
    """The cases of billing, with figures that a calculator gives."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        places = {
            (case["given"]["company"]["currency"], case["given"]["company"]["tz"])
            for case in CASES
        }
        cls.companies = {
            place: cls.create_billing_company(f"Biller {place}", *place)
            for place in sorted(places)
        }

    def get_company(self, currency, tz):
        return self.companies[currency, tz]

    def get_tax(self, company, amount, include):
        name = f"{amount} {include}"
        taxes = self.env["account.tax"]
        found = taxes.search([("name", "=", name), ("company_id", "=", company.id)])
        return found or self.create_tax(
            company, amount, name=name, price_include_override=include
        )

    def check(self, case):
        player = CasePlayer(self, case)
        player.play()
        expected = case["expect"]
        found = player.get_invoices()
        if expected.get("invoices") is not None:
            self.check_invoices(expected["invoices"], found)
        if "invariants" in expected:
            self.check_invariants(expected["invariants"], found)
        if "problems" in expected:
            self.assertEqual(player.count_problems(), expected["problems"])
        if "activities" in expected:
            self.assertEqual(player.count_activities(), expected["activities"])

    def check_invoices(self, expected, found):
        self.assertEqual(len(found), len(expected), found)
        for invoice in expected:
            match = [
                one
                for one in found
                if all(
                    one[name] == invoice[name]
                    for name in ("period_start", "period_end", "untaxed", "payer")
                )
                and invoice.get("sub") in (None, one["sub"])
                and (invoice.get("state") or one["state"] != "cancelled")
            ]
            self.assertTrue(match, (invoice, found))
            self.check_invoice(invoice, match[0])
            found.remove(match[0])

    def check_invoice(self, invoice, one):
        for name in INVOICE:
            if invoice.get(name) is not None:
                self.assertEqual(one[name], invoice[name], (name, one))
        left = list(one["lines"])
        for line in invoice["lines"]:
            names = [name for name in line if line[name] is not None]
            match = [
                some
                for some in left
                if all(self.is_same(some[name], line[name]) for name in names)
            ]
            self.assertTrue(match, (line, one["lines"]))
            left.remove(match[0])
        self.assertFalse(left)

    def is_same(self, found, expected):
        if isinstance(found, float):
            return found == float(expected)
        return found == expected

    def check_invariants(self, expected, found):
        spans = sorted((one["period_start"], one["period_end"]) for one in found)
        self.assertEqual(len(found), expected["count"], spans)
        total = sum(float(one["untaxed"]) for one in found)
        self.assertEqual(f"{total:.2f}", expected["untaxed"])
        self.assertEqual([spans[0][0], spans[-1][1]], expected["covered"])
        self.assertLessEqual(
            set(expected["starts_include"]), {first for first, _last in spans}
        )


def _make_test(case):
    def test(self):
        self.check(case)

    test.__doc__ = f"{case['id']}: {case['title']}"
    return test


for one in CASES:
    setattr(TestCases, f"test_{one['id'].lower()}", _make_test(one))
