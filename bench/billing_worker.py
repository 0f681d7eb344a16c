"""Runs the job that bills in a process of its own, as Odoo's workers do.

Says "ready" when it is warm, waits for a line, bills all that is due and prints what
each chunk took.
"""

from __future__ import annotations

import json
import logging
import os
import sys
from unittest.mock import patch

from odoo.modules.registry import Registry
from odoo.tools import config

from billing_meter import Meter, read_memory
from measure import environment

RUN = "subscription.billing.run"
CHUNK = 100


def main() -> None:
    """Warm up, wait, bill, report."""
    config.parse_config(sys.argv[1:])
    logging.disable(logging.ERROR)
    registry = Registry(os.environ["PMS_BENCH_DB"])
    with environment(registry, 1) as env:
        env["sale.subscription"]._claim_due(0, CHUNK)._bill()
    print("ready", flush=True)
    sys.stdin.readline()
    print(json.dumps(_bill(registry)), flush=True)


def _bill(registry: Registry) -> dict:
    """Run the job; return the cost of each chunk, and the memory after it."""
    chunks = []
    with environment(registry, 1) as env:
        meter = Meter(env.cr)

        def commit(_cron, processed=0, **_values):
            env.cr.commit()
            cost = meter.lap()
            if processed:
                chunks.append(
                    {
                        "count": processed,
                        "cpu": cost.cpu,
                        "wall": cost.wall,
                        "memory": read_memory()[0],
                    }
                )
            return float("inf")

        with patch.object(type(env["ir.cron"]), "_commit_progress", commit):
            env[RUN]._cron_bill()
    return {"chunks": chunks, "most": read_memory()[1]}


if __name__ == "__main__":
    main()
