"""Accountants begin at the invoices, and are offered nothing that they may not do."""

from odoo.tests import tagged

from ..common.subscription import ADDON, SubscriptionCase


@tagged("post_install", "-at_install")
class TestAccountantScreens(SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = cls._create_user_of_each_role()
        cls._make_accountant(cls.users["accountant"], cls.acme)

    def _get_menus(self, role):
        """Return the menus of the app that ``role`` sees, and what the app opens."""
        menus = self.env["ir.ui.menu"].with_user(self.users[role]).load_menus(False)
        root = menus[self.env.ref(f"{ADDON}.menu_root").id]
        names = {menu["xmlid"] for menu in menus.values() if menu.get("xmlid")}
        return names, menus[root["children"][0]]

    def test_the_app_opens_the_invoices_for_accountants_alone(self):
        invoices = self.env.ref(f"{ADDON}.account_move_document_action")
        for role in self.users:
            _names, first = self._get_menus(role)
            with self.subTest(role=role):
                self.assertEqual(
                    first["action_id"] == invoices.id, role == "accountant"
                )

    def test_accountants_have_each_menu_once_and_none_of_partners(self):
        names, _first = self._get_menus("accountant")
        self.assertIn(f"{ADDON}.menu_accountant_invoice", names)
        self.assertNotIn(f"{ADDON}.menu_document_invoice", names)
        self.assertNotIn(f"{ADDON}.menu_managing_partner", names)
        names, _first = self._get_menus("standard")
        self.assertNotIn(f"{ADDON}.menu_accountant_invoice", names)
        self.assertIn(f"{ADDON}.menu_document_invoice", names)
        self.assertIn(f"{ADDON}.menu_managing_partner", names)

    def test_who_may_not_write_is_not_offered_to_archive(self):
        for role, is_offered in (("admin", 1), ("standard", 1), ("accountant", 0)):
            for model in ("res.partner", "subscription.member", "subscription.team"):
                records = self.env[model].with_user(self.users[role])
                active = records.fields_get(["active"])["active"]
                with self.subTest(role=role, model=model):
                    self.assertEqual(not active["readonly"], bool(is_offered))

    def test_partner_staff_may_not_archive_what_it_only_reads(self):
        modules = self.env["subscription.module"].with_user(self.users["standard"])
        self.assertTrue(modules.fields_get(["active"])["active"]["readonly"])

    def _get_bound(self, role, model):
        """Return the names of what the menu *Action* of ``model`` has for ``role``."""
        actions = self.env["ir.actions.actions"].with_user(self.users[role])
        return {
            action["name"] for action in actions.get_bindings(model).get("action", ())
        }

    def test_accountants_are_offered_no_action_of_other_addons(self):
        window = self.env["ir.actions.act_window"].create(
            {
                "name": "Open something",
                "res_model": "res.partner",
                "binding_model_id": self.env.ref("base.model_res_partner").id,
            }
        )
        server = self.env["ir.actions.server"].create(
            {
                "name": "Do something",
                "model_id": self.env.ref("base.model_res_partner").id,
                "binding_model_id": self.env.ref("base.model_res_partner").id,
                "state": "code",
            }
        )
        names = {window.name, server.name}
        self.assertEqual(self._get_bound("admin", "res.partner") & names, names)
        self.assertEqual(
            self._get_bound("standard", "res.partner") & names, {window.name}
        )
        self.assertFalse(self._get_bound("accountant", "res.partner") & names)

    def test_partner_staff_keeps_the_actions_of_this_addon(self):
        renew = self.env.ref(f"{ADDON}.subscription_renew_action").name
        self.assertIn(renew, self._get_bound("standard", "sale.subscription"))
        self.assertNotIn(renew, self._get_bound("accountant", "sale.subscription"))

    def test_lists_print_for_accountants(self):
        actions = self.env["ir.actions.actions"].with_user(self.users["accountant"])
        self.assertTrue(actions.get_bindings("account.move").get("report"))
