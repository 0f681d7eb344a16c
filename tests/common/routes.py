"""The routes of Odoo and of the addon, and how each is asked for what is foreign."""

import inspect
import io
import json
import re
from typing import NamedTuple
from zipfile import ZipFile

from .access import MEMBER, POOL, REQUEST, STATEMENT, SUBSCRIPTION
from .guard import CASTS

PARTNER = "res.partner"
COMPANY = "res.company"
# Routes that are not walked, by how they begin, and why.
SKIPPED = {
    "/web/database": "the manager of databases, which would drop this one",
    "/web/session": "ends the session of the test, or says who it is",
    "/web/become": "changes who the session belongs to",
    "/websocket": "no request; test_bus has it",
    "/jsonrpc": "a door of its own, see the sweep",
    "/xmlrpc": "likewise",
    "/json/2": "likewise",
    "/web/dataset": "likewise",
    "/web/assets": "scripts and styles, the same for everybody",
    "/web/bundle": "likewise",
    "/web/tests": "likewise",
    "/bus/websocket_worker_bundle": "likewise",
    "/web/webclient/translations": "texts of the program",
    "/website/translations": "likewise",
    "/web/webclient/bootstrap_translations": "likewise",
    "/doc": "the documentation of models, which names no record",
    "/web_editor/": "the former address of /html_editor/",
    "/mail/font_to_img": "draws a letter",
    "/web/sign/get_fonts": "fonts, of which the code may spell anything",
    "/report/barcode": "draws what it is sent",
    "/web/speedscope": "of profiles, which are for who debugs",
    "/web/set_profiling": "likewise",
    "/web/profile_config": "likewise",
    "/discuss/gif": "asks another server",
    "/web_unsplash": "likewise",
    "/google_gmail": "likewise",
    "/html_editor/link_preview_external": "likewise",
    "/html_editor/video_url": "likewise",
    "/html_editor/media_library_search": "likewise",
    "/html_editor/save_library_media": "likewise",
    "/html_editor/generate_text": "likewise",
    "/html_editor/get_ice_servers": "likewise",
    "/mail/message/translate": "likewise",
    "/base_import_module": "installs a module, of an administrator alone",
    "/account/init_tests": "runs a test of Odoo's scripts",
    "/account/post_tests": "likewise",
}
# What a parameter means that is called like this, unless it goes with a model.
PARAMETERS = {
    "activity_id": "mail.activity",
    "attachment": "ir.attachment",
    "attachment_id": "ir.attachment",
    "attachments": "ir.attachment",
    "before": "mail.message",
    "channel_id": "discuss.channel",
    "client_id": PARTNER,
    "document_id": "ir.attachment",
    "file_ids": "ir.attachment",
    "follower_id": "mail.followers",
    "from_message_id": "mail.message",
    "invoice_id": "account.move",
    "invoices": "account.move",
    "journal_id": "account.journal",
    "last_message_id": "mail.message",
    "line_id": "sale.order.line",
    "member_id": MEMBER,
    "message_id": "mail.message",
    "moves": "account.move",
    "order_id": "sale.order",
    "original_id": "ir.attachment",
    "parent_channel_id": "discuss.channel",
    "partner": PARTNER,
    "partner_id": PARTNER,
    "partner_ids": PARTNER,
    "partners_to": PARTNER,
    "payment_token": "payment.token",
    "pid": PARTNER,
    "pool_id": POOL,
    "removal_id": "subscription.removal",
    "request_id": REQUEST,
    "seat_id": "subscription.seat",
    "statement_id": STATEMENT,
    "statement_ids": STATEMENT,
    "sub_channel_id": "discuss.channel",
    "subscription_id": SUBSCRIPTION,
    "team_id": "subscription.team",
    "token_id": "payment.token",
    "user_id": "res.users",
}
MODEL_PARAMETERS = ("model", "res_model", "thread_model", "model_name")
ID_PARAMETERS = ("id", "ids", "res_id", "thread_id", "rec_id", "docids")
TOKEN_PARAMETERS = ("access_token", "token", "_hash")
# The models with which routes for any record are tried.
MODELS = (
    PARTNER,
    SUBSCRIPTION,
    MEMBER,
    "account.move",
    "sale.order",
    "ir.attachment",
    "mail.message",
    "discuss.channel",
)
CONTENTS = {
    PARTNER: "image_1920",
    "ir.attachment": "raw",
    "mail.message": "body",
    "account.move": "invoice_pdf_report_file",
}
REPORTS = {
    "account.move": "account.report_invoice",
    "sale.order": "sale.report_saleorder",
}
# What other parameters get; ``id`` stands for the foreign record, ``partner`` and so on
# for one of that kind.
OTHERS = {
    "action": "add",
    "action_id": lambda ask: ask.action,
    "actions": lambda ask: [{"model": ask.model, "resId": ask.id, "view_type": "form"}],
    "amount": 10,
    "content": "!",
    "context": lambda ask: {
        "active_model": ask.model,
        "active_id": ask.id,
        "active_ids": [ask.id],
    },
    "converter": "html",
    "custom_id": lambda ask: ask.id,
    "data": lambda ask: json.dumps(
        {
            "model": ask.model,
            "fields": [
                {"name": name, "label": name} for name in ("id", "display_name")
            ],
            "ids": [ask.id],
            "domain": [],
            "import_compat": False,
            "groupby": [],
        }
    ),
    "emails": ["nobody@users.test"],
    "fetch_params": lambda ask: {"limit": 30},
    "file_format": "csv",
    "field": lambda ask: CONTENTS.get(ask.model, "name"),
    "field_name": "name",
    "filetype": "all",
    "docids": lambda ask: str(ask.id),
    "model_names": [PARTNER],
    "name": "Sweep",
    "post_data": lambda ask: {
        "body": "Sweep",
        "partner_ids": [ask.get(PARTNER)],
        "attachment_ids": [ask.get("ir.attachment")],
        "parent_id": ask.get("mail.message"),
    },
    "report_type": "html",
    "reportname": lambda ask: REPORTS.get(ask.model, "account.report_invoice"),
    "signature": "iVBORw0KGgo=",
    "subpath": lambda ask: f"{ask.model}/{ask.id}",
    "update_data": lambda ask: {
        "body": "Changed",
        "attachment_ids": [ask.get("ir.attachment")],
        "partner_ids": [ask.get(PARTNER)],
    },
    "url": "/nothing.png",
}


