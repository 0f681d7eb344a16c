from datetime import timedelta

from freezegun import freeze_time

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import Form

from ..client.test_team import TeamCase


class RemovalCase(TeamCase):
    """Ann and Bob have Expenses, which has two seats."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._do_grant(cls.expenses_pool, cls.ann | cls.bob)

    @classmethod
    def _do_grant(cls, pool, members):
        return cls.env["subscription.seat.pool"]._grant({pool: members})

    def _get_last(self):
        self.env.flush_all()
        self.env.invalidate_all()
        return self.env["subscription.removal"].search([], limit=1)

    def _release(self, members, pool=None):
        seats = members._get_seats_in_use()
        seats.filtered(lambda one: one.pool_id == (pool or one.pool_id))._release(
            "access"
        )
        return self._get_last()

    def _archive(self, members):
        members.write({"active": False})
        return self._get_last()

    def _undo(self, removal):
        undoing = removal._undo()
        self.env.flush_all()
        self.env.invalidate_all()
        return undoing

    def _get_modules(self, member):
        return member._get_seats_in_use().module_id


class TestRemoval(RemovalCase):
    def test_one_call_is_one_removal(self):
        for kind, act in {
            "access": lambda: self._release(self.ann | self.bob),
            "member": lambda: self._archive(self.ann | self.bob),
            "inactive": lambda: (self.ann | self.bob)._leave("inactive"),
        }.items():
            with self.subTest(kind), self._undone():
                before = self.env["subscription.removal"].search_count([])
                act()
                removal = self._get_last()
                self.assertEqual(
                    self.env["subscription.removal"].search_count([]), before + 1
                )
                self.assertEqual(removal.kind, kind)
                self.assertEqual(removal.client_id, self.acme)
                self.assertEqual(removal._get_members(), self.ann | self.bob)
                self.assertEqual(len(removal.seat_ids), 4)
                self.assertEqual(removal.user_id, self.env.user)
                self.assertEqual(removal.holder_text, "Ann, Bob")

    def test_what_is_no_removal(self):
        count = self.env["subscription.removal"].search_count([])
        self.ann.role_id = self.role_reports
        self.bob.partner_id.active = False
        self.dan.unlink()
        self.assertEqual(self.env["subscription.removal"].search_count([]), count)

    def test_the_screens_make_removals(self):
        release = Form(
            self.env["subscription.seat.release"].with_context(
                default_client_id=self.acme.id,
                default_pool_ids=self.expenses_pool.ids,
                default_member_ids=self.ann.ids,
            )
        ).save()
        release.action_release()
        self.assertEqual(self._get_last().kind, "access")
        remove = self.env["subscription.member.remove"]
        Form(remove.with_context(default_client_id=self.acme.id)).save().action_remove()
        self.assertEqual(self._get_last().member_ids, self.dan)

    def test_remove_access_is_undone(self):
        removal = self._release(self.ann)
        self.assertFalse(self._get_modules(self.ann))
        undoing = self._undo(removal)
        self.assertEqual(self._get_modules(self.ann), self.base | self.expenses)
        self.assertEqual(len(undoing.seats), 2)
        self.assertFalse(undoing.left)
        self.assertIn("Given back to Ann: 2 seats.", removal.result)

    def test_archived_and_inactive_members_come_back(self):
        for act in (
            lambda: self._archive(self.ann | self.dan),
            lambda: (self.ann | self.dan)._leave("inactive"),
            lambda: (self.ann | self.dan)._leave("unseen"),
        ):
            act()
            undoing = self._undo(self._get_last())
            self.assertEqual(undoing.members, self.ann | self.dan)
            self.assertEqual(self._get_modules(self.ann), self.base | self.expenses)
            self.assertEqual(self._get_modules(self.dan), self.base)
            self.assertEqual(self.ann.team_ids, self.sales)
            self.assertFalse(self.ann.departure)

    def test_what_others_got_meanwhile_is_listed(self):
        removal = self._archive(self.ann | self.bob)
        self._do_grant(self.expenses_pool, self.cleo)
        undoing = self._undo(removal)
        self.assertEqual(undoing.members, self.ann | self.bob)
        self.assertEqual(self._get_modules(self.ann), self.base | self.expenses)
        self.assertEqual(self._get_modules(self.bob), self.base)
        self.assertEqual(undoing.left, ["Bob · Expenses: given to Cleo since"])
        self.assertIn("Not given back:\n- Bob · Expenses", removal.result)

    def test_base_seats_that_are_gone(self):
        """As many members as there are users left, in their order."""
        removal = self._archive(self.ann | self.bob | self.cleo)
        self.base_pool.write({"is_unlimited": False, "seat_limit": 3})
        undoing = self._undo(removal)
        self.assertEqual(undoing.members, self.ann | self.bob)
        self.assertFalse(self.cleo.active)
        self.assertEqual(undoing.left, ["Cleo: no seat of the base module is free"])

    def test_no_base_seat_no_module(self):
        removal = self._release(self.ann | self.bob)
        self.base_pool.write({"is_unlimited": False, "seat_limit": 3})
        undoing = self._undo(removal)
        self.assertEqual(self._get_modules(self.ann), self.base | self.expenses)
        self.assertFalse(self._get_modules(self.bob))
        self.assertEqual(len(undoing.left), 2)

    def test_once_only(self):
        removal = self._release(self.ann)
        self._undo(removal)
        self._release(self.ann, self.expenses_pool)
        with self.assertRaisesRegex(UserError, "undone already"):
            removal._undo()
        self.assertEqual(self._get_modules(self.ann), self.base)

    def test_within_a_day(self):
        removal = self._release(self.ann)
        moment = removal.date
        with freeze_time(moment + timedelta(hours=24, seconds=1)):
            removal.invalidate_recordset(["is_open"])
            self.assertFalse(removal.is_open)
            self.assertFalse(removal.search([("is_open", "=", True)]))
            with self.assertRaisesRegex(UserError, "24 hours"):
                removal._undo()
        with freeze_time(moment + timedelta(hours=24)):
            removal.invalidate_recordset(["is_open"])
            self.assertTrue(removal.is_open)
            self._undo(removal)

    def test_old_ones_are_deleted(self):
        removal = self._release(self.ann)
        with freeze_time(removal.date + timedelta(days=6)):
            removal._gc_old()
            self.assertTrue(removal.exists())
        with freeze_time(removal.date + timedelta(days=8)):
            removal._gc_old()
            self.assertFalse(removal.exists())
        self.assertTrue(self.ann.seat_ids)

    def test_what_was_changed_since_stays(self):
        archive = self._archive(self.ann | self.bob | self.cleo | self.dan)
        self.ann.active = True
        self.bob.partner_id.unlink()
        self.cleo.unlink()
        self.dan.partner_id.active = False
        undoing = self._undo(archive)
        self.assertFalse(undoing.members)
        self.assertEqual(self._get_modules(self.ann), self.base | self.expenses)
        lines = "\n".join(undoing.left)
        self.assertIn("Bob: the contact was deleted", lines)
        self.assertIn("Dan: the contact was archived", lines)
        self.assertIn("Cleo · ", lines)
        self.assertIn("the member was deleted", lines)

    def test_archived_again_since(self):
        first = self._archive(self.ann)
        self.ann.active = True
        second = self._archive(self.ann)
        self.assertIn("another reason", "".join(self._undo(first).left))
        self.assertFalse(self.ann.active)
        self._undo(second)
        self.assertTrue(self.ann.active)

    def test_another_role_since(self):
        removal = self._release(self.ann, self.expenses_pool)
        self.ann.role_id = self.role_reports
        self.expenses_pool.seat_limit = 1
        self._undo(removal)
        self.assertEqual(self._get_modules(self.ann), self.base | self.expenses)
        self.assertEqual(self.expenses_pool.used, 1)

    def test_seats_of_teams_are_given_by_teams(self):
        self._release(self.ann | self.bob, self.expenses_pool)
        self.sales.module_ids = self.expenses
        removal = self._archive(self.ann | self.bob)
        self._undo(removal)
        seats = (self.ann | self.bob)._get_seats_in_use()
        self.assertEqual(len(seats.filtered("is_from_team")), 2)
        removal = self._release(self.ann | self.bob, self.expenses_pool)
        self.sales.member_ids -= self.bob
        undoing = self._undo(removal)
        self.assertEqual(self._get_modules(self.ann), self.base | self.expenses)
        self.assertEqual(undoing.left, ["Bob · Expenses: no team gives it any more"])

    def test_it_is_in_the_audit_trail(self):
        self._undo(self._release(self.ann))
        entry = self.env["subscription.audit"].search(
            [("event", "=", "removal_undone")]
        )
        self.assertEqual(entry.details, "Access removed → Ann")
        french = entry.with_context(lang="fr_FR")
        self.assertEqual(french.details, "Accès retiré → Ann")
        self.assertEqual(french.display_name, "Retrait annulé")

    def test_it_is_named_in_words(self):
        removal = self._release(self.ann)
        self.assertEqual(removal.display_name, "Access removed")

    def test_staff_of_the_client_undoes_it_and_nobody_else(self):
        staff = self._create_user("tim", "standard", self.north)
        rival = self._create_user("ron", "standard", self.south)
        reader = self._create_user("acc", "accountant", self.vendor)
        self._make_accountant(reader, self.acme)
        removal = self._release(self.ann)
        for user in (rival, reader):
            with self.assertRaises(AccessError):
                removal.with_user(user).action_undo()
        acme = self.acme.with_user(staff)
        self.assertEqual(acme.open_removal_count, 1)
        action = removal.with_user(staff).action_undo()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(removal.undone_by_id, staff)
        self.assertEqual(self._get_modules(self.ann), self.base | self.expenses)
        acme.invalidate_recordset()
        self.assertFalse(acme.open_removal_count)

    def test_nobody_forges_one(self):
        removal = self._release(self.ann)
        for attempt in (
            lambda: removal.write({"undone_at": False}),
            lambda: removal.unlink(),
            lambda: removal.create(
                {
                    "client_id": self.acme.id,
                    "kind": "access",
                    "date": fields.Datetime.now(),
                }
            ),
        ):
            with self.assertRaises(UserError):
                attempt()

    def test_many_take_as_many_queries_as_one(self):
        """As long as all fit: else members are tried half by half."""
        self.expenses_pool.is_unlimited = True
        many = self._create_members(self.acme, 42)
        self._do_grant(self.expenses_pool, many)

        def count(members):
            removal = self._archive(members)
            return self._count_queries(removal._undo)

        count(many[:1])
        one = count(many[1:2])
        self.assertLessEqual(count(many[2:]), one + 3)
