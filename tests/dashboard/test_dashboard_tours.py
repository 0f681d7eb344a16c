"""The dashboard in a real browser."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common.subscription import SubscriptionCase, create_yearly_plan
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestDashboardTours(SubscriptionCase, TourCase):
    """North has the client Elm, its reseller Reef the client Coral."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.staff = cls._create_user("nora", "standard", cls.north)
        plan = create_yearly_plan(cls.env, "Yearly", {cls.base: 3, cls.expenses: 2})
        accounts = cls.env["subscription.licence.account"]
        for partner, number in ((cls.north, 100), (cls.reef, 50)):
            accounts._give(partner, {cls.expenses: number}, cls.env.company)
        start = fields.Date.today() - timedelta(days=300)
        for client in (cls._create_client("Elm", cls.north), cls.coral):
            cls._create_subscription(client, plan, date_start=start)

    def test_it_is_filtered_loaded_again_and_opened(self):
        for lang in ("en_US", "fr_FR"):
            with self.subTest(lang):
                self.staff.lang = lang
                self.start_tour(
                    "/odoo/subscription-dashboard",
                    "dashboard_filters",
                    login=self.staff.login,
                )
