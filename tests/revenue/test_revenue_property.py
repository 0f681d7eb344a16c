"""Whatever was billed, credited, cancelled or taken: each figure is the sum of the
lines that it opens, and what a plain reckoning says, at every grain."""

import random
from datetime import date, timedelta
from fractions import Fraction

from dateutil.relativedelta import relativedelta

from odoo.tests import freeze_time, tagged

from ...models.licence.stock_key import StockKey
from ..billing import test_billing_property as billing
from ..common.licence import ACCOUNT, MOVE
from ..common.revenue import RevenueMixin, group_rows
from ..common.seed import draw_seed
from ..common.subscription import SubscriptionCase, create_company, create_plan

DAY = timedelta(days=1)
STATES = ["valid"] * 8 + ["credited", "released", "void"]


def get_noted(line):
    """Return the amount a year that was noted with a line."""
    return Fraction(str(line.yearly_amount))


@tagged("post_install", "-at_install")
class TestRevenueOfBilling(RevenueMixin, billing.TestBillingProperty):
    """The steps of the test of billing: raised, lowered, paused, closed, renewed,
    billed late. The figures are looked at now and then."""

    LOOKS = 6
    # Those of the test of billing are played there.
    test_what_is_billed_is_what_was_contracted = None
    test_what_is_billed_is_what_was_contracted_in_new_sequences = None

    def test_revenue_of_billing(self):
        self.counts = billing.Counter()
        for seed in (1, 4, 7, random.Random(draw_seed()).randrange(2**32)):
            self._check_sequence(seed)

    def _check_step(self, name, *arguments):
        super()._check_step(name, *arguments)
        if not self.steps_left % self.LOOKS:
            with self._at(13):
                self.env.invalidate_all()
                subscriptions = self.env["sale.subscription"].union(*self.subscriptions)
                self.check_reckoned(subscriptions, self.today)


