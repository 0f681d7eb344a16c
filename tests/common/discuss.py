"""Conversations of the vendor and of competitors, and ways into them."""

from odoo import Command

from .access import SUBSCRIPTION, AccessHttpCase

CHANNEL = "discuss.channel"
PERSON = "discuss.channel.member"
PARTNER = "res.partner"
# What restricted users must never be told, by role.
WORDS = {"north": ("merger", "south"), "accountant": ("merger", "south", "reef")}
ONE = {"channel_id": "{channel}"}
THREAD = {"thread_model": CHANNEL, "thread_id": "{channel}"}


def call(model, method, *args, **kwargs):
    """Return a call of a method, as the web client makes it."""
    params = {"model": model, "method": method, "args": list(args), "kwargs": kwargs}
    return "/web/dataset/call_kw", params


def fetch(*params, action=False):
    """Return a request for what the screens of messages keep."""
    return "/mail/action" if action else "/mail/data", {"fetch_params": list(params)}


# What South says where only its own and the vendor read it.
SECRET = "Merger of South"
# Ways to a channel that somebody is not in, and to who is in it.
CALLS = (
    ("/discuss/channel/members", {**ONE, "known_member_ids": []}),
    ("/discuss/channel/messages", ONE),
    ("/discuss/channel/pinned_messages", ONE),
    ("/discuss/channel/attachments", ONE),
    ("/discuss/channel/join", ONE),
    ("/discuss/channel/mark_as_read", {**ONE, "last_message_id": "{message}"}),
    ("/discuss/channel/set_new_message_separator", {**ONE, "message_id": "{message}"}),
    ("/discuss/channel/notify_typing", {**ONE, "is_typing": True}),
    ("/discuss/channel/update_avatar", {**ONE, "data": "R0lGODlhAQABAAAAACw="}),
    ("/discuss/channel/sub_channel/create", {"parent_channel_id": "{channel}"}),
    (
        "/discuss/channel/sub_channel/create",
        {"parent_channel_id": "{channel}", "from_message_id": "{message}"},
    ),
    ("/discuss/channel/sub_channel/fetch", {"parent_channel_id": "{channel}"}),
    ("/discuss/channel/sub_channel/delete", {"sub_channel_id": "{channel}"}),
    ("/discuss/search", {"term": "s"}),
    ("/mail/rtc/channel/join_call", ONE),
    ("/mail/rtc/channel/leave_call", ONE),
    ("/mail/rtc/channel/cancel_call_invitation", ONE),
    ("/mail/inbox/messages", {}),
    ("/mail/history/messages", {}),
    ("/mail/starred/messages", {}),
    ("/mail/thread/messages", THREAD),
    ("/mail/thread/recipients", THREAD),
    ("/mail/partner/from_email", {**THREAD, "emails": ["{email}"]}),
    (
        "/mail/partner/from_email",
        {
            "thread_model": SUBSCRIPTION,
            "thread_id": "{subscription}",
            "emails": ["{email}"],
        },
    ),
    ("/mail/message/post", {**THREAD, "post_data": {"body": "New"}}),
    (
        "/mail/message/post",
        {
            "thread_model": SUBSCRIPTION,
            "thread_id": "{subscription}",
            "post_data": {
                "body": "New",
                "partner_ids": ["{partner}"],
                "role_ids": ["{role}"],
                "partner_emails": ["{email}"],
            },
        },
    ),
    (
        "/mail/message/reaction",
        {"message_id": "{message}", "content": "+", "action": "add"},
    ),
    (
        "/mail/message/update_content",
        {"message_id": "{message}", "update_data": {"body": "Changed"}},
    ),
    ("/mail/link_preview", {"message_id": "{message}"}),
    fetch("init_messaging", "channels_as_member", "failures"),
    fetch("mail.canned.response", "systray_get_activities"),
    fetch([CHANNEL, ["{channel}"]]),
    fetch(["avatar_card", {"id": "{partner}", "model": PARTNER}]),
    fetch(["avatar_card", {"id": "{user}", "model": "res.users"}]),
    fetch(["mail.thread", {**THREAD, "request_list": ["followers", "attachments"]}]),
    fetch(["/discuss/get_or_create_chat", {"partners_to": ["{partner}"]}], action=True),
    fetch(["/discuss/create_group", {"partners_to": ["{partner}"]}], action=True),
    call(PARTNER, "get_mention_suggestions", search=""),
    call(PARTNER, "search_for_channel_invite", search_term="s"),
    call(PARTNER, "search_for_channel_invite", search_term="s", channel_id="{channel}"),
    call(
        PARTNER,
        "get_mention_suggestions_from_channel",
        channel_id="{channel}",
        search="",
    ),
    call(CHANNEL, "get_mention_suggestions", search="s"),
    call(CHANNEL, "search_read", [], ["display_name", "uuid", "channel_partner_ids"]),
    call(CHANNEL, "read", ["{channel}"], ["name", "invitation_url"]),
    call(CHANNEL, "channel_join", ["{channel}"]),
    call(CHANNEL, "add_members", ["{channel}"], partner_ids=["{own}"]),
    call(CHANNEL, "channel_rename", ["{channel}"], name="New"),
    call(CHANNEL, "execute_command_who", ["{channel}"]),
    call(CHANNEL, "execute_command_help", ["{channel}"]),
    call(CHANNEL, "message_post", ["{channel}"], body="New"),
    call(PERSON, "search_read", [], ["display_name", "partner_id", "channel_id"]),
    call(PERSON, "create", {"channel_id": "{channel}", "partner_id": "{own}"}),
    call("discuss.call.history", "search_read", [], ["channel_id"]),
    call("mail.guest", "search_read", [], ["name"]),
    call("mail.message", "search_read", [["model", "=", CHANNEL]], ["author_id"]),
    call("mail.message", "read", ["{message}"], ["body", "author_id"]),
    call("mail.notification", "search_read", [], ["res_partner_id", "author_id"]),
    call("mail.canned.response", "search_read", [], ["substitution"]),
    call("res.users", "name_search", "s"),
)
PAGES = (
    "/chat/{channel}/{uuid}",
    "/discuss/channel/{channel}",
    "/mail/avatar/mail.message/{message}/author_avatar/50x50",
    "/mail/message/{message}",
    "/odoo/discuss?active_id={channel}",
    "/web/image/discuss.channel/{channel}/avatar_128",
    "/web/image/res.partner/{partner}/avatar_128",
)


