from odoo.tests import tagged

from ..common.page_tour import PageTourCase


@tagged("post_install", "-at_install")
class TestPortalPageTours(PageTourCase):
    """The pages of Acme in a real browser, as Ada who administers it."""

    def test_add_and_remove(self):
        self._tour("subscription_page_module")
        seats = self._get_seats([("pool_id", "=", self.expenses_pool.id)])
        self.assertEqual(len(seats), 1)
        self.assertEqual((seats.granted_by_id, seats.released_by_id), (self.ada,) * 2)

    def test_lost_session(self):
        self._tour("subscription_page_lost_session", "/accountants")
        self.assertEqual(self._get_invitations().email, "robin@ledger.test")

    def test_double_click(self):
        self._tour("subscription_page_double_click", "/billing")
        log = self.env["subscription.log"].search([("event", "=", "billing_mailbox")])
        self.assertEqual(len(log), 1)

    def test_members(self):
        self.base_pool.seat_limit = 10
        for _lang in self._in_languages():
            self._tour("subscription_page_members", "/members")
            member = self.env["subscription.member"].search(
                [("email", "=", "zoe@acme.test")]
            )
            self.assertTrue(member.active)
            self.assertEqual(member.invitation_ids.invited_by_id, self.ada)

    def test_teams(self):
        for _lang in self._in_languages():
            self._tour("subscription_page_teams", "/teams")
            team = self.env["subscription.team"].search([("name", "=", "Night")])
            self.assertEqual(team.member_ids, self.kim.partner_id.membership_ids)

    def test_request(self):
        for _lang in self._in_languages():
            self._tour("subscription_page_request", "/requests")
            request = self.env["subscription.request"].search([])
            self.assertEqual((request.number, request.state), (3, "withdrawn"))
