import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path

import requests

from odoo.tests import get_db_name, new_test_user, tagged
from odoo.tools import config

from ..common.committed import PATIENCE, CommittedCase
from ..common.rpc import create_key, prepare_json_call
from ..common.subscription import ADDON, create_company

HOST = "127.0.0.1"
# Seconds that a server may take to start, and a call to be answered.
START = 120


def get_free_ports(count):
    """Return different ports that nobody listens on at the moment."""
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]


@tagged("post_install", "-at_install")
class TestHttpWorkers(CommittedCase):
    """Requests at once to a real server with several workers: every answer is a seat or
    a clear refusal."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        with cls._committed() as env:
            north = create_company(env, "North", is_managing_partner=True)
            staff = new_test_user(
                env,
                "workers",
                f"{ADDON}.group_standard",
                parent_id=north.id,
                lang="en_US",
            )
            cls.key = create_key(staff)
            cls.managing_partner_id = north.id
        cls._start_server()

    @classmethod
    def _start_server(cls):
        folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        cls.log = folder / "odoo.log"
        for _ in range(3):
            cls._spawn_server(folder)
            if cls._is_answering():
                return
            # Somebody else may have taken a port meanwhile.
        raise AssertionError(f"The server did not start:\n{cls.log.read_text()}")

    @classmethod
    def _spawn_server(cls, folder):
        cls.port, gevent_port = get_free_ports(2)
        command = cls._get_command(folder) + [
            f"--database={get_db_name()}",
            f"--db-filter=^{get_db_name()}$",
            f"--addons-path={','.join(config['addons_path'])}",
            f"--data-dir={config['data_dir']}",
            f"--http-interface={HOST}",
            f"--http-port={cls.port}",
            f"--gevent-port={gevent_port}",
            "--workers=3",
            "--max-cron-threads=0",
            "--log-level=warn",
        ]
        for name in ("db_host", "db_port", "db_user"):
            if config[name]:
                command.append(f"--{name}={config[name]}")
        environment = dict(os.environ)
        if config["db_password"]:
            environment["PGPASSWORD"] = config["db_password"]
        with cls.log.open("wb") as log:
            server = subprocess.Popen(
                command,
                env=environment,
                stdout=log,
                stderr=log,
                cwd=folder,
                start_new_session=True,
            )
        cls.addClassCleanup(cls._stop_server, server)
        cls.server = server

    @classmethod
    def _get_command(cls, folder):
        """Return the command that starts Odoo."""
        if "PMS_ODOO_BIN" in os.environ:
            return [os.environ["PMS_ODOO_BIN"]]
        # The server starts a copy of itself, so `python -m odoo` would not do.
        program = folder / "odoo-bin"
        program.write_text("from odoo.cli.command import main\n\nmain()\n")
        return [sys.executable, str(program)]

    @classmethod
    def _stop_server(cls, server):
        # With its workers, which have nothing to finish.
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)
        server.wait()

    @classmethod
    def _is_answering(cls):
        """Wait until the server answers, and tell whether it does."""
        for _ in range(START * 10):
            try:
                requests.get(f"http://{HOST}:{cls.port}/web/health", timeout=START)
                return True
            except requests.ConnectionError:
                if cls.server.poll() is not None:
                    break
                threading.Event().wait(0.1)
        return False

    def _call(self, model, method, ids=(), **kwargs):
        """Return the status and the answer of one call."""
        path, arguments = prepare_json_call(self.key, model, method, ids, **kwargs)
        address = f"http://{HOST}:{self.port}{path}"
        response = requests.post(address, timeout=START, **arguments)
        return response.status_code, response.json()

    def _call_together(self, *calls):
        """Make ``calls`` at once.

        :return: how many answers had each status, and the refusals
        """
        barrier = threading.Barrier(len(calls))

        def run(call):
            barrier.wait(PATIENCE)
            return self._call(*call[:-1], **call[-1])

        with ThreadPoolExecutor(len(calls)) as executor:
            answers = list(executor.map(run, calls))
        self.assertFalse(self._get_log_errors())
        refusals = [answer["message"] for status, answer in answers if status == 422]
        return Counter(status for status, _answer in answers), refusals

    def _get_log_errors(self):
        """Return the errors logged, but for calls that PostgreSQL had begin anew."""
        lines = self.log.read_text().splitlines()
        return [
            line
            for line, reason in zip(lines, [*lines[1:], ""], strict=True)
            if " ERROR " in line and "could not serialize access" not in reason
        ]

    def _get_seat_call(self, member_id):
        vals = {"pool_id": self.pool_id, "member_id": member_id}
        return "subscription.seat", "create", [], {"vals_list": [vals]}

    def _get_used(self):
        with self._committed() as env:
            pool = env["subscription.seat.pool"].browse(self.pool_id)
            numbers = pool.seat_ids.mapped("number")
            self.assertEqual(len(set(numbers)), len(numbers))
            return len(numbers)

    def test_the_last_seat_goes_to_exactly_one_request(self):
        self._build(3)
        member_ids = self._create_members(12, seated=2)
        statuses, refusals = self._call_together(
            *map(self._get_seat_call, member_ids[2:])
        )
        self.assertEqual(statuses, {200: 1, 422: 9})
        for refusal in refusals:
            self.assertIn("3 of 3 seats of Expenses are in use", refusal)
            self.assertIn("Raise the limit", refusal)
        self.assertEqual(self._get_used(), 3)

    def test_every_request_gets_a_seat_where_there_is_room_for_all(self):
        self._build(10)
        member_ids = self._create_members(10)
        statuses, _refusals = self._call_together(*map(self._get_seat_call, member_ids))
        self.assertEqual(statuses, {200: 10})
        self.assertEqual(self._get_used(), 10)

    def test_the_users_of_a_plan_are_added_by_requests_at_once(self):
        self._build(1, users=4)
        vals = {"client_id": self.client_id, "name": "New"}
        call = "subscription.member", "create", [], {"vals_list": [vals]}
        statuses, refusals = self._call_together(*[call] * 8)
        self.assertEqual(statuses, {200: 4, 422: 4})
        self.assertIn("4 of the 4 users of the plan", refusals[0])

    def test_grants_meet_releases_and_a_lower_limit(self):
        self._build(6)
        member_ids = self._create_members(8, seated=4)
        lower = "subscription.seat.pool", "write", [self.pool_id]
        free = "subscription.seat", "action_release"
        with self._committed() as env:
            pool = env["subscription.seat.pool"].browse(self.pool_id)
            seat_ids = pool.seat_ids.ids
        statuses, _refusals = self._call_together(
            *map(self._get_seat_call, member_ids[4:]),
            (*lower, {"vals": {"seat_limit": 5}}),
            *((*free, [seat_id], {}) for seat_id in seat_ids[:2]),
        )
        self.assertLessEqual(set(statuses), {200, 422})
        with self._committed() as env:
            limit = env["subscription.seat.pool"].browse(self.pool_id).seat_limit
        self.assertLessEqual(self._get_used(), limit)
