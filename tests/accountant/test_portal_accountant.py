import io
import json
import re
import zipfile
from urllib.parse import quote

from odoo import Command, fields
from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException

from ..common.portal_user import PortalBrowserMixin, PortalUserMixin
from ..common.subscription import ADDON
from .test_invitation import InvitationCase

NOT_VALID = "This invitation cannot be used"


class AccountantHttpCase(PortalUserMixin, PortalBrowserMixin, InvitationCase, HttpCase):
    """Ada administers Acme in the portal, Bo Bolt; Kim is a plain member of Acme."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_portal_users()

    def _get_invitations(self, client=None):
        return self.invitations.search([("client_id", "=", (client or self.acme).id)])

    def _call(self, model, method, *args, **kwargs):
        """Call ``method`` the way the web client does, as who has logged in."""
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )


@tagged("post_install", "-at_install")
class TestPortalAccountant(AccountantHttpCase):
    def _get_url(self, path="", client=None):
        return f"/my/subscription/{(client or self.acme).id}/accountants{path}"

    def test_administrator(self):
        """Ada invites, sends again and withdraws."""
        self._log_in(self.ada)
        url = self._get_url()
        self.assertIn("Invite an accountant", self.url_open(url).text)
        response = self._post(f"{url}/invite", email=self.EMAIL, name="Robin")
        self.assertURLEqual(response.headers["Location"], url)
        page = self.url_open(url).text
        self.assertIn(f"{self.EMAIL} has been invited.", page)
        self.assertNotIn("has been invited.", self.url_open(url).text)
        invitation = self._get_invitations()
        self.assertEqual(invitation.invited_by_id, self.ada)
        member_id = invitation.member_id.id
        page = self._post(f"{url}/{member_id}/resend").text
        self.assertIn("was sent a moment ago", page)
        page = self.url_open(f"{url}/{member_id}/withdraw").text
        self.assertIn("sees nothing of your company any more", page)
        self.assertEqual(invitation.state, "sent", "asking ends nothing")
        # Twice: the second one is told the same.
        for _time in range(2):
            self._post(f"{url}/{member_id}/withdraw/do")
            self.assertEqual(invitation.state, "withdrawn")
            self.assertEqual(invitation.withdrawn_by_id, self.ada)
            self.assertIn("Robin has no access any more", self.url_open(url).text)

    def test_former_address(self):
        """Links in old e-mails lead on."""
        self._log_in(self.ada)
        response = self.url_open("/my/accountants", allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], self._get_url())

    def test_refusal_keeps_what_was_typed(self):
        self._log_in(self.ada)
        page = self._post(
            self._get_url("/invite"), email="non\0sense", name="Robin"
        ).text
        self.assertIn("is not an e-mail address", page)
        self.assertIn('value="non sense"', page)
        self.assertIn('value="Robin"', page)
        self.assertFalse(self._get_invitations())

    def test_plain_member(self):
        """Kim is sent away, and changes nothing."""
        invitation, _token = self._invite()
        self._log_in(self.kim)
        self.assertNotIn("/my/subscription", self.url_open("/my").text)
        response = self.url_open("/my/accountants", allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], "/my")
        for path in ("/invite", f"/{invitation.member_id.id}/withdraw/do"):
            response = self._post(self._get_url(path), email="x@y.test")
            self.assertEqual(response.status_code, 404)
        self.assertEqual(self._get_invitations(), invitation)
        self.assertEqual(invitation.state, "sent")

    def test_administrator_of_another_client(self):
        """Somebody else's ids are not found, and nothing of them is shown."""
        invitation, _token = self._invite()
        member_id = invitation.member_id.id
        self._log_in(self.bo)
        self.assertNotIn(self.EMAIL, self.url_open(self._get_url("", self.bolt)).text)
        for client, path in (
            (self.acme, "/invite"),
            (self.acme, f"/{member_id}/withdraw/do"),
            (self.acme, f"/{member_id}/resend"),
            (self.bolt, f"/{member_id}/withdraw/do"),
            (self.bolt, f"/{member_id}/resend"),
            (self.bolt, "/999999999/withdraw/do"),
            (self.bolt, f"/{10**30}/withdraw/do"),
        ):
            response = self._post(self._get_url(path, client), email="x@y.test")
            self.assertEqual(response.status_code, 404, path)
            self.assertNotIn(self.EMAIL, response.text)
        for client in (self.acme, self.bolt):
            url = self._get_url(f"/{member_id}/withdraw", client)
            self.assertEqual(self.url_open(url).status_code, 404)
        self.assertEqual(self._get_invitations(), invitation)
        self.assertEqual(invitation.state, "sent")

    def test_other_members_are_not_withdrawn(self):
        """Only accountants are reached: Kim is none, though of the same company."""
        self._log_in(self.ada)
        member = self.kim.partner_id.membership_ids
        response = self._post(self._get_url(f"/{member.id}/withdraw/do"))
        self.assertEqual(response.status_code, 404)
        self.assertTrue(member.active)

    def test_former_administrator(self):
        """Whoever loses the role loses the page with the next request."""
        self._log_in(self.ada)
        spare = self._create_member("Spare", role=self.role_administrator)
        spare.joined_at = "2026-01-02 08:00:00"
        self.ada.partner_id.membership_ids.role_id = self.role_standard
        response = self._post(self._get_url("/invite"), email=self.EMAIL)
        self.assertEqual(response.status_code, 404)

    def test_anonymous_and_forged(self):
        invitation, _token = self._invite()
        self.authenticate(None, None)
        response = self.url_open(self._get_url(), allow_redirects=False)
        self.assertIn("/web/login", response.headers["Location"])
        self._log_in(self.ada)
        url = self._get_url(f"/{invitation.member_id.id}/withdraw/do")
        self.assertEqual(self._post(url, csrf=False).status_code, 400)
        self.assertEqual(invitation.state, "sent")

    def test_portal_user_over_rpc(self):
        """The models are closed to portal users, whatever the page shows them."""
        invitation, _token = self._invite()
        self._log_in(self.ada)
        for model, ids in (
            ("subscription.invitation", invitation.ids),
            ("subscription.member", invitation.member_id.ids),
        ):
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self._call(model, "read", ids, ["name"])


