from odoo import Command
from odoo.tests import tagged

from ..common.live import ENDED, USAGE, LiveCase
from ..common.subscription import ADDON


@tagged("post_install", "-at_install")
class TestLiveEnd(LiveCase):
    """When access ends, the channel has another name, and who lost it hears nothing
    more; who stays goes on."""

    def _check_ends(self, role, end, staying="admin"):
        """Check that ``role`` hears of the pool until ``end()``, and that ``staying``
        is told then, asks again and hears of it."""
        names = self._ask(staying)
        lost = self._listen(role, *names)
        stays = self._listen(staying, *names)
        self._grant()
        for connection, listener in ((lost, role), (stays, staying)):
            heard = self._hear(connection, listener)
            self.assertEqual([kind for kind, _payload in heard], [USAGE], listener)
        end()
        heard = self._hear(lost, role)
        self.assertEqual(heard, [])
        kinds = {kind for kind, _payload in self._hear(stays, staying)}
        self.assertIn(ENDED, kinds)
        renewed = self._ask(staying)
        self.assertFalse(set(renewed) & set(names))
        self._subscribe(stays, [*names, *renewed])
        self._subscribe(lost, [*names, *renewed])
        self._grant()
        self.assertEqual(len(self._hear_used(stays, staying)), 1)
        self.assertEqual(self._hear(lost, role), [])

    def _get_member(self, role):
        partner = self.roles[role].partner_id
        members = self.acme.subscription_member_ids
        return members.filtered(lambda one: one.partner_id == partner)

    def _create_administrator(self):
        """Make somebody else an administrator, so that another can go."""
        self._create_members(
            self.acme, 1, self.role_administrator, joined_at="2026-01-31"
        )

    def test_client_moves(self):
        self._check_ends(
            "north", lambda: self.acme.write({"managing_partner_id": self.south.id})
        )

    def test_partner_above_moves(self):
        """North is put below South: who is above stays, the accountant as well."""
        self.south.managing_partner_id = False
        names = self._ask("north")
        self.north.managing_partner_id = self.south
        self._commit()
        self.assertNotEqual(self._ask("north"), names)

    def test_reseller_moves(self):
        """North does not hear its reseller's clients any more once that has left."""
        pool = self._create_pool(self.coral)
        names = self._ask("north", pool)
        connection = self._listen("north", *names)
        self.coral.managing_partner_id.managing_partner_id = self.south
        pool.seat_limit += 1
        self.assertEqual(self._hear(connection, "north"), [])
        self.assertNotEqual(self._ask("admin", pool), names)

    def test_staff_moves(self):
        """A user goes from one partner to another."""
        partner = self.roles["north"].partner_id
        self._check_ends("north", lambda: partner.write({"parent_id": self.south.id}))

    def test_user_gets_another_contact(self):
        other = self.roles["south"].partner_id.copy({"parent_id": self.south.id})
        user = self.roles["north"]
        self._check_ends("north", lambda: user.write({"partner_id": other.id}))

    def test_user_leaves_the_group(self):
        group = self.env.ref(f"{ADDON}.group_standard")
        user = self.roles["north"]
        self._check_ends(
            "north", lambda: user.write({"group_ids": [Command.unlink(group.id)]})
        )

    def test_group_loses_its_user(self):
        group = self.env.ref(f"{ADDON}.group_standard")
        user = self.roles["north"]
        self._check_ends(
            "north", lambda: group.write({"user_ids": [Command.unlink(user.id)]})
        )

    def test_user_leaves_the_company(self):
        other = self.env["res.company"].create({"name": "Another vendor"})
        self.env.user.company_ids |= other
        user = self.roles["sales"]
        self._check_ends(
            "sales",
            lambda: user.write(
                {"company_ids": [Command.set(other.ids)], "company_id": other.id}
            ),
        )

    def test_accountant_is_withdrawn(self):
        member = self._get_member("accountant")
        self._check_ends("accountant", member.invitation_ids._withdraw)

    def test_accountant_shows_another_client(self):
        user = self.roles["accountant"]
        members = self.env["subscription.member"].with_user(user)
        self._check_ends(
            "accountant", lambda: members.select_accountant_client(self.bolt.id)
        )

    def test_member_is_archived(self):
        self._create_administrator()
        self._check_ends("client", lambda: self._get_member("client")._leave("member"))

    def test_member_is_deleted(self):
        self._create_administrator()
        self._check_ends("client", lambda: self._get_member("client").unlink())

    def test_administrator_is_demoted(self):
        self._create_administrator()
        member = self._get_member("client")
        self._check_ends(
            "client", lambda: member.write({"role_id": self.role_standard.id})
        )

    def test_role_administers_no_more(self):
        role = self._get_member("client").role_id.copy(
            {"name": "Deputy", "code": "deputy"}
        )
        self._create_administrator()
        self._get_member("client").role_id = role
        self._commit()
        self._check_ends("client", lambda: role.write({"is_administrator": False}))

    def test_user_is_archived(self):
        """The connection is closed by Odoo; the name has changed all the same."""
        names = self._ask("admin")
        self.roles["north"].active = False
        self._commit()
        self.assertNotEqual(self._ask("admin"), names)

    def test_user_is_deleted(self):
        names = self._ask("admin")
        self.roles["north"].unlink()
        self._commit()
        self.assertNotEqual(self._ask("admin"), names)

    def test_nothing_ends_where_nobody_loses_access(self):
        names = self._ask("admin")
        self.roles["north"].write({"name": "Another", "active": True})
        self.roles["south"].partner_id.parent_id = self.south
        self.acme.write({"street": "Main", "managing_partner_id": self.north.id})
        self._create_members(self.acme, 1)._leave("member")
        self._commit()
        self.assertEqual(self._ask("admin"), names)

    def test_clients_are_merged(self):
        """Both have a channel, and become one that has another."""
        twin = self._create_client("Twin", self.north)
        pool = self._create_pool(twin)
        names = {*self._ask("admin"), *self._ask("admin", pool)}
        self.assertEqual(len(names), 2)
        self._merge(self.acme, twin)
        self._commit()
        self.assertFalse({*self._ask("admin"), *self._ask("admin", pool)} & names)

    def test_thresholds_change(self):
        """Who shows gauges asks again, instead of hearing of each pool."""
        names = self._ask("north")
        connection = self._listen("north", *names)
        self.env.company.seat_warning_rate = 10
        kinds = [kind for kind, _payload in self._hear(connection, "north")]
        self.assertEqual(kinds, [ENDED])