def get_store_requests(ask):
    """Return what the client of Discuss asks for at once."""
    return [
        [
            "mail.thread",
            {
                "thread_model": ask.model,
                "thread_id": ask.id,
                "request_list": [
                    *("activities", "attachments", "contact_fields", "followers"),
                    *("scheduledMessages", "suggestedRecipients"),
                ],
            },
        ],
        ["discuss.channel", [ask.get("discuss.channel")]],
        ["/discuss/get_or_create_chat", {"partners_to": [ask.get(PARTNER)]}],
        ["res.partner", {"ids": [ask.get(PARTNER)]}],
        "channels_as_member",
        "init_messaging",
    ]


# Whatever a link may make of an id.
FORMS = {
    **CASTS,
    "negative": lambda id_: -id_,
    "beyond the database": lambda id_: id_ + 2**31,
    "beyond everything": lambda id_: id_ * 10**30,
    "among others": lambda id_: f",{id_},,{id_}",
    "other digits": lambda id_: str(id_).translate(str.maketrans("123", "١２³")),
    "nonsense": lambda id_: f"{id_} OR 1=1",
    "nothing": lambda id_: None,
}
# Parameters that get a foreign id in each of these forms.
FORMED = {
    "company_ids": lambda ask, form: to_text(form(ask.get(COMPANY) or 0)),
    "filters": lambda ask, form: json.dumps(
        {name: form(ask.get(PARTNER)) for name in ("partner", "module", "months")}
    ),
}


def to_text(value):
    return value if isinstance(value, str) else json.dumps(value)


# What takes the place of these parameters on other routes.
EXTRAS = {
    "/mail/data": {"fetch_params": get_store_requests},
    "/mail/action": {"fetch_params": get_store_requests},
}


class Ask(NamedTuple):
    """That ``role`` asks a route for a foreign record of ``model``, with a token that
    is of another one."""

    role: str
    rule: object
    model: str
    token: str
    get: object  # returns the id of a foreign record of a model
    action: int
    form: str = "number"

    @property
    def id(self):
        return self.get(self.model) or 0

    def __str__(self):
        kind = self.rule.endpoint.routing["type"]
        return f"{self.role}: {kind} {self.rule.rule} of {self.model}, {self.form}"

    @property
    def is_formed(self):
        return is_formed(self.rule)

    @property
    def is_json(self):
        return self.rule.endpoint.routing["type"] == "jsonrpc"

    @property
    def is_call(self):
        """Whether the route may change something."""
        return self.is_json or "GET" not in (self.rule.methods or ("GET",))

    def fill(self, name):
        """Return what the parameter ``name`` gets, None if it gets nothing."""
        value = EXTRAS.get(self.rule.rule, {}).get(name, OTHERS.get(name))
        if name in MODEL_PARAMETERS:
            value = self.model
        elif name in ID_PARAMETERS:
            value = [self.id] if name == "ids" else self.id
        elif name in TOKEN_PARAMETERS:
            value = self.token
        elif name in FORMED:
            value = FORMED[name](self, FORMS[self.form])
        elif name in PARAMETERS:
            id_ = self.get(PARAMETERS[name])
            value = [id_] if name.endswith(("_ids", "s_to")) else id_
        return value(self) if callable(value) else value

    def get_parameters(self):
        """Return what the endpoint takes beside what stands in the address."""
        signature = inspect.signature(self.rule.endpoint)
        filled = {
            name: self.fill(name)
            for name in signature.parameters
            if name not in self.rule.arguments
        }
        return {name: value for name, value in filled.items() if value is not None}

    def get_address(self):
        """Return the address, with what stands in it."""

        def fill(match):
            converter, _colon, name = match[1].rpartition(":")
            value = self.fill(name)
            if isinstance(value, list):
                value = value[0]
            return str(value or (1 if "int" in converter else "x"))

        return re.sub(r"<([^>]+)>", fill, self.rule.rule)


def is_skipped(rule):
    return any(rule.rule.startswith(start) for start in SKIPPED)


def get_models(rule):
    """Return the models with which ``rule`` is tried: all, if it is for any."""
    names = {*rule.arguments, *inspect.signature(rule.endpoint).parameters}
    generic = {*MODEL_PARAMETERS, *ID_PARAMETERS, "subpath", "data", "reportname"}
    return MODELS if names & generic else MODELS[:1]


def is_formed(rule):
    """Return whether ``rule`` reads ids out of a text."""
    return bool(FORMED.keys() & {*inspect.signature(rule.endpoint).parameters})


def get_forms(rule):
    """Return the forms in which ``rule`` gets what is foreign."""
    return FORMS if is_formed(rule) else ["number"]


def get_text(response):
    """Return what an answer says: of a workbook, what is in it."""
    if not response.content.startswith(b"PK"):
        return response.text
    with ZipFile(io.BytesIO(response.content)) as book:
        return " ".join(book.read(name).decode() for name in book.namelist())
