from odoo.tests import tagged

from ..common.subscription import SubscriptionCase


@tagged("post_install", "-at_install")
class TestCopy(SubscriptionCase):
    """What is duplicated, and what is preset, can be used."""

    def test_a_team(self):
        team = self.env["subscription.team"].create(
            {
                "name": "Sales",
                "client_id": self.acme.id,
                "member_ids": self._create_members(self.acme, 2).ids,
            }
        )
        first, second = team.copy(), team.copy()
        self.assertEqual(first.name, "Sales (copy)")
        self.assertEqual(second.name, "Sales (copy) (copy)")
        self.assertEqual(first.member_ids, team.member_ids)
        self.assertEqual(team.copy({"name": "Other"}).name, "Other")

    def test_the_reference_of_a_subscription(self):
        copy = self.subscription.copy()
        self.assertTrue(copy.code)
        self.assertNotEqual(copy.code, self.subscription.code)

    def test_an_archived_role_is_no_default(self):
        members = self.env["subscription.member"]
        self.assertEqual(
            members.default_get(["role_id"])["role_id"], self.role_standard.id
        )
        self.role_standard.active = False
        self.assertFalse(members.default_get(["role_id"]).get("role_id"))

    def test_an_archived_module_is_not_given(self):
        self.expenses.active = False
        subscription = self._create_subscription(self.bolt, self.plan)
        self.assertEqual(subscription.seat_pool_ids.module_id, self.base)
