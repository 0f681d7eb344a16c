"""What Odoo lets all internal users share stays with the company that made it."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.access.ir_rule import APART, SETTINGS
from ..common.access import MEMBER, MUTED, SUBSCRIPTION, AccessCase, AccessHttpCase
from ..common.guard import PARTNER, fail

# What every internal user may create: the values of a record of ``client``, and what
# the staff of a partner may do, read and write, with its own, a colleague's and the
# vendor's.
# Some rules of Odoo allow less than ours; None where staff may create none after all.
SHARED = {
    "base_import.mapping": (
        lambda case, client: {"res_model": PARTNER, "column_name": client.name},
        ("rw", "rw", "r"),
    ),
    "iap.account": (
        lambda case, client: {"name": client.name, "service_id": case.service.id},
        ("r", "r", "r"),
    ),
    "ir.embedded.actions": (
        lambda case, client: {
            "name": client.name,
            "parent_action_id": case.action.id,
            "parent_res_model": PARTNER,
            "action_id": case.action.id,
        },
        ("rw", "rw", "r"),
    ),
    "ir.exports": (
        lambda case, client: {
            "name": client.name,
            "resource": PARTNER,
            "export_fields": [Command.create({"name": "name"})],
        },
        ("rw", "rw", "r"),
    ),
    "ir.filters": (
        lambda case, client: {
            "name": client.name,
            "model_id": PARTNER,
            "domain": repr([("name", "=", client.name)]),
        },
        ("rw", "rw", "r"),
    ),
    "mail.scheduled.message": (
        lambda case, client: {
            "model": SUBSCRIPTION,
            "res_id": case.own[client.name.lower()][SUBSCRIPTION].id,
            "body": client.name,
            "author_id": case.env.user.partner_id.id,
            "scheduled_date": "2099-12-31",
        },
        ("rw", "r", "r"),
    ),
    "mail.template": (
        lambda case, client: {
            "name": client.name,
            "model_id": case.env["ir.model"]._get_id(PARTNER),
        },
        ("rw", "r", "r"),
    ),
    "report.layout": (
        lambda case, client: {"name": client.name, "view_id": case.view.id},
        (None, None, "r"),
    ),
    "resource.calendar.leaves": (
        lambda case, client: {
            "name": client.name,
            "date_from": "2026-01-30",
            "date_to": "2026-01-31",
        },
        (None, None, "r"),
    ),
    "snailmail.letter": (
        lambda case, client: {
            "partner_id": client.id,
            "model": PARTNER,
            "res_id": client.id,
            "company_id": case.env.company.id,
        },
        ("rw", "rw", "r"),
    ),
    "spreadsheet.dashboard.share": (
        lambda case, client: {"dashboard_id": case.dashboard.id},
        ("rw", "", ""),
    ),
    "utm.campaign": (lambda case, client: {"title": client.name}, ("rw", "rw", "r")),
    "utm.medium": (lambda case, client: {"name": client.name}, ("rw", "rw", "r")),
    "utm.source": (lambda case, client: {"name": client.name}, ("rw", "rw", "r")),
}


class SharedCase(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.action = cls.env["ir.actions.act_window"].search([], limit=1)
        cls.view = cls.env["ir.ui.view"].search([], limit=1)
        if "iap.service" in cls.env:
            cls.service = cls.env["iap.service"].search([], limit=1)
        if "spreadsheet.dashboard" in cls.env:
            cls.dashboard = cls.env["spreadsheet.dashboard"].search([], limit=1)
            cls.dashboard.group_ids += cls.env.ref("base.group_user")
        firm = cls.roles["accountant"].partner_id.parent_id
        cls.roles["nora"] = cls._create_user("nora", "standard", cls.north)
        cls.roles["clerk"] = cls._create_user("clerk", "accountant", firm)

    def _is_open(self, model):
        """Return whether restricted users see anything of ``model`` at all."""
        models = self.env["ir.model"].with_user(self.roles["north"])
        return model in self.env and bool(models._get_openness(model))

    def _make(self, model, role, client):
        """Return a record of ``model`` that ``role`` made, None where it may not."""
        records = self.env[model].with_user(self.roles[role])
        get_values, _letters = SHARED[model]
        try:
            with self.cr.savepoint():
                record = records.create(get_values(self, self.clients[client]))
                self.env.flush_all()
        except AccessError:
            return None
        return record

    def _get_letters(self, record, role):
        self.env.flush_all()
        self.env.invalidate_all()
        record = record.with_user(self.roles[role])
        found = record.with_context(active_test=False).search([("id", "=", record.id)])
        operations = {"w": "write", "d": "unlink"}
        return ("r" if found else "") + "".join(
            letter
            for letter, operation in operations.items()
            if record.has_access(operation)
        )


@tagged("post_install", "-at_install")
class TestShared(SharedCase):
    @mute_logger(*MUTED)
    def test_staff(self):
        for model, (_values, (own, colleague, vendor)) in SHARED.items():
            for maker, client, letters in (
                ("north", "acme", own),
                ("nora", "acme", colleague),
                ("admin", "acme", vendor),
                ("south", "bolt", ""),
                ("reef", "coral", ""),
            ):
                if not self._is_open(model):
                    continue
                with self.subTest(model=model, maker=maker), self._undone():
                    record = self._make(model, maker, client)
                    if own is None and maker != "admin":
                        self.assertFalse(record)
                    elif record or own is not None:
                        self.assertTrue(record, (model, maker))
                        found = self._get_letters(record, "north").replace("d", "")
                        self.assertEqual(found, letters, (model, maker))

    @mute_logger(*MUTED)
    def test_accountant(self):
        """Accountants keep filters and exports of their own, and make nothing else."""
        for model in filter(self._is_open, SHARED):
            for maker, client, may_write in (
                ("accountant", "acme", True),
                ("clerk", "acme", False),
                ("admin", "acme", False),
            ):
                with self.subTest(model=model, maker=maker), self._undone():
                    record = self._make(model, maker, client)
                    if maker != "admin":
                        self.assertEqual(bool(record), model in SETTINGS)
                    if record:
                        found = self._get_letters(record, "accountant")
                        self.assertEqual("w" in found, may_write)
                        self.assertEqual("d" in found, may_write)
            for maker, client in (("north", "acme"), ("south", "bolt")):
                with self.subTest(model=model, maker=maker), self._undone():
                    record = self._make(model, maker, client)
                    if record:
                        self.assertFalse(self._get_letters(record, "accountant"))

    def test_nothing_is_forgotten(self):
        """A model that staff may create has a rule of ours, or is tried above."""
        north = self.roles["north"]
        rules = self.env["ir.rule"].with_user(north)
        found = {
            model._name
            for model in self.env.values()
            if not (model._abstract or model._transient)
            and model.with_user(north).has_access("create")
            and not model._name.startswith(tuple(APART))
            and not rules._is_ruled(model._name, "read")
            and self._is_open(model._name)
        }
        self.assertLessEqual(found, SHARED.keys() | {"ir.exports.line"})
        self.assertEqual(SHARED.keys() & found, set(filter(self._is_open, SHARED)))

    @mute_logger(*MUTED)
    def test_lines_of_exports(self):
        """The fields of an export change with it."""
        export = self._make("ir.exports", "admin", "acme")
        foreign = self._make("ir.exports", "south", "bolt")
        own = self._make("ir.exports", "nora", "acme")
        with self._as("north") as env:
            lines = env["ir.exports.line"]
            self.assertFalse(lines.search([("export_id", "=", foreign.id)]))
            self.assertTrue(lines.create({"name": "name", "export_id": own.id}))
            for call in (
                lambda: lines.create({"name": "email", "export_id": export.id}),
                lambda: lines.create({"name": "email", "export_id": foreign.id}),
                lambda: lines.search([("export_id", "=", export.id)]).unlink(),
            ):
                with self.assertRaises(AccessError), self.cr.savepoint():
                    call()
                    env.flush_all()

    def test_defaults(self):
        """Nobody reads what another keeps as a default."""
        defaults = self.env["ir.default"]
        for user in (self.roles["south"], self.roles["north"]):
            defaults.set(MEMBER, "client_id", self.bolt.id, user_id=user.id)
        defaults.set(PARTNER, "comment", "For everybody")
        with self._as("north") as env:
            found = env["ir.default"].search([])
            self.assertFalse(found.user_id - self.roles["north"])
            self.assertIn(False, found.mapped("user_id.id") + [False])
            self.assertTrue(found.filtered(lambda default: not default.user_id))
            self.assertTrue(found.filtered("user_id"))

    def test_notifications(self):
        """A notification tells who is told of a document."""
        notified = {client: self.own[client][PARTNER] for client in ("acme", "bolt")}
        messages = {
            client: self.env["mail.message"].create(
                {
                    "model": SUBSCRIPTION,
                    "res_id": self.own[client][SUBSCRIPTION].id,
                    "body": "News",
                    "message_type": "comment",
                    "notification_ids": [
                        Command.create({"res_partner_id": partner.id})
                    ],
                }
            )
            for client, partner in notified.items()
        }
        for role, clients in (("north", ["acme"]), ("accountant", ["acme", "bolt"])):
            with self._as(role) as env, self.subTest(role=role):
                found = env["mail.notification"].search(
                    [("mail_message_id", "in", [m.id for m in messages.values()])]
                )
                self.assertEqual(
                    found.res_partner_id,
                    self.env[PARTNER].union(*(notified[name] for name in clients)),
                )

    def test_letters_of_the_vendor(self):
        """Nobody reads the address of a competitor's client on a letter to it, whatever
        the module that keeps it."""
        if "snailmail.letter" not in self.env:
            self.skipTest("Odoo's module for letters is not installed.")
        letter = self._make("snailmail.letter", "admin", "bolt")
        self.assertFalse(self._get_letters(letter, "north"))
        letters = "r" if self._is_open("snailmail.letter") else ""
        self.assertEqual(self._get_letters(letter, "south"), letters)

    def test_tags_of_contacts(self):
        """A tag of a competitor's clients is hidden; a tag has its whole name."""
        tags = self.env["res.partner.category"]
        above = tags.create({"name": "Above"})
        own, foreign, both, free = tags.create(
            [
                {"name": "Own", "parent_id": above.id},
                {"name": "Foreign"},
                {"name": "Both"},
                {"name": "Free"},
            ]
        )
        self.acme.category_id = own | both
        self.bolt.category_id = foreign | both
        self.dune.category_id = above
        tried = own | foreign | both | free | above
        with self._as("north") as env:
            found = env["res.partner.category"].search([("id", "in", tried.ids)])
            self.assertEqual(found, own | both | free)
            name = found.browse(own.id).display_name
            self.assertEqual(name, "Above / Own")
            acme = env[PARTNER].browse(self.acme.id)
            [shown] = acme.web_read({"category_id": {"fields": {"display_name": {}}}})
            self.assertEqual(
                {tag["display_name"] for tag in shown["category_id"]},
                {"Above / Own", "Both"},
            )
            with self.assertRaises(AccessError):
                acme.category_id = [Command.link(foreign.id)]
        with self._as("intern") as env:
            found = env["res.partner.category"].search([("id", "in", tried.ids)])
            self.assertEqual(found, tried)

    @mute_logger(*MUTED)
    def test_wizards(self):
        """A wizard is its user's own, on every model."""
        south, north = self.roles["south"], self.roles["north"]
        for model in self.env.values():
            if not model._transient or not model.with_user(south).has_access("create"):
                continue
            with self.subTest(model=model._name), self._undone():
                try:
                    with self.cr.savepoint():
                        wizard = model.with_user(south).create({})
                        self.env.flush_all()
                except Exception:  # noqa: BLE001 values that it needs
                    domain = self.env["ir.rule"].with_user(north)
                    domain = domain._compute_domain(model._name)
                    self.assertIn("create_uid", str(domain))
                    continue
                self.assertTrue(wizard.has_access("read"))
                self.assertFalse(wizard.with_user(north).has_access("read"))

    def test_others_see_all(self):
        """Nothing changes for who is not restricted."""
        rules = self.env["ir.rule"]
        self.patch(type(rules), "_get_shared_domain", fail)
        for role in ("admin", "intern", "client", "public"):
            with self._as(role) as env, self.subTest(role=role):
                self.env.registry.clear_cache()
                rules.with_env(env)._compute_domain("ir.filters")
                with self.assertQueryCount(0):
                    rules.with_env(env)._compute_domain("ir.filters")


@tagged("post_install", "-at_install")
class TestSharedRpc(AccessHttpCase, SharedCase):
    """The same, as programs meet it."""

    @mute_logger(*MUTED)
    def test_filters_and_templates(self):
        for model in ("ir.filters", "ir.exports", "mail.template"):
            foreign = self._make(model, "south", "bolt")
            own = self._make(model, "nora", "acme")
            self.env.flush_all()
            with self.subTest(model=model):
                call = self._call_json("north", model, "search_read", domain=[])
                ids = [row["id"] for row in call.json()]
                self.assertIn(own.id, ids)
                self.assertNotIn(foreign.id, ids)
                for method, arguments in (
                    ("read", {"fields": ["name"]}),
                    ("write", {"vals": {"name": "Changed"}}),
                    ("unlink", {}),
                ):
                    call = self._call_json(
                        "north", model, method, foreign.ids, **arguments
                    )
                    self.assertEqual(call.status_code, 403)
        call = self._call_json("north", "ir.filters", "get_filters", model=PARTNER)
        names = [row["name"] for row in call.json()]
        self.assertIn("Acme", names)
        self.assertNotIn("Bolt", names)
