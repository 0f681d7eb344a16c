"""A plan with a fixed duration has one."""

from odoo.exceptions import ValidationError
from odoo.tests import tagged

from ..common.subscription import SubscriptionCase, create_yearly_plan


@tagged("post_install", "-at_install")
class TestPlanDuration(SubscriptionCase):
    def test_no_door_leaves_a_fixed_plan_without_a_duration(self):
        for count in (0, -1):
            with self.assertRaisesRegex(ValidationError, "how long a term lasts"):
                create_yearly_plan(self.env, "None", {}, recurring_rule_count=count)
