from odoo.tests import tagged

from ..common.portal import ClientPageCase
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestPortalPageTours(ClientPageCase, TourCase):
    """The pages of Acme in a real browser, as Ada who administers it."""

    def _tour(self, name, path=""):
        self.env.flush_all()
        self.start_tour(self._get_url(path), name, login="ada")
        self.env.invalidate_all()

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

    def _in_languages(self):
        """Yield each language that Ada then reads the pages in; undo what is done."""
        for lang in ("en_US", "fr_FR"):
            with self.subTest(lang=lang), self._undone():
                self.ada.lang = lang
                yield lang

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
