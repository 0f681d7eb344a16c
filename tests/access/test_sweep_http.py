"""The same calls as programs and browsers make them, and every route of Odoo."""

import inspect
import threading
from base64 import b64decode
from xmlrpc.client import Fault

from odoo.http import Request
from odoo.tests import get_db_name, tagged
from odoo.tools import mute_logger

from ..common.access import MUTED, AccessHttpCase
from ..common.guard import MUTED as GUARD_MUTED
from ..common.isolation import FOREIGN
from ..common.routes import (
    COMPANY,
    SKIPPED,
    Ask,
    get_forms,
    get_models,
    get_text,
    is_skipped,
)
from ..common.sweep import ALL, ROLES, SweepCase

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAA"
    "AABJRU5ErkJggg=="
)
# What the invoices and orders of each client come to.
AMOUNTS = {"acme": 4111.25, "bolt": 5222.25, "coral": 6333.25}


class SweepHttpCase(SweepCase, AccessHttpCase):
    def _log_in(self, role):
        login = None if role == "public" else self.roles[role].login
        self.authenticate(login, login and login.ljust(8, "x"))


@tagged("post_install", "-at_install")
class TestSweepDoors(SweepHttpCase):
    """The calls of the sweep by the doors that programs have."""

    # How many cases of each role are tried by each door unless more are.
    CASES = 12

    @mute_logger(*MUTED, *GUARD_MUTED)
    def test_doors(self):
        doors = {
            "web client": self._call_web,
            "button": self._call_button,
            "XML-RPC": self._call_xmlrpc,
            "JSON": self._call_key,
        }
        for role in ROLES:
            opened, _closed = self._get_cases(role)
            self._log_in(role)
            for door, call in doors.items():
                count = len(opened) // 50 if ALL else self.CASES
                for case in self.random.sample(opened, count):
                    self._try_case(case._replace(door=door), call)
        self._check_findings()
        self._check_counts(doors)

    def _call_web(self, env, _role, call, door="call_kw"):
        params = {
            "model": call.model,
            "method": call.method,
            "args": get_arguments(env, call),
            "kwargs": {"context": call.context},
        }
        env.flush_all()
        response = self.url_open(f"/web/dataset/{door}", json={"params": params}).json()
        return "error" not in response, response.get("result", response.get("error"))

    def _call_button(self, env, role, call):
        return self._call_web(env, role, call, "call_button")

    def _call_xmlrpc(self, env, role, call):
        who = (get_db_name(), env.uid, self.keys.get(role, "none"))
        kwargs = {"context": call.context}
        env.flush_all()
        try:
            return True, self.xmlrpc_object.execute_kw(
                *who, call.model, call.method, get_arguments(env, call), kwargs
            )
        except Fault as fault:
            return False, fault.faultString
        except TypeError as error:  # what cannot be written in XML-RPC
            return False, str(error)

    def _call_key(self, env, role, call):
        method = getattr(env[call.model], call.method)
        names = list(inspect.signature(method).parameters)
        kwargs = dict(zip(names, call.args, strict=False))
        env.flush_all()
        response = self._call_json(
            role, call.model, call.method, call.ids, context=call.context, **kwargs
        )
        return response.ok, response.json()


def get_arguments(env, call):
    """Return the arguments of ``call``, with the ids first where there are any."""
    is_model = hasattr(getattr(env[call.model], call.method), "_api_model")
    return [*call.args] if is_model else [list(call.ids), *call.args]


