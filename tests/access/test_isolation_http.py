import json
from base64 import b64decode

from lxml import etree

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import ACCOUNT, MOVE, MUTED, RENEWAL, SUBSCRIPTION, AccessHttpCase
from ..common.doors import METHODS
from ..common.isolation import FOREIGN, PARTNER, Attempt, IsolationCase
from ..common.view import get_specification

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
PAGES = (
    "/my/invoices/{account.move}",
    "/my/orders/{sale.order}",
    "/report/html/account.report_invoice/{account.move}",
    "/report/html/sale.report_saleorder/{sale.order}",
    "/report/pdf/account.report_invoice/{account.move}",
    "/web/content/{ir.attachment}",
    "/web/content/{ir.attachment}?download=true",
    "/web/content/res.partner/{client}/name",
    "/web/content/sale.subscription/{sale.subscription}/description",
    "/web/image/res.partner/{client}/image_1920",
    "/web/image/res.partner/{client}/avatar_128",
    "/web/image/{ir.attachment}",
    "/mail/view?model=sale.subscription&res_id={sale.subscription}",
    "/mail/message/{mail.message}",
    "/mail/avatar/mail.message/{mail.message}/author_avatar/50x50",
    "/odoo/res.partner/{client}",
)
THREAD = {"thread_model": SUBSCRIPTION, "thread_id": "{sale.subscription}"}
CALLS = (
    ("/mail/thread/messages", THREAD),
    ("/mail/thread/messages", {**THREAD, "fetch_params": {"search_term": "Main"}}),
    ("/mail/thread/recipients", THREAD),
    ("/mail/thread/recipients/get_suggested_recipients", THREAD),
    (
        "/mail/thread/recipients/get_suggested_recipients",
        {
            "thread_model": SUBSCRIPTION,
            "thread_id": "{own}",
            "partner_ids": ["{client}"],
        },
    ),
    (
        "/mail/thread/subscribe",
        {
            "res_model": SUBSCRIPTION,
            "res_id": "{sale.subscription}",
            "partner_ids": ["{res.partner}"],
        },
    ),
    ("/mail/partner/from_email", {**THREAD, "emails": ["nobody@users.test"]}),
    ("/mail/chatter_fetch", THREAD),
    ("/mail/read_subscription_data", {"follower_id": "{mail.followers}"}),
    (
        "/mail/data",
        {
            "fetch_params": [
                [
                    "mail.thread",
                    {
                        **THREAD,
                        "request_list": [
                            *("activities", "attachments", "contact_fields"),
                            *("followers", "scheduledMessages", "suggestedRecipients"),
                        ],
                    },
                ]
            ]
        },
    ),
    ("/mail/message/post", {**THREAD, "post_data": {"body": "New"}}),
    (
        "/mail/message/post",
        {
            "thread_model": SUBSCRIPTION,
            "thread_id": "{own}",
            "post_data": {"body": "New", "partner_ids": ["{client}"]},
        },
    ),
    (
        "/mail/message/update_content",
        {"message_id": "{mail.message}", "update_data": {"body": "Changed"}},
    ),
    (
        "/mail/message/reaction",
        {"message_id": "{mail.message}", "content": "+", "action": "add"},
    ),
    ("/mail/attachment/delete", {"attachment_id": "{ir.attachment}"}),
    ("/discuss/create_group", {"partners_to": ["{client}"]}),
    (
        "/web/dataset/call_kw",
        {
            "model": "res.partner",
            "method": "web_read",
            "args": [["{client}"]],
            "kwargs": {"specification": {"name": {}}},
        },
    ),
)
# Forms, and who opens them; the record is one of Acme's.
FORMS = {
    PARTNER: ("admin", "north", "accountant", "intern", "sales", "billing"),
    "account.move": ("north", "accountant", "billing"),
    "sale.order": ("north", "accountant", "sales"),
    SUBSCRIPTION: ("admin", "north", "accountant", "sales"),
    ACCOUNT: ("admin", "north"),
    MOVE: ("admin", "north"),
    RENEWAL: ("admin", "north", "accountant"),
    "subscription.notice": ("admin", "north"),
    "subscription.member": ("admin", "north", "accountant"),
    "subscription.seat.pool": ("admin", "north", "accountant", "sales"),
    "subscription.team": ("admin", "north", "accountant"),
    "subscription.module": ("admin", "north", "accountant"),
    "sale.subscription.template": ("admin", "north", "accountant"),
}


