from psycopg2.errors import UniqueViolation

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.subscription import SubscriptionCase

MEMBER = "subscription.member"


@tagged("post_install", "-at_install")
class TestMemberSameAddress(SubscriptionCase):
    """One address is one member of a client, by every door."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base_pool.is_unlimited = True
        cls.ann = cls._create_member("Ann", email="ann@acme.test")

    def _load(self, *rows):
        return self.env[MEMBER].load(
            ["name", "email", "client_id/.id"],
            [[*row, str(self.acme.id)] for row in rows],
        )

    def _make_pair(self):
        """Return two members with one address, as a database of before has them."""
        other = self._create_member("Annie", email="annie@acme.test")
        other._set({"email": "ANN@acme.test"})
        self.env.flush_all()
        return other

    def test_imported_again(self):
        count = len(self.acme.subscription_member_ids)
        used = self.base_pool.used
        for _ in range(3):
            answer = self._load(("Ben", "ben@acme.test"), ("Ann", "Ann@Acme.test "))
            self.assertFalse(answer["ids"])
            # Odoo tells first what it says of all rows at once.
            message = answer["messages"][-1]
            self.assertIn("Ann, who is a member of Acme", message["message"])
            self.assertEqual(message["rows"], {"from": 1, "to": 1})
        self.assertEqual(len(self.acme.subscription_member_ids), count)
        self.assertEqual(self.base_pool.used, used)

    def test_twice_in_one_call(self):
        with self.assertRaisesRegex(UserError, "more than once"):
            self.env[MEMBER].create(
                [
                    {"client_id": self.acme.id, "name": name, "email": "x@acme.test"}
                    for name in "XY"
                ]
            )

    def test_by_its_contact(self):
        contact = self._create_contact("Anna", self.acme, email="ann@ACME.test")
        with self.assertRaisesRegex(UserError, "ann@acme.test belongs to Ann"):
            self.env[MEMBER].create(
                {"client_id": self.acme.id, "partner_id": contact.id}
            )

    @mute_logger("odoo.sql_db")
    def test_the_address_is_changed(self):
        ben = self._create_member("Ben", email="ben@acme.test")
        for change in (
            lambda: ben.partner_id.write({"email": "ann@acme.test"}),
            lambda: ben.write({"email": "ann@acme.test"}),
        ):
            with self.assertRaises(UniqueViolation):
                change()
                self.env.flush_all()
            self.env.invalidate_all()
            self.assertEqual(ben.email, "ben@acme.test")

    def test_of_another_client_or_without_address(self):
        self._create_member("Ann", self.bolt, email="ann@acme.test")
        self._create_members(self.acme, 2)
        self._create_members(self.acme, 2, email="to be asked")

    def test_restored(self):
        self.ann.active = False
        new = self._create_member("Ann", email="ann@acme.test")
        with self.assertRaisesRegex(UserError, "belongs to Ann"):
            self.ann.active = True
        new.active = False
        self.ann.active = True

    def test_pairs_of_before_are_left_alone_and_merged(self):
        team = self.env["subscription.team"].create(
            {"name": "Sales", "client_id": self.acme.id}
        )
        self.env.cr.execute("DROP INDEX subscription_member_address_unique")
        other = self._make_pair()
        other._set({"team_ids": team.ids})
        pair = self.ann | other
        found = self.env[MEMBER].search([("has_duplicate", "=", True)])
        self.assertEqual(found & self.acme.subscription_member_ids, pair)
        self.assertEqual(pair.mapped("has_duplicate"), [True, True])
        other.role_id = self.role_reports
        other.action_merge()
        self.assertEqual(pair.mapped("active"), [True, False])
        self.assertEqual(self.ann.team_ids, team)
        self.env.invalidate_all()
        self.assertFalse(self.ann.has_duplicate)
        with self.assertRaisesRegex(UserError, "No other member"):
            self.ann.action_merge()

    def test_merged_clients(self):
        """The same person at two clients that become one is one member."""
        self._create_member("Ann", self.bolt, email="ann@acme.test")
        self._merge(self.acme, self.bolt)
        active = self.acme.subscription_member_ids.filtered("active")
        self.assertEqual(active.filtered("email").mapped("email"), ["ann@acme.test"])
