from freezegun import freeze_time

from odoo.tests import tagged

from ..common.portal import ClientPageCase

PAGES = (
    *("", "/accountants", "/history", "/companies", "/invoices", "/billing"),
    "/next-invoice/{subscription}",
    *("/history/export/csv", "/module/{pool}", "/module/{pool}/add"),
    "/module/{pool}/remove/{seat}",
)
ACTIONS = (
    *("/accountants/invite", "/billing/mailbox", "/billing/order"),
    *("/module/{pool}/add/check", "/module/{pool}/add/do"),
    "/module/{pool}/remove/{seat}/do",
)


@tagged("post_install", "-at_install")
class TestPortalPages(ClientPageCase):
    """Who gets to which page of a client."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seat = cls.kim.partner_id.membership_ids._get_seats_in_use()
        cls.ids = {
            "pool": cls.base_pool.id,
            "seat": cls.seat.id,
            "subscription": cls.subscription.id,
        }

    def test_administrator(self):
        self._log_in(self.ada)
        self.assertIn('href="/my/subscription"', self.url_open("/my").text)
        for path in PAGES:
            with self.subTest(path):
                page = self._open(path.format(**self.ids))
                if "export" not in path and "next" not in path:
                    self.assertEqual(page.count("<h1"), 1)

    def test_others(self):
        """Nobody else finds one, whatever the address names; nothing is changed."""
        for login, user in self._create_others().items():
            self._log_in(user)
            for path in PAGES:
                url = self._get_url(path.format(**self.ids))
                with self.subTest(login=login, path=path):
                    self.assertEqual(self.url_open(url).status_code, 404)
            for path in ACTIONS:
                with self.subTest(login=login, path=path):
                    path = path.format(**self.ids)
                    response = self._send(path, member_id=1, email="x@evil.test")
                    self.assertEqual(response.status_code, 404)
        self.assertFalse(self.seat.released_at)
        self.assertFalse(self.acme.billing_email)

    def test_public(self):
        self.authenticate(None, None)
        for path in (*PAGES, *ACTIONS):
            url = self._get_url(path.format(**self.ids))
            with self.subTest(path):
                response = self.url_open(url, allow_redirects=False)
                self.assertIn("/web/login", response.headers["Location"])

    def test_without_a_token(self):
        self._log_in(self.ada)
        for path in ACTIONS:
            url = self._get_url(path.format(**self.ids))
            with self.subTest(path):
                self.assertEqual(self._post(url, csrf=False).status_code, 400)
        self.assertFalse(self.seat.released_at)

    def test_lost_session(self):
        """Whoever logs in again is told that nothing was done, on the page itself."""
        self._log_in(self.ada)
        for path, page in (
            ("/module/{pool}/remove/{seat}/do", "/module/{pool}"),
            ("/module/{pool}/add/check", "/module/{pool}/add"),
            ("/billing/order", "/billing"),
            ("/accountants/invite", "/accountants"),
        ):
            with self.subTest(path):
                response = self.url_open(
                    self._get_url(path.format(**self.ids)), allow_redirects=False
                )
                url = self._get_url(page.format(**self.ids))
                self.assertURLEqual(response.headers["Location"], url)
                text = self._open(page.format(**self.ids))
                self.assertIn("Nothing was done: your session had ended.", text)
                self.assertIn("o_my_unsent", text)
        self.assertFalse(self.seat.released_at)

    def test_ids(self):
        """No form of an id leads to what is somebody else's, or to an error."""
        foreign = self._create_subscription(self.bolt, self.plan)
        pool = self._get_pool(foreign, self.base)
        seat = self.bo.partner_id.membership_ids._get_seats_in_use()
        self.assertTrue(seat)
        own = self.base_pool.id
        self._log_in(self.ada)
        for path in (
            f"/module/{pool.id}",
            f"/module/{pool.id}/add",
            f"/module/{pool.id}/remove/{seat.id}",
            f"/next-invoice/{foreign.id}",
            f"/module/{own}/remove/{seat.id}",
            f"/module/{self.expenses_pool.id}/remove/{self.seat.id}",
            *(f"/module/{one}" for one in ("0", "-1", "x", "9" * 30, f"{own},{own}")),
            f"/module/{own}/remove/{10**30}",
            "/history/export/exe",
            f"/history?company={self.south.id}",
            f"/history?company={10**30}",
            "/history?event=nonsense",
            "/statements/1/pdf",
            f"/statements/{10**30}/pdf",
        ):
            with self.subTest(path):
                response = self.url_open(self._get_url(path))
                self.assertEqual(response.status_code, 404)
                self.assertNotIn("Bolt", response.text)
        for client_id in (0, 10**30, self.bolt.id, "x", f"{self.acme.id}x"):
            response = self.url_open(f"/my/subscription/{client_id}")
            self.assertEqual(response.status_code, 404)

    def test_odd_words(self):
        """Whatever is asked for in an address is found, or not; it is no error."""
        self._log_in(self.ada)
        odd = ("%00", "%25_", "'", "%5B%5D", "é", "x" * 3000, "NaN", "1e9")
        for path in (
            f"/module/{self.base_pool.id}?search=",
            f"/module/{self.base_pool.id}/add?search=",
            *(
                "/history?text=",
                "/history?member=",
                "/history?first=",
                "/history?last=",
            ),
        ):
            for word in odd:
                with self.subTest(path=path, word=word[:9]):
                    self._open(path + word)
        for day in ("0001-01-01", "9999-12-31", "2026-02-30", "x"):
            self._open(f"/history?first={day}&last={day}")
        for page in ("0", "99", "9" * 30):
            self._open(f"/history/page/{page}")


