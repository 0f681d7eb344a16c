import re

from odoo import Command
from odoo.tests import tagged

from ..accountant.test_portal_accountant import AccountantHttpCase


@tagged("post_install", "-at_install")
class TestPortalTeamModule(AccountantHttpCase):
    """Ada administers Acme, whose team Sales has Ben and Cy; Expenses has two seats, of
    which Dan has one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base_pool.is_unlimited = True
        names = ("Ben", "Cy", "Dan")
        cls.ben, cls.cy, cls.dan = [cls._create_member(name) for name in names]
        cls.env["subscription.seat.pool"]._grant({cls.expenses_pool: cls.dan})
        cls.team = cls.env["subscription.team"].create(
            {
                "name": "Sales",
                "client_id": cls.acme.id,
                "member_ids": [Command.set((cls.ben | cls.cy).ids)],
            }
        )
        cls.foreign = cls.env["subscription.team"].create(
            {"name": "Theirs", "client_id": cls.bolt.id}
        )
        cls.url = f"/my/subscription/{cls.acme.id}/teams/{cls.team.id}/modules"

    def _get_holders(self):
        self.env.invalidate_all()
        return self.expenses_pool.seat_ids.member_id

    def test_choose_confirm_and_save(self):
        self._log_in(self.ada)
        page = self.url_open(self.url).text
        self.assertIn("Expenses", page)
        self.assertIn("1 left", page)
        self.assertEqual(len(re.findall(r"<h1", page)), 1)
        modules = {"module_id": self.expenses.id}
        page = self._post(f"{self.url}/confirm", **modules).text
        self.assertIn("Expenses: Ben get access. Seats left: 0.", page)
        self.assertIn("Expenses: no seat for Cy.", page)
        self.assertEqual(self._get_holders(), self.dan)
        for _twice in range(2):
            response = self._post(f"{self.url}/save", **modules)
            self.assertURLEqual(response.headers["Location"], self.url)
            self.assertEqual(self._get_holders(), self.ben | self.dan)
        self.assertEqual(
            self.expenses_pool.seat_ids.granted_by_id, self.env.user | self.ada
        )
        page = self.url_open(self.url).text
        self.assertIn("1 seats are missing", page)
        self.assertIn("Cy · Expenses: All seats of it are in use.", page)
        page = self._post(f"{self.url}/confirm").text
        self.assertIn("Expenses: Ben lose access.", page)
        self._post(f"{self.url}/save")
        self.assertEqual(self._get_holders(), self.dan)

    def test_others(self):
        for user in (self.kim, self.bo):
            self._log_in(user)
            for path in ("", "/confirm", "/save"):
                status = self._post(self.url + path).status_code
                self.assertIn(status, (404, 405))
            self.assertEqual(self.url_open(self.url).status_code, 404)
        self._log_in(self.ada)
        foreign = f"/my/subscription/{self.acme.id}/teams/{self.foreign.id}/modules"
        self.assertEqual(self.url_open(foreign).status_code, 404)
        self.assertEqual(self._post(f"{foreign}/save").status_code, 404)
        for odd in (self.base.id, self.time.id, "x", "", "1e9", "-1", 10**30):
            with self.subTest(module=odd):
                response = self._post(f"{self.url}/save", module_id=odd)
                self.assertEqual(response.status_code, 404)
        self.assertFalse(self.team.module_ids)
        no_token = self._post(f"{self.url}/save", csrf=False)
        self.assertEqual(no_token.status_code, 400)
