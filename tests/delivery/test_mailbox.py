import random

from odoo.exceptions import UserError, ValidationError
from odoo.tests import BaseCase, Form, tagged

from ...models.delivery.mailbox import (
    MOST_ADDRESSES,
    BadAddressError,
    read_addresses,
    write_addresses,
)
from ..common.subscription import SubscriptionCase

BAD = (
    *("acme", "a@b", "@acme.test", "a@", "a b@", "a@b..test", "a..b@acme.test"),
    *(".a@acme.test", "a.@acme.test", "a@-acme.test", "a@acme-.test", "a@@acme.test"),
    *("a@acme.test>", "<a", "a@acme.test|b@acme.test", f"{'a' * 65}@acme.test"),
    *("a@acme_x.test", f"a@{'b' * 64}.test", f"a@{'b.' * 130}test"),
)


@tagged("post_install", "-at_install")
class TestReadAddresses(BaseCase):
    """A mailbox is read the same whoever typed it, however."""

    def test_forms(self):
        for text, found in (
            ("", []),
            (None, []),
            (" ,; \n", []),
            ("A@Acme.Test", ["a@acme.test"]),
            ("a@acme.test,b@acme.test", ["a@acme.test", "b@acme.test"]),
            ("a@acme.test; b@acme.test", ["a@acme.test", "b@acme.test"]),
            ("a@acme.test b@acme.test", ["a@acme.test", "b@acme.test"]),
            ("a@acme.test\r\nb@acme.test\n", ["a@acme.test", "b@acme.test"]),
            ("a@acme.test, A@ACME.TEST", ["a@acme.test"]),
            ("Books <a@acme.test>", ["a@acme.test"]),
            ('"Books, Acme" <a@acme.test>; b@x.test', ["a@acme.test", "b@x.test"]),
            ("é.b+c@büro-1.example", ["é.b+c@büro-1.example"]),
        ):
            with self.subTest(text):
                self.assertEqual(read_addresses(text), found)

    def test_bad_parts_are_named(self):
        for bad in BAD:
            with self.subTest(bad), self.assertRaises(BadAddressError) as caught:
                read_addresses(f"good@acme.test, {bad}")
            self.assertIn(caught.exception.part, bad.lower().split())

    def test_too_many(self):
        text = ",".join(f"a{number}@acme.test" for number in range(MOST_ADDRESSES + 1))
        with self.assertRaises(BadAddressError) as caught:
            read_addresses(text)
        self.assertIsNone(caught.exception.part)

    def test_random(self):
        """Whatever stands between them, in whatever order and case, the addresses come
        out each once, and what is kept is read as the same."""
        rng = random.Random(12)
        for _ in range(500):
            wanted = list(
                dict.fromkeys(
                    f"{rng.choice('abc')}{rng.randrange(5)}@{rng.choice('xyz')}.test"
                    for _ in range(rng.randrange(1, 9))
                )
            )
            parts = []
            for address in wanted:
                parts.append(rng.choice([str.upper, str.lower, str.title])(address))
                if rng.random() < 0.3:
                    parts.append(rng.choice(wanted[: wanted.index(address) + 1]))
            text = "".join(
                part + "".join(rng.choices(" ,;\n\t", k=rng.randrange(1, 4)))
                for part in parts
            )
            self.assertEqual(read_addresses(text), wanted, repr(text))
            self.assertEqual(read_addresses(write_addresses(wanted)), wanted)


@tagged("post_install", "-at_install")
class TestMailbox(SubscriptionCase):
    """Who sets a billing mailbox by which door, and what the audit trail says."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.sven = cls._create_user("sven", "standard", cls.south)
        cls.alma = cls._create_user("alma", "accountant", cls.dune)
        cls._make_accountant(cls.alma, cls.acme)
        cls.log = cls.env["subscription.log"]

    def _get_log(self, event="billing_mailbox", **domain):
        entries = self.log.search([("event", "=", event)], order="id")
        return [(one.old_value, one.new_value) for one in entries]

    def test_cleaned_and_logged(self):
        acme = self.acme.with_user(self.nora)
        acme.write({"billing_email": "Books@Acme.test; cfo@acme.test  books@acme.test"})
        self.assertEqual(acme.billing_email, "books@acme.test, cfo@acme.test")
        # The same again is no change.
        acme.write({"billing_email": "books@acme.test,cfo@acme.test"})
        acme.write({"billing_email": ""})
        self.assertIs(acme.billing_email, False)
        both = "books@acme.test, cfo@acme.test"
        self.assertEqual(self._get_log(), [(False, both), (both, False)])
        entry = self.log.search([("event", "=", "billing_mailbox")], limit=1)
        self.assertEqual((entry.user_id, entry.client_id), (self.nora, self.acme))

    def test_audit_says_it(self):
        self.acme.write({"billing_email": "b@acme.test", "billing_delivery": "portal"})
        audit = self.env["subscription.audit"].with_user(self.nora)
        found = audit.search([("event", "in", ("billing_mailbox", "billing_delivery"))])
        self.assertEqual(
            set(found.mapped("details")),
            {
                "None of its own → b@acme.test",
                "As the settings say → On the portal only",
            },
        )

    def test_refused(self):
        with self.assertRaisesRegex(ValidationError, "“nonsense” is not an e-mail"):
            self.acme.with_user(self.nora).billing_email = "a@acme.test, nonsense"
        with self.assertRaisesRegex(ValidationError, "is not an e-mail"):
            self.subscription.billing_email = "x@"
        with self.assertRaisesRegex(ValidationError, "is not an e-mail"):
            self.env["res.partner"].create({"name": "New", "billing_email": "x"})
        self.assertFalse(self._get_log())

    def test_subscription(self):
        subscription = self.subscription.with_user(self.nora)
        subscription.billing_email = "Sub@acme.test"
        self.assertEqual(subscription.billing_email, "sub@acme.test")
        entry = self.log.search([("event", "=", "billing_mailbox")])
        self.assertEqual(entry.subscription_id, self.subscription)
        self.assertFalse(self.subscription.copy().billing_email)

    def test_given_at_creation(self):
        client = self._create_client("Fir", self.north, billing_email="A@fir.test")
        self.assertEqual(client.billing_email, "a@fir.test")
        self.assertEqual(self._get_log(), [(False, "a@fir.test")])

    def test_import(self):
        result = (
            self.env["res.partner"]
            .with_user(self.nora)
            .load(
                [".id", "billing_email"],
                [[str(self.acme.id), "B@acme.test b@acme.test"]],
            )
        )
        self.assertFalse(result["messages"])
        self.assertEqual(self.acme.billing_email, "b@acme.test")
        result = (
            self.env["res.partner"]
            .with_user(self.nora)
            .load([".id", "billing_email"], [[str(self.acme.id), "nonsense"]])
        )
        self.assertIn("nonsense", str(result["messages"]))

    def test_form(self):
        with Form(self.acme.with_user(self.nora)) as form:
            form.billing_email = "B@acme.test\nc@acme.test"
        self.assertEqual(self.acme.billing_email, "b@acme.test, c@acme.test")

    def test_others_may_not(self):
        """No accountant, no other partner, no partner its own."""
        for user, record in (
            (self.alma, self.acme),
            (self.alma, self.subscription),
            (self.sven, self.acme),
            (self.sven, self.subscription),
            (self.nora, self.north),
        ):
            with self.subTest(user=user.login, record=record._name):
                with self.assertRaises(UserError):
                    record.with_user(user).write({"billing_email": "x@evil.test"})
        self.assertFalse(self.acme.billing_email)
