"""The ways to the dialogs that make members and give seats, in a real browser."""

from odoo import fields
from odoo.tests import tagged

from ..common.licence import LicenceMixin
from ..common.subscription import SubscriptionCase, create_yearly_plan
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestPaths(LicenceMixin, SubscriptionCase, TourCase):
    """Acme's subscription has three users and two seats of Expenses. North has 20
    licences."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.boss = cls._create_user("boss", "admin", cls.vendor)
        cls.yearly = create_yearly_plan(
            cls.env, "Yearly", {cls.base: 3, cls.expenses: 2}
        )
        create_yearly_plan(cls.env, "Large", {cls.base: 3, cls.expenses: 5})
        cls._give(cls.north, 20)

    def _tour(self, name, path, *, user=None):
        self.start_tour(f"/odoo/{path}", name, login=(user or self.nora).login)
        self.env.invalidate_all()

    def _get_member(self, name, client=None):
        return self.env["subscription.member"].search(
            [("name", "=", name), ("client_id", "=", (client or self.acme).id)]
        )

    def _check_new(self, name, client=None):
        """Check that a member was made like any, and has a seat of Expenses."""
        member = self._get_member(name, client)
        self.assertEqual(member.module_ids, self.base | self.expenses)
        self.assertEqual(member.partner_id.parent_id, client or self.acme)
        self.assertFalse(member.partner_id.managing_partner_id)

    def test_from_a_new_client_to_its_first_user(self):
        self._tour("path_from_a_new_client", "managed-clients")
        birch = self.env["res.partner"].search([("name", "=", "Birch")])
        self.assertEqual(birch.managing_partner_id, self.north)
        for name in ("Ann", "Bob"):
            self._check_new(name, birch)
        self.assertEqual(self._get_balance(self.north), 18)

    def test_from_the_menu(self):
        self.subscription.active = False
        self._tour("path_from_the_menu", "managed-subscriptions")
        self._check_new("Eve")

    def test_from_the_card_of_a_module(self):
        path = f"managed-subscriptions/{self.subscription.id}"
        self._tour("path_from_the_cards", path)
        self._check_new("Ann")

    def test_from_the_clients_to_renew(self):
        self.subscription.active = False
        start = fields.Date.subtract(fields.Date.today(), days=350)
        self._create_subscription(self.acme, self.yearly, date_start=start)
        self._tour("path_from_clients_to_renew", "clients-to-renew")
        self._check_new("Ann")

    def test_from_the_seats(self):
        self._tour("path_from_the_seats", "seat-usage")
        self._check_new("Ann")

    def test_from_a_partner(self):
        self._tour("path_from_a_partner", "managing-partners", user=self.boss)
        self.assertEqual(self._get_member("Ann").partner_id.parent_id, self.acme)
        self._check_new("Eve")

    def test_restore_a_member(self):
        member = self._create_member("Ann")
        self._grant(self.expenses_pool, member)
        member.action_archive()
        self._tour("path_restore", f"subscription-members/{member.id}")
        self.assertEqual(member.module_ids, self.base | self.expenses)

    def test_change_a_plan(self):
        term = self._create_subscription(self.acme, self.yearly)
        self._tour("path_change_plan", f"managed-subscriptions/{term.id}")
        self.assertEqual(term.template_id, self.yearly)
