from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..common.access import MEMBER, AccessCase

INVITATION = "subscription.invitation"
PARTNER = "res.partner"


@tagged("post_install", "-at_install")
class TestAcceptance(AccessCase):
    """What an accountant reads comes from an invitation that it accepted itself: no
    merge, import or change of contact, address or user stands for that."""

    def setUp(self):
        super().setUp()
        self.accountant = self.roles["accountant"]
        self.accountant.email = "anna@firm.test"
        invitations = self.env[INVITATION].with_user(self.roles["reef"])
        self.invitation = invitations._invite(
            self.coral, "anna@firm.test", "Anna"
        ).sudo()
        self.member = self.invitation.member_id
        self.env.flush_all()

    def _get_clients(self, user):
        """Return which of the clients ``user`` reads."""
        self.env.flush_all()
        self.env.invalidate_all()
        self.env.registry.clear_cache()
        clients = self.env[PARTNER].union(*self.clients.values())
        return clients.with_user(user)._filtered_access("read").sudo()

    def _check_nothing_new(self, user=None):
        user = user or self.accountant
        self.assertNotIn(self.coral, self._get_clients(user))
        listed = self.env[MEMBER].with_user(user).get_accountant_clients()
        self.assertNotIn(self.coral.id, {client["id"] for client in listed})
        self.assertEqual(self.invitation.state, "sent")

    def _merge(self, kept, *others):
        wizard = self.env["base.partner.merge.automatic.wizard"].create({})
        wizard._merge([kept.id, *(one.id for one in others)], kept)

    def test_merge(self):
        """By hand, either way round, and of three."""
        contact, placeholder = self.accountant.partner_id, self.member.partner_id
        third = self.env[PARTNER].create({"name": "Anna", "email": "anna@firm.test"})
        for kept, others in (
            (contact, (placeholder,)),
            (placeholder, (contact,)),
            (contact, (placeholder, third)),
        ):
            with self.subTest(kept=kept), self._undone():
                self._merge(kept, *others)
                self._check_nothing_new()
                self.assertNotEqual(self.member.partner_id, kept)
                with self._as("reef") as env:
                    self.assertFalse(env[PARTNER].search([("id", "=", kept.id)]))

    def test_automatic_merge_by_email(self):
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {"group_by_email": True}
        )
        with patch.object(self.env.cr, "commit", self.env.flush_all):
            wizard.action_start_automatic_process()
        merged = (self.accountant.partner_id | self.member.partner_id).exists()
        self.assertTrue(merged)
        self._check_nothing_new()

    def test_accepted_after_a_merge(self):
        self._merge(self.accountant.partner_id, self.member.partner_id)
        self.invitation._accept(self.accountant)
        self.assertIn(self.coral, self._get_clients(self.accountant))
        self.assertEqual(self.member.partner_id, self.accountant.partner_id)

    def test_what_was_accepted_survives_a_merge(self):
        other = self.env[PARTNER].create({"name": "Anna", "email": "anna@firm.test"})
        before = self._get_clients(self.accountant)
        self.assertEqual(before, self.acme | self.bolt)
        self._merge(other, self.accountant.partner_id)
        self.assertEqual(self._get_clients(self.accountant), before)

    def test_a_member_that_somebody_makes(self):
        """Nor by import, which makes it the same way."""
        self.accountant.partner_id.email = "another@firm.test"
        self.env[MEMBER].create(
            {
                "client_id": self.coral.id,
                "partner_id": self.accountant.partner_id.id,
                "role_id": self.role_accountant.id,
            }
        )
        self._check_nothing_new()

    def test_a_user_that_gets_the_contact(self):
        """Of an accountant, or of who was invited: a second user, one that is moved to
        it, a portal user that becomes an accountant."""
        group = "partner_managed_subscription.group_accountant"
        contact = self.accountant.partner_id
        second = new_test_user(self.env, "second", group, partner_id=contact.id)
        moved = new_test_user(self.env, "moved", group)
        moved.partner_id = self.member.partner_id
        for user in (second, moved):
            with self.subTest(user=user.login):
                self.assertFalse(self._get_clients(user))
                self._check_nothing_new(user)

    def test_an_address_that_changes(self):
        for user in (
            self.accountant,
            new_test_user(self.env, "x", "base.group_portal"),
        ):
            user.write({"email": "anna@firm.test", "login": "anna@firm.test"})
            self._check_nothing_new(user)
            user.login = f"{user.id}@firm.test"
            self.env.flush_all()

    def test_an_accountant_stays_at_its_client(self):
        accepted = self.accountant.partner_id.membership_ids[:1]
        self.assertEqual(accepted.invitation_ids.state, "accepted")
        for member in (accepted, self.member):
            for vals in (
                {"client_id": self.dune.id},
                {"partner_id": self.roles["member"].partner_id.id},
            ):
                with (
                    self.subTest(vals),
                    self._undone(),
                    self.assertRaises(UserError) as r,
                ):
                    member.write(vals)
                self.assertIn("Withdraw the access", str(r.exception))
            member.write({"client_id": member.client_id.id, "name": "Anna B."})
