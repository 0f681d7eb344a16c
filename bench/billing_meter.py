"""What a batch of invoices costs: CPU of this process and of its PostgreSQL backend,
wall time and queries."""

from __future__ import annotations

import gc
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from odoo.sql_db import BaseCursor

NANOSECONDS = 1e9


@dataclass
class Cost:
    """What one batch took, in seconds."""

    cpu: float = 0
    wall: float = 0
    queries: int = 0


class Meter:
    """Counts from its start on; the part of the backends is 0 where they run elsewhere.

    Of all backends of this process: Odoo does some of the work after the commit, over
    another one.
    """

    def __init__(self, cr: BaseCursor) -> None:
        """Start to count what is done by this process over ``cr``."""
        self.cr = cr
        self.start = self._read()

    def lap(self) -> Cost:
        """Return what it took since the last time."""
        now = self._read()
        backends = {
            pid: spent - self.start[2].get(pid, 0) for pid, spent in now[2].items()
        }
        cost = Cost(
            now[0].cpu - self.start[0].cpu + sum(backends.values()),
            now[0].wall - self.start[0].wall,
            now[0].queries - self.start[1],
        )
        self.start = now
        return cost

    def _read(self) -> tuple[Cost, int, dict[int, float]]:
        """Return what was spent, the queries with that of reading, the backends'."""
        queries = self.cr.sql_log_count
        cost = Cost(time.process_time(), time.perf_counter(), queries)
        self.cr.execute(
            "SELECT pid FROM pg_stat_activity WHERE datname = current_database()"
            " AND application_name = current_setting('application_name')"
        )
        spent = {pid: _read_backend(pid) for (pid,) in self.cr.fetchall()}
        return cost, self.cr.sql_log_count, spent


def _read_backend(pid: int) -> float:
    """Return the seconds that a backend on this machine has worked."""
    process = Path("/proc", str(pid))
    try:
        if not (process / "comm").read_text().startswith("postgres"):
            return 0
        return int((process / "schedstat").read_text().split()[0]) / NANOSECONDS
    except OSError:
        return 0


@contextmanager
def measured(cr: BaseCursor) -> Iterator[Cost]:
    """Give the cost of the block, known at its end."""
    gc.collect()
    cost = Cost()
    meter = Meter(cr)
    yield cost
    cost.__dict__.update(meter.lap().__dict__)


def read_memory() -> tuple[float, float]:
    """Return what this process uses, and the most that it used, in MB."""
    lines = Path("/proc/self/status").read_text().splitlines()
    found = dict(line.split(":", 1) for line in lines)
    now, most = (int(found[name].split()[0]) for name in ("VmRSS", "VmHWM"))
    return now / 1000, most / 1000
