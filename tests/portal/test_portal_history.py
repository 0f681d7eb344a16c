import csv
import io
import re
import zipfile
from unittest.mock import patch

from odoo.tests import tagged

from ...controllers.portal_history import HistoryPortal
from ..common.portal import ClientPageCase


@tagged("post_install", "-at_install")
class TestPortalHistory(ClientPageCase):
    """The audit trail of a client, and who may act for it."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls._create_user("nora", "standard", cls.north, name="Nora North")
        cls.rita = cls._create_user("rita", "standard", cls.reef, name="Rita Reef")

    def setUp(self):
        super().setUp()
        self.kim_member = self.kim.partner_id.membership_ids
        pools = self.expenses_pool.with_user(self.nora)
        pools._grant({pools: self.kim_member})
        self._log_in(self.ada)

    def _get_entries(self, query=""):
        """Return the texts of the entries."""
        page = self._open(f"/history{query}")
        rows = re.findall(r"<li[^>]*o_my_entry.*?</li>", page)
        return [re.sub(r"<[^>]+>|\s+", " ", row) for row in rows]

    def test_former_address(self):
        response = self.url_open("/my/audit", allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], self._get_url("/history"))
        self._log_in(self.kim)
        response = self.url_open("/my/audit", allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], "/my")

    def test_entries(self):
        """Ada reads what happened in her company; Bo nothing of it."""
        self._invite()
        entries = self._get_entries()
        self.assertTrue(any("Accountant invited" in one for one in entries))
        [given] = [one for one in entries if "Nora North" in one]
        self.assertIn("Seat given", given)
        self.assertIn("Expenses", given)
        self._log_in(self.bo)
        page = self._open("/history", self.bolt)
        self.assertIn("Audit trail", page)
        self.assertNotIn(self.EMAIL, page)
        self.assertNotIn("Nora", page)

    def test_every_entry_is_on_one_page(self):
        self._create_members(self.acme, 1, self.role_reports)
        domain = [("client_id", "=", self.acme.id)]
        total = self.env["subscription.audit"].search_count(domain)
        found = []
        with patch.object(HistoryPortal, "_items_per_page", 3):
            for number in range(1, -(-total // 3) + 1):
                page = self._open(f"/history/page/{number}")
                found += re.findall(r'data-entry="(\d+)"', page)
        self.assertEqual(len(found), total)
        self.assertEqual(len(set(found)), total)

    def test_filters(self):
        everything = self._get_entries()
        by_kind = self._get_entries("?event=seat_given")
        self.assertLess(len(by_kind), len(everything))
        self.assertTrue(all("Seat given" in one for one in by_kind))
        by_member = self._get_entries("?member=kim")
        self.assertTrue(by_member)
        self.assertTrue(all("kim" in one for one in by_member))
        by_text = self._get_entries("?text=expenses")
        self.assertEqual(by_text, [one for one in everything if "Expenses" in one])
        self.assertEqual(len(self._get_entries("?text=nora+north")), 1)
        self.assertEqual(self._get_entries("?last=2020-01-01"), [])
        self.assertEqual(self._get_entries("?first=2020-01-01"), everything)
        today = self.env.company._get_today()
        span = f"?first={today}&last={today}"
        self.assertEqual(self._get_entries(span), everything)
        by_north = self._get_entries(f"?company={self.north.id}")
        self.assertEqual(len(by_north), 1)
        self.assertIn("Expenses", by_north[0])

    def test_no_day(self):
        page = self._open("/history?first=nonsense")
        self.assertIn("“nonsense” is not a day", page)
        self.assertIn('value="nonsense"', page)
        self.assertNotIn("o_my_entry", page)

    def test_export(self):
        """What was found, and nothing else; nothing in it is run."""
        self.kim.partner_id.name = "=cmd|calc"
        self._create_member("=2+5")
        response = self.url_open(self._get_url("/history/export/csv?event=seat_given"))
        self.assertIn("attachment", response.headers["Content-Disposition"])
        rows = list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"))))
        self.assertEqual(rows[0][:3], ["Date", "By", "Event"])
        self.assertEqual({row[2] for row in rows[1:]}, {"Seat given"})
        self.assertIn("'=2+5", [row[3] for row in rows])
        self.assertFalse([one for row in rows for one in row if one.startswith("=")])
        domain = [("client_id", "=", self.acme.id), ("event", "=", "seat_given")]
        total = self.env["subscription.audit"].search_count(domain)
        self.assertEqual(len(rows), total + 1)
        response = self.url_open(self._get_url("/history/export/xlsx"))
        with zipfile.ZipFile(io.BytesIO(response.content)) as book:
            text = "".join(
                book.read(name).decode()
                for name in book.namelist()
                if name.endswith(".xml")
            )
        self.assertIn("Nora North", text)
        self.assertNotIn("<f>", text)
        response = self.url_open(self._get_url("/history/export/csv?first=x"))
        self.assertEqual(response.status_code, 404)

    def test_companies(self):
        """Who manages the client, up to the vendor; what they did, and when."""
        page = self._open("/companies")
        self.assertIn("North", page)
        self.assertIn("Vendor", page)
        for name in ("South", "Reef", "Bolt"):
            self.assertNotIn(name, page)
        self.assertIn(f"/history?company={self.north.id}", page)
        self.assertIn("Entries in the audit trail: 1<", page)
        [done] = re.findall(r"<details.*?</details>", page.split("Vendor<")[0])
        self.assertIn("Seat given", done)
        self.assertIn("Nora North", done)
        self.assertIn("/requests/new?kind=partner", page)

    def test_tiers(self):
        """From the one that the client deals with up to the vendor."""
        acting = self.coral._get_acting_companies()
        self.assertEqual(list(acting), [self.reef, self.north, self.vendor])
        self.assertEqual(list(self.dune._get_acting_companies()), [self.vendor])

    def test_former_partner(self):
        """A client that changes partner reads what the former one did."""
        self.acme.managing_partner_id = self.south
        self.acme.managing_partner_id = self.reef
        page = self._open("/companies")
        acting, former = page.split("o_my_former")
        self.assertIn("Reef", acting)
        self.assertIn("North", acting, "it is above Reef")
        self.assertIn("South", former)
        self.assertNotIn("North", former)
        # What its user did before it left the company is still North's.
        self._create_member("Nina").with_user(self.nora).sudo()._log_event("restored")
        self.nora.partner_id.parent_id = self.dune
        self.assertEqual(len(self._get_entries(f"?company={self.north.id}")), 1)
