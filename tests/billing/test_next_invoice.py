from freezegun import freeze_time

from odoo import Command
from odoo.tests import tagged

from ..common.billing_screens import BillingScreenCase

# Plans that differ in what is counted, when and how.
PLANS = {
    "contracted, before": {},
    "contracted, after": {"billing_timing": "post"},
    "calendar months": {"billing_aligned": True},
    "a quarter": {"recurring_interval": 3},
    "in use, before": {"billing_basis": "in_use"},
    "in use, after": {"billing_basis": "in_use", "billing_timing": "post"},
    "members": {"billing_basis": "members"},
    "teams, after": {"billing_basis": "teams", "billing_timing": "post"},
    "to the partner": {"billing_payer": "partner", "billing_grouped": True},
}


@tagged("post_install", "-at_install")
class TestNextInvoice(BillingScreenCase):
    """What is shown is what is made."""

    def foresee(self, subscription):
        """Return what will be invoiced next, as values that are compared."""
        foreseen = subscription._foresee()[subscription]
        self.assertFalse(foreseen.obstacle)
        return foreseen, [
            self.read_foreseen(one) for one in subscription._foresee_invoices(foreseen)
        ]

    def read_foreseen(self, invoice):
        return {
            "payer": invoice.plan.payer,
            "kind": invoice.plan.kind,
            "span": tuple(invoice.plan.span),
            "lines": [
                (text, priced.owed.quantity, priced.price_unit, priced.discount, amount)
                for priced, text, amount in invoice.lines
            ],
            "amounts": (round(invoice.untaxed, 2), round(invoice.tax, 2)),
        }

    def read_made(self, statement):
        move = statement.move_id
        sign = -1 if move.move_type == "out_refund" else 1
        return {
            "payer": statement.payer_id,
            "kind": statement.kind,
            "span": (statement.date_first, statement.date_last),
            "lines": [
                (one.name, one.quantity, one.price_unit, one.discount, one.amount)
                for one in statement.line_ids.sorted("id")
            ],
            "amounts": (sign * move.amount_untaxed, sign * move.amount_tax),
        }

    def check(self, subscription):
        """Compare what is shown now with what the job makes on the day that it says."""
        before = self.get_statements(subscription)
        day = subscription.recurring_next_date
        foreseen, shown = self.foresee(subscription)
        self.assertFalse(self.get_statements(subscription, before), "nothing is saved")
        self.assertEqual(subscription.recurring_next_date, day)
        self.run_job(foreseen.day)
        made = self.get_statements(subscription, before)
        self.assertEqual(shown, [self.read_made(one) for one in made])
        return shown

    def fill(self, subscription):
        """Have teams, members and holders, as the others are counted by them."""
        client = subscription.client_id
        team = self.create_team(subscription, f"Red {client.name}", 4)
        pool = self.get_pool(subscription)
        pool._grant({pool: team.member_ids[:3]})
        self.env.flush_all()

    def test_what_is_shown_is_what_the_job_makes(self):
        for name, plan in PLANS.items():
            with self.subTest(plan=name):
                values = {"billing_product_id": self.unit.id, **plan}
                subscription = self.start(f"Client {name}", **values)
                with freeze_time("2026-01-01 09:00:00"):
                    self.fill(subscription)
                self.run_job("2026-01-02")
                with freeze_time("2026-01-15 10:00:00"):
                    [shown] = self.check(subscription)
                self.assertTrue(shown["lines"])
                self.assertGreater(shown["amounts"][1], 0)

    def test_raised_seats_discounts_and_taxes_in_prices_are_shown_as_they_are_made(
        self,
    ):
        included = self.create_tax(
            self.company, name="In", price_include_override="tax_included"
        )
        self.time.product_id.taxes_id = [Command.set(included.ids)]
        subscription = self.start()
        self.run_job("2026-01-01")
        line = subscription.sale_subscription_line_ids.filtered(
            lambda one: one.seat_pool_id == self.get_pool(subscription)
        )
        line.discount = 10
        with freeze_time("2026-01-20 10:00:00"):
            self.get_pool(subscription).seat_limit = 14
            self.get_pool(subscription, self.time).seat_limit = 6
        with freeze_time("2026-01-25 10:00:00"):
            [shown] = self.check(subscription)
        # 4 x 12 / 31 x 30 = 46.44, 1 x 12 / 31 x 12 = 4.65 with taxes; February
        self.assertEqual(len(shown["lines"]), 4)
        self.assertIn("4 x 12 / 31 days", shown["lines"][0][0])

    def test_paused_days_are_shown_as_they_are_credited(self):
        subscription = self.start()
        self.run_job("2026-01-01")
        with freeze_time("2026-01-10 10:00:00"):
            subscription.action_pause()
        with freeze_time("2026-01-15 10:00:00"):
            subscription.action_resume()
            [shown] = self.check(subscription)
        self.assertIn(-10, [line[1] for line in shown["lines"]])

    def test_the_last_one_is_followed_by_nothing(self):
        subscription = self.start(end="2026-02-28")
        self.run_job("2026-02-01")
        with freeze_time("2026-02-10 10:00:00"):
            self.assertFalse(subscription._foresee())
            self.assertIn("Nothing is left", subscription.billing_text)

    def test_an_obstacle_is_shown_with_its_reason(self):
        self.time.product_id = False
        subscription = self.start()
        with freeze_time("2026-01-01 10:00:00"):
            self.assertIn(
                "Time is billed and has no product", subscription.billing_text
            )
            self.assertIn("Time is billed", str(subscription.next_invoice))

    def test_the_rule_stands_with_the_figures_of_the_client(self):
        subscription = self.start()
        self.run_job("2026-01-01")
        with freeze_time("2026-01-10 10:00:00"):
            self.assertEqual(
                subscription.billing_text,
                "Contracted seats are billed by the day, before each month: 10 seats of"
                " Expenses, 5 seats of Time today. The next invoice, on 02/01/2026,"
                " will bill 02/01/2026 to 02/28/2026:"
                f" {subscription._format_untaxed(subscription, 360)} without taxes.",
            )

    def test_each_basis_has_its_rule(self):
        for basis, timing, text in (
            ("members", "pre", "2 members today"),
            ("teams", "pre", "1 team today"),
            ("in_use", "post", "by the highest number at one time within it: 1 seat"),
        ):
            with self.subTest(basis=basis):
                subscription = self.start(
                    basis,
                    billing_basis=basis,
                    billing_timing=timing,
                    billing_product_id=self.unit.id,
                )
                with freeze_time("2026-01-01 09:00:00"):
                    team = self.create_team(subscription, "Red", 2)
                    pool = self.get_pool(subscription)
                    pool._grant({pool: team.member_ids[:1]})
                    self.assertIn(text, subscription.billing_text)

    def test_many_are_foreseen_with_as_many_queries_as_few(self):
        subscriptions = [self.start(f"Client {number}") for number in range(6)]
        few, many = subscriptions[:2], subscriptions
        counts = []
        # The first time, what does not change is read as well.
        for some in (few, few, many):
            self.env.flush_all()
            self.env.invalidate_all()
            records = subscriptions[0].union(*some)
            with freeze_time("2026-01-01 10:00:00"):
                before = self.cr.sql_log_count
                self.assertEqual(len(records._foresee()), len(some))
                counts.append(self.cr.sql_log_count - before)
        self.assertEqual(*counts[1:])


