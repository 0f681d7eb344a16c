from odoo.exceptions import AccessError

from ..common.term import TermCase


class TestChanges(TermCase):
    """What differs from what is stored, in whatever form a call gives it."""

    def _get_changed(self, record, name, value):
        return bool(record._get_changed({name: value}, {name}))

    def test_every_form_of_a_value(self):
        plan, role = self.term.template_id, self.role_standard
        contact = self._create_contact("Carl", self.acme)
        for record, name, same, other in (
            (
                self.pool,
                "seat_limit",
                (5, "5", 5.0),
                (6, "6", 0, False, None, "x", [5]),
            ),
            (self.pool, "is_unlimited", (False, None, 0), (True, 1, "no")),
            (self.term, "date", ("2026-12-31", self.term.date), ("2027-01-01", False)),
            (self.term, "date", (), ("31.12.2026", 5, [1])),
            (
                self.term,
                "template_id",
                (plan.id, plan, (plan.id, "x")),
                (False, plan.id + 1),
            ),
            # The ORM takes texts for nothing, and the database for a number.
            (self.term, "template_id", (), (str(plan.id), [plan.id], {"id": plan.id})),
            (contact, "street", (False, None, ""), ("x", 5)),
            (contact, "state_id", (False, None, 0), (1, "1", "x", (1, "x"))),
            (contact, "name", ("Carl",), ("carl", "Carl ", False)),
            (role, "takes_seat", (True, 1), (False, None)),
            # Nobody can tell what these would change.
            (self.term, "seat_pool_ids", (), ([], False, [(5, 0, 0)])),
            (self.term, "client_name", (), ("x",)),
        ):
            for value in same:
                with self.subTest(field=name, same=value):
                    self.assertFalse(self._get_changed(record, name, value))
            for value in other:
                with self.subTest(field=name, other=value):
                    self.assertTrue(self._get_changed(record, name, value))

    def test_only_those_in_which_it_differs(self):
        pools = self.term.seat_pool_ids
        self.assertEqual(
            pools._get_changed({"seat_limit": 5}, {"seat_limit"}), self.users
        )
        self.assertFalse(pools._get_changed({"seat_limit": 5}, {"is_unlimited"}))
        self.assertFalse(pools._get_changed({}, {"seat_limit"}))

    def test_fields_that_the_user_may_not_write_count_as_changed(self):
        """Nobody finds out a hidden value by writing guesses."""
        template = self.yearly.with_user(self.sam)
        self.assertTrue(
            template._get_changed({"subscription_ids": []}, {"subscription_ids"})
        )

    def test_writing_nothing_takes_the_right_to_write(self):
        for user, record in ((self.sam, self.base), (self.rival, self.term)):
            with self.subTest(record=record), self.assertRaises(AccessError):
                record.with_user(user).write({"active": True})

    def test_nothing_is_written_where_nothing_differs(self):
        vals = {"seat_limit": self.pool.seat_limit, "is_unlimited": False}
        self.env.flush_all()
        with self.assertQueryCount(0):
            self.pool.write(vals)
            self.env.flush_all()
