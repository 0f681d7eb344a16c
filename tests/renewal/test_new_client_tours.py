"""*New client* in a real browser, as the staff of a partner, in English and French."""

from odoo.tests import tagged

from ..common.licence import LicenceMixin
from ..common.subscription import SubscriptionCase, create_yearly_plan
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestNewClientTours(LicenceMixin, SubscriptionCase, TourCase):
    """North has 20 licences of Expenses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        create_yearly_plan(cls.env, "Yearly", {cls.base: 10, cls.expenses: 5})
        cls._give(cls.north, 20)
        cls.staff = cls._create_user("nora", "standard", cls.north)

    def _check_tour(self):
        self.start_tour(
            "/odoo/managed-clients", "subscription_new_client", login=self.staff.login
        )
        self.env.invalidate_all()
        client = self.env["res.partner"].search([("name", "=", "Elm")])
        self.assertEqual(client.managing_partner_id, self.north)
        self.assertEqual(client.subscription_ids.term_years, 3)
        member = client.subscription_member_ids
        self.assertEqual(member.name, "Eve")
        self.assertEqual(member.seat_ids.pool_id.module_id, self.base)
        self.assertEqual(self._get_balance(self.north), 8)

    def test_in_english(self):
        self._check_tour()

    def test_in_french(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.staff.lang = "fr_FR"
        self._check_tour()
