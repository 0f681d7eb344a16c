"""Granting a seat while two hundred gauges of its pool are open, and while none is.

The gauges are connections to a server of its own, as Odoo runs it: one that answers
requests, and one for the connections.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from odoo.api import Environment
from odoo.orm.registry import Registry

from odoo.addons.bus.websocket import WebsocketConnectionHandler

from grants import MEMBER, POOL, make_client
from measure import SHORT, Results, environment, measure_in_turn, stopwatch

GAUGES = 200
# A grant with the gauges open takes at most so many times as long as with none.
MOST_GROWTH = 1.1
# Seconds until each has heard of it, and until one that has not is given up.
SOON, PATIENCE = 2, 30
HOST = "127.0.0.1"
PASSWORD = "bench"
VERSION = WebsocketConnectionHandler._VERSION
# Connections to the database of each process: two hundred gauges share them.
DB_CONNECTIONS = 20

OPEN = f"{GAUGES} gauges open"
KNOWN = "none open"
UNKNOWN = "none ever opened"


def measure(registry: Registry, results: Results, repetitions: int) -> None:
    """Measure granting one seat, committed, and when the last gauge has heard of it."""
    count = (repetitions + 1) * SHORT
    with environment(registry, 1) as env:
        env.ref("base.user_admin").password = PASSWORD
        clients = {name: make_client(env, count) for name in (OPEN, KNOWN, UNKNOWN)}
        channels = {
            name: env[POOL].browse(clients[name][0]).get_live()["channels"]
            for name in (OPEN, KNOWN)
        }
        env.cr.commit()
    scenario = "Grant a seat and commit"
    with _serve(registry.db_name) as (port, live_port):
        cookie = _log_in(registry.db_name, port)
        with _Gauges(live_port, cookie, channels[OPEN]) as gauges:
            variants = {
                name: partial(
                    _grant,
                    registry,
                    pool_id,
                    iter(member_ids),
                    gauges if name == OPEN else None,
                )
                for name, (pool_id, member_ids) in clients.items()
            }
            values = measure_in_turn(scenario, variants, repetitions * SHORT - 1)
            results.add(scenario, "ms", values)
            results.check_ratio(scenario, OPEN, KNOWN, MOST_GROWTH)
            _check_arrivals(results, gauges.arrivals)


def _check_arrivals(results: Results, arrivals: list[float]) -> None:
    scenario = f"All of {GAUGES} gauges have heard of it"
    results.add(scenario, "ms", {"after the commit": arrivals})
    slowest = max(arrivals)
    results.check(
        scenario, f"{slowest:.0f} ms", f"below {SOON * 1000} ms", slowest < SOON * 1000
    )


def _grant(
    registry: Registry,
    pool_id: int,
    member_ids: Iterator[int],
    gauges: _Gauges | None,
) -> float:
    """Return the ms that a grant and its commit take; let the gauges hear of it before
    anything else is measured."""
    with registry.cursor() as cr:
        env = Environment(cr, 1, {})
        pool = env[POOL].browse(pool_id)
        member = env[MEMBER].browse(next(member_ids))
        if gauges:
            gauges.expect()
        with stopwatch() as elapsed:
            pool._grant({pool: member})
            cr.commit()
    if gauges:
        gauges.wait(time.monotonic())
    return elapsed()


class _Gauges:
    """The process whose connections listen to the channels of a pool."""

    def __init__(self, port: int, cookie: str, channels: list[str]) -> None:
        self.arrivals: list[float] = []
        self._wanted = {
            "address": f"ws://{HOST}:{port}/websocket?version={VERSION}",
            "cookie": cookie,
            "channels": channels,
            "count": GAUGES,
        }

    def __enter__(self) -> _Gauges:
        script = Path(__file__).with_name("gauges.py")
        self._process = subprocess.Popen(
            [sys.executable, str(script)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        self._send(self._wanted)
        self._read()
        return self

    def __exit__(self, *_error: object) -> None:
        self._process.stdin.close()
        self._process.wait(PATIENCE)

    def expect(self) -> None:
        """Let each connection listen from now on."""
        self._send("listen")
        self._read()

    def wait(self, start: float) -> None:
        """Wait until each has heard of what was committed at ``start``, a reading of
        the monotonic clock; note how long that took."""
        self.arrivals.append(max(self._read() - start, 0) * 1000)

    def _send(self, what: object) -> None:
        self._process.stdin.write(json.dumps(what) + "\n")
        self._process.stdin.flush()

    def _read(self) -> Any:
        line = self._process.stdout.readline()
        return json.loads(line) if line else sys.exit("The gauges have stopped.")


# ---------------------------------------------------------------------- the server


@contextmanager
def _serve(database: str) -> Iterator[tuple[int, int]]:
    """Run Odoo; give the ports for requests and for connections."""
    with tempfile.TemporaryDirectory() as folder:
        program = Path(folder) / "odoo-bin"
        program.write_text("from odoo.cli.command import main\n\nmain()\n")
        port, live_port = _get_free_ports(2)
        server = subprocess.Popen(
            [
                *(sys.executable, str(program), "-c", os.environ["ODOO_RC"]),
                *(f"--database={database}", f"--db-filter=^{database}$"),
                *(f"--http-interface={HOST}", f"--http-port={port}"),
                *(f"--gevent-port={live_port}", "--workers=1", "--max-cron-threads=0"),
                *(f"--db_maxconn={DB_CONNECTIONS}", "--log-level=warn"),
                "--log-handler=longpolling:ERROR",
            ],
            cwd=folder,
        )
        try:
            for wanted in (port, live_port):
                _await_port(wanted)
            yield port, live_port
        finally:
            server.terminate()
            server.wait(PATIENCE)


def _get_free_ports(count: int) -> list[int]:
    with ExitStack() as stack:
        probes = [stack.enter_context(socket.socket()) for _ in range(count)]
        for probe in probes:
            probe.bind((HOST, 0))
        return [probe.getsockname()[1] for probe in probes]


def _await_port(port: int) -> None:
    for _ in range(PATIENCE * 10):
        try:
            socket.create_connection((HOST, port)).close()
            return
        except OSError:
            time.sleep(0.1)
    sys.exit("The server did not start.")


def _log_in(database: str, port: int) -> str:
    """Log in as the administrator, and return the cookie of the session."""
    params = {"db": database, "login": "admin", "password": PASSWORD}
    request = urllib.request.Request(
        f"http://{HOST}:{port}/web/session/authenticate",
        json.dumps({"params": params}).encode(),
        {"Content-Type": "application/json"},
    )
    with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
        return answer.headers["Set-Cookie"].split(";")[0]
