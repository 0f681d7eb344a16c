from odoo.tests import tagged

from ..common.live import ENDED, LiveCase

CHANGED = "subscription_live/changed"


@tagged("post_install", "-at_install")
class TestLiveScope(LiveCase):
    """Who sees many clients, on the dashboard say, hears that something has changed,
    and neither what nor whose."""

    def _ask_scope(self, role):
        pools = self.env["subscription.seat.pool"].with_user(self.roles[role])
        names = pools.get_live_scope()
        self.env.flush_all()
        return names

    def _hear_kinds(self, connection, role):
        return [kind for kind, _payload in self._hear(connection, role)]

    def test_who_sees_the_client(self):
        """The vendor, the partner and, of its clients one by one, the accountant."""
        for role, kind in (
            ("admin", CHANGED),
            ("north", CHANGED),
            ("accountant", "subscription_live/usage"),
        ):
            with self.subTest(role):
                connection = self._listen(role, *self._ask_scope(role))
                self._grant()
                heard = self._hear(connection, role)
                self.assertEqual([one for one, _payload in heard], [kind])
                if kind == CHANGED:
                    self.assertEqual(heard[0][1], {})

    def test_clients_of_a_reseller(self):
        pool = self._create_pool(self.coral)
        for role, count in (("north", 1), ("reef", 1), ("south", 0)):
            with self.subTest(role):
                connection = self._listen(role, *self._ask_scope(role))
                pool.seat_limit += 1
                self.assertEqual(len(self._hear(connection, role)), count)

    def test_others_hear_nothing(self):
        """Not even on the channel of who does."""
        names = [*self._ask_scope("north"), *self._ask_scope("admin")]
        self.assertEqual(len(set(names)), 2)
        for role in ("south", "reef", "client", "intern"):
            with self.subTest(role):
                connection = self._listen(role, *names)
                self._grant()
                self.assertEqual(self._hear(connection, role), [])
        for role in ("south", "reef"):
            self.assertFalse(set(self._ask_scope(role)) & set(names))
        for role in ("client", "intern", "member"):
            self.assertEqual(self._ask_scope(role), [])

    def test_ends_with_the_access(self):
        names = self._ask_scope("north")
        partner = self.roles["north"].partner_id
        connection = self._listen("north", *names)
        colleague = self._create_user("colleague", "standard", self.north)
        self.roles["colleague"] = colleague
        stays = self._listen("colleague", *names)
        partner.parent_id = self.south
        self._grant()
        self.assertEqual(self._hear_kinds(connection, "north"), [])
        self.assertIn(ENDED, self._hear_kinds(stays, "colleague"))
        self.assertFalse(set(self._ask_scope("colleague")) & set(names))
