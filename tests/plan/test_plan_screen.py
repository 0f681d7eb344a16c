"""What a seller reads and is offered on the screens of plans and modules."""

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import Form, tagged

from ..common.subscription import SubscriptionCase, create_module
from ..common.view import ViewMixin

TEMPLATE = "sale.subscription.template"


@tagged("post_install", "-at_install")
class TestPlanScreen(ViewMixin, SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.users = {
            "admin": cls._create_user("vera", "admin", cls.vendor),
            "standard": cls._create_user("nora", "standard", cls.north),
        }
        products = cls.env.ref("product.group_product_manager")
        cls.users["admin"].group_ids += products

    def _get_plans(self):
        """Return plans with the context of their menu."""
        action = self.env.ref(
            "partner_managed_subscription.sale_subscription_template_action"
        )
        user = self.users["admin"]
        context = self._evaluate(action.context, user)
        return self.env[TEMPLATE].with_user(user).with_context(**context)

    # ------------------------------------------------------------------ plans

    def test_a_new_plan_is_for_a_year_and_has_users(self):
        with Form(self._get_plans()) as form:
            form.name = "New"
        plan = form.record
        self.assertEqual(plan.recurring_rule_boundary, "limited")
        self.assertEqual(plan.term_text, "12 months")
        self.assertEqual(plan.paid_by, "licences")
        self.assertEqual(plan.plan_line_ids.module_id, self.base)
        self.assertEqual(plan.user_limit, "10")

    def test_what_is_given_wins(self):
        lines = [Command.create({"module_id": self.base.id, "seat_limit": 3})]
        vals = {"recurring_rule_boundary": "unlimited", "plan_line_ids": lines}
        plan = self._get_plans().create([{"name": "Given", **vals}])
        self.assertEqual(plan.user_limit, "3")
        self.assertEqual(plan.term_text, "Without end")

    def test_what_no_screen_makes_has_what_it_says(self):
        plan = self.env[TEMPLATE].create([{"name": "Imported"}])
        self.assertFalse(plan.plan_line_ids)
        self.assertEqual(plan.recurring_rule_boundary, "unlimited")

    def test_no_users_without_a_base_module(self):
        self.env["subscription.module"].search([("is_base", "=", True)]).active = False
        self.assertFalse(len(Form(self._get_plans()).plan_line_ids))

    def test_periods_and_terms_are_words(self):
        fortnights = "periods of 2 weeks, which is 6 weeks"
        quarters = "periods of 3 months, which is 12 months"
        for unit, period, term, every, length, counted in [
            ("days", 1, 1, "Every day", "1 day", "day"),
            ("weeks", 2, 3, "Every 2 weeks", "6 weeks", fortnights),
            ("months", 1, 12, "Every month", "12 months", "months"),
            ("months", 1, 1, "Every month", "1 month", "month"),
            ("months", 3, 4, "Every 3 months", "12 months", quarters),
            ("months", 6, 1, "Every 6 months", "6 months", "period of 6 months"),
            ("years", 1, 1, "Every year", "1 year", "year"),
        ]:
            plan = self.env[TEMPLATE].create(
                [
                    {
                        "name": "Plan",
                        "recurring_rule_type": unit,
                        "recurring_interval": period,
                        "recurring_rule_boundary": "limited",
                        "recurring_rule_count": term,
                    }
                ]
            )
            with self.subTest(unit=unit, period=period):
                self.assertEqual(plan.period_text, every)
                self.assertEqual(plan.term_text, length)
                self.assertEqual(plan.count_text, counted)

    def test_the_term_is_on_the_first_page_and_in_the_list(self):
        arch = self._get_arch(TEMPLATE, "form", "admin")
        pages = [page for page in arch.xpath("//page") if page.get("invisible") != "1"]
        for name in ("recurring_rule_boundary", "recurring_rule_count", "count_text"):
            self.assertTrue(pages[0].xpath(f".//field[@name='{name}']"), name)
        texts = [page.get("string") for page in pages]
        self.assertEqual(texts, ["Term and Seats", "Billing", "Terms and Conditions"])
        arch = self._get_arch(TEMPLATE, "list", "admin")
        shown = [
            node.get("name")
            for node in arch.iter("field")
            if node.get("column_invisible") not in ("1", "True")
        ]
        self.assertIn("term_text", shown)
        self.assertIn("period_text", shown)
        self.assertNotIn("recurring_interval", shown)

    def test_who_only_reads_is_told_the_period_in_words(self):
        for user, shown, hidden in (
            ("admin", "recurring_interval", "period_text"),
            ("standard", "period_text", "recurring_interval"),
        ):
            with self.subTest(user=user):
                arch = self._get_arch(TEMPLATE, "form", user)
                path = "//page[1]//field[@name='%s'][not(@invisible)]"
                self.assertTrue(arch.xpath(path % shown))
                self.assertFalse(arch.xpath(path % hidden))

    # ------------------------------------------------------------------ modules

    def test_the_licence_product_is_made_from_the_module_once(self):
        module = create_module(self.env, "Fleet").with_user(self.users["admin"])
        action = module.action_create_licence_product()
        product = module.licence_product_id
        self.assertEqual(action["res_id"], product.id)
        self.assertEqual(product.type, "service")
        self.assertEqual(module.action_create_licence_product()["res_id"], product.id)
        found = self.env["product.product"].name_search("licence")
        self.assertIn(product.id, [id_ for id_, _name in found])

    def test_who_may_not_make_products_makes_none(self):
        module = create_module(self.env, "Fleet").with_user(self.users["standard"])
        with self.assertRaises(AccessError):
            module.action_create_licence_product()
        self.assertFalse(module.licence_product_id)
        arch = self._get_arch("subscription.module", "form", "standard")
        name = "action_create_licence_product"
        self.assertFalse(arch.xpath(f"//button[@name='{name}']"))
