import re

from odoo.tests import HttpCase, tagged
from odoo.tests.common import JsonRpcException

from ..common.portal_user import PortalBrowserMixin
from .test_invite import MEMBER, MemberInvitationCase

NOT_VALID = "This invitation cannot be used"
PASSWORD = "a long password"


class InvitationPageCase(PortalBrowserMixin, MemberInvitationCase, HttpCase):
    """Ben and Ann have been invited; nobody has logged in."""

    def setUp(self):
        super().setUp()
        (self.ann | self.ben)._invite()
        self.tokens = {
            member: self._get_token(member.email) for member in self.ann | self.ben
        }
        self.env.flush_all()
        self.authenticate(None, None)

    def _get_url(self, member):
        return f"/subscription/invitation/{self.tokens[member]}"

    def _accept(self, member):
        return self._post(f"{self._get_url(member)}/accept")

    def _choose_password(self, location, member):
        form = self.url_open(location)
        self.assertIn(member.email, form.text)
        token = re.search(r'name="token" value="([^"]+)"', form.text)[1]
        redirect = re.search(r'name="redirect" value="([^"]+)"', form.text)[1]
        return self._post(
            "/web/signup",
            token=token,
            login=member.email,
            name=member.name,
            password=PASSWORD,
            confirm_password=PASSWORD,
            redirect=redirect,
        )

    def _get_main(self, page):
        return re.search(r"<main>.*</main>", page, re.DOTALL)[0]


@tagged("post_install", "-at_install")
class TestInvitationPage(InvitationPageCase):
    def test_somebody_new(self):
        """Look, accept, choose a password, and arrive where the role leads."""
        for member, words, landing in (
            (self.ann, "invites you as an administrator", "/my/subscription"),
            (self.ben, "invites you as a member", "/my/access"),
        ):
            with self.subTest(member.name):
                self.authenticate(None, None)
                page = self.url_open(self._get_url(member))
                self.assertIn(words, page.text)
                self.assertEqual(
                    "You look after its members" in page.text, member == self.ann
                )
                self.assertEqual(page.text.count("<h1"), 1)
                self.assertEqual(page.headers["Referrer-Policy"], "no-referrer")
                self.assertEqual(page.headers["Cache-Control"], "no-store")
                self.assertEqual(member.invitation_state, "sent", "looking is nothing")
                response = self._accept(member)
                self.assertIn("/web/signup?", response.headers["Location"])
                self.assertEqual(member.invitation_state, "accepted")
                response = self._choose_password(response.headers["Location"], member)
                self.assertURLEqual(response.headers["Location"], landing)
                user = member.partner_id.user_ids
                info = self.make_jsonrpc_request("/web/session/get_session_info")
                self.assertEqual(info["uid"], user.id)
                self.env.invalidate_all()
                self.assertEqual(member.login_state, "active")
        page = self.url_open("/my").text
        self.assertNotIn("/my/accountants", page, "Ben administers nothing")

    def test_every_dead_link_is_one_page(self):
        """Accepted, expired, withdrawn, readdressed, replaced and made up."""
        self.base_pool.seat_limit = 20
        pages = {}
        for name in ("expired", "withdrawn", "archived", "readdressed", "resent"):
            member = self._create_member(name, email=f"{name}@acme.test")
            invitation = member._invite()
            url = f"/subscription/invitation/{self._get_token(member.email)}"
            if name == "expired":
                invitation.expires_at = "2026-01-01"
            elif name == "withdrawn":
                member._withdraw_invitation()
            elif name == "archived":
                member.active = False
            elif name == "readdressed":
                member.email = "new@acme.test"
            else:
                invitation.sent_at = "2026-01-01"
                member._invite()
            pages[name] = url
        self._accept(self.ben)
        pages["accepted"] = self._get_url(self.ben)
        pages["made up"] = "/subscription/invitation/made-up"
        self.env.flush_all()
        users = self.env["res.users"].search([])
        seen = set()
        for name, url in pages.items():
            with self.subTest(name):
                page = self._get_main(self.url_open(url).text)
                self.assertIn(NOT_VALID, page)
                seen.add(page)
                self.assertIn(NOT_VALID, self._post(f"{url}/accept").text)
        self.assertEqual(len(seen), 1)
        self.assertEqual(self.env["res.users"].search([]), users)

    def test_who_has_an_account_signs_in(self):
        user = self._get_login("kim", email="ben@acme.test", parent_id=self.bolt.id)
        self.assertIn("Sign in to accept", self.url_open(self._get_url(self.ben)).text)
        self._accept(self.ben)
        self.assertEqual(self.ben.invitation_state, "sent")
        self._log_in(user)
        page = self.url_open(self._get_url(self.ben)).text
        self.assertIn("Accept the invitation", page)
        self.assertNotIn("You choose a password next", page)
        response = self._accept(self.ben)
        self.assertURLEqual(response.headers["Location"], "/my/access")
        self.assertEqual(self.ben.partner_id, user.partner_id)
        self.assertEqual(self.ben.invitation_ids.accepted_by_id, user)
        self.assertIn(NOT_VALID, self._accept(self.ben).text, "a double click")

    def test_somebody_else(self):
        """Nobody accepts for another, whatever it is: not even of the same client."""
        user = self._get_login("lou", parent_id=self.acme.id)
        self._create_member("Lou", partner_id=user.partner_id.id)
        for candidate in (user, self.staff):
            self._log_in(candidate)
            page = self.url_open(self._get_url(self.ben)).text
            self.assertIn("You are signed in as", page)
            self._accept(self.ben)
            self.assertEqual(self.ben.invitation_state, "sent")

    def test_unsuited(self):
        """Before and after signing in the page says the same, and nothing happens."""
        self.staff.email = "ben@acme.test"
        for user in (None, self.staff):
            self._log_in(user) if user else None
            page = self.url_open(self._get_url(self.ben)).text
            self.assertIn("account of another kind", page)
            self._accept(self.ben)
            self.assertEqual(self.ben.invitation_state, "sent")

    def test_refused_half_way_accepts_nothing(self):
        """The account is a member of the client under another address."""
        user = self._get_login("kim", email="kim@new.test")
        user.login = "ben@acme.test"
        self._create_member("Kim", partner_id=user.partner_id.id)
        self.env.flush_all()
        self.authenticate("ben@acme.test", "kimxxxxx")
        response = self._accept(self.ben)
        self.assertIn("is a member of Acme already", response.text)
        self.env.invalidate_all()
        self.assertEqual(self.ben.invitation_state, "sent")

    def test_get_and_forged_post(self):
        url = f"{self._get_url(self.ben)}/accept"
        self.assertEqual(self.url_open(url).status_code, 405)
        self.assertEqual(self._post(url, csrf=False).status_code, 400)
        self.assertEqual(self.ben.invitation_state, "sent")

    def test_page_shows_nothing_of_the_client(self):
        self.acme.write({"vat": "BE0477472701", "phone": "+32 2 555 01 02"})
        self.ann.name = "Ann Administrator"
        self.env.flush_all()
        page = self.url_open(self._get_url(self.ben)).text
        for secret in (self.acme.phone, self.acme.vat, self.ann.name, self.ann.email):
            self.assertNotIn(secret, page)


