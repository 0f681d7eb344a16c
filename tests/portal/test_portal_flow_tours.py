from odoo import Command
from odoo.tests import tagged

from ..common.page_tour import PageTourCase


@tagged("post_install", "-at_install")
class TestPortalFlowTours(PageTourCase):
    """The flows of the portal in a real browser, in English and French."""

    def test_csv(self):
        self.base_pool.seat_limit = 10
        for _lang in self._in_languages():
            self._tour("subscription_page_csv", "/members")
            domain = [("email", "in", ["zoe@acme.test", "zed@acme.test"])]
            members = self.env["subscription.member"].search(domain)
            self.assertEqual(sorted(members.mapped("name")), ["Zed Poe", "Zoe Roy"])
            self.assertEqual(members.invitation_ids.invited_by_id, self.ada)

    def test_switch(self):
        self._create_subscription(self.bolt, self.plan)
        self._create_member("Bea", client=self.bolt)
        self.env["subscription.member"].create(
            {
                "client_id": self.bolt.id,
                "partner_id": self.ada.partner_id.id,
                "role_id": self.role_administrator.id,
            }
        )
        for _lang in self._in_languages():
            self._tour("subscription_page_switch")

    def test_inactive(self):
        member = self.kim.partner_id.membership_ids
        self.env["subscription.team"].create(
            {
                "name": "Day",
                "client_id": self.acme.id,
                "member_ids": [Command.set(self.ada.partner_id.membership_ids.ids)],
            }
        )
        for _lang in self._in_languages():
            self._tour("subscription_page_inactive", "/members")
            self.assertTrue(member.active)
            removal = self.env["subscription.removal"].search([], limit=1)
            self.assertEqual(
                (removal.kind, removal.undone_by_id), ("inactive", self.ada)
            )

    def test_role(self):
        member = self.kim.partner_id.membership_ids
        for _lang in self._in_languages():
            self._tour("subscription_page_role", "/members")
            self.assertNotEqual(member.role_id, self.role_standard)

    def test_history(self):
        for _lang in self._in_languages():
            self._tour("subscription_page_history", "/history")

    def test_accountant(self):
        for _lang in self._in_languages():
            self._tour("subscription_page_accountant", "/accountants")
            self.assertEqual(self._get_invitations().state, "withdrawn")

    def test_billing(self):
        for _lang in self._in_languages():
            self._tour("subscription_page_billing", "/billing")
            log = self.env["subscription.log"].search(
                [("event", "=", "billing_mailbox")]
            )
            self.assertEqual(log.user_id, self.ada)
            self.assertIn("books@acme.test", self.acme.billing_email)

    def test_partner(self):
        for _lang in self._in_languages():
            self._tour("subscription_page_partner")
            request = self.env["subscription.request"].search([])
            self.assertEqual((request.kind, request.state), ("partner", "waiting"))

    def test_member_asks_for_a_module(self):
        """As the member, then as the administrator, who gives it."""
        for request in self._ask_for_module():
            self._tour("subscription_page_give_module", "/requests")
            answered = request.state, request.answered_by_id
            self.assertEqual(answered, ("approved", self.ada))

    def test_member_is_refused_a_module(self):
        for request in self._ask_for_module():
            self._tour("subscription_page_refuse_module", "/requests")
            answered = request.state, request.answered_by_id
            self.assertEqual(answered, ("refused", self.ada))

    def _ask_for_module(self):
        """Yield the request of a member, in each language."""
        for lang in self._in_languages():
            self.kim.lang = lang
            self._tour("subscription_access_ask", "/my/access", login="kim")
            request = self.env["subscription.request"].search([])
            self.assertEqual(request.asked_by_id, self.kim)
            yield request