@tagged("post_install", "-at_install")
class TestRevenueProperty(RevenueMixin, SubscriptionCase):
    """Random statements and entries of clients of three partners, in two currencies."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.company.term_tz = "UTC"
        cls.modules = cls.base | cls.expenses
        cls.plans = create_plan(cls.env, "One", {}) | create_plan(cls.env, "Two", {})
        dollars = cls.env.ref("base.USD")
        euros = cls.env.ref("base.EUR")
        (dollars | euros).active = True
        cls.currencies = dollars | euros
        cls.pricelist = cls.env["product.pricelist"].create({"name": "Prices"})
        cls.users = {
            partner: cls._create_user(partner.name.lower(), "standard", partner)
            for partner in (cls.north, cls.south, cls.reef)
        }

    def test_figures_are_their_lines(self):
        rng = random.Random(draw_seed())
        for seed in (*range(1, 9), rng.randrange(2**32)):
            with self.subTest(seed=seed), self._undone():
                self._check(random.Random(seed))

    def _check(self, rng):
        self.rng = rng
        self.today = date(2026, 1, 1) + rng.randrange(1500) * DAY
        with freeze_time(f"{self.today} 12:00:00"):
            subscriptions = self._make()
            self.env.flush_all()
            self.env.invalidate_all()
            rows = self.check_reckoned(subscriptions, self.today, get_noted)
            self.assertTrue(rows)
            self._check_users(subscriptions, rows)

    def _check_users(self, subscriptions, rows):
        """Each partner sees the same figures of its clients, and no others."""
        for partner, user in self.users.items():
            path = partner.management_path
            own = {
                key: figures
                for key, figures in rows.items()
                if key[1].client_id.management_path.startswith(path)
            }
            with self.subTest(partner=partner.name):
                self.assertEqual(
                    self.read_groups("client_id", "module_id", user=user),
                    group_rows(own, "client_id", "module_id"),
                )

    # ------------------------------------------------------------------ histories

    def _make(self):
        clients = [
            create_company(
                self.env,
                f"Client {number}",
                managing_partner_id=self.rng.choice([*self.users]).id,
            )
            for number in range(6)
        ]
        subscriptions = self.env["sale.subscription"]
        for client in clients:
            for _ in range(self.rng.randint(1, 2)):
                subscriptions |= self._make_subscription(client)
        return subscriptions

    def _make_subscription(self, client):
        rng = self.rng
        start = self.today - rng.randrange(20, 1000) * DAY
        one = self.env["sale.subscription"].create(
            {
                "partner_id": client.id,
                "template_id": rng.choice(self.plans).id,
                "pricelist_id": self.pricelist.id,
                "date_start": start,
            }
        )
        for since in (start, start + 200 * DAY)[: rng.randint(1, 2)]:
            self.env["subscription.billing.terms"]._add(
                [
                    {
                        "subscription_id": one.id,
                        "since": since,
                        "paid_by": rng.choice(["period", "period", "licences"]),
                        "period_unit": "months",
                        "period_count": 1,
                    }
                ]
            )
        currency = rng.choice(self.currencies)
        end = self._make_statements(one, start, currency)
        if rng.random() < 0.5:
            self._make_moves(one, start, currency)
        one._set(
            {
                "in_progress": rng.random() < 0.7,
                "is_paused": rng.random() < 0.1,
                "date": rng.choice([False, end, self.today + 100 * DAY]),
                "closed_on": rng.choice([False, False, False, end - 20 * DAY]),
            }
        )
        return one

    def _make_statements(self, subscription, day, currency):
        """Make periods from ``day`` on, some of them left out, and what is raised and
        credited within them; return the last day."""
        while day < self.today + 30 * DAY:
            last = day + relativedelta(months=self.rng.choice([1, 1, 1, 3, 12])) - DAY
            if self.rng.random() < 0.9:
                self._make_statement(subscription, "period", day, last, currency)
            if self.rng.random() < 0.3:
                self._make_statement(subscription, "raise", day, last, currency)
            day = last + DAY
            if self.rng.random() < 0.1:
                break
        return day - DAY

    def _make_statement(self, subscription, kind, first, last, currency):
        statement = self.env["subscription.statement"]._add(
            [
                {
                    "kind": kind,
                    "state": self.rng.choice(STATES),
                    "subscription_id": subscription.id,
                    "client_id": subscription.client_id.id,
                    "payer_id": subscription.client_id.id,
                    "company_id": self.company.id,
                    "currency_id": currency.id,
                    "date_first": first,
                    "date_last": last,
                    "basis": "contracted",
                }
            ]
        )
        lines = self.env["subscription.statement.line"]
        billed = lines.search([("subscription_id", "=", subscription.id)])
        for _ in range(self.rng.randint(0, 3)):
            lines |= self._make_line(
                statement,
                "contracted",
                self.rng.choice([*self.modules, self.modules.browse()]),
                *self._draw_span(first, last),
                self.rng.randint(1, 40) * 12,
            )
        if billed and self.rng.random() < 0.4:
            credited = self.rng.choice(billed)
            self._make_line(
                statement,
                "credit",
                credited.module_id,
                *self._draw_span(credited.date_first, credited.date_last),
                -credited.yearly_amount / self.rng.choice([1, 2]),
                credited_line_id=credited.id,
            )

    def _draw_span(self, first, last):
        """Draw days from ``first`` to ``last``, mostly all."""
        if self.rng.random() < 0.6:
            return first, last
        since = first + self.rng.randint(0, (last - first).days) * DAY
        return since, since + self.rng.randint(0, (last - since).days) * DAY

    def _make_line(self, statement, kind, module, first, last, amount, **values):
        return self.env["subscription.statement.line"]._add(
            [
                {
                    "name": "Seats",
                    "statement_id": statement.id,
                    "subscription_id": statement.subscription_id.id,
                    "kind": kind,
                    "module_id": module.id,
                    "date_first": first,
                    "date_last": last,
                    "quantity": 1,
                    "price_full": amount,
                    "price_unit": amount,
                    "yearly_amount": amount,
                    **values,
                }
            ]
        )

    def _make_moves(self, subscription, day, currency):
        """Make what seats took from the stock of the partner, and gave back."""
        module = self.expenses
        partner = subscription.client_id.managing_partner_id
        key = StockKey(partner, module, self.company)
        account = self.env[ACCOUNT]._open_stocks([key])[key]
        moves = self.env[MOVE]
        while day < self.today:
            last = day + relativedelta(years=self.rng.choice([1, 1, 2])) - DAY
            entries = [("raise", 5, day)]
            if self.rng.random() < 0.5:
                entries += [("raise", 2, day + 40 * DAY)]
                entries += [("returned", -2, day + 44 * DAY)]
            if self.rng.random() < 0.3:
                entries += [("on_account", 0, day)]
            for kind, seats, first in entries:
                moves._add(
                    [
                        {
                            "account_id": account.id,
                            "number": 1000 + moves.search_count([]),
                            "kind": kind,
                            "quantity": -seats or 1,
                            "balance": 1,
                            "date": first,
                            "subscription_id": subscription.id,
                            "seats": seats,
                            "date_first": first,
                            "date_last": last,
                            "yearly_amount": seats * 24,
                            "currency_id": currency.id,
                        }
                    ]
                )
            day = last + DAY
            if self.rng.random() < 0.3:
                day += 60 * DAY
