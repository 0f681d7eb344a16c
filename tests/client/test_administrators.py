from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from ..common.committed import CommittedCase
from ..common.rpc import RpcCase
from ..common.subscription import ADDON, SubscriptionCase, create_members

MEMBER = "subscription.member"


class AdministratorCase(SubscriptionCase):
    """Ana is Acme's only administrator, Ben and Cleo are its other members; Ana is a
    user of its own, and Finn the only member of Bolt, where nobody is one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.ana = cls._create_member("Ana", role=cls.role_administrator)
        cls.ben = cls._create_member("Ben")
        cls.cleo = cls._create_member("Cleo")
        # Who can never log in would not count as another one.
        (cls.ben | cls.cleo).joined_at = "2026-01-02 08:00:00"
        cls.acme_members = cls.ana | cls.ben | cls.cleo
        cls.finn = cls._create_member("Finn", cls.bolt)
        cls.ana_user = cls._create_user(
            "ana",
            "base.group_portal",
            cls.acme,
            partner_id=cls.ana.partner_id.id,
            name="Ana",
        )
        cls.chief = cls.role_administrator.copy({"name": "Chief", "code": "chief"})
        cls.staff = cls._create_user("staff", "standard", cls.north)
        cls.boss = cls._create_user("boss", "admin", cls.vendor)
        cls.boss.group_ids |= cls.env.ref("base.group_system")
        cls.boss.group_ids |= cls.env.ref("base.group_partner_manager")
        cls.env.flush_all()

    def _remove_inactive(self, members):
        wizard = self.env["subscription.member.remove"].create(
            {"client_id": self.acme.id, "member_ids": members.ids}
        )
        wizard.action_remove()

    def _import(self, fields, *rows):
        result = self.env[MEMBER].load(
            fields, [[str(cell) for cell in r] for r in rows]
        )
        if not result["ids"]:
            raise UserError(result["messages"][0]["message"])

    def _get_doors(self):
        """Return ``{name: what takes Ana away as an administrator}``."""
        ana, user, role = self.ana, self.ana_user, self.role_administrator
        standard = self.role_standard.id
        demote_on_client = [Command.update(ana.id, {"role_id": standard})]
        return {
            "role changed": lambda: ana.write({"role_id": standard}),
            "role imported": lambda: self._import(
                [".id", "role_id/.id"], (ana.id, standard)
            ),
            "role changed on the client": lambda: self.acme.write(
                {"subscription_member_ids": demote_on_client}
            ),
            "saved by the web client": lambda: ana.web_save({"active": False}, {}),
            "archived": lambda: ana.action_archive(),
            "archived with another": lambda: (ana | self.ben).action_archive(),
            "deleted": lambda: ana.unlink(),
            "removed as inactive": lambda: self._remove_inactive(ana | self.ben),
            "user archived": lambda: user.action_archive(),
            "user deleted": lambda: user.unlink(),
            "user closes its own account": lambda: (
                user.with_user(user).sudo()._deactivate_portal_user()
            ),
            "contact archived": lambda: self._get_contact(user).action_archive(),
            "contact deleted": lambda: self._get_contact(user).unlink(),
            "merged into another": lambda: self._merge(
                self.ben.partner_id, ana.partner_id
            ),
            "role no longer an administrator's": lambda: role.write(
                {"is_administrator": False}
            ),
            "role archived": lambda: role.action_archive(),
        }

    def _get_contact(self, user):
        """Return the contact of ``user``, who is its user no more: Odoo keeps the
        contacts of users from being archived."""
        contact = user.partner_id
        user.partner_id = self._create_contact("Somebody else", self.dune)
        return contact


@tagged("post_install", "-at_install")
class TestLastAdministrator(AdministratorCase):
    def test_the_last_one_stays_whatever_the_door(self):
        for name, take_away in self._get_doors().items():
            with self.subTest(door=name), self._undone():
                with self.assertRaises(UserError) as refusal, self.env.cr.savepoint():
                    take_away()
                self.assertIn(
                    "Acme needs an administrator and has none but Ana. Make another of"
                    " its members administrator first",
                    str(refusal.exception),
                )
                self.env.invalidate_all()
                self.assertTrue(self.ana.active)
                self.assertTrue(self.ana.role_id._is_administration())

    def _catch_refusal(self, call):
        """Catch what ``call`` is refused with, without a savepoint as tests have it."""
        try:
            call()
        except UserError:
            return
        self.fail("It was not refused.")

    def test_who_catches_the_refusal_keeps_nothing_of_what_was_refused(self):
        for name in ("role changed", "archived with another", "deleted"):
            with self.subTest(door=name), self._undone():
                self._catch_refusal(self._get_doors()[name])
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertTrue(all(self.acme_members.mapped("active")))
                self.assertEqual(self.ana.role_id, self.role_administrator)
                self.assertEqual(len(self._get_seated(self.base_pool)), 3)

    def test_an_account_that_cannot_be_closed_stays_as_it_is(self):
        user = self.ana_user
        self._catch_refusal(user.with_user(user).sudo()._deactivate_portal_user)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertEqual((user.login, user.active), ("ana", True))

    def test_one_of_two_goes_by_every_door(self):
        self.cleo.role_id = self.chief
        for name, take_away in self._get_doors().items():
            with self.subTest(door=name), self._undone():
                take_away()
                self.env.flush_all()
                self.env.invalidate_all()
                ana = self.ana.exists()
                self.assertFalse(ana.active and ana.role_id._is_administration())

    def test_an_archived_administrator_is_none(self):
        self.cleo.role_id = self.role_administrator
        self.cleo.action_archive()
        with self.assertRaisesRegex(UserError, "Acme needs an administrator"):
            self.ana.role_id = self.role_standard

    def test_members_with_an_archived_role_are_no_administrators(self):
        self.cleo.role_id = self.chief
        self.chief.action_archive()
        with self.assertRaisesRegex(UserError, "Acme needs an administrator"):
            self.ana.role_id = self.role_standard

    def test_the_refusal_names_nobody_with_an_archived_role(self):
        self.cleo.role_id = self.chief
        self.chief.action_archive()
        with self.assertRaisesRegex(UserError, r"has none but Ana\. "):
            self.ana.role_id = self.role_standard

    def test_both_at_once(self):
        self.cleo.role_id = self.chief
        with self.assertRaisesRegex(UserError, "has none but Ana, Cleo"):
            (self.ana | self.cleo).role_id = self.role_standard

    def test_another_takes_over(self):
        self.acme.subscription_member_ids = [
            Command.update(self.ben.id, {"role_id": self.role_administrator.id}),
            Command.update(self.ana.id, {"role_id": self.role_standard.id}),
        ]
        self.assertEqual(self.ben.role_id, self.role_administrator)
        self.assertEqual(self.ana.role_id, self.role_standard)

    def test_from_one_administrating_role_to_another(self):
        self.ana.role_id = self.chief
        self.assertEqual(self.ana.role_id, self.chief)

    def test_a_client_without_one_does_as_it_likes(self):
        others = self._create_members(self.bolt, 2)
        others[0].role_id = self.role_reports
        others[0].action_archive()
        others[1].unlink()
        self.finn.role_id = self.role_time

    def test_a_company_leaves_altogether(self):
        ways = {
            "all at once": lambda: self.acme_members.action_archive(),
            "the administrator last": lambda: [
                member.action_archive()
                for member in self.acme_members.sorted("id desc")
            ],
            "deleted": lambda: self.acme_members.unlink(),
            "demoted and archived": lambda: self.acme_members.write(
                {"role_id": self.role_standard.id, "active": False}
            ),
        }
        for name, leave in ways.items():
            with self.subTest(way=name), self._undone():
                leave()
                self.env.flush_all()
                self.assertFalse(self.acme.subscription_member_ids.exists())

    def test_no_administrator_moves_away_from_a_client(self):
        self.finn.role_id = self.role_administrator
        self._create_member("Fay", self.bolt)
        with self.assertRaisesRegex(UserError, "Bolt needs an administrator"):
            self.finn.client_id = self.coral

    def test_the_refusal_names_every_client(self):
        self._create_member("Cora", self.coral, self.role_administrator)
        with self.assertRaises(UserError) as refusal:
            self.role_administrator.is_administrator = False
        lines = str(refusal.exception).splitlines()
        self.assertEqual([line.split(" needs")[0] for line in lines], ["Acme", "Coral"])

    def test_the_refusal_does_not_name_thousands(self):
        for number in range(12):
            client = self._create_client(f"Client {number}", self.north)
            self._create_members(client, 1, self.role_administrator)
        with self.assertRaises(UserError) as refusal:
            self.role_administrator.is_administrator = False
        lines = str(refusal.exception).splitlines()
        self.assertEqual((len(lines), lines[-1]), (11, "And 3 more clients."))

    def test_a_merged_client_needs_none_any_more(self):
        """Bolt comes to Acme with an administrator who is a mere member there."""
        self.base_pool.seat_limit = 9
        self.finn.role_id = self.role_administrator
        self._create_member("Gia", self.bolt)
        double = self._create_member("Finn", self.acme, self.role_reports)
        self._merge(double.partner_id, self.finn.partner_id)
        self._merge(self.acme, self.bolt)
        self.assertFalse(self.finn.active)
        self.assertTrue(self.ana.active)

    def test_the_administrator_stays_where_others_are_merged_into_it(self):
        double = self._create_member("Anna", role=self.role_reports)
        self._merge(self.ana.partner_id, double.partner_id)
        self.assertTrue(self.ana.active)

    def test_other_changes_lock_nobody(self):
        """Who is no administrator is changed without a look at those who are."""
        member_class = self.env.registry[MEMBER]
        self.patch(
            member_class,
            "_verify_administrators",
            lambda members, names: self.fail("This takes nobody away."),
        )
        self.ben.role_id = self.role_reports
        self.ben.action_archive()
        self.ana.name = "Ann"
        self.role_administrator.description = "Looks after the users."


@tagged("post_install", "-at_install")
class TestLastAdministratorOverRpc(AdministratorCase, RpcCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_keys({"staff": cls.staff, "boss": cls.boss})

    def _get_calls(self):
        """Return ``(login, model, method, arguments)`` that take Ana away."""
        ana = {"ids": self.ana.ids}
        demotion = {"role_id": self.role_standard.id}
        role = {"ids": self.role_administrator.ids}
        wizard = self.env["subscription.member.remove"].with_user(self.staff)
        removal = wizard.create({"client_id": self.acme.id, "member_ids": self.ana.ids})
        return [
            ("staff", MEMBER, "write", {**ana, "vals": demotion}),
            ("staff", MEMBER, "write", {**ana, "vals": {"active": False}}),
            ("staff", MEMBER, "action_archive", ana),
            (
                "staff",
                MEMBER,
                "web_save",
                {**ana, "vals": demotion, "specification": {}},
            ),
            ("staff", removal._name, "action_remove", {"ids": removal.ids}),
            ("boss", MEMBER, "unlink", ana),
            (
                "boss",
                "res.users",
                "write",
                {"ids": self.ana_user.ids, "vals": {"active": False}},
            ),
            ("boss", "res.users", "unlink", {"ids": self.ana_user.ids}),
            ("boss", "subscription.member.role", "action_archive", role),
            (
                "boss",
                "subscription.member.role",
                "write",
                {**role, "vals": {"is_administrator": False}},
            ),
        ]

    def test_the_last_one_stays(self):
        for login, model, method, kwargs in self._get_calls():
            for context in ({}, {"active_test": False}):
                with self.subTest(model=model, method=method, context=context):
                    answer = self._call_json(
                        login, model, method, context=context, **kwargs
                    )
                    self.assertEqual(answer.status_code, 422, answer.text)
                    self.assertIn(
                        "Acme needs an administrator and has none but Ana",
                        answer.json()["message"],
                    )
                    self.env.invalidate_all()
                    self.assertTrue(self.ana.active)
                    self.assertTrue(self.ana.role_id._is_administration())

    def test_nobody_calls_the_check_to_pass_it_by(self):
        for method in ("_archive", "_write_standing", "_merge_into", "_repoint"):
            answer = self._call_json("boss", MEMBER, method, ids=self.ana.ids)
            self.assertIn(answer.status_code, (403, 404), method)


@tagged("post_install", "-at_install")
class TestLastAdministratorAtOnce(CommittedCase):
    """Two transactions that each take one of two administrators away."""

    def setUp(self):
        super().setUp()
        self._build(None)
        with self._committed() as env:
            chief = env["subscription.member.role"].create(
                {
                    "name": "Chief",
                    "code": f"chief-{self.client_id}",
                    "is_administrator": True,
                }
            )
            administrator = env.ref(f"{ADDON}.role_administrator")
            client = env["res.partner"].browse(self.client_id)
            members = create_members(env, client, 4)
            members[0].role_id, members[1].role_id = administrator, chief
            self.first_id, self.second_id = members[:2].ids
            self.standard_id = env.ref(f"{ADDON}.role_standard").id
            self.chief_id = chief.id

    def _demote(self, member_id):
        vals = {"role_id": self.standard_id}
        return lambda env: env[MEMBER].browse(member_id).write(vals)

    def _get_ways(self):
        """Return ``{name: what takes the second administrator away}``."""
        second = lambda env: env[MEMBER].browse(self.second_id)  # noqa: E731
        chief = lambda env: env["subscription.member.role"].browse(  # noqa: E731
            self.chief_id
        )
        return {
            "demoted": self._demote(self.second_id),
            "archived": lambda env: second(env).action_archive(),
            "deleted": lambda env: second(env).unlink(),
            "contact archived": lambda env: second(env).partner_id.action_archive(),
            "role edited": lambda env: chief(env).write({"is_administrator": False}),
            "role archived": lambda env: chief(env).action_archive(),
        }

    def _check_one_left(self, results):
        """Check that one administrator is left, and that one of ``results`` says so."""
        with self._committed() as env:
            client = env["res.partner"].browse(self.client_id)
            administrators = client.subscription_member_ids.filtered(
                lambda member: member.role_id._is_administration()
            )
            self.assertEqual(len(administrators), 1)
        (refusal,) = [result for result in results if isinstance(result, Exception)]
        self.assertIn("Acme needs an administrator", str(refusal))

    def test_both_at_the_same_time(self):
        for name in self._get_ways():
            with self.subTest(way=name):
                self.setUp()
                way = self._get_ways()[name]
                self._check_one_left(
                    self._run_together(self._demote(self.first_id), way)
                )

    def test_one_while_the_other_is_under_way(self):
        for name in self._get_ways():
            for demoted_first in (True, False):
                with self.subTest(way=name, demoted_first=demoted_first):
                    self.setUp()
                    ways = [self._demote(self.first_id), self._get_ways()[name]]
                    if not demoted_first:
                        ways.reverse()
                    self._check_one_left(self._run_around(*ways))
