from itertools import product
from unittest.mock import patch

from ...exceptions import SeatRefusal
from ..common.subscription import SubscriptionCase, create_plan


class TestGrantPlan(SubscriptionCase):
    """The plan of a grant tells beforehand what the grant does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pools = cls.env["subscription.seat.pool"]
        cls.members = cls._create_members(cls.acme, 3)
        cls.members |= cls._create_members(cls.acme, 1, role=cls.role_reports)
        cls.members._get_seats_in_use()._release("access")

    def _plan(self, requests):
        return self.pools._plan_grant(self.pools._complete_requests(requests))

    def _get_holders(self, pool):
        return (
            self.env["subscription.seat"]
            .search([("pool_id", "=", pool.id), ("released_at", "=", False)])
            .member_id
        )

    def _set_limits(self, users, expenses):
        self.base_pool._apply_term_limits({self.base_pool: users})
        self.expenses_pool._apply_term_limits({self.expenses_pool: expenses})

    def _grant_all(self, requests):
        """Return why ``requests`` are refused, empty when they are granted."""
        try:
            with self.env.cr.savepoint():
                self.pools._grant(requests)
        except SeatRefusal as refusal:
            return str(refusal)
        return ""

    def test_the_grant_does_what_the_plan_says(self):
        requests = {self.expenses_pool: self.members}
        outcomes = set()
        for users, expenses in product(range(5), range(4)):
            self._set_limits(users, expenses)
            with self.subTest(users=users, expenses=expenses):
                plan = self._plan(requests)
                refusal = plan.refusal
                self.assertEqual(self._grant_all(requests), refusal)
                self.members._get_seats_in_use()._release("access")
                self.pools._grant(requests, allow_partial=True)
                for pool, members in plan.fitting.items():
                    self.assertEqual(self._get_holders(pool), members)
                everywhere = self._get_holders(self.base_pool)
                everywhere &= self._get_holders(self.expenses_pool)
                self.assertEqual(plan.left_out, self.members - everywhere)
                self.members._get_seats_in_use()._release("access")
                outcomes.add((bool(refusal), len(plan.left_out)))
        self.assertEqual(outcomes, {(False, 0), (True, 1), (True, 2), (True, 3)})

    def test_base_seats_come_first_and_are_counted(self):
        self._set_limits(2, 5)
        plan = self._plan({self.expenses_pool: self.members})
        self.assertEqual(list(plan.demand), [self.base_pool, self.expenses_pool])
        self.assertEqual(list(plan.demand.values()), [3, 3])
        self.assertIn("users of the plan", plan.refusal)
        self.assertNotIn("\n", plan.refusal)

    def test_who_is_seated_is_not_planned(self):
        self._grant(self.expenses_pool, self.members[0])
        plan = self._plan({self.expenses_pool: self.members[0]})
        self.assertFalse(plan.demand)
        self.assertFalse(plan.left_out)
        self.assertEqual(plan.refusal, "")

    def test_numbers_that_others_have_taken_count(self):
        requests = self.pools._complete_requests({self.expenses_pool: self.members[0]})
        self.assertFalse(self.pools._plan_grant(requests).refusal)
        plan = self.pools._plan_grant(requests, {self.expenses_pool: {1, 2}})
        self.assertIn("2 of 2 seats of Expenses", plan.refusal)
        self.assertEqual(plan.left_out, self.members[0])

    def test_pools_of_several_subscriptions_are_planned_together(self):
        plan = create_plan(self.env, "Two", {self.base: 1, self.time: 1})
        other = self._create_subscription(self.acme, plan)
        time_pool = self._get_pool(other, self.time)
        requests = {self.expenses_pool: self.members, time_pool: self.members}
        plan = self._plan(requests)
        self.assertEqual([pool.is_base for pool in plan.demand], [1, 1, 0, 0])
        self.assertEqual(self._grant_all(requests), plan.refusal)
        self.assertEqual(len(plan.refusal.split("\n")), 3)

    def test_usage_is_counted_once(self):
        """In a preview and in a grant, however many pools there are."""
        read_usage = type(self.pools)._read_usage
        wizard = self.env["subscription.seat.grant"].new(
            {
                "client_id": self.acme.id,
                "pool_ids": self.subscription.seat_pool_ids.ids,
                "member_ids": self.members[:2].ids,
            }
        )
        requests = {self.expenses_pool: self.members[:2]}
        for call in (
            lambda: self.assertFalse(wizard.refusal),
            lambda: self.assertTrue(self.pools._grant(requests)),
        ):
            self.env.flush_all()
            self.pools.invalidate_model()
            with patch.object(
                type(self.pools), "_read_usage", autospec=True, side_effect=read_usage
            ) as counted:
                call()
            self.assertEqual(counted.call_count, 1)
