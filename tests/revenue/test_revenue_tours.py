"""Recurring revenue in a real browser."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common.licence import MOVE
from ..common.subscription import SubscriptionCase, create_yearly_plan
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestRevenueTours(SubscriptionCase, TourCase):
    """Elm and Fir have taken licences at 120.00 and 250.80 a year."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["res.lang"]._activate_lang("fr_FR")
        cls.admin = cls._create_user("vera", "admin", cls.vendor)
        plan = create_yearly_plan(cls.env, "Yearly", {cls.base: 3, cls.expenses: 2})
        accounts = cls.env["subscription.licence.account"]
        accounts._give(cls.north, {cls.expenses: 50}, cls.env.company)
        start = fields.Date.today() - timedelta(days=80)
        for name, price in (("Elm", 120), ("Fir", 250.8)):
            client = cls._create_client(name, cls.north)
            term = cls._create_subscription(client, plan, date_start=start)
            cls._set_price(term, price)

    @classmethod
    def _set_price(cls, term, price):
        taken = cls.env[MOVE].search([("subscription_id", "=", term.id)])
        currency = cls.env.company.currency_id
        taken._set(
            {
                "yearly_amount": price,
                "currency_id": currency.id,
                "date_first": term.date_start,
            }
        )

    def test_figures_open_the_lines_that_they_are_made_of(self):
        for lang in ("en_US", "fr_FR"):
            with self.subTest(lang):
                self.admin.lang = lang
                self.start_tour(
                    "/odoo/recurring-revenue", "revenue_lines", login=self.admin.login
                )
