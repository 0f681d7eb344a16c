"""Who is noted as having left, and who loses one access: what is asked, and what is
done."""

from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from ..common.subscription import SubscriptionCase


@tagged("post_install", "-at_install")
class TestLeft(SubscriptionCase):
    """Ann and Bob have Expenses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.alma = cls._create_user("alma", "accountant", cls.dune)
        cls._make_accountant(cls.alma, cls.acme)
        cls.ann, cls.bob = map(cls._create_member, ("Ann", "Bob"))
        cls.expenses_pool._grant({cls.expenses_pool: cls.ann | cls.bob})

    def _get_seat(self, member, pool=None):
        pool = pool or self.expenses_pool
        seats = pool.seat_ids.filtered(lambda seat: seat.member_id == member)
        return seats.with_user(self.nora)

    # ------------------------------------------------------------------ leaving

    def test_the_question_names_who_leaves_and_what_is_freed(self):
        members = (self.ann | self.bob).with_user(self.nora)
        params = members.action_ask_left()["params"]
        self.assertIn("Ann, Bob", params["title"])
        self.assertIn("Acme", params["title"])
        self.assertIn("2 of Users", params["body"])
        self.assertIn("2 of Expenses", params["body"])
        self.assertTrue(self.ann.active)
        getattr(members, params["method"])()
        self.assertFalse((self.ann | self.bob).filtered("active"))
        self.assertFalse(self.expenses_pool.seat_ids)
        self.assertEqual(self.ann.login_state, "archived")

    def test_only_who_is_there_can_leave(self):
        self.ann.action_archive()
        both = (self.ann | self.bob).with_user(self.nora)
        params = both.action_ask_left()["params"]
        self.assertNotIn("Ann", params["title"])
        self.assertEqual(params["ids"], self.bob.ids)
        with self.assertRaisesRegex(UserError, "Ann: left already"):
            self.ann.with_user(self.nora).action_ask_left()

    # ------------------------------------------------------------------ one access

    def test_one_access_is_removed_at_once_and_given_back(self):
        action = self._get_seat(self.ann).action_remove_access()
        self.assertEqual(self.expenses_pool.seat_ids.member_id, self.bob)
        self.assertIn(self.base, self.ann.module_ids)
        params = action["params"]
        self.assertIn("Ann", params["message"])
        self.assertEqual(params["next"]["res_id"], self.expenses_pool.id)
        removals = self.env["subscription.removal"].with_user(self.nora)
        removals.browse(params["removal_ids"]).action_undo()
        self.assertIn(self.expenses, self.ann.module_ids)

    def test_a_base_seat_is_asked_about(self):
        seat = self._get_seat(self.ann, self.base_pool)
        params = seat.action_remove_access()["params"]
        self.assertIn("Ann", params["title"])
        self.assertIn("Expenses", params["body"])
        self.assertTrue(self.ann.module_ids)
        getattr(seat, params["method"])()
        self.assertFalse(self.ann.module_ids)
        self.assertTrue(self.ann.active)

    def test_what_is_removed_already_is_left_alone(self):
        seat = self._get_seat(self.ann)
        seat.action_remove_now()
        released = seat.released_at
        action = seat.action_remove_now()
        self.assertEqual(action["res_id"], self.expenses_pool.id)
        self.assertEqual(seat.released_at, released)

    def test_who_may_only_read_removes_nothing(self):
        seat = self._get_seat(self.ann).with_user(self.alma)
        for method in ("action_remove_access", "action_remove_now"):
            with self.subTest(method=method), self.assertRaises(AccessError):
                getattr(seat, method)()
        self.assertEqual(self.expenses_pool.seat_ids.member_id, self.ann | self.bob)