@tagged("post_install", "-at_install")
class TestInvitationPage(AccountantHttpCase):
    def setUp(self):
        super().setUp()
        self.invitation, self.token = self._invite()
        self.url = f"/subscription/invitation/{self.token}"
        self.authenticate(None, None)

    def test_new_user(self):
        """From the link to the documents: look, accept, choose a password, read."""
        page = self.url_open(self.url)
        self.assertIn("Acme", page.text)
        self.assertIn("invites you as its accountant", page.text)
        self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
        self.assertEqual(page.headers["Cache-Control"], "no-store")
        self.assertEqual(self.invitation.state, "sent", "looking accepts nothing")
        response = self._post(f"{self.url}/accept")
        location = response.headers["Location"]
        self.assertIn("/web/signup?", location)
        self.assertEqual(self.invitation.state, "accepted")
        form = self.url_open(location)
        self.assertIn(self.EMAIL, form.text)
        token = re.search(r'name="token" value="([^"]+)"', form.text)[1]
        response = self._post(
            "/web/signup",
            token=token,
            login=self.EMAIL,
            name="Robin Ledger",
            password="a long password",
            confirm_password="a long password",
            redirect="/odoo",
        )
        self.assertEqual(response.status_code, 303)
        user = self.invitation.accepted_by_id
        self.assertEqual(
            self.make_jsonrpc_request("/web/session/get_session_info")["uid"], user.id
        )
        self.assertEqual(user.group_ids, self.group)
        found = self._call("sale.subscription", "search", [])
        self.assertEqual(found, self.subscription.ids)
        self.assertEqual(self.invitation.member_id.state, "active")

    def test_second_use(self):
        """Nobody learns from the page why a link does not work."""
        self._post(f"{self.url}/accept")
        used = self.url_open(self.url).text
        made_up = self.url_open("/subscription/invitation/made-up").text
        other, token = self._invite(email="other@ledger.test")
        other.expires_at = fields.Datetime.now()
        expired = self.url_open(f"/subscription/invitation/{token}").text
        other._withdraw()
        withdrawn = self.url_open(f"/subscription/invitation/{token}").text
        pages = {self._get_main(page) for page in (used, made_up, expired, withdrawn)}
        self.assertEqual(len(pages), 1)
        self.assertIn(NOT_VALID, pages.pop())
        users = self.env["res.users"].search([])
        self.assertIn(NOT_VALID, self._post(f"{self.url}/accept").text)
        self.assertEqual(self.env["res.users"].search([]), users)

    def _get_main(self, page):
        return re.search(r"<main>.*</main>", page, re.DOTALL)[0]

    def test_existing_accountant(self):
        """Who has the account signs in first."""
        robin = self._create_user(
            "robin", "accountant", self.env["res.partner"], email=self.EMAIL
        )
        self.assertIn("Sign in to accept", self.url_open(self.url).text)
        self._post(f"{self.url}/accept")
        self.assertEqual(self.invitation.state, "sent")
        self._log_in(robin)
        self.assertIn("Accept the invitation", self.url_open(self.url).text)
        response = self._post(f"{self.url}/accept")
        self.assertURLEqual(response.headers["Location"], "/odoo")
        self.assertEqual(self.invitation.accepted_by_id, robin)

    def test_somebody_else(self):
        self._log_in(self.kim)
        self.assertIn("You are signed in as", self.url_open(self.url).text)
        self._post(f"{self.url}/accept")
        self.assertEqual(self.invitation.state, "sent")

    def test_portal_user(self):
        kim = self._create_user(
            "kimmy", "base.group_portal", self.bolt, email=self.EMAIL
        )
        for user in (None, kim):
            self._log_in(user) if user else None
            self.assertIn("account of another kind", self.url_open(self.url).text)
            self._post(f"{self.url}/accept")
            self.assertEqual(self.invitation.state, "sent")
            self.assertFalse(kim._is_internal())

    def test_get_and_forged_post(self):
        self.assertEqual(self.url_open(f"{self.url}/accept").status_code, 405)
        self.assertEqual(self._post(f"{self.url}/accept", csrf=False).status_code, 400)
        self.assertEqual(self.invitation.state, "sent")

    def test_page_shows_nothing_of_the_client(self):
        """The link alone opens an invitation, not the data."""
        self.acme.write({"vat": "BE0477472701", "phone": "+32 2 555 01 02"})
        # Names that the random letters of a token do not hold by chance.
        self.ada.write({"name": "Ada Administrator", "login": "ada-administrator"})
        self.kim.name = "Kim Employee"
        page = self.url_open(self.url).text
        secrets = (
            self.acme.phone,
            self.acme.vat,
            *(self.ada | self.kim).mapped("name"),
        )
        for secret in (*secrets, self.ada.login, self.ada.email, self.kim.email):
            self.assertNotIn(secret, page)