class DiscussCase(AccessHttpCase):
    """Of the three channels, one is private to South and the vendor, one is open to
    every internal user, and one to everybody. Odoo's own, ``general``, is a fourth."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.general = cls.env.ref("mail.channel_all_employees")
        cls.partners = {role: user.partner_id for role, user in cls.roles.items()}
        cls.channels = {
            "group": cls._create_channel("group", "Merger talk", "admin", "south"),
            "internal": cls._create_channel("channel", "Merger plans", "south"),
            "public": cls._create_channel("channel", "Merger club", "admin", "south"),
        }
        cls.channels["public"].group_public_id = False
        cls.channels["general"] = cls.general
        cls.messages = {
            name: channel.message_post(
                body=SECRET,
                author_id=cls.partners["south"].id,
                message_type="comment",
                subtype_xmlid="mail.mt_comment",
            )
            for name, channel in cls.channels.items()
        }
        cls.role_of_south = cls.env["res.role"].create(
            {"name": "Sellers", "user_ids": [Command.set(cls.roles["south"].ids)]}
        )
        cls.env["mail.guest"].create({"name": "Merger guest"})
        cls.env["mail.canned.response"].with_user(cls.roles["south"]).create(
            {
                "source": "hello",
                "substitution": "Merger words",
                "group_ids": [Command.set(cls.env.ref("base.group_user").ids)],
            }
        )
        cls.env.flush_all()

    @classmethod
    def _create_channel(cls, kind, name, *roles):
        members = [{"partner_id": cls.roles[role].partner_id.id} for role in roles]
        return cls.env[CHANNEL].create(
            {
                "channel_type": kind,
                "name": name,
                "channel_member_ids": [Command.create(vals) for vals in members],
            }
        )

    def _log_in(self, role):
        login = self.roles[role].login
        return self.authenticate(login, login.ljust(8, "x"))

    def _get_ids(self, role, channel):
        """Return what stands for the names in braces, of ``channel`` for ``role``."""
        return {
            "channel": self.channels[channel].id,
            "uuid": self.channels[channel].uuid,
            "message": self.messages[channel].id,
            "partner": self.partners["south"].id,
            "email": self.partners["south"].email,
            "user": self.roles["south"].id,
            "role": self.role_of_south.id,
            "own": self.partners[role].id,
            "subscription": self.own["acme"][SUBSCRIPTION].id,
        }

    def _fill(self, value, ids):
        """Return ``value`` with ``ids`` in place of their names in braces."""
        if isinstance(value, dict):
            return {key: self._fill(item, ids) for key, item in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._fill(item, ids) for item in value]
        if not isinstance(value, str):
            return value
        if value[1:-1] in ids and value[0] == "{":
            return ids[value[1:-1]]
        return value.format_map(ids) if "{" in value else value

    def _check_words(self, role, text):
        for word in WORDS[role]:
            self.assertNotIn(word, text.lower())
