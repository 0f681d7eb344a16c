from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import new_test_user, tagged

from ..common.committed import CommittedCase
from ..common.subscription import ADDON, create_company


@tagged("post_install", "-at_install")
class TestRequestConcurrency(CommittedCase):
    """What is asked for twice at once waits once; of two who answer, one is told who
    was first."""

    TABLES = (
        "mail_activity",
        "mail_mail",
        "subscription_request_letter",
        "subscription_request",
        *CommittedCase.TABLES,
    )

    def setUp(self):
        super().setUp()
        with self._committed() as env:
            self.managing_partner_id = create_company(
                env, "North", is_managing_partner=True
            ).id
        self._build(5)
        with self._committed() as env:
            self.user_ids = [
                new_test_user(
                    env,
                    f"{name}.{self.managing_partner_id}",
                    f"{ADDON}.group_standard",
                    name=name,
                    parent_id=self.managing_partner_id,
                ).id
                for name in ("Nora", "Ned")
            ]

    def _ask(self, env):
        pool = env["subscription.seat.pool"].browse(self.pool_id)
        asked = {"pool": pool, "number": "2"}
        return env["subscription.request"]._ask(pool.client_id, "seats", asked).id

    def _approve(self, request_id, place):
        def approve(env):
            request = env["subscription.request"].browse(request_id)
            request.with_user(self.user_ids[place]).action_approve()

        return approve

    def _get_limit(self):
        return self._do(
            lambda env: env["subscription.seat.pool"].browse(self.pool_id).seat_limit
        )

    def test_asked_twice_at_once(self):
        done, refused = self._split(self._run_together(self._ask, self._ask))
        self.assertEqual((len(done), len(refused)), (1, 1))
        self.assertIsInstance(refused[0], UserError)
        self.assertIn("still to come", str(refused[0]))

    def test_two_who_approve(self):
        request_id = self._do(self._ask)
        _first, second = self._run_around(
            self._approve(request_id, 0), self._approve(request_id, 1)
        )
        self.assertIsInstance(second, UserError)
        self.assertIn("Nora approved it on", str(second))
        self.assertEqual(self._get_limit(), 7)

    def test_the_second_does_nothing_before_it_knows(self):
        """By the lock: without it the second would raise the limit as well, and only
        then be thrown back by the database."""
        request_id = self._do(self._ask)
        requests, users = self.registry["subscription.request"], []
        approve_seats = requests._approve_seats

        def note(request):
            users.append(request.env.uid)
            return approve_seats(request)

        with patch.object(requests, "_approve_seats", note):
            self._run_around(self._approve(request_id, 0), self._approve(request_id, 1))
        self.assertEqual(users, self.user_ids[:1])

    def test_the_first_gives_up(self):
        request_id = self._do(self._ask)
        self._run_around(
            self._approve(request_id, 0), self._approve(request_id, 1), rollback=True
        )
        self.assertEqual(self._get_limit(), 7)

    def test_approved_while_it_is_withdrawn(self):
        request_id = self._do(self._ask)

        def withdraw(env):
            env["subscription.request"].browse(request_id)._withdraw()

        _first, second = self._run_around(withdraw, self._approve(request_id, 0))
        self.assertIn("it was withdrawn", str(second))
        self.assertEqual(self._get_limit(), 5)

    def test_refused_while_it_is_approved(self):
        request_id = self._do(self._ask)

        def refuse(env):
            request = env["subscription.request"].browse(request_id)
            request.with_user(self.user_ids[1])._refuse("No")

        _first, second = self._run_around(self._approve(request_id, 0), refuse)
        self.assertIn("Nora approved it on", str(second))

    def test_limit_that_is_raised_at_the_same_time(self):
        """No seat of either gets lost."""
        request_id = self._do(self._ask)

        def raise_limit(env):
            env["subscription.seat.pool"].browse(self.pool_id).seat_limit = 9

        self._run_around(raise_limit, self._approve(request_id, 0))
        self.assertEqual(self._get_limit(), 11)

    def test_what_is_just_answered_does_not_expire(self):
        request_id = self._do(self._ask)

        def expire(env):
            env["subscription.request"]._expire_chunk([request_id])

        self._run_around(self._approve(request_id, 0), expire)
        state = self._do(
            lambda env: env["subscription.request"].browse(request_id).state
        )
        self.assertEqual(state, "approved")
