from psycopg2.errors import CheckViolation, UniqueViolation

from odoo.exceptions import UserError, ValidationError
from odoo.tests import freeze_time
from odoo.tools import mute_logger

from ...exceptions import SeatRefusal
from ..common.subscription import SubscriptionCase


class TestMember(SubscriptionCase):
    def _create_portal_user(self, member, login="ann"):
        return self._create_user(
            login,
            "base.group_portal",
            member.client_id,
            partner_id=member.partner_id.id,
            name=member.name,
        )

    # ------------------------------------------------------------------ life

    def test_a_member_is_invited_until_the_first_log_in(self):
        member = self._create_member("Ann")
        self.assertEqual(member.state, "invited")
        user = self._create_portal_user(member)
        self.assertEqual(member.state, "invited")
        with freeze_time("2026-02-03 04:05:06"):
            user.with_user(user)._update_last_login()
        self.assertEqual(member.state, "active")
        self.assertEqual(str(member.joined_at), "2026-02-03 04:05:06")
        with freeze_time("2026-03-03 04:05:06"):
            user.with_user(user)._update_last_login()
        self.assertEqual(str(member.joined_at), "2026-02-03 04:05:06")
        member.active = False
        self.assertEqual(member.state, "archived")
        member.active = True
        self.assertEqual(member.state, "active")

    def test_a_pending_invitation_holds_its_seat(self):
        self._create_members(self.acme, 3)
        self.assertEqual(self.base_pool.used, 3)
        with self.assertRaises(SeatRefusal):
            self._create_member("Dora")

    def test_who_logs_in_already_has_joined(self):
        user = self._create_user("ann", "base.group_portal", self.acme)
        with freeze_time("2026-02-03 04:05:06"):
            user.with_user(user)._update_last_login()
        member = self._create_member("Ann", partner_id=user.partner_id.id)
        self.assertEqual(member.state, "active")

    def test_a_member_given_by_name_gets_a_contact(self):
        member = self._create_member("Ann", email="ann@acme.test")
        self.assertRecordValues(
            member.partner_id,
            [
                {
                    "name": "Ann",
                    "email": "ann@acme.test",
                    "parent_id": self.acme.id,
                    "is_company": False,
                }
            ],
        )
        with self.assertRaises(UserError):
            self.env["subscription.member"].create({"client_id": self.acme.id})

    def test_a_member_given_by_contact_is_called_like_it(self):
        contact = self._create_contact("Ann", self.acme, email="ann@acme.test")
        member = self.env["subscription.member"].create(
            {"client_id": self.acme.id, "partner_id": contact.id}
        )
        self.assertEqual((member.name, member.email), ("Ann", "ann@acme.test"))
        contact.write({"name": "Anna", "email": "anna@acme.test"})
        self.assertEqual((member.name, member.email), ("Anna", "anna@acme.test"))

    def test_a_member_created_by_name_in_a_list_is_of_its_client(self):
        member_model = self.env["subscription.member"].with_context(
            default_client_id=self.acme.id
        )
        member_id, _name = member_model.name_create("Ann")
        member = self.env["subscription.member"].browse(member_id)
        self.assertEqual(member.client_id, self.acme)
        self.assertEqual(member.partner_id.parent_id, self.acme)
        self.assertEqual(self._get_seated(self.base_pool), member)

    def test_a_contact_given_by_the_screen_is_not_created_again(self):
        contact = self._create_contact("Ann", self.acme)
        member_model = self.env["subscription.member"].with_context(
            default_client_id=self.acme.id, default_partner_id=contact.id
        )
        member = member_model.create({"name": "Ann"})
        self.assertEqual(member.partner_id, contact)
        self.assertEqual(len(self.acme.child_ids), 1)

    def test_a_person_is_one_member_of_a_client(self):
        member = self._create_member("Ann")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._create_member("Ann", partner_id=member.partner_id.id)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            member.active = False
            self._create_member("Ann", partner_id=member.partner_id.id)

    def test_a_person_serves_several_clients(self):
        accountant = self.env["res.partner"].create({"name": "Accountant"})
        members = [
            self._create_member(
                "Accountant",
                client,
                self.role_accountant,
                partner_id=accountant.id,
            )
            for client in (self.acme, self.bolt)
        ]
        self.assertEqual(accountant.membership_ids, members[0] | members[1])
        self.assertEqual(self.base_pool.used, 0)

    def test_who_held_a_seat_does_not_become_somebody_else(self):
        member = self._create_member("Ann")
        contact = self._create_contact("Bob", self.acme)
        for vals in ({"partner_id": contact.id}, {"client_id": self.bolt.id}):
            with self.subTest(vals=vals):
                with self.assertRaises(UserError) as caught:
                    member.write(vals)
                self.assertIn("Ann", str(caught.exception))
        member._release_seats("access")
        with self.assertRaises(UserError):
            member.partner_id = contact

    def test_an_active_member_has_a_contact(self):
        member = self._create_member("Ann", self.dune)
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            member.partner_id = False
            self.env.flush_all()

    # ------------------------------------------------------------------ leaving

    def test_seats_are_free_as_soon_as_somebody_leaves(self):
        """Contact, user and member: archived, deactivated or deleted."""
        for name, leave in {
            "member archived": lambda member, user: member.action_archive(),
            "member deleted": lambda member, user: member.unlink(),
            "user deactivated": lambda member, user: user.action_archive(),
            "user deleted": lambda member, user: user.unlink(),
            "contact archived": lambda member, user: (
                user.action_archive(),
                member.partner_id.action_archive(),
            ),
            "contact deleted": lambda member, user: (
                user.unlink(),
                member.partner_id.unlink(),
            ),
            "wizard": lambda member, user: (
                self.env["subscription.member.remove"]
                .create({"client_id": self.acme.id, "member_ids": member.ids})
                .action_remove()
            ),
        }.items():
            with self.subTest(name), self.cr.savepoint() as savepoint:
                member = self._create_member("Ann")
                user = self._create_portal_user(member)
                self._grant(self.expenses_pool, member)
                leave(member, user)
                self.env.flush_all()
                self.assertEqual(self.expenses_pool.used, 0)
                self.assertEqual(self.base_pool.used, 0)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_a_deleted_contact_leaves_an_archived_member_of_its_name(self):
        member = self._create_member("Ann", email="ann@acme.test")
        member.partner_id.unlink()
        self.env.invalidate_all()
        self.assertRecordValues(
            member,
            [
                {
                    "name": "Ann",
                    "email": "ann@acme.test",
                    "state": "archived",
                    "departure": "contact",
                    "partner_id": False,
                }
            ],
        )
        with mute_logger("odoo.sql_db"), self.assertRaises(CheckViolation):
            member.active = True
            self.env.flush_all()

    def test_a_user_of_two_stays_while_one_remains(self):
        member = self._create_member("Ann")
        first = self._create_portal_user(member)
        second = self._create_portal_user(member, "ann2")
        first.active = False
        self.assertTrue(member.active)
        second.active = False
        self.assertFalse(member.active)

    def test_who_comes_back_comes_back_the_way_he_left(self):
        """Whoever was archived by hand is not restored with contact or user."""
        member = self._create_member("Ann")
        user = self._create_portal_user(member)
        for leave_by, return_by, is_back in [
            ("user", "user", True),
            ("member", "user", False),
            ("member", "member", True),
            ("user", "member", True),
        ]:
            with self.subTest(leave_by=leave_by, return_by=return_by):
                records = {"user": user, "member": member}
                records[leave_by].active = False
                self.assertEqual(member.departure, leave_by)
                if return_by == "user":
                    user.active = False
                records[return_by].active = True
                self.assertEqual(member.active, is_back)
                self.assertEqual(self.base_pool.used, int(is_back))
                member.active = user.active = True

    def test_a_contact_brings_its_member_back(self):
        member = self._create_member("Ann")
        member.partner_id.action_archive()
        self.assertEqual(member.state, "archived")
        member.partner_id.action_unarchive()
        self.assertEqual(member.state, "invited")
        self.assertEqual(self._get_seated(self.base_pool), member)
        self.assertFalse(member.departure)

    # ------------------------------------------------------------------ roles

    def test_a_role_that_takes_no_seat_frees_it(self):
        member = self._create_member("Ann")
        self._grant(self.expenses_pool, member)
        for role, used in [
            (self.role_reports, 0),
            (self.role_standard, 1),
            (self.role_accountant, 0),
            (self.role_administrator, 1),
        ]:
            with self.subTest(role=role.name):
                member.role_id = role
                self.assertEqual(self.base_pool.used, used)
                self.assertEqual(self.expenses_pool.used, used)
                self.assertEqual(member.pool_ids, self.base_pool | self.expenses_pool)

    def test_a_role_that_starts_or_stops_taking_seats(self):
        members = self._create_members(self.acme, 3, self.role_time)
        self._grant(self.expenses_pool, members[:2])
        self.role_time.takes_seat = True
        self.assertEqual((self.base_pool.used, self.expenses_pool.used), (3, 2))
        self.role_time.takes_seat = False
        self.assertEqual((self.base_pool.used, self.expenses_pool.used), (0, 0))
        self.assertEqual(self.base_pool.seat_ids.member_id, members)

    def test_the_default_role_takes_a_seat(self):
        member = self._create_member("Ann")
        self.assertEqual(member.role_id, self.role_standard)
        self.assertTrue(member.takes_seat)

    def test_roles_of_the_vendor(self):
        counted = {
            "administrator": True,
            "standard": True,
            "reports": False,
            "time": False,
            "accountant": False,
        }
        roles = self.env["subscription.member.role"].search([])
        self.assertEqual({role.code: role.takes_seat for role in roles}, counted)
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            roles.create({"name": "Twin", "code": "standard"})

    # ------------------------------------------------------------------ modules

    def test_a_module_brings_the_base_seat_along(self):
        member = self._create_member("Ann")
        member._release_seats("access")
        seats = self._grant(self.expenses_pool, member)
        self.assertEqual(seats.pool_id, self.base_pool | self.expenses_pool)
        self.assertEqual(member.module_ids, self.base | self.expenses)

    def test_losing_the_base_module_is_losing_all(self):
        ann, bob = self._create_member("Ann"), self._create_member("Bob")
        self._grant(self.expenses_pool, ann | bob)
        base_seats = ann._get_seats_in_use().filtered("pool_id.is_base")
        freed = base_seats._release("access")
        self.assertEqual(freed.pool_id, self.base_pool | self.expenses_pool)
        self.assertFalse(ann.pool_ids)
        self.assertEqual(self._get_seated(self.expenses_pool), bob)

    def test_who_has_a_seat_is_passed_over(self):
        member = self._create_member("Ann")
        self._grant(self.expenses_pool, member)
        self.assertFalse(self._grant(self.expenses_pool, member))
        self.assertEqual(self.expenses_pool.used, 1)

    def test_members_take_seats_of_their_own_client_only(self):
        stranger = self._create_member("Bo", self.bolt)
        with self.assertRaises(ValidationError) as caught:
            self._grant(self.expenses_pool, stranger)
        self.assertIn("Bo", str(caught.exception))

    def test_members_are_found_by_module(self):
        ann, bob = self._create_member("Ann"), self._create_member("Bob")
        self._grant(self.expenses_pool, ann)
        of_acme = [("client_id", "=", self.acme.id)]
        search = self.env["subscription.member"].search
        pool_ids = self.expenses_pool.ids
        self.assertEqual(search([*of_acme, ("pool_ids", "in", pool_ids)]), ann)
        self.assertEqual(search([*of_acme, ("pool_ids", "not in", pool_ids)]), bob)
        self.expenses_pool.seat_ids._release("access")
        self.assertFalse(search([*of_acme, ("pool_ids", "in", pool_ids)]))

    def test_a_member_of_a_client_with_two_plans_takes_one_base_seat(self):
        other = self._create_subscription(self.acme, self.plan)
        other.seat_pool_ids.filtered("is_base").seat_limit = 1
        members = self._create_members(self.acme, 3)
        self.assertEqual(self.base_pool.used, 3)
        self.assertEqual(members.pool_ids, self.base_pool)
        self.assertEqual(
            self._create_member("Late").pool_ids,
            other.seat_pool_ids.filtered("is_base"),
        )
