import json

from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import tagged
from odoo.tools import SQL

from ..common.licence import LicenceMixin
from ..common.subscription import ADDON, SubscriptionCase

ACCOUNT = "subscription.licence.account"


@tagged("post_install", "-at_install")
class TestLicenceCompanies(LicenceMixin, SubscriptionCase):
    """Each company of the vendor decides how it bills a partner's licences."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.second = cls.env["res.company"].create({"name": "Second vendor"})
        cls.env.user.company_ids |= cls.second
        cls.stocks = cls.env[ACCOUNT].browse()
        for company in cls.env.company | cls.second:
            cls.env[ACCOUNT]._give(
                cls.south, {cls.expenses: 1}, company, from_vendor=True
            )
        cls.stocks = cls.south.licence_account_ids.sorted("company_id")

    def test_billing(self):
        south = self.south.with_company(self.second)
        south.licence_billing = "on_account"
        self.assertEqual(self.south.licence_billing, "prepaid")
        self.assertEqual(self.stocks.mapped("billing"), ["prepaid", "on_account"])
        for value, stock in zip(("prepaid", "on_account"), self.stocks, strict=True):
            found = self.env[ACCOUNT].search([("billing", "=", value)])
            self.assertEqual(found & self.stocks, stock)

    def test_a_partner_of_before_is_prepaid(self):
        self.assertEqual(self.reef.with_company(self.second).licence_billing, "prepaid")

    def test_migration(self):
        """What was chosen before holds in every company."""
        self.south.licence_billing = "on_account"
        self.env.flush_all()
        self.env.cr.execute(
            "ALTER TABLE res_partner ALTER COLUMN licence_billing TYPE varchar"
            " USING CASE WHEN licence_billing IS NULL THEN 'prepaid'"
            " ELSE 'on_account' END"
        )
        path = f"{get_module_path(ADDON)}/migrations/19.0.1.2.0/pre-migrate.py"
        load_script(path, "pms_company_billing").migrate(self.env.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        for company in self.env.company | self.second:
            south = self.south.with_company(company)
            self.assertEqual(south.licence_billing, "on_account")
            self.assertEqual(self.reef.with_company(company).licence_billing, "prepaid")
        rows = self.env.execute_query(
            SQL("SELECT licence_billing FROM res_partner WHERE id = %s", self.south.id)
        )
        values = rows[0][0]
        values = json.loads(values) if isinstance(values, str) else values
        self.assertEqual(set(values.values()), {"on_account"})
