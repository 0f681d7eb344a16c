from odoo.tests import tagged

from ..common.live import LiveCase

CHANGED = "subscription_live/changed"
REQUESTS = "subscription_live/requests"


@tagged("post_install", "-at_install")
class TestLiveRequest(LiveCase):
    """Who sees requests hears that one was made or has ended, and neither what nor
    which."""

    def _make(self, kind="seats"):
        requests = self.env["subscription.request"]
        values = {
            "pool": self.pool,
            "number": "2",
            "message": "Please",
            "subscription": self.pool.subscription_id,
            "template": self.plan.copy(),
        }
        return requests._ask(self.acme, kind, values)

    def _ask_scope(self, role):
        pools = self.env["subscription.seat.pool"].with_user(self.roles[role])
        names = pools.get_live_scope()
        self.env.flush_all()
        return names

    def test_every_change_of_a_request(self):
        connection = self._listen("north", *self._ask_scope("north"))
        request = self._make()
        self.assertIn((REQUESTS, {}), self._hear(connection, "north"))
        request._refuse("Not now")
        self.assertIn((REQUESTS, {}), self._hear(connection, "north"))
        self._make()
        self.assertIn((REQUESTS, {}), self._hear(connection, "north"))
        connection = self._listen("south", *self._ask_scope("south"))
        self.acme.managing_partner_id = self.south
        self.assertIn((REQUESTS, {}), self._hear(connection, "south"))

    def test_many_at_once_are_one_message(self):
        requests = self._make() | self._make("partner") | self._make("plan")
        self._commit()
        connection = self._listen("north", *self._ask_scope("north"))
        requests._close_waiting("withdrawn")
        self.assertEqual(self._hear(connection, "north"), [(REQUESTS, {})])

    def test_who_hears_of_it(self):
        """The vendor, the partner and, of its clients, administrators, accountants and
        whoever shows their gauges."""
        for role in ("admin", "north", "accountant"):
            with self.subTest(role):
                connection = self._listen(role, *self._ask_scope(role))
                request = self._make()
                self.assertEqual(self._hear(connection, role), [(REQUESTS, {})])
                request._withdraw()
                self._commit()
        connection = self._listen("client", *self._ask("north"))
        self._make()
        heard = self._hear(connection, "client")
        self.assertEqual(heard, [(REQUESTS, {})])

    def test_others_hear_nothing(self):
        names = [*self._ask_scope("north"), *self._ask("north")]
        for role in ("south", "reef", "member", "intern"):
            with self.subTest(role):
                connection = self._listen(role, *names, *self._ask_scope(role))
                request = self._make()
                self.assertEqual(self._hear(connection, role), [])
                request._withdraw()
                self._commit()

    def test_another_partner(self):
        """That a client asks for one the vendor hears, and nobody else: the partner
        listens to the same client."""
        for role, count in (("admin", 1), ("north", 0), ("accountant", 0)):
            with self.subTest(role):
                names = [*self._ask_scope(role), *self._ask(role)]
                connection = self._listen(role, *names)
                request = self._make("partner")
                self.assertEqual(len(self._hear(connection, role)), count)
                request._withdraw()
                self._commit()
