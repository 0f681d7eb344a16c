from unittest.mock import patch

from ..common.subscription import SubscriptionCase


class TestSeatInsert(SubscriptionCase):
    """Seats are inserted by one statement, and the ORM knows of them as if it had
    created them."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ann, cls.bob = cls._create_members(cls.acme, 2)
        cls.pool = cls.expenses_pool

    def test_what_is_cached_is_forgotten(self):
        staff = self._create_user("sam", "standard", self.north)
        for user in (self.env.user, staff):
            with self.subTest(user=user.name):
                pool = self.pool.with_user(user)
                ann = self.ann.with_user(user)
                self.assertFalse(pool.seat_ids)
                self.assertNotIn(pool, ann.pool_ids)
                self.assertEqual((pool.used, pool.available), (0, 2))
                history = ann.seat_ids
                seat = pool._grant({pool: ann})
                self.assertEqual(pool.seat_ids, seat)
                self.assertIn(pool, ann.pool_ids)
                self.assertEqual(ann.seat_ids, seat | history)
                self.assertEqual((pool.used, pool.available), (1, 1))
                seat._release("access")

    def test_a_role_without_seat_gives_no_number(self):
        reader = self._create_members(self.acme, 1, role=self.role_reports)
        seats = self._grant(self.pool, self.ann | reader)
        counted = seats.filtered("takes_seat")
        self.assertEqual(counted.member_id, self.ann)
        self.assertTrue(counted.number)
        self.assertFalse((seats - counted).number)

    def test_who_and_when_are_noted(self):
        staff = self._create_user("sam", "standard", self.north)
        pool = self.pool.with_user(staff)
        seat = pool._grant({pool: self.ann.with_user(staff)}).sudo()
        for name in ("create_uid", "write_uid", "granted_by_id"):
            self.assertEqual(seat[name], staff, name)
        for name in ("create_date", "write_date"):
            self.assertEqual(seat[name], self.env.cr.now(), name)

    def test_defaults_of_other_addons_are_stored(self):
        """As of a field that an extension adds to the seats."""
        added = type(self.env["subscription.seat"])._fields["release_reason"]
        with patch.object(added, "default", lambda _model: "access"):
            seat = self._grant(self.pool, self.ann)
        seat.invalidate_recordset()
        self.assertEqual(seat.release_reason, "access")

    def test_a_member_asked_for_twice_takes_one_base_seat(self):
        self.ann._get_seats_in_use()._release("access")
        other = self.env["subscription.seat.pool"].create(
            {
                "subscription_id": self.subscription.id,
                "module_id": self.time.id,
                "seat_limit": 2,
            }
        )
        seats = self.pool._grant({self.pool: self.ann, other: self.ann | self.bob})
        self.assertEqual(
            sorted((seat.pool_id.id, seat.member_id.id) for seat in seats),
            sorted(
                [
                    (self.base_pool.id, self.ann.id),
                    (self.pool.id, self.ann.id),
                    (other.id, self.ann.id),
                    (other.id, self.bob.id),
                ]
            ),
        )
