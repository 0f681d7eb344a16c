import json
from pathlib import Path

from odoo.tests import tagged

from ..common.billing import BillingCase
from ..common.billing_events import ScenarioPlayer
from . import test_cases

SCENARIOS = json.loads((Path(__file__).parent / "scenarios.json").read_text())


@tagged("post_install", "-at_install")
class TestScenarios(BillingCase):
    """Scenarios of billing that others had trouble with, reckoned by hand."""

    get_company = test_cases.TestCases.get_company
    get_tax = test_cases.TestCases.get_tax
    check_invoices = test_cases.TestCases.check_invoices
    check_invoice = test_cases.TestCases.check_invoice
    is_same = test_cases.TestCases.is_same

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        givens = [scenario["given"]["company"] for scenario in SCENARIOS]
        cls.companies = {
            place: cls.create_billing_company(f"Biller {place}", *place)
            for place in sorted({(given["currency"], given["tz"]) for given in givens})
        }

    def check(self, scenario):
        """Play ``scenario`` and compare what it says."""
        player = ScenarioPlayer(self, scenario)
        player.play()
        expected = scenario["expect"]
        self.check_invoices(expected["invoices"], player.get_invoices())
        self.assertEqual(player.count_problems(), expected["problems"])
        if "statements" in expected:
            self.assertEqual(player.count_statements(), expected["statements"])


def _make_test(scenario):
    def test(self):
        self.check(scenario)

    test.__doc__ = f"{scenario['title']}: {scenario['why']}"
    return test


for one in SCENARIOS:
    setattr(TestScenarios, f"test_{one['id']}", _make_test(one))
