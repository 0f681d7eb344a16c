"""What the guard of references leaves as it was: screens and ordinary calls. Each call
is made twice, with the guard and without, and has the same answer."""

import json
import re
from copy import deepcopy
from pathlib import Path

from lxml import etree

from odoo.models import BaseModel
from odoo.tests import tagged
from odoo.tools import mute_logger
from odoo.tools.safe_eval import safe_eval

from ..common.access import MUTED, RECORDS, AccessHttpCase
from ..common.guard import MUTED as GUARD_MUTED
from ..common.isolation import FOREIGN
from ..common.sweep import SweepCase, get_all_specs, switched_off
from ..common.view import get_specification
from ..common.ways import Call

STAFF = ("north", "reef", "accountant")
VENDOR = ("admin", "sales", "billing", "intern")
ROLES = (*STAFF, "client", *VENDOR)
LEAST = 200
# Odoo draws lots for what it shows of an empty journal.
DRAWN = {"kanban_dashboard_graph"}
# Of whom each model is tried with more calls.
READS_LITTLE = {"client"}
# What differs from call to call, guard or no guard.
CHANGING = re.compile(
    r"\d\d:\d\d:\d\d(\.\d+)?|NewId_0x\w+|SUB\d+|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)
TESTS = Path(__file__).parents[1]


def get_values(record):
    """Return what ``record`` holds in the fields that a screen may change."""
    return {
        name: record.sudo()[name].id if field.type == "many2one" else record[name]
        for name, field in record._fields.items()
        if field.type in ("char", "many2one")
        and field.store
        and not (field.compute or field.related or field.readonly)
        and record._has_field_access(field, "write")
    }


def get_readable(records):
    """Return the names of the fields of ``records`` that the user may read."""
    fields = records._fields.values()
    return [one.name for one in fields if records._has_field_access(one, "read")]


@tagged("post_install", "-at_install")
class TestControl(SweepCase, AccessHttpCase):
    """Whoever may do something still does."""

    sides = {**dict.fromkeys(VENDOR, FOREIGN["north"]), **FOREIGN}

    # ------------------------------------------------------------------ menus

    @mute_logger(*MUTED, *GUARD_MUTED)
    def test_menus(self):
        """Each menu that a role sees opens, with each of its views."""
        for role in (*STAFF, *VENDOR):
            self._log_in(role)
            opened = 0
            for name, action in self._get_actions(role).items():
                with self.subTest(role=role, menu=name):
                    self._open(role, action)
                    opened += 1
            self.assertGreater(opened, 0, role)

    def _log_in(self, role):
        login = self.roles[role].login
        self.authenticate(login, login.ljust(8, "x"))

    def _get_actions(self, role):
        """Return the actions of the menus that ``role`` sees, as its screen loads
        them."""
        menus = self.env["ir.ui.menu"].with_user(self.roles[role]).load_menus(False)
        return {
            f"{menu['name']} ({id_})": self._load(menu["action_id"])
            for id_, menu in menus.items()
            if menu.get("action_id")
        }

    def _load(self, action_id):
        params = {"action_id": action_id, "context": {}}
        response = self.url_open("/web/action/load", json={"params": params}).json()
        self.assertIn("result", response, response)
        return response["result"]

    def _open(self, role, action):
        if action["type"] != "ir.actions.act_window":
            return
        views = [view for view in action["views"] if view[1] != "search"]
        with self._as(role) as env:
            values = {"uid": env.uid, "active_id": False}
            context = safe_eval(action["context"] or "{}", values)
            records = env[action["res_model"]].with_context(**context)
            domain = safe_eval(action["domain"] or "[]", values)
            for view in records.get_views(views)["views"].items():
                self._show(records, domain, *view)

    def _show(self, records, domain, kind, view):
        """Show the first page of a view, and the first records in it."""
        arch = etree.fromstring(view["arch"])
        if kind in ("list", "kanban"):
            spec = get_specification(records, arch)
            records.web_search_read(domain, spec, limit=40)
        elif kind in ("pivot", "graph"):
            fields = [records._fields[node.get("name")] for node in arch.iter("field")]
            names = [
                f"{field.name}:month"
                if field.type in ("date", "datetime")
                else field.name
                for field in fields
                if field.store
            ]
            records.web_read_group(domain, names[:1], ["__count"])
        elif kind == "form":
            spec = get_specification(records, arch)
            found = records.search(domain, limit=3)
            found.web_read(spec)
            if records.has_access("create"):
                records.onchange({}, [], spec)
            for record in found._filtered_access("write"):
                record.web_save({}, spec)

    @mute_logger(*MUTED, *GUARD_MUTED)
    def test_portal(self):
        """A client finds the pages of the portal."""
        self._log_in("client")
        for page in (
            "/my",
            "/my/home",
            "/my/account",
            "/my/invoices",
            "/my/orders",
            "/my/quotes",
        ):
            with self.subTest(page=page):
                self.assertEqual(self.url_open(page).status_code, 200)

    # ------------------------------------------------------------------ calls

    @mute_logger(*MUTED, *GUARD_MUTED)
    def test_calls(self):
        """Ordinary calls of each role answer with the guard what they do without."""
        for role in ROLES:
            passed = 0
            changed = []
            for call in self._get_calls(role):
                with switched_off():
                    before = self._answer(role, call)
                if before is None:
                    continue
                passed += 1
                if (after := self._answer(role, call)) != before:
                    changed.append(f"{call}:\n{before}\n{after}")
            with self.subTest(role=role):
                self.assertFalse(changed, "\n".join(changed))
                self.assertGreaterEqual(passed, LEAST, role)

    def _answer(self, role, call):
        """Return the answer of ``call`` as text, None if it is refused."""
        with self._as(role) as env:
            records = env[call.model].browse(call.ids)
            try:
                answer = getattr(records, call.method)(*deepcopy(call.args))
                env.flush_all()
            except Exception:  # noqa: BLE001 whatever it is that Odoo raises
                env.invalidate_all()
                return None
        if isinstance(answer, BaseModel):
            return "stored"
        return CHANGING.sub("", json.dumps(answer, default=str))

    def _get_calls(self, role):
        calls = []
        with self._as(role) as env:
            self._watch(role, env)
            for model in sorted(env.registry):
                records = env[model]
                if not records._abstract and records.has_access("read"):
                    if not self._is_closed(env, model):
                        calls += self._get_calls_of(env, role, model)
        return calls

    def _is_closed(self, env, model):
        """Return whether restricted users see less of a model by intent: of apps that
        are closed to them, and of what belongs to documents."""
        is_closed = not env["ir.model"]._get_openness(model)
        restricted = env[model]._is_user_restricted()
        return restricted and (is_closed or env[model]._is_row_of_document())

    def _get_calls_of(self, env, role, model):
        """Return ordinary calls to ``model``."""
        spec = {"display_name": {}}
        calls = [
            Call(model, "search_count", (), ([],)),
            Call(model, "web_search_read", (), ([], spec, 0, 5)),
            Call(model, "fields_get", (), (get_readable(env[model]), ["string"])),
        ]
        if model not in RECORDS and role not in READS_LITTLE:
            return calls
        calls += [
            Call(model, "search", (), ([], 0, 5)),
            Call(model, "search_read", (), ([], ["display_name"], 0, 5)),
            Call(model, "formatted_read_group", (), ([], [], ["__count"])),
            Call(model, "web_read_group", (), ([], [], ["__count"])),
            Call(model, "name_search", (), ("", [], "ilike", 5)),
        ]
        names = [name for name in env[model]._fields if name.endswith("_id")]
        screen = get_all_specs(env[model])
        for name in DRAWN & screen.keys():
            del screen[name]
        own = self._get_own(env, role, model)
        if own and env[model].browse(own)._filtered_access("read"):
            calls += [
                Call(model, "web_read", (own,), (screen,)),
                Call(model, "export_data", (own,), (["display_name"],)),
            ]
        if own and env[model].browse(own)._filtered_access("write"):
            values = get_values(env[model].browse(own))
            calls += [
                Call(model, "web_save", (own,), ({}, screen)),
                Call(model, "write", (own,), (values,)),
                Call(model, "web_save", (own,), (values, screen)),
            ]
        if env[model].has_access("create"):
            base = self._get_base(env, role, model)
            calls += [
                Call(model, "default_get", (), (names,)),
                Call(model, "onchange", (), (base, [], screen)),
                Call(model, "create", (), (base,)),
            ]
        return calls

    # ------------------------------------------------------------------ tours

    def test_tours(self):
        """Each tour of ours is started by a test."""
        scripts = (TESTS.parent / "static" / "tests" / "tours").glob("*_tours.js")
        names = re.findall(
            r'addTour\(\s*"(\w+)"', "".join(path.read_text() for path in scripts)
        )
        sources = "".join(path.read_text() for path in TESTS.rglob("test_*.py"))
        self.assertGreater(len(names), 5)
        for name in names:
            self.assertRegex(sources, rf'_tour\([^()]*(\{{[^}}]*\}}[^()]*)?"{name}"')
