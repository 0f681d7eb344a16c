from odoo import Command, fields
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time

from ..common.subscription import (
    SubscriptionCase,
    create_company,
    create_module,
    create_plan,
    create_yearly_plan,
)
from ..common.term import TermCase


class TestPlan(SubscriptionCase):
    def _get_limits(self, subscription):
        return {
            pool.module_id: None if pool.is_unlimited else pool.seat_limit
            for pool in subscription.seat_pool_ids
        }

    def test_a_plan_gives_its_pools(self):
        plan = create_plan(
            self.env, "Max", {self.base: 9, self.expenses: None, self.time: 0}
        )
        subscription = self._create_subscription(self.bolt, plan)
        self.assertEqual(
            self._get_limits(subscription),
            {self.base: 9, self.expenses: None, self.time: 0},
        )
        self.assertEqual(subscription.seat_pool_ids.filtered("is_base").seat_limit, 9)
        self.assertEqual(plan.user_limit, "9")

    def test_the_users_of_a_plan_are_said_in_words(self):
        for limits, words in [
            ({self.base: 9}, "9"),
            ({self.base: None}, "Unlimited"),
            ({self.time: 4}, ""),
        ]:
            plan = create_plan(self.env, "Any", limits)
            self.assertEqual(plan.user_limit or "", words)

    def test_pools_given_beside_the_plan_stay_as_given(self):
        subscription = self.env["sale.subscription"].create(
            {
                "partner_id": self.bolt.id,
                "template_id": self.plan.id,
                "pricelist_id": self.subscription.pricelist_id.id,
                "seat_pool_ids": [
                    Command.create({"module_id": self.base.id, "seat_limit": 50}),
                    Command.create(
                        {
                            "module_id": self.time.id,
                            "is_unlimited": True,
                            "is_billed": False,
                        }
                    ),
                ],
            }
        )
        self.assertEqual(
            self._get_limits(subscription),
            {self.base: 50, self.time: None, self.expenses: 2},
        )

    def test_a_copied_plan_has_the_same_modules(self):
        copy = self.plan.copy()
        self.assertEqual(
            copy.plan_line_ids.mapped(lambda line: (line.module_id, line.seat_limit)),
            [(self.base, 3), (self.expenses, 2)],
        )

    def test_a_copied_subscription_has_the_pools_of_its_plan_and_nobody_in_them(self):
        self._create_members(self.acme, 2)
        copy = self.subscription.copy()
        self.assertEqual(self._get_limits(copy), self._get_limits(self.subscription))
        self.assertEqual(copy.seat_count, 0)

    def test_a_larger_plan_has_more_seats_at_once(self):
        self._create_members(self.acme, 3)
        larger = create_plan(
            self.env, "Max", {self.base: 9, self.expenses: None, self.time: 1}
        )
        self.subscription.template_id = larger
        self.assertEqual(
            self._get_limits(self.subscription),
            {self.base: 9, self.expenses: None, self.time: 1},
        )
        self.assertEqual(self.base_pool.used, 3)
        self._create_members(self.acme, 6)

    def test_a_smaller_plan_must_hold_who_is_there(self):
        members = self._create_members(self.acme, 2)
        self._grant(self.expenses_pool, members)
        smaller = create_plan(self.env, "Mini", {self.base: 2, self.expenses: 1})
        with self.assertRaises(UserError) as caught:
            self.subscription.template_id = smaller
        self.assertIn("Expenses", str(caught.exception))
        self.assertIn("before 1 of them are freed", str(caught.exception))
        self.env.invalidate_all()
        self.assertEqual(self.subscription.template_id, self.plan)
        self.assertEqual(
            self._get_limits(self.subscription), {self.base: 3, self.expenses: 2}
        )
        members[0]._get_seats_in_use().filtered(
            lambda seat: seat.module_id == self.expenses
        )._release("access")
        self.subscription.template_id = smaller
        self.assertEqual(
            self._get_limits(self.subscription), {self.base: 2, self.expenses: 1}
        )

    def test_a_smaller_plan_from_one_without_limit(self):
        self.base_pool.is_unlimited = True
        self._create_members(self.acme, 5)
        with self.assertRaises(UserError):
            self.subscription.template_id = create_plan(
                self.env, "Mini", {self.base: 4}
            )

    def test_a_module_that_the_plan_lacks_goes_with_its_pool(self):
        lite = create_plan(self.env, "Lite", {self.base: 3})
        self.subscription.template_id = lite
        self.assertFalse(self.expenses_pool.exists())
        self.assertEqual(self._get_limits(self.subscription), {self.base: 3})

    def test_a_module_that_was_used_stays_without_seats(self):
        member = self._create_member("Ann")
        self._grant(self.expenses_pool, member)
        lite = create_plan(self.env, "Lite", {self.base: 3})
        with self.assertRaises(UserError):
            self.subscription.template_id = lite
        self.expenses_pool.seat_ids._release("access")
        self.subscription.template_id = lite
        self.assertEqual(
            self._get_limits(self.subscription), {self.base: 3, self.expenses: 0}
        )
        self.assertEqual(self.expenses_pool.state, "unavailable")
        self.subscription.template_id = self.plan
        self.assertEqual(self.expenses_pool.seat_limit, 2)

    def test_a_pool_has_one_module_and_subscription_for_good(self):
        self._create_member("Ann")
        other = self._create_subscription(self.bolt, self.plan)
        with self.assertRaises(UserError):
            self.base_pool.subscription_id = other
        with self.assertRaises(UserError):
            self.base_pool.module_id = create_module(self.env, "Other")
        with self.assertRaises(UserError):
            self.base_pool.unlink()
        with self.assertRaises(UserError):
            self.subscription.partner_id = self.bolt
        self.expenses_pool.unlink()

    def test_a_plan_is_chosen_on_the_form(self):
        with Form(self.env["sale.subscription"]) as form:
            form.partner_id = self.bolt
            form.template_id = self.plan
            if not form.pricelist_id:
                form.pricelist_id = self.subscription.pricelist_id
        self.assertEqual(
            self._get_limits(form.record), {self.base: 3, self.expenses: 2}
        )


