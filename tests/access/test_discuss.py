from odoo import Command
from odoo.exceptions import UserError
from odoo.modules import get_module_path
from odoo.modules.migration import load_script
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common.access import MUTED, SUBSCRIPTION
from ..common.discuss import CALLS, CHANNEL, PAGES, PARTNER, PERSON, WORDS, DiscussCase
from ..common.doors import TEXT
from ..common.subscription import ADDON

STANDARD = f"{ADDON}.group_standard"


@tagged("post_install", "-at_install")
class TestDiscuss(DiscussCase):
    """Whom restricted users meet in Discuss: nobody whom they may not know."""

    # ------------------------------------------------------------------ by default

    def _get_channels(self, user):
        return self.env[PERSON].search([("partner_id", "=", user.partner_id.id)])

    def test_in_no_channel_by_default(self):
        """However somebody becomes restricted, and whatever puts a group somewhere."""
        internal = self.env.ref("base.group_user")
        standard = self.env.ref(STANDARD)
        written, granted, implied, replaced = (
            new_test_user(self.env, f"clerk{number}", "base.group_user")
            for number in range(4)
        )
        for user in (written, granted, implied, replaced):
            self.assertIn(self.general, self._get_channels(user).channel_id)
        written.group_ids |= standard
        standard.user_ids |= granted
        group = self.env["res.groups"].create(
            {"name": "Sellers", "user_ids": [Command.set(implied.ids)]}
        )
        group.implied_ids |= standard
        created = self._create_user("clerk4", "standard", self.north)
        created.partner_id = replaced.partner_id
        self.env[CHANNEL].create({"name": "New", "group_ids": [internal.id]})
        self.channels["internal"].group_ids |= internal
        self.channels["internal"]._subscribe_users_automatically()
        for user in (written, granted, implied, created, self.roles["accountant"]):
            with self.subTest(user=user.login):
                self.assertFalse(self._get_channels(user))
        self.assertIn(self.roles["intern"], self.general.channel_partner_ids.user_ids)

    def test_others_stay_where_they_are(self):
        """Administrators are not restricted, and what nobody else meets is kept."""
        clerk = new_test_user(self.env, "clerk", "base.group_user")
        talk = self._create_channel("group", "Talk", "admin")
        talk.add_members(clerk.partner_id.ids)
        clerk.group_ids |= self.env.ref(STANDARD)
        self.assertEqual(self._get_channels(clerk).channel_id, talk)
        self.assertIn(self.general, self._get_channels(self.roles["admin"]).channel_id)

    def test_update_of_a_database(self):
        self.env.cr.execute(
            "INSERT INTO discuss_channel_member (channel_id, partner_id,"
            " new_message_separator) VALUES (%s, %s, 0)",
            [self.general.id, self.partners["north"].id],
        )
        self.env.invalidate_all()
        self.assertTrue(self._get_channels(self.roles["north"]))
        path = f"{get_module_path(ADDON)}/migrations/19.0.1.2.0/post-channels.py"
        load_script(path, "pms_post_channels").migrate(self.cr, "19.0.1.1.0")
        self.env.invalidate_all()
        self.assertFalse(self._get_channels(self.roles["north"]))

    # ------------------------------------------------------------------ over HTTP

    @mute_logger(*MUTED, "odoo.addons.base.models.ir_qweb")
    def test_routes(self):
        """No route of Odoo tells of a channel that one is not in, nor of who is."""
        before = {name: self._get_state(name) for name in self.channels}
        for role in WORDS:
            self._log_in(role)
            for name in self.channels:
                ids = self._get_ids(role, name)
                for route, params in CALLS:
                    with self.subTest(role, channel=name, route=route, params=params):
                        self._check_call(role, route, self._fill(params, ids))
                        self.assertEqual(self._get_state(name), before[name])
                for page in PAGES:
                    with self.subTest(role, channel=name, page=page), self._undone():
                        response = self.url_open(page.format_map(ids))
                        self.assertLess(response.status_code, 500)
                        self._check_words(role, response.text)
                        self.assertEqual(self._get_state(name), before[name])

    def _check_call(self, role, route, params):
        with self._undone():
            response = self.url_open(route, json={"params": params}, timeout=60)
            self.env.invalidate_all()
            self.assertLess(response.status_code, 500)
            self._check_words(role, response.text)

    def _get_state(self, name):
        """Return who is in a channel, and how much was said."""
        channel = self.channels[name]
        self.env.invalidate_all()
        return (
            sorted(channel.channel_partner_ids.ids),
            len(channel.message_ids),
            channel.name,
        )

    def test_routes_would_tell(self):
        """The same routes tell the vendor."""
        self._log_in("admin")
        ids = self._get_ids("admin", "group")
        told = 0
        for route, params in CALLS:
            with self._undone(), mute_logger(*MUTED):
                params = self._fill(params, ids)
                response = self.url_open(route, json={"params": params}, timeout=60)
                told += "south" in response.text.lower()
        self.assertGreater(told, 20)

    def test_who_works_together_talks(self):
        """Partner and vendor, colleagues, partner and client's users, an accountant
        and its clients: over HTTP, with names."""
        colleague = self._create_user("nora", "standard", self.north)
        self._log_in("north")
        people = colleague | self.roles["admin"] | self.roles["client"]
        params = {"partners_to": people.partner_id.ids, "name": "Us"}
        route = {"fetch_params": [["/discuss/create_group", params]]}
        self.assertTrue(self.url_open("/mail/action", json={"params": route}).ok)
        channel = self.env[CHANNEL].search([("name", "=", "Us")])
        everybody = people | self.roles["north"]
        self.assertEqual(channel.channel_partner_ids, everybody.partner_id)
        post = {"thread_model": CHANNEL, "thread_id": channel.id}
        data = {"body": "Good morning", "subtype_xmlid": "mail.mt_comment"}
        params = {**post, "post_data": data}
        answer = self.url_open("/mail/message/post", json={"params": params})
        self.assertIn("message_id", answer.text)
        for user in colleague, self.roles["admin"], self.roles["client"]:
            self.authenticate(user.login, user.login.ljust(8, "x"))
            params = {"channel_id": channel.id}
            answer = self.url_open("/discuss/channel/messages", json={"params": params})
            self.assertIn("Good morning", answer.text)
            params["known_member_ids"] = []
            answer = self.url_open("/discuss/channel/members", json={"params": params})
            for member in everybody:
                self.assertIn(member.name, answer.text)
        with self._as("accountant") as env:
            chat = env[CHANNEL]._get_or_create_chat(self.partners["client"].ids)
            self.assertTrue(chat.message_post(body=TEXT))

    def test_calls_reach_their_own_channel(self):
        """What one sends to who is in a call stays in it."""
        talk = self._create_channel("group", "Talk", "north", "client")
        members = talk.channel_member_ids | self.channels["group"].channel_member_ids
        calls = {
            member.partner_id: self.env["discuss.channel.rtc.session"].create(
                {"channel_member_id": member.id}
            )
            for member in members
        }
        own = calls[self.partners["north"]]
        self._log_in("north")
        for role, heard in (("client", True), ("south", False)):
            sent = [[own.id, [calls[self.partners[role]].id], f"for {role}"]]
            self.url_open(
                "/mail/rtc/session/notify_call_members",
                json={"params": {"peer_notifications": sent}},
            )
            rows = self.env["bus.bus"].search([("message", "like", f"for {role}")])
            self.assertEqual(bool(rows), heard)

    # ------------------------------------------------------------------ meeting

    def test_nobody_puts_competitors_together(self):
        """Not the vendor either, not by a link and not by a mention."""
        channel = self.channels["group"]
        ways = {
            "invite": lambda: channel.add_members(self.partners["north"].ids),
            "write": lambda: channel.write(
                {"channel_partner_ids": [Command.link(self.partners["north"].id)]}
            ),
            "create": lambda: self._create_channel("group", "New", "north", "south"),
            "chat": lambda: self._create_channel("chat", "New", "north", "south"),
            "import": lambda: self.env[PERSON].create(
                {"channel_id": channel.id, "partner_id": self.partners["north"].id}
            ),
            "accountant": lambda: self._create_channel(
                "group", "A", "reef", "accountant"
            ),
        }
        for name, way in ways.items():
            with self.subTest(name), self._undone(), self.assertRaises(UserError) as r:
                way()
            self.assertIn("Start a new conversation", str(r.exception))

    def test_who_wrote_is_met_as_well(self):
        """Somebody who has left is still in what was said."""
        talk = self._create_channel("group", "Talk", "admin", "south")
        talk.message_post(body=TEXT, author_id=self.partners["south"].id)
        talk._action_unfollow(self.partners["south"])
        with self.assertRaises(UserError), self._undone():
            talk.add_members(self.partners["north"].ids)
        quiet = self._create_channel("group", "Talk", "admin")
        quiet.add_members(self.partners["north"].ids)
        self.assertIn(self.partners["north"], quiet.channel_partner_ids)

    def test_what_ends_when_a_client_moves(self):
        """The conversation is the client's and the vendor's from then on."""
        talk = self._create_channel("group", "Talk", "north", "client", "admin")
        thread = talk.with_user(self.roles["client"])
        with self._as("north") as env:
            self.assertEqual(env[CHANNEL].search([]), talk)
        self.acme.managing_partner_id = self.south
        message = thread.sudo().message_post(
            body=TEXT,
            message_type="comment",
            partner_ids=self.partners["north"].ids,
        )
        self.env.flush_all()
        with self._as("north") as env:
            self.assertFalse(env[CHANNEL].search([]))
            self.assertFalse(env[PERSON].search([]))
            self.assertFalse(env["mail.message"].search([("model", "=", CHANNEL)]))
        self.assertNotIn(
            self.partners["north"], message.notification_ids.res_partner_id
        )
        rows = talk._notify_get_recipients(message)
        self.assertNotIn(self.partners["north"].id, {row["id"] for row in rows})
        self.assertIn(self.partners["admin"].id, {row["id"] for row in rows})
        with self._as("client") as env:
            self.assertEqual(env[CHANNEL].search([("is_member", "=", True)]), talk)

    # ------------------------------------------------------------------ names

    def test_screens_of_messages_hide_names(self):
        """Who reacted, was written to or was notified is read with nobody's rights."""
        document = self.own["acme"][SUBSCRIPTION]
        south = self.partners["south"]
        message = document.message_post(body=TEXT, message_type="comment")
        message.partner_ids = south
        message.sudo()._message_reaction(
            "+", "add", south, self.env["mail.guest"], None
        )
        self.env["mail.notification"].create(
            {
                "mail_message_id": message.id,
                "res_partner_id": south.id,
                "notification_type": "email",
                "notification_status": "bounce",
            }
        )
        self.env.flush_all()
        params = {"thread_model": SUBSCRIPTION, "thread_id": document.id}
        answers = {}
        for role in ("north", "admin"):
            self._log_in(role)
            answer = self.url_open("/mail/thread/messages", json={"params": params})
            answers[role] = answer.text
            self.assertIn(TEXT, answer.text)
        self.assertNotIn("south", answers["north"].lower())
        self.assertIn("Another partner", answers["north"])
        self.assertIn(south.email, answers["admin"])

    def test_others_pay_nothing(self):
        """For who is not restricted no domain changes, and channels are read with the
        queries of Odoo."""
        for role in ("admin", "intern", "client", "public"):
            user = self.roles[role]
            for domain in (
                user._get_channel_domain("channel_id"),
                user._get_guest_domain(),
                user._get_notification_domain(),
                user._get_shared_domain(),
                user._get_message_domain(),
            ):
                self.assertTrue(domain.is_true())
        self.assertEqual(
            self.env[PARTNER]._get_restricted_users(), self.env["res.users"]
        )
