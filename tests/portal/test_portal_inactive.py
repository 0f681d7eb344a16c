from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import MUTED
from .test_portal_member import MemberPortalCase

PATH = "/members/inactive"


@tagged("post_install", "-at_install")
class TestPortalInactive(MemberPortalCase):
    def _get_offered(self):
        doc = self._get_doc(self._open(PATH))
        return [int(id_) for id_ in doc.xpath("//input[@name='member_ids']/@value")]

    def test_who_is_in_no_team_is_removed(self):
        """Ada is an administrator, Lou in a team."""
        self.lou.team_ids = self.sales
        self._create_member("Rita", role=self.role_reports)
        self._grant(self.expenses_pool, self.kim_member)
        self.env.flush_all()
        self.assertEqual(self._get_offered(), self.kim_member.ids)
        self.assertIn("1 of Expenses", self._open(PATH).text)
        asked, done = self._confirm(f"{PATH}/remove", member_ids=self.kim_member.ids)
        self.assertIn("1 of Expenses", asked.text)
        self._check_done(done, "/members", "Members removed: 1")
        self.env.invalidate_all()
        self.assertEqual(self.kim_member.departure, "inactive")
        self.assertEqual(self._get_offered(), [])
        self.assertIn("Nobody is inactive", self._open(PATH).text)

    def test_who_joined_a_team_meanwhile_stays(self):
        asked = self._send(
            f"{PATH}/remove", member_ids=(self.kim_member | self.lou).ids
        )
        self.assertIn("These members leave", asked.text)
        self.lou.team_ids = self.sales
        self.env.flush_all()
        done = self._send(
            f"{PATH}/remove",
            member_ids=(self.kim_member | self.lou).ids,
            confirmed="1",
        )
        self._check_done(done, "/members", "Not inactive any more, and kept: Lou")
        self.env.invalidate_all()
        self.assertTrue(self.lou.active)
        self.assertFalse(self.kim_member.active)

    def test_nobody_chosen_and_no_teams(self):
        response = self._send(f"{PATH}/remove")
        self.assertIn("Choose at least one member", response.text)
        (self.sales | self.support).active = False
        self.env.flush_all()
        self.assertIn("There are no teams", self._open(PATH).text)
        response = self._send(f"{PATH}/remove", member_ids=self.lou.ids, confirmed="1")
        self.env.invalidate_all()
        self.assertTrue(self.lou.active, "all of them would be inactive")

    @mute_logger(*MUTED)
    def test_others_and_foreign_ids(self):
        sure = {"confirmed": "1"}
        form = (f"{PATH}/remove", {"member_ids": self.lou.ids, **sure})
        self._check_closed([PATH], [form], [self.bo, self.kim])
        forms = [
            (f"{PATH}/remove", {"member_ids": [self.lou.id, id_], **sure})
            for id_ in (self.foreign.id, "x", "9" * 30)
        ]
        self._check_closed([], forms, [self.ada])
