"""Runs other programs, and turns their failures into advice."""

from __future__ import annotations

import os
import re
import signal
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from .ui import Failure

STOP_SECONDS = 15
LOG_LINES = 12

# What programs say when the network or a server cannot be reached.
NETWORK = (
    r"Could not (resolve|connect|handshake)|Temporary failure|unable to access"
    r"|Network is unreachable|Name or service not|Failed to establish"
    r"|Connection (refused|timed out)|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT"
)
# First match in a program's output wins: (pattern, what to do).
ADVICE = (
    (
        r"No space left on device|Disk quota exceeded|not enough free space",
        "Free some disk space (4 GB are needed), then run the same command again.",
    ),
    (
        NETWORK,
        "The network or a package server cannot be reached: check the connection and "
        "the proxy settings, then run the same command again.",
    ),
    (
        r"No matching distribution found|No module named (venv|ensurepip)",
        "Python 3.10 to 3.13 with its venv module is needed (Debian: `apt-get install "
        "python3-venv`); PYTHON=python3.12 make ... chooses another interpreter.",
    ),
    (
        r"Could not get lock|is another process using it",
        "Another package installation is running: wait until it has ended.",
    ),
    (
        r"Permission denied|Read-only file system|Operation not permitted",
        "Check that you may write to the checkout folder and to its .dev folder "
        "(a .dev made by root belongs to root: `sudo make clean`).",
    ),
)


def advice_for(output: str) -> str:
    """Return what to do about a program that failed with this output, or ""."""
    for pattern, advice in ADVICE:
        if re.search(pattern, output, re.IGNORECASE):
            return advice
    return ""


def run(
    args: Sequence[str | Path],
    *,
    log: Path | None = None,
    advice: str = "",
    check: bool = True,
    **options: Any,
) -> subprocess.CompletedProcess[str]:
    """Run a program without input and return what it printed.

    Raises Failure with the last lines and what to do when it ends badly (unless
    `check` is off) or is not there. The whole output goes to `log` if given.
    """
    command = [str(arg) for arg in args]
    options.setdefault("env", clean_environment())
    options["env"] = {**options["env"], "LC_ALL": "C.UTF-8"}
    try:
        result = subprocess.run(
            command,
            stdin=subprocess.DEVNULL if "input" not in options else None,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            check=False,
            **options,
        )
    except FileNotFoundError as error:
        raise Failure(f"{command[0]} was not found", advice) from error
    if log:
        log.parent.mkdir(parents=True, exist_ok=True)
        log.write_text(result.stdout)
    if check and result.returncode:
        raise failure_of(command, result, log, advice)
    return result


def failure_of(
    command: Sequence[str],
    result: subprocess.CompletedProcess[str],
    log: Path | None,
    advice: str,
) -> Failure:
    """Build the Failure of a program that ended badly, with its last lines."""
    tail = "\n".join(
        f"      {line}" for line in result.stdout.splitlines()[-LOG_LINES:]
    )
    where = f"\n      (all of it: {log})" if log else ""
    return Failure(
        f"`{Path(command[0]).name} {' '.join(command[1:4])} ...` ended with code "
        f"{result.returncode}:\n{tail}{where}",
        advice_for(result.stdout) or advice,
    )


def clean_environment(extra: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return this process's environment without what leads Python or make astray."""
    dropped = {"PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV"}
    dropped |= {"ARGS", "MAKEFLAGS", "MAKELEVEL"}  # of the make that called us
    env = {key: value for key, value in os.environ.items() if key not in dropped}
    return {**env, **(extra or {})}


def foreground(
    args: Sequence[str | Path], *, interactive: bool = False, **options: Any
) -> int:
    """Run a program in sight of the person and return its exit code.

    However this call ends, nothing that the program started in its own group is left:
    it is asked to stop as Ctrl-C does, then told to. An interactive program keeps the
    terminal, and so gets Ctrl-C itself.
    """
    child = subprocess.Popen(
        [str(arg) for arg in args], start_new_session=not interactive, **options
    )
    try:
        while True:
            try:
                return child.wait()
            except KeyboardInterrupt:
                if not interactive:
                    raise
    finally:
        stop(child, group=not interactive)


def stop(child: subprocess.Popen[Any], *, group: bool) -> None:
    """End a child, and its whole process group if it leads one: asked, then forced."""
    send = os.killpg if group else os.kill
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
        if child.poll() is not None and not (group and _alive(child.pid)):
            return
        try:
            send(child.pid, number)
        except (ProcessLookupError, PermissionError):
            return
        try:
            child.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            continue


def _alive(group: int) -> bool:
    try:
        os.killpg(group, 0)
    except (ProcessLookupError, PermissionError):
        return False
    return True
