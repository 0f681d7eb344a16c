"""Restoring members offers the modules that they held before."""

from odoo.tests import Form, tagged

from ..common.subscription import SubscriptionCase, create_plan

GRANT = "subscription.seat.grant"


@tagged("post_install", "-at_install")
class TestRestore(SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        plan = create_plan(cls.env, "Wide", {cls.base: 9, cls.expenses: 9, cls.time: 9})
        cls.birch = cls._create_client("Birch", cls.north)
        subscription = cls._create_subscription(cls.birch, plan)
        cls.pools = {
            module: cls._get_pool(subscription, module)
            for module in (cls.expenses, cls.time)
        }
        cls.user = cls._create_user("nora", "standard", cls.north)
        names = ("Ann", "Bob", "Cid")
        cls.ann, cls.bob, cls.cid = (
            cls._create_member(name, cls.birch).with_user(cls.user) for name in names
        )

    def _hold(self, member, *modules):
        for module in modules:
            self._grant(self.pools[module], member.sudo())

    def test_the_modules_that_were_held_are_offered(self):
        self._hold(self.ann, self.expenses, self.time)
        # What was taken away before is not offered.
        self.ann.seat_ids.filtered(lambda seat: seat.module_id == self.time)._release(
            "access"
        )
        self.ann.action_archive()
        action = self.ann.action_unarchive()
        self.assertTrue(self.ann.active)
        self.assertEqual(self.ann.module_ids, self.base)
        self.assertEqual(action["res_model"], GRANT)
        wizard = Form(
            self.env[GRANT].with_user(self.user).with_context(**action["context"])
        ).save()
        self.assertEqual(wizard.member_ids, self.ann)
        self.assertEqual(wizard.pool_ids, self.pools[self.expenses])
        wizard.action_grant()
        self.assertEqual(self.ann.module_ids, self.base | self.expenses)

    def test_who_held_nothing_else_is_just_restored(self):
        self.ann.action_archive()
        self.assertFalse(self.ann.action_unarchive())
        self.assertTrue(self.ann.active)

    def test_several_are_offered_what_they_have_in_common_or_told(self):
        members = self.ann | self.bob
        for member in members:
            self._hold(member, self.time)
        members.action_archive()
        action = members.action_unarchive()
        offered = action["context"]["default_member_ids"]
        self.assertCountEqual(offered, members.ids)
        self.assertEqual(
            action["context"]["default_pool_ids"], self.pools[self.time].ids
        )
        self._hold(self.ann, self.time)
        self._hold(self.bob, self.expenses)
        members.action_archive()
        message = members.action_unarchive()["params"]["message"]
        self.assertIn("Ann: Time", message)
        self.assertIn("Bob: Expenses", message)
