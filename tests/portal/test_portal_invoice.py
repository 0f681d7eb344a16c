import io
import zipfile
from unittest.mock import patch

from freezegun import freeze_time

from odoo.http import Request
from odoo.tests import new_test_user, tagged

from odoo.addons.base.models.ir_actions_report import IrActionsReport as BaseReport

from ..common.document import DocumentCase
from ..common.paper import needs_renderer, read_pages, render
from ..common.portal_user import PortalBrowserMixin
from ..common.subscription import ADDON
from ..common.tour import TourCase


@tagged("post_install", "-at_install")
class TestPortalInvoice(PortalBrowserMixin, DocumentCase, TourCase):
    """The invoices that a client pays, and what proves them. Those of what its partner
    pays are the partner's."""

    def _bill(self, *subscriptions, **options):
        """Bill, and log in as the administrator of Client 1, on a day after it."""
        self.statement = self._play(*subscriptions, **options)[:1]
        self.client = self.player.clients["Client 1"]
        self.record = self.env["sale.subscription"].search(
            [("client_id", "=", self.client.id)]
        )
        self.user = self._create_administrator("ada", self.client)
        self.env.flush_all()
        self.startPatcher(freeze_time("2026-01-20 10:00:00"))
        self._log_in(self.user)

    def _create_administrator(self, login, client):
        user = new_test_user(
            self.env,
            login,
            "base.group_portal",
            email=f"{login}@users.test",
            parent_id=client.id,
            company_id=self.company.id,
            company_ids=[(6, 0, self.company.ids)],
            lang="en_US",
        )
        role = self.env.ref(f"{ADDON}.role_administrator")
        self.env["subscription.member"].create(
            {
                "client_id": client.id,
                "partner_id": user.partner_id.id,
                "role_id": role.id,
            }
        )
        return user

    def _open(self, path, client=None):
        self.env.flush_all()
        client = client or self.client
        return self.url_open(f"/my/subscription/{client.id}{path}", timeout=60)

    def _order(self, number, subscription=None):
        data = {
            "number": number,
            "subscription_id": (subscription or self.statement.subscription_id).id,
            "csrf_token": Request.csrf_token(self),
        }
        url = f"/my/subscription/{self.client.id}/billing/order"
        response = self.url_open(url, data=data, method="POST", allow_redirects=False)
        self.env.invalidate_all()
        return response

    def test_own(self):
        self._bill()
        page = self._open("/invoices").text
        self.assertIn(self.statement.move_id.name, page)
        self.assertIn(f"/my/invoices/{self.statement.move_id.id}", page)
        path = f"/statements/{self.statement.id}"
        self.assertIn(f"{path}/pdf", page)
        response = self._open(f"{path}/xlsx")
        with zipfile.ZipFile(io.BytesIO(response.content)) as book:
            text = "".join(map(str, (book.read(name) for name in book.namelist())))
        self.assertIn("Client 1", text)
        self.assertEqual(self._open(f"{path}/exe").status_code, 404)
        self.assertIn("The next invoice, on 02/01/2026, will bill", page)
        self.assertIn("300.00", page)
        overview = self._open("").text
        self.assertIn("The next invoice is due on 02/01/2026.", overview)
        path = f"/next-invoice/{self.statement.subscription_id.id}"
        self.assertIn(path, overview)
        response = self._open(path)
        self.assertIn("text/plain", response.headers["Content-Type"])
        self.assertIn("300.00", response.text)

    @needs_renderer
    def test_statement_document(self):
        self.startPatcher(patch.object(BaseReport, "_pre_render_qweb_pdf", render))
        self._bill()
        response = self._open(f"/statements/{self.statement.id}/pdf")
        self.assertEqual(response.headers["Content-Type"], "application/pdf")
        self.assertIn("Client 1", "".join(read_pages(response.content)))

    def test_partner_pays(self):
        """The client reads no invoice, no statement and no price of it."""
        self._bill({"payer": "North"})
        self.assertEqual(self.statement.payer_id, self.player.clients["North"])
        page = self._open("/invoices").text
        self.assertIn("There are no invoices to you.", page)
        for kind in ("pdf", "xlsx", "csv"):
            response = self._open(f"/statements/{self.statement.id}/{kind}")
            self.assertEqual(response.status_code, 404)
        overview = self._open("").text
        self.assertIn("You get no invoices for it: your partner pays.", overview)
        self.assertNotIn("/next-invoice/", overview)
        told = self._open(f"/next-invoice/{self.statement.subscription_id.id}").text
        for text in (overview.split("<main>")[1], page.split("<main>")[1], told):
            for price in ("300.00", "30.00", "€"):
                self.assertNotIn(price, text)
        self.assertNotIn("Purchase order", self._open("/billing").text)
        self.assertIn("somebody else pays for it", self._order("PO 7").text)
        self.assertFalse(self.statement.subscription_id.purchase_order)

    def test_partner_pays_no_effect(self):
        """What a change does to the partner's invoice is not told to the client."""
        self._bill({"payer": "North"}, basis="in_use")
        record = self.record
        pool = record.seat_pool_ids.filtered("is_billed")
        told = record.with_user(self.user).sudo()
        self.assertTrue(record._get_grant_text({pool: 1}))
        self.assertFalse(told._get_grant_text({pool: 1}))

    def test_client_pays_effect(self):
        self._bill(basis="in_use")
        record = self.record.with_user(self.user).sudo()
        pool = record.seat_pool_ids.filtered("is_billed")
        text = record._get_grant_text({pool: 1})
        self.assertIn("The next invoice", text)
        url = f"/my/subscription/{self.client.id}/module/{pool.id}/add/check"
        member = self.user.partner_id.membership_ids
        data = {"member_id": member.id, "csrf_token": Request.csrf_token(self)}
        page = self.url_open(url, data=data, method="POST").text
        self.assertIn("Expenses: 1 seat is taken", page)
        self.assertIn(text.split(".")[0], page)

    def test_foreign(self):
        self._bill({}, {"id": "S2", "client": "Client 2", "payer": "Client 2"})
        other = self.player.clients["Client 2"]
        bo = self._create_administrator("bo", other)
        self._log_in(bo)
        page = self._open("/invoices", other).text
        self.assertNotIn(self.statement.move_id.name, page)
        for client in (self.client, other):
            for kind in ("pdf", "xlsx"):
                path = f"/statements/{self.statement.id}/{kind}"
                self.assertEqual(self._open(path, client).status_code, 404)

    def test_contact_of_another_company(self):
        """Who administers a client from elsewhere reads by Odoo's rules: no invoice of
        it, and so no statement."""
        self._bill({}, {"id": "S2", "client": "Client 2", "payer": "Client 2"})
        self.user.partner_id.parent_id = self.player.clients["Client 2"]
        page = self._open("/invoices").text
        self.assertNotIn(self.statement.move_id.name, page)
        self.assertIn("are shown to contacts of this company alone", page)
        path = f"/statements/{self.statement.id}/xlsx"
        self.assertEqual(self._open(path).status_code, 404)

    def test_purchase_order(self):
        self._bill()
        record = self.statement.subscription_id
        self.assertIn("Purchase order number", self._open("/billing").text)
        self.assertEqual(self._order("  PO\t 7 ").status_code, 303)
        self.assertEqual(record.purchase_order, "PO 7")
        page = self._order("x" * 65).text
        self.assertIn("has up to 64 characters", page)
        self.assertIn(f'value="{"x" * 65}"', page)
        self.assertEqual(record.purchase_order, "PO 7")
        self._order("")
        self.assertFalse(record.purchase_order)
        self.assertEqual(self._get_orders(), [("", "PO 7"), ("PO 7", "")])
        self.assertEqual(self._log.mapped("user_id"), self.user)
        page = self._open("/history").text
        self.assertIn("Purchase order number changed", page)

    @property
    def _log(self):
        return self.env["subscription.log"].search(
            [("event", "=", "purchase_order")], order="id"
        )

    def _get_orders(self):
        """Return the purchase order numbers before and after, of the audit trail."""
        self.env.invalidate_all()
        return [(one.old_value or "", one.new_value or "") for one in self._log]

    def test_purchase_order_in_a_browser(self):
        """In English and French."""
        self._bill()
        record = self.statement.subscription_id
        for lang in ("en_US", "fr_FR"):
            self.env["res.lang"]._activate_lang(lang)
            self.user.lang = lang
            record.purchase_order = False
            self.env.flush_all()
            url = f"/my/subscription/{self.client.id}/billing"
            self.start_tour(url, "subscription_page_order", login="ada")
            self.env.invalidate_all()
            self.assertEqual(record.purchase_order, "PO 7")

    def test_purchase_order_from_the_back_office(self):
        """Noted as well; a value that is there already is no change."""
        self._bill()
        record = self.statement.subscription_id
        for number in ("PO 8", "PO 8", "PO 9"):
            record.write({"purchase_order": number})
        self.assertEqual(self._get_orders(), [("", "PO 8"), ("PO 8", "PO 9")])

    def test_purchase_order_of_the_partner(self):
        """That of somebody else who pays is nothing that the client reads."""
        self._bill({"payer": "North"})
        self.statement.subscription_id.purchase_order = "Secret"
        self.assertEqual(self._get_orders(), [])
        self.assertNotIn("Secret", self._open("/history").text)

    def test_draft_and_void(self):
        """What was never invoiced, or not in the end, is not shown."""
        self._bill()
        move = self.statement.move_id
        move.button_draft()
        move.button_cancel()
        self.assertNotIn(f"/my/invoices/{move.id}", self._open("/invoices").text)
        path = f"/statements/{self.statement.id}/pdf"
        self.assertEqual(self._open(path).status_code, 404)
