"""How tests of the engine build many subscriptions that are billed."""

from odoo.tests import freeze_time

from .billing import BillingCase
from .subscription import create_company, create_module

FIRST = "2027-01-01"
# The price of a seat for a month.
PRICE = 31.0


class EngineCase(BillingCase):
    """A company, its partner North, and clients with two contracted seats each."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.create_billing_company()
        companies = [cls.company.id, *cls.env.user.company_ids.ids]
        cls.env = cls.env(context=dict(cls.env.context, allowed_company_ids=companies))
        cls.company = cls.company.with_env(cls.env)
        cls.north = create_company(cls.env, "North", is_managing_partner=True)
        cls.expenses = cls.create_billed_module("Expenses", cls.company)
        cls.pricelist = cls.create_pricelist(cls.company)

    @classmethod
    def create_billed_module(cls, name, company):
        """Create a module whose seats are billed with a product of its own."""
        module = create_module(cls.env, name)
        tax = cls.create_tax(company, name=f"20 % of {name}")
        module.product_id = cls.create_product(name, tax, lst_price=PRICE)
        return module

    @classmethod
    def create_pricelist(cls, company, currency=None):
        """Create a price list without rules of its own."""
        money = currency or company.currency_id
        return cls.env["product.pricelist"].create(
            {"name": "Prices", "currency_id": money.id, "company_id": company.id}
        )

    @classmethod
    def create_plan(cls, **vals):
        """Create a plan that is billed by the month."""
        return cls.env["sale.subscription.template"].create(
            {
                "name": "Monthly",
                "recurring_rule_type": "months",
                "recurring_rule_boundary": "limited",
                "recurring_rule_count": 12,
                "paid_by": "period",
                **vals,
            }
        )

    @classmethod
    def create_billed(cls, count=1, module=None, plan=None, **vals):
        """Create running subscriptions of new clients, with two seats of ``module``."""
        plan = plan or cls.create_plan()
        subscriptions = cls.env["sale.subscription"]
        with freeze_time(f"{FIRST} 08:00:00"):
            for number in range(count):
                client = create_company(
                    cls.env, f"Client {number}", managing_partner_id=cls.north.id
                )
                subscription = subscriptions.create(
                    {
                        "partner_id": client.id,
                        "company_id": cls.company.id,
                        "template_id": plan.id,
                        "pricelist_id": cls.pricelist.id,
                        "date_start": FIRST,
                        **vals,
                    }
                )
                cls.env["subscription.seat.pool"].create(
                    {
                        "subscription_id": subscription.id,
                        "module_id": (module or cls.expenses).id,
                        "seat_limit": 2,
                        "is_billed": True,
                    }
                )
                subscription.action_start_subscription()
                subscriptions |= subscription
            cls.env.flush_all()
        return subscriptions

    def get_problems(self, subscriptions):
        """Return the open problems of ``subscriptions``."""
        problems = self.env["subscription.billing.problem"]
        return problems.search(
            [("subscription_id", "in", subscriptions.ids), ("solved_at", "=", False)]
        )
