import inspect
import json

from odoo import Command
from odoo.tests import tagged

from odoo.addons.bus.tests.common import WebsocketCase

from ..common.discuss import DiscussCase
from ..common.doors import TEXT

SECRET, MARK = "test/secret", "test/mark"


@tagged("post_install", "-at_install")
class TestBus(DiscussCase, WebsocketCase):
    """What restricted users hear over an open connection ends with their access."""

    def assertCanOpenTestCursor(self):
        """Locks of this addon look at the database with a cursor of their own."""
        calls = {frame.function for frame in inspect.stack()}
        case = WebsocketCase if "_look_afresh" in calls else TestBus
        super(case, self).assertCanOpenTestCursor()

    def _listen(self, role, *names):
        """Open a connection of ``role`` that asks for the channels ``names``."""
        session = self._log_in(role)
        connection = self.websocket_connect(cookie=f"session_id={session.sid};")
        self.subscribe(connection, list(names), self.env["bus.bus"]._bus_last_id())
        return connection

    def _hear(self, connection, role, channel):
        """Send something to ``channel`` and to ``role`` itself, and return the types of
        what arrives."""
        own = self.partners[role]
        self.env["bus.bus"]._sendone(channel, SECRET, {})
        self.env["bus.bus"]._sendone(own, MARK, {})
        self.trigger_notification_dispatching([channel, own])
        heard = set()
        while MARK not in heard:
            rows = json.loads(connection.recv())
            heard |= {row["message"]["type"] for row in rows}
        return heard

    def _check(self, connection, role, channel, *, hears):
        self.assertEqual(SECRET in self._hear(connection, role, channel), hears)

    def _check_ends(self, role, channel, end, *names):
        """Check that ``role`` hears ``channel`` until ``end()``."""
        connection = self._listen(role, *names)
        self._check(connection, role, channel, hears=True)
        end()
        self.env.flush_all()
        self.env.registry.clear_cache()
        self._check(connection, role, channel, hears=False)

    def test_nobody_subscribes_to_what_is_out_of_reach(self):
        presence = self.partners["south"]
        token = presence._get_im_status_access_token()
        names = [f"discuss.channel_{channel.id}" for channel in self.channels.values()]
        names += [
            f"odoo-presence-res.partner_{presence.id}",
            f"odoo-presence-res.partner_{presence.id}-{token}",
        ]
        hidden = [(presence, "presence"), presence, self.env.ref("base.group_user")]
        for channel in self.channels.values():
            hidden += [channel, (channel, "internal_users")]
        for role in ("north", "accountant"):
            connection = self._listen(role, *names)
            for channel in hidden:
                with self.subTest(role, channel=channel):
                    self._check(connection, role, channel, hears=False)

    def test_others_hear_what_they_heard(self):
        connection = self._listen("intern", f"discuss.channel_{self.general.id}")
        for channel in (
            self.general,
            (self.general, "internal_users"),
            self.env.ref("base.group_user"),
            "broadcast",
        ):
            with self.subTest(channel=channel):
                self._check(connection, "intern", channel, hears=True)

    def test_restricted_users_hear_their_own(self):
        talk = self._create_channel("group", "Talk", "north", "admin")
        vendor = self.partners["admin"]
        name = f"odoo-presence-res.partner_{vendor.id}"
        connection = self._listen("north", name)
        for channel in (talk, (vendor, "presence"), "broadcast"):
            with self.subTest(channel=channel):
                self._check(connection, "north", channel, hears=True)

    def test_removed_from_a_channel(self):
        talk = self._create_channel("group", "Talk", "north", "admin")
        members = talk.channel_member_ids
        self._check_ends(
            "north",
            talk,
            lambda: members.filtered(
                lambda member: member.partner_id == self.partners["north"]
            ).unlink(),
        )

    def test_a_client_that_moves(self):
        talk = self._create_channel("group", "Talk", "north", "client")
        self._check_ends(
            "north",
            talk,
            lambda: self.acme.write({"managing_partner_id": self.south.id}),
        )

    def test_the_presence_of_a_client_that_moves(self):
        client = self.partners["client"]
        self._check_ends(
            "north",
            (client, "presence"),
            lambda: self.acme.write({"managing_partner_id": self.south.id}),
            f"odoo-presence-res.partner_{client.id}",
        )

    def test_an_accountant_that_is_withdrawn(self):
        talk = self._create_channel("group", "Talk", "accountant", "client")
        member = self.acme.subscription_member_ids.filtered(
            lambda one: one.partner_id == self.partners["accountant"]
        )
        self._check_ends("accountant", talk, member.invitation_ids._withdraw)

    def test_a_user_that_becomes_restricted(self):
        group = self.env.ref("base.group_user")
        intern = self.roles["intern"]
        standard = self.env.ref("partner_managed_subscription.group_standard")
        connection = self._listen("intern", f"discuss.channel_{self.general.id}")
        self._check(connection, "intern", self.general, hears=True)
        intern.write({"group_ids": [Command.link(standard.id)]})
        self.env.flush_all()
        self._check(connection, "intern", self.general, hears=False)
        self._check(connection, "intern", group, hears=False)

    def test_a_user_that_is_archived(self):
        """Odoo ends the connection."""
        connection = self._listen("north")
        self.roles["north"].active = False
        self.env.flush_all()
        self.env.registry.clear_cache()
        own = self.partners["north"]
        self.env["bus.bus"]._sendone(own, MARK, {})
        self.trigger_notification_dispatching([own])
        self.assert_close_with_code(connection, 4001)

    def test_messages_of_a_channel(self):
        """What Odoo itself sends: a message, somebody who types, a call."""
        talk = self._create_channel("group", "Talk", "north", "client", "admin")
        connection = self._listen("north")
        for moved in (False, True):
            if moved:
                self.acme.managing_partner_id = self.south
                self.env.flush_all()
                self.env.registry.clear_cache()
            talk.message_post(body=TEXT, message_type="comment")
            talk.channel_member_ids[:1]._notify_typing(True)
            heard = self._hear(connection, "north", talk)
            self.assertEqual("discuss.channel/new_message" in heard, not moved)
            self.assertEqual("mail.record/insert" in heard, not moved)

    def test_polling(self):
        """The same for who asks instead of listening."""
        self._log_in("north")
        last = self.env["bus.bus"]._bus_last_id()
        talk = self._create_channel("group", "Talk", "north", "admin")
        for channel in (*self.channels.values(), talk):
            self.env["bus.bus"]._sendone(channel, f"{SECRET} {channel.id}", {})
        self.env.cr.precommit.run()
        names = [f"discuss.channel_{channel.id}" for channel in self.channels.values()]
        params = {"channels": names, "last": last, "is_first_poll": True}
        answer = self.url_open("/websocket/peek_notifications", json={"params": params})
        rows = answer.json()["result"]["notifications"]
        types = {row["message"]["type"] for row in rows}
        secrets = {kind for kind in types if kind.startswith(SECRET)}
        self.assertEqual(secrets, {f"{SECRET} {talk.id}"})
