from odoo.exceptions import LockError, UserError
from odoo.tests import tagged

from ..common.committed import INVITATION_TABLES, CommittedCase


@tagged("post_install", "-at_install")
class TestInvitationConcurrency(CommittedCase):
    """An invitation is accepted once, whatever happens at the same time."""

    TABLES = (*INVITATION_TABLES, *CommittedCase.TABLES)

    def setUp(self):
        super().setUp()
        self._build(3)
        self.email = f"{self._testMethodName}@ledger.test"
        with self._committed() as env:
            self.invitation_id = self._invite(env)

    def _invite(self, env):
        client = env["res.partner"].browse(self.client_id)
        return env["subscription.invitation"]._invite(client, self.email).id

    def _accept(self, env):
        """Do what the page does: accept as somebody new unless it is too late.

        :return: the id of the new user
        """
        invitation = env["subscription.invitation"].browse(self.invitation_id)
        if invitation.state != "sent":
            return None
        return invitation._accept().id

    def _withdraw(self, env):
        env["subscription.invitation"].browse(self.invitation_id)._withdraw()

    def _get_users(self, env):
        return env["res.users"].search([("login", "=", self.email)])

    def test_accepted_at_once(self):
        """One acceptance makes the user; the others come too late, without an error."""
        results = self._run_together(*[self._accept] * 4)
        won = [result for result in results if result]
        self.assertEqual(len(won), 1, results)
        self.assertEqual(results.count(None), 3)
        with self._committed() as env:
            self.assertEqual(self._get_users(env).ids, won)

    def _check_withdrawn(self, first, second):
        self._run_around(first, second)
        with self._committed() as env:
            invitation = env["subscription.invitation"].browse(self.invitation_id)
            self.assertEqual(invitation.state, "withdrawn")
            self.assertFalse(invitation.member_id.active)

    def test_withdrawn_while_accepted(self):
        """There is no access in the end when the withdrawal comes second ..."""
        self._check_withdrawn(self._accept, self._withdraw)

    def test_accepted_while_withdrawn(self):
        """... nor when it comes first."""
        self._check_withdrawn(self._withdraw, self._accept)
        with self._committed() as env:
            self.assertFalse(self._get_users(env))

    def test_sent_again_while_accepted(self):
        """Who sends an invitation again that somebody accepts at that moment is told
        so at once, and does not wait to be refused later."""
        _first, second = self._run_around(self._accept, self._resend)
        self.assertIsInstance(second, LockError)

    def _resend(self, env):
        env["subscription.invitation"].browse(self.invitation_id)._resend()

    def test_invited_at_once(self):
        """Two invitations of one address: one is made, the other is refused."""
        with self._committed() as env:
            env["subscription.invitation"].browse(self.invitation_id)._withdraw()
        results = self._run_together(*[self._invite] * 2)
        refused = [result for result in results if isinstance(result, UserError)]
        self.assertEqual(len(refused), 1, results)
        with self._committed() as env:
            made = env["subscription.invitation"].search(
                [("client_id", "=", self.client_id), ("state", "=", "sent")]
            )
            self.assertEqual(len(made), 1)
