from odoo.tests import tagged

from ..common.request import RequestHttpCase

PAGE = "/my/access"


@tagged("post_install", "-at_install")
class TestPortalAccess(RequestHttpCase):
    """The page of a member: what it has itself, and nothing of others."""

    def _get_member(self, user):
        return user.partner_id.sudo().membership_ids

    def _get_requests(self):
        self.env.invalidate_all()
        return self.requests.search([])

    def test_member(self):
        member = self._get_member(self.kim)
        member.team_ids = self.env["subscription.team"].create(
            [
                {"name": "Field", "client_id": self.acme.id},
                {"name": "Gone", "client_id": self.acme.id, "active": False},
            ]
        )
        self._create_member("Hidden Colleague")
        self._log_in(self.kim)
        self.assertIn(PAGE, self._get("/my").text)
        page = self._get(PAGE)
        text = self._read(page)
        self.assertIn("Acme", text)
        self.assertIn(self.base.name, text)
        self.assertIn("Field", text)
        self.assertNotIn("Gone", text)
        self.assertIn(self.role_standard.name, text)
        self.assertIn("ada", text)
        self.assertNotIn("Hidden Colleague", text)
        self.assertNotIn("/my/subscription/", page.text)
        self.assertEqual(page.text.count("<h1"), 1)

    def test_ask(self):
        member = self._get_member(self.kim)
        self._log_in(self.kim)
        data = {"member_id": member.id, "pool_id": self.term_pool.id}
        answer = self._post(f"{PAGE}/ask", **data, message="For trips")
        self.assertURLEqual(answer.headers["Location"], PAGE)
        request = self._get_requests()
        self.assertEqual((request.kind, request.member_id), ("module", member))
        self.assertEqual(request.asked_by_id, self.kim)
        self.assertEqual(self._get_letters(request), [("asked", "ada@acme.test")])
        page = self._get(PAGE).text
        self.assertIn("your administrators have been asked", page)
        self.assertIn('data-state="waiting"', page)
        page = self._post(f"{PAGE}/ask", **data, message="Again")
        self.assertIn("still to come", page.text)
        self.assertIn("Again", page.text)
        self.assertEqual(len(self._get_requests()), 1)
        self._post(f"{PAGE}/withdraw", request_id=request.id)
        self.env.invalidate_all()
        self.assertEqual(request.state, "withdrawn")
        self.assertEqual(
            self._post(f"{PAGE}/withdraw", request_id=request.id).status_code, 404
        )

    def test_answer(self):
        request = self._ask_module()
        request.with_user(self.ada).sudo()._refuse("Ask in March.")
        self._log_in(self.kim)
        page = self._get(PAGE).text
        self.assertIn("Ask in March.", page)
        self.assertIn('data-state="refused"', page)
        mail = self._get_mails(request)[-1]
        self.assertEqual(mail.email_to, "kim@acme.test")
        self.assertIn("/my/access", mail.body_html)

    def test_others(self):
        """A member asks for itself alone, of its own company alone."""
        other = self._create_subscription(self.bolt, self.plan)
        pool = self._get_pool(other, self.expenses)
        theirs = self._get_member(self.ada)
        asked = self._ask_module(self.bo, pool)
        self._log_in(self.kim)
        mine = self._get_member(self.kim)
        for data, code in (
            ({"member_id": theirs.id, "pool_id": self.term_pool.id}, 404),
            ({"member_id": f"{mine.id},{theirs.id}", "pool_id": pool.id}, 404),
            ({"member_id": "", "pool_id": self.term_pool.id}, 404),
            ({"member_id": f" {mine.id}", "pool_id": self.term_pool.id}, 404),
            ({}, 404),
            ({"member_id": mine.id, "pool_id": pool.id}, 200),
            ({"member_id": mine.id, "pool_id": "x"}, 200),
            ({"member_id": mine.id}, 200),
            ({"member_id": mine.id, "pool_id": str(10**30)}, 200),
        ):
            with self.subTest(data):
                answer = self._post(f"{PAGE}/ask", **data)
                self.assertEqual(answer.status_code, code)
                if code == 200:
                    self.assertIn("Choose a module that you do not", answer.text)
                    self.assertNotIn("Bolt", answer.text)
        for request_id in (asked.id, f" {asked.id}", "x", ""):
            answer = self._post(f"{PAGE}/withdraw", request_id=request_id)
            self.assertEqual(answer.status_code, 404)
        self.assertEqual(self._get_requests().mapped("state"), ["waiting"])

    def test_nobody(self):
        """Who is no member, or not any more, has no such page."""
        self._log_in(self.nora)
        self.assertNotIn(f'href="{PAGE}"', self._get("/my").text)
        self.assertURLEqual(self._get(PAGE).headers["Location"], "/my")
        self._get_member(self.kim).active = False
        self.env.flush_all()
        self._log_in(self.kim)
        self.assertURLEqual(self._get(PAGE).headers["Location"], "/my")
        answer = self._post(f"{PAGE}/ask", member_id=self._get_member(self.kim).id)
        self.assertEqual(answer.status_code, 404)
        self.authenticate(None, None)
        self.assertIn("/web/login", self._get(PAGE).headers["Location"])

    def test_administrator(self):
        self._log_in(self.ada)
        page = self._get(PAGE).text
        self.assertIn(f"/my/subscription/{self.acme.id}", page)

    def test_several_companies(self):
        """Each has a card of its own."""
        self._create_member("Kim", self.bolt, partner_id=self.kim.partner_id.id)
        self._log_in(self.kim)
        text = self._read(self._get(PAGE))
        self.assertLess(text.index("Acme"), text.index("Bolt"))
        self.assertNotIn("South", text)

    def test_session_that_ended(self):
        self._log_in(self.kim)
        for path in (f"{PAGE}/ask", f"{PAGE}/withdraw"):
            self.assertURLEqual(self._get(path).headers["Location"], PAGE)
            self.assertIn("your session had ended", self._get(PAGE).text)
            self.assertEqual(self._post(path, csrf=False).status_code, 400)
