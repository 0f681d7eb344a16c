from odoo import Command, fields
from odoo.tests import tagged

from ...exceptions import LicenceRefusal
from ..common.committed import LICENCE_TABLES, CommittedCase
from ..common.licence import ACCOUNT, MOVE
from ..common.subscription import (
    create_company,
    create_merge,
    create_module,
    create_subscription,
    create_yearly_plan,
    renew,
)

POOL = "subscription.seat.pool"
RENEWAL = "subscription.renewal"
SUBSCRIPTION = "sale.subscription"


@tagged("post_install", "-at_install")
class TestLicenceConcurrency(CommittedCase):
    """What happens at once never takes a licence twice, nor loses one."""

    TABLES = (
        "subscription_log",
        *LICENCE_TABLES,
        "sale_order_line",
        "sale_order",
        *CommittedCase.TABLES[1:5],
        "sale_subscription",
        "subscription_plan_line",
        "sale_subscription_template",
        "subscription_module",
        "product_product",
        "product_template",
        *CommittedCase.TABLES[9:],
    )

    def setUp(self):
        super().setUp()
        with self._committed() as env:
            self.company_id = env.company.id
            today = fields.Date.to_string(env.company._get_today())
            module = create_module(env, f"Expenses {self.id()}")
            module.licence_product_id = env["product.product"].create(
                {"name": "Licence", "type": "service"}
            )
            base = env.ref("partner_managed_subscription.module_base")
            north = create_company(env, "North", is_managing_partner=True)
            reef = create_company(
                env, "Reef", is_managing_partner=True, managing_partner_id=north.id
            )
            plan = create_yearly_plan(env, "Yearly", {base: 10, module: 1})
            self.term_ids = [
                create_subscription(
                    env,
                    create_company(env, f"Acme {n}", managing_partner_id=north.id),
                    plan,
                    running=False,
                    date_start=today,
                ).id
                for n in range(6)
            ]
            self.module_id, self.north_id, self.reef_id = module.id, north.id, reef.id
            self.product_id = module.licence_product_id.id
        self.addCleanup(self._check_adds_up)

    def _check_adds_up(self):
        """Check that each balance is the sum of its ledger, and not below zero."""
        with self._committed() as env:
            for account in env[ACCOUNT].search([("module_id", "=", self.module_id)]):
                total = sum(account.move_ids.mapped("quantity"))
                self.assertAlmostEqual(account.balance, total, places=2)
                self.assertGreaterEqual(account.balance, 0)

    def _get_balance(self, partner_id):
        domain = [("partner_id", "=", partner_id), ("module_id", "=", self.module_id)]
        return self._do(lambda env: env[ACCOUNT].search(domain).balance)

    def _get_entries(self, *kinds):
        domain = [("module_id", "=", self.module_id), ("kind", "in", kinds)]
        return self._do(lambda env: env[MOVE].search(domain).mapped("quantity"))

    def _split(self, results):
        """Check besides that each refusal is clear."""
        done, refused = super()._split(results)
        for error in refused:
            self.assertIsInstance(error, LicenceRefusal, repr(error))
            self.assertIn("licences of Expenses", str(error))
        return done, refused

    # ------------------------------------------------------------------ jobs

    def _transfer(self, method, partner_id, quantity, **options):
        def transfer(env):
            partner = env["res.partner"].browse(partner_id)
            module = env["subscription.module"].browse(self.module_id)
            company = env["res.company"].browse(self.company_id)
            act = getattr(env[ACCOUNT], method)
            return act(partner, {module: quantity}, company, **options).ids

        return transfer

    def _give(self, partner_id, quantity, **options):
        return self._transfer("_give", partner_id, quantity, **options)

    def _take_back(self, partner_id, quantity, **options):
        return self._transfer("_take_back", partner_id, quantity, **options)

    def _start(self, *term_ids):
        def start(env):
            env[SUBSCRIPTION].browse(term_ids).write({"in_progress": True})
            env.flush_all()
            return True

        return start

    def _raise_to(self, term_id, limit):
        def raise_to(env):
            pools = env[SUBSCRIPTION].browse(term_id).seat_pool_ids
            pools.filtered(lambda pool: not pool.is_base).seat_limit = limit
            env.flush_all()
            return True

        return raise_to

    def _renew(self, term_id):
        def renew_term(env):
            return renew(env[SUBSCRIPTION].browse(term_id)).ids

        return renew_term

    def _sell(self, quantity):
        def sell(env):
            line = {"product_id": self.product_id, "product_uom_qty": quantity}
            order = env["sale.order"].create(
                {"partner_id": self.north_id, "order_line": [Command.create(line)]}
            )
            order.action_confirm()
            env.flush_all()
            return order.ids

        return sell

    # ------------------------------------------------------------------ takes

    def test_the_last_licences_go_to_as_many_as_there_are(self):
        self._do(self._give(self.north_id, 3))
        done, refused = self._split(
            self._run_together(*(self._start(term_id) for term_id in self.term_ids))
        )
        self.assertEqual((len(done), len(refused)), (3, 3))
        for error in refused:
            self.assertIn(": 0 in stock", str(error))
            self.assertIn("1 missing", str(error))
        self.assertEqual(self._get_balance(self.north_id), 0)
        self.assertEqual(self._get_entries("raise"), [-1, -1, -1])

    def test_raises_renewals_and_allocations_share_what_is_left(self):
        self._do(self._give(self.north_id, 6 + 4))
        self._do(self._start(*self.term_ids))
        done, refused = self._split(
            self._run_together(
                self._raise_to(self.term_ids[0], 2),
                self._raise_to(self.term_ids[1], 3),
                self._renew(self.term_ids[2]),
                self._renew(self.term_ids[3]),
                self._give(self.reef_id, 2),
                self._take_back(self.north_id, 1, to_vendor=True),
            )
        )
        self.assertTrue(done)
        self.assertTrue(refused)
        left = self._get_balance(self.north_id)
        self.assertGreaterEqual(left, 0)
        used = sum(self._get_entries("raise", "renewal", "allocated", "taken_back"))
        self.assertEqual(used, self._get_balance(self.reef_id) + left - 10)

    def test_a_take_that_waits_for_another_sees_what_is_left(self):
        self._do(self._give(self.north_id, 1))
        first, second = self._run_around(
            self._start(self.term_ids[0]), self._start(self.term_ids[1])
        )
        self.assertTrue(first)
        self._split([second])
        self.assertIsInstance(second, LicenceRefusal)
        self.assertEqual(self._get_balance(self.north_id), 0)

    def test_a_take_that_waits_need_not_start_over(self):
        self._do(self._give(self.north_id, 5))
        calls = []

        def give(env):
            calls.append("second")
            return self._give(self.north_id, 2)(env)

        _first, second = self._run_around(self._start(self.term_ids[0]), give)
        self.assertTrue(second)
        self.assertEqual(len(calls), 1)
        self.assertEqual(self._get_balance(self.north_id), 6)
        ledger = self._do(
            lambda env: (
                env[MOVE]
                .search([("module_id", "=", self.module_id)], order="number")
                .mapped(lambda move: (move.number, move.quantity, move.balance))
            )
        )
        self.assertEqual(ledger, [(1, 5, 5), (2, -1, 4), (3, 2, 6)])

    def test_a_take_that_is_rolled_back_leaves_its_licences(self):
        self._do(self._give(self.north_id, 1))
        _first, second = self._run_around(
            self._start(self.term_ids[0]), self._start(self.term_ids[1]), rollback=True
        )
        self.assertTrue(second is True, repr(second))
        self.assertEqual(self._get_balance(self.north_id), 0)
        self.assertEqual(self._get_entries("raise"), [-1])

    def test_the_same_seats_are_paid_once(self):
        self._do(self._give(self.north_id, 10))
        self._do(self._start(self.term_ids[0]))
        results = self._run_together(*[self._raise_to(self.term_ids[0], 4)] * 4)
        self.assertEqual(results, [True] * 4)
        self.assertEqual(self._get_balance(self.north_id), 6)
        self.assertEqual(sorted(self._get_entries("raise")), [-3, -1])

    def test_a_term_started_twice_at_once_is_paid_once(self):
        self._do(self._give(self.north_id, 10))
        results = self._run_together(*[self._start(self.term_ids[0])] * 4)
        self.assertEqual(results, [True] * 4)
        self.assertEqual(self._get_entries("raise"), [-1])

    def test_a_start_and_a_raise_at_once_pay_for_all_seats(self):
        self._do(self._give(self.north_id, 10))
        for first, second in (
            (self._start(self.term_ids[0]), self._raise_to(self.term_ids[0], 3)),
            (self._raise_to(self.term_ids[1], 3), self._start(self.term_ids[1])),
        ):
            before = self._get_balance(self.north_id)
            results = self._run_around(first, second)
            self.assertEqual(results, (True, True))
            self.assertEqual(before - self._get_balance(self.north_id), 3)

    # ------------------------------------------------------------------ partners

    def test_an_allocation_waits_for_what_is_consumed_above(self):
        self._do(self._give(self.north_id, 3))
        _first, second = self._run_around(
            self._start(self.term_ids[0]), self._give(self.reef_id, 3)
        )
        self._split([second])
        self.assertIsInstance(second, LicenceRefusal)
        self.assertIn(": 2 in stock", str(second))
        self.assertEqual(self._get_balance(self.north_id), 2)
        self.assertEqual(self._get_balance(self.reef_id), 0)

    def test_consuming_waits_for_an_allocation(self):
        self._do(self._give(self.north_id, 3))
        _first, second = self._run_around(
            self._give(self.reef_id, 3), self._start(self.term_ids[0])
        )
        self.assertIsInstance(second, LicenceRefusal)
        self.assertEqual(self._get_balance(self.north_id), 0)
        self.assertEqual(self._get_balance(self.reef_id), 3)

    def test_allocations_never_exceed_the_stock_above(self):
        self._do(self._give(self.north_id, 5))
        done, refused = self._split(
            self._run_together(*[self._give(self.reef_id, 2)] * 6)
        )
        self.assertEqual((len(done), len(refused)), (2, 4))
        self.assertEqual(self._get_balance(self.reef_id), 4)
        self.assertEqual(self._get_balance(self.north_id), 1)

    def test_up_and_down_at_once_loses_nothing(self):
        self._do(self._give(self.north_id, 8))
        self._do(self._give(self.reef_id, 4))
        results = self._run_together(
            *[self._give(self.reef_id, 1)] * 2, *[self._take_back(self.reef_id, 1)] * 2
        )
        self.assertFalse(self._split(results)[1])
        self.assertEqual(self._get_balance(self.reef_id), 4)
        self.assertEqual(self._get_balance(self.north_id), 4)

    def test_what_was_allocated_is_taken_back_once(self):
        self._do(self._give(self.north_id, 4))
        self._do(self._give(self.reef_id, 2))
        self._do(self._give(self.reef_id, 2, from_vendor=True))
        done, refused = self._split(
            self._run_together(*[self._take_back(self.reef_id, 2)] * 4)
        )
        self.assertEqual((len(done), len(refused)), (1, 3))
        self.assertEqual(self._get_balance(self.reef_id), 2)
        self.assertEqual(self._get_balance(self.north_id), 4)

    def test_what_is_taken_back_is_not_consumed_as_well(self):
        self._do(self._give(self.north_id, 1))
        back = self._take_back(self.north_id, 1)
        for first, second in (
            (back, self._start(self.term_ids[0])),
            (self._start(self.term_ids[0]), back),
        ):
            _first, refusal = self._run_around(first, second)
            self.assertIsInstance(refusal, LicenceRefusal)
            self.assertEqual(self._get_balance(self.north_id), 0)
            if first is back:
                self._do(self._give(self.north_id, 1))

    # ------------------------------------------------------------------ opening

    def test_a_stock_that_two_open_at_once_is_one(self):
        results = self._run_together(*[self._give(self.north_id, 1)] * 4)
        self.assertFalse(self._split(results)[1])
        domain = [("module_id", "=", self.module_id)]
        self.assertEqual(self._do(lambda env: env[ACCOUNT].search_count(domain)), 1)
        self.assertEqual(self._get_balance(self.north_id), 4)

    # ------------------------------------------------------------------ merging

    def test_a_merge_waits_for_what_is_given_meanwhile(self):
        with self._committed() as env:
            south_id = create_company(env, "South", is_managing_partner=True).id
        self._do(self._give(self.north_id, 3))
        self._do(self._give(south_id, 2))

        def merge(env):
            partners = env["res.partner"].browse([self.north_id, south_id])
            create_merge(*partners).action_merge()
            env.flush_all()
            return True

        _first, second = self._run_around(self._give(self.north_id, 4), merge)
        self.assertIs(second, True)
        self.assertEqual(self._get_balance(self.north_id), 9)

    # ------------------------------------------------------------------ orders

    def test_orders_confirmed_at_once_add_up(self):
        results = self._run_together(*[self._sell(2)] * 4)
        self.assertFalse(self._split(results)[1])
        self.assertEqual(self._get_balance(self.north_id), 8)

    def test_an_order_confirmed_twice_at_once_sells_once(self):
        (order_id,) = self._do(
            lambda env: (
                env["sale.order"]
                .create(
                    {
                        "partner_id": self.north_id,
                        "order_line": [Command.create({"product_id": self.product_id})],
                    }
                )
                .ids
            )
        )

        def confirm(env):
            order = env["sale.order"].browse(order_id)
            order.write({"state": "sale"})
            env.flush_all()
            return True

        results = self._run_together(*[confirm] * 4)
        self.assertEqual(results, [True] * 4)
        self.assertEqual(self._get_balance(self.north_id), 1)

    def test_an_order_is_not_cancelled_while_its_licences_are_used(self):
        (order_id,) = self._do(self._sell(1))

        def cancel(env):
            env["sale.order"].browse(order_id)._action_cancel()
            env.flush_all()
            return True

        _first, second = self._run_around(self._start(self.term_ids[0]), cancel)
        self._split([second])
        self.assertIsInstance(second, LicenceRefusal)
        state = self._do(lambda env: env["sale.order"].browse(order_id).state)
        self.assertEqual(state, "sale")

    # ------------------------------------------------------------------ renewals

    def test_a_renewal_that_two_cancel_comes_back_once(self):
        self._do(self._give(self.north_id, 5))
        self._do(self._start(self.term_ids[0]))
        (renewal_id,) = self._do(self._renew(self.term_ids[0]))
        self.assertEqual(self._get_balance(self.north_id), 3)

        def cancel(env):
            env[RENEWAL].browse(renewal_id).action_cancel()
            env.flush_all()
            return True

        results = self._run_together(cancel, cancel, cancel)
        self.assertEqual(results.count(True), 1)
        self.assertEqual(self._get_balance(self.north_id), 4)

    def test_two_who_renew_a_term_at_once_pay_once(self):
        self._do(self._give(self.north_id, 5))
        self._do(self._start(self.term_ids[0]))
        results = self._run_together(*[self._renew(self.term_ids[0])] * 3)
        renewed = [result for result in results if not isinstance(result, Exception)]
        self.assertEqual(len(renewed), 1)
        for error in results:
            if error not in renewed:
                self.assertIn("was renewed already", str(error))
        self.assertEqual(self._get_balance(self.north_id), 3)
