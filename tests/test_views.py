"""Every screen opens for everybody who has a menu to it, and shows nothing else."""

from lxml import etree

from odoo.tests import Form, new_test_user, tagged

from .common import ADDON, SubscriptionCase

RELATIONAL = ("many2one", "one2many", "many2many")


@tagged("post_install", "-at_install")
class TestViews(SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "admin": cls._create_user("vera", "admin", cls.vendor),
            "standard": cls._create_user("nora", "standard", cls.north),
            "accountant": cls._create_user("alma", "accountant", cls.dune),
            "internal": new_test_user(cls.env, "igor", "base.group_user"),
        }
        cls.member = cls._create_member("Ann")
        cls._create_member(
            "Alma",
            role=cls.role_accountant,
            partner_id=cls.users["accountant"].partner_id.id,
        )
        cls.expenses_pool._grant({cls.expenses_pool: cls.member})
        cls.env["subscription.team"].create(
            {"name": "Field", "client_id": cls.acme.id, "member_ids": cls.member.ids}
        )

    # ------------------------------------------------------------------ helpers

    def _get_actions(self, user):
        """Return the actions of our menus that ``user`` sees, by menu."""
        menus = self.env["ir.ui.menu"].with_user(user).load_menus(False)
        root = self.env.ref(f"{ADDON}.menu_root").id
        pending, actions = [menus[root]] if root in menus else [], {}
        while pending:
            menu = pending.pop()
            pending += [menus[child] for child in menu["children"]]
            if menu["action_id"]:
                action = self.env[menu["action_model"]].with_user(user)
                actions[menu["name"]] = action.browse(menu["action_id"])
        return actions

    def _open_action(self, user, action):
        """Read what the web client reads when ``user`` opens each view of it."""
        model = self.env[action.res_model].with_user(user)
        views = model.get_views([*action.views, (action.search_view_id.id, "search")])
        records = model.browse()
        for view_type, view in views["views"].items():
            arch = etree.fromstring(view["arch"])
            infos = views["models"][model._name]["fields"]
            if view_type in ("list", "kanban"):
                found = model.web_search_read([], self._get_spec(arch, infos))
                records |= model.browse(row["id"] for row in found["records"])
            elif view_type in ("pivot", "graph"):
                names = [node.get("name") for node in arch.iter("field")]
                model.formatted_read_group([], names[:1], ["__count"])
            elif view_type == "form" and model._transient:
                Form(model, view=view["id"])
            elif view_type == "form":
                for record in records:
                    Form(record, view=view["id"])

    @staticmethod
    def _get_spec(arch, infos):
        """Return the specification with which the web client reads ``arch``."""
        names = {
            node.get("name") for node in arch.xpath("//field[not(ancestor::field)]")
        }
        return {
            name: {"fields": {"display_name": {}}}
            if infos[name]["type"] in RELATIONAL
            else {}
            for name in names
        }

    # ------------------------------------------------------------------ tests

    def test_every_menu_opens_for_everybody_who_sees_it(self):
        for role in ("admin", "standard", "accountant"):
            actions = self._get_actions(self.users[role])
            self.assertIn("Members", actions)
            for name, action in actions.items():
                with self.subTest(role=role, menu=name):
                    self._open_action(self.users[role], action)

    def test_configuration_is_for_the_vendor(self):
        for role, expected in (("admin", True), ("standard", False)):
            names = self._get_actions(self.users[role])
            self.assertEqual("Plans" in names, expected, role)
        self.assertFalse(self._get_actions(self.users["internal"]))

    def test_settings_open_for_the_administrator(self):
        actions = self._get_actions(self.env.ref("base.user_admin"))
        self._open_action(self.env.ref("base.user_admin"), actions["Settings"])

    def test_contact_form_opens_for_everybody(self):
        for role, user in self.users.items():
            for contact in self.acme | self.north | self.member.partner_id:
                with self.subTest(role=role, contact=contact.name):
                    Form(contact.with_user(user))

    def test_subscription_form_opens_for_everybody_who_may_read_it(self):
        for role in ("admin", "standard", "accountant"):
            with self.subTest(role=role):
                Form(self.subscription.with_user(self.users[role]))
