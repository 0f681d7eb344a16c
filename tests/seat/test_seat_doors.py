import json
import xmlrpc.client
from typing import NamedTuple
from unittest.mock import patch

from psycopg2.errors import UniqueViolation

from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import get_db_name, tagged
from odoo.tools import mute_logger

from ..common.rpc import RpcCase
from ..common.subscription import SubscriptionCase, create_merge, create_plan

MEMBER = "subscription.member"
SEAT = "subscription.seat"
POOL = "subscription.seat.pool"
SUBSCRIPTION = "sale.subscription"
# Methods that are called on a model rather than on records of it.
MODEL_METHODS = ("create", "load", "name_create")


class Call(NamedTuple):
    """A call that anybody can make: a screen, an import, a program over RPC."""

    model: str
    ids: list
    method: str
    kwargs: dict
    login: str = "staff"
    context: dict = {}


class DoorCase(SubscriptionCase):
    """Acme is full: Ana, Ben and Cleo are its three users, Ana and Ben have Expenses.

    Rita only reads reports, and takes no seat. Others have left. Echo has two members
    and a subscription for one that has not begun, Fern one member and no subscription.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.base_pool.seat_limit = 6
        names = ("Ana", "Ben", "Cleo", "Gus", "Hal", "Ida")
        members = [cls._create_member(name) for name in names]
        cls.ana, cls.ben, cls.cleo, cls.gus, cls.hal, cls.ida = members
        cls.rita = cls._create_member("Rita", role=cls.role_reports)
        cls.expenses_pool._grant({cls.expenses_pool: cls.ana | cls.ben | cls.rita})
        cls.hal_user = cls._create_user(
            "hal", "base.group_portal", cls.acme, partner_id=cls.hal.partner_id.id
        )
        cls.gus.active = False
        cls.hal_user.active = False
        cls.ida.partner_id.active = False
        cls.base_pool.seat_limit = 3
        cls.echo = cls._create_client("Echo", cls.north)
        cls.fern = cls._create_client("Fern", cls.north)
        cls.echo_members = cls._create_members(cls.echo, 2)
        cls.fern_member = cls._create_member("Finn", cls.fern)
        cls.small_plan = create_plan(cls.env, "Solo", {cls.base: 1})
        cls.waiting = cls._create_subscription(cls.echo, cls.small_plan, running=False)
        cls.waiting_pool = cls.waiting.seat_pool_ids
        cls.staff = cls._create_user("staff", "standard", cls.north)
        cls.boss = cls._create_user("boss", "admin", cls.vendor)
        cls.boss.group_ids |= cls.env.ref("base.group_system")
        cls.boss.group_ids |= cls.env.ref("base.group_partner_manager")

    def _get_addition_calls(self):
        """Return the calls that end with more seats in use: none of them fits."""
        acme = {"client_id": self.acme.id}
        new = {**acme, "name": "New"}
        seat = {"pool_id": self.expenses_pool.id, "member_id": self.cleo.id}
        grant = {
            **acme,
            "pool_ids": [Command.set(self.expenses_pool.ids)],
            "member_ids": [Command.set(self.cleo.ids)],
        }
        bring = {"vals_list": [new]}
        stage = self.env.ref("subscription_oca.subscription_stage_in_progress").id
        active = {"vals": {"active": True}}
        link_rita = {"member_ids": [Command.link(self.rita.id)]}
        add_new = {"subscription_member_ids": [Command.create({"name": "New"})]}
        add_seat = {"seat_ids": [Command.create({"member_id": self.cleo.id})]}
        add_pool = {"seat_ids": [Command.create({"pool_id": self.expenses_pool.id})]}
        new_pool = {"module_id": self.base.id, "seat_limit": 1}
        bare = self._create_subscription(
            self.echo, create_plan(self.env, "Bare", {self.time: 1})
        )
        calls = {
            "member created": Call(MEMBER, [], "create", bring),
            "member created with a seat": Call(
                MEMBER, [], "create", {"vals_list": [{**new, **add_pool}]}
            ),
            "members imported": Call(
                MEMBER,
                [],
                "load",
                {
                    "fields": ["client_id/.id", "name"],
                    "data": [[str(self.acme.id), "New"], [str(self.acme.id), "Newer"]],
                },
            ),
            "member saved by the web client": Call(
                MEMBER, [], "web_save", {"vals": new, "specification": {}}
            ),
            "member copied": Call(MEMBER, self.ana.ids, "copy", {}),
            "member created by name": Call(
                MEMBER,
                [],
                "name_create",
                {"name": "New"},
                context={"default_client_id": self.acme.id},
            ),
            "member added on the client": Call(
                "res.partner", self.acme.ids, "write", {"vals": add_new}
            ),
            "member brought from another client": Call(
                MEMBER, self.fern_member.ids, "write", {"vals": acme}
            ),
            "seat created": Call(SEAT, [], "create", {"vals_list": [seat]}),
            "seat created with no list": Call(SEAT, [], "create", {"vals_list": seat}),
            "seats imported": Call(
                SEAT,
                [],
                "load",
                {
                    "fields": ["pool_id/.id", "member_id/.id"],
                    "data": [[str(self.expenses_pool.id), str(self.cleo.id)]],
                },
            ),
            "seat saved by the web client": Call(
                SEAT, [], "web_save", {"vals": seat, "specification": {}}
            ),
            "seat added on the pool": Call(
                POOL, self.expenses_pool.ids, "write", {"vals": add_seat}
            ),
            "seat added on the member": Call(
                MEMBER, self.cleo.ids, "write", {"vals": add_pool}
            ),
            "wizard": Call(
                "subscription.seat.grant",
                self.env["subscription.seat.grant"].with_user(self.staff).create(grant),
                "action_grant",
                {},
            ),
            "role of a member": Call(
                MEMBER,
                self.rita.ids,
                "write",
                {"vals": {"role_id": self.role_standard.id}},
            ),
            "members of a role": Call(
                "subscription.member.role",
                self.role_standard.ids,
                "write",
                {"vals": link_rita},
                "boss",
            ),
            "role that starts to take seats": Call(
                "subscription.member.role",
                self.role_reports.ids,
                "write",
                {"vals": {"takes_seat": True}},
                "boss",
            ),
            "member restored": Call(MEMBER, self.gus.ids, "action_unarchive", {}),
            "member restored by writing": Call(MEMBER, self.gus.ids, "write", active),
            "contact restored": Call(
                "res.partner", self.ida.partner_id.ids, "write", active
            ),
            "user reactivated": Call(
                "res.users", self.hal_user.ids, "write", active, "boss"
            ),
            "subscription started": Call(
                SUBSCRIPTION, self.waiting.ids, "action_start_subscription", {}
            ),
            "subscription moved to the next stage": Call(
                SUBSCRIPTION, self.waiting.ids, "write", {"vals": {"stage_id": stage}}
            ),
            "pool created": Call(
                POOL,
                [],
                "create",
                {"vals_list": [{**new_pool, "subscription_id": bare.id}]},
            ),
            "pool created on the subscription": Call(
                SUBSCRIPTION,
                bare.ids,
                "write",
                {"vals": {"seat_pool_ids": [Command.create(new_pool)]}},
            ),
            "members merged": Call(
                *self._get_merge_call(self.cleo.partner_id, self.rita.partner_id)
            ),
            "clients merged": Call(*self._get_merge_call(self.acme, self.fern)),
        }
        return {
            name: call._replace(ids=getattr(call.ids, "ids", call.ids))
            for name, call in calls.items()
        }

    def _get_reduction_calls(self):
        """Return the calls that end with fewer seats than are in use."""
        plan = {"template_id": self.small_plan.id}
        limit = {"seat_limit": 1, "is_unlimited": False}
        update = {"seat_pool_ids": [Command.update(self.base_pool.id, limit)]}
        pools = self.base_pool | self.expenses_pool
        return {
            "limit lowered": Call(POOL, pools.ids, "write", {"vals": limit}),
            "limit lowered on the subscription": Call(
                SUBSCRIPTION, self.subscription.ids, "write", {"vals": update}
            ),
            "plan changed": Call(
                SUBSCRIPTION, self.subscription.ids, "write", {"vals": plan}
            ),
        }

    def _get_forged_calls(self):
        """Return the calls that would make, move or forge a seat by themselves."""
        held = self.ana._get_seats_in_use() & self.expenses_pool.seat_ids
        seat = {"pool_id": self.expenses_pool.id, "member_id": self.cleo.id}
        forgeries = {
            "number": {"number": 7, "takes_seat": True},
            "no number": {"takes_seat": False},
            "date": {"granted_at": "2020-01-01 00:00:00"},
            "release": {"released_at": False, "release_reason": "access"},
            "end": {"released_at": "2030-01-01 00:00:00"},
            "name": {"holder_name": "Nobody"},
            "team": {"is_from_team": True},
            "removal": {"is_lifted": True},
            "pool": {"pool_id": self.base_pool.id},
            "member": {"member_id": self.cleo.id},
        }
        calls = {
            "seat deleted": Call(SEAT, held.ids, "unlink", {}),
            "seat deleted by the vendor": Call(SEAT, held.ids, "unlink", {}, "boss"),
            "seat copied": Call(SEAT, held.ids, "copy", {}),
            "seat copied to another": Call(
                SEAT, held.ids, "copy", {"default": {"member_id": self.cleo.id}}
            ),
            "seat created by name": Call(SEAT, [], "name_create", {"name": "Cleo"}),
            "seat edited on the member": Call(
                MEMBER,
                self.ana.ids,
                "write",
                {"vals": {"seat_ids": [Command.update(held.id, {"number": 9})]}},
            ),
            "seats of a module asked for nobody": Call(
                SEAT,
                [],
                "create",
                {"vals_list": [{"pool_id": self.expenses_pool.id, "member_id": 0}]},
            ),
        }
        for command in ("unlink", "delete", "link"):
            owner = self.cleo if command == "link" else self.ana
            vals = {"seat_ids": [getattr(Command, command)(held.id)]}
            calls[f"{command} on the member"] = Call(
                MEMBER, owner.ids, "write", {"vals": vals}
            )
            pool = self.base_pool if command == "link" else self.expenses_pool
            calls[f"{command} on the pool"] = Call(
                POOL, pool.ids, "write", {"vals": vals}
            )
        for command in (Command.clear(), Command.set([])):
            calls[f"command {command} on the pool"] = Call(
                POOL, self.expenses_pool.ids, "write", {"vals": {"seat_ids": [command]}}
            )
        for name, forgery in forgeries.items():
            calls[f"{name} written"] = Call(SEAT, held.ids, "write", {"vals": forgery})
            calls[f"{name} imported"] = Call(
                SEAT,
                [],
                "load",
                {
                    "fields": [".id", *forgery],
                    "data": [[str(held.id), *map(str, forgery.values())]],
                },
            )
            if not set(forgery) & set(seat):
                calls[f"{name} created"] = Call(
                    SEAT, [], "create", {"vals_list": [{**seat, **forgery}]}
                )
        return calls

    def _get_merge_call(self, target, source):
        """Return the call that merges ``source`` into ``target``."""
        wizard = create_merge(target, source)
        return wizard._name, wizard.ids, "action_merge", {}, "boss"

    def _get_picture(self):
        """Return everything that a half-done addition would change."""
        self.env.flush_all()
        self.env.invalidate_all()
        seats = self._get_seats()
        everybody = self._get_all(MEMBER)
        contacts = self._get_all("res.partner")
        pools = self._get_all(POOL)
        return {
            "seats": seats.read(
                ["pool_id", "member_id", "number", "granted_at", "released_at"],
                load=None,
            ),
            "members": everybody.read(
                ["client_id", "partner_id", "role_id", "active", "departure"],
                load=None,
            ),
            "contacts": contacts.read(["active", "parent_id"], load=None),
            "pools": pools.read(["seat_limit", "client_id", "used"], load=None),
            "stage": self.waiting.stage_id.id,
            "plan": self.subscription.template_id.id,
            "roles": self.role_reports.takes_seat,
            "users": self.hal_user.active,
        }

    def _get_all(self, model):
        return self.env[model].with_context(active_test=False).search([], order="id")

    def _make_room(self):
        self.base_pool.seat_limit = 9
        self.expenses_pool.seat_limit = 9
        self.waiting_pool.seat_limit = 9

    def _call(self, call):
        """Make ``call`` in this process."""
        records = self.env[call.model].with_user(getattr(self, call.login))
        records = records.with_context(**call.context).browse(call.ids)
        with mute_logger("odoo.models"):
            return getattr(records, call.method)(**call.kwargs)

    def _get_refusal(self, call):
        """Make ``call`` and return what it was refused with, None where it was not."""
        try:
            with self.cr.savepoint():
                result = self._call(call)
                self.env.flush_all()
        except UserError as error:
            return str(error)
        return self._get_import_refusal(call, result)

    def _get_import_refusal(self, call, result):
        """Return what an import was refused with: it says so instead of raising."""
        if call.method != "load":
            return None
        return "\n".join(message["message"] for message in result["messages"]) or None


class TestSeatDoors(DoorCase):
    """Every door, in this process."""

    def test_a_full_pool_is_closed_at_every_door(self):
        calls, picture = self._get_addition_calls(), self._get_picture()
        for name, call in calls.items():
            with self.subTest(door=name), self._undone():
                refusal = self._get_refusal(call) or ""
                self.assertIn("in use", refusal)
                self.assertIn("Raise the limit", refusal)
                self.assertEqual(self._get_picture(), picture)

    def test_a_pool_with_room_is_open_at_every_door(self):
        pool_class = self.env.registry[POOL]
        for name, call in self._get_addition_calls().items():
            with self.subTest(door=name), self._undone():
                self._make_room()
                before = self._get_seats()
                if call.method == "create" and call.model == POOL:
                    call.kwargs["vals_list"][0]["seat_limit"] = 9
                if "seat_pool_ids" in call.kwargs.get("vals", {}):
                    call.kwargs["vals"]["seat_pool_ids"][0][2]["seat_limit"] = 9
                granted, grant = self._get_seats(), pool_class._grant

                def spy(pools, *args, grant=grant, **kwargs):
                    nonlocal granted
                    seats = grant(pools, *args, **kwargs)
                    granted |= seats.sudo().with_env(self.env)  # noqa: B023
                    return seats

                with patch.object(pool_class, "_grant", spy):
                    self.assertIsNone(self._get_refusal(call))
                seats = self._get_seats() - before
                self.assertTrue(seats, "the door gave no seat")
                self.assertLessEqual(seats, granted, "given by something else")

    def test_a_door_opens_to_the_partner_and_the_vendor_only(self):
        self.rival = self._create_user("rival", "standard", self.south)
        self.reader = self._create_user("reader", "accountant", self.acme)
        self.client = self._create_user("client", "base.group_portal", self.acme)
        self._make_room()
        calls = self._get_addition_calls() | self._get_reduction_calls()
        picture = self._get_picture()
        for name, call in calls.items():
            for login in ("rival", "reader", "client"):
                with self.subTest(door=name, login=login), self._undone():
                    self.assertTrue(self._get_refusal(call._replace(login=login)))
                    self.assertEqual(self._get_picture(), picture)

    def test_the_seats_in_use_cannot_be_contracted_away(self):
        picture = self._get_picture()
        for name, call in self._get_reduction_calls().items():
            with self.subTest(door=name), self._undone():
                refusal = self._get_refusal(call) or ""
                self.assertIn("3 seats are in use", refusal)
                self.assertEqual(self._get_picture(), picture)

    def test_a_seat_is_never_made_moved_or_forged(self):
        picture = self._get_picture()
        for name, call in self._get_forged_calls().items():
            for login in ("staff", "boss"):
                with self.subTest(door=name, login=login), self._undone():
                    self.assertTrue(self._get_refusal(call._replace(login=login)))
                    self.assertEqual(self._get_picture(), picture)

    def test_a_forged_context_changes_nothing(self):
        self._make_room()
        defaults = {
            "number": 9,
            "takes_seat": True,
            "released_at": "2030-01-01 00:00:00",
            "release_reason": "access",
            "holder_name": "Nobody",
            "granted_at": "2020-01-01 00:00:00",
        }
        context = {f"default_{name}": value for name, value in defaults.items()}
        for extra in ({}, {"default_takes_seat": False, "default_number": False}):
            for role in (self.role_standard, self.role_reports):
                with self.subTest(context=extra, role=role.name), self._undone():
                    member = self._create_member("Mia", role=role)
                    values = {
                        "pool_id": self.expenses_pool.id,
                        "member_id": member.id,
                    }
                    call = Call(SEAT, [], "create", {"vals_list": [values]})
                    self._call(call._replace(context={**context, **extra}))
                    seat = self.expenses_pool.seat_ids.filtered(
                        lambda seat, member=member: seat.member_id == member
                    )
                    self.assertEqual(len(seat), 1)
                    self.assertEqual(seat.takes_seat, role.takes_seat)
                    self.assertEqual(bool(seat.number), role.takes_seat)
                    self.assertFalse(seat.released_at or seat.release_reason)
                    self.assertEqual(seat.holder_name, "Mia")
                    self.assertNotEqual(str(seat.granted_at), defaults["granted_at"])

    def test_a_fault_elsewhere_is_not_taken_for_a_collision(self):
        """Who is told to try again tries again in vain, and learns nothing."""
        teams = self.env["subscription.team"].create(
            [{"name": name, "client_id": self.acme.id} for name in ("Sales", "Field")]
        )
        self._make_room()
        self.env.flush_all()
        with mute_logger("odoo.sql_db"), self.assertRaises(UniqueViolation):
            teams.name = "Sales"
            self.expenses_pool._grant({self.expenses_pool: self.cleo})

    def test_what_is_computed_cannot_be_written(self):
        forgeries = [
            (self.expenses_pool, {"client_id": self.bolt.id}),
            (self.expenses_pool, {"managing_partner_id": self.south.id}),
            (self.base_pool, {"is_base": False}),
            (self.subscription, {"client_id": self.bolt.id}),
            (self.subscription, {"managing_partner_id": self.south.id}),
            (self.staff.partner_id, {"management_path": self.south.management_path}),
            (self.acme, {"management_path": self.south.management_path}),
            (self.subscription, {"management_path": self.south.management_path}),
            (self.base_pool, {"management_path": self.south.management_path}),
            (self.gus, {"state": "active"}),
            (self.plan.plan_line_ids[0], {"is_base": False}),
        ]
        for record, forgery in forgeries:
            (name,) = forgery
            with self.subTest(model=record._name, field=name), self._undone():
                truth = record[name]
                call = Call(record._name, record.ids, "write", {"vals": forgery})
                self._get_refusal(call)
                self.env.flush_all()
                self.env.invalidate_all()
                self.assertEqual(record[name], truth)

    def test_what_is_computed_cannot_be_given_at_creation(self):
        path = self.south.management_path
        company = {
            "name": "Gulf",
            "is_company": True,
            "managing_partner_id": self.north.id,
            "management_path": path,
        }
        call = Call("res.partner", [], "create", {"vals_list": [company]})
        self._get_refusal(call)
        self.env.flush_all()
        self.env.invalidate_all()
        self.assertFalse(
            self.env["res.partner"].search(
                [("name", "=", "Gulf"), ("management_path", "=like", f"{path}%")]
            )
        )


@tagged("post_install", "-at_install")
class TestSeatDoorsOverRpc(DoorCase, RpcCase):
    """Every door again, through real requests to both of Odoo's programming ways."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_keys({"staff": cls.staff, "boss": cls.boss})

    def _refuse_json(self, call):
        """Make ``call`` by JSON; return what it was refused with."""
        response = self._call_json(
            call.login,
            call.model,
            call.method,
            call.ids,
            context=call.context,
            **call.kwargs,
        )
        answer = response.json()
        if response.ok:
            return self._get_import_refusal(call, answer)
        self.assertIn(response.status_code, (403, 422), answer)
        return answer["message"]

    def _refuse_xml(self, call):
        """Make ``call`` by XML-RPC; return what it was refused with."""
        # XML-RPC knows numbers, not the names that Python gives the commands.
        kwargs = json.loads(json.dumps({**call.kwargs, "context": call.context}))
        arguments = [] if call.method in MODEL_METHODS else [call.ids]
        try:
            result = self.xmlrpc_object.execute_kw(
                get_db_name(),
                getattr(self, call.login).id,
                self.keys[call.login],
                call.model,
                call.method,
                arguments,
                kwargs,
            )
        except xmlrpc.client.Fault as fault:
            # 1 is an error of the program, 2 a refusal, 4 a missing permission.
            self.assertIn(fault.faultCode, (2, 4), fault.faultString)
            return fault.faultString
        return self._get_import_refusal(call, result)

    @mute_logger("odoo.http", "odoo.addons.rpc.controllers.xmlrpc")
    def _check_refused(self, calls, words=()):
        """Check that each of ``calls`` is refused with ``words``, undone altogether."""
        picture = self._get_picture()
        for way in (self._refuse_json, self._refuse_xml):
            for name, call in calls.items():
                with self.subTest(door=name, way=way.__name__), self._undone():
                    refusal = way(call) or ""
                    self.assertTrue(refusal)
                    for word in words:
                        self.assertIn(word, refusal)
                    self.assertEqual(self._get_picture(), picture)

    def test_a_full_pool_is_closed_at_every_door(self):
        words = ("in use", "Raise the limit")
        self._check_refused(self._get_addition_calls(), words)

    def test_the_seats_in_use_cannot_be_contracted_away(self):
        self._check_refused(self._get_reduction_calls(), ["3 seats are in use"])

    def test_a_seat_is_never_made_moved_or_forged(self):
        self._check_refused(self._get_forged_calls())

    def test_what_grants_and_frees_is_not_callable(self):
        calls = {
            name: Call(model, ids, name, kwargs)
            for model, ids, name, kwargs in [
                (POOL, [], "_grant", {"requests": {}}),
                (POOL, [], "_insert_seats", {"plan": {}}),
                (POOL, [], "_lift_removals", {"pairs": []}),
                ("subscription.team", [], "_give", {"claims": []}),
                (SEAT, self.expenses_pool.seat_ids.ids, "_mark", {"is_lifted": True}),
                (POOL, [], "_apply_term_limits", {"seats": {}}),
                (POOL, self.expenses_pool.ids, "_set", {"vals": {"seat_limit": 9}}),
                (SEAT, [], "_insert_rows", {"vals_list": []}),
                (SEAT, self.expenses_pool.seat_ids.ids, "_release", {"reason": "role"}),
            ]
        }
        picture = self._get_picture()
        for name, call in calls.items():
            with self.subTest(method=name), mute_logger("odoo.http"):
                self.assertTrue(hasattr(self.env[call.model], name))
                self.assertTrue(self._refuse_json(call))
                self.assertEqual(self._get_picture(), picture)
