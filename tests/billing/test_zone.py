from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common.billing_screens import BillingScreenCase
from ..common.subscription import create_company


@tagged("post_install", "-at_install")
class TestZone(BillingScreenCase):
    """Companies in one run, each with the days of its own time zone."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.term_tz = "Pacific/Auckland"
        cls.west = cls.create_billing_company("West", tz="America/Los_Angeles")
        cls.env = cls.env(
            context=dict(
                cls.env.context,
                allowed_company_ids=[cls.company.id, cls.west.id],
            )
        )
        tax = cls.create_tax(cls.west, name="West")
        (cls.expenses | cls.time).product_id.taxes_id = [Command.link(tax.id)]
        cls.pricelists = {cls.company: cls.pricelist}
        cls.pricelists[cls.west] = cls.pricelist.copy({"company_id": cls.west.id})
        cls.east = cls.company

    def start_in(self, company, *args, **plan):
        """Return a subscription of ``company``, see ``start``."""
        self.company, self.pricelist = company, self.pricelists[company]
        return self.start(*args, **plan)

    def get_days(self, subscription):
        """Return the days of its statements."""
        return [
            (str(one.date_first), str(one.date_last))
            for one in self.get_statements(subscription)
        ]

    def test_each_is_billed_on_the_day_of_its_company(self):
        east = self.start_in(self.east, "Acme", "2026-01-02")
        west = self.start_in(self.west, "Bolt", "2026-01-02")
        # 2 January, 01:00, in Auckland; 1 January, 04:00, in Los Angeles
        self.run_job("2026-01-01", hour=12)
        self.assertEqual(self.get_days(east), [("2026-01-02", "2026-02-01")])
        self.assertEqual(str(east.statement_ids.move_id.invoice_date), "2026-01-02")
        self.assertFalse(self.get_days(west))
        self.run_job("2026-01-02", hour=8)
        self.assertEqual(self.get_days(west), [("2026-01-02", "2026-02-01")])
        self.assertEqual(len(self.get_days(east)), 1)

    def test_who_pays_is_known_by_the_day_of_the_company(self):
        """The client changes partner on 2 February in Auckland, which is 1 February in
        Los Angeles: a period from 1 February on is paid by another one there."""
        plan = {"billing_payer": "partner"}
        east = self.start_in(self.east, "Acme", "2026-01-01", **plan)
        west = self.start_in(self.west, "Acme", "2026-01-01", **plan)
        self.run_job("2026-01-01", hour=12)
        self.run_job("2026-01-02", hour=12)
        south = create_company(self.env, "South", is_managing_partner=True)
        with freeze_time("2026-02-01 12:00:00"):
            east.client_id.managing_partner_id = south
            self.env.flush_all()
        self.env.cr.execute(
            "UPDATE subscription_log SET date = '2026-02-01 12:00:00'"
            " WHERE event = 'managing_partner' AND client_id = %s"
            " AND old_managing_partner_id IS NOT NULL",
            [east.client_id.id],
        )
        self.env.invalidate_all()
        self.run_job("2026-02-03", hour=12)
        payers = {
            record: record.statement_ids.sorted("date_first")[-1].payer_id
            for record in (east, west)
        }
        self.assertEqual(payers, {east: self.north, west: south})

    def test_without_a_zone_nothing_is_billed_and_the_list_says_why(self):
        east = self.start_in(self.east, "Acme")
        west = self.start_in(self.west, "Bolt")
        self.west.term_tz = False
        self.run_job("2026-01-02")
        self.assertTrue(self.get_days(east))
        self.assertFalse(east.billing_problem_ids)
        self.assertFalse(self.get_days(west))
        problem = west.billing_problem_ids
        self.assertEqual(problem.code, "zone")
        text = "West has no time zone. Set it in the settings."
        self.assertEqual(problem.reason, text)
        with freeze_time("2026-01-02 10:00:00"):
            self.assertIn(text, west.billing_text)
        self.west.term_tz = "America/Los_Angeles"
        self.run_job("2026-01-03")
        self.assertEqual(self.get_days(west), [("2026-01-01", "2026-01-31")])
        self.assertFalse(west.billing_problem_ids)

    def test_licences_on_account_wait_for_a_zone_too(self):
        self.west.term_tz = False
        with self.assertRaisesRegex(UserError, "West has no time zone"):
            self.env["subscription.licence.account"]._make_on_account(
                self.west, self.north, None, []
            )
