from odoo import Command
from odoo.tests import freeze_time, tagged

from ..common.billing_build import PRICE, EngineCase
from ..common.revenue import LINE, REVENUE, RevenueMixin, get_yearly

MRR = 2 * PRICE


@tagged("post_install", "-at_install")
class TestRevenue(RevenueMixin, EngineCase):
    """A client with two seats of 31.00 a month, from 1 January 2027 on."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.correction_window_days = 7

    def look(self, subscription, today):
        """Return ``{(year, month): {figure: amount}}`` as of ``today``, without zeros;
        compare it with the plain reckoning."""
        self.env.flush_all()
        self.env.invalidate_all()
        with freeze_time(f"{today} 12:00:00"):
            day = self.company._get_today()
            self.check_reckoned(
                self.env["sale.subscription"].search(
                    [("company_id", "=", self.company.id)]
                ),
                day,
            )
            groups = self.read_groups(
                domain=[("subscription_id", "in", subscription.ids)]
            )
        return {
            (month.year, month.month): {
                name: amount for name, amount in figures.items() if amount
            }
            for (month, _currency), figures in groups.items()
        }

    def set_seats(self, subscription, seats, day):
        with freeze_time(f"{day} 09:00:00"):
            subscription.seat_pool_ids.seat_limit = seats
            self.env.flush_all()

    def close(self, subscription, day):
        with freeze_time(f"{day} 09:00:00"):
            subscription.close_subscription()
            self.env.flush_all()

    def test_new_and_unchanged(self):
        subscription = self.create_billed()
        self.run_job("2027-01-02")
        self.assertEqual(
            self.look(subscription, "2027-01-15"), {(2027, 1): {"mrr": 62, "new": 62}}
        )
        self.run_job("2027-02-02")
        self.assertEqual(
            self.look(subscription, "2027-02-15"),
            {
                (2027, 1): {"mrr": 62, "new": 62},
                (2027, 2): {"opening": 62, "mrr": 62},
            },
        )

    def test_what_is_billed_later_holds_on(self):
        """No statement for February: what January says holds as long as it runs."""
        subscription = self.create_billed()
        self.run_job("2027-01-02")
        found = self.look(subscription, "2027-03-15")
        self.assertEqual(found[2027, 3], {"opening": 62, "mrr": 62})
        self.close(subscription, "2027-03-20")
        found = self.look(subscription, "2027-04-15")
        self.assertEqual(found[2027, 3], {"opening": 62, "lost": 62})
        self.assertNotIn((2027, 4), found)
        # A term that is over
        other = self.create_billed(plan=self.create_plan(recurring_rule_count=2))
        self.run_job("2027-02-02")
        found = self.look(other, "2027-03-15")
        self.assertEqual(found[2027, 3], {"opening": 62, "lost": 62})

    def test_raised_and_lowered(self):
        subscription = self.create_billed()
        self.run_job("2027-01-02")
        self.set_seats(subscription, 5, "2027-02-10")
        self.run_job("2027-02-11")
        self.run_job("2027-03-01")
        found = self.look(subscription, "2027-03-15")
        self.assertEqual(
            found[2027, 2], {"opening": 62, "mrr": 5 * PRICE, "raised": 3 * PRICE}
        )
        # Lowered after the window: until the term ends it stays as it is.
        self.set_seats(subscription, 1, "2027-03-20")
        self.run_job("2027-04-01")
        found = self.look(subscription, "2027-04-15")
        self.assertEqual(found[2027, 4], {"opening": 155, "mrr": 155})

    def test_corrected_in_time(self):
        """Three seats too many for a day: billed for it, and no revenue any more."""
        plan = self.create_plan(recurring_interval=12, billing_raise="now")
        self.expenses.product_id.lst_price = 12 * PRICE
        subscription = self.create_billed(plan=plan)
        self.run_job("2027-01-02")
        self.set_seats(subscription, 5, "2027-01-20")
        self.run_job("2027-01-20", hour=12)
        self.assertEqual(self.look(subscription, "2027-01-20")[2027, 1]["mrr"], 155)
        self.set_seats(subscription, 2, "2027-01-21")
        self.run_job("2028-01-01")
        found = self.look(subscription, "2027-02-10")
        self.assertEqual(found[2027, 1], {"mrr": 62, "new": 62})
        self.assertEqual(found[2027, 2], {"opening": 62, "mrr": 62})

    def test_lost_and_back(self):
        """Paused over the end of a month: lost, and back the month after."""
        subscription = self.create_billed()
        self.run_job("2027-01-02")
        self.run_job("2027-02-02")
        with freeze_time("2027-02-20 09:00:00"):
            subscription.action_pause(paused_until="2027-03-10")
            self.env.flush_all()
        for day in ("2027-03-10", "2027-03-11", "2027-04-01"):
            with freeze_time(f"{day} 09:00:00"):
                self.env["sale.subscription"]._resume_paused()
            self.run_job(day)
        found = self.look(subscription, "2027-04-15")
        self.assertEqual(found[2027, 2], {"opening": 62, "lost": 62})
        self.assertEqual(found[2027, 3], {"mrr": 62, "back": 62})
        self.assertEqual(found[2027, 4], {"opening": 62, "mrr": 62})

    def test_closed_counts_no_more(self):
        """Whether the days after the end are credited or stay paid."""
        for credit in (True, False):
            with self.subTest(credit=credit):
                subscription = self.create_billed()
                subscription._set({"credits_unused": credit})
                self.run_job("2027-01-02")
                self.close(subscription, "2027-01-20")
                self.assertFalse(
                    self.look(subscription, "2027-01-25"),
                )

    def test_lengths_of_periods(self):
        for unit, count, price, mrr in [
            ("months", 3, 93.0, MRR),
            ("years", 2, 24 * PRICE, MRR),
            ("weeks", 2, 7.0, 2 * 7.0 * 365 / 14 / 12),
            ("days", 30, 30.0, 2 * 365 / 12),
        ]:
            with self.subTest(unit=unit, count=count):
                module = self.create_billed_module(f"{unit} {count}", self.company)
                module.product_id.lst_price = price
                plan = self.create_plan(
                    recurring_rule_type=unit, recurring_interval=count
                )
                subscription = self.create_billed(module=module, plan=plan)
                self.run_job("2027-01-02")
                found = self.look(subscription, "2027-01-05")
                self.assertAlmostEqual(found[2027, 1]["mrr"], mrr, 2)

    def test_after_the_period(self):
        """Billed after a quarter: known then, from its first day on."""
        plan = self.create_plan(recurring_interval=3, billing_timing="post")
        subscription = self.create_billed(plan=plan)
        self.run_job("2027-02-15")
        self.assertEqual(self.look(subscription, "2027-02-15"), {})
        self.run_job("2027-04-01")
        found = self.look(subscription, "2027-05-15")
        self.assertAlmostEqual(found[2027, 1]["new"], 2 * PRICE / 3, 2)
        self.assertAlmostEqual(found[2027, 5]["mrr"], 2 * PRICE / 3, 2)

    def test_cancelled_and_credited_invoices(self):
        subscription = self.create_billed()
        self.run_job("2027-01-02")
        self.run_job("2027-02-02")
        last = subscription.statement_ids.sorted("date_first")[-1:]
        with freeze_time("2027-02-05 09:00:00"):
            last.move_id.button_draft()
            self.assertEqual(self.look(subscription, "2027-02-05")[2027, 2]["mrr"], 62)
            last.move_id.button_cancel()
        # To be billed anew: what January says holds on.
        self.assertEqual(last.state, "void")
        self.assertEqual(self.look(subscription, "2027-02-05")[2027, 2]["mrr"], 62)
        self.run_job("2027-02-06")
        last = subscription.statement_ids.sorted("id")[-1:]
        with freeze_time("2027-02-07 09:00:00"):
            last.move_id._reverse_moves(
                [{"invoice_date": "2027-02-07"}], cancel=True
            ).filtered(lambda move: move.state == "draft").action_post()
        self.assertEqual(last.state, "credited")
        found = self.look(subscription, "2027-02-07")
        self.assertEqual(found[2027, 2], {"opening": 62, "lost": 62})

    def test_other_modules_of_a_client_are_raised(self):
        """New and lost is the client, not the module or the subscription."""
        subscription = self.create_billed()
        self.run_job("2027-01-02")
        time = self.create_billed_module("Time", self.company)
        with freeze_time("2027-02-01 07:00:00"):
            self.env["subscription.seat.pool"].create(
                {
                    "subscription_id": subscription.id,
                    "module_id": time.id,
                    "seat_limit": 1,
                    "is_billed": True,
                }
            )
        self.run_job("2027-02-02")
        self.look(subscription, "2027-02-05")
        with freeze_time("2027-02-05 12:00:00"):
            row = self.env[REVENUE].search(
                [("module_id", "=", time.id), ("month", "=", "2027-02-01")]
            )
            self.assertEqual((row.movement, row.raised_amount), ("raised", PRICE))

    def test_by_hand_and_discounts(self):
        subscription = self.create_billed()
        subscription.sale_subscription_line_ids.discount = 50
        hosting = self.create_product("Hosting", self.create_tax(self.company, 10))
        subscription.sale_subscription_line_ids = [
            Command.create(
                {"product_id": hosting.id, "product_uom_qty": 1, "price_unit": 100}
            )
        ]
        self.run_job("2027-01-02")
        found = self.look(subscription, "2027-01-05")
        self.assertEqual(found, {(2027, 1): {"mrr": 131, "new": 131}})

    def test_currencies_and_months_are_not_added_up(self):
        subscription = self.create_billed()
        dollars = self.env.ref("base.USD")
        dollars.active = True
        prices = self.create_pricelist(self.company, dollars)
        other = self.create_billed(pricelist_id=prices.id)
        self.run_job("2027-01-02")
        self.look(subscription | other, "2027-01-15")
        with freeze_time("2027-02-15 12:00:00"):
            rows = self.env[REVENUE]
            domain = [("company_id", "=", self.company.id)]
            january = [*domain, ("month", "=", "2027-01-01")]
            names = ["mrr:sum", "mrr:sum_currency", "new_amount:sum"]
            self.assertEqual(
                rows._read_group(january, [], names), [(False, False, False)]
            )
            in_euros = [("currency_id", "=", self.company.currency_id.id)]
            self.assertEqual(
                rows._read_group(january + in_euros, [], names), [(62, 62, 62)]
            )
            # Two months: what was new in both, but no sum of revenue
            self.assertEqual(
                rows._read_group(domain + in_euros, [], names), [(False, False, 62)]
            )

    def test_retention(self):
        """Of 124 before 62 is lost, and 93 was raised: 125 % and 50 %."""
        kept, left = self.create_billed(2)
        self.run_job("2027-01-02")
        self.close(left, "2027-02-10")
        self.set_seats(kept, 5, "2027-02-10")
        self.run_job("2027-03-01")
        self.look(kept, "2027-02-20")
        with freeze_time("2027-02-20 12:00:00"):
            rates = self.env[REVENUE]._read_group(
                [("month", "=", "2027-02-01"), ("company_id", "=", self.company.id)],
                [],
                ["net_retention:avg", "gross_retention:avg", "__count"],
            )
            row = self.env[REVENUE].search(
                [("subscription_id", "=", kept.id), ("month", "=", "2027-02-01")]
            )
            self.assertEqual((row.net_retention, row.gross_retention), (250, 100))
        self.assertEqual(rates, [(125, 50, 2)])

    def test_lines_have_their_amount_a_year(self):
        subscription = self.create_billed()
        self.run_job("2027-01-02")
        for line in subscription.statement_ids.line_ids:
            self.assertAlmostEqual(line.yearly_amount, float(get_yearly(line)), 6)
        self.assertEqual(subscription.statement_ids.line_ids.yearly_amount, 12 * MRR)

    def test_actions_open_lines_and_statements(self):
        subscription = self.create_billed()
        self.run_job("2027-01-02")
        self.env.flush_all()
        with freeze_time("2027-01-05 12:00:00"):
            row = self.env[REVENUE].search([("subscription_id", "=", subscription.id)])
            action = row.action_open_lines()
            lines = self.env[LINE].search(action["domain"])
            self.assertEqual(sum(lines.mapped("mrr")), row.mrr)
            opened = lines.action_open_origin()
        self.assertEqual(opened["res_model"], "subscription.statement")
        self.assertEqual(opened["res_id"], subscription.statement_ids.id)
