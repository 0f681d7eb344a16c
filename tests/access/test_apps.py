"""Other apps beside this addon: what they let every internal user read stays closed to
partners' staff and accountants, and what they add to screens does not break those.

The same tests run in a database with many apps, see `dev/tests/test_install.py`.
"""

from unittest.mock import patch

from lxml import etree

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged
from odoo.tools import mute_logger

from ...models.access import ir_module
from ...models.access.ir_model import OPEN_MODELS
from ..common.rpc import RpcCase
from ..common.subscription import ADDON, SubscriptionCase
from ..common.tour import TourCase
from ..common.view import ViewMixin

APP = "an_app"
MUTED = "odoo.addons.base.models.ir_rule", "odoo.addons.base.models.ir_model"
SECRET = "Secret of a competitor"
# Records of other apps that name a competitor. ``case`` is the test class.
SAMPLES = {
    "calendar.event": lambda case: {
        "name": SECRET,
        "start": "2026-01-31 10:00:00",
        "stop": "2026-01-31 11:00:00",
        "partner_ids": [Command.set(case.bolt.ids)],
    },
    "crm.lead": lambda case: {"name": SECRET, "partner_id": case.bolt.id},
    "hr.employee": lambda case: {"name": SECRET},
    "mailing.contact": lambda case: {"name": SECRET, "email": "info@bolt.test"},
    "project.project": lambda case: {
        "name": SECRET,
        "partner_id": case.bolt.id,
        "privacy_visibility": "employees",
    },
    "project.task": lambda case: {
        "name": SECRET,
        "partner_id": case.bolt.id,
        "project_id": case.env["project.project"].search([], limit=1).id,
    },
    "snailmail.letter": lambda case: {
        "partner_id": case.bolt.id,
        "model": "res.partner",
        "res_id": case.bolt.id,
        "company_id": case.env.company.id,
    },
    "website.visitor": lambda case: {"access_token": case.bolt.id},
}
# What a user without one of our roles needs to read them.
GROUPS = {
    "crm.lead": "sales_team.group_sale_salesman_all_leads",
    "hr.employee": "hr.group_hr_user",
    "mailing.contact": "mass_mailing.group_mass_mailing_user",
    "website.visitor": "website.group_website_designer",
}


class AppsCase(ViewMixin, SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "staff": cls._create_user("nora", "standard", cls.north),
            "accountant": cls._create_user("alma", "accountant", cls.dune),
            "intern": new_test_user(cls.env, "igor", "base.group_user"),
        }
        cls.restricted = {name: cls.users[name] for name in ("staff", "accountant")}
        cls._make_accountant(cls.users["accountant"], cls.acme)
        cls.licence = cls.env["product.product"].create({"name": "Licence"})
        cls.order = cls.env["sale.order"].create(
            {
                "partner_id": cls.acme.id,
                "order_line": [Command.create({"product_id": cls.licence.id})],
            }
        )
        cls.order.action_confirm()


@tagged("post_install", "-at_install")
class TestApps(AppsCase):
    """With the apps that are installed: screens open for who has its role only."""

    def test_every_menu_of_every_app_opens(self):
        for role, user in self.restricted.items():
            actions = self._get_menu_actions(user)
            self.assertTrue(actions)
            for name, action in actions.items():
                with self.subTest(role=role, menu=name, action=action.name):
                    self._open_action(user, action)

    def test_documents_open(self):
        """Other apps add fields to them whose records are out of reach."""
        for role, user in self.restricted.items():
            for record in (self.order, self.subscription, self.acme, self.licence):
                if record.with_user(user).has_access("read"):
                    with self.subTest(role=role, record=record):
                        Form(record.with_user(user))

    def test_preferences_open(self):
        for role, user in self.users.items():
            with self.subTest(role=role):
                action = user.with_user(user).action_get()
                forms = [
                    id_ for id_, view_type in action["views"] if view_type == "form"
                ]
                Form(user.with_user(user), view=forms[0] or None)

    def test_contacts_are_saved(self):
        env = self.env(user=self.users["staff"])
        with Form(env["res.partner"].with_context(default_is_company=True)) as form:
            form.name = "Client"
        with Form(self.acme.with_user(env.user)) as form:
            form.phone = "+44 20 7946 0002"


