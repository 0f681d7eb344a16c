"""Adding a list of people to a client: what becomes of each line, and that it does."""

from odoo.exceptions import UserError
from odoo.tests import tagged

from ...exceptions import SeatRefusal
from ...member_lines import Person, read_people
from ..common.subscription import SubscriptionCase


@tagged("post_install", "-at_install")
class TestAddMembers(SubscriptionCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.sales = cls.env["subscription.team"].create(
            {"name": "Sales", "client_id": cls.acme.id}
        )

    def _plan(self, *lines, client=None, **options):
        """Plan to add people, as the lines of a list or as a table have them."""
        people = read_people("\n".join(lines)).people
        options = {"role": self.role_standard, **options}
        return (client or self.acme)._plan_members(people, **options)

    def _get_statuses(self, plan):
        return [line.status for line in plan.results]

    def test_new_people_get_contacts_seats_teams_and_modules(self):
        plan = self._plan(
            "Ann Lee <Ann@Acme.test>",
            "bob.roy@acme.test",
            teams=self.sales,
            pools=self.expenses_pool,
        )
        self.assertEqual(self._get_statuses(plan), ["add", "add"])
        self.assertEqual(plan.get_demand(), dict.fromkeys(plan.needed, 2))
        members = self.acme._add_members(plan)
        self.assertEqual(members.mapped("name"), ["Ann Lee", "Bob Roy"])
        self.assertEqual(members.partner_id.parent_id, self.acme)
        self.assertEqual(members[0].email, "ann@acme.test")
        self.assertEqual(members.team_ids, self.sales)
        for member in members:
            self.assertEqual(member.pool_ids, self.base_pool | self.expenses_pool)
        entries = self.env["subscription.log"].search(
            [("member_id", "in", members.ids), ("event", "=", "added")]
        )
        self.assertEqual(len(entries), 2)

    def test_what_becomes_of_each_line(self):
        here = self._create_member("Here", email="here@acme.test")
        gone = self._create_member("Gone", email="gone@acme.test")
        gone.active = False
        self._create_contact("Known", self.acme, email="Known@acme.test")
        books = self._create_member(
            "Books", role=self.role_accountant, email="books@acme.test"
        )
        books.active = False
        # Others have people of the same address.
        self._create_contact("Foreign", self.bolt, email="new@acme.test")
        plan = self._plan(
            "E-mail;Name;Role;Teams",
            "here@ACME.test;;;",
            "gone@acme.test;;reports;",
            "known@acme.test;;;",
            "new@acme.test;New;Time tracking;sales",
            "NEW@acme.test;Again;;",
            "books@acme.test;;;",
            "nobody;;;",
            ";Nobody;;",
            "x@acme.test;;Chief;",
            "y@acme.test;;Accountant;",
            "z@acme.test;;;Sales, Chess",
            allow_partial=True,
        )
        self.assertEqual(
            self._get_statuses(plan),
            [
                *("member", "back", "contact", "add", "twice", "accountant"),
                *("bad_address", "no_address", "role", "role", "team"),
            ],
        )
        texts = [self.acme._get_line_text(line) for line in plan.results]
        self.assertEqual(len(set(texts)), 11, texts)
        self.assertIn("Chess", texts[-1])
        members = self.acme._add_members(plan)
        back, known, new = (
            members.filtered(lambda one, name=name: one.email_normalized == name)
            for name in ("gone@acme.test", "known@acme.test", "new@acme.test")
        )
        self.assertEqual(len(members), 3)
        self.assertEqual((back, back.role_id), (gone, self.role_reports))
        self.assertEqual(known.name, "Known")
        self.assertEqual((new.name, new.role_id), ("New", self.role_time))
        self.assertEqual(new.team_ids, self.sales)
        self.assertTrue(here.active)
        again = self._get_statuses(self._plan("new@acme.test", "known@acme.test"))
        self.assertEqual(again, ["member", "member"])

    def test_roles_and_teams_are_named_in_any_language(self):
        self.env["res.lang"]._activate_lang("fr_FR")
        self.role_reports.with_context(lang="fr_FR").name = "Consultation"
        self.sales.name = "Équipe du Nord"
        plan = self._plan(
            "E-mail;Role;Equipe",
            "a@acme.test;CONSULTATION;equipe du nord",
            "b@acme.test;Reports only;Équipe du Nord",
            "c@acme.test;reports;",
        )
        self.assertEqual({line.role for line in plan.results}, {self.role_reports})
        self.assertEqual([len(line.teams) for line in plan.results], [1, 1, 0])

    def test_all_or_none_and_as_many_as_fit(self):
        """Acme has three users, and two seats of Expenses."""
        lines = [f"p{number}@acme.test" for number in range(4)]
        plan = self._plan(*lines)
        self.assertTrue(plan.is_blocked)
        self.assertFalse(plan.coming)
        self.assertIn("adding 4 would be 1 too many", plan.refusal)
        self.assertIn("North", plan.refusal, "whom to contact")
        with self.assertRaisesRegex(UserError, "1 too many"):
            self.acme._add_members(plan)
        self.assertFalse(self.acme.subscription_member_ids)
        plan = self._plan(*lines, pools=self.expenses_pool, allow_partial=True)
        self.assertEqual(self._get_statuses(plan), ["add", "add", "full", "full"])
        self.assertEqual(plan.results[2].detail, "Expenses")
        self.assertEqual(len(self.acme._add_members(plan)), 2)
        plan = self._plan(*lines[2:], allow_partial=True)
        self.assertEqual(self._get_statuses(plan), ["add", "full"])
        # Roles that take no seat need none.
        plan = self._plan(*lines[2:], role=self.role_reports)
        self.assertFalse(plan.refusal)
        self.assertEqual(len(self.acme._add_members(plan)), 2)

    def test_a_wrong_line_keeps_all_from_being_added(self):
        plan = self._plan("a@acme.test", "nonsense")
        self.assertTrue(plan.is_blocked)
        with self.assertRaises(UserError):
            self.acme._add_members(plan)
        plan = self._plan("a@acme.test", "nonsense", allow_partial=True)
        self.assertEqual(len(self.acme._add_members(plan)), 1)

    def test_seats_taken_between_plan_and_adding(self):
        plan = self._plan("a@acme.test", "b@acme.test")
        self._create_members(self.acme, 2)
        with self.assertRaises(SeatRefusal), self.cr.savepoint():
            self.acme._add_members(plan)
        self.assertEqual(len(self.acme.subscription_member_ids), 2)
        seen = plan.get_digest()
        self.assertNotEqual(self._plan("a@acme.test", "b@acme.test").get_digest(), seen)

    def test_a_client_without_a_subscription(self):
        plan = self._plan("a@bolt.test", client=self.bolt)
        self.assertEqual(self.bolt._add_members(plan).client_id, self.bolt)

    def test_a_contact_without_an_address(self):
        contact = self._create_contact("Nomad", self.acme)
        plan = self.acme._plan_members(
            [Person(0, contact.name, "", contact_id=contact.id)] * 2,
            role=self.role_standard,
        )
        self.assertEqual(self._get_statuses(plan), ["contact", "twice"])
        self.assertEqual(self.acme._add_members(plan).partner_id, contact)

    def test_queries_do_not_grow_with_the_list(self):
        """However long the list is: the rest is what the contacts themselves cost."""
        self.base_pool.is_unlimited = self.expenses_pool.is_unlimited = True
        self.env.flush_all()

        def add(count):
            lines = [f"P{n};p{n}-{count}@acme.test" for n in range(count)]
            plan = self._plan(
                "Name;E-mail", *lines, teams=self.sales, pools=self.expenses_pool
            )
            self.acme._add_members(plan)

        def create(count):
            self.env["res.partner"].create(
                [
                    {
                        "name": f"C{n}",
                        "email": f"c{n}-{count}@acme.test",
                        "parent_id": self.acme.id,
                        "type": "contact",
                    }
                    for n in range(count)
                ]
            )

        more = {}
        for call in (add, create):
            # The first call reads what later ones have.
            self._count_queries(lambda call=call: call(10))
            few = self._count_queries(lambda call=call: call(20))
            more[call] = self._count_queries(lambda call=call: call(420)) - few
        self.assertLessEqual(more[add], 2 * more[create] + 20, more)
