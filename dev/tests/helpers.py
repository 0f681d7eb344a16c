"""What several tests of the tool look at."""

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

long_run = pytest.mark.skipif(
    not os.environ.get("PMS_ALL"), reason="takes long: `make test-all` runs it"
)


def environment() -> dict[str, str]:
    """Return the environment without what tells pytest that it is a worker."""
    return {k: v for k, v in os.environ.items() if not k.startswith("PYTEST_")}


def processes_of(folder: Path) -> list[str]:
    """List the command lines of the running processes that name a folder."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            line = path.read_text().replace("\0", " ")
        except OSError:
            continue
        if str(folder) in line and path.parent.name != str(os.getpid()):
            found.append(line)
    return found


def wait_until(happened: Callable[[], object], seconds: float = 20) -> None:
    """Wait until something has happened; fail when it does not in time."""
    end = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < end, "it did not happen in time"
        time.sleep(0.05)
