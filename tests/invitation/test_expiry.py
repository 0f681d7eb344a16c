from odoo.exceptions import UserError
from odoo.tests import tagged

from ...exceptions import SeatRefusal
from ..common.committed import INVITATION_TABLES, CommittedCase
from ..common.subscription import ADDON
from .test_invite import MemberInvitationCase


@tagged("post_install", "-at_install")
class TestExpiry(MemberInvitationCase):
    """An invitation holds the seats of its member until it expires."""

    def setUp(self):
        super().setUp()
        self._grant(self.expenses_pool, self.ben)
        self.invitation = self.ben._invite()

    def _run(self):
        with self.enter_registry_test_mode():
            self.env.ref(f"{ADDON}.ir_cron_invitation_expire").method_direct_trigger()
        self.env.invalidate_all()

    def _expire_now(self):
        """Do what the job does with what is due, without its commits."""
        due = self.invitations.search([("lapsed_at", "=", False)])
        self.invitations._expire(due)

    def _get_reasons(self):
        seats = self.env["subscription.seat"].search([("member_id", "=", self.ben.id)])
        return seats.mapped("release_reason")

    def test_seats_are_freed_once(self):
        self._run()
        self.assertEqual(self.base_pool.used, 2)
        self._pass(days=15)
        self._run()
        self.assertEqual((self.base_pool.used, self.expenses_pool.used), (1, 0))
        self.assertEqual(self._get_reasons(), ["expired"] * 2)
        self.assertTrue(self.ben.active)
        self.assertEqual(self.ben.login_state, "expired")
        self.assertTrue(self.invitation.lapsed_at)
        self._run()
        self.assertEqual(self._get_events(), ["member_invited", "member_expired"])

    def test_no_seat_is_given_unasked(self):
        """The job that seats who waits passes over who let it expire."""
        self._pass(days=15)
        self._run()
        self.ben._seat_waiting()
        self.assertEqual(self.base_pool.used, 1)
        dan = self._create_member("Dan", self.dune, email="dan@dune.test")
        invitation = dan._invite()
        invitation.expires_at = "2026-01-01"
        self._run()
        subscription = self._create_subscription(self.dune, self.plan)
        pool = self._get_pool(subscription, self.base)
        self.assertEqual(pool.used, 0)
        invitation.sent_at = "2026-01-01"
        dan._invite()
        self.assertEqual(pool.used, 1)

    def test_sent_again(self):
        """All seats are taken again, and freed again when it expires again."""
        self._pass(days=15)
        self._run()
        self.ben._invite()
        self.assertFalse(self.invitation.lapsed_at)
        self.assertEqual((self.base_pool.used, self.expenses_pool.used), (2, 1))
        self._pass(days=15)
        self._run()
        self.assertEqual((self.base_pool.used, self.expenses_pool.used), (1, 0))

    def test_what_teams_give(self):
        """It is freed as well, not given while the invitation has expired, and given
        again by the team, as far as there is room, when it is sent again."""
        team = self.env["subscription.team"].create(
            {"name": "Sales", "client_id": self.acme.id, "member_ids": self.ben.ids}
        )
        self.ben._get_seats_in_use().filtered(
            lambda seat: seat.pool_id == self.expenses_pool
        )._release("role")
        team.module_ids = self.expenses
        self.assertTrue(self.expenses_pool.seat_ids.is_from_team)
        self._pass(days=15)
        self._run()
        team._give_to_clients(self.acme.ids)
        team.member_ids = False
        team.member_ids = self.ben
        self.assertEqual((self.base_pool.used, self.expenses_pool.used), (1, 0))
        self.assertIn("The invitation has expired", team.waiting_text)
        self.ben._invite()
        self.assertEqual((self.base_pool.used, self.expenses_pool.used), (2, 1))
        self.assertTrue(self.expenses_pool.seat_ids.is_from_team)
        self._pass(days=15)
        self._run()
        self.expenses_pool.seat_limit = 0
        self.ben._invite()
        self.assertEqual((self.base_pool.used, self.expenses_pool.used), (2, 0))

    def test_sent_again_without_room(self):
        self._pass(days=15)
        self._run()
        self._create_members(self.acme, 2)
        mails = self._get_mails(self.ben.email)
        with self.assertRaises(SeatRefusal):
            self.ben._invite()
        self.env.invalidate_all()
        self.assertEqual(self.invitation.state, "expired")
        self.assertTrue(self.invitation.lapsed_at)
        self.assertEqual(self._get_mails(self.ben.email), mails)

    def test_sent_again_before_the_job(self):
        """Nothing was freed, and nothing is taken twice."""
        self._pass(days=15)
        self.ben._invite()
        self._run()
        self.assertEqual((self.base_pool.used, self.expenses_pool.used), (2, 1))

    def test_who_logs_in_is_left_alone(self):
        """Whether by this invitation, or otherwise."""
        for name, join in {
            "accepted": lambda: self.invitation._accept(),
            "joined": lambda: self.ben.write({"joined_at": "2026-01-02 08:00:00"}),
            "user": lambda: self._create_user(
                "ben", "base.group_portal", self.acme, partner_id=self.ben.partner_id.id
            ),
        }.items():
            with self.subTest(name), self._undone():
                join()
                self._pass(days=15)
                self._expire_now()
                self.assertEqual(self.base_pool.used, 2)

    def test_withdrawn_archived_or_readdressed(self):
        """What has ended otherwise does not expire as well."""
        for name, end in {
            "withdrawn": lambda: self.ben._withdraw_invitation(),
            "archived": lambda: self.ben.write({"active": False}),
            "address": lambda: self.ben.write({"email": "ben@new.test"}),
        }.items():
            with self.subTest(name), self._undone():
                end()
                used = self.base_pool.used
                self._pass(days=15)
                self._expire_now()
                self.assertEqual(self.base_pool.used, used)
                self.assertNotIn("member_expired", self._get_events())

    def test_invited_twice(self):
        """A later invitation of the same member holds its seats."""
        later = self.invitation.copy({"email": "b@acme.test", "token_hash": "x"})
        later.is_misaddressed = False
        later.flush_recordset()
        self.invitation.expires_at = "2026-01-01"
        self.assertEqual(later.state, "sent")
        self._run()
        self.assertTrue(self.invitation.lapsed_at)
        self.assertEqual(self.base_pool.used, 2)

    def test_accountants(self):
        """They hold no seat that counts; theirs goes and comes like others'."""
        invitation, _token = self._invite()
        member = invitation.member_id
        invitation.expires_at = "2026-01-01"
        self._run()
        self.assertTrue(invitation.lapsed_at)
        self.assertFalse(member._get_seats_in_use())
        invitation.sent_at = "2026-01-01"
        invitation._resend()
        self.assertTrue(member._get_seats_in_use())
        self.assertTrue(invitation._accept())


