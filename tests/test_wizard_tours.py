"""The wizards in a real browser, as the staff of a partner uses them."""

from odoo.tests import HttpCase, tagged

from .common import ADDON, SubscriptionCase


@tagged("post_install", "-at_install")
class TestWizardTours(SubscriptionCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_user("nora", "standard", cls.north)
        cls.members = cls._create_members(cls.acme, 3)
        cls.form_url = (
            f"/odoo/action-{ADDON}.sale_subscription_managed_action"
            f"/{cls.subscription.id}"
        )

    def _tour(self, name, url=None):
        self.start_tour(url or self.form_url, name, login="nora")
        self.env.invalidate_all()

    def test_add_users(self):
        self._tour("seats_add_users")
        self.assertEqual(self.expenses_pool.seat_ids.member_id, self.members[:2])

    def test_add_what_fits(self):
        self._tour("seats_add_what_fits")
        self.assertEqual(self.expenses_pool.used, 2)

    def test_remove_access(self):
        pool = self.expenses_pool
        pool._grant({pool: self.members[:2]})
        self._tour("seats_remove_access")
        self.assertEqual(pool.seat_ids.member_id, self.members[1])

    def test_remove_inactive(self):
        self.env["subscription.team"].create(
            {
                "name": "Sales",
                "client_id": self.acme.id,
                "member_ids": self.members[0].ids,
            }
        )
        self._tour("seats_remove_inactive")
        self.assertEqual(self.members.filtered("active"), self.members[0])

    def test_seats_on_a_date(self):
        self._tour(
            "seats_on_a_date", f"/odoo/action-{ADDON}.subscription_seat_usage_action"
        )
