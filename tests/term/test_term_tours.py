"""The dashboard and the screens of terms in a real browser."""

from datetime import timedelta
from unittest.mock import patch

from odoo import fields
from odoo.tests import tagged

from ..common.subscription import SubscriptionCase, create_yearly_plan, renew
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestTermTours(SubscriptionCase, TourCase):
    """Of North's clients the term of Elm ended, that of Fir ends soon."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.staff = cls._create_user("nora", "standard", cls.north)
        cls.accountant = cls._create_user("alma", "accountant", cls.dune)
        plan = create_yearly_plan(cls.env, "Yearly", {cls.base: 3, cls.expenses: 2})
        cls.env["subscription.licence.account"]._give(
            cls.north, {cls.expenses: 50}, cls.env.company
        )
        today = fields.Date.today()
        cls.terms = {}
        for name, days in [("Elm", 375), ("Fir", 345)]:
            client = cls._create_client(name, cls.north)
            cls._make_accountant(cls.accountant, client)
            cls.terms[name] = cls._create_subscription(
                client, plan, date_start=today - timedelta(days=days)
            )

    def test_from_the_dashboard_to_the_renewal_of_a_client(self):
        self.start_tour(
            "/odoo/subscription-dashboard", "term_dashboard", login=self.staff.login
        )

    def test_a_renewal_is_cancelled_on_the_subscription(self):
        term = self.terms["Fir"]
        renew(term)
        path = f"/odoo/managed-subscriptions/{term.id}"
        self.start_tour(path, "term_cancel_renewal", login=self.staff.login)
        self.env.invalidate_all()
        self.assertEqual(term.renewal_state, "ending")
        self.assertEqual(term.renewal_ids.state, "cancelled")

    def test_accountants_read_how_a_term_stands(self):
        path = f"/odoo/managed-subscriptions/{self.terms['Elm'].id}"
        self.start_tour(path, "term_read", login=self.accountant.login)

    def test_a_long_name_is_read_to_its_end(self):
        """On a phone too, and where it has no place to break."""
        term = self.terms["Elm"]
        term.client_id.name = f"Growers {'Uninterrupted' * 9} and more to the very end"
        path = f"/odoo/managed-subscriptions/{term.id}"
        for size in ("1400x900", "390x844"):
            with self.subTest(size), patch.object(type(self), "browser_size", size):
                self.start_tour(path, "client_title", login=self.staff.login)

    def test_the_calendar_shows_when_terms_end(self):
        self.start_tour(
            "/odoo/clients-to-renew", "term_calendar", login=self.staff.login
        )