@tagged("post_install", "-at_install")
class TestEffects(BillingScreenCase):
    """What a change does to the next invoice, told before it is made."""

    def try_seats(self, subscription, seats):
        """Return what another number of seats will cost: ``(at once, next)``."""
        pool = self.get_pool(subscription)
        at_once, then = subscription.sudo()._foresee_all({pool: seats}, {})
        amounts = [subscription._get_untaxed(one) for one in at_once]
        return round(sum(amounts), 2), round(subscription._get_untaxed(then), 2)

    def check_raise(self, choice):
        subscription = self.start(billing_raise=choice)
        self.run_job("2026-01-01")
        before = self.get_statements(subscription)
        with freeze_time("2026-01-22 10:00:00"):
            told = self.try_seats(subscription, 14)
            self.get_pool(subscription).seat_limit = 14
        self.run_job("2026-01-22")
        soon = self.get_statements(subscription, before)
        self.run_job("2026-02-01")
        later = self.get_statements(subscription, before | soon)
        made = [sum(one.mapped("amount_untaxed")) for one in (soon, later)]
        self.assertEqual(told, tuple(round(one, 2) for one in made))
        return told

    def test_seats_that_are_billed_at_once(self):
        # 4 x 10 / 31 x 30 = 4 x 9.68
        self.assertEqual(self.check_raise("now"), (38.72, 480))

    def test_seats_that_are_billed_with_the_next_invoice(self):
        self.assertEqual(self.check_raise("next"), (0, 518.72))

    def test_seats_that_are_free_until_the_next_period(self):
        self.assertEqual(self.check_raise("never"), (0, 480))

    def test_seats_lowered_in_time_are_credited(self):
        subscription = self.start(billing_raise="now")
        self.run_job("2026-01-01")
        with freeze_time("2026-01-05 10:00:00"):
            told = self.try_seats(subscription, 8)
            self.get_pool(subscription).seat_limit = 8
        before = self.get_statements(subscription)
        self.run_job("2026-02-01")
        made = self.get_statements(subscription, before)
        self.assertEqual(told, (0, round(made.amount_untaxed, 2)))
        # 8 x 30 + 5 x 12 less 2 x 27 / 31 x 30
        self.assertEqual(made.amount_untaxed, 300 - 52.26)

    def test_the_pool_says_what_its_seats_will_cost(self):
        subscription = self.start(billing_raise="now")
        self.run_job("2026-01-01")
        pool = self.get_pool(subscription)
        with freeze_time("2026-01-22 10:00:00"):
            changed = pool.new({"seat_limit": 14}, origin=pool)
            self.assertIn("38.72", changed.billing_text)
            self.assertIn("480.00", changed.billing_text)
            self.assertFalse(pool.billing_text)

    def test_a_new_module_says_what_it_will_cost(self):
        subscription = self.start(billing_raise="next")
        self.run_job("2026-01-01")
        module = self.create_billed_module("Travel", 31)
        with freeze_time("2026-01-22 10:00:00"):
            values = {
                "subscription_id": subscription.id,
                "module_id": module.id,
                "seat_limit": 2,
            }
            new = self.env["subscription.seat.pool"].new(values)
            # 2 x 10 / 31 x 31 and 2 x 31 on top of 360
            self.assertIn("442.00", new.billing_text)

    def check_units(self, timing, day, change, told):
        """Check that ``change`` has the effect that it says, on the next invoice."""
        subscription = self.start(
            f"Client {timing} {day}",
            billing_basis="members",
            billing_timing=timing,
            billing_product_id=self.unit.id,
        )
        with freeze_time("2026-01-01 09:00:00"):
            self.create_team(subscription, "Red", 4)
            self.env.flush_all()
        self.run_job("2026-01-02")
        before = self.get_statements(subscription)
        with freeze_time(f"{day} 10:00:00"):
            team = subscription.client_id.subscription_team_ids
            none = self.env["subscription.seat.pool"]
            _soon, then = subscription.sudo()._foresee_all({}, {none: change})
            amount = subscription._get_untaxed(then)
            if change > 0:
                for number in range(change):
                    self.env["subscription.member"].create(
                        {
                            "name": f"New {number}",
                            "client_id": subscription.client_id.id,
                            "role_id": self.role.id,
                            "team_ids": [Command.set(team.ids)],
                        }
                    )
            else:
                team.member_ids[:-change].action_archive()
            self.env.flush_all()
        self.run_job("2026-02-01")
        made = self.get_statements(subscription, before)
        self.assertEqual(made.amount_untaxed, amount)
        self.assertEqual(amount, told)

    def test_members_who_come_count_from_the_next_period_on(self):
        self.check_units("pre", "2026-01-15", 2, 6 * 7)

    def test_members_who_go_count_no_more_in_the_next_period(self):
        self.check_units("pre", "2026-01-16", -1, 3 * 7)

    def test_members_who_come_raise_the_highest_number(self):
        self.check_units("post", "2026-01-15", 2, 6 * 7)

    def test_members_who_go_do_not_lower_the_highest_number(self):
        self.check_units("post", "2026-01-16", -1, 4 * 7)

    def test_members_and_teams_say_what_they_change(self):
        subscription = self.start(
            billing_basis="members", billing_product_id=self.unit.id
        )
        with freeze_time("2026-01-01 09:00:00"):
            team = self.create_team(subscription, "Red", 4)
        self.run_job("2026-01-02")
        with freeze_time("2026-01-15 10:00:00"):
            member = team.member_ids[0]
            outside = member.new({"team_ids": [Command.clear()]}, origin=member)
            self.assertIn("21.00", outside.billing_text)
            self.assertFalse(member.billing_text)
            self.assertIn("0.00", team.archive_text)
            values = {"client_id": team.client_id.id, "role_id": self.role.id}
            new = member.new({**values, "team_ids": [Command.set(team.ids)]})
            self.assertIn("35.00", new.billing_text)

    def test_adding_users_says_what_it_costs(self):
        for basis, text in (("contracted", "used or not"), ("in_use", "60.00")):
            with self.subTest(basis=basis):
                subscription = self.start(basis, billing_basis=basis)
                with freeze_time("2026-01-01 09:00:00"):
                    members = self.create_team(subscription, "Red", 2).member_ids
                self.run_job("2026-01-02")
                with freeze_time("2026-01-15 10:00:00"):
                    grant = self.env["subscription.seat.grant"].new(
                        {
                            "client_id": subscription.client_id.id,
                            "pool_ids": [Command.set(self.get_pool(subscription).ids)],
                            "member_ids": [Command.set(members.ids)],
                        }
                    )
                    self.assertIn(text, grant.billing_text)

    def test_modules_of_a_team_say_what_they_cost(self):
        for basis, text in (("contracted", "used or not"), ("in_use", "60.00")):
            with self.subTest(basis=basis):
                subscription = self.start(basis, billing_basis=basis)
                with freeze_time("2026-01-01 09:00:00"):
                    team = self.create_team(subscription, "Red", 2)
                self.run_job("2026-01-02")
                with freeze_time("2026-01-15 10:00:00"):
                    texts = team._get_module_texts(self.expenses)
                    self.assertIn("get access", texts[0])
                    self.assertIn(text, texts[-1])
                    team.module_ids = self.expenses
                    self.assertIn("lose access", team.archive_text)
