from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common.committed import CommittedCase


@tagged("post_install", "-at_install")
class TestSeenValuesConcurrency(CommittedCase):
    """Of two who save at the same moment what both saw, one is told of the other."""

    def setUp(self):
        super().setUp()
        self._build(5, users=10)

    def _set_limit(self, limit, *, seen=5):
        def write(env):
            pool = env["subscription.seat.pool"].browse(self.pool_id)
            seen_values = {str(pool.id): {"seat_limit": seen}} if seen else {}
            return pool.write({"seat_limit": limit, "seen_values": seen_values})

        return write

    def _move(self, street, *, seen=""):
        def write(env):
            client = env["res.partner"].browse(self.client_id)
            seen_values = {str(client.id): {"street": seen}}
            return client.write({"street": street, "seen_values": seen_values})

        return write

    def _get(self, model, record_id, name):
        return self._do(lambda env: env[model].browse(record_id)[name])

    def test_the_second_waits_and_is_told(self):
        for first, second, model, record_id, name, stored, words in (
            (
                *(self._set_limit(7), self._set_limit(6)),
                *("subscription.seat.pool", self.pool_id, "seat_limit", 7),
                "you saw 5, now it is 7",
            ),
            (
                *(self._move("High St"), self._move("Low St")),
                *("res.partner", self.client_id, "street", "High St"),
                "now it is High St",
            ),
        ):
            with self.subTest(model=model):
                _done, refusal = self._run_around(first, second)
                self.assertIsInstance(refusal, UserError)
                self.assertIn(words, str(refusal))
                self.assertEqual(self._get(model, record_id, name), stored)

    def test_nothing_is_told_when_the_first_takes_it_back(self):
        self._run_around(self._set_limit(7), self._set_limit(6), rollback=True)
        self.assertEqual(
            self._get("subscription.seat.pool", self.pool_id, "seat_limit"), 6
        )

    def test_of_many_at_once_one_is_stored(self):
        results = self._run_together(*map(self._set_limit, (6, 7, 8, 9)))
        done, refused = self._split(results)
        self.assertEqual(done, [True])
        self.assertEqual({type(one) for one in refused}, {UserError})

    def test_who_says_nothing_is_the_last(self):
        _first, second = self._run_around(
            self._set_limit(7), self._set_limit(6, seen=None)
        )
        self.assertIs(second, True)
        self.assertEqual(
            self._get("subscription.seat.pool", self.pool_id, "seat_limit"), 6
        )