class TestUpstream(SubscriptionCase):
    """What subscription_oca does wrong and this module guards against."""

    def _create(self, **vals):
        pricelist = self.subscription.pricelist_id
        vals = {"partner_id": self.acme.id, "pricelist_id": pricelist.id, **vals}
        return self.env["sale.subscription"].create(
            {"template_id": self.plan.id, **vals}
        )

    def test_a_term_does_not_start_anew_with_each_move(self):
        stages = {
            stage.type: stage
            for stage in self.env["sale.subscription.stage"].search([])
        }
        yearly = create_yearly_plan(self.env, "Yearly", {self.base: 1})
        with freeze_time("2026-01-15"):
            subscription = self._create(
                template_id=yearly.id,
                date_start="2026-01-01",
                recurring_next_date="2026-02-01",
            )
        for day, stage in [
            ("2026-01-20", "in_progress"),
            ("2026-03-05", "pre"),
            ("2026-05-07", "in_progress"),
            ("2026-06-01", "in_progress"),
        ]:
            with self.subTest(day=day, stage=stage), freeze_time(day):
                subscription.stage_id = stages[stage]
                self.assertEqual(str(subscription.date_start), "2026-01-01")
                self.assertEqual(str(subscription.date), "2026-12-31")
                if stage == "in_progress":
                    # Licences pay for it.
                    self.assertFalse(subscription.recurring_next_date)

    def test_dates_can_be_moved_along_with_the_stage(self):
        stage = self.env.ref("subscription_oca.subscription_stage_in_progress")
        subscription = self._create()
        subscription.write({"stage_id": stage.id, "date_start": "2026-02-02"})
        self.assertEqual(str(subscription.date_start), "2026-02-02")

    def test_the_vendors_other_subscriptions_are_left_as_they_were(self):
        subscription = self._create(
            partner_id=self.dune.id,
            date_start="2026-01-01",
            recurring_next_date="2026-02-01",
        )
        with freeze_time("2026-03-05"):
            subscription.action_start_subscription()
        self.assertEqual(str(subscription.date_start), "2026-03-05")

    def test_totals_follow_the_lines(self):
        product = self.env["product.product"].create(
            {"name": "Seat", "list_price": 10, "taxes_id": False}
        )
        line = Command.create({"product_id": product.id, "price_unit": 10})
        subscription = self._create(sale_subscription_line_ids=[line])
        self.assertEqual(subscription.recurring_total, 10)
        subscription.sale_subscription_line_ids.product_uom_qty = 7
        self.assertEqual(subscription.recurring_total, 70)
        subscription.sale_subscription_line_ids.price_unit = 2
        self.assertEqual(subscription.recurring_total, 14)
        self.assertEqual(subscription.amount_total, 14)

    def test_dates_default_to_the_day_it_is(self):
        for day in ("2026-01-15", "2027-06-30"):
            with self.subTest(day=day), freeze_time(day):
                subscription = self._create()
                self.assertEqual(str(subscription.date_start), day)
                self.assertEqual(str(subscription.recurring_next_date), day)

    def test_a_second_company_numbers_its_subscriptions(self):
        company = self.env["res.company"].create({"name": "Second"})
        self.env.user.company_ids |= company
        subscription = (
            self.env["sale.subscription"]
            .with_company(company)
            .create({"partner_id": self.acme.id, "template_id": self.plan.id})
        )
        self.assertTrue(subscription.code)

    def test_a_form_that_is_left_takes_no_reference(self):
        sequences = self.env["ir.sequence"]
        sequence = sequences.search([("code", "=", "sale.subscription")])
        for _ in range(2):
            self.assertFalse(self.env["sale.subscription"].default_get(["code"]))
        following = sequence.get_next_char(sequence.number_next_actual)
        self.assertEqual(self._create().code, following)
        self.assertEqual(self._create(code="MINE").code, "MINE")

    @freeze_time("2026-03-15")
    def test_a_subscription_can_be_created_with_any_dates(self):
        today = fields.Date.today()
        for vals, start in [
            ({}, today),
            ({"recurring_rule_boundary": False}, today),
            ({"date_start": False}, today),
            ({"date_start": "2026-05-05"}, fields.Date.to_date("2026-05-05")),
            (
                {"date_start": "2026-05-05", "recurring_next_date": "2026-04-01"},
                fields.Date.to_date("2026-05-05"),
            ),
            (
                {"date_start": "2026-05-05", "recurring_next_date": "2026-06-01"},
                fields.Date.to_date("2026-05-05"),
            ),
        ]:
            with self.subTest(vals=vals):
                subscription = self._create(**vals)
                self.assertEqual(subscription.date_start, start)
                self.assertEqual(subscription.stage_id.type, "draft")

    def test_taxes_are_those_of_the_subscriptions_company(self):
        company = self.env["res.company"].create({"name": "Second"})
        self.env.user.company_ids |= company
        taxes, france = self.env["account.tax"], self.env.ref("base.fr")
        for owner in (self.env.company, company):
            group = self.env["account.tax.group"].create(
                {"name": "Any", "company_id": owner.id, "country_id": france.id}
            )
            taxes |= taxes.create(
                {
                    "name": f"Tax of {owner.name}",
                    "amount": 10,
                    "type_tax_use": "sale",
                    "company_id": owner.id,
                    "country_id": france.id,
                    "tax_group_id": group.id,
                }
            )
        product = self.env["product.product"].create(
            {"name": "Seat", "taxes_id": [Command.set(taxes.ids)]}
        )
        for owner, tax in zip((self.env.company, company), taxes, strict=True):
            with self.subTest(company=owner.name):
                subscription = self._create(
                    company_id=owner.id,
                    sale_subscription_line_ids=[
                        Command.create({"product_id": product.id})
                    ],
                )
                self.assertEqual(subscription.sale_subscription_line_ids.tax_ids, tax)

    def test_a_subscription_has_a_client_whoever_its_contact_is(self):
        ann = self._create_contact("Ann", self.bolt)
        subscription = self._create(partner_id=ann.id)
        self.assertEqual(subscription.client_id, self.bolt)
        self.assertEqual(subscription.managing_partner_id, self.south)
        other = create_company(self.env, "Other", managing_partner_id=self.north.id)
        subscription.partner_id = other
        self.assertEqual(subscription.seat_pool_ids.client_id, other)