@tagged("post_install", "-at_install")
class TestIsolationHttp(AccessHttpCase, IsolationCase):
    """The routes of Odoo, as a browser asks them. Acme's order is its seller's own."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for client in cls.clients.values():
            client.image_1920 = PIXEL
        for records in cls.own.values():
            records["account.move"].action_post()
        cls.own["acme"]["sale.order"].user_id = cls.roles["sales"]
        for role in FOREIGN:
            cls.states[role] = cls._get_state(cls, role)
        cls.env.flush_all()

    def _log_in(self, role):
        if role == "public":
            return self.authenticate(None, None)
        login = self.roles[role].login
        return self.authenticate(login, login.ljust(8, "x"))

    def _fill(self, value, role):
        """Put the ids of the records that ``role`` tries to reach into ``value``."""
        own, foreign, _words = FOREIGN[role]
        ids = {f"{{{name}}}": record.id for name, record in self.own[foreign].items()}
        ids["{client}"] = self.clients[foreign].id
        ids["{own}"] = self.own[own][SUBSCRIPTION].id
        text = json.dumps(value)
        for name, number in ids.items():
            text = text.replace(f'"{name}"', str(number)).replace(name, str(number))
        return json.loads(text)

    def _check_answer(self, role, response):
        self._check_tells_nothing(FOREIGN[role][2], response.text.lower())
        self.assertNotIn(b64decode(PIXEL), response.content)
        self.assertLess(response.status_code, 500)
        self._verify_unchanged(role)

    @mute_logger(*MUTED)
    def test_pages(self):
        for role in FOREIGN:
            self._log_in(role)
            for page in PAGES:
                with self.subTest(role=role, page=page), self._undone():
                    response = self.url_open(self._fill(page, role))
                    self._check_answer(role, response)

    @mute_logger(*MUTED)
    def test_calls(self):
        for role in FOREIGN:
            self._log_in(role)
            for route, params in CALLS:
                with self.subTest(role=role, route=route), self._undone():
                    params = self._fill(params, role)
                    response = self.url_open(route, json={"params": params})
                    self._check_answer(role, response)

    @mute_logger(*MUTED)
    def test_public_methods(self):
        """Our methods, called by a program of a partner with records of another."""
        for (model, method), arguments in METHODS.items():
            t = Attempt(self, "north", self.env)
            arguments = arguments(t) if callable(arguments) else arguments
            is_model = hasattr(getattr(self.env[model], method), "_api_model")
            ids = () if is_model else t.theirs(model).ids
            with self.subTest(model=model, method=method), self._undone():
                response = self._call_json("north", model, method, ids, **arguments)
                self._check_answer("north", response)

    @mute_logger(*MUTED)
    def test_forms(self):
        """Who may read a record can open it, and find it in lists."""
        for model, roles in FORMS.items():
            for role in roles:
                with self.subTest(model=model, role=role):
                    response = self._call_json(
                        role,
                        model,
                        "get_views",
                        views=[[False, "form"], [False, "list"], [False, "kanban"]],
                    )
                    self.assertTrue(response.ok, response.text)
                    for view in response.json()["views"].values():
                        self._check_read(role, model, view["arch"])

    def _check_read(self, role, model, arch):
        """Check that ``role`` can read what a view shows."""
        response = self._call_json(
            role,
            model,
            "web_read",
            self.own["acme"][model].ids,
            specification=get_specification(self.env[model], etree.fromstring(arch)),
        )
        self.assertTrue(response.ok, response.text)
