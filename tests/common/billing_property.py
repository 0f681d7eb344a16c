"""What tests have in common that bill two clients at random: to both happens the same,
one is billed in time, the other now and then."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import freeze_time

from .billing import BillingCase
from .property import PropertyMixin
from .subscription import SubscriptionCase, create_company, create_module

DAY = timedelta(days=1)
WINDOW = 7
# Prices that any number of days of a period divides to the cent.
MONTHLY, QUARTERLY, WEEKLY = 3775.80, 335298.60, 28.00
MONTH, QUARTER, WEEKS = ("months", 1), ("months", 3), ("weeks", 2)


def plan(interval, price, start="2027-01-15", length=4, *, raised="next", **terms):
    """Return a way to bill; ``length`` is that of a term, 0 without an end."""
    terms = {f"billing_{name}": value for name, value in terms.items()}
    terms["billing_raise"] = raised
    return interval, price, date.fromisoformat(start), length, terms


def iter_days(first, last):
    """Yield the days from ``first`` to ``last``."""
    while first <= last:
        yield first
        first += DAY


class BillingPropertyCase(PropertyMixin, BillingCase):
    """Two clients to whom the same happens: one is billed in time, one late."""

    PLANS = []
    _undone = SubscriptionCase._undone

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.create_billing_company()
        cls.company.correction_window_days = WINDOW
        cls.env = cls.env(
            context=dict(
                cls.env.context,
                allowed_company_ids=[cls.company.id, *cls.env.user.company_ids.ids],
            )
        )
        crons = type(cls.env["ir.cron"])
        cls.startClassPatcher(
            patch.object(crons, "_commit_progress", return_value=1000.0)
        )
        tax = cls.create_tax(cls.company)
        cls.modules = cls.env["subscription.module"]
        for name in ("Expenses", "Time"):
            module = create_module(cls.env, name)
            module.product_id = cls.create_product(name, tax)
            cls.modules |= module
        cls.north = create_company(cls.env, "North", is_managing_partner=True)

    def _check_sequence(self, seed):
        self.plan = self.PLANS[seed % len(self.PLANS)]
        self.steps_left = self.LENGTH
        super()._check_sequence(seed)

    def _begin(self):
        interval, price, self.today, length, terms = self.plan
        pricelist = self.env["product.pricelist"].create(
            {"name": "Prices", "currency_id": self.company.currency_id.id}
        )
        self.modules.product_id.lst_price = price
        plan = self.env["sale.subscription.template"].create(
            {
                "name": "Plan",
                "recurring_rule_type": interval[0],
                "recurring_interval": interval[1],
                "recurring_rule_boundary": "limited" if length else "unlimited",
                "recurring_rule_count": length,
                "paid_by": "period",
                "billing_product_id": self.modules.product_id[:1].id,
                **terms,
            }
        )
        self.paused_until = None
        self.minute = 0
        with self._at(8):
            self.subscriptions = [
                self._create_subscription(name, plan, pricelist)
                for name in ("Anna", "Late")
            ]

    def _at(self, hour, minute=0):
        """Set the clock to an hour of today."""
        return freeze_time(datetime.combine(self.today, time(hour, minute)))

    def _create_subscription(self, name, plan, pricelist):
        client = create_company(self.env, name, managing_partner_id=self.north.id)
        subscription = self.env["sale.subscription"].create(
            {
                "partner_id": client.id,
                "company_id": self.company.id,
                "template_id": plan.id,
                "pricelist_id": pricelist.id,
                "date_start": self.today,
            }
        )
        for module in self.modules:
            self.env["subscription.seat.pool"].create(
                {
                    "subscription_id": subscription.id,
                    "module_id": module.id,
                    "seat_limit": 4,
                    "is_billed": True,
                }
            )
        subscription.action_start_subscription()
        self.env["subscription.member"].create(
            [
                {
                    "client_id": client.id,
                    "name": f"{name} {number}",
                    "role_id": self.env.ref(
                        "partner_managed_subscription.role_standard"
                    ).id,
                }
                for number in range(5)
            ]
        )
        return subscription

    def _check_step(self, name, *arguments):
        # What comes and goes at one moment was never there.
        self.minute = (self.minute + 1) % 60
        with self._at(9, self.minute):
            self._is_done(name, *arguments)
        self._done(name)
        self._catch_up()
        self._check_statements()
        self.steps_left -= 1
        if not self.steps_left:
            self._check_end()

    def _done(self, name):
        """Do what follows from a step, before the job of the day. A hook."""

    def _check_end(self):
        """Run to the end, and compare. A hook."""

    # ------------------------------------------------------------------ days

    def _catch_up(self):
        """Do what the job does today, for the one that is billed in time."""
        with self._at(11):
            if self.paused_until and self.paused_until <= self.today:
                self.env["sale.subscription"]._resume_paused()
                self.model.resume(self.paused_until)
                self.paused_until = None
            first = self.subscriptions[0]
            if first.recurring_next_date and first.recurring_next_date <= self.today:
                self._bill(first)

    def _bill(self, subscription):
        tally = subscription._bill()
        self.assertFalse(tally.obstacles)
        self.env.flush_all()

    def _get_stops(self):
        """Return the days on which something is to be done."""
        return [self.subscriptions[0].recurring_next_date, self.paused_until]

    def _get_next_stop(self):
        days = [day for day in self._get_stops() if day and day > self.today]
        return min(days, default=date.max)

    def _do_wait(self, days):
        goal = self.today + days * DAY
        while self.today < goal:
            self.today = min(self._get_next_stop(), goal)
            self._catch_up()

    # ------------------------------------------------------------------ steps

    def _do_both(self, do):
        """Do something to both; what one is refused, the other is refused as well."""
        outcomes = []
        for subscription in self.subscriptions:
            try:
                with self.cr.savepoint():
                    outcomes.append((do(subscription), None))
            except UserError as error:
                outcomes.append((None, error))
        errors = [error for _outcome, error in outcomes if error]
        self.assertIn(len(errors), (0, 2), errors)
        if errors:
            raise errors[0]
        self.assertEqual(outcomes[0], outcomes[1])
        return outcomes[0][0]

    def _get_pool(self, subscription, pool):
        module = self.modules[pool % 2]
        return subscription.seat_pool_ids.filtered(lambda one: one.module_id == module)

    def _do_grant(self, pool):
        def do(subscription):
            one = self._get_pool(subscription, pool)
            taken = one.seat_ids.filtered(lambda seat: not seat.released_at)
            free = subscription.client_id.subscription_member_ids - taken.member_id
            one._grant({one: free[:1]})
            return bool(free)

        return self._do_both(do)

    def _do_release(self, pool):
        def do(subscription):
            one = self._get_pool(subscription, pool)
            seats = one.seat_ids.filtered(lambda seat: not seat.released_at)[:1]
            seats._release("removed")
            return bool(seats)

        return self._do_both(do)

    def _do_pause(self, days):
        until = days and self.today + days * DAY
        self._do_both(lambda one: one.action_pause(paused_until=until))
        self.model.pause(self.today)
        self.paused_until = until

    def _do_resume(self):
        self._do_both(lambda one: one.action_resume())
        self.model.resume(min(self.today, self.paused_until or self.today))
        self.paused_until = None

    def _do_run_late(self):
        self._bill(self.subscriptions[1])

    # ------------------------------------------------------------------ checks

    def _get_billed(self, subscription):
        """Return ``{pool: {day: seats}}`` that statements have billed."""
        billed = {0: Counter(), 1: Counter()}
        for line in subscription.statement_ids.line_ids:
            pool = list(self.modules).index(line.module_id) if line.module_id else 0
            for day in iter_days(line.date_first, line.date_last):
                billed[pool][day] += round(line.quantity)
        return billed

    def _check_statements(self):
        for statement in self.env["subscription.statement"].union(
            *(one.statement_ids for one in self.subscriptions)
        ):
            self._check_statement(statement)

    def _check_billed(self, subscription, pool, expected):
        """Compare the seats that were billed with ``{day: seats}``."""
        name = subscription.client_id.name
        billed = self._get_billed(subscription)[pool]
        wrong = {
            str(day): (billed.get(day, 0), expected.get(day, 0))
            for day in sorted({*billed, *expected})
            if billed.get(day, 0) != expected.get(day, 0)
        }
        self.assertFalse(wrong, (name, pool))

    def _get_amounts(self):
        """Return what each of the two was billed."""
        return [
            sum(one.statement_ids.line_ids.mapped("amount"))
            for one in self.subscriptions
        ]

    def _check_nothing_left(self):
        """Bill the one that is late, then see that nothing is left to bill."""
        with self._at(12):
            self._bill(self.subscriptions[1])
            for one in self.subscriptions:
                self.assertFalse(one._bill().statements, one.client_id.name)

    def _check_statement(self, statement):
        for line in statement.line_ids:
            if line.kind != "credit":
                rows = sum(line.row_ids.mapped("quantity"))
                self.assertEqual(rows, line.quantity)
            if not statement.move_id:
                continue
            sign = -1 if statement.move_id.move_type == "out_refund" else 1
            billed = line.move_line_id
            self.assertEqual(sign * billed.quantity, line.quantity)
            self.assertAlmostEqual(billed.price_unit, line.price_unit)
            self.assertAlmostEqual(sign * billed.price_subtotal, line.amount)
            self.assertAlmostEqual(line.quantity * line.price_unit, line.amount, 2)
