"""Default values of a screen reach the model that they were meant for, and no other."""

import re
from pathlib import Path

from odoo import Command
from odoo.tests import Form, tagged

from ..common.licence import LicenceMixin
from ..common.rpc import RpcCase
from ..common.subscription import ADDON, SubscriptionCase, create_yearly_plan

ROOT = Path(__file__).parents[2]
# What the web client drops when it goes from one action, or from one field, to another.
DROPPED = re.compile(
    r"(default_|search_default_|show_).+|.+_view_ref|group_by|active_ids?|orderedBy"
)
# What our sources read from the context besides, and why it may be handed on.
HANDED_ON = {
    "usage_date": "meant for all screens of a past day; pools are read without it",
    "pool_label": "of one field, whose names are read with it",
    "active_model": "Odoo's own, and what it says is checked as if it were a value",
    "moving_stage": "an object of the program, nobody can send it",
    "upstream_job": "an object of the program, nobody can send it",
    "syncing_lines": "an object of the program, nobody can send it",
    "more_units": "an object of the program, nobody can send it",
    "posted_together": "says how invoices are counted and numbered, not what they say",
    "reconciliation_date": "meant for all screens of a past day",
    "custom_template_facturx": "Odoo's own, which PDF it puts its XML into",
    "tz": "of the user",
    "seen_preview": "of one button; another one only has more asked again",
}
# What Odoo gives a meaning, in contexts of ours.
OF_ODOO = {"module", "pivot_measures", "bin_size"}
READ = re.compile(r"context\.get\(\s*['\"](\w+)['\"]")


@tagged("post_install", "-at_install")
class TestContextKeys(SubscriptionCase):
    def test_no_action_hands_its_context_on(self):
        data = self.env["ir.model.data"].search(
            [("module", "=", ADDON), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        self.assertGreater(len(actions), 20)
        for action in actions:
            for key in re.findall(r"['\"](\w+)['\"]\s*:", action.context or ""):
                with self.subTest(action=action.xml_id, key=key):
                    self.assertTrue(DROPPED.fullmatch(key) or key in OF_ODOO)

    def test_no_key_of_ours_is_handed_on(self):
        found = set()
        for folder in ("models", "wizard", "controllers", "views"):
            for path in (ROOT / folder).rglob("*.*"):
                if path.suffix in (".py", ".xml"):
                    found |= set(READ.findall(path.read_text("utf-8")))
        self.assertIn("default_client_id", found)
        mine = {key for key in found if not DROPPED.fullmatch(key)}
        self.assertEqual(mine - set(HANDED_ON), set())


@tagged("post_install", "-at_install")
class TestDefaults(LicenceMixin, SubscriptionCase, RpcCase):
    """North's staff comes from the list of clients, whose context makes new companies
    clients of North."""

    # All that a screen of contacts or subscriptions may have in its context.
    CONTEXT = {
        "default_is_company": True,
        "default_is_managing_partner": True,
        "default_managed_by_own_company": True,
        "default_active": False,
        "default_parent_id": False,
        "default_type": "invoice",
        "default_seat_limit": 99,
        "default_number": 99,
        "default_until": "2099-01-01",
        "default_state": "cancelled",
        "default_quantity": 99,
    }

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.nora = cls._create_user("nora", "standard", cls.north)
        cls.boss = cls._create_user("boss", "admin", cls.north)
        cls.users = {"staff": cls.nora, "admin": cls.boss}
        cls._create_keys(cls.users)
        cls.context = {**cls.CONTEXT, "default_managing_partner_id": cls.north.id}

    def _check_contact(self, contact, company):
        self.assertEqual(contact.parent_id, company)
        self.assertFalse(contact.managing_partner_id)
        self.assertFalse(contact.is_company or contact.is_managing_partner)
        self.assertTrue(contact.active)

    def test_a_new_member_gets_a_contact_like_any(self):
        context = {**self.context, "default_active": True}
        for name in self.users:
            with self.subTest(user=name):
                answer = self._call_json(
                    name,
                    "subscription.member",
                    "create",
                    vals_list=[{"client_id": self.acme.id, "name": f"Ann {name}"}],
                    context=context,
                )
                self.assertEqual(answer.status_code, 200, answer.text)
                member = self.env["subscription.member"].browse(answer.json())
                self._check_contact(member.partner_id, self.acme)
                self.assertEqual(member.partner_id.type, "contact")

    def test_the_context_of_the_list_makes_companies_clients_alone(self):
        """The default applies to what is created from the list, not to its contacts."""
        action = self.env.ref(f"{ADDON}.res_partner_client_action")
        context = {"default_is_company": True, "default_managed_by_own_company": True}
        for key in context:
            self.assertIn(key, action.context)
        # The screen says of a contact whether it is a company.
        contact = Command.create({"name": "Contact", "is_company": False})
        for name, user in self.users.items():
            with self.subTest(user=name):
                partners = self.env["res.partner"].with_user(user)
                form = Form(partners.with_context(**context))
                self.assertEqual(form.managing_partner_id, self.north)
                form.name = f"New {name}"
                client = form.save()
                client.write({"child_ids": [contact]})
                self._check_contact(client.child_ids, client)
                client = partners.with_context(**context).create(
                    {"name": "Two", "child_ids": [contact]}
                )
                self.assertEqual(client.managing_partner_id, self.north)
                self._check_contact(client.child_ids, client)

    def test_an_invited_accountant_belongs_to_nobody(self):
        invitations = self.env["subscription.invitation"].with_user(self.nora)
        invitations = invitations.with_context(**self.context)
        invitation = invitations._invite(self.acme, "books@firms.test", "Books")
        contact = invitation.sudo().member_id.partner_id
        self._check_contact(contact, contact.browse())

    def test_doors_give_the_same_whatever_the_screen_was(self):
        plan = create_yearly_plan(self.env, "Yearly", {self.base: 3, self.expenses: 2})
        self._give(self.north, 50)
        for name, user in self.users.items():
            with self.subTest(user=name):
                term = self._create_subscription(self.acme, plan, running=False)
                term = term.with_user(user).with_context(**self.context)
                member = self._create_member(f"Ann {name}")
                term.action_start_subscription()
                pool = self._get_pool(term, self.expenses)
                self.assertEqual(pool.seat_limit, 2)
                pool._grant({pool: member})
                self.assertEqual(pool.seat_ids.member_id, member)
                self.assertIn(pool.seat_ids.number, (1, 2))
                wizard = self.env["subscription.renew"].with_user(user)
                wizard = wizard.create({"subscription_ids": term.ids})
                wizard.with_context(**self.context).action_renew()
                self.assertEqual(term.renewal_id.state, "scheduled")
                self.assertEqual(term.renewal_id.licences, 2)
