from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import Form, freeze_time, tagged

from ...exceptions import LicenceRefusal
from ..common.licence import RaiseCase
from ..common.subscription import ADDON, create_yearly_plan, renew


@freeze_time("2026-03-15")
@tagged("post_install", "-at_install")
class TestLicenceRaise(RaiseCase):
    """What starts and raises take, by every door."""

    # ------------------------------------------------------------------ the start

    def test_the_start_of_a_term_takes_its_licences(self):
        self.assertEqual(
            self._get_entries(), [("given", "North", 20.0), ("raise", "North", -5.0)]
        )
        self.assertEqual(self.pool.licensed_seats, 5)

    def test_a_draft_takes_nothing(self):
        draft = self._create_subscription(self.acme, self.yearly, running=False)
        pool = self._get_pool(draft, self.expenses)

        def change():
            pool.seat_limit = 500
            pool.seat_limit = 3

        self._check_takes(0, change)
        self._check_takes(3, draft.action_start_subscription)

    def test_a_start_in_the_future_takes_the_whole_term(self):
        self._check_takes(
            5,
            lambda: self._create_subscription(
                self.acme, self.yearly, date_start="2026-09-01"
            ),
        )

    def test_a_late_start_takes_what_is_left(self):
        # 1 January to 31 December: 292 days are left.
        self._check_takes(
            4,
            lambda: self._create_subscription(
                self.acme, self.yearly, date_start="2026-01-01"
            ),
        )

    def test_every_way_to_start_takes_licences(self):
        stage = self.env.ref("subscription_oca.subscription_stage_in_progress")
        vals = {
            "partner_id": self.acme.id,
            "template_id": self.yearly.id,
            "pricelist_id": self.term.pricelist_id.id,
            "date_start": "2026-03-15",
        }
        subscriptions = self.env["sale.subscription"].with_env(self.north_env)

        def draft():
            return self._as_north(
                self._create_subscription(
                    self.acme, self.yearly, running=False, date_start="2026-03-15"
                )
            )

        def restore():
            with self.env.cr.savepoint():
                record = draft()
                record.active = False
                record.write({"in_progress": True})
                self.assertEqual(record.seat_pool_ids.mapped("licensed_seats"), [0, 0])
                record.active = True

        starts = {
            "button": lambda: draft().action_start_subscription(),
            "stage": lambda: draft().write({"stage_id": stage.id}),
            "in_progress": lambda: draft().write({"in_progress": True}),
            "restored": restore,
            "created": lambda: subscriptions.create(
                {**vals, "stage_id": stage.id, "in_progress": True}
            ),
            "imported": lambda: self._load(draft(), "stage_id/.id", stage.id),
            "imported in_progress": lambda: self._load(draft(), "in_progress", "True"),
        }
        for label, start in starts.items():
            with self.subTest(start=label), self.env.cr.savepoint() as savepoint:
                self._check_takes(5, start, msg=label)
                self._empty(1)
                self._check_refused(
                    start, "North, licences of Expenses: 1 in", "4 missing"
                )
                savepoint.rollback()
                self.env.invalidate_all()

    def _load(self, record, name, value):
        """Import a value, as :meth:`load` of a file does; raise what it reports."""
        result = record.browse().load([".id", name], [[str(record.id), str(value)]])
        if result["messages"]:
            raise LicenceRefusal(result["messages"][0]["message"])

    # ------------------------------------------------------------------ raises

    def test_every_way_to_raise_takes_licences(self):
        pool, term = self._as_north(self.pool), self._as_north(self.term)
        pools = pool.browse()
        new = {"module_id": self.time.id, "seat_limit": 3}
        self.env.flush_all()

        def fill_in():
            with Form(pool) as form:
                form.seat_limit = 8

        raises = {
            "written": lambda: pool.write({"seat_limit": 8}),
            "form": fill_in,
            "web_save": lambda: pool.web_save({"seat_limit": 8}, {}),
            "contract": lambda: term.write(
                {"seat_pool_ids": [Command.update(pool.id, {"seat_limit": 8})]}
            ),
            "imported": lambda: self._load(pool, "seat_limit", 8),
            "imported contract": lambda: self._load_contract(term, pool, 8),
            "plan": lambda: term.write({"template_id": self.large.id}),
            "plan by the vendor": lambda: self.term.write(
                {"template_id": self.large.id}
            ),
            "no longer unlimited": self._limit_again,
            "other pools as well": lambda: (
                pool | self._as_north(self.base_pool)
            ).write({"seat_limit": 8}),
        }
        for label, act in raises.items():
            with self.subTest(door=label), self.env.cr.savepoint() as savepoint:
                self._check_takes(2.4, act)
                self.assertEqual(self.pool.licensed_seats, 8)
                savepoint.rollback()
            self.env.invalidate_all()
            with self.subTest(door=label), self.env.cr.savepoint() as savepoint:
                self._empty(2.39)
                self._check_refused(
                    act, "North, licences of Expenses: 2.39", "0.01 missing"
                )
                savepoint.rollback()
            self.env.invalidate_all()
        opened = {
            "opened": lambda: pools.create({**new, "subscription_id": term.id}),
            "opened on the contract": lambda: term.write(
                {"seat_pool_ids": [Command.create(new)]}
            ),
        }
        for label, act in opened.items():
            with self.subTest(door=label), self.env.cr.savepoint() as savepoint:
                self._check_refused(act, "North, licences of Time: 0")
                self._give(self.north, 2.4, self.time)
                act()
                self.assertEqual(self._get_balance(self.north, self.time), 0)
                savepoint.rollback()
            self.env.invalidate_all()

    def _load_contract(self, term, pool, limit):
        result = term.browse().load(
            [".id", "seat_pool_ids/.id", "seat_pool_ids/seat_limit"],
            [[str(term.id), str(pool.id), str(limit)]],
        )
        if result["messages"]:
            raise LicenceRefusal(result["messages"][0]["message"])

    def _limit_again(self):
        self.pool.is_unlimited = True
        self._as_north(self.pool).write({"is_unlimited": False, "seat_limit": 8})

    def test_lowering_and_raising_again_takes_nothing_twice(self):
        self._check_takes(2.4, lambda: self.pool.write({"seat_limit": 8}))

        def back_and_forth():
            for limit in (0, 8, 3, 7, 8):
                self.pool.seat_limit = limit

        self._check_takes(0, back_and_forth)
        with freeze_time("2026-07-02"):
            self._check_takes(0, back_and_forth)
            self._check_takes(0.51, lambda: self.pool.write({"seat_limit": 9}))

    def test_starting_closing_and_opening_again_takes_nothing_twice(self):
        reason = self.env["sale.subscription.close.reason"].search([], limit=1)

        def close_and_open():
            self.term.close_subscription(reason.id)
            self.term.action_start_subscription()

        for day in ("2026-03-15", "2026-11-01"):
            with freeze_time(day), self.subTest(day=day):
                self._check_takes(0, close_and_open)
        self.assertEqual(str(self.term.date), "2026-12-31")

    def test_seats_added_while_closed_are_taken_when_opened(self):
        self.term.close_subscription()
        self._check_takes(0, lambda: self.pool.write({"seat_limit": 8}))
        self._check_takes(2.4, self.term.action_start_subscription)

    def test_a_module_that_leaves_the_plan_and_comes_back_is_not_paid_twice(self):
        bare = create_yearly_plan(self.env, "Bare", {self.base: 10})

        def leave_and_return():
            for plan in (bare, self.yearly):
                self._as_north(self.term).template_id = plan

        self._check_takes(0, leave_and_return)
        self.assertEqual(self.pool.exists().seat_limit, 5)

    def test_several_shortfalls_are_told_at_once(self):
        travel = self.time.copy({"name": "Travel", "code": "travel"})
        vals = [
            {"subscription_id": self.term.id, "module_id": module.id, "seat_limit": 2}
            for module in (self.time, travel)
        ]
        pools = self._as_north(self.pool).browse()
        self._check_refused(
            lambda: pools.create(vals),
            "North, licences of Time: 0",
            "licences of Travel",
        )
        self._empty(1)
        other = self._create_subscription(self.acme, self.yearly, running=False)
        with self.assertRaises(LicenceRefusal) as refusal:
            (self.term | other).write(
                {"in_progress": True, "template_id": self.large.id}
            )
        # One line for the stock that both of them need.
        self.assertEqual(len(str(refusal.exception).splitlines()), 1)

    def test_two_contracts_that_share_a_stock_are_added_up(self):
        coral_terms = [
            self._create_subscription(
                self.acme, self.yearly, running=False, date_start="2026-03-15"
            )
            for _ in range(2)
        ]
        terms = self.term.browse().union(*coral_terms)
        self._empty(9)
        self._check_refused(
            lambda: terms.write({"in_progress": True}), "10 needed", "1 missing"
        )
        self._give(self.north, 1)
        terms.write({"in_progress": True})
        self.assertEqual(self._get_balance(self.north), 0)

    def test_a_reseller_pays_from_its_own_stock(self):
        with self.assertRaises(LicenceRefusal) as refusal:
            self._create_subscription(self.coral, self.yearly, date_start="2026-03-15")
        self.assertIn("Reef, licences", str(refusal.exception))
        self.assertIn("Contact North", str(refusal.exception))
        self._give(self.reef, 5)
        self._create_subscription(self.coral, self.yearly, date_start="2026-03-15")
        self.assertEqual(self._get_balance(self.reef), 0)
        self.assertEqual(self._get_balance(self.north), 10)

    # ------------------------------------------------------------------ no licences

    def test_what_takes_no_licences(self):
        free = self.time
        free.is_licensed = False
        pool = self.pool.create(
            {"subscription_id": self.term.id, "module_id": free.id, "seat_limit": 50}
        )
        before = self._get_ledger()
        pool.seat_limit = 60
        self.base_pool.seat_limit = 90
        forever = self._create_subscription(self.acme, self.forever)
        self._get_pool(forever, self.expenses).seat_limit = 500
        own = self._create_subscription(self.dune, self.yearly)
        self._get_pool(own, self.expenses).seat_limit = 500
        self.pool.seat_limit = 1
        self.assertEqual(self._get_ledger(), before)

    def test_seats_without_limit_are_the_vendors(self):
        pool = self._as_north(self.pool)
        unlimited = {"is_unlimited": True}
        draft = self._create_subscription(self.acme, self.yearly, running=False)
        new = {"module_id": self.time.id, "is_unlimited": True}
        for label, act in {
            "written": lambda: pool.write(unlimited),
            "with seats": lambda: pool.write({**unlimited, "seat_limit": 3}),
            "draft": lambda: self._as_north(draft).seat_pool_ids.write(unlimited),
            "opened": lambda: pool.create({**new, "subscription_id": self.term.id}),
            "contract": lambda: self._as_north(self.term).write(
                {"seat_pool_ids": [Command.update(pool.id, unlimited)]}
            ),
            "new contract": lambda: (
                self._as_north(self.term)
                .browse()
                .create(
                    {
                        "partner_id": self.acme.id,
                        "template_id": self.yearly.id,
                        "pricelist_id": self.term.pricelist_id.id,
                        "seat_pool_ids": [Command.create(new)],
                    }
                )
            ),
            "default": lambda: pool.with_context(default_is_unlimited=True).create(
                {"subscription_id": self.term.id, "module_id": self.time.id}
            ),
        }.items():
            with self.subTest(door=label):
                self._check_refused(act, "without limit", error=UserError)
        self._check_takes(0, lambda: self.pool.write(unlimited))
        # Who may not give them may take them back.
        self._check_takes(
            0, lambda: pool.write({"is_unlimited": False, "seat_limit": 5})
        )

    def test_a_pool_does_not_change_its_module_for_another(self):
        pool = self._as_north(self.pool)
        self._check_refused(
            lambda: pool.write({"module_id": self.time.id}),
            "licences were taken",
            error=UserError,
        )
        other = self._create_subscription(
            self.acme, self.forever, running=False, date_start="2026-03-15"
        )
        self._check_refused(
            lambda: pool.write({"subscription_id": other.id}),
            "licences were taken",
            error=UserError,
        )

    def test_seats_of_a_free_module_do_not_become_seats_of_another(self):
        free = self.time.copy({"name": "Free", "code": "free", "is_licensed": False})
        pool = self.pool.create(
            {"subscription_id": self.term.id, "module_id": free.id, "seat_limit": 3}
        )
        act = self._as_north(pool).write
        self._check_refused(
            lambda: act({"module_id": self.time.id}), "North, licences of Time: 0"
        )
        self._give(self.north, 2.4, self.time)
        act({"module_id": self.time.id})
        self.env.flush_all()
        self.assertEqual(self._get_balance(self.north, self.time), 0)
        pool = self.pool.create(
            {
                "subscription_id": self.term.id,
                "module_id": free.id,
                "is_unlimited": True,
            }
        )
        travel = self.time.copy({"name": "Travel", "code": "travel"})
        self._check_refused(
            lambda: self._as_north(pool).write({"module_id": travel.id}),
            "without limit",
            error=UserError,
        )

    def test_on_account_nothing_is_missing(self):
        self.north.licence_billing = "on_account"
        since = self.moves.search([])
        self.pool.seat_limit = 50
        self.assertEqual(
            self._get_entries(since),
            [("on_account", "North", 21.0), ("raise", "North", -36.0)],
        )
        self.assertEqual(self._get_balance(self.north), 0)

    # ------------------------------------------------------------------ others

    def test_who_pays_a_raise_is_who_manages_the_client_now(self):
        self._give(self.south, 1)
        self.acme.managing_partner_id = self.south
        self._check_takes(
            0.8, lambda: self.pool.write({"seat_limit": 6}), partner=self.south
        )

    def test_an_entry_names_the_contract_and_who_raised_it(self):
        since = self.moves.search([])
        self._as_north(self.pool).seat_limit = 6
        move = self.moves.search([]) - since
        self.assertEqual(move.subscription_id, self.term)
        self.assertEqual(move.client_id, self.acme)
        self.assertEqual(move.user_id, self.staff["north"])
        self.assertEqual(move.kind, "raise")

    def test_a_term_that_was_renewed_takes_for_the_current_one_alone(self):
        self._check_takes(5, lambda: renew(self.term))
        self._check_takes(2.4, lambda: self.pool.write({"seat_limit": 8}))
        cron = self.env.ref(f"{ADDON}.ir_cron_renewal_apply")
        with freeze_time("2027-01-01"):
            with self.enter_registry_test_mode():
                cron.method_direct_trigger()
            self.env.invalidate_all()
            self.assertEqual((self.pool.seat_limit, self.pool.licensed_seats), (5, 5))
            self._check_takes(1, lambda: self.pool.write({"seat_limit": 6}))

    def test_a_database_full_of_terms_asks_little(self):
        terms = self.term.browse()
        self._give(self.north, 500)
        for _ in range(6):
            terms |= self._create_subscription(
                self.acme, self.yearly, running=False, date_start="2026-03-15"
            )
        pools = terms.seat_pool_ids
        counts = []
        for batch in (pools[:2], pools[2:]):
            batch.subscription_id._set({"in_progress": True})
            self.env.flush_all()
            self.env.invalidate_all()
            queries = self.cr.sql_log_count
            batch._take_licences()
            self.env.flush_all()
            counts.append(self.cr.sql_log_count - queries)
        self.assertLessEqual(counts[1], counts[0] + 2)

    def test_the_dialog_of_a_module_says_what_saving_takes(self):
        pool = self._as_north(self.pool)
        with freeze_time("2026-07-01"), Form(pool) as form:
            self.assertFalse(form.licence_text)
            form.seat_limit = 7
            self.assertIn("Takes 1.01 licences of Expenses", form.licence_text)
            self.assertIn("North has 15 in stock", form.licence_text)
            self.north.licence_billing = "on_account"
            form.seat_limit = 8
            self.assertIn("on account of North", form.licence_text)
        self.assertFalse(pool.licence_text)