@freeze_time("2026-03-15")
class TestPlanDuration(TermCase):
    """Terms and licences follow from the duration of a plan, so it stays while clients
    have the plan."""

    def _flip(self, plan, boundary):
        plan.with_user(self.vera).recurring_rule_boundary = boundary

    def test_a_plan_in_use_keeps_its_duration(self):
        self._create_terms(2)
        for plan, boundary, count in [
            (self.yearly, "unlimited", 3),
            (self.plan, "limited", 1),
        ]:
            with self.subTest(boundary=boundary):
                words = f"{plan.name}: its duration and how it is paid cannot change"
                for active in (True, False):
                    plan.subscription_ids.active = active
                    with self._refused(words) as refusal:
                        self._flip(plan, boundary)
                    self.assertIn(f"({count})", str(refusal.exception))
        self.assertEqual(self.yearly.recurring_rule_boundary, "limited")
        self.assertTrue(self.term.takes_licences)

    def test_each_plan_has_its_line(self):
        other = self.yearly.copy()
        self._create_terms(2, plan=other)
        with self._refused("(1)") as refusal:
            self._flip(self.yearly | other, "unlimited")
        first, second = str(refusal.exception).split("\n")
        self.assertIn("(1)", first)
        self.assertIn("(2)", second)

    def test_anything_else_of_a_plan_changes(self):
        for vals in (
            {"name": "Annual"},
            {"recurring_rule_count": 2},
            {"recurring_rule_boundary": "limited", "name": "Same"},
        ):
            self.yearly.with_user(self.vera).write(vals)
        self.assertEqual(self.yearly.name, "Same")

    def test_what_was_closed_or_is_the_vendors_own_matters_not(self):
        self._create_subscription(self.dune, self.yearly)
        self.term.close_subscription()
        self._flip(self.yearly, "unlimited")
        self.assertEqual(str(self.term.date), "2026-12-31")

    def test_what_has_not_started_follows(self):
        balance = self.account.balance
        plan = self.yearly.copy()
        waiting = self._create_subscription(self.acme, plan, running=False)
        self.assertEqual(str(waiting.date), "2027-03-14")
        self._flip(plan, "unlimited")
        self.assertFalse(waiting.date)
        self.assertFalse(waiting.takes_licences)
        self._flip(plan, "limited")
        self.assertEqual(str(waiting.date), "2027-03-14")
        waiting.action_start_subscription()
        self.assertEqual(self.account.balance, balance - 5)

    def test_a_copy_is_the_way_out(self):
        """What the refusal says to do works: the seats of the term are kept."""
        forever = self.yearly.copy()
        self._flip(forever, "unlimited")
        self.term.with_user(self.vera).template_id = forever
        self.assertFalse(self.term.date)
        self.assertEqual(self.pool.seat_limit, 5)
