from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import MUTED
from .test_portal_member import MemberPortalCase


@tagged("post_install", "-at_install")
class TestPortalTeam(MemberPortalCase):
    def _get_teams(self, client=None):
        self.env.invalidate_all()
        return (client or self.acme).subscription_team_ids

    def test_list(self):
        self.sales.member_ids = self.lou | self.kim_member
        self._grant(self.expenses_pool, self.lou)
        self.support.active = False
        self.env.flush_all()
        doc = self._get_doc(self._open("/teams"))
        [row] = doc.xpath(f"//tr[@data-team='{self.sales.id}']")
        cells = [" ".join(cell.text_content().split()) for cell in row.xpath("./td")]
        base = self.base.name
        self.assertEqual(cells, ["Sales", "2", f"{base} (2), Expenses (1)"])
        [archived] = doc.xpath("//ul[contains(@class, 'o_my_archived')]")
        self.assertIn("Support", archived.text_content())
        self.assertNotIn("Foreign", doc.text_content())

    def test_create_and_rename(self):
        done = self._send("/teams/create", name="  New\nteam ")
        self._check_done(done, "/teams", "The team New team was created")
        # A double click.
        done = self._send("/teams/create", name="New team")
        self.assertEqual(done.status_code, 303)
        team = self._get_teams().filtered(lambda one: one.name == "New team")
        self.assertEqual((len(team), team.create_uid), (1, self.ada))
        url = f"/teams/{team.id}"
        done = self._send(f"{url}/rename", name="Other")
        self._check_done(done, url, "The team is called Other now")
        # As it is called already.
        self.assertEqual(self._send(f"{url}/rename", name="Other").status_code, 303)
        for name, text in (
            ("Sales", "There is a team called “Sales” already"),
            (" ", "Enter the name of the team"),
            ("x" * 101, "too long"),
        ):
            for path in (f"{url}/rename", "/teams/create"):
                response = self._send(path, name=name)
                self.assertIn(text, response.text, path)
                self.assertIn(f'value="{name}"', response.text, "what was typed stays")
        self.assertEqual(len(self._get_teams()), 3)

    def test_archive_and_restore(self):
        self.sales.member_ids = self.lou
        self.env.flush_all()
        url = f"/teams/{self.sales.id}"
        asked, done = self._confirm(f"{url}/archive")
        self.assertIn("Its members stay members", asked.text)
        self._check_done(done, "/teams", "The team Sales was archived")
        self.env.invalidate_all()
        self.assertFalse(self.sales.active)
        self.assertTrue(self.lou.active)
        self._send("/teams/create", name="Sales")
        _asked, refused = self._confirm(f"{url}/restore")
        self.assertIn("There is a team called “Sales” already", refused.text)
        new = self._get_teams().filtered(lambda team: team.name == "Sales")
        self._send(f"/teams/{new.id}/rename", name="Sales 2")
        _asked, done = self._confirm(f"{url}/restore")
        self._check_done(done, "/teams", "The team Sales was restored")
        self.env.invalidate_all()
        self.assertEqual(self.sales.member_ids, self.lou)

    def test_members_join_move_and_leave(self):
        url = f"/teams/{self.sales.id}"
        self.assertIn("Lou", self._open(f"{url}/add?search=lou").text)
        self.assertNotIn("Lou", self._open(f"{url}/add?search=kim").text)
        both = self.lou | self.kim_member
        done = self._send(f"{url}/join", member_ids=both.ids)
        self._check_done(done, url, "Saved for")
        self.env.invalidate_all()
        self.assertEqual(self.sales.member_ids, both)
        self.assertIn("All members are in this team", self._add_all(url))
        done = self._send(
            f"{url}/move", member_ids=self.lou.ids, target_id=self.support.id
        )
        self.assertEqual(done.status_code, 303)
        self.env.invalidate_all()
        self.assertEqual(self.lou.team_ids, self.support)
        self._send(f"{url}/move", member_ids=self.kim_member.ids)
        self.env.invalidate_all()
        self.assertFalse(self.kim_member.team_ids)
        for path in ("join", "move"):
            response = self._send(f"{url}/{path}")
            self.assertIn("Choose at least one member", response.text)

    def _add_all(self, url):
        self._send(f"{url}/join", member_ids=self.ada_member.ids)
        return self._open(f"{url}/add").text

    def test_the_page_of_a_team_is_paged(self):
        self.base_pool.seat_limit = 100
        self._create_members(self.acme, 60, team_ids=self.sales.ids)
        self.env.flush_all()
        doc = self._get_doc(self._open(f"/teams/{self.sales.id}/page/2"))
        self.assertEqual(len(doc.xpath("//input[@name='member_ids']")), 10)
        self.assertIn("60 members", doc.text_content())

    def _get_forms(self, team, member):
        url = f"/teams/{team.id}"
        sure = {"confirmed": "1"}
        who = {"member_ids": member.ids}
        return [
            (f"{url}/rename", {"name": "Taken"}),
            (f"{url}/archive", sure),
            (f"{url}/restore", sure),
            (f"{url}/join", {**who, **sure}),
            (f"{url}/move", {**who, **sure}),
        ]

    @mute_logger(*MUTED)
    def test_nobody_else(self):
        paths = ["/teams", f"/teams/{self.sales.id}", f"/teams/{self.sales.id}/add"]
        forms = [("/teams/create", {"name": "Mine"})]
        forms += self._get_forms(self.sales, self.lou)
        self._check_closed(paths, forms, [self.bo, self.kim])

    @mute_logger(*MUTED)
    def test_foreign_ids(self):
        url = f"/teams/{self.sales.id}"
        odd = ["x", "-1", "9" * 30, "9" * 5000]
        forms = self._get_forms(self.foreign_team, self.lou)
        forms += [
            (f"{url}/join", {"member_ids": id_}) for id_ in [self.foreign.id, *odd]
        ]
        forms += [
            (f"{url}/move", {"member_ids": self.lou.id, "target_id": id_})
            for id_ in [self.foreign_team.id, *odd]
        ]
        paths = [f"/teams/{self.foreign_team.id}", f"/teams/{self.foreign_team.id}/add"]
        self._check_closed(paths, forms, [self.ada])
