from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged

from ...exceptions import SeatRefusal
from ..common.committed import CommittedCase
from ..common.subscription import ADDON, create_company

MODEL = f"odoo.addons.{ADDON}.models.seat.subscription_seat_pool_number"
RANDRANGE = f"{MODEL}.random.randrange"


@tagged("post_install", "-at_install")
class TestConcurrency(CommittedCase):
    """What happens at once never breaks the limit, nor leaves a seat behind."""

    def _build(self, limit, **options):
        super()._build(limit, **options)
        self.addCleanup(self._check_invariants, self.subscription_id)

    def _write(self, model, record_id, vals):
        return lambda env: env[model].browse(record_id).write(vals)

    def _set_limit(self, limit):
        vals = {"seat_limit": limit, "is_unlimited": False}
        return self._write("subscription.seat.pool", self.pool_id, vals)

    def _release(self, member_id, pool_id=None):
        def release(env):
            pool = env["subscription.seat.pool"].browse(pool_id or self.pool_id)
            seats = pool.seat_ids.filtered(lambda seat: seat.member_id.id == member_id)
            return seats._release("access").ids

        return release

    def _get_numbers(self):
        """Return the numbers in use in Expenses, in order."""
        return self._do(
            lambda env: sorted(
                self._get_pool(env).seat_ids.filtered("takes_seat").mapped("number")
            )
        )

    def _get_holder_ids(self):
        return self._do(lambda env: self._get_pool(env).seat_ids.member_id.ids)

    def _get_pool(self, env):
        return env["subscription.seat.pool"].browse(self.pool_id)

    def _check_invariants(self, subscription_id):
        """Check that no seat was sold twice, left behind or lost."""
        with self._committed() as env:
            subscription = env["sale.subscription"].browse(subscription_id)
            base = subscription.seat_pool_ids.filtered("is_base")
            for pool in subscription.seat_pool_ids:
                counted = pool.seat_ids.filtered("takes_seat")
                numbers = counted.mapped("number")
                self.assertEqual(len(set(numbers)), pool.used)
                if not pool.is_unlimited and pool.used <= pool.seat_limit:
                    self.assertLessEqual(max(numbers, default=0), pool.seat_limit)
                if base:
                    users = base.seat_ids.member_id
                    self.assertLessEqual(pool.seat_ids.member_id, users)
                for seat in pool.seat_ids:
                    self.assertEqual(seat.takes_seat, seat.member_id.takes_seat)
            members = subscription.client_id.subscription_member_ids
            self.assertLessEqual(subscription.seat_pool_ids.seat_ids.member_id, members)

    # -------------------------------------------------------------- grant and grant

    def test_the_last_seat_goes_to_exactly_one(self):
        self._build(3)
        member_ids = self._create_members(8, seated=2)
        results = self._run_together(
            *(self._grant([member_id]) for member_id in member_ids[2:])
        )
        winners = [result for result in results if not isinstance(result, Exception)]
        losers = [result for result in results if isinstance(result, Exception)]
        self.assertEqual(len(winners), 1)
        self.assertEqual({type(error) for error in losers}, {SeatRefusal})
        for error in losers:
            self.assertIn("3 of 3 seats of Expenses are in use", str(error))
        self.assertEqual(self._get_numbers(), [1, 2, 3])

    def test_everybody_gets_a_seat_where_there_is_room_for_all(self):
        self._build(8)
        member_ids = self._create_members(8)
        results = self._run_together(
            *(self._grant([member_id]) for member_id in member_ids)
        )
        self.assertFalse([error for error in results if isinstance(error, Exception)])
        self.assertEqual(self._get_numbers(), list(range(1, 9)))

    def test_batches_that_cross_each_other_all_get_their_seats(self):
        self._build(12)
        member_ids = self._create_members(12)
        batches = [member_ids[0:4], member_ids[4:8], member_ids[11:7:-1]]
        with patch(RANDRANGE, side_effect=lambda size: 0):
            results = self._run_together(*map(self._grant, batches))
        self.assertFalse([error for error in results if isinstance(error, Exception)])
        self.assertEqual(self._get_numbers(), list(range(1, 13)))

    def test_a_batch_that_no_longer_fits_is_refused_as_a_whole(self):
        self._build(4)
        member_ids = self._create_members(6)
        first, second = self._run_around(
            self._grant(member_ids[:3]), self._grant(member_ids[3:])
        )
        self.assertEqual(len(first), 3)
        self.assertIsInstance(second, SeatRefusal)
        self.assertEqual(len(self._get_numbers()), 3)

    def test_the_same_chair_is_sought_once(self):
        self._build(5)
        member_ids = self._create_members(2)
        with patch(RANDRANGE, side_effect=lambda size: 0):
            _first, second = self._run_around(
                self._grant(member_ids[:1]), self._grant(member_ids[1:])
            )
        self.assertNotIsInstance(second, Exception)
        self.assertEqual(self._get_numbers(), [1, 2])

    def test_a_member_granted_twice_at_once_has_one_seat(self):
        self._build(3)
        member_ids = self._create_members(1)
        results = self._run_together(*[self._grant(member_ids)] * 4)
        self.assertEqual(sorted(map(len, results)), [0, 0, 0, 1])
        self.assertEqual(len(self._get_numbers()), 1)

    def test_a_grant_that_is_rolled_back_leaves_its_chair_free(self):
        self._build(1)
        member_ids = self._create_members(2)
        _first, second = self._run_around(
            self._grant(member_ids[:1]), self._grant(member_ids[1:]), rollback=True
        )
        self.assertEqual(len(second), 1)
        self.assertEqual(self._get_holder_ids(), member_ids[1:])
        self.assertEqual(self._get_numbers(), [1])

    def test_a_pool_without_limit_takes_everybody_at_once(self):
        self._build(None)
        member_ids = self._create_members(8)
        results = self._run_together(
            *(self._grant([member_id]) for member_id in member_ids)
        )
        self.assertFalse([error for error in results if isinstance(error, Exception)])
        self.assertEqual(len(self._get_numbers()), 8)

    def test_members_are_added_up_to_the_users_of_the_plan(self):
        self._build(1, users=3)
        results = self._run_together(*[self._add_member()] * 6)
        losers = [result for result in results if isinstance(result, Exception)]
        self.assertEqual({type(error) for error in losers}, {SeatRefusal})
        self.assertEqual(len(losers), 3)

    def _add_member(self):
        vals = {"client_id": self.client_id, "name": "Late"}
        return lambda env: env["subscription.member"].create(vals).ids

    # -------------------------------------------------------------- grant and limit

    def test_a_grant_before_a_lower_limit_stops_it(self):
        self._build(3)
        member_ids = self._create_members(3, seated=2)
        given, lowered = self._run_around(
            self._grant(member_ids[2:]), self._set_limit(2)
        )
        self.assertEqual(len(given), 1)
        self.assertIsInstance(lowered, UserError)
        self.assertIn("3 seats are in use", str(lowered))
        self.assertEqual(self._get_numbers(), [1, 2, 3])

    def test_a_lower_limit_before_a_grant_stops_it(self):
        self._build(3)
        member_ids = self._create_members(3, seated=2)
        _lowered, given = self._run_around(
            self._set_limit(2), self._grant(member_ids[2:])
        )
        self.assertIsInstance(given, SeatRefusal)
        self.assertIn("2 of 2 seats", str(given))
        self.assertEqual(self._get_numbers(), [1, 2])

    def test_grants_and_lower_limits_at_once_keep_within_the_limit(self):
        self._build(6)
        member_ids = self._create_members(6, seated=2)
        results = self._run_together(
            *(self._grant([member_id]) for member_id in member_ids[2:]),
            self._set_limit(4),
            self._set_limit(3),
        )
        refused = [result for result in results if isinstance(result, Exception)]
        self.assertLess(len(refused), len(results))
        for error in refused:
            self.assertIsInstance(error, UserError, repr(error))
        limit = self._do(lambda env: self._get_pool(env).seat_limit)
        self.assertLessEqual(len(self._get_numbers()), limit)

    def test_a_raised_limit_is_seen_by_a_grant_that_waited_for_it(self):
        self._build(2)
        member_ids = self._create_members(3, seated=2)
        _raised, given = self._run_around(
            self._set_limit(3), self._grant(member_ids[2:])
        )
        self.assertEqual(len(given), 1)
        self.assertEqual(self._get_numbers(), [1, 2, 3])

    # -------------------------------------------------- grant and what takes it away

    def _run_both_ways(self, get_jobs, check):
        """Do two jobs at once, in both orders, each time for a new client.

        :param get_jobs: builds what it needs and returns the jobs
        :param check: checks what the job that came second returned or raised
        """
        for step, order in ((1, "as given"), (-1, "reversed")):
            with self.subTest(order=order):
                _first, second = self._run_around(*get_jobs()[::step])
                check(second)
                self._check_invariants(self.subscription_id)

    def test_no_seat_is_left_behind(self):
        """A member who leaves or changes while given a seat does not keep it."""
        reports_id = self._do(lambda env: env.ref(f"{ADDON}.role_reports").id)
        for vals in ({"active": False}, {"role_id": reports_id}):
            # pylint: disable-next=dangerous-default-value
            def get_jobs(vals=vals):
                self._build(3)
                (member_id,) = self._create_members(1)
                change = self._write("subscription.member", member_id, vals)
                return [self._grant([member_id]), change]

            self._run_both_ways(
                get_jobs, lambda second: self.assertFalse(self._get_numbers())
            )

    def test_no_seat_outlives_the_base_seat(self):
        def get_jobs():
            self._build(3)
            (member_id,) = self._create_members(1)
            release = self._release(member_id, self.base_pool_id)
            return [self._grant([member_id]), release]

        self._run_both_ways(
            get_jobs, lambda second: self.assertNotIsInstance(second, Exception)
        )

    def test_a_role_that_starts_to_take_seats_counts_everybody(self):
        role_model = "subscription.member.role"
        vals = {"name": "Guest", "code": "guest"}
        role_id = self._do(lambda env: env[role_model].create(vals).id)

        def get_jobs():
            self._do(self._write(role_model, role_id, {"takes_seat": False}))
            self._build(3)
            member_ids = self._create_members(1, role_id=role_id)
            change = self._write(role_model, role_id, {"takes_seat": True})
            return [self._grant(member_ids), change]

        self._run_both_ways(
            get_jobs, lambda second: self.assertEqual(len(self._get_numbers()), 1)
        )

    def test_who_is_added_while_the_subscription_starts_takes_a_seat_too(self):
        def get_jobs():
            self._build(1, users=1, running=False)
            self._create_members(1)
            return [self._start(), self._add_member()]

        self._run_both_ways(
            get_jobs, lambda second: self.assertIsInstance(second, SeatRefusal)
        )

    def _start(self):
        return lambda env: (
            env["sale.subscription"]
            .browse(self.subscription_id)
            .action_start_subscription()
        )

    def test_a_subscription_does_not_change_client_under_a_grant(self):
        def get_jobs():
            self._build(3, running=False)
            member_ids = self._create_members(1)
            base_pool = "subscription.seat.pool", self.base_pool_id
            self._do(lambda env: env[base_pool[0]].browse(base_pool[1]).unlink())
            self._do(self._start())
            other_id = self._do(lambda env: create_company(env, "Other").id)
            vals = {"partner_id": other_id}
            move = self._write("sale.subscription", self.subscription_id, vals)
            return [self._grant(member_ids), move]

        self._run_both_ways(
            get_jobs, lambda second: self.assertIsInstance(second, UserError)
        )

    # ---------------------------------------------------------- release and release

    def test_seats_of_an_over_full_pool_are_freed_at_once(self):
        self._build(8)
        member_ids = self._create_members(8, seated=8)
        pool_model = "subscription.seat.pool"
        self._do(
            lambda env: env[pool_model]._apply_term_limits({self._get_pool(env): 4})
        )
        results = self._run_together(*map(self._release, member_ids[:5]))
        self.assertFalse([error for error in results if isinstance(error, Exception)])
        self.assertEqual(len(self._get_numbers()), 3)

    def test_a_seat_freed_twice_at_once_is_freed_once(self):
        self._build(3)
        member_ids = self._create_members(1, seated=1)
        first, second = self._run_around(*[self._release(member_ids[0])] * 2)
        self.assertEqual((len(first), len(second)), (1, 0))

    def test_seats_are_given_while_others_are_freed(self):
        self._build(3)
        member_ids = self._create_members(6, seated=3)
        results = self._run_together(
            *map(self._release, member_ids[:3]),
            *(self._grant([member_id]) for member_id in member_ids[3:]),
        )
        refused = [error for error in results if isinstance(error, Exception)]
        self.assertLessEqual({type(error) for error in refused}, {SeatRefusal})
        self.assertEqual(len(self._get_numbers()), 3 - len(refused))
