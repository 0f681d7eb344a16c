import threading
from concurrent.futures import ThreadPoolExecutor
from unittest.mock import patch

from odoo import Command
from odoo.tests import tagged
from odoo.tools import SQL

from ...models.core import (
    subscription_locking_mixin,
)
from ..common.committed import PATIENCE, CommittedCase
from ..common.subscription import SubscriptionCase, create_company, create_plan

MIXIN = subscription_locking_mixin.SubscriptionLockingMixin
# The order in which the rows of different tables are locked.
MODELS = (
    "res.partner",
    "subscription.seat.pool",
    "subscription.member",
    "subscription.member.role",
)


@tagged("post_install", "-at_install")
class TestLockOrder(SubscriptionCase):
    """Everybody locks in one order, so that nobody waits in a circle.

    A deadlock shows only where two meet at the right moment; the order shows always.
    """

    def _get_locked(self, job):
        """Return the models whose rows ``job`` locks, in the order of their first
        locks."""
        locked = []
        original = MIXIN._get_lock_query

        def note(records, strength):
            locked.append(records._name)
            return original(records, strength)

        with patch.object(MIXIN, "_get_lock_query", note):
            job()
        return list(dict.fromkeys(locked))

    def test_tables(self):
        ann = self._create_member("Ann")
        clients, pools, members, roles = MODELS
        vals = {"client_id": self.acme.id, "name": "Cleo"}
        bob, teams = self._create_member("Bob"), "subscription.team"
        team = self.env[teams].create({"name": "Sales", "client_id": self.acme.id})
        team.module_ids = self.expenses
        join = {"member_ids": [Command.link(bob.id)]}
        for job, expected in (
            (lambda: self._grant(self.expenses_pool, ann), [pools, members, roles]),
            (lambda: self.env[members].create(vals), [*MODELS]),
            (lambda: self.base_pool.write({"seat_limit": 9}), [clients, pools]),
            (lambda: self._take_back(ann), [members]),
            (lambda: team.write(join), [pools, members, teams, roles]),
        ):
            with self.subTest(expected=expected):
                self.assertEqual(self._get_locked(job), expected)

    def _take_back(self, member):
        return member._get_seats_in_use()._release("access")

    def test_rows(self):
        """Rows are locked in the order of their ids, wherever they lie in the table."""
        ids = sorted((self.acme | self.bolt | self.coral | self.dune).ids)
        # A row that is written moves to the end of the table.
        self.env.flush_all()
        self.cr.execute("UPDATE res_partner SET ref = 'x' WHERE id = %s", [ids[0]])
        self._read_as_they_lie()
        companies = self.env["res.partner"].browse(reversed(ids))
        for strength in ("FOR SHARE", "FOR NO KEY UPDATE"):
            query = companies._get_lock_query(SQL(strength))
            rows = self.env.execute_query(query)
            self.assertEqual([row_id for (row_id,) in rows], ids)

    def test_administrators(self):
        members = self._create_members(self.acme, 3, self.role_administrator)
        self.env.flush_all()
        self.cr.execute(
            "UPDATE subscription_member SET email = 'x' WHERE id = %s", [members[0].id]
        )
        self._read_as_they_lie()
        query = members._get_administrator_lock_query(self.acme)
        rows = self.env.execute_query(query)
        self.assertEqual([row_id for (row_id,) in rows], sorted(members.ids))

    def _read_as_they_lie(self):
        """Make PostgreSQL read whole tables, row after row, and join as it reads."""
        for name in ("indexscan", "indexonlyscan", "bitmapscan", "mergejoin"):
            self.cr.execute(f"SET LOCAL enable_{name} = off")

    def test_numbers_are_inserted_in_order(self):
        """Pools one after the other, in each the numbers upwards, however the request
        names them."""
        plan = create_plan(self.env, "Modules", {self.expenses: None, self.time: None})
        subscription = self._create_subscription(self.bolt, plan)
        # The seats of the base module, which is the last of the pools, come first.
        subscription.seat_pool_ids.create(
            {
                "subscription_id": subscription.id,
                "module_id": self.base.id,
                "is_unlimited": True,
            }
        )
        members = self._create_members(self.bolt, 5)
        self._get_seats([("member_id", "in", members.ids)])._release("access")
        pools = subscription.seat_pool_ids.sorted("id", reverse=True)
        seats = self.env["subscription.seat.pool"]._grant(dict.fromkeys(pools, members))
        inserted = [(seat.pool_id.id, seat.number) for seat in seats.sorted("id")]
        self.assertEqual(len(inserted), 15)
        self.assertEqual(inserted, sorted(inserted))


@tagged("post_install", "-at_install")
class TestTurns(CommittedCase):
    def test_turns_are_taken_in_the_order_of_ids(self):
        """Who waits for the turn of one record has not taken that of a later one."""
        ids = self._do(lambda env: sorted(create_company(env, n).id for n in "AB"))
        has_begun, backends = threading.Event(), []

        def take(env):
            backends.append(env.cr._cnx.get_backend_pid())
            has_begun.set()
            env["res.partner"].browse(reversed(ids))._lock_turn()

        with ThreadPoolExecutor(1) as executor, self._hurried():
            with self._committed() as env:
                env["res.partner"].browse(ids[0])._lock_turn()
                running = executor.submit(self._run, take, lambda env: None)
                self.assertTrue(has_begun.wait(PATIENCE))
                self._wait_until_blocked(running, backends[0])
                query = SQL(
                    "SELECT pg_try_advisory_xact_lock"
                    "('res_partner'::regclass::oid::integer, %s)",
                    ids[1],
                )
                self.assertTrue(env.execute_query(query)[0][0])
            self.assertIsNone(running.result())
