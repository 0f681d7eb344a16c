import csv
import io
import re
import zipfile

from lxml import html

from odoo.tests import tagged
from odoo.tools import mute_logger

from ..accountant.test_portal_accountant import AccountantHttpCase
from ..common.access import MUTED


class MemberPortalCase(AccountantHttpCase):
    """Ada administers Acme, whose members are she, Kim and Lou; Bo administers Bolt."""

    PREFIX = "/my/subscription"

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base_pool.seat_limit = 10
        cls.expenses_pool.seat_limit = 2
        cls.ada.name, cls.kim.name = "Ada", "Kim"
        cls.lou = cls._create_member("Lou", email="lou@acme.test")
        cls.kim_member = cls.kim.partner_id.membership_ids
        cls.ada_member = cls.ada.partner_id.membership_ids
        # Bo has no login yet, nor has Ada: theirs are the last administrators.
        teams = cls.env["subscription.team"]
        cls.sales = teams.create({"name": "Sales", "client_id": cls.acme.id})
        cls.support = teams.create({"name": "Support", "client_id": cls.acme.id})
        cls.foreign_team = teams.create({"name": "Foreign", "client_id": cls.bolt.id})
        cls.foreign = cls.bo.partner_id.membership_ids
        cls.foreign_subscription = cls._create_subscription(cls.bolt, cls.plan)
        cls.env.flush_all()

    def setUp(self):
        super().setUp()
        self._log_in(self.ada)

    def _url(self, path="", client=None):
        return f"{self.PREFIX}/{(client or self.acme).id}{path}"

    def _open(self, path, client=None):
        return self.url_open(self._url(path, client), allow_redirects=False)

    def _send(self, path, client=None, **data):
        """Send a form and return the response."""
        return self._post(self._url(path, client), **data)

    def _get_doc(self, response):
        self.assertEqual(response.status_code, 200, response.text[:500])
        return html.fromstring(response.text)

    def _confirm(self, path, **data):
        """Send a form, check that it asks first, and agree; return both responses."""
        asked = self._send(path, **data)
        doc = self._get_doc(asked)
        [form] = doc.xpath("//form[contains(@class, 'o_my_confirm')]")
        self.assertEqual(form.get("action"), self._url(path))
        fields = {}
        for field in form.xpath(".//input"):
            fields.setdefault(field.get("name"), []).append(field.get("value"))
        del fields["csrf_token"]
        return asked, self._send(path, **fields)

    def _check_done(self, response, path, text):
        """Check that ``response`` leads to ``path``, where ``text`` is told."""
        self.assertEqual(response.status_code, 303, response.text[-1500:])
        self.assertURLEqual(response.headers["Location"], self._url(path))
        self.assertIn(text, self._open(path).text)

    def _check_closed(self, paths, forms, users):
        """Check that no address of ``paths`` and ``forms`` is open to ``users``."""
        before = self._get_state()
        for user in users:
            self._log_in(user)
            for path in paths:
                self.assertEqual(self._open(path).status_code, 404, (user, path))
            for path, data in forms:
                response = self._send(path, **data)
                self.assertEqual(response.status_code, 404, (user, path))
                self.assertNotIn("Lou", response.text)
        self.assertEqual(self._get_state(), before)

    def _get_state(self):
        """Return all that the pages could change."""
        self.env.invalidate_all()
        members = self.env["subscription.member"].with_context(active_test=False)
        return [
            (
                *(one.id, one.name, one.active, one.role_id.id, one.client_id.id),
                *(one.team_ids.ids, one.pool_ids.ids),
            )
            for one in members.search([], order="id")
        ] + [
            (team.id, team.name, team.active)
            for team in self.env["subscription.team"]
            .with_context(active_test=False)
            .search([], order="id")
        ]


