"""Whose invoices and orders a user of the portal reads."""

from odoo.exceptions import AccessError
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import MUTED
from ..common.links import INVOICE, ORDER, LinkCase

LINES = {INVOICE: "line_ids", ORDER: "order_line"}
PAGES = {
    INVOICE: ("/my/invoices", "/my/invoices/{id}"),
    ORDER: ("/my/quotes", "/my/orders/{id}"),
}


@tagged("post_install", "-at_install")
class TestMemberDocuments(LinkCase):
    """A member who looks after nobody has the portal for its seats: it reads what is
    made out to itself. Administrators, and contacts who are no members, read those of
    their company, as in Odoo."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls.roles["member"]
        cls.membership = cls.user.partner_id.membership_ids

    def _read_all(self, role):
        """Return the documents that ``role`` finds, opens, and has the lines of."""
        self.env.flush_all()
        found = set()
        for model, document in self.documents.items():
            document = document.with_user(self.roles[role])
            line = document.sudo()[LINES[model]][:1].with_user(self.roles[role])
            ways = {
                bool(document.search_count([("id", "=", document.id)])),
                bool(line.search_count([("id", "=", line.id)])),
                self._can_read(document, "name"),
                self._can_read(line, "name"),
            }
            self.assertEqual(len(ways), 1, f"{role} reads a part of {model}")
            found |= {model} if ways.pop() else set()
        return found

    def _can_read(self, record, name):
        self.env.invalidate_all()
        try:
            record.read([name])
        except AccessError:
            return False
        return True

    def test_plain_members_read_none_of_their_company(self):
        self.assertEqual(self._read_all("client"), {INVOICE, ORDER})
        self.assertEqual(self._read_all("member"), set())

    def test_what_the_role_is_now_counts(self):
        """Rules are kept; roles change without them."""
        self._read_all("member")
        self.membership.role_id = self.role_administrator
        self.assertEqual(self._read_all("member"), {INVOICE, ORDER})
        self.membership.role_id = self.role_standard
        self.assertEqual(self._read_all("member"), set())
        self.role_standard.is_administrator = True
        self.assertEqual(self._read_all("member"), {INVOICE, ORDER})

    def test_who_has_left_reads_no_more_than_before(self):
        self.membership.role_id = self.role_administrator
        self.membership.active = False
        self.assertEqual(self._read_all("member"), set())

    def test_contacts_and_accountants_are_as_in_odoo(self):
        self.membership.unlink()
        self.assertEqual(self._read_all("member"), {INVOICE, ORDER})
        self.roles["firm"] = self._create_user("firm", "base.group_portal", self.acme)
        self._create_member(
            "Firm",
            role=self.env.ref("partner_managed_subscription.role_accountant"),
            partner_id=self.roles["firm"].partner_id.id,
        )
        self.assertEqual(self._read_all("firm"), {INVOICE, ORDER})

    def test_members_of_another_company_are_as_in_odoo(self):
        """Who is a member of a client and works elsewhere reads what its own company
        has, and nothing of the client."""
        self.membership.unlink()
        self.membership = self._create_member(
            "Elsewhere", self.bolt, partner_id=self.user.partner_id.id
        )
        self.assertEqual(self._read_all("member"), {INVOICE, ORDER})
        self.membership.role_id = self.role_administrator
        foreign = self.own["bolt"][INVOICE].with_user(self.user)
        self.assertFalse(self._can_read(foreign, "name"))

    def test_what_is_made_out_to_a_member_is_its_own(self):
        own = self._create_order(self.user.partner_id, state="sent")
        self.env.flush_all()
        self.assertTrue(self._can_read(own.with_user(self.user), "name"))
        lines = own.order_line.with_user(self.user)
        self.assertTrue(self._can_read(lines, "name"))
        self.assertEqual(own.with_user(self.user).search([]), own)

    @mute_logger(*MUTED)
    def test_pages_of_the_portal(self):
        for role, is_open in (("client", True), ("member", False)):
            self._log_in(role)
            for model, document in self.documents.items():
                for page in PAGES[model]:
                    path = page.format(id=document.id)
                    with self.subTest(role=role, path=path):
                        answer = self._get(path)
                        self.assertLess(answer.status_code, 500)
                        self.assertEqual(document.name in answer.text, is_open)

    @mute_logger(*MUTED)
    def test_a_link_is_enough_for_everybody(self):
        self._log_in("member")
        token = self._get_token(self.invoice)
        answer = self._get(f"/my/invoices/{self.invoice.id}?access_token={token}")
        self.assertIn(self.invoice.name, answer.text)