@tagged("post_install", "-at_install")
class TestSweepRoutes(SweepHttpCase):
    """Every route, asked for what is foreign. Acme's order is its seller's own."""

    # How many requests of each role are made unless all are.
    REQUESTS = 70

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, client in cls.clients.items():
            own = cls.own[name]
            client.image_1920 = PIXEL
            own["account.move"].invoice_line_ids[:1].price_unit = AMOUNTS[name]
            own["sale.order.line"].price_unit = AMOUNTS[name]
            own["account.move"].action_post()
        # One that nobody of the roles belongs to.
        cls.env[COMPANY].create({"name": "Another vendor"})
        cls.env.flush_all()

    @mute_logger(*MUTED, *GUARD_MUTED, "odoo.addons.base.models.ir_qweb")
    def test_routes(self):
        for role in ROLES:
            asks = self._get_asks(role)
            self._try_asks(
                role, asks if ALL else self.random.sample(asks, self.REQUESTS)
            )
        self._check_findings()
        for outcome in ("answered", "refused"):
            self.assertGreater(self.tried[outcome], 0)

    @mute_logger(*MUTED, *GUARD_MUTED)
    def test_forms_of_ids(self):
        """Those that read an id out of a text, in each form and by each role."""
        for role in ROLES:
            asks = [ask for ask in self._get_asks(role) if ask.is_formed]
            rules = {ask.rule.rule for ask in asks}
            self.assertIn("/subscription/dashboard/export", rules)
            self._try_asks(role, asks)
        self._check_findings()
        for outcome in ("answered", "refused"):
            self.assertGreater(self.tried[outcome], 0)

    def _try_asks(self, role, asks):
        with self._as(role) as env:
            self._watch(role, env)
        self._log_in(role)
        for ask in asks:
            with self._as(role) as env:
                self._try_ask(env, ask)

    def test_skipped(self):
        """Each reason to skip routes is needed."""
        rules = [rule.rule for rule in self._get_rules()]
        for start in SKIPPED:
            self.assertTrue(any(rule.startswith(start) for rule in rules), start)

    def _get_rules(self):
        # Odoo sets it on the threads of its server.
        threading.current_thread().dbname = self.env.cr.dbname
        return self.env["ir.http"].routing_map().iter_rules()

    def _get_asks(self, role):
        """Return what ``role`` asks for, each route at least once."""
        own, _foreign, _words = FOREIGN[role]
        token = self.own[own]["sale.order"]._portal_ensure_token()
        action = self.env.ref("base.action_partner_form").id

        def get_id(model):
            return self._get_target(role, model)

        return [
            Ask(role, rule, model, token, get_id, action, form)
            for rule in self._get_rules()
            if not is_skipped(rule)
            for model in get_models(rule)
            for form in get_forms(rule)
        ]

    def _try_ask(self, env, ask):
        """Ask, and check that the answer tells nothing and that nothing changed."""
        response = self._ask(ask)
        env.invalidate_all()
        is_done = response.ok and '"error": {' not in response.text[:200]
        self.tried["answered" if is_done else "refused"] += 1
        self._check_response(ask, response)
        if ask.is_call:
            self._check_stored(env, ask)

    def _ask(self, ask):
        parameters = ask.get_parameters()
        if ask.is_json:
            return self.url_open(ask.get_address(), json={"params": parameters})
        for name, value in parameters.items():
            if isinstance(value, list):
                parameters[name] = ",".join(map(str, value))
        if not ask.is_call:
            return self.url_open(ask.get_address(), params=parameters)
        parameters["csrf_token"] = Request.csrf_token(self)
        files = {"ufile": ("sweep.txt", b"Sweep")}
        return self.url_open(ask.get_address(), data=parameters, files=files)

    def _check_response(self, ask, response):
        headers = " ".join(response.headers.values())
        addresses = " ".join(found.url for found in (response, *response.history))
        self._check_words(ask, f"{headers} {addresses} {get_text(response)}")
        if ask.is_formed and response.status_code >= 500:
            self._note(ask, "failed")
        if b64decode(PIXEL) in response.content:
            self._note(ask, "gave the image")
        digits = response.text.replace(",", "").replace("\N{NO-BREAK SPACE}", "")
        if str(AMOUNTS[FOREIGN[ask.role][1]]) in digits:
            self._note(ask, "told the amount")