@tagged("post_install", "-at_install")
class TestPortalHome(ClientPageCase):
    """What the first page says."""

    def _get_overview(self):
        self.env.invalidate_all()
        return self._open()

    def test_way_there(self):
        self._log_in(self.ada)
        response = self.url_open("/my/subscription", allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], self._get_url())
        self._log_in(self.kim)
        self.assertNotIn('href="/my/subscription"', self.url_open("/my").text)
        response = self.url_open("/my/subscription", allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], "/my/access")
        self._log_in(self._create_others()["alma"])
        response = self.url_open("/my/subscription", allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], "/my")

    def test_overview(self):
        self._log_in(self.ada)
        page = self._get_overview()
        self.assertIn("Plus", page)
        self.assertIn("North", page)
        self.assertIn("mailto:north@partners.test", page)
        self.assertIn("tel:+442079460001", page)
        self.assertNotIn("South", page)
        for pool in (self.base_pool, self.expenses_pool):
            self.assertIn(f'href="{self._get_url(f"/module/{pool.id}")}"', page)
            self.assertIn(f'data-pool="{pool.id}"', page)
        self.assertRegex(page, r">2</span> of|2 of|<span[^>]*>\s*2\s+of\s+3")
        self.assertRegex(page, r"o_my_members\">\s*2\s*<")
        self.assertRegex(page, r"o_my_billed_members\">\s*0\s*<")

    def test_banners(self):
        self._log_in(self.ada)
        self.assertNotIn("o_my_banner", self._get_overview())
        self.base_pool.seat_limit = 2
        page = self._get_overview()
        self.assertIn('data-state="full"', page)
        self.assertIn("Free a seat, or contact North", page)
        self.subscription.company_id.seat_warning_rate = 50
        self.base_pool.seat_limit = 3
        page = self._get_overview()
        self.assertIn('data-state="warning"', page)
        self.assertIn("to raise the limit in time", page)

    def test_not_configured(self):
        self._log_in(self.ada)
        self.expenses_pool.seat_limit = 0
        page = self._get_overview()
        self.assertIn("Not configured", page)
        self.assertIn("No seats are contracted yet. Contact North", page)

    def test_none(self):
        """Without a subscription, the page says whom to ask for one."""
        self._log_in(self.bo)
        page = self._open("", self.bolt)
        self.assertIn("There is no subscription yet. Contact South", page)
        self.assertNotIn("Acme", page)

    def test_terms(self):
        subscription = self.subscription.with_context(lang="en_US")
        subscription.write({"date_start": "2026-01-01"})
        subscription._set({"date": "2026-12-31"})
        for day, text in (
            ("2026-11-16", "It ends on 12/31/2026 (in 45 days)."),
            ("2026-12-30", "It ends on 12/31/2026 (tomorrow)."),
            ("2026-12-31", "It ends on 12/31/2026 (today)."),
            ("2027-01-01", "It ended on 12/31/2026 (yesterday)."),
            ("2027-01-05", "It ended on 12/31/2026 (5 days ago)."),
        ):
            self.env.invalidate_all()
            with self.subTest(day), freeze_time(f"{day} 10:00:00"):
                self.assertIn(text, subscription._get_client_term_text())

    def test_switch(self):
        """Who administers two clients changes between them, and stays there."""
        self.env["subscription.member"].create(
            {
                "client_id": self.bolt.id,
                "partner_id": self.ada.partner_id.id,
                "role_id": self.role_administrator.id,
            }
        )
        self._log_in(self.ada)
        page = self._open("", self.bolt)
        self.assertIn(f'href="/my/subscription/{self.acme.id}"', page)
        response = self.url_open("/my/subscription", allow_redirects=False)
        url = self._get_url("", self.bolt)
        self.assertURLEqual(response.headers["Location"], url)

    def test_queries(self):
        """A page costs the same, however many members there are."""
        self._log_in(self.ada)
        self.base_pool.seat_limit = self.expenses_pool.seat_limit = 200
        counts = {}
        for more in (1, 60):
            members = self._create_members(self.acme, more)
            self._grant(self.expenses_pool, members)
            for path in ("", f"/module/{self.base_pool.id}"):
                counts.setdefault(path, []).append(self._count_page_queries(path))
        for path, (few, many) in counts.items():
            with self.subTest(path, few=few, many=many):
                self.assertLessEqual(many, few)
                self.assertLessEqual(many, 25)
