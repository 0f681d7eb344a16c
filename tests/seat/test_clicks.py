"""How many clicks the usual work takes, in a real browser; see docs/guide.md."""

from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from ..common.licence import LicenceMixin
from ..common.subscription import SubscriptionCase, create_yearly_plan
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestClicks(LicenceMixin, SubscriptionCase, TourCase):
    """Acme has three users, Ann, Bob and Cid, and two seats of Expenses. North has 50
    licences of Expenses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("nora", "standard", cls.north)
        cls.ann, cls.bob, cls.cid = map(cls._create_member, ("Ann", "Bob", "Cid"))
        cls.yearly = create_yearly_plan(
            cls.env, "Yearly", {cls.base: 10, cls.expenses: 5}
        )
        cls._give(cls.north, 50)

    def _tour(self, name, path=None):
        path = path or f"managed-subscriptions/{self.subscription.id}"
        self.start_tour(f"/odoo/{path}", name, login=self.user.login)
        self.env.invalidate_all()

    def test_remove_the_access_of_one(self):
        self._grant(self.expenses_pool, self.ann | self.bob)
        self._tour("clicks_remove_access")
        self.assertEqual(self.expenses_pool.seat_ids.member_id, self.ann | self.bob)
        reasons = self.ann.seat_ids.filtered("released_at").mapped("release_reason")
        self.assertEqual(reasons, ["access"])

    def test_give_access_to_one(self):
        self._tour("clicks_give_access")
        self.assertEqual(self.expenses_pool.seat_ids.member_id, self.ann)

    def test_a_new_client_with_two_users(self):
        self._tour("clicks_new_client", "managed-clients")
        elm = self.env["res.partner"].search([("name", "=", "Elm")])
        pool = self._get_pool(elm.subscription_ids, self.expenses)
        names = pool.seat_ids.mapped("holder_name")
        self.assertEqual(sorted(names), ["Ann", "Bob"])

    def test_renew_three(self):
        start = fields.Date.today() - timedelta(days=350)
        terms = self.env["sale.subscription"].browse()
        for name in ("Elm", "Fir", "Oak"):
            client = self._create_client(name, self.north)
            terms |= self._create_subscription(client, self.yearly, date_start=start)
        self._tour("clicks_renew_three", "clients-to-renew")
        self.assertEqual(terms.mapped("renewal_state"), ["renewed"] * 3)

    def test_a_member_has_left(self):
        self._grant(self.expenses_pool, self.ann)
        self._tour("clicks_member_left", f"subscription-members/{self.ann.id}")
        self.assertFalse(self.ann.active)
        self.assertFalse(self.expenses_pool.seat_ids)

    def test_a_search_without_a_hit_says_so(self):
        self._tour("search_without_hit", "subscription-members")