@tagged("post_install", "-at_install")
class TestAppRecords(AppsCase, RpcCase):
    """With the apps that are installed, and the right to use each of them: further
    groups widen nothing."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for name, groups in GROUPS.items():
            if name in cls.env:
                for user in cls.users.values():
                    user.group_ids |= cls.env.ref(groups)
        cls.samples = {
            name: cls.env[name].create(values(cls))
            for name, values in SAMPLES.items()
            if name in cls.env
        }
        cls._create_keys(cls.users)
        cls.env.flush_all()

    def test_records_of_other_apps_are_closed(self):
        self.assertTrue(self.samples)
        for role in self.restricted:
            for name, record in self.samples.items():
                with self.subTest(role=role, model=name):
                    self._verify_closed(role, name, record)

    @mute_logger(*MUTED)
    def _verify_closed(self, role, name, record):
        model = self.env[name].with_user(self.users[role])
        if model.has_access("read"):
            self.assertFalse(model.search_count([]))
            self.assertEqual(model.name_search(SECRET), [])
        with self.assertRaises(AccessError):
            record.with_user(self.users[role]).check_access("read")
        answer = self._call_json(role, name, "read", record.ids, fields=["id"])
        self.assertEqual(answer.status_code, 403)
        self.assertNotIn(SECRET, answer.text)

    def test_others_see_as_much_as_ever(self):
        """A positive control: what is closed to partners is open to colleagues."""
        for name, record in self.samples.items():
            with self.subTest(model=name):
                model = self.env[name].with_user(self.users["intern"])
                if model.has_access("read"):
                    self.assertIn(record, model.search([]))

    def test_no_closed_model_shows_anything(self):
        """Whichever models there are, also those without an example above."""
        closed = self.env["ir.module.module"]._get_closed_names()
        for name, model in self.env.items():
            if model._abstract or name in OPEN_MODELS:
                continue
            if model._original_module not in closed:
                continue
            for role, user in self.restricted.items():
                own = model.with_user(user)
                if own.has_access("read"):
                    with self.subTest(role=role, model=name):
                        self.assertFalse(own.search_count([]))


@tagged("post_install", "-at_install")
class TestAppsTour(AppsCase, TourCase):
    def test_the_web_client_starts(self):
        """Without an error on the console, whatever apps do when it does."""
        code = "console.log('test successful')"
        for user in self.restricted.values():
            path = "/odoo" if user == self.users["staff"] else "/odoo/contacts"
            self.browser_js(path, code, "odoo.isReady", login=user.login, timeout=300)


@tagged("post_install", "-at_install")
class TestClosedApp(AppsCase):
    """With an app that this addon has not heard of."""

    def setUp(self):
        super().setUp()
        modules = self.registry["ir.module.module"]
        closed = frozenset([APP])
        patched = patch.object(modules, "_get_closed_names", lambda self: closed)
        self.startPatcher(patched)
        self.registry.clear_cache("stable", "templates", "groups")
        self.addCleanup(self.registry.clear_cache, "stable", "templates", "groups")

    def _create_of_app(self, model, xmlid, /, **values):
        record = self.env[model].create(values)
        self.env["ir.model.data"].create(
            {"module": APP, "name": xmlid, "model": model, "res_id": record.id}
        )
        return record

    def _create_model(self):
        """Create a model that every internal user may read, with a record."""
        model = self.env["ir.model"].create(
            {"name": "Secret", "model": "x_secret", "state": "manual"}
        )
        self._create_right(model, "base.group_user")
        return model, self.env["x_secret"].create({"x_name": SECRET})

    def _create_right(self, model, group):
        self.env["ir.model.access"].create(
            {
                "name": group,
                "model_id": model.id,
                "group_id": self.env.ref(group).id,
                "perm_read": True,
                "perm_create": True,
            }
        )

    def _get_names(self, role):
        return (
            self.env["x_secret"].with_user(self.users[role]).search([]).mapped("x_name")
        )

    @mute_logger(*MUTED)
    def test_models_that_nobody_heard_of_are_closed(self):
        model, record = self._create_model()
        self.assertEqual(self._get_names("intern"), [SECRET])
        for role, user in self.restricted.items():
            with self.subTest(role=role):
                self.assertEqual(self._get_names(role), [])
                with self.assertRaisesRegex(
                    AccessError, "Secret belongs to an app that"
                ):
                    record.with_user(user).read()
                with self.assertRaisesRegex(AccessError, "Ask the vendor"):
                    record.with_user(user).create({"x_name": "Mine"})

    def test_without_an_access_right_a_search_finds_nothing(self):
        """Computes of orders look for transfers, as the user."""
        model, _record = self._create_model()
        model.access_ids.unlink()
        with mute_logger(*MUTED), self.assertRaises(AccessError):
            self._get_names("intern")
        for role in self.restricted:
            self.assertEqual(self._get_names(role), [])

    def test_an_access_right_for_a_role_opens_a_model(self):
        model, _record = self._create_model()
        self.assertEqual(self._get_names("staff"), [])
        self._create_right(model, f"{ADDON}.group_standard")
        self.assertEqual(self._get_names("staff"), [SECRET])
        self.assertEqual(self._get_names("accountant"), [SECRET])

    @mute_logger(*MUTED)
    def test_wizards_show_what_their_user_entered(self):
        """Odoo lets everybody read what others import, for one."""
        wizards = self.env["base_import.import"]
        values = {"res_model": "res.partner", "file_name": SECRET}
        theirs = wizards.with_user(self.users["accountant"]).create(values)
        own = wizards.with_user(self.users["staff"]).create(values)
        self.assertEqual(own.file_name, SECRET)
        self.assertEqual(own.search([]), own)
        with self.assertRaises(AccessError):
            theirs.with_user(self.users["staff"]).read(["file_name"])

    def test_screens_leave_out_what_closed_apps_add(self):
        view = self.env.ref("base.view_partner_form")
        arch = "<field name='phone' position='after'><field name='barcode'/></field>"
        self._create_of_app(
            "ir.ui.view",
            "partner_form",
            name="Barcode",
            model="res.partner",
            inherit_id=view.id,
            arch=arch,
        )
        for role, shown in {
            "intern": True,
            "staff": False,
            "accountant": False,
        }.items():
            with self.subTest(role=role):
                model = self.env["res.partner"].with_user(self.users[role])
                found = etree.fromstring(model.get_view(view.id)["arch"])
                self.assertEqual(bool(found.xpath("//field[@name='barcode']")), shown)
                self.assertTrue(found.xpath("//field[@name='phone']"))

    def test_menus_of_closed_apps_are_not_there(self):
        action = self.env["ir.actions.client"].create({"name": "App", "tag": "app"})
        menu = self._create_of_app(
            "ir.ui.menu", "menu", name="App", action=f"ir.actions.client,{action.id}"
        )
        for role, shown in {
            "intern": True,
            "staff": False,
            "accountant": False,
        }.items():
            menus = self.env["ir.ui.menu"].with_user(self.users[role]).load_menus(False)
            self.assertEqual(menu.id in menus, shown, role)

    def test_actions_of_closed_apps_are_not_offered(self):
        action = self._create_of_app(
            "ir.actions.act_window",
            "action",
            name="App",
            res_model="res.partner",
            binding_model_id=self.env["ir.model"]._get_id("res.partner"),
        )
        self.registry.clear_cache()
        for role, shown in {
            "intern": True,
            "staff": False,
            "accountant": False,
        }.items():
            actions = self.env["ir.actions.actions"].with_user(self.users[role])
            offered = actions.get_bindings("res.partner").get("action", ())
            self.assertEqual(action.id in [item["id"] for item in offered], shown, role)


@tagged("post_install", "-at_install")
class TestClosedNames(SubscriptionCase):
    def test_which_modules_are_closed(self):
        """Those with data, and what builds on them; not what was made for the addon."""
        modules = self.env["ir.module.module"]
        needs = modules._get_needs() | {
            "fields_only": {"account"},
            "bridge": {"sale", "snailmail"},
            "above": {"fields_only", "bridge"},
            "made_for_it": {ADDON, "snailmail"},
        }
        self.registry.clear_cache("stable")
        self.addCleanup(self.registry.clear_cache, "stable")
        cls = self.registry["ir.module.module"]
        with patch.object(cls, "_get_needs", lambda self: needs):
            closed = modules._get_closed_names()
        self.assertLessEqual({"iap", "snailmail", "bridge", "above"}, closed)
        opened = {"fields_only", "made_for_it", "auth_totp"}
        self.assertFalse(closed & (opened | {ADDON, "account", "base"}))

    def test_the_lists_of_a_country_are_open(self):
        """Other modules ask them when a contact is saved."""
        self.registry.clear_cache("stable")
        self.addCleanup(self.registry.clear_cache, "stable")
        with patch.object(ir_module, "OPEN_PREFIX", "iap"):
            closed = self.env["ir.module.module"]._get_closed_names()
        self.assertNotIn("iap", closed)

    def test_what_it_builds_on_is_open_while_this_addon_is_installed(self):
        """Its demo acts as partners do before Odoo has noted that it is installed."""
        addon = self.env["ir.module.module"].search([("name", "=", ADDON)])
        addon.state = "to install"
        self.env.flush_all()
        self.env.registry.clear_all_caches()
        self.addCleanup(self.env.registry.clear_all_caches)
        self.assertIn("base", addon._get_known_names())
        self.assertNotIn("base", addon._get_closed_names())
