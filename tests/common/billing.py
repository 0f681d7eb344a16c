"""A company that bills, and its jobs."""

from datetime import datetime
from unittest.mock import patch

from freezegun import freeze_time

from odoo import Command
from odoo.tests import TransactionCase

from .queue import work_off


class BillingCase(TransactionCase):
    """Companies with accounts, which bill the clients of a partner."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context=dict(cls.env.context, tracking_disable=True))
        cls.env["res.lang"]._activate_lang("en_US")
        # Whatever language the database was made in.
        cls.env["ir.default"].set("res.partner", "lang", "en_US")
        cls.runs = cls.env["subscription.billing.run"]

    @classmethod
    def create_billing_company(cls, name="Biller", currency="EUR", tz="Europe/Paris"):
        """Create a company of the vendor, with accounts and a journal."""
        money = cls.env.ref(f"base.{currency}")
        money.active = True
        company = cls.env["res.company"].create(
            {"name": name, "currency_id": money.id, "term_tz": tz}
        )
        cls.env.user.company_ids |= company
        cls.env["account.chart.template"].try_loading(
            "generic_coa", company, install_demo=False
        )
        company.currency_id = money
        return company

    @classmethod
    def create_tax(cls, company, amount=20, **vals):
        """Create a tax on sales of services."""
        group = cls.env["account.tax.group"].search(
            [("company_id", "=", company.id)], limit=1
        )
        return cls.env["account.tax"].create(
            {
                "name": f"{amount} % {vals}",
                "amount": amount,
                "type_tax_use": "sale",
                "tax_scope": "service",
                "company_id": company.id,
                "tax_group_id": group.id,
                "country_id": company.account_fiscal_country_id.id,
                **vals,
            }
        )

    @classmethod
    def create_product(cls, name, tax, **vals):
        """Create a product that a period is billed with."""
        return cls.env["product.product"].create(
            {
                "name": name,
                "type": "service",
                "taxes_id": [Command.set(tax.ids)],
                **vals,
            }
        )

    def run_job(self, on, hour=10):
        """Run the job on a day, at an hour of UTC."""
        moment = on if isinstance(on, datetime) else f"{on} {hour:02}:00:00"
        with freeze_time(moment):
            self.bill()

    def bill(self, env=None):
        """Let the jobs run now, in this transaction."""
        env = env or self.env
        crons = type(env["ir.cron"])
        with patch.object(crons, "_commit_progress", return_value=1000.0):
            env["subscription.renewal"]._cron_apply()
            env["subscription.billing.run"]._cron_bill()
            work_off(env)
