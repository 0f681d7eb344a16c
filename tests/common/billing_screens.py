"""A client that is billed by the period, for tests of what screens say about it."""

from freezegun import freeze_time

from odoo import Command
from odoo.tests import new_test_user

from .billing import BillingCase
from .subscription import ADDON, create_company, create_members, create_module

START = "2026-01-01"


class BillingScreenCase(BillingCase):
    """North manages Acme, which has 10 seats of Expenses for 30.00 a month each, and 5
    of Time for 12.00, from 1 January on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.create_billing_company()
        companies = [cls.company.id, *cls.env.user.company_ids.ids]
        cls.env = cls.env(
            context=dict(cls.env.context, allowed_company_ids=companies, lang="en_US")
        )
        cls.company = cls.company.with_env(cls.env)
        cls.tax = cls.create_tax(cls.company, name="Services")
        cls.pricelist = cls.env["product.pricelist"].create(
            {
                "name": "Prices",
                "currency_id": cls.company.currency_id.id,
                "company_id": cls.company.id,
            }
        )
        cls.expenses = cls.create_billed_module("Expenses", 30)
        cls.time = cls.create_billed_module("Time", 12)
        cls.unit = cls.create_product("Unit", cls.tax, lst_price=7)
        cls.north = create_company(cls.env, "North", is_managing_partner=True)
        cls.role = cls.env.ref(f"{ADDON}.role_standard")

    @classmethod
    def create_billed_module(cls, name, price):
        """Create a module whose seats cost ``price``."""
        module = create_module(cls.env, name)
        module.product_id = cls.create_product(name, cls.tax, lst_price=price)
        return module

    def start(self, client="Acme", start=START, end="2026-12-31", **plan):
        """Return a subscription that started on ``start``; ``plan`` as its plan has it,
        by default contracted seats, billed before each month."""
        values = {
            "name": "By the month",
            "recurring_rule_type": "months",
            "recurring_rule_boundary": "limited",
            "recurring_rule_count": 12,
            "paid_by": "period",
            "plan_line_ids": [
                Command.create({"module_id": self.expenses.id, "seat_limit": 10}),
                Command.create({"module_id": self.time.id, "seat_limit": 5}),
            ],
            **plan,
        }
        with freeze_time(f"{start} 08:00:00"):
            subscription = self.env["sale.subscription"].create(
                {
                    "partner_id": self.get_client(client).id,
                    "company_id": self.company.id,
                    "template_id": self.env["sale.subscription.template"]
                    .create(values)
                    .id,
                    "pricelist_id": self.pricelist.id,
                    "date_start": start,
                    "date": end,
                }
            )
            subscription.date = end
            subscription.action_start_subscription()
            self.env.flush_all()
        return subscription

    def get_client(self, name):
        """Return the client of North called ``name``."""
        found = self.env["res.partner"].search([("name", "=", name)], limit=1)
        return found or create_company(
            self.env, name, managing_partner_id=self.north.id
        )

    def get_pool(self, subscription, module=None):
        """Return the pool of a module, Expenses by default."""
        module = module or self.expenses
        return subscription.seat_pool_ids.filtered(lambda one: one.module_id == module)

    def create_team(self, subscription, name, count=0):
        """Create a team of the client with ``count`` members."""
        client = subscription.client_id
        team = self.env["subscription.team"].create(
            {"name": name, "client_id": client.id}
        )
        teams = [Command.set(team.ids)]
        create_members(
            self.env, client, count, self.role, team_ids=teams
        ) if count else None
        return team

    @classmethod
    def create_user(cls, login, group, partner):
        """Create a user of ``partner``, in the company that bills."""
        return new_test_user(
            cls.env,
            login,
            f"{ADDON}.group_{group}",
            parent_id=partner.id,
            email=f"{login}@users.test",
            company_id=cls.company.id,
            company_ids=[Command.set(cls.company.ids)],
        )

    def as_user(self, user, records):
        """Return ``records`` as ``user`` sees them in the company that bills."""
        context = {"allowed_company_ids": self.company.ids}
        return records.with_user(user).with_context(**context)

    def get_statements(self, subscription, after=None):
        """Return the statements of ``subscription`` but for those in ``after``."""
        statements = self.env["subscription.statement"].search(
            [("subscription_id", "=", subscription.id)], order="id"
        )
        return statements - (after or statements.browse())
