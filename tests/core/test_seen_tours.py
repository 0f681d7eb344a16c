"""Two people on the same form, in a real browser."""

from odoo.tests import tagged

from ..common.subscription import SubscriptionCase
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestSeenTours(SubscriptionCase, TourCase):
    """While somebody has a form open, it is changed over the interface."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("nora", "standard", cls.north)

    def _tour(self, name, path):
        self.start_tour(f"/odoo/{path}", name, login=self.user.login)
        self.env.invalidate_all()

    def test_the_address_of_a_client(self):
        self._tour("seen_address", f"managed-clients/{self.acme.id}")
        self.assertEqual(self.acme.city, "Nice")

    def test_the_seats_of_a_subscription(self):
        self._tour("seen_limit", f"managed-subscriptions/{self.subscription.id}")
        self.assertEqual(self.expenses_pool.seat_limit, 9)
