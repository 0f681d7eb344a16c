from datetime import timedelta

from odoo.exceptions import UserError
from odoo.tests import freeze_time, tagged

from ..accountant.test_invitation import InvitationCase
from ..common.notice import NoticeCase
from ..common.subscription import SubscriptionCase

AHEAD, BEHIND = "2026-03-16 12:00:00", "2026-03-15 12:00:00"


class TestClock(SubscriptionCase):
    """A server whose clock is behind the one that gave a seat frees it all the same."""

    def setUp(self):
        super().setUp()
        self.subscription.date_start = self.TERM_START
        with freeze_time(BEHIND):
            self.ann = self._create_member("Ann")
        with freeze_time(AHEAD):
            self.bob = self._create_member("Bob")
            self._grant(self.expenses_pool, self.ann | self.bob)

    def _get_moments(self):
        return [
            (str(seat.granted_at), str(seat.released_at)) for seat in self._get_seats()
        ]

    def test_every_way_out(self):
        for name, act in {
            "access": lambda: self._get_seats()._release("access"),
            "archived": lambda: (self.ann | self.bob).write({"active": False}),
            "deleted": lambda: (self.ann | self.bob).unlink(),
            "role": lambda: (self.ann | self.bob).write(
                {"role_id": self.role_reports.id}
            ),
        }.items():
            with self.subTest(name), self._undone(), freeze_time(BEHIND):
                act()
                self.assertFalse(self.expenses_pool.used)
                released = [pair for pair in self._get_moments() if pair[1] != "False"]
                self.assertEqual(
                    sorted(released),
                    [(BEHIND, BEHIND), *[(AHEAD, AHEAD)] * 3],
                )

    def test_given_again(self):
        """A seat that is free again can be given before the clock has caught up."""
        with freeze_time(BEHIND):
            self._get_seats()._release("access")
            self._grant(self.expenses_pool, self.ann)
            self.assertEqual(self.expenses_pool.used, 1)
            self._get_seats()._release("access")
        self.assertFalse(self.expenses_pool.used)


@tagged("post_install", "-at_install")
class TestClockOfInvitations(InvitationCase):
    def test_sent_again(self):
        """A clock that is set back keeps nobody from sending an invitation again."""
        with freeze_time(AHEAD):
            invitation, _token = self._invite()
        for seconds in (-30, 30):
            with freeze_time(invitation.sent_at + timedelta(seconds=seconds)):
                with self.assertRaisesRegex(UserError, "a moment ago"):
                    invitation._resend()
        with freeze_time(BEHIND):
            invitation._resend()
            self.assertEqual(str(invitation.sent_at), BEHIND)


class TestClockOfNotices(NoticeCase):
    def test_tried_again(self):
        """A clock that is set back keeps no notice from being tried again."""
        self.north.email = False
        self._run("2026-12-01 12:00:00")
        notice = self.notices.search([("partner_id", "=", self.north.id)])
        self.assertEqual(notice.failure, "address")
        self.north.email = "new@partners.test"
        self.assertFalse(self._run("2026-12-01 11:55:00"))
        self.assertTrue(self._run("2026-12-01 11:00:00"))
