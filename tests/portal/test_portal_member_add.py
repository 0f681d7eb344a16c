import re

from odoo.http import Request
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import MUTED
from .test_portal_member import MemberPortalCase

LIST = "New One <new.one@acme.test>\nlou@acme.test\nnonsense"


@tagged("post_install", "-at_install")
class TestPortalMemberAdd(MemberPortalCase):
    def _preview(self, *, file=None, **data):
        """Send the form, and return the page that says what would be done."""
        data = {"role_id": self.role_standard.id, **data}
        if file is None:
            return self._send("/members/add/preview", **data)
        data["csrf_token"] = Request.csrf_token(self)
        return self.url_open(
            self._url("/members/add/preview"),
            data=data,
            files={"file": ("people.csv", file)},
            allow_redirects=False,
        )

    def _get_fields(self, response):
        """Return what the form of a preview sends on."""
        fields = {}
        for field in self._get_doc(response).xpath("//form//input[@type='hidden']"):
            fields.setdefault(field.get("name"), []).append(field.get("value"))
        fields.pop("csrf_token", None)
        return fields

    def _agree(self, response, **more):
        return self._send(
            "/members/add/confirm", **{**self._get_fields(response), **more}
        )

    def _get_results(self, response):
        """Return ``{address: status}`` of the lines of a page."""
        rows = self._get_doc(response).xpath("//tr[@data-status]")
        return {
            "".join(row.xpath("./td[2]/div/text()")).strip(): row.get("data-status")
            for row in rows
        }

    def _find(self, address):
        self.env.invalidate_all()
        return self.env["subscription.member"].search(
            [("client_id", "=", self.acme.id), ("email_normalized", "=", address)]
        )

    def test_one_by_e_mail(self):
        self.assertIn("Add members", self._open("/members/add").text)
        preview = self._preview(
            name="Zoe", email="Zoe@acme.test", team_ids=self.sales.ids
        )
        self.assertIn("Add 1 member", preview.text)
        self.assertFalse(self._find("zoe@acme.test"), "nothing is done yet")
        done = self._agree(preview)
        self.assertIn("Members added: 1", re.sub(r"\s+", " ", done.text))
        zoe = self._find("zoe@acme.test")
        self.assertEqual((zoe.name, zoe.team_ids), ("Zoe", self.sales))
        self.assertEqual(zoe.create_uid, self.ada)
        self.assertEqual(zoe.pool_ids, self.base_pool)

    def test_sent_twice(self):
        """A double click, or going back, adds nobody twice."""
        preview = self._preview(email="zoe@acme.test")
        self._agree(preview)
        again = self._agree(preview)
        self.assertIn("Something has changed meanwhile", again.text)
        self.assertEqual(self._get_results(again), {"zoe@acme.test": "member"})
        self.assertEqual(len(self._find("zoe@acme.test")), 1)

    def test_contacts(self):
        contact = self._create_contact("Nomad", self.acme)
        self.env.flush_all()
        page = self._open("/members/add").text
        self.assertIn("Nomad", page)
        self.assertNotIn(">Lou<", page)
        done = self._agree(self._preview(contact_ids=contact.ids))
        self.assertIn("Was added", done.text)
        self.env.invalidate_all()
        self.assertEqual(contact.membership_ids.client_id, self.acme)

    def test_a_list_with_wrong_lines(self):
        preview = self._preview(people=LIST)
        self.assertIn("Nobody will be added as long as", preview.text)
        self.assertNotIn("Add 1 member", preview.text)
        rows = self._get_doc(preview).xpath("//tr[@data-status]")
        self.assertEqual(
            {row.get("data-line"): row.get("data-status") for row in rows},
            {"1": "add", "2": "member", "3": "no_address"},
        )
        fields = self._get_fields(preview)
        self.assertEqual(fields["people"][0].split(), LIST.split())
        # Agreeing to what is blocked adds nobody.
        self._agree(preview)
        self.assertFalse(self._find("new.one@acme.test"))
        fields.pop("seen")
        partial = self._send("/members/add/preview", **{**fields, "allow_partial": "1"})
        self.assertIn("Add 1 member", partial.text)
        done = self._agree(partial)
        self.assertIn("Left out: 1", re.sub(r"\s+", " ", done.text))
        self.assertEqual(self._find("new.one@acme.test").name, "New One")

    def test_change_keeps_what_was_typed(self):
        preview = self._preview(people=LIST, name="Zoe", team_ids=self.sales.ids)
        fields = self._get_fields(preview)
        doc = self._get_doc(self._send("/members/add/change", **fields))
        [area] = doc.xpath("//textarea[@name='people']")
        self.assertEqual(area.text.split(), LIST.split())
        self.assertEqual(doc.xpath("//input[@name='name']/@value"), ["Zoe"])
        checked = doc.xpath("//input[@name='team_ids'][@checked]/@value")
        self.assertEqual(checked, [str(self.sales.id)])

    def test_a_file(self):
        """It is sent once, in whatever encoding, and kept for the confirmation."""
        text = 'Nom;Courriel;Équipe\r\n"Hélène\r\nŒuf";helene@acme.test;SALES\r\n'
        for encoding in ("cp1252", "utf-16"):
            preview = self._preview(file=text.encode(encoding))
            self.assertEqual(self._get_results(preview), {"helene@acme.test": "add"})
        self._agree(preview)
        helene = self._find("helene@acme.test")
        self.assertEqual((helene.name, helene.team_ids), ("Hélène Œuf", self.sales))

    def test_files_that_cannot_be_read(self):
        for content, text in (
            (b"PK\x03\x04", "Excel workbook"),
            (b"\x00\x01\x02", "not a list"),
            (b"Name;Phone\nA;1", "The columns are called Name, Phone"),
            (b"", "Say who is to be added"),
        ):
            response = self._preview(file=content, name="")
            self.assertIn(text, response.text)
            self.assertIn('role="alert"', response.text)

    def test_no_seat_left(self):
        self.base_pool.seat_limit = 4
        self.env.flush_all()
        people = "a@acme.test\nb@acme.test"
        preview = self._preview(people=people)
        self.assertIn("adding 2 would be 1 too many", preview.text)
        self.assertIn("North", preview.text)
        preview = self._preview(people=people, allow_partial="1")
        self.assertEqual(
            self._get_results(preview), {"a@acme.test": "add", "b@acme.test": "full"}
        )
        # Somebody else takes the seat before it is agreed to.
        self._create_member("Quick")
        self.env.flush_all()
        answer = self._agree(preview)
        self.assertIn("Something has changed meanwhile", answer.text)
        self.assertFalse(self._find("a@acme.test"))

    def test_formulas_stay_texts(self):
        people = "Name;E-mail\n=cmd();x@acme.test\n<b>;y@acme.test"
        preview = self._preview(people=people)
        self.assertIn("&lt;b&gt;", preview.text)
        self._agree(preview)
        self.assertEqual(self._find("x@acme.test").name, "=cmd()")

    def test_five_thousand_lines(self):
        """As many queries as for twenty, and nothing is lost in the hidden field."""
        self.base_pool.is_unlimited = True
        self.env.flush_all()

        def preview(count):
            rows = "".join(f"P{n};p{n}@acme.test\n" for n in range(count))
            before = self.cr.sql_log_count
            page = self._preview(file=f"Name;E-mail\n{rows}".encode())
            self.assertIn(f"Add {count} members", page.text)
            self.assertEqual(page.text.count('data-status="add"'), count)
            return self.cr.sql_log_count - before, page

        preview(20)
        few, _page = preview(20)
        many, page = preview(5000)
        self.assertLessEqual(many, few + 5)
        [text] = self._get_fields(page)["file_text"]
        self.assertEqual(len(text.split()), 5001)

    @mute_logger(*MUTED)
    def test_nobody_else(self):
        data = {"email": "x@acme.test", "role_id": self.role_standard.id}
        forms = [
            (f"/members/add/{path}", data) for path in ("change", "preview", "confirm")
        ]
        self._check_closed(["/members/add"], forms, [self.bo, self.kim])

    @mute_logger(*MUTED)
    def test_foreign_ids(self):
        contact = self._create_contact("Bolt's", self.bolt, email="b@bolt.test")
        pool = self._get_pool(self.foreign_subscription, self.base)
        odd = ["x", "-1", "9" * 30, "9" * 5000]
        forms = []
        for name, ids in (
            ("contact_ids", [*contact.ids, *self.bolt.ids, *self.acme.ids, *odd]),
            ("team_ids", [*self.foreign_team.ids, *odd]),
            ("pool_ids", [*pool.ids, *odd]),
            ("role_id", [*self.role_accountant.ids, *odd, ""]),
        ):
            for id_ in ids:
                data = {"email": "x@acme.test", "role_id": self.role_standard.id}
                forms += [
                    (f"/members/add/{path}", {**data, name: id_})
                    for path in ("preview", "confirm")
                ]
        self.env.flush_all()
        self._check_closed([], forms, [self.ada])
        # The addresses of others are as good as new.
        preview = self._preview(email="b@bolt.test")
        self.assertEqual(self._get_results(preview), {"b@bolt.test": "add"})
        self.assertNotIn("Bolt", self._get_main(preview))

    def _get_main(self, response):
        return re.search(r"<main>.*</main>", response.text, re.DOTALL)[0]
