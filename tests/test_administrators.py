import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import timedelta

from odoo import Command, api, fields
from odoo.exceptions import UserError
from odoo.modules.registry import Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, HttpCase, get_db_name, tagged
from odoo.tools import mute_logger

from .common import ADDON, SubscriptionCase, create_company, create_members

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

    def _merge(self, source, target):
        self.env["base.partner.merge.automatic.wizard"]._merge(
            (source | target).ids, target
        )

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
                ana.partner_id, self.ben.partner_id
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
    @contextmanager
    def _undone(self):
        """Undo what happens in the block."""
        savepoint = self.env.cr.savepoint()
        try:
            yield
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()

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

    def test_who_catches_the_refusal_keeps_nothing_of_what_was_refused(self):
        for name in ("role changed", "archived with another", "deleted"):
            with self.subTest(door=name), self._undone():
                with suppress(UserError):
                    self._get_doors()[name]()
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertTrue(all(self.acme_members.mapped("active")))
                self.assertEqual(self.ana.role_id, self.role_administrator)
                self.assertEqual(len(self._get_seated(self.base_pool)), 3)

    def test_an_account_that_cannot_be_closed_stays_as_it_is(self):
        user = self.ana_user
        with suppress(UserError):
            user.with_user(user).sudo()._deactivate_portal_user()
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

    def test_a_merged_client_needs_none_any_more(self):
        """Bolt comes to Acme with an administrator who is a mere member there."""
        self.base_pool.seat_limit = 9
        self.finn.role_id = self.role_administrator
        self._create_member("Fay", self.bolt)
        double = self._create_member("Finn", self.acme, self.role_reports)
        self._merge(self.finn.partner_id, double.partner_id)
        self._merge(self.bolt, self.acme)
        self.assertFalse(self.finn.active)
        self.assertTrue(self.ana.active)

    def test_the_administrator_stays_where_others_are_merged_into_it(self):
        double = self._create_member("Anna", role=self.role_reports)
        self._merge(double.partner_id, self.ana.partner_id)
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
class TestLastAdministratorOverRpc(AdministratorCase, HttpCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        tomorrow = fields.Datetime.now() + timedelta(days=1)
        cls.keys = {
            user.login: cls.env["res.users.apikeys"]
            .with_user(user)
            .sudo()
            ._generate("rpc", "test", tomorrow)
            for user in (cls.staff, cls.boss)
        }

    def _call(self, login, model, method, **kwargs):
        with mute_logger("odoo.http"):
            return self.url_open(
                f"/json/2/{model}/{method}",
                json=kwargs,
                headers={
                    "Authorization": f"bearer {self.keys[login]}",
                    "X-Odoo-Database": get_db_name(),
                },
            )

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
                    answer = self._call(login, model, method, context=context, **kwargs)
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
            answer = self._call("boss", MEMBER, method, ids=self.ana.ids)
            self.assertIn(answer.status_code, (403, 404), method)


@tagged("-standard", "post_install", "-at_install")
class TestLastAdministratorAtOnce(BaseCase):
    """Two transactions that each take one of two administrators away."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        cls.addClassCleanup(cls._clean_up)
        with cls._get_env() as env:
            cls.role_ids = {
                name: env.ref(f"{ADDON}.role_{name}").id
                for name in ("administrator", "standard")
            }
            chief = env["subscription.member.role"].create(
                {"name": "Chief", "code": "parallel", "is_administrator": True}
            )
            cls.role_ids["chief"] = chief.id
            cls.client_id = create_company(env, "Parallel").id

    @classmethod
    @contextmanager
    def _get_env(cls):
        with cls.registry.cursor() as cr:
            yield api.Environment(cr, api.SUPERUSER_ID, {})

    @classmethod
    def _clean_up(cls):
        with cls._get_env() as env:
            client = env["res.partner"].browse(cls.client_id)
            members = env[MEMBER].with_context(active_test=False)
            members = members.search([("client_id", "=", client.id)])
            contacts = members.partner_id
            members.unlink()
            contacts.unlink()
            # Entries of the audit trail stay, whoever asks.
            env.cr.execute(
                "DELETE FROM subscription_log WHERE client_id = %s", [client.id]
            )
            client.unlink()
            env["subscription.member.role"].browse(cls.role_ids["chief"]).unlink()

    def setUp(self):
        super().setUp()
        with self._get_env() as env:
            role = env["subscription.member.role"].browse(self.role_ids["chief"])
            role.is_administrator = True
            client = env["res.partner"].browse(self.client_id)
            members = create_members(env, client, 4)
            members[0].role_id = self.role_ids["administrator"]
            members[1].role_id = self.role_ids["chief"]
            env[MEMBER].search(
                [("client_id", "=", client.id), ("id", "not in", members.ids)]
            ).action_archive()
            self.first_id, self.second_id = members[:2].ids

    def _run_both(self, *changes):
        """Make the changes at the same time, each in a transaction of its own that has
        seen two administrators; Odoo repeats a call that PostgreSQL turns down.

        :return: what each was refused with
        """
        barrier = threading.Barrier(len(changes))

        def run(change):
            with self._get_env() as env:
                self.assertEqual(self._count_administrators(env), 2)
                barrier.wait(timeout=10)

                def call():
                    change(env)
                    env.flush_all()
                    time.sleep(0.2)

                try:
                    retrying(call, env)
                except UserError as error:
                    env.cr.rollback()
                    return str(error)
                return None

        with ThreadPoolExecutor(max_workers=len(changes)) as executor:
            return list(executor.map(run, changes, timeout=60))

    def _count_administrators(self, env):
        return env[MEMBER].search_count(
            [
                ("client_id", "=", self.client_id),
                ("role_id.is_administrator", "=", True),
                ("active", "=", True),
            ]
        )

    def _get_ways(self):
        """Return ``{name: what takes the second administrator away}``."""
        standard = self.role_ids["standard"]
        return {
            "demoted": lambda env: (
                env[MEMBER].browse(self.second_id).write({"role_id": standard})
            ),
            "archived": lambda env: env[MEMBER].browse(self.second_id).action_archive(),
            "deleted": lambda env: env[MEMBER].browse(self.second_id).unlink(),
            "role edited": lambda env: (
                env["subscription.member.role"]
                .browse(self.role_ids["chief"])
                .write({"is_administrator": False})
            ),
        }

    @mute_logger("odoo.sql_db", "odoo.service.model")
    def test_two_never_leave_none(self):
        standard = self.role_ids["standard"]
        for name, way in self._get_ways().items():
            with self.subTest(way=name):
                self.setUp()
                refusals = self._run_both(
                    lambda env: (
                        env[MEMBER].browse(self.first_id).write({"role_id": standard})
                    ),
                    way,
                )
                with self._get_env() as env:
                    self.assertEqual(self._count_administrators(env), 1)
                (refusal,) = filter(None, refusals)
                self.assertIn("Parallel needs an administrator", refusal)
