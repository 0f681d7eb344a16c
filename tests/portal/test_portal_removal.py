from odoo.tests import tagged

from ..accountant.test_portal_accountant import AccountantHttpCase


@tagged("post_install", "-at_install")
class TestPortalRemoval(AccountantHttpCase):
    """Ada administers Acme; Ben and Cy had Expenses, which has two seats."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base_pool.is_unlimited = True
        names = ("Ben", "Cy", "Dan")
        cls.ben, cls.cy, cls.dan = [cls._create_member(name) for name in names]
        cls.env["subscription.seat.pool"]._grant({cls.expenses_pool: cls.ben | cls.cy})
        (cls.ben | cls.cy).active = False
        cls.removal = cls.env["subscription.removal"].search([], limit=1)
        cls.url = f"/my/subscription/{cls.acme.id}/undo"

    def test_undo(self):
        self._grant(self.expenses_pool, self.dan)
        self._log_in(self.ada)
        page = self.url_open(self.url).text
        self.assertIn("Members who left", page)
        self.assertIn("Ben, Cy", page)
        result = f"{self.url}/{self.removal.id}/result"
        self.assertURLEqual(
            self.url_open(result, allow_redirects=False).headers["Location"], self.url
        )
        response = self._post(f"{self.url}/{self.removal.id}")
        self.assertURLEqual(response.headers["Location"], result)
        page = self.url_open(result).text
        self.assertIn("Given back to Ben, Cy: 3 seats.", page)
        self.assertIn("Cy · Expenses: given to Dan since", page)
        self.env.invalidate_all()
        self.assertTrue(self.ben.active and self.cy.active)
        self.assertEqual(self.removal.undone_by_id, self.ada)
        page = self.url_open(self.url).text
        self.assertIn("What came back", page)
        self.assertNotIn(f'action="{self.url}/{self.removal.id}"', page)

    def test_twice_and_from_a_page_left_open(self):
        self._log_in(self.ada)
        self._post(f"{self.url}/{self.removal.id}")
        self.env.invalidate_all()
        self.ben.active = False
        self.env.flush_all()
        page = self._post(f"{self.url}/{self.removal.id}").text
        self.assertIn("undone already", page)
        self.assertIn('role="alert"', page)
        self.env.invalidate_all()
        self.assertFalse(self.ben.active)

    def test_a_link_does_nothing(self):
        self._log_in(self.ada)
        self.url_open(f"{self.url}/{self.removal.id}")
        self.env.invalidate_all()
        self.assertFalse(self.removal.undone_at)

    def test_others(self):
        theirs = f"/my/subscription/{self.bolt.id}/undo"
        for user in (self.kim, self.bo):
            self._log_in(user)
            self.assertEqual(self.url_open(self.url).status_code, 404)
            response = self._post(f"{self.url}/{self.removal.id}")
            self.assertEqual(response.status_code, 404)
        for path in ("", "/result"):
            response = self.url_open(f"{theirs}/{self.removal.id}{path}")
            self.assertIn(response.status_code, (200, 404))
            self.assertNotIn("Ben", response.text)
        self.assertEqual(self._post(f"{theirs}/{self.removal.id}").status_code, 404)
        self.env.invalidate_all()
        self.assertFalse(self.removal.undone_at)
