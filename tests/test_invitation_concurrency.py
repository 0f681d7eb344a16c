from odoo.exceptions import UserError
from odoo.tests import tagged

from .committed import CommittedCase

EMAIL = "robin@ledger.test"


@tagged("post_install", "-at_install")
class TestInvitationConcurrency(CommittedCase):
    """An invitation is accepted once, whatever happens at the same time."""

    TABLES = (
        "subscription_invitation",
        "subscription_log",
        "mail_mail",
        "mail_message",
        *(
            table
            for table in CommittedCase.TABLES
            if table not in ("subscription_invitation", "subscription_log")
        ),
    )

    def setUp(self):
        super().setUp()
        with self._committed() as env:
            self.invitation_id = self._invite(env)
        self.addCleanup(self._clear)

    def _invite(self, env, email=EMAIL):
        client = env["res.partner"].browse(self.acme_id)
        return env["subscription.invitation"]._invite(client, email).id

    def _clear(self):
        """Close the invitations and delete who accepted one."""
        with self._committed() as env:
            invitations = env["subscription.invitation"].search(
                [("client_id", "=", self.acme_id)]
            )
            invitations._withdraw()
            users = invitations.accepted_by_id
            users.login = f"former-{users.id}" if users else False
            users.email = "former@ledger.test" if users else False

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
        return env["res.users"].search([("login", "=", EMAIL)])

    def test_accepted_at_once(self):
        """One acceptance makes the user; the others come too late, without an error."""
        results = self._run_together(*[self._accept] * 4)
        won = [result for result in results if result]
        self.assertEqual(len(won), 1, results)
        self.assertEqual(results.count(None), 3)
        with self._committed() as env:
            self.assertEqual(self._get_users(env).ids, won)

    def test_withdrawn_at_once(self):
        """Whichever comes first, in the end there is no access."""
        for first, second in (
            (self._accept, self._withdraw),
            (self._withdraw, self._accept),
        ):
            with self.subTest(first=first.__name__):
                self._run_around(first, second)
                with self._committed() as env:
                    invitation = env["subscription.invitation"].browse(
                        self.invitation_id
                    )
                    self.assertEqual(invitation.state, "withdrawn")
                    self.assertFalse(invitation.member_id.active)
                self._clear()
                with self._committed() as env:
                    self.invitation_id = self._invite(env)

    def test_invited_at_once(self):
        """Two invitations of one address: one is made, the other is refused."""
        with self._committed() as env:
            env["subscription.invitation"].browse(self.invitation_id)._withdraw()
        results = self._run_together(*[self._invite] * 2)
        refused = [result for result in results if isinstance(result, UserError)]
        self.assertEqual(len(refused), 1, results)
        with self._committed() as env:
            made = env["subscription.invitation"].search(
                [("client_id", "=", self.acme_id), ("state", "=", "sent")]
            )
            self.assertEqual(len(made), 1)
