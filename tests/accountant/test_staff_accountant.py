from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.subscription import ADDON, SubscriptionCase


@tagged("post_install", "-at_install")
class TestStaffAccountant(SubscriptionCase):
    """Staff of a partner that is an accountant of a client of another one reads it: the
    wizards, which staff may use, change nothing there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.both = cls._create_user("both", "standard", cls.south)
        cls.both.group_ids |= cls.env.ref(f"{ADDON}.group_accountant")
        cls._make_accountant(cls.both, cls.acme)
        cls.ann, cls.ben = cls._create_members(cls.acme, 2)
        cls.env["subscription.seat.pool"]._grant({cls.expenses_pool: cls.ann})

    def _open(self, model, member):
        """Open a wizard on ``member`` and Expenses, as far as it has both."""
        wizard = self.env[model].with_user(self.both)
        vals = {
            "client_id": self.acme.id,
            "member_ids": member.ids,
            "pool_ids": self.expenses_pool.ids,
        }
        return wizard.create(
            {name: vals[name] for name in set(vals) & set(wizard._fields)}
        )

    def test_the_client_is_read(self):
        self.assertEqual(self.ann.with_user(self.both).name, self.ann.name)
        self.assertEqual(self.expenses_pool.with_user(self.both).used, 1)

    def test_no_wizard_changes_it(self):
        for model, action, member in [
            ("subscription.seat.grant", "action_grant", self.ben),
            ("subscription.seat.release", "action_release", self.ann),
            ("subscription.member.remove", "action_remove", self.ann),
        ]:
            wizard = self._open(model, member)
            with (
                self.subTest(model=model),
                mute_logger("odoo.addons.base.models.ir_rule"),
                self.assertRaises(AccessError),
            ):
                getattr(wizard, action)()
        self.env.invalidate_all()
        self.assertEqual(self._get_seated(self.expenses_pool), self.ann)
        self.assertTrue(self.ann.active)
