from odoo.exceptions import AccessError
from odoo.tests import Form, new_test_user, tagged

from ..common.subscription import ADDON, SubscriptionCase, create_merge

SETTINGS = "subscription.settings"


@tagged("post_install", "-at_install")
class TestSettings(SubscriptionCase):
    """The vendor's administrator of contracts is no system administrator."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.boss = new_test_user(
            cls.env, "boss", f"base.group_user,{ADDON}.group_admin"
        )

    def test_the_administrator_sets_what_this_addon_needs(self):
        self.assertFalse(self.boss.has_group("base.group_system"))
        form = Form(self.env[SETTINGS].with_user(self.boss))
        self.assertEqual(form.renewal_grace_days, self.env.company.renewal_grace_days)
        form.renewal_grace_days = 12
        settings = form.save()
        self.assertEqual(self.env.company.renewal_grace_days, 12)
        settings.write({"renewal_grace_days": 13})
        self.assertEqual(self.env.company.renewal_grace_days, 13)

    def test_of_the_company_that_the_user_works_in(self):
        other = self.env["res.company"].create({"name": "Other vendor"})
        days = other.renewal_grace_days
        settings = self.env[SETTINGS].with_user(self.boss)
        record = settings.create({"company_id": other.id, "renewal_grace_days": 11})
        record.write({"company_id": other.id, "renewal_grace_days": 10})
        self.assertEqual(other.renewal_grace_days, days)
        self.assertEqual(self.env.company.renewal_grace_days, 10)

    def test_nobody_else(self):
        staff = self._create_user("sam", "standard", self.north)
        for call in (
            lambda: self.env[SETTINGS].with_user(staff).create({}),
            lambda: self.env[SETTINGS].create({}).with_user(staff).write({}),
        ):
            with self.assertRaises(AccessError):
                call()

    def test_the_menu_opens(self):
        menu = self.env.ref(f"{ADDON}.menu_settings").with_user(self.boss)
        self.assertTrue(menu._filter_visible_menus())
        self.assertEqual(menu.action.res_model, SETTINGS)

    def test_the_administrator_merges_contacts(self):
        contacts = self._create_contact("Ann", self.acme, email="ann@acme.test")
        contacts |= self._create_contact("Anne", self.acme, email="ann@acme.test")
        create_merge(*contacts.with_user(self.boss)).action_merge()
        self.assertEqual(len(contacts.exists()), 1)
