"""Connections of several roles to the bus, and what they hear of live figures."""

import inspect
import json

from odoo.tests import tagged

from odoo.addons.bus.tests.common import WebsocketCase

from .access import AccessHttpCase

POOL = "subscription.seat.pool"
CHANNEL = "subscription.live.channel"
USAGE, ENDED, MARK = "subscription_live/usage", "subscription_live/ended", "test/mark"


@tagged("post_install", "-at_install")
class LiveCase(AccessHttpCase, WebsocketCase):
    """``pool`` is Acme's, of 40 seats of Expenses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.pool = cls._create_pool(cls.acme)
        cls.member = cls._create_members(cls.acme, 1)
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        # {role: the contact whose connection it was when it began}
        self.listeners = {}

    @classmethod
    def _create_pool(cls, client):
        """Return the pool of Expenses of a running subscription of ``client``."""
        subscription = cls._create_subscription(client, cls.plan)
        return subscription.seat_pool_ids.filtered(lambda one: not one.is_base)

    def assertCanOpenTestCursor(self):
        """Locks of this addon look at the database with a cursor of their own."""
        calls = {frame.function for frame in inspect.stack()}
        case = WebsocketCase if "_look_afresh" in calls else LiveCase
        super(case, self).assertCanOpenTestCursor()

    def _log_in(self, role):
        login = self.roles[role].login
        # Who logged in before stays so: there are several connections.
        self.session = None
        return self.authenticate(login, login.ljust(8, "x"))

    def _ask(self, role, pool=None):
        """Return the channels that ``role`` is told for ``pool``."""
        pool = (pool or self.pool).with_user(self.roles[role])
        answer = pool.get_live()
        self.env.flush_all()
        return answer["channels"]

    def _listen(self, role, *names):
        """Open a connection of ``role`` that asks for the channels ``names``."""
        session = self._log_in(role)
        connection = self.websocket_connect(cookie=f"session_id={session.sid};")
        self._subscribe(connection, names)
        self.listeners[role] = self.roles[role].partner_id
        return connection

    def _subscribe(self, connection, names):
        last = self._mark()
        self.subscribe(connection, list(names), last)

    def _mark(self):
        """Send something to nobody, and return its id on the bus."""
        self.env["bus.bus"]._sendone("nobody", MARK, {})
        self._commit()
        return self.env["bus.bus"]._bus_last_id()

    def _commit(self):
        """Do what the end of a transaction does for the bus."""
        self.env.flush_all()
        self.env.registry.clear_cache()
        self.env.cr.precommit.run()

    def _hear(self, connection, role):
        """End the transaction, and return ``[(type, payload)]`` of what of it arrives
        at ``connection``, which is one of ``role``."""
        self._commit()
        self.env["bus.bus"]._sendone("broadcast", MARK, {})
        # Of this role alone: connections share the cursor of the test.
        self.trigger_notification_dispatching([self.listeners[role]])
        heard = []
        while not any(kind == MARK for kind, _payload in heard):
            messages = [row["message"] for row in json.loads(connection.recv())]
            heard += [(one["type"], one.get("payload")) for one in messages]
        return [one for one in heard if one[0].startswith("subscription_live")]

    def _hear_used(self, connection, role):
        """Return the numbers of seats in use of ``pool`` that arrive."""
        return [
            figures["used"]
            for kind, payload in self._hear(connection, role)
            if kind == USAGE
            for figures in payload["pools"]
            if figures["pool_id"] == self.pool.id
        ]

    def _get_channel(self):
        """Return the channel of Acme that is in use."""
        return self.env[CHANNEL].search(
            [("client_id", "=", self.acme.id), ("ended_at", "=", False)]
        )

    def _grant(self, count=1):
        members = self._create_members(self.acme, count)
        self.pool._grant({self.pool: members})