@tagged("post_install", "-at_install")
class TestPortalMember(MemberPortalCase):
    def _get_names(self, query=""):
        doc = self._get_doc(self._open(f"/members{query}"))
        return doc.xpath("//table[contains(@class, 'o_my_members')]//td[1]/a/text()")

    # ------------------------------------------------------------------ list

    def test_list_and_filters(self):
        self.lou.team_ids = self.sales
        self._grant(self.expenses_pool, self.kim_member)
        gone = self._create_member("Gus", email="gus@acme.test")
        gone.active = False
        self._create_member("Books", role=self.role_accountant)
        self.assertEqual(self._get_names(), ["Ada", "Kim", "Lou"])
        for query, names in {
            "?search=LOU": ["Lou"],
            "?search=kim%40acme": ["Kim"],
            "?search=nobody": [],
            f"?team={self.sales.id}": ["Lou"],
            f"?role={self.role_administrator.id}": ["Ada"],
            f"?module={self.expenses.id}": ["Kim"],
            "?state=archived": ["Gus"],
            "?state=no_team": ["Ada", "Kim"],
            "?state=no_seat": [],
            "?state=invented": ["Ada", "Kim", "Lou"],
            f"?state=no_team&role={self.role_standard.id}": ["Kim"],
            "?sort=newest": ["Lou", "Kim", "Ada"],
            "?sort=email": ["Ada", "Kim", "Lou"],
            "?sort=id;drop": ["Ada", "Kim", "Lou"],
        }.items():
            with self.subTest(query):
                self.assertEqual(self._get_names(query), names)

    def test_foreign_filters_are_not_found(self):
        for query in (
            f"team={self.foreign_team.id}",
            f"role={self.role_accountant.id}",
            *("team=x", "team=-1", "module=999999999999999999999", "role=1.5"),
        ):
            response = self._open(f"/members?{query}")
            self.assertEqual(response.status_code, 404, query)

    def test_pages(self):
        self.base_pool.seat_limit = 200
        self._create_members(self.acme, 60)
        self.assertEqual(len(self._get_names()), 50)
        doc = self._get_doc(self._open("/members/page/2?search=Acme"))
        self.assertEqual(len(doc.xpath("//table//tbody/tr")), 13)
        [total] = doc.xpath("//span[contains(@class, 'o_my_total')]")
        self.assertEqual(total.text_content().split(), ["63", "members"])
        links = doc.xpath("//ul[contains(@class, 'pagination')]//a/@href")
        self.assertTrue(all("search=Acme" in link for link in links if link), links)

    def test_a_page_of_many_costs_what_one_of_few_does(self):
        self.base_pool.seat_limit = 5000

        def count():
            self.env.flush_all()
            self.env.invalidate_all()
            before = self.cr.sql_log_count
            self._open("/members")
            return self.cr.sql_log_count - before

        self._create_members(self.acme, 47, team_ids=self.sales.ids)
        count()
        few = count()
        self._create_members(self.acme, 300, team_ids=self.sales.ids)
        count()
        many = count()
        self.assertLessEqual(many, 25)
        self.assertLessEqual(many, few)

    def test_export(self):
        self.lou.name = "=HYPERLINK(1)"
        self.lou.team_ids = self.sales | self.support
        self._grant(self.expenses_pool, self.lou)
        response = self._open("/members/export/csv?search=lou")
        self.assertEqual(response.status_code, 200)
        self.assertIn("attachment", response.headers["Content-Disposition"])
        heads, row = csv.reader(io.StringIO(response.content.decode("utf-8-sig")))
        self.assertEqual(heads[:3], ["Name", "E-mail", "Role"])
        self.assertEqual(row[0], "'=HYPERLINK(1)")
        self.assertEqual(row[3], "Sales; Support")
        self.assertIn("Expenses", row[4])
        response = self._open("/members/export/xlsx")
        with zipfile.ZipFile(io.BytesIO(response.content)) as book:
            sheet = book.read("xl/worksheets/sheet1.xml").decode()
        self.assertIn("HYPERLINK", sheet)
        self.assertNotIn("<f>", sheet)
        self.assertEqual(self._open("/members/export/pdf").status_code, 404)

    # ------------------------------------------------------------------ one member

    def test_role(self):
        url = f"/members/{self.lou.id}"
        self.assertIn("lou@acme.test", self._open(url).text)
        asked, done = self._confirm(f"{url}/role", role_id=self.role_reports.id)
        self.assertIn("From Standard to Reports only", asked.text)
        self.assertIn("A seat becomes free", asked.text)
        self._check_done(done, url, "Lou has the role Reports only")
        self.assertEqual(self.lou.role_id, self.role_reports)
        entry = self.env["subscription.log"].search(
            [("member_id", "=", self.lou.id), ("event", "=", "role")]
        )
        self.assertEqual(entry.user_id, self.ada, "the trail says who did it")
        # Asked first: nothing was done until it was agreed to.
        self._send(f"{url}/role", role_id=self.role_standard.id)
        self.assertEqual(self.lou.role_id, self.role_reports)

    def test_a_role_that_finds_no_seat_is_refused(self):
        self.lou.role_id = self.role_reports
        self.base_pool.seat_limit = 2
        self.env.flush_all()
        _asked, answer = self._confirm(
            f"/members/{self.lou.id}/role", role_id=self.role_standard.id
        )
        self.assertIn("too many", answer.text)
        self.assertIn('role="alert"', answer.text)
        self.env.invalidate_all()
        self.assertEqual(self.lou.role_id, self.role_reports)

    def test_the_last_administrator_stays(self):
        url = f"/members/{self.ada_member.id}"
        for path, data in (
            (f"{url}/role", {"role_id": self.role_standard.id}),
            (f"{url}/remove", {}),
        ):
            _asked, answer = self._confirm(path, **data)
            self.assertIn("needs an administrator", answer.text)
        self.env.invalidate_all()
        self.assertTrue(self.ada_member.active)
        self.assertEqual(self.ada_member.role_id, self.role_administrator)

    def test_who_leaves_goes_home(self):
        spare = self._create_member("Spare", role=self.role_administrator)
        spare.joined_at = "2026-01-02 08:00:00"
        self.env.flush_all()
        _asked, done = self._confirm(f"/members/{self.ada_member.id}/remove")
        self.assertURLEqual(done.headers["Location"], "/my")
        self.assertEqual(self._open("/members").status_code, 404)

    def test_teams(self):
        url = f"/members/{self.lou.id}"
        closed = self.env["subscription.team"].create(
            {"name": "Closed", "client_id": self.acme.id}
        )
        self.lou.team_ids = self.sales | closed
        closed.active = False
        self.env.flush_all()
        done = self._send(f"{url}/teams", team_ids=[self.support.id])
        self._check_done(done, url, "The teams of Lou were saved")
        self.env.invalidate_all()
        self.assertEqual(self.lou.team_ids, self.support)
        kept = self.lou.with_context(active_test=False).team_ids
        self.assertEqual(kept, self.support | closed, "archived teams are not shown")
        self._send(f"{url}/teams")
        self.env.invalidate_all()
        self.assertFalse(self.lou.team_ids)

    def test_modules(self):
        url = f"/members/{self.lou.id}"
        both = [self.base_pool.id, self.expenses_pool.id]
        asked, done = self._confirm(f"{url}/modules", pool_ids=both)
        self.assertIn("Gets: Expenses.", asked.text)
        self.assertIn("invoices stay as they are", " ".join(asked.text.split()))
        self._check_done(done, url, "The modules of Lou were saved")
        self.env.invalidate_all()
        self.assertEqual(self.lou.pool_ids.ids, both)
        asked, done = self._confirm(f"{url}/modules", pool_ids=[self.base_pool.id])
        self.assertIn("Loses: Expenses.", asked.text)
        self.assertEqual(self.lou.pool_ids, self.base_pool)
        # Without the base module there is nothing.
        self._grant(self.expenses_pool, self.lou)
        self.env.flush_all()
        asked, _done = self._confirm(f"{url}/modules", pool_ids=[self.expenses_pool.id])
        self.assertNotIn("Gets:", asked.text)
        self.env.invalidate_all()
        self.assertFalse(self.lou.pool_ids)
        seats = self._get_seats([("member_id", "=", self.lou.id)])
        self.assertEqual(set(seats.mapped("release_reason")), {"access"})
        self.assertEqual(seats.released_by_id, self.ada)

    def test_a_module_without_seats_is_refused(self):
        self._grant(self.expenses_pool, self.ada_member | self.kim_member)
        self.env.flush_all()
        _asked, response = self._confirm(
            f"/members/{self.lou.id}/modules",
            pool_ids=[self.base_pool.id, self.expenses_pool.id],
        )
        self.assertIn("2 of 2 seats of Expenses are in use", response.text)
        self.env.invalidate_all()
        self.assertEqual(self.lou.pool_ids, self.base_pool)

    def test_remove_and_restore(self):
        self._grant(self.expenses_pool, self.lou)
        self.env.flush_all()
        url = f"/members/{self.lou.id}"
        asked, done = self._confirm(f"{url}/remove")
        self.assertIn("1 of Expenses", asked.text)
        self._check_done(done, "/members", "Lou was removed")
        self.env.invalidate_all()
        self.assertFalse(self.lou.active)
        self.assertEqual(self.lou.departure, "member")
        self.assertIn("Has left", self._open(url).text)
        # Removed already: nothing more is done, and nothing breaks.
        self.assertEqual(self._confirm(f"{url}/remove")[1].status_code, 303)
        _asked, done = self._confirm(f"{url}/restore")
        self._check_done(done, url, "Held before, and not given back: Expenses")
        self.env.invalidate_all()
        self.assertEqual(self.lou.pool_ids, self.base_pool)

    def test_restoring_finds_no_seat(self):
        self.lou.active = False
        self.base_pool.seat_limit = 2
        self.env.flush_all()
        _asked, answer = self._confirm(f"/members/{self.lou.id}/restore")
        self.assertIn("too many", answer.text)
        self.env.invalidate_all()
        self.assertFalse(self.lou.active)

    # ------------------------------------------------------------------ others

    PATHS = ("", "/export/csv", "/page/1")

    def _get_forms(self, member):
        url = f"/members/{member.id}"
        sure = {"confirmed": "1"}
        return [
            (f"{url}/role", {"role_id": self.role_standard.id, **sure}),
            (f"{url}/teams", {"team_ids": self.sales.ids, **sure}),
            (f"{url}/modules", {"pool_ids": self.base_pool.ids, **sure}),
            (f"{url}/remove", sure),
            (f"{url}/restore", sure),
        ]

    @mute_logger(*MUTED)
    def test_nobody_else(self):
        paths = [f"/members{path}" for path in self.PATHS]
        paths.append(f"/members/{self.lou.id}")
        nora = self._create_user("nora", "standard", self.north)
        robin = self._create_user("robin", "accountant", self.env["res.partner"])
        self._make_accountant(robin, self.acme)
        users = [self.bo, self.kim, nora, robin]
        self._check_closed(paths, self._get_forms(self.lou), users)
        self.authenticate(None, None)
        for path in paths:
            response = self._open(path)
            self.assertIn("/web/login", response.headers["Location"])

    @mute_logger(*MUTED)
    def test_foreign_ids(self):
        """Ada names what is Bolt's, at the addresses of her own company."""
        books = self._create_member("Books", role=self.role_accountant)
        self.env.flush_all()
        forms = self._get_forms(self.foreign) + self._get_forms(books)
        forms += [
            (path.replace(str(self.foreign.id), "999999999"), data)
            for path, data in self._get_forms(self.foreign)
        ]
        url = f"/members/{self.lou.id}"
        pool = self._get_pool(self.foreign_subscription, self.base)
        odd = ["x", "-1", "1.5", "٣", "9" * 30, "9" * 5000, "1 OR 1=1", ""]
        forms += [(f"{url}/role", {"role_id": self.role_accountant.id})]
        forms += [(f"{url}/role", {"role_id": value}) for value in odd]
        forms += [
            (f"{url}/teams", {"team_ids": value})
            for value in [*self.foreign_team.ids, *odd]
        ]
        forms += [
            (f"{url}/modules", {"pool_ids": value}) for value in [*pool.ids, *odd]
        ]
        paths = [f"/members/{self.foreign.id}", f"/members/{books.id}"]
        self._check_closed(paths, forms, [self.ada])

    def test_forms_need_the_token_and_the_session(self):
        path = f"/members/{self.lou.id}/remove"
        response = self._post(self._url(path), csrf=False, confirmed="1")
        self.assertEqual(response.status_code, 400)
        # After logging in again the browser comes back by a link.
        response = self._open(path)
        self._check_done(response, "/members", "your session had ended")
        self.assertTrue(self.lou.active)

    def test_one_heading_and_labels(self):
        """What a screen reader needs, on every page."""
        self.kim_member.active = False
        self.env.flush_all()
        for path in (
            *("/members", f"/members/{self.lou.id}", "/members/add", "/teams"),
            *("/members/inactive", f"/teams/{self.sales.id}"),
            *(f"/teams/{self.sales.id}/add", f"/members/{self.kim_member.id}"),
        ):
            with self.subTest(path):
                doc = self._get_doc(self._open(path))
                [main] = doc.xpath("//div[contains(@class, 'o_my_subscription')]")
                self.assertEqual(len(doc.xpath("//h1")), 1)
                # A page has the title of its tab, if none of its own.
                self.assertNotIn(doc.xpath("string(//title)"), ("", "Odoo"))
                labelled = set(main.xpath(".//label/@for"))
                fields = main.xpath(
                    ".//input[not(@type='hidden')] | .//select | .//textarea"
                )
                for field in fields:
                    self.assertIn(field.get("id"), labelled, html.tostring(field))
                ids = re.findall(r'\sid="([^"]+)"', html.tostring(main).decode())
                self.assertEqual(len(ids), len(set(ids)))


