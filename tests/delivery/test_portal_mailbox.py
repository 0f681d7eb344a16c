from freezegun import freeze_time

from odoo.tests import HttpCase, tagged

from ..accountant.test_portal_accountant import AccountantHttpCase
from ..common.delivery import DELIVERY, DeliveryCase


@tagged("post_install", "-at_install")
class TestPortalMailbox(AccountantHttpCase):
    """Ada administers Acme, Bo Bolt; Kim is a plain member of Acme."""

    def _get_url(self, client=None):
        return f"/my/subscription/{(client or self.acme).id}/billing"

    def _save(self, client=None, **data):
        return self._post(f"{self._get_url(client)}/mailbox", **data)

    def test_administrator(self):
        self.acme.email = "office@acme.test"
        self._log_in(self.ada)
        url = self._get_url()
        response = self.url_open("/my/billing-mailbox", allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], url)
        self.assertIn("Billing mailbox", self.url_open(url).text)
        response = self._save(email="B@acme.test;c@acme.test")
        self.assertURLEqual(response.headers["Location"], url)
        self.assertEqual(self.acme.billing_email, "b@acme.test, c@acme.test")
        page = self.url_open(url).text
        self.assertIn("The next invoices go to b@acme.test, c@acme.test.", page)
        self.assertNotIn("The next invoices go to", self.url_open(url).text)
        entry = self.env["subscription.log"].search([("event", "=", "billing_mailbox")])
        self.assertEqual((entry.user_id, entry.client_id), (self.ada, self.acme))
        history = self.url_open(f"/my/subscription/{self.acme.id}/history").text
        self.assertIn("Billing mailbox changed", history)
        self._save(email="")
        self.assertFalse(self.acme.billing_email)
        self.assertIn("your e-mail address", self.url_open(url).text)

    def test_refusal_keeps_what_was_typed(self):
        self._log_in(self.ada)
        page = self._save(email="b@acme.test non\0sense").text
        self.assertIn("is not an e-mail address", page)
        self.assertIn("b@acme.test non sense", page)
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
        self.assertIn("sub@acme.test", self.url_open(self._get_url()).text)
        self._save(subscription_id=own.id, email="new@acme.test")
        self.assertEqual(own.billing_email, "new@acme.test")

    def test_others(self):
        """A plain member, an administrator of another client, and any form of an id."""
        foreign = self._create_subscription(self.bolt, self.plan)
        foreign.billing_email = "sub@bolt.test"
        self.bolt.billing_email = "books@bolt.test"
        self.acme.billing_email = "books@acme.test"
        self._log_in(self.kim)
        response = self.url_open("/my/billing-mailbox", allow_redirects=False)
        self.assertURLEqual(response.headers["Location"], "/my")
        self.assertEqual(self._save(email="x@evil.test").status_code, 404)
        self._log_in(self.ada)
        self.assertNotIn("@bolt.test", self.url_open(self._get_url()).text)
        for client, subscription_id in (
            (self.bolt, ""),
            (self.bolt, foreign.id),
            (self.acme, foreign.id),
            (self.acme, f" {foreign.id}"),
            (self.acme, f"[{foreign.id}]"),
            (self.acme, f"{foreign.id},{foreign.id}"),
            (self.acme, "0"),
            (self.acme, "-1"),
            (self.acme, "9" * 30),
            (self.acme, "true"),
            (self.acme, "\0"),
        ):
            with self.subTest(client=client.name, subscription_id=subscription_id):
                response = self._save(
                    client, subscription_id=subscription_id, email="x@evil.test"
                )
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
                response = self.url_open("/my/billing-mailbox", allow_redirects=False)
                self.assertURLEqual(response.headers["Location"], "/my")
                self.assertEqual(self._save(email="x@evil.test").status_code, 404)
        self.assertFalse(self.acme.billing_email)

    def test_no_token_of_the_form(self):
        self._log_in(self.ada)
        response = self._post(
            f"{self._get_url()}/mailbox", csrf=False, email="x@evil.test"
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
