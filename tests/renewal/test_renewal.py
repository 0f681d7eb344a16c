import math
from unittest.mock import patch

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import freeze_time

from ...exceptions import (
    LicenceRefusal,
    SeatRefusal,
)
from ..common.subscription import create_plan, create_yearly_plan, get_request
from ..common.term import TermCase

MANY = 20


@freeze_time("2026-03-15")
class TestRenewal(TermCase):
    """What a renewal takes, from whom, and when it is refused."""

    def _get_lines(self, renewal):
        return {
            line.module_id: (line._get_limit(), line.licences)
            for line in renewal.line_ids
        }

    def _get_moves(self, account=None):
        moves = (account or self.account).move_ids.sorted("id")
        return [(move.kind, move.quantity) for move in moves]

    # ------------------------------------------------------------ how many seats

    def test_each_choice_of_seats(self):
        members = self._create_members(self.acme, 3)
        self._grant(self.pool, members[:2])
        for choice, numbers, seats, users, licences in [
            ("same", None, 5, 10, 10),
            ("in_use", None, 2, 3, 4),
            ("other", {self.expenses: 7}, 7, 10, 14),
            ("other", {self.expenses: 1, self.base: 1}, 1, 1, 2),
            ("other", {}, 5, 10, 10),
        ]:
            with self.subTest(choice=choice, numbers=numbers):
                renewal = self._renew(years=2, choice=choice, numbers=numbers)
                lines = {self.base: (users, 0), self.expenses: (seats, licences)}
                self.assertEqual(self._get_lines(renewal), lines)
                self.assertEqual(renewal.licences, licences)
                self.assertEqual(self.account.balance, 16 - licences)
                renewal.action_cancel()
                self.assertEqual(self.account.balance, 16)

    def test_zero_seats_of_a_module_but_not_of_all(self):
        renewal = self._renew(choice="other", numbers={self.expenses: 0})
        self.assertEqual(renewal.licences, 0)
        self.assertEqual(self.account.balance, 16)
        renewal.action_cancel()
        nothing = {self.expenses: 0, self.base: 0}
        with self._refused("would have no seats at all"):
            self._renew(choice="other", numbers=nothing)

    def test_impossible_numbers_of_seats(self):
        for number in (-1, 1_000_001, 2.5, "5"):
            with self.subTest(number=number), self._refused("are not possible"):
                self._renew(choice="other", numbers={self.expenses: number})

    def test_seats_of_somebody_else_are_not_renewed(self):
        request = get_request(self.term)
        request = request._replace(seats={self.expenses_pool: 2})
        with self._refused("are not possible"):
            self.renewals._schedule({self.term: request})

    def test_seats_without_limit_take_no_licences(self):
        self.pool.is_unlimited = True
        balance = self.account.balance
        for choice in ("same", "in_use"):
            renewal = self._renew(choice=choice)
            self.assertEqual(self._get_lines(renewal)[self.expenses], (math.inf, 0))
            self.assertEqual(self.account.balance, balance)
            renewal.action_cancel()
        renewal = self._renew()
        self.pool.with_user(self.vera).write({"is_unlimited": False, "seat_limit": 1})
        with freeze_time("2027-01-01"):
            self._run_job()
        self.assertTrue(self.pool.is_unlimited)

    # ------------------------------------------------------------ how long

    def test_years(self):
        self._give(self.north, 250)
        for years, end in [(1, "2027-12-31"), (2, "2028-12-31"), (50, "2076-12-31")]:
            renewal = self._renew(years=years)
            self.assertEqual(str(renewal.date_start), "2027-01-01")
            self.assertEqual(str(renewal.date_end), end)
            self.assertEqual(renewal.licences, 5 * years)
            renewal.action_cancel()
        for years in (0, 51, -1, "2", 1.5, None, False):
            with self.subTest(years=years), self._refused("choose 1 to 50"):
                self._renew(years=years)
        self.assertFalse(self.term.renewal_id)
        self.assertEqual(self.account.balance, 266)

    def test_a_leap_day_start_goes_on_from_the_first_of_march(self):
        term = self._create_terms(1, date_start="2024-02-29")
        term.with_user(self.vera).date = "2026-02-28"
        renewal = self._renew(term, years=2)
        dates = (str(renewal.date_start), str(renewal.date_end))
        self.assertEqual(dates, ("2026-03-01", "2028-02-29"))

    def test_from_the_old_end_or_from_today(self):
        for day, from_today, start, end, state in [
            ("2026-12-30", False, "2027-01-01", "2027-12-31", "scheduled"),
            ("2026-12-30", True, "2027-01-01", "2027-12-31", "scheduled"),
            ("2026-12-31", True, "2027-01-01", "2027-12-31", "scheduled"),
            ("2027-01-01", False, "2027-01-01", "2027-12-31", "applied"),
            ("2027-01-01", True, "2027-01-01", "2027-12-31", "applied"),
            ("2027-03-10", False, "2027-01-01", "2027-12-31", "applied"),
            ("2027-03-10", True, "2027-03-10", "2028-03-09", "applied"),
            ("2027-12-31", False, "2027-01-01", "2027-12-31", "applied"),
        ]:
            with (
                self.subTest(day=day, from_today=from_today),
                freeze_time(day),
                self.env.cr.savepoint() as savepoint,
            ):
                renewal = self._renew(from_today=from_today)
                dates = (str(renewal.date_start), str(renewal.date_end))
                self.assertEqual(dates, (start, end))
                self.assertEqual(renewal.state, state)
                self.assertEqual(str(renewal.previous_end), "2026-12-31")
                applied = state == "applied"
                self.assertEqual(str(self.term.date), end if applied else "2026-12-31")
                self.assertEqual(self.account.balance, 11)
                savepoint.rollback()

    def test_a_term_that_would_be_over_already(self):
        with freeze_time("2028-01-01"):
            with self._refused("would be over already"):
                self._renew()
            renewal = self._renew(years=2)
            self.assertEqual(renewal.state, "applied")
            self.assertEqual(self.term.renewal_state, "running")

    def test_a_term_does_not_overlap_with_the_current_one(self):
        for start in ("2026-12-31", "2026-03-15", "2025-01-01"):
            request = get_request(self.term)
            start = self.term._fields["date"].to_date(start)
            request = request._replace(date_start=start)
            with self._refused("would overlap with the current one"):
                self.renewals._schedule({self.term: request})

    # ------------------------------------------------------------ from which stock

    def test_a_partner_without_stock(self):
        term = self._create_subscription(
            self.bolt, self.yearly, running=False, date_start="2026-01-01"
        )
        self._get_pool(term, self.expenses).seat_limit = 0
        term.action_start_subscription()
        with self._refused("South, licences of Expenses: 0 in stock", LicenceRefusal):
            self._renew(term, choice="other", numbers={self.expenses: 3})
        self.assertFalse(term.renewal_ids)
        self._renew(term)

    def test_the_staff_of_the_partner_renews(self):
        renewal = self._renew(user=self.sam)
        self.assertFalse(renewal.env.su)
        self.assertEqual(renewal.user_id, self.sam)
        self.assertEqual(renewal.move_ids.user_id, self.sam)
        with self.assertRaises(AccessError):
            self._renew(self._create_terms(1), user=self.rival)

    def test_on_account(self):
        self.north.licence_billing = "on_account"
        renewal = self._renew(years=4)
        self.assertEqual(self.account.balance, 0)
        entries = [("renewal", -20), ("on_account", 4)]
        moves = self._get_moves()
        self.assertEqual(sorted(moves[-2:]), sorted(entries))
        renewal.action_cancel()
        self.assertEqual(self.account.balance, 16)
        entries = [("returned", 20), ("on_account", -4)]
        self.assertEqual(sorted(self._get_moves()[-2:]), sorted(entries))

    def test_a_client_of_the_vendor_takes_no_licences(self):
        term = self._create_term(self.dune)
        renewal = self._renew(term, user=self.vera)
        self.assertFalse(renewal.move_ids)
        self.assertEqual(renewal.licences, 0)
        self.assertEqual(term.renewal_state, "renewed")
        with freeze_time(renewal.date_start):
            self._run_job()
        self.assertEqual(term.date, renewal.date_end)
        self.assertEqual(self._get_pool(term, self.expenses).seat_limit, 5)

    def test_the_price_is_that_of_the_price_list_for_so_many(self):
        product = self.env["product.product"].create(
            {"name": "Licence of Expenses", "list_price": 100}
        )
        self.expenses.licence_product_id = product
        pricelist = self.env["product.pricelist"].create(
            {
                "name": "Partners",
                "item_ids": [
                    Command.create(
                        {
                            "applied_on": "0_product_variant",
                            "product_id": product.id,
                            "min_quantity": quantity,
                            "compute_price": "fixed",
                            "fixed_price": price,
                        }
                    )
                    for quantity, price in [(0, 90), (10, 80), (15, 75)]
                ],
            }
        )
        self.term.pricelist_id = pricelist
        for years, price in [(1, 90), (2, 80), (3, 75)]:
            with self.subTest(years=years):
                renewal = self._renew(years=years)
                line = renewal.line_ids.filtered("licences")
                self.assertEqual(line.price_unit, price)
                self.assertEqual(renewal.amount, 5 * years * price)
                self.assertEqual(renewal.currency_id, pricelist.currency_id)
                renewal.action_cancel()

    def test_allow_partial_serves_in_order(self):
        terms = self._create_terms(3)
        others = self._create_terms(1)
        others.close_subscription()
        self._take_back(self.north, self.account.balance - 9)
        requests = {term: get_request(term) for term in terms | others}
        last = self._get_pool(terms[2], self.expenses)
        requests[terms[2]].seats[last] = 4
        with self._refused("is not in progress"):
            self.renewals._schedule(requests)
        renewals, refusals = self.renewals._schedule(requests, allow_partial=True)
        self.assertEqual(renewals.subscription_id, terms[0] | terms[2])
        self.assertEqual(list(refusals), [others, terms[1]])
        self.assertIn("North, licences of Expenses: 4 in stock", refusals[terms[1]])
        self.assertIn("1 missing", refusals[terms[1]])
        self.assertEqual(self.account.balance, 0)

    def test_all_or_none(self):
        terms = self._create_terms(3)
        self._take_back(self.north, self.account.balance - 9)
        moves = self.account.move_ids
        with self._refused("6 missing", LicenceRefusal):
            self._renew(terms)
        self.env.invalidate_all()
        self.assertFalse(terms.renewal_ids)
        self.assertEqual(self.account.move_ids, moves)
        self.assertEqual(self.account.balance, 9)
        self.assertFalse(
            self.env["subscription.log"].search([("event", "=", "renewed")])
        )

    # ------------------------------------------------------------ refusals

    def test_what_cannot_be_renewed(self):
        draft = self._create_subscription(
            self.acme, self.yearly, running=False, date_start="2026-01-01"
        )
        closed, archived = self._create_terms(2)
        closed.close_subscription()
        archived.active = False
        for term, words in [
            (draft, "is not in progress"),
            (closed, "is not in progress"),
            (archived, "is not in progress"),
            (self.subscription, "has no end"),
        ]:
            with self.subTest(words=words), self._refused(words):
                self._renew(term)
            self.assertFalse(term.renewal_ids)

    def test_who_has_renewed_already(self):
        self._renew(user=self.sam)
        for user in (self.sam, self.vera):
            with self._refused(f"was renewed already by {self.sam.name}"):
                self._renew(user=user)
        self.acme.managing_partner_id = self.south
        with self.assertRaises(UserError) as refusal:
            self._renew(user=self.rival)
        self.assertIn("was renewed already", str(refusal.exception))
        self.assertNotIn(self.sam.name, str(refusal.exception))
        self.assertNotIn("North", str(refusal.exception))

    def test_renewals_are_made_and_changed_by_the_program_alone(self):
        renewal = self._renew()
        for user in (self.sam, self.vera):
            own = renewal.with_user(user)
            for change in (
                lambda own=own: own.write({"years": 3}),
                lambda own=own: own.unlink(),
                lambda own=own: own.create({"subscription_id": self.term.id}),
                lambda own=own: own.copy(),
            ):
                with self.assertRaises(UserError):
                    change()

    # ------------------------------------------------------------ cancelling

    def test_cancel(self):
        renewal = self._renew(years=3)
        self.assertEqual(self.account.balance, 1)
        with freeze_time("2026-12-31"):
            renewal.invalidate_recordset()
            renewal.with_user(self.sam).action_cancel()
        self.assertEqual(self.account.balance, 16)
        self.assertEqual(renewal.state, "cancelled")
        self.assertEqual(renewal.cancelled_by_id, self.sam)
        returned = renewal.move_ids.filtered(lambda move: move.kind == "returned")
        self.assertEqual(returned.reversed_id.kind, "renewal")
        with self._refused("can be cancelled"):
            renewal.action_cancel()
        with self._refused("Nothing is scheduled"):
            self.term.action_cancel_renewal()
        with freeze_time("2027-01-01"):
            self._run_job()
            self.assertEqual(str(self.term.date), "2026-12-31")
            self._renew()
        self.assertEqual(self.account.balance, 11)

    def test_what_starts_today_is_not_cancelled(self):
        renewal = self._renew()
        with freeze_time("2027-01-01"):
            self.env.invalidate_all()
            self.assertFalse(renewal.can_cancel)
            with self._refused("can be cancelled"):
                renewal.action_cancel()
            self._run_job()
            with self._refused("can be cancelled"):
                renewal.action_cancel()
        self.assertEqual(self.account.balance, 11)

    def test_who_may_cancel(self):
        renewal = self._renew()
        accountant = self._create_user("ada", "accountant", self.dune)
        for user in (self.rival, accountant):
            with self.assertRaises(AccessError):
                renewal.with_user(user).action_cancel()
        self.assertEqual(renewal.state, "scheduled")

    # ------------------------------------------------------------ another partner

    def test_a_client_that_moved_between_renewal_and_start(self):
        renewal = self._renew(user=self.sam)
        self.acme.managing_partner_id = self.south
        self.env.invalidate_all()
        seen = renewal.with_user(self.rival)
        self.assertEqual(seen.state, "scheduled")
        self.assertFalse(seen.move_ids)
        with self.assertRaises(AccessError):
            renewal.move_ids.with_user(self.rival).read(["quantity"])
        with self.assertRaises(AccessError):
            renewal.with_user(self.sam).read(["state"])
        with freeze_time("2027-01-01"):
            self._run_job()
        self.assertEqual(str(self.term.date), "2027-12-31")
        self.assertEqual(self.account.balance, 11)
        self.assertFalse(self._get_account(self.south))
        self.assertEqual(self.pool.licensed_seats, 5)

    def test_licences_of_a_client_that_moved_go_back_where_they_came_from(self):
        renewal = self._renew(user=self.sam)
        self.acme.managing_partner_id = self.south
        self.env.invalidate_all()
        renewal.with_user(self.rival).action_cancel()
        self.assertEqual(self.account.balance, 16)
        self.assertFalse(self._get_account(self.south).balance)

    def test_a_new_partner_does_not_learn_who_the_old_one_was(self):
        renewal = self._renew(user=self.sam).with_env(self.env)
        self.acme.managing_partner_id = self.south
        self.env.invalidate_all()
        for records in (renewal, renewal.line_ids, self.term):
            shown = str(records.with_user(self.rival).read())
            self.assertIn(str(records.ids[0]), shown)
            self.assertNotIn("North", shown)

    # ------------------------------------------------------------ changes meanwhile

    def test_limits_changed_meanwhile(self):
        # In the correction window: what was lowered gives back its licences.
        for limit, taken in [(8, 2.4), (2, -2.4)]:
            with self.subTest(limit=limit), self.env.cr.savepoint() as savepoint:
                renewal = self._renew()
                self.pool.with_user(self.sam).seat_limit = limit
                self.assertAlmostEqual(self.account.balance, 11 - taken)
                with freeze_time("2027-01-01"):
                    self._run_job()
                    self.assertEqual(renewal.state, "applied")
                    self.assertEqual(self.pool.seat_limit, 5)
                    self.assertEqual(self.pool.licensed_seats, 5)
                    self.assertAlmostEqual(self.account.balance, 11 - taken)
                    self.pool.with_user(self.sam).seat_limit = 6
                self.assertAlmostEqual(self.account.balance, 10 - taken)
                savepoint.rollback()

    def test_a_module_added_meanwhile_gets_no_seats_in_the_new_term(self):
        self._renew()
        self._give(self.north, 4, self.time)
        pool = self.env["subscription.seat.pool"].create(
            {"subscription_id": self.term.id, "module_id": self.time.id}
        )
        pool.seat_limit = 4
        with freeze_time("2027-01-01"):
            self._run_job()
        self.assertEqual((pool.seat_limit, pool.licensed_seats), (0, 0))

    def test_a_module_removed_meanwhile_comes_back(self):
        self._renew()
        self.pool.unlink()
        with freeze_time("2027-01-01"):
            self._run_job()
        pool = self._get_pool(self.term, self.expenses)
        self.assertEqual((pool.seat_limit, pool.licensed_seats), (5, 5))
        self.assertEqual(self.account.balance, 11)

    def test_a_plan_changed_meanwhile(self):
        renewal = self._renew()
        self._give(self.north, 4, self.time)
        self.term.template_id = create_yearly_plan(
            self.env, "Other", {self.base: 20, self.time: 3}
        )
        self.assertEqual(str(self.term.date), "2026-12-31")
        with freeze_time("2027-01-01"):
            self._run_job()
        self.assertEqual(renewal.state, "applied")
        limits = {pool.module_id: pool.seat_limit for pool in self.term.seat_pool_ids}
        self.assertEqual(limits, {self.base: 10, self.expenses: 5, self.time: 0})

    def test_a_plan_without_end_meanwhile(self):
        renewal = self._renew()
        self.term.with_user(self.vera).template_id = create_plan(
            self.env, "Forever", {self.base: 10, self.expenses: 5}
        )
        with freeze_time("2027-01-01"):
            self._run_job()
        self.assertEqual(renewal.state, "applied")
        self.assertEqual(str(self.term.date), "2027-12-31")

    def test_members_added_meanwhile_stay(self):
        """The term starts with fewer seats than are in use: nobody is evicted, nothing
        can be added, and who can act is told."""
        members = self._create_members(self.acme, 4)
        self._grant(self.pool, members[:2])
        self._renew(choice="in_use")
        self._grant(self.pool, members[2])
        notices = self.env.registry["subscription.notice"]
        with freeze_time("2027-01-01"), patch.object(notices, "_note_over") as note:
            self._run_job()
            pools = note.call_args.args[-1]
            self.assertIn(self.pool.id, pools.ids)
            self.assertEqual(self.pool.state, "over")
            self.assertEqual(self._get_seated(self.pool), members[:3])
            with self._refused("too many", SeatRefusal):
                self._grant(self.pool, members[3])
            self.assertEqual(self.term.renewal_state, "running")

    # ------------------------------------------------------------ what stays behind

    def test_what_happened_is_noted(self):
        self._renew(user=self.sam)
        self.term.with_user(self.vera).action_cancel_renewal()
        self._renew(user=self.sam, years=2)
        with freeze_time("2027-01-01"):
            self._run_job()
        entries = self.env["subscription.log"].search(
            [
                ("subscription_id", "=", self.term.id),
                ("event", "in", ["renewed", "renewal_cancelled", "term"]),
            ],
            order="id",
        )
        self.assertEqual(
            [(entry.event, entry.new_value, entry.user_id) for entry in entries],
            [
                ("renewed", "2027-12-31", self.sam),
                ("renewal_cancelled", "2027-12-31", self.vera),
                ("renewed", "2028-12-31", self.sam),
                ("term", "2028-12-31", self.env.ref("base.user_root")),
            ],
        )
        self.assertEqual(set(entries.mapped("old_value")), {"2026-12-31"})

    def test_what_was_renewed_is_not_deleted(self):
        self._renew().action_cancel()
        with self._refused("what was renewed must stay"):
            self.term.with_user(self.vera).unlink()
        with self._refused("plans, subscriptions, renewals or stocks"):
            self.expenses.with_user(self.vera).unlink()

    def test_a_client_that_was_merged(self):
        """Its renewal goes to the one that remains, and starts there."""
        renewal = self._renew()
        target = self._create_client("Acme Group", self.north)
        self._merge(target, self.acme)
        self.assertEqual(renewal.client_id, target)
        with freeze_time("2027-01-01"):
            self._run_job()
        self.assertEqual(renewal.state, "applied")
        self.assertEqual(str(self.term.date), "2027-12-31")

    def test_clients_that_were_merged_keep_a_renewal_each(self):
        other = self._create_terms(1)
        balance = self.account.balance
        renewals = self._renew(self.term | other)
        self._merge(self.acme, other.client_id)
        self.assertEqual(renewals.client_id, self.acme)
        renewals.action_cancel()
        self.assertEqual(self.account.balance, balance)

    def test_licences_go_back_to_the_partner_that_remains_of_a_merge(self):
        renewal = self._renew()
        self._merge(self.south, self.north)
        renewal.action_cancel()
        self.assertEqual(self._get_account(self.south).balance, 16)

    # ------------------------------------------------------------ queries

    def test_many_are_renewed_with_as_many_queries_as_two(self):
        terms = self._create_terms(2 * MANY + 2)
        for number, term in enumerate(terms):
            term.date = f"2027-{1 + number % 12:02}-01"
        requests = {term: get_request(term) for term in terms}
        self._renew()

        def schedule(terms):
            self.renewals._schedule({term: requests[term] for term in terms})

        few, many = (
            self._count_queries(lambda part=part: schedule(part))
            for part in (terms[:2], terms[2 : MANY + 2])
        )
        self.assertLessEqual(many, few)

    def test_many_terms_start_with_as_many_queries_as_two(self):
        terms = self._create_terms(MANY + 3)
        for number, term in enumerate(terms):
            term.date = f"2026-{4 + number % 9:02}-01"
            self._create_members(term.client_id, 1)
        renewals = self._renew(terms)
        with freeze_time("2027-01-10"):
            renewals[:1]._apply()
            few = self._count_queries(renewals[1:3]._apply)
            many = self._count_queries(renewals[3:]._apply)
        self.assertEqual(set(renewals.mapped("state")), {"applied"})
        self.assertLessEqual(many, few)

    def test_a_module_that_only_a_renewal_has_is_not_deleted(self):
        pool = self.env["subscription.seat.pool"].create(
            {"subscription_id": self.term.id, "module_id": self.time.id}
        )
        self._renew()
        pool.unlink()
        with self._refused("Archive it instead"):
            self.time.with_user(self.vera).unlink()

    def test_a_term_that_licences_cover_stays_with_its_client(self):
        term = self._create_subscription(self.acme, self.yearly)
        self.assertFalse(term.seat_pool_ids._get_ever_used())
        with self._refused("licences were taken"):
            term.partner_id = self.bolt
