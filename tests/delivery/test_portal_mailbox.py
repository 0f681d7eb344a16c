from freezegun import freeze_time

from odoo.tests import HttpCase, tagged

from ..accountant.test_portal_accountant import AccountantHttpCase
from ..common.delivery import DELIVERY, DeliveryCase

URL = "/my/billing-mailbox"


@tagged("post_install", "-at_install")
class TestPortalMailbox(AccountantHttpCase):
    """Ada administers Acme, Bo Bolt; Kim is a plain member of Acme."""

    def _save(self, **data):
        return self._post(f"{URL}/save", **data)

    def test_administrator(self):
        self.acme.email = "office@acme.test"
        self._log_in(self.ada)
        self.assertIn(URL, self.url_open("/my").text)
        self.assertIn("Billing mailbox", self.url_open(URL).text)
        response = self._save(client_id=self.acme.id, email="B@acme.test;c@acme.test")
        self.assertURLEqual(response.headers["Location"], URL)
        self.assertEqual(self.acme.billing_email, "b@acme.test, c@acme.test")
        page = self.url_open(URL).text
        self.assertIn("The next invoices go to b@acme.test, c@acme.test.", page)
        self.assertNotIn("The next invoices go to", self.url_open(URL).text)
        entry = self.env["subscription.log"].search([("event", "=", "billing_mailbox")])
        self.assertEqual((entry.user_id, entry.client_id), (self.ada, self.acme))
        self.assertIn("Billing mailbox changed", self.url_open("/my/audit").text)
        self._save(client_id=self.acme.id, email="")
        self.assertFalse(self.acme.billing_email)
        self.assertIn("your e-mail address", self.url_open(URL).text)

    def test_refusal_keeps_what_was_typed(self):
        self._log_in(self.ada)
        page = self._save(client_id=self.acme.id, email="b@acme.test nonsense").text
        self.assertIn("“nonsense” is not an e-mail address", page)
        self.assertIn("b@acme.test nonsense", page)
        self.assertFalse(self.acme.billing_email)

    def test_subscription(self):
        """One that has a mailbox of its own is there as well; others are not found."""
        self._log_in(self.ada)
        own = self.subscription
        self.assertEqual(
            self._save(subscription_id=own.id, email="x@acme.test").status_code, 404
        )
        own.billing_email = "sub@acme.test"
        self.env.flush_all()
        self.assertIn("sub@acme.test", self.url_open(URL).text)
        self._save(subscription_id=own.id, email="new@acme.test")
        self.assertEqual(own.billing_email, "new@acme.test")

    def test_others(self):
        """A plain member, an administrator of another client, and any form of an id."""
        foreign = self._create_subscription(self.bolt, self.plan)
        foreign.billing_email = "sub@bolt.test"
        self.bolt.billing_email = "books@bolt.test"
        self.acme.billing_email = "books@acme.test"
        self._log_in(self.kim)
        self.assertNotIn(URL, self.url_open("/my").text)
        response = self.url_open(URL, allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], "/my")
        self.assertEqual(
            self._save(client_id=self.acme.id, email="x@evil.test").status_code, 404
        )
        self._log_in(self.ada)
        self.assertNotIn("@bolt.test", self.url_open(URL).text)
        for data in (
            {"client_id": self.bolt.id},
            {"client_id": f"{self.bolt.id}"},
            {"client_id": f" {self.bolt.id}"},
            {"client_id": f"[{self.bolt.id}]"},
            {"client_id": f"{self.acme.id},{self.bolt.id}"},
            {"client_id": ""},
            {},
            {"subscription_id": foreign.id},
            {"client_id": self.acme.id, "subscription_id": foreign.id},
            {"client_id": self.acme.id, "subscription_id": "0"},
            {"client_id": "999999999999999999999"},
            {"client_id": "true"},
        ):
            with self.subTest(data):
                response = self._save(**data, email="x@evil.test")
                self.assertEqual(response.status_code, 404)
                self.assertNotIn("@bolt.test", response.text)
        self.env.invalidate_all()
        self.assertEqual(
            [one.billing_email for one in (self.acme, self.bolt, foreign)],
            ["books@acme.test", "books@bolt.test", "sub@bolt.test"],
        )

    def test_other_roles(self):
        """Partner, accountant and vendor have no page of a client."""
        users = {
            "nora": self._create_user("nora", "standard", self.north),
            "alma": self._create_user("alma", "accountant", self.dune),
            "vera": self._create_user("vera", "admin", self.vendor),
        }
        self._make_accountant(users["alma"], self.acme)
        for login, user in users.items():
            with self.subTest(login):
                self._log_in(user)
                response = self.url_open(URL, allow_redirects=False)
                self.assertURLEqual(response.headers["Location"], "/my")
                response = self._save(client_id=self.acme.id, email="x@evil.test")
                self.assertEqual(response.status_code, 404)
        self.assertFalse(self.acme.billing_email)

    def test_no_token_of_the_form(self):
        self._log_in(self.ada)
        response = self._post(
            f"{URL}/save", csrf=False, client_id=self.acme.id, email="x@evil.test"
        )
        self.assertEqual(response.status_code, 400)
        self.assertFalse(self.acme.billing_email)