@tagged("post_install", "-at_install")
class TestAccountantSession(AccountantHttpCase):
    """What an accountant who is logged in can do, over the wire."""

    def setUp(self):
        super().setUp()
        self.robin = self._create_user(
            "robin", "accountant", self.env["res.partner"], email=self.EMAIL
        )
        self.accepted, _user = self._accept()
        self._log_in(self.robin)

    def _create_invoice(self, client):
        invoice = self.env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": client.id,
                "invoice_date": "2030-01-01",
                "invoice_line_ids": [
                    Command.create({"name": "Seats", "quantity": 3, "price_unit": 10})
                ],
            }
        )
        invoice.action_post()
        return invoice

    def test_withdrawn_in_an_open_session(self):
        found = self._call("sale.subscription", "search", [])
        self.assertEqual(found, self.subscription.ids)
        self.accepted._withdraw()
        self.assertEqual(self._call("sale.subscription", "search", []), [])
        with self.assertRaisesRegex(JsonRpcException, "AccessError"):
            self._call("sale.subscription", "read", self.subscription.ids, ["name"])

    def test_switch(self):
        other = self._create_subscription(self.bolt, self.plan)
        self._accept(self.bolt)
        both = self.subscription | other
        self.assertEqual(
            sorted(self._call("sale.subscription", "search", [])), sorted(both.ids)
        )
        info = self.make_jsonrpc_request("/web/session/get_session_info")
        names = [client["name"] for client in info["accountant_clients"]]
        self.assertEqual(names, ["Acme", "Bolt"])
        self._call("subscription.member", "select_accountant_client", self.bolt.id)
        self.assertEqual(self._call("sale.subscription", "search", []), other.ids)
        with self.assertRaisesRegex(JsonRpcException, "UserError"):
            self._call("subscription.member", "select_accountant_client", self.coral.id)
        self._log_in(self.ada)
        self.assertEqual(
            self._call("subscription.member", "get_accountant_clients"), []
        )

    def test_private_doors(self):
        """Inviting, accepting and withdrawing are no methods for RPC."""
        for method in ("_invite", "_accept", "_withdraw", "_find", "_send"):
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self._call("subscription.invitation", method, self.accepted.ids)
        for method in ("action_resend", "action_withdraw"):
            with self.assertRaisesRegex(JsonRpcException, "AccessError"):
                self._call("subscription.invitation", method, self.accepted.ids)
        self.assertEqual(self.accepted.state, "accepted")

    def test_invoice(self):
        """List, form, PDF and export of one's clients; nothing of another's."""
        mine, other = self._create_invoice(self.acme), self._create_invoice(self.bolt)
        action = self.make_jsonrpc_request(
            "/web/action/load", {"action_id": f"{ADDON}.account_move_document_action"}
        )
        views = self._call("account.move", "get_views", action["views"])
        self.assertIn("form", views["views"])
        found = self._call(
            "account.move", "web_search_read", [["state", "=", "posted"]], {"name": {}}
        )
        self.assertEqual([row["id"] for row in found["records"]], mine.ids)
        pdf_url = "/report/html/account.report_invoice_with_payments"
        page = self.url_open(f"{pdf_url}/{mine.id}")
        self.assertEqual(page.status_code, 200)
        self.assertIn(mine.name, page.text)
        page = self.url_open(f"{pdf_url}/{other.id}")
        self.assertNotIn(other.name, page.text)
        exported = self._export(mine | other)
        self.assertIn(mine.name, exported)
        self.assertNotIn(other.name, exported)

    def test_pdf(self):
        mine = self._create_invoice(self.acme)
        context = quote(json.dumps({"force_report_rendering": True}))
        response = self.url_open(
            f"/report/pdf/account.report_invoice_with_payments/{mine.id}"
            f"?context={context}",
            timeout=60,
        )
        self.assertEqual(response.status_code, 200)
        self.assertTrue(response.content.startswith(b"%PDF"))

    def _export(self, invoices):
        """Return the text of an exported spreadsheet of ``invoices`` and all others."""
        data = {
            "model": "account.move",
            "fields": [{"name": "name", "label": "Number", "type": "char"}],
            "ids": False,
            "domain": [["id", "in", invoices.ids]],
            "groupby": [],
            "import_compat": False,
        }
        response = self._post("/web/export/xlsx", data=json.dumps(data))
        self.assertEqual(response.status_code, 200)
        with zipfile.ZipFile(io.BytesIO(response.content)) as book:
            return book.read("xl/sharedStrings.xml").decode()
