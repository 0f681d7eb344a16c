from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from ..common.subscription import SubscriptionCase


@tagged("post_install", "-at_install")
class TestMemberAddress(SubscriptionCase):
    """A member and its contact have one name and one e-mail address, wherever they are
    changed."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.members = cls.env["subscription.member"]
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.ann = cls._create_member("Ann", email="ann@acme.test")

    def _check_same(self, member, name, email):
        self.env.flush_all()
        self.env.invalidate_all()
        for record in (member, member.partner_id):
            self.assertEqual((record.name, record.email), (name, email))

    def test_written(self):
        self.ann.with_user(self.nora).write({"email": "a@acme.test", "name": "Anna"})
        self._check_same(self.ann, "Anna", "a@acme.test")
        self.ann.partner_id.email = "b@acme.test"
        self._check_same(self.ann, "Anna", "b@acme.test")
        self.ann.email = False
        self._check_same(self.ann, "Anna", False)

    def test_emptied_on_the_contact(self):
        self.ann.partner_id.email = False
        self._check_same(self.ann, "Ann", False)

    def test_imported(self):
        xmlid = self.ann.export_data(["id"])["datas"][0][0]
        result = self.members.load(["id", "email"], [[xmlid, "a@acme.test"]])
        self.assertFalse(result["messages"])
        self._check_same(self.ann, "Ann", "a@acme.test")

    def test_created_for_a_contact(self):
        contact = self._create_contact("Bob", self.acme)
        values = {"client_id": self.acme.id, "partner_id": contact.id}
        member = self.members.create({**values, "email": "bob@acme.test"})
        self._check_same(member, "Bob", "bob@acme.test")

    def test_who_lost_its_contact_keeps_them(self):
        self.ann.active = False
        self.ann._relink({"partner_id": False})
        self.env.flush_all()
        self.assertEqual((self.ann.name, self.ann.email), ("Ann", "ann@acme.test"))
        self.ann.email = "a@acme.test"
        self.assertEqual(self.ann.email, "a@acme.test")

    def test_contact_of_somebody_else(self):
        """A partner's staff changes no contact that it may not: the address of an
        accountant is where its password is asked for."""
        user = self._create_user("robin", "accountant", self.south)
        member = self._make_accountant(user, self.acme)
        before = user.partner_id.email
        for values in ({"email": "nora@users.test"}, {"name": "Nora"}):
            with self.assertRaisesRegex(UserError, "cannot change"):
                member.with_user(self.nora).write(values)
        self.env.invalidate_all()
        self.assertEqual(user.partner_id.email, before)
        # What does not change is not refused.
        same = {"email": before, "name": user.partner_id.name}
        member.with_user(self.nora).write(same)

    def test_screen(self):
        form = Form(self.members.with_user(self.nora))
        form.client_id = self.acme
        form.name = "Cleo"
        form.email = "cleo@acme.test"
        self._check_same(form.save(), "Cleo", "cleo@acme.test")
