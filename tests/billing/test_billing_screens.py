from freezegun import freeze_time

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form, tagged

from ..common.billing_screens import BillingScreenCase
from ..common.subscription import create_company


@tagged("post_install", "-at_install")
class TestBillingScreens(BillingScreenCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.south = create_company(cls.env, "South", is_managing_partner=True)
        cls.vera = cls.create_user("vera", "admin", cls.company.partner_id)
        cls.nora = cls.create_user("nora", "standard", cls.north)
        cls.sam = cls.create_user("sam", "standard", cls.south)

    def get_change(self, subscription, user=None):
        """Return the form of the dialog that changes the billing."""
        subscription = self.as_user(user or self.vera, subscription)
        action = subscription.action_change_billing()
        context = {**subscription.env.context, **action["context"]}
        return Form(subscription.env[action["res_model"]].with_context(**context))

    # ------------------------------------------------------------------ other terms

    def test_other_terms_begin_with_those_that_hold(self):
        subscription = self.start(billing_raise="never", billing_zero="invoice")
        self.run_job("2026-01-01")
        with freeze_time("2026-01-15 10:00:00"):
            form = self.get_change(subscription)
            self.assertEqual(
                (form.billing_raise, form.billing_zero), ("never", "invoice")
            )
            self.assertIn("02/01/2026", form.since_text)
            form.billing_timing = "post"
            form.save().action_change()
        old, new = subscription.billing_terms_ids
        self.assertEqual(str(new.since), "2026-02-01")
        self.assertEqual((old.billing_timing, new.billing_timing), ("pre", "post"))
        self.assertEqual(new.billing_raise, "never")

    def test_other_terms_keep_what_is_not_given_over_rpc(self):
        subscription = self.start(billing_raise="never")
        self.run_job("2026-01-01")
        with freeze_time("2026-01-15 10:00:00"):
            changes = self.as_user(self.vera, self.env["subscription.billing.change"])
            values = {"subscription_id": subscription.id, "billing_timing": "post"}
            changes.create([values]).action_change()
        self.assertEqual(subscription.billing_terms_ids[-1].billing_raise, "never")

    def test_terms_by_which_nothing_could_be_billed_are_refused(self):
        subscription = self.start()
        self.run_job("2026-01-01")
        self.get_pool(subscription, self.time).sudo()._set({"is_unlimited": True})
        agreed = {"billing_basis": "in_use", "period_unit": "months"}
        for values, text in (
            ({**agreed, "period_count": 6}, "a quarter at most"),
            ({**agreed, "billing_basis": "members"}, "choose the product"),
            ({}, "Time has none"),
        ):
            with self.subTest(text=text), freeze_time("2026-01-15 10:00:00"):
                with self.assertRaisesRegex(UserError, text):
                    subscription._change_billing(values)
        self.assertEqual(len(subscription.billing_terms_ids), 1)

    def test_what_licences_pay_for_has_no_terms_to_change(self):
        subscription = self.start()
        plan = self.env["sale.subscription.template"].create(
            {"name": "Yearly", "recurring_rule_boundary": "limited"}
        )
        other = self.env["sale.subscription"].create(
            {
                "partner_id": subscription.partner_id.id,
                "company_id": self.company.id,
                "template_id": plan.id,
                "pricelist_id": self.pricelist.id,
            }
        )
        with self.assertRaisesRegex(UserError, "licences pay"):
            other.action_change_billing()
        self.assertIn("Licences pay", other.billing_text)

    def test_only_the_vendor_changes_terms(self):
        subscription = self.start()
        with self.assertRaises(AccessError):
            self.get_change(subscription, self.nora).save()

    # ------------------------------------------------------------------ closing

    def close(self, credit):
        subscription = self.start()
        self.run_job("2026-01-01")
        before = self.get_statements(subscription)
        with freeze_time("2026-01-10 10:00:00"):
            record = self.as_user(self.nora, subscription)
            wizards = record.env["close.reason.wizard"]
            wizard = wizards.with_context(active_id=subscription.id).new()
            self.assertTrue(wizard.is_billed_by_period)
            wizard.credit_unused = credit
            wizard.button_confirm()
        self.assertEqual(str(subscription.closed_on), "2026-01-10")
        self.run_job("2026-01-11")
        return self.get_statements(subscription, before)

    def test_closing_credits_unused_days_if_it_is_asked_to(self):
        # 21 / 31 of 10 x 30 and 5 x 12, by unit
        made = self.close(credit=True)
        self.assertEqual(made.amount_untaxed, -(10 * 20.32 + 5 * 8.13))
        self.assertEqual(made.move_id.move_type, "out_refund")

    def test_closing_keeps_what_was_billed_otherwise(self):
        self.assertFalse(self.close(credit=False))

    # ------------------------------------------------------------------ problems

    def get_tiles(self, user):
        model = self.as_user(user, self.env["sale.subscription"])
        return {tile["name"]: tile["value"] for tile in model.get_dashboard()["tiles"]}

    def make_problem(self):
        product, self.time.product_id = self.time.product_id, False
        subscription = self.start()
        self.run_job("2026-01-01")
        return subscription, product

    def test_a_problem_is_shown_and_tried_again_where_it_is_read(self):
        subscription, product = self.make_problem()
        record = self.as_user(self.nora, subscription)
        self.assertIn("Time is billed", Form(record).billing_problem)
        self.assertEqual(self.get_tiles(self.nora)["problems"], 1)
        self.assertNotIn("problems", self.get_tiles(self.sam))
        self.time.product_id = product
        with freeze_time("2026-01-02 10:00:00"):
            record.action_retry_billing()
        self.env.invalidate_all()
        self.assertFalse(record.billing_problem)
        self.assertEqual(subscription.statement_ids.amount_untaxed, 360)
        self.assertNotIn("problems", self.get_tiles(self.nora))

    def test_many_problems_are_tried_again_at_once(self):
        subscription, product = self.make_problem()
        other = self.start("Bolt")
        self.run_job("2026-01-01", hour=12)
        self.time.product_id = product
        problems = self.env["subscription.billing.problem"].search(
            [("subscription_id", "in", (subscription | other).ids)]
        )
        self.assertEqual(len(problems), 2)
        with freeze_time("2026-01-02 10:00:00"):
            self.as_user(self.vera, problems).action_retry()
        self.assertEqual(problems.mapped(lambda one: bool(one.solved_at)), [True, True])

    def test_the_vendor_is_told_of_a_job_that_does_not_run(self):
        self.env["subscription.billing.run"].search([])._set(
            {"started_at": "2025-12-01"}
        )
        self.start()
        self.run_job("2026-01-01")
        for moment, days in (
            ("2026-01-03 09:59:00", None),
            ("2026-01-03 10:00:00", 2),
            ("2026-01-09 10:00:00", 8),
        ):
            with self.subTest(moment=moment), freeze_time(moment):
                self.assertEqual(self.get_tiles(self.vera).get("late"), days)
                self.assertNotIn("late", self.get_tiles(self.nora))

    # ------------------------------------------------------------------ lines

    def test_lines_of_seats_are_changed_by_the_seats_alone(self):
        subscription = self.start()
        record = self.as_user(self.nora, subscription)
        with Form(record) as form:
            with form.sale_subscription_line_ids.edit(0) as line:
                line.discount = 10
                with self.assertRaises(AssertionError):
                    line.product_uom_qty = 2
        self.assertEqual(subscription.sale_subscription_line_ids[0].discount, 10)

    # ------------------------------------------------------------------ lists and forms

    def test_statements_are_read_by_those_who_see_the_client(self):
        subscription = self.start()
        self.run_job("2026-01-01")
        statement = self.get_statements(subscription)
        action = self.as_user(self.nora, subscription).action_view_statements()
        model = self.as_user(self.nora, self.env[action["res_model"]])
        self.assertEqual(model.search(action["domain"]), statement)
        Form(self.as_user(self.nora, statement))
        self.assertFalse(self.as_user(self.sam, self.env[model._name]).search([]))
        move = statement.move_id.action_view_statements()
        self.assertEqual(self.env[model._name].search(move["domain"]), statement)

    def test_settings_are_those_of_the_company(self):
        settings = self.as_user(self.vera, self.env["subscription.settings"])
        with Form(settings) as form:
            self.assertEqual(form.billing_mode, "post")
            form.billing_mode = "draft"
            form.correction_window_days = 14
        self.assertEqual(self.company.billing_mode, "draft")
        self.assertEqual(self.company.correction_window_days, 14)

    def test_the_plan_asks_for_what_its_basis_needs(self):
        with Form(self.env["sale.subscription.template"]) as form:
            form.name = "Members"
            form.recurring_rule_type = "months"
            form.paid_by = "period"
            form.billing_basis = "members"
            with self.assertRaisesRegex(AssertionError, "billing_product_id"):
                form.save()
            form.billing_product_id = self.unit
            self.assertFalse(form.billing_warning)
            goods = self.create_tax(self.company, name="Goods", tax_scope="consu")
            self.unit.taxes_id = [Command.set(goods.ids)]
            form.billing_product_id = self.env["product.product"]
            form.billing_product_id = self.unit
            self.assertIn("Goods is one for goods", form.billing_warning)

    def test_upstream_modes_are_shown_while_it_invoices_somebody(self):
        subscription = self.start()
        plan = subscription.template_id
        self.assertTrue(plan.is_managed_only)
        direct = create_company(self.env, "Direct")
        self.env["sale.subscription"].create(
            {
                "partner_id": direct.id,
                "template_id": plan.id,
                "pricelist_id": self.pricelist.id,
                "company_id": self.company.id,
            }
        )
        plan.invalidate_recordset(["is_managed_only"])
        self.assertFalse(plan.is_managed_only)

    def test_what_others_pay_is_told_to_nobody_else(self):
        subscription = self.start()
        self.run_job("2026-01-01")
        pool = self.get_pool(subscription)
        values = {
            "subscription_id": subscription.id,
            "module_id": self.time.id,
            "seat_limit": 20,
        }
        new = self.as_user(self.sam, pool).new(values)
        with freeze_time("2026-01-15 10:00:00"):
            self.assertFalse(new.billing_text)
            with self.assertRaises(AccessError):
                self.as_user(self.sam, subscription).read(["billing_text"])
