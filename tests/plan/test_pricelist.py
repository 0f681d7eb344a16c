"""New subscriptions are priced in the currency in which their company bills."""

from odoo.tests import Form, tagged

from ..common.rpc import RpcCase
from ..common.subscription import SubscriptionCase

PRICES = "product.pricelist"


@tagged("post_install", "-at_install")
class TestPricelist(SubscriptionCase, RpcCase):
    """The first price list that there is is in another currency than the company's."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls._create_user("nora", "standard", cls.north)
        cls._create_keys({"staff": cls.staff})
        cls.other = cls.env.ref("base.CHF")
        cls.other.active = True
        lists = cls.env[PRICES].search([])
        lists.active = False
        cls.first = cls._create_prices("First", cls.other, sequence=-9)
        cls.own = cls._create_prices("Own", cls.env.company.currency_id)

    @classmethod
    def _create_prices(cls, name, currency, **vals):
        return cls.env[PRICES].create(
            {"name": name, "currency_id": currency.id, "company_id": False, **vals}
        )

    def _switch_option(self, on):
        """Switch the option *Pricelists* of Odoo's settings, as the screen does."""
        settings = self.env["res.config.settings"].create(
            {"group_product_pricelist": on}
        )
        settings.execute()
        self.env.invalidate_all()

    def _check_prices(self, prices, client=None):
        """Check what a new subscription of ``client`` has, by the screen and by RPC."""
        client = client or self.acme
        model = self.env["sale.subscription"].with_user(self.staff)
        form = Form(model)
        form.partner_id = client
        self.assertEqual(form.pricelist_id, prices)
        answer = self._call_json(
            "staff",
            "sale.subscription",
            "create",
            vals_list=[{"partner_id": client.id, "template_id": self.plan.id}],
        )
        self.assertEqual(answer.status_code, 200, answer.text)
        subscription = self.env["sale.subscription"].browse(answer.json())
        self.assertEqual(subscription.pricelist_id, prices)
        return subscription

    def test_the_currency_is_that_of_the_company(self):
        for on in (True, False):
            with self.subTest(option=on):
                self.env.ref("base.group_user").implied_ids = [
                    (4 if on else 3, self.env.ref("product.group_product_pricelist").id)
                ]
                self._check_prices(self.own)

    def test_what_was_chosen_for_the_client_or_its_partner_comes_first(self):
        for partner, prices in [(self.north, "Partner"), (self.acme, "Client")]:
            prices = self._create_prices(prices, self.other)
            partner.specific_property_product_pricelist = prices
            with self.subTest(partner=partner.name):
                self._check_prices(prices)
        prices.active = False
        self.north.specific_property_product_pricelist = False
        self._check_prices(self.own)

    def test_what_was_given_stays(self):
        subscription = self._create_subscription(
            self.acme, self.plan, pricelist_id=self.first.id
        )
        self.assertEqual(subscription.pricelist_id, self.first)
        subscription.write({"partner_id": self._create_contact("Ann", self.acme).id})
        self.assertEqual(subscription.pricelist_id, self.first)

    def test_settings_that_archive_all_price_lists_stop_nothing(self):
        self._switch_option(False)
        self.assertFalse(self.env[PRICES].search([]))
        prices = self.env.company._get_pricelist()
        self.assertEqual(prices.currency_id, self.own.currency_id)
        self._check_prices(prices)

    def test_each_company_has_a_price_list_in_its_currency(self):
        company = self.env["res.company"].create(
            {"name": "Two", "currency_id": self.env.ref("base.AUD").id}
        )
        prices = company._get_pricelist()
        self.assertEqual(prices.currency_id.name, "AUD")
        self.assertEqual(prices.company_id, company)
        company.currency_id = self.env.ref("base.NZD")
        self.assertEqual(company._get_pricelist().currency_id.name, "NZD")
        company._make_pricelists()
        made = self.env[PRICES].search_count([("company_id", "=", company.id)])
        self.assertEqual(made, 2)

    def test_a_database_without_price_lists_gets_one_with_the_addon(self):
        """What is done when the addon is installed or upgraded."""
        lists = self.env[PRICES].with_context(active_test=False).search([])
        self.env["sale.subscription"].search([]).unlink()
        self.env["sale.order"].search([]).write({"pricelist_id": False})
        lists.unlink()
        self.env["res.company"]._make_pricelists()
        for company in self.env["res.company"].search([]):
            self.assertEqual(company._get_pricelist().currency_id, company.currency_id)
        self._check_prices(self.env.company._get_pricelist())
