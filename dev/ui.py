"""What the tool says: steps with their time, and failures with what to do."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

HEARTBEAT_SECONDS = 10
_lock = threading.Lock()


class Failure(Exception):
    """Something that the person at the keyboard can mend: what happened, what to do."""

    def __init__(self, what: str, advice: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.advice = advice

    def __str__(self) -> str:
        return f"{self.what}\n  -> {self.advice}" if self.advice else self.what


def say(text: str) -> None:
    """Print one line at once, whole, whichever thread says it."""
    with _lock:
        print(text, file=sys.stderr, flush=True)


@contextmanager
def step(label: str) -> Iterator[None]:
    """Announce a long step, remind of it while it lasts, and print its time.

    Whatever the step raises passes through, after a line that names the step.
    """
    start = time.monotonic()
    done = threading.Event()

    def remind() -> None:
        while not done.wait(HEARTBEAT_SECONDS):
            say(f"  ... {label} ({time.monotonic() - start:.0f} s)")

    say(f"  >   {label}")
    threading.Thread(target=remind, daemon=True).start()
    outcome = "FAIL"
    try:
        yield
        outcome = "ok  "
    finally:
        done.set()
        say(f"  {outcome} {label} ({time.monotonic() - start:.1f} s)")
