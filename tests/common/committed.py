"""What tests with several transactions at once have in common."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from unittest.mock import patch

from odoo import SUPERUSER_ID, api
from odoo.modules.registry import DummyRLock, Registry
from odoo.service.model import retrying
from odoo.tests import BaseCase, get_db_name
from odoo.tools import SQL, mute_logger

from .subscription import (
    ADDON,
    create_company,
    create_members,
    create_module,
    create_plan,
    create_subscription,
)

# Seconds after which a transaction that should wait or end is taken to be stuck.
PATIENCE = 120
# What ``patch`` and ``patch.object`` make.
PATCHER = type(patch("builtins.len"))
# What licences leave behind beside the rest.
LICENCE_TABLES = (
    "subscription_licence_move",
    "subscription_renewal_line",
    "subscription_renewal",
    "subscription_licence_account",
)


# What invitations leave behind beside the rest.
INVITATION_TABLES = ("subscription_invitation", "mail_mail", "mail_message")


class CommittedCase(BaseCase):
    """Tests on data that every transaction sees: what is made is committed, and removed
    when the class is done.
    """

    # The company that manages the clients.
    managing_partner_id = False
    # What a test leaves behind, in the order in which it can be deleted.
    TABLES = (
        "subscription_presence",
        "subscription_log",
        "subscription_seat",
        "subscription_member",
        "subscription_team",
        "subscription_seat_pool",
        "sale_subscription",
        "subscription_plan_line",
        "sale_subscription_template",
        "subscription_module",
        "subscription_member_role",
        "product_pricelist",
        "res_users_apikeys",
        "res_users",
        "res_partner",
    )

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.registry = Registry(get_db_name())
        with cls._committed() as env:
            last_ids = {table: cls._get_last_id(env, table) for table in cls.TABLES}
        cls.addClassCleanup(cls._remove_rows, last_ids)

    def _build(self, limit, *, users=None, running=True):
        """Make a client with a subscription of ``limit`` seats of Expenses, each None
        where unlimited; note the ids."""
        with self._committed() as env:
            module_model = env["subscription.module"]
            expenses = module_model.search([("code", "=", "expenses")], limit=1)
            expenses = expenses or create_module(env, "Expenses")
            base = env.ref(f"{ADDON}.module_base")
            client = create_company(
                env, "Acme", managing_partner_id=self.managing_partner_id
            )
            plan = create_plan(env, "Plus", {base: users, expenses: limit})
            subscription = create_subscription(env, client, plan, running=running)
            self.client_id, self.subscription_id = client.id, subscription.id
            self.base_pool_id, self.pool_id = subscription.seat_pool_ids.ids

    @classmethod
    @contextmanager
    def _committed(cls):
        """Give an environment of its own that is committed at the end."""
        with cls.registry.cursor() as cr:
            yield api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})

    @classmethod
    def _get_last_id(cls, env, table):
        query = SQL("SELECT COALESCE(MAX(id), 0) FROM %s", SQL.identifier(table))
        return env.execute_query(query)[0][0]

    @classmethod
    def _remove_rows(cls, last_ids):
        with cls._committed() as env:
            for table, last_id in last_ids.items():
                env.cr.execute(
                    SQL("DELETE FROM %s WHERE id > %s", SQL.identifier(table), last_id)
                )
            env.registry.clear_all_caches()

    def _create_members(self, count, *, seated=0, **vals):
        """Create members, of whom the first ``seated`` have Expenses.

        :return: their ids
        """
        with self._committed() as env:
            client = env["res.partner"].browse(self.client_id)
            members = create_members(env, client, count, **vals)
            if seated:
                self._grant(members[:seated].ids)(env)
            return members.ids

    def _grant(self, member_ids, pool_id=None):
        """Return the job that gives members seats, of Expenses by default."""

        def grant(env):
            pool = env["subscription.seat.pool"].browse(pool_id or self.pool_id)
            members = env["subscription.member"].browse(member_ids)
            return pool._grant({pool: members}).ids

        return grant

    def _do(self, job):
        """Do ``job`` and commit."""
        with self._committed() as env:
            return job(env)

    def _split(self, results):
        """Return what was done and what was refused of ``results``."""
        refused = [one for one in results if isinstance(one, Exception)]
        return [one for one in results if one not in refused], refused

    def _run_together(self, *jobs):
        """Do ``jobs``, each in a transaction that began before any of them ended.

        :return: the result of each, or what it raised
        """
        barrier = threading.Barrier(len(jobs))
        with ThreadPoolExecutor(len(jobs)) as executor, self._hurried():
            running = [
                executor.submit(self._run, job, lambda env: barrier.wait(PATIENCE))
                for job in jobs
            ]
            return [future.result(PATIENCE) for future in running]

    def _run_around(self, first, second, *, rollback=False):
        """Do ``second`` in a transaction that begins before ``first`` and goes on until
        it must wait for it; then commit ``first``, or roll it back.

        :return: what ``first`` and ``second`` returned or raised
        """
        began, go = threading.Event(), threading.Event()
        backends = []

        def prepare(env):
            backends.append(env.cr._cnx.get_backend_pid())
            began.set()
            go.wait(PATIENCE)

        with ThreadPoolExecutor(1) as executor, self._hurried():
            running = executor.submit(self._run, second, prepare)
            began.wait(PATIENCE)
            try:
                with self._committed() as env:
                    first_result = first(env)
                    env.cr.flush()
                    go.set()
                    self._wait_until_blocked(running, backends[0])
                    if rollback:
                        env.cr.rollback()
            finally:
                go.set()
            return first_result, running.result(PATIENCE)

    def _run(self, job, prepare):
        """Do ``job`` as Odoo does a call, with its retries, once ``prepare`` is done.

        :return: its result, or what it raised
        """
        with self.registry.cursor() as cr:
            env = api.Environment(cr, SUPERUSER_ID, {"tracking_disable": True})
            # A transaction sees the database as it was at its first query.
            env["subscription.seat.pool"].search_count([])
            prepare(env)
            try:
                return retrying(partial(job, env), env)
            except AssertionError:
                raise
            except Exception as error:  # noqa: BLE001
                cr.rollback()
                return error

    @contextmanager
    def _hurried(self):
        """Retry at once, instead of after a random pause, and so more often: all that
        begin at once may meet again each time."""
        no_pause = patch("odoo.service.model.random.uniform", return_value=0)
        tries = patch("odoo.service.model.MAX_TRIES_ON_CONCURRENCY_FAILURE", 50)
        # Odoo holds this lock while it runs tests itself, and other threads wait.
        no_lock = patch.object(Registry, "_lock", DummyRLock())
        muted = mute_logger("odoo.sql_db", "odoo.service.model")
        with no_pause, tries, no_lock, muted, self._unpatched_by_threads():
            yield

    @contextmanager
    def _unpatched_by_threads(self):
        """Refuse patches in threads: they are everybody's. Of two that overlap, the one
        that ends last puts back what the first put in, for all tests that follow."""
        enter, owner = PATCHER.__enter__, threading.get_ident()

        def check(patcher):
            if threading.get_ident() != owner:
                raise AssertionError("Patch before the threads begin.")
            return enter(patcher)

        with patch.object(PATCHER, "__enter__", check):
            yield

    def _wait_until_blocked(self, running, backend):
        """Wait until the transaction of ``backend`` waits for another, or is done."""
        with self.registry.cursor() as cr:
            for _ in range(PATIENCE * 100):
                cr.execute("SELECT pg_blocking_pids(%s)", [backend])
                if cr.fetchone()[0] or running.done():
                    return
                threading.Event().wait(0.01)
        self.fail("The second transaction neither ended nor had to wait.")
