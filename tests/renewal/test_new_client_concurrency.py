from odoo import fields
from odoo.tests import tagged

from ...exceptions import LicenceRefusal
from ...models.renewal.new_client import NewClient
from ..common.committed import LICENCE_TABLES, CommittedCase
from ..common.licence import ACCOUNT
from ..common.subscription import create_company, create_module, create_yearly_plan

PARTNER = "res.partner"


@tagged("post_install", "-at_install")
class TestNewClientConcurrency(CommittedCase):
    """Two who make clients at once: out of the last licences, or of the same contact.

    Each client takes two licences of the stock of North.
    """

    TABLES = (
        "subscription_log",
        *LICENCE_TABLES,
        "subscription_seat_change",
        "subscription_billing_terms",
        *CommittedCase.TABLES,
    )

    def setUp(self):
        super().setUp()
        with self._committed() as env:
            module = create_module(env, f"Expenses {self.id()}")
            base = env.ref("partner_managed_subscription.module_base")
            north = create_company(env, "North", is_managing_partner=True)
            plan = create_yearly_plan(env, "Yearly", {base: 3, module: 2})
            # Base seats lock the client as well.
            simple = create_yearly_plan(env, "Simple", {module: 2})
            self.north_id, self.module_id = north.id, module.id
            self.plan_id, self.simple_id = plan.id, simple.id

    def _give(self, quantity):
        def give(env):
            north = env[PARTNER].browse(self.north_id)
            module = env["subscription.module"].browse(self.module_id)
            return env[ACCOUNT]._give(north, {module: quantity}, env.company).ids

        self._do(give)

    def _make(self, name, contact_id=(), plan_id=None):
        def make(env):
            request = NewClient(
                contact=env[PARTNER].browse(contact_id),
                values={"name": name},
                manager=env[PARTNER].browse(self.north_id),
                plan=env["sale.subscription.template"].browse(plan_id or self.plan_id),
                seats={},
                seller=env.company,
                start=fields.Date.to_date(env.company._get_today()),
                years=1,
                administrator=(f"{name} admin", f"{name}@admins.test"),
            )
            return env[PARTNER]._create_client(request).ids

        return make

    def _get_names(self):
        domain = [("managing_partner_id", "=", self.north_id)]
        return self._do(lambda env: env[PARTNER].search(domain).mapped("name"))

    def _get_balance(self):
        domain = [("module_id", "=", self.module_id)]
        return self._do(lambda env: env[ACCOUNT].search(domain).balance)

    def test_the_last_licences_make_one_client(self):
        self._give(3)
        done, refused = self._split(
            self._run_together(self._make("Elm"), self._make("Fir"))
        )
        self.assertEqual((len(done), len(refused)), (1, 1))
        self.assertIsInstance(refused[0], LicenceRefusal)
        self.assertIn("1 in stock, 2 needed, 1 missing", str(refused[0]))
        self.assertEqual(len(self._get_names()), 1)
        self.assertEqual(self._get_balance(), 1)

    def test_a_contact_becomes_a_client_once(self):
        self._give(9)
        contact_id = self._do(
            lambda env: create_company(env, "Oak", managing_partner_id=self.north_id).id
        )
        done, refused = self._split(
            self._run_together(
                self._make("one", contact_id, self.simple_id),
                self._make("two", contact_id, self.simple_id),
            )
        )
        self.assertEqual((len(done), len(refused)), (1, 1))
        self.assertIn("has a subscription already", str(refused[0]))
        self.assertEqual(self._get_balance(), 7)