@tagged("post_install", "-at_install")
class TestInvitationDoors(InvitationPageCase):
    """What a program can call, as whom."""

    def _call(self, model, method, *args, **kwargs):
        return self.make_jsonrpc_request(
            f"/web/dataset/call_kw/{model}/{method}",
            {"model": model, "method": method, "args": args, "kwargs": kwargs},
        )

    def test_private_doors(self):
        """Inviting and accepting are no methods for RPC, not for the staff either."""
        self._log_in(self.staff)
        invitation = self.ben.invitation_ids
        for model, method, ids in (
            (MEMBER, "_invite", self.ben.ids),
            (MEMBER, "_withdraw_invitation", self.ben.ids),
            (MEMBER, "_replace_placeholder", self.ben.ids),
            ("res.partner", "_invite_member", self.acme.ids),
            ("subscription.invitation", "_invite_members", []),
            ("subscription.invitation", "_accept", invitation.ids),
            ("subscription.invitation", "_expire", invitation.ids),
            ("subscription.invitation", "_cron_expire", []),
        ):
            with (
                self.subTest(method),
                self.assertRaisesRegex(JsonRpcException, "AccessError"),
            ):
                self._call(model, method, ids)
        self.assertEqual(self.ben.invitation_state, "sent")

    def test_roles(self):
        """The staff of the partner does it, that of another and the portal cannot."""
        user = self._get_login("lou", parent_id=self.acme.id)
        self._create_member(
            "Lou", role=self.role_administrator, partner_id=user.partner_id.id
        )
        for candidate in (self.rival, user):
            self._log_in(candidate)
            for model, method, ids in (
                (MEMBER, "action_invite", self.ben.ids),
                (MEMBER, "action_withdraw_invitation", self.ben.ids),
                (MEMBER, "read", self.ben.ids),
                ("subscription.invitation", "read", self.ben.invitation_ids.ids),
                (
                    "subscription.invitation",
                    "action_withdraw",
                    self.ben.invitation_ids.ids,
                ),
                ("res.partner", "action_invite_administrator", self.acme.ids),
            ):
                if candidate == self.rival and method == "action_invite_administrator":
                    continue
                args = (ids, ["name"]) if method == "read" else (ids,)
                with (
                    self.subTest(candidate.login, method=method),
                    self.assertRaisesRegex(JsonRpcException, "AccessError"),
                ):
                    self._call(model, method, *args)
        self.assertEqual(self.ben.invitation_state, "sent")
        self.base_pool.seat_limit = 9
        self.env.flush_all()
        self._log_in(self.staff)
        answer = self._call(
            "subscription.invitation.send",
            "create",
            {
                "client_id": self.acme.id,
                "email": "chief@acme.test",
                "role_id": self.role_administrator.id,
            },
        )
        self._call("subscription.invitation.send", "action_invite", [answer])
        chief = self.env[MEMBER].search([("email", "=", "chief@acme.test")])
        self.assertEqual(chief.invitation_ids.invited_by_id, self.staff)
