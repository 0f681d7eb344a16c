from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import ValidationError
from odoo.tools import mute_logger

from ..common.subscription import SubscriptionCase


class TeamCase(SubscriptionCase):
    """Ann and Bob are in Sales, Bob and Cleo in Support, Dan in no team."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base_pool.is_unlimited = True
        names = ("Ann", "Bob", "Cleo", "Dan")
        members = [cls._create_member(name) for name in names]
        cls.ann, cls.bob, cls.cleo, cls.dan = members
        cls.members = cls.env["subscription.member"].union(*members)
        cls.sales = cls._create_team("Sales", cls.ann | cls.bob)
        cls.support = cls._create_team("Support", cls.bob | cls.cleo)

    @classmethod
    def _create_team(cls, name, members=(), client=None):
        return cls.env["subscription.team"].create(
            {
                "name": name,
                "client_id": (client or cls.acme).id,
                "member_ids": [Command.set([member.id for member in members])],
            }
        )

    def _assert_billed(self, members):
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual(self.members.filtered("is_billed"), members)
        search = self.env["subscription.member"].search
        of_acme = [("client_id", "=", self.acme.id)]
        self.assertEqual(search([*of_acme, ("is_billed", "=", True)]), members)
        self.assertEqual(
            search([*of_acme, ("is_billed", "=", False)]),
            search(of_acme) - members,
        )
        counted = members.filtered("takes_seat")
        self.assertEqual(self.acme.billed_member_count, len(counted))
        self.assertEqual(self.subscription.billed_member_count, len(counted))


class TestTeam(TeamCase):
    def test_who_is_in_an_active_team_is_billed(self):
        self._assert_billed(self.ann | self.bob | self.cleo)
        self.sales.active = False
        self._assert_billed(self.bob | self.cleo)
        self.support.active = False
        self._assert_billed(self.members.browse())
        self.sales.active = True
        self._assert_billed(self.ann | self.bob)
        self.sales.member_ids -= self.ann
        self._assert_billed(self.bob)

    def test_who_takes_no_seat_or_has_left_is_not_billed(self):
        self.bob.role_id = self.role_reports
        self.assertEqual(self.acme.billed_member_count, 2)
        self.cleo.active = False
        self.assertEqual(self.acme.billed_member_count, 1)
        self.assertEqual(self.acme.member_count, 3)
        self.assertEqual(self.subscription.member_count, 3)
        self.assertEqual(self.support.member_count, 1)
        acme = self.acme.with_context(active_test=False)
        acme.invalidate_recordset(["member_count", "billed_member_count"])
        self.assertEqual((acme.member_count, acme.billed_member_count), (3, 1))

    def test_a_team_takes_members_of_its_client_only(self):
        """Whichever side it is tried from."""
        stranger = self._create_member("Bo", self.bolt)
        foreign = self._create_team("Foreign", client=self.bolt)
        join_sales = {"team_ids": [Command.link(self.sales.id)]}
        bare = self._create_member("Finn", self.dune)
        for name, attempt in {
            "team": lambda: self.sales.write(
                {"member_ids": [Command.link(stranger.id)]}
            ),
            "member": lambda: stranger.write(
                {"team_ids": [Command.link(self.sales.id)]}
            ),
            "new team": lambda: self._create_team("New", [stranger]),
            "new member": lambda: self._create_member("New", self.bolt, **join_sales),
            "moved team": lambda: self.sales.write({"client_id": self.bolt.id}),
            "moved member": lambda: (
                bare.write({"client_id": self.bolt.id}),
                bare.write({"team_ids": [Command.link(foreign.id)]}),
                bare.write({"client_id": self.dune.id}),
            ),
        }.items():
            with self.subTest(name), self.assertRaises(ValidationError):
                attempt()

    def test_a_refusal_names_members_team_and_client(self):
        stranger = self._create_member("Bo", self.bolt)
        with self.assertRaises(ValidationError) as caught:
            self.sales.member_ids |= stranger
        for word in ("Bo", "Sales", "Acme"):
            self.assertIn(word, str(caught.exception))

    def test_a_name_is_used_once_among_the_active_teams_of_a_client(self):
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self._create_team("Sales")
        self._create_team("Sales", client=self.bolt)
        self.sales.active = False
        self.env.flush_all()
        self._create_team("Sales")
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            self.sales.active = True
            self.env.flush_all()

    def test_a_deleted_team_leaves_its_members(self):
        self.sales.unlink()
        self._assert_billed(self.bob | self.cleo)


class TestTeamMerge(TeamCase):
    def test_merged_members_are_in_the_teams_of_both(self):
        self._merge(self.ann.partner_id, self.cleo.partner_id)
        self.assertEqual(self.ann.team_ids, self.sales | self.support)
        self.assertFalse(self.cleo.team_ids)
        self.assertFalse(self.cleo.active)
        self.assertEqual(self.support.member_ids, self.ann | self.bob)

    def test_merged_members_keep_their_seats(self):
        self.expenses_pool.seat_limit = 1
        self._grant(self.expenses_pool, self.cleo)
        history = self._get_seats()
        self._merge(self.ann.partner_id, self.cleo.partner_id)
        self.assertEqual(self._get_seated(self.expenses_pool), self.ann)
        self.assertLessEqual(history, self._get_seats())
        self.assertEqual(self.base_pool.used, 3)

    def test_a_member_who_is_still_there_is_not_lost_in_one_who_left(self):
        """Archived members stay archived only where both were."""
        for gone, there in ((self.ann, self.cleo), (self.cleo, self.ann)):
            with self.subTest(gone=gone.name), self.cr.savepoint() as savepoint:
                self._grant(self.expenses_pool, there)
                gone.active = False
                contact = gone.partner_id
                self._merge(contact, there.partner_id)
                self.assertTrue(there.active)
                self.assertEqual(there.partner_id, contact)
                self.assertEqual(self._get_seated(self.expenses_pool), there)
                savepoint.rollback()
                self.env.invalidate_all()

    def test_merged_clients_have_the_teams_of_both(self):
        bo, cy = (
            self._create_member("Bo", self.bolt),
            self._create_member("Cy", self.bolt),
        )
        field = self._create_team("Field", [bo, cy], self.bolt)
        old = self._create_team("Old", [cy], self.bolt)
        old.active = False
        self._merge(self.acme, self.bolt)
        self.assertEqual((field | old).client_id, self.acme)
        self.assertEqual(field.member_ids, bo | cy)
        self.assertEqual(old.member_ids, cy)
        self.assertFalse(old.active)
        self.assertEqual((bo | cy).client_id, self.acme)
        self.assertEqual(self._get_seated(self.base_pool), self.members | bo | cy)

    def test_teams_of_one_name_become_one(self):
        bo = self._create_member("Bo", self.bolt)
        self._create_team("Sales", [bo], self.bolt)
        self._merge(self.acme, self.bolt)
        teams = self.env["subscription.team"].search(
            [("client_id", "=", self.acme.id), ("member_ids", "in", bo.ids)]
        )
        self.assertEqual(len(teams), 1)
        self.assertTrue(bo.is_billed)

    def test_a_person_known_to_both_clients_is_one_member_of_the_one_left(self):
        twin = self._create_member("Ann", self.bolt, partner_id=self.ann.partner_id.id)
        field = self._create_team("Field", [twin], self.bolt)
        self._merge(self.acme, self.bolt)
        self.assertEqual(self.ann.team_ids, self.sales | field)
        self.assertFalse(twin.active)
        self.assertEqual(self.acme.subscription_member_ids, self.members)
