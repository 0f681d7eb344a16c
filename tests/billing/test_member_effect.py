"""What the portal says of the next invoice before members and teams change."""

from freezegun import freeze_time

from odoo.tests import new_test_user, tagged

from ...member_lines import Person
from ..common.billing_screens import BillingScreenCase


@tagged("post_install", "-at_install")
class TestMemberEffect(BillingScreenCase):
    """A member in an active team costs 7.00 a month; four are in the team Red."""

    def prepare(self, **plan):
        """Bill Acme by its members; return the team as its administrator sees it."""
        subscription = self.start(
            billing_basis="members", billing_product_id=self.unit.id, **plan
        )
        with freeze_time("2026-01-01 09:00:00"):
            team = self.create_team(subscription, "Red", 4)
        self.run_job("2026-01-02")
        ada = new_test_user(self.env, "ada", "base.group_portal")
        # As the pages of the portal do it.
        return team.with_user(ada).sudo()

    def get_plan(self, client, team, *, count=2):
        people = [Person(n, f"P{n}", f"p{n}@acme.test") for n in range(count)]
        return client._plan_members(people, role=self.role, teams=team)

    @freeze_time("2026-01-15 10:00:00")
    def test_changes_of_members_and_teams(self):
        team = self.prepare()
        client, (one, two, *_others) = team.client_id, team.member_ids
        blue = team.create({"name": "Blue", "client_id": team.client_id.id})
        reports = self.env["subscription.member.role"].search(
            [("takes_seat", "=", False)], limit=1
        )
        for text, amount in (
            (one._get_change_text({"role_id": reports.id}), "21.00"),
            (one._get_change_text(one._get_teams_vals(blue)), ""),
            (one._get_change_text(one._get_teams_vals(blue.browse())), "21.00"),
            ((one | two)._get_change_text(one._get_team_vals(leave=team)), "14.00"),
            ((one | two)._get_leave_text(), "14.00"),
            (client._get_add_text(self.get_plan(client, team)), "42.00"),
            (client._get_add_text(self.get_plan(client, team.browse())), ""),
            (team.archive_text, "0.00"),
        ):
            self.assertIn(amount, text)
            self.assertEqual(bool(amount), bool(text), text)
        one._leave("member")
        self.assertIn("28.00", one._get_change_text({"active": True}))
        team.active = False
        self.assertIn("21.00", team._get_restore_text())

    @freeze_time("2026-01-15 10:00:00")
    def test_what_the_partner_pays_is_not_told_to_the_client(self):
        team = self.prepare(billing_payer="partner")
        self.assertFalse(team.archive_text)
        self.assertFalse(team.member_ids._get_leave_text())
        client = team.client_id
        self.assertFalse(client._get_add_text(self.get_plan(client, team)))
        # The partner itself is told.
        staff = team.with_user(self.env.ref("base.user_admin")).sudo()
        staff.invalidate_recordset()
        self.assertTrue(staff.archive_text)
