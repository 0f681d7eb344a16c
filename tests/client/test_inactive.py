from odoo.exceptions import AccessError
from odoo.tests import Form

from .test_team import TeamCase


class TestInactive(TeamCase):
    """*Remove inactive members*: those who are in no active team."""

    def _open(self, client=None, user=None):
        wizard = self.env["subscription.member.remove"]
        if user:
            wizard = wizard.with_user(user)
        client = client or self.acme
        return Form(wizard.with_context(default_client_id=client.id)).save()

    def test_the_preview_names_who_would_go(self):
        self.dan.role_id = self.role_administrator
        eve = self._create_member("Eve")
        self._create_member("Rita", role=self.role_reports)
        self._create_member("Acco", role=self.role_accountant)
        gone = self._create_member("Gus")
        gone.active = False
        self.assertEqual(self._open().member_ids, eve)
        with_archived = self.env["subscription.member.remove"].with_context(
            active_test=False
        )
        wizard = with_archived.create({"client_id": self.acme.id})
        self.assertEqual(wizard.member_ids, eve)
        self.support.active = False
        wizard = self._open()
        self.assertEqual(wizard.member_ids, self.cleo | eve)
        self.assertEqual(wizard.seat_count, 2)

    def test_where_there_are_no_teams_nobody_is_inactive(self):
        self._create_members(self.bolt, 2)
        self.assertFalse(self._open(self.bolt).member_ids)
        (self.sales | self.support).unlink()
        self.assertFalse(self._open().member_ids)

    def test_a_client_whose_teams_are_all_archived(self):
        """Nobody is removed by accident: all of them would be."""
        (self.sales | self.support).active = False
        self.assertFalse(self._open().member_ids)

    def test_one_click_removes_them_and_frees_their_seats(self):
        self.expenses_pool.seat_limit = 4
        self._grant(self.expenses_pool, self.members)
        seats = self.dan._get_seats_in_use()
        wizard = self._open()
        self.assertEqual(wizard.member_ids, self.dan)
        self.assertEqual(wizard.seat_count, 2)
        action = wizard.action_remove()
        self.assertEqual(action["params"]["type"], "success")
        self.assertEqual(self.dan.state, "archived")
        self.assertEqual(self.dan.departure, "inactive")
        self.assertEqual(set(seats.mapped("release_reason")), {"inactive"})
        self.assertEqual(self.expenses_pool.used, 3)
        self.assertEqual(self.base_pool.used, 3)
        self.assertTrue(self.dan.partner_id.active)

    def test_who_is_unticked_stays(self):
        eve = self._create_member("Eve")
        wizard = self._open()
        self.assertEqual(wizard.member_ids, self.dan | eve)
        wizard.member_ids -= eve
        self.assertEqual(wizard.seat_count, 1)
        wizard.action_remove()
        self.assertTrue(eve.active)
        self.assertFalse(self.dan.active)

    def test_the_staff_of_a_partner_removes_members_of_its_clients_only(self):
        north = self._create_user("nora", "standard", self.north)
        south = self._create_user("suzy", "standard", self.south)
        wizard = self._open(user=north)
        self.assertEqual(wizard.member_ids.sudo(), self.dan)
        foreign = self.env["subscription.member.remove"].with_user(south)
        with self.assertRaises(AccessError):
            foreign.create(
                {"client_id": self.acme.id, "member_ids": self.dan.ids}
            ).action_remove()
        self.assertTrue(self.dan.active)
        wizard.action_remove()
        self.assertFalse(self.dan.active)
