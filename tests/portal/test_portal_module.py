from unittest.mock import patch

from odoo.tests import tagged

from ...controllers.portal_module import ModulePortal
from ..common.portal import ClientPageCase


@tagged("post_install", "-at_install")
class TestPortalModule(ClientPageCase):
    """Giving and removing access on the page of a module."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ada_member = cls.ada.partner_id.membership_ids
        cls.kim_member = cls.kim.partner_id.membership_ids
        cls.page = f"/module/{cls.expenses_pool.id}"

    def setUp(self):
        super().setUp()
        self._log_in(self.ada)

    def _check(self, *members, **data):
        ids = [member.id for member in members]
        return self._send(f"{self.page}/add/check", member_id=ids, **data)

    def _do(self, *members):
        ids = [member.id for member in members]
        return self._send(f"{self.page}/add/do", member_id=ids)

    def test_users(self):
        self._grant(self.expenses_pool, self.kim_member)
        page = self._open(self.page)
        self.assertIn("Expenses", page)
        self.assertIn("kim@acme.test", page)
        self.assertNotIn("ada@acme.test", page)
        self.assertIn("Nobody who is called so", self._open(f"{self.page}?search=nina"))
        self.assertIn("kim@acme.test", self._open(f"{self.page}?search=KIM@"))

    def test_add(self):
        """Chosen, told what it does, done; nothing before that."""
        page = self._open(f"{self.page}/add")
        self.assertIn(f'value="{self.kim_member.id}"', page)
        page = self._check(self.kim_member).text
        self.assertIn("Add users to Expenses?", page)
        self.assertIn("Expenses: 1 seat is taken; 1 left after that.", page)
        self.assertFalse(self._get_seated(self.expenses_pool))
        response = self._do(self.kim_member)
        self.assertURLEqual(response.headers["Location"], self._get_url(self.page))
        self.assertEqual(self._get_seated(self.expenses_pool), self.kim_member)
        seat = self.kim_member._get_seats_in_use()[-1:]
        self.assertEqual(
            self._get_seats([("pool_id", "=", self.expenses_pool.id)]).granted_by_id,
            self.ada,
        )
        self.assertTrue(seat)
        self.assertIn("Users added", self._open(self.page))
        self.assertNotIn(
            f'value="{self.kim_member.id}"', self._open(f"{self.page}/add")
        )

    def test_twice(self):
        """Sent twice, a form gives one seat, and says so."""
        for _time in range(2):
            self._do(self.kim_member)
        self.assertIn("They have access already.", self._open(self.page))
        self.assertEqual(self.expenses_pool.used, 1)

    def test_full(self):
        """Adding is paused; the page says why, whom to ask and what else can be
        done."""
        members = self._create_members(self.acme, 1)
        self._grant(self.expenses_pool, members | self.kim_member)
        page = self._open(self.page)
        self.assertIn("2 of 2 seats are in use", page)
        self.assertIn("contact North", page)
        self.assertIn("Adding users is paused", page)
        self.assertIn(f"/requests/new?pool_id={self.expenses_pool.id}", page)
        self.assertRegex(page, r"<button[^>]*disabled=\"disabled\"[^>]*>Add users<")
        self.assertNotIn(f"{self.page}/add", page)

    def test_taken_elsewhere(self):
        """A page that was left open: refused, what was chosen stays chosen."""
        spare = self._create_members(self.acme, 1)
        self._grant(self.expenses_pool, spare | self.kim_member)
        for send in (self._check, self._do):
            with self.subTest(send.__name__):
                response = send(self.ada_member)
                self.assertEqual(response.status_code, 200)
                self.assertIn("2 of 2 seats of Expenses are in use", response.text)
                self.assertIn('role="alert"', response.text)
                self.assertRegex(
                    response.text,
                    rf'value="{self.ada_member.id}"\s+checked="checked"',
                )
        self.assertNotIn(self.ada_member, self._get_seated(self.expenses_pool))

    def test_more_than_fit(self):
        """None or all: nobody gets a seat of those who were asked for."""
        members = self._create_members(self.acme, 1) | self.ada_member | self.kim_member
        self._do(*members)
        self.assertEqual(self.expenses_pool.used, 0)

    def test_nobody(self):
        self.assertIn("Choose at least one user.", self._check().text)
        self._do()
        self.assertIn("They have access already.", self._open(self.page))

    def test_archived_meanwhile(self):
        members = self._create_members(self.acme, 1)
        members.active = False
        response = self._do(members)
        self.assertIn("cannot be given a seat after having left", response.text)

    def test_foreign_members(self):
        """A member of another client is as good as missing, in any form."""
        bo_member = self.bo.partner_id.membership_ids
        for ids in (
            [bo_member.id],
            [self.kim_member.id, bo_member.id],
            ["0"],
            ["-1"],
            ["9" * 30],
            ["True"],
            [f"{self.kim_member.id},{bo_member.id}"],
            ["\0"],
        ):
            for path in ("check", "do"):
                with self.subTest(ids=ids, path=path):
                    response = self._send(f"{self.page}/add/{path}", member_id=ids)
                    self.assertEqual(response.status_code, 404)
        self.assertEqual(self.expenses_pool.used, 0)

    def test_remove(self):
        """Asked first; sent twice it is told the same."""
        seat = self._grant(self.expenses_pool, self.kim_member)
        path = f"{self.page}/remove/{seat.id}"
        page = self._open(path)
        self.assertIn("Remove the access of kim", page)
        self.assertIn("Expenses: 1 seat is free again; 2 left after that.", page)
        self.assertNotIn("goes with it", page)
        self.assertFalse(seat.released_at)
        response = self._send(f"{path}/do")
        self.assertURLEqual(response.headers["Location"], self._get_url(self.page))
        self.assertEqual(seat.released_by_id, self.ada)
        self.assertEqual(seat.release_reason, "access")
        self.assertIn("Access removed", self._open(self.page))
        released_at = seat.released_at
        self._send(f"{path}/do")
        self.assertEqual(seat.released_at, released_at)
        self.assertIn("has no access any more", self._open(self.page))

    def test_remove_base(self):
        """Who loses the base module loses the others, which is said before."""
        self._grant(self.expenses_pool, self.kim_member)
        seat = self.kim_member._get_seats_in_use().filtered("pool_id.is_base")
        path = f"/module/{self.base_pool.id}/remove/{seat.id}"
        page = self._open(path)
        self.assertIn("the access to Expenses goes with it", page)
        self.assertEqual(page.count("1 seat is free again"), 2)
        self._send(f"{path}/do")
        self.assertFalse(self.kim_member._get_seats_in_use())
        self.assertTrue(self.kim_member.active)

    def test_pages(self):
        """Each user stands on one page of the list."""
        self.base_pool.seat_limit = self.expenses_pool.seat_limit = 20
        members = self._create_members(self.acme, 9)
        with patch.object(ModulePortal, "_items_per_page", 4):
            for path, found in (
                (f"/module/{self.base_pool.id}", members.mapped("name")),
                (f"{self.page}/add", members.mapped("name")),
            ):
                pages = [self._open(f"{path}/page/{one}") for one in (1, 2, 3)]
                for name in found:
                    hits = sum(f"{name} <" in page for page in pages)
                    self.assertEqual(hits, 1, (path, name))
