"""Programs that fail, are missing, or have to be stopped."""

import os
import shutil
import signal
import subprocess
import sys

import pytest

from dev.process import advice_for, foreground, run
from dev.project import find_root
from dev.ui import Failure
from helpers import processes_of, wait_until

SAID = (
    ("dd: writing: No space left on device", "disk space"),
    ("W: Could not resolve 'packages'", "network"),
    ("fatal: unable to access 'https://x/': Could not resolve host", "network"),
    ("Failed to establish a new connection: [Errno 111] Connection refused", "network"),
    ("ERROR: No matching distribution found for odd==1", "Python 3.10 to 3.13"),
    ("E: Could not get lock /var/lib/dpkg/lock-frontend", "wait until"),
    ("mkdir: cannot create 'x': Read-only file system", "may write"),
    ("something else", ""),
)


@pytest.mark.parametrize(("said", "advice"), SAID)
def test_what_a_program_says_becomes_advice(said, advice):
    assert advice in advice_for(said)
    assert bool(advice_for(said)) == bool(advice)


def test_failing_program_shows_its_last_lines_and_the_log(tmp_path):
    log = tmp_path / "a folder" / "step.log"
    script = "seq 1 40; echo 'No space left on device'; exit 3"
    with pytest.raises(Failure) as caught:
        run(["sh", "-c", script], log=log)
    assert "code 3" in caught.value.what
    assert "No space left" in caught.value.what
    assert "      5\n" not in caught.value.what, "only the last lines are shown"
    assert log.read_text().startswith("1\n2\n")
    assert "disk space" in caught.value.advice


def test_missing_program_says_what_to_do():
    with pytest.raises(Failure) as caught:
        run(["no-such-program"], advice="Install it.")
    assert "no-such-program was not found" in str(caught.value)
    assert "-> Install it." in str(caught.value)


def test_program_that_ends_well_returns_its_output():
    assert run(["echo", "fine"]).stdout == "fine\n"
    assert run(["false"], check=False).returncode == 1


def test_foreground_returns_the_exit_code():
    assert foreground(["sh", "-c", "exit 7"]) == 7


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_interrupted_command_leaves_no_process(tmp_path, number):
    # The child and its own child both ignore the polite requests to end.
    sleep = tmp_path / "sleep"
    sleep.symlink_to(shutil.which("sleep"))
    script = f"trap '' INT TERM; '{sleep}' 60 & '{sleep}' 60"
    code = (
        "from dev import commands, process\n"
        "process.STOP_SECONDS = 0.2\n"
        "commands.interrupt_on_signals()\n"
        f"process.foreground(['bash', '-c', {script!r}])\n"
    )
    program = [sys.executable, "-c", code]
    tool = subprocess.Popen(program, cwd=find_root(), stderr=subprocess.PIPE)
    try:
        wait_until(lambda: len(processes_of(sleep)) >= 3)
        os.kill(tool.pid, number)
        tool.communicate(timeout=20)
    finally:
        tool.kill()
    assert tool.returncode != 0
    assert processes_of(sleep) == []
