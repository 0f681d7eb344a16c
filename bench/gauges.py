"""Gauges that are open: a process of its own with many connections to the bus, so that
what they do takes nothing from the process that is measured.

Reads one line with what to connect to, as JSON. Then, for each line, it says when every
connection has been told of a change of usage since: the reading of the monotonic clock,
which the processes of a machine share.
"""

from __future__ import annotations

import json
import selectors
import sys
import time

import websocket

# Seconds between two pages that are opened, and until the dispatcher runs and all is
# quiet again.
PAUSE, QUIET = 0.05, 2
# Seconds until one that has heard nothing is given up.
PATIENCE = 30
USAGE = "subscription_live/usage"


def main() -> None:
    """Connect, then listen as often as asked."""
    wanted = json.loads(sys.stdin.readline())
    gauges = []
    for number in range(wanted["count"]):
        gauges.append(_connect(wanted))
        # As pages do, not all at the same moment; the first starts the dispatcher.
        time.sleep(PAUSE if number else QUIET)
    time.sleep(QUIET)
    with selectors.DefaultSelector() as selector:
        for one in gauges:
            selector.register(one.sock, selectors.EVENT_READ, one)
        _say("connected")
        for _line in sys.stdin:
            _say("listening")
            _say(_listen(selector, set(gauges)))


def _connect(wanted: dict) -> websocket.WebSocket:
    """Open a connection that listens to the channels."""
    connection = websocket.create_connection(
        wanted["address"], cookie=wanted["cookie"], timeout=PATIENCE
    )
    data = {"channels": wanted["channels"], "last": 0}
    connection.send(json.dumps({"event_name": "subscribe", "data": data}))
    return connection


def _listen(
    selector: selectors.BaseSelector, waiting: set[websocket.WebSocket]
) -> float:
    """Return when the last one has heard of a change."""
    until = time.monotonic() + PATIENCE
    while waiting and time.monotonic() < until:
        for key, _events in selector.select(0.1):
            messages = json.loads(key.data.recv() or "[]")
            if any(row["message"]["type"] == USAGE for row in messages):
                waiting.discard(key.data)
    if waiting:
        sys.exit(f"{len(waiting)} gauges have heard nothing.")
    return time.monotonic()


def _say(what: object) -> None:
    print(json.dumps(what), flush=True)


if __name__ == "__main__":
    main()