@tagged("post_install", "-at_install")
class TestSeen(DeliveryCase, HttpCase):
    """An invoice is seen when its recipient opens its page."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls.create_user("nora", "standard", cls.north)

    def setUp(self):
        super().setUp()
        self.move = self.bill_acme(billing_email="books@acme.test, cfo@acme.test")
        self.deliver()
        self.books, self.cfo = (
            self.env[DELIVERY].search([("email", "=", f"{name}@acme.test")])
            for name in ("books", "cfo")
        )

    def _open(self, url):
        self.env.flush_all()
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        self.env.invalidate_all()
        return response

    def test_link(self):
        """The link of an e-mail tells which of its recipients opened it."""
        self.assertIn(self.move.name, self._open(self.books._get_url()).text)
        self.assertEqual((self.books.state, self.cfo.state), ("seen", "sent"))
        self.assertTrue(self.books.seen_at)

    def test_link_without_a_delivery(self):
        """Whoever has the link counts, whatever it is told of deliveries."""
        link = self.move._portal_ensure_token()
        foreign = self.env[DELIVERY].create(
            {
                "move_id": self.env["account.move"].create({}).id,
                "partner_id": self.north.id,
                "company_id": self.company.id,
                "email": "north@partners.test",
                "state": "sent",
            }
        )
        for value in (foreign.id, "x", "0"):
            self._open(
                f"/my/invoices/{self.move.id}?access_token={link}&delivery={value}"
            )
        self.assertEqual((self.books.state, self.cfo.state), ("seen", "seen"))
        self.assertEqual(foreign.state, "sent")

    def test_wrong_token(self):
        self._open(f"/my/invoices/{self.move.id}?access_token=wrong")
        self.assertEqual((self.books.state, self.cfo.state), ("sent", "sent"))

    def test_somebody_else(self):
        """The partner and the vendor look at it, and that says nothing."""
        for login in (self.nora.login, "admin"):
            password = "admin" if login == "admin" else login + "x" * (8 - len(login))
            self.authenticate(login, password)
            self.url_open(self.books._get_url())
            self.env.invalidate_all()
            self.assertEqual(self.books.state, "sent")

    def test_seen_mends_a_bounce(self):
        self.books._fail("bounce", "full")
        self.assertTrue(self.acme.mailbox_problem)
        with freeze_time("2026-01-03"):
            self.move._note_seen(self.env.ref("base.public_user"), self.books.id)
        self.assertEqual(self.books.state, "seen")
        self.assertFalse(self.acme.mailbox_problem)