@tagged("post_install", "-at_install")
class TestExpiryConcurrency(CommittedCase):
    """What the job does while somebody accepts, sends again or withdraws."""

    TABLES = (*INVITATION_TABLES, *CommittedCase.TABLES)

    def setUp(self):
        super().setUp()
        self._build(3)
        self.email = f"{self._testMethodName}@acme.test"
        with self._committed() as env:
            client = env["res.partner"].browse(self.client_id)
            role = env.ref(f"{ADDON}.role_standard")
            member = client._invite_member(self.email, "Ben", role)
            self.member_id = member.id
            self.invitation_id = member.invitation_ids.id

    def _let_pass(self):
        with self._committed() as env:
            self._get(env).write({"expires_at": "2026-01-01", "sent_at": "2026-01-01"})

    def _get(self, env):
        return env["subscription.invitation"].browse(self.invitation_id)

    def _accept(self, env):
        invitation = self._get(env)
        return invitation._accept().id if invitation.state == "sent" else None

    def _expire(self, env):
        # What the scheduled action does with a chunk.
        invitations = env["subscription.invitation"]
        return invitations._do_chunk(invitations._expire, self._get(env))

    def _resend(self, env):
        self._get(env)._resend()

    def _withdraw(self, env):
        self._get(env)._withdraw()

    def _get_seats(self, env):
        return env["subscription.seat"].search(
            [("member_id", "=", self.member_id), ("released_at", "=", False)]
        )

    def test_accepted_twice(self):
        results = self._run_together(*[self._accept] * 3)
        won = [result for result in results if result]
        self.assertEqual(len(won), 1, results)
        self.assertEqual(results.count(None), 2)
        with self._committed() as env:
            users = env["res.users"].search([("login", "=", self.email)])
            self.assertEqual(users.ids, won)
            self.assertTrue(self._get_seats(env))

    def test_invited_at_once(self):
        """One address, added and invited by two at once: one member."""

        def invite(env):
            client = env["res.partner"].browse(self.client_id)
            role = env.ref(f"{ADDON}.role_reports")
            return client._invite_member("two@acme.test", "Two", role).id

        done, refused = self._split(self._run_together(invite, invite))
        self.assertEqual((len(done), len(refused)), (1, 1))
        self.assertIsInstance(refused[0], UserError)
        self.assertIn("two@acme.test has been invited already", str(refused[0]))

    def test_member_invited_at_once(self):
        """An existing member, invited by two at once: one invitation."""
        with self._committed() as env:
            self._get(env)._note_withdrawn()

        def invite(env):
            return env["subscription.member"].browse(self.member_id)._invite().ids

        done, refused = self._split(self._run_together(invite, invite))
        self.assertEqual((len(done), len(refused)), (1, 1), refused)
        self.assertIsInstance(refused[0], UserError)
        self.assertIn("has been invited already", str(refused[0]))

    def test_expired_while_accepted(self):
        """The job began when the clock of its server was ahead: it leaves alone what
        was accepted meanwhile."""

        def accept(env):
            invitation = self._get(env)
            invitation.accepted_at = "2026-01-01"
            env.flush_all()

        self._let_pass()
        self._run_around(accept, self._expire)
        with self._committed() as env:
            self.assertFalse(self._get(env).lapsed_at)
            self.assertTrue(self._get_seats(env))

    def test_expired_while_sent_again(self):
        self._let_pass()
        self._run_around(self._resend, self._expire)
        with self._committed() as env:
            self.assertEqual(self._get(env).state, "sent")
            self.assertFalse(self._get(env).lapsed_at)
            self.assertTrue(self._get_seats(env))

    def test_withdrawn_while_it_expires(self):
        self._let_pass()
        self._run_around(self._expire, self._withdraw)
        with self._committed() as env:
            self.assertEqual(self._get(env).state, "withdrawn")
            self.assertFalse(self._get_seats(env))

    def test_logged_in_while_it_expires(self):
        """Somebody whom the vendor gave a login uses it at that moment."""

        def log_in(env):
            member = env["subscription.member"].browse(self.member_id)
            member.joined_at = "2026-01-02 08:00:00"
            env.flush_all()

        self._let_pass()
        self._run_around(log_in, self._expire)
        with self._committed() as env:
            self.assertTrue(self._get_seats(env))
        self._do(self._expire)
        with self._committed() as env:
            self.assertTrue(self._get_seats(env))