@tagged("post_install", "-at_install")
class TestPortalMemberLogin(MemberPortalCase):
    """Members are invited on their pages."""

    def _get_invitation(self):
        return self.lou.invitation_ids

    def test_invite_send_again_and_withdraw(self):
        path = f"/members/{self.lou.id}"
        self.assertIn("Not invited yet", self._open(path).text)
        self._check_done(
            self._send(f"{path}/invite"), path, "lou@acme.test has been invited."
        )
        self.assertEqual(self._get_invitation().invited_by_id, self.ada)
        self.assertIn("waits to be accepted", self._open(path).text)
        refused = self._send(f"{path}/invite").text
        self.assertIn("Invited a moment ago", refused)
        self.assertEqual(len(self._get_invitation()), 1)
        asked, done = self._confirm(f"{path}/withdraw")
        self.assertIn("never signed in is removed", asked.text)
        self._check_done(done, path, "was withdrawn")
        self.assertFalse(self.lou.active)
        self.assertEqual(self._get_invitation().state, "withdrawn")

    def test_who_has_a_login_is_not_invited(self):
        path = f"/members/{self.kim_member.id}"
        self.assertNotIn("o_my_login", self._open(path).text)
        self.assertIn("Already have a login", self._send(f"{path}/invite").text)
        self.assertFalse(self.kim_member.invitation_ids)

    def test_filters_by_invitation(self):
        self.lou._invite()
        self.assertIn("Lou", self._open("/members?state=invited").text)
        self.assertNotIn(
            f'data-member="{self.lou.id}"', self._open("/members?state=new").text
        )

    def test_foreign_members_and_other_users(self):
        paths = ("invite", "withdraw")
        for path in paths:
            response = self._send(f"/members/{self.foreign.id}/{path}")
            self.assertEqual(response.status_code, 404)
        for user in (self.kim, self.bo):
            self._log_in(user)
            for path in paths:
                response = self._send(f"/members/{self.lou.id}/{path}")
                self.assertEqual(response.status_code, 404)
        self.assertFalse(self._get_invitation())
