from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common.subscription import SubscriptionCase


@tagged("post_install", "-at_install")
class TestEmployer(SubscriptionCase):
    """Who left a client for another one, and who looks after its users."""

    def test_a_contact_that_changes_employer(self):
        member = self._create_member("Ann")
        contact = member.partner_id
        self.assertFalse(contact.outside_membership_text)
        contact.parent_id = self.bolt
        self.env.invalidate_all()
        self.assertEqual(contact.outside_membership_text, "Acme (Standard)")
        contact.action_end_outside_memberships()
        self.assertFalse(member.active)
        self.assertFalse(contact.outside_membership_text)

    def test_an_accountant_works_for_others_by_trade(self):
        user = self._create_user("ada", "accountant", self.vendor)
        self._make_accountant(user, self.acme)
        self.assertFalse(user.partner_id.outside_membership_text)

    def test_who_can_never_log_in_does_not_count(self):
        ana = self._create_member("Ana", role=self.role_administrator)
        abe = self._create_member("Abe", role=self.role_administrator)
        self._create_member("Ben")
        self._create_user(
            "ana",
            "base.group_portal",
            self.acme,
            partner_id=ana.partner_id.id,
            name="Ana",
        )
        with self.assertRaisesRegex(UserError, "none but Ana"):
            ana.active = False
        abe.active = False
        abe.active = True
        abe.joined_at = "2026-01-01 10:00:00"
        ana.active = False
        self.assertFalse(ana.active)

    def test_where_nobody_can_one_stays(self):
        ana = self._create_member("Ana", role=self.role_administrator)
        self._create_member("Ben")
        with self.assertRaisesRegex(UserError, "none but Ana"):
            ana.active = False
