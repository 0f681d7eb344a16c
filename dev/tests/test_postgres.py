"""The private server: real ones, in folders that go away."""

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from dev import commands, postgres
from dev.project import Project, find_root
from dev.ui import Failure
from helpers import environment, processes_of, wait_until

pytestmark = pytest.mark.usefixtures("private")
AS_NOBODY = "import os; os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
HOLD = """
import sys, time
from pathlib import Path
from dev import commands, postgres
from dev.project import Project
{before}
# A program started in the background may have been told to ignore SIGINT.
commands.interrupt_on_signals()
project = Project(Path(sys.argv[1]))
project.prepare()
server = postgres.provide(project)
with server.running():
    print(server.environment["PGHOST"], flush=True)
    time.sleep(float(sys.argv[2]))
"""


@pytest.fixture
def project():
    """A checkout that every account can reach, gone at the end, its server too."""
    with tempfile.TemporaryDirectory(prefix="a checkout ") as folder:
        Path(folder).chmod(0o755)
        made = Project(Path(folder))
        made.prepare()
        yield made
        commands.clean(made, [])


def ask(server: postgres.Postgres, sql: str) -> str:
    """Return what the running server answers."""
    command = [server.bin / "psql", "-AtXc", sql, "postgres"]
    env = {**environment(), **server.environment}
    result = subprocess.run(
        command, capture_output=True, text=True, env=env, check=True
    )
    return result.stdout.strip()


def hold(project: Project, seconds: float, before: str = "") -> subprocess.Popen[str]:
    """Start another process that uses the server; return when it has it."""
    command = [
        sys.executable,
        "-c",
        HOLD.format(before=before),
        str(project.root),
        str(seconds),
    ]
    other = subprocess.Popen(
        command, cwd=find_root(), stdout=subprocess.PIPE, text=True, env=environment()
    )
    assert other.stdout.readline().strip(), "the other process has no server"
    return other


def test_server_runs_while_it_is_needed_and_not_longer(project):
    server = postgres.provide(project)
    with server.running():
        assert ask(server, "SELECT current_user") == postgres.ROLE
        assert int(ask(server, "SHOW max_connections")) >= 300
        assert ask(server, "SHOW listen_addresses") == "", "no port is opened"
        assert ask(server, "SHOW fsync") == "off"
        assert ask(server, "SHOW jit") == "off"
    assert not server.is_running()
    assert processes_of(server.folder) == []


def test_benchmarks_can_ask_for_a_server_that_writes_safely(project, monkeypatch):
    monkeypatch.setenv("PMS_FSYNC", "1")
    server = postgres.provide(project)
    with server.running():
        assert ask(server, "SHOW fsync") == "on"


def test_benchmarks_can_ask_for_sessions_with_jit(project, monkeypatch):
    server = postgres.provide(project)
    monkeypatch.setenv("PGOPTIONS", "-c jit=on")
    with server.running():
        assert ask(server, "SHOW jit") == "on"


def test_server_stays_until_its_last_user_ends(project):
    server = postgres.provide(project)
    with server.running():
        other = hold(project, 60)
    assert server.is_running(), "the other command still needs it"
    other.send_signal(signal.SIGINT)
    other.wait(45)
    with server.running():
        assert ask(server, "SELECT 1") == "1"
    assert not server.is_running()


def test_two_that_start_at_once_share_one_server(project):
    others = [hold(project, 0.5) for _ in range(3)]
    assert [other.wait(60) for other in others] == [0, 0, 0]
    assert not postgres.provide(project).is_running()


def test_server_of_a_killed_command_is_taken_over_and_stopped(project):
    other = hold(project, 60)
    other.kill()
    other.wait()
    server = postgres.provide(project)
    assert server.is_running()
    with server.running():
        assert ask(server, "SELECT 1") == "1"
    assert not server.is_running()


def test_pid_file_of_a_dead_server_is_no_hindrance(project):
    server = postgres.provide(project)
    with server.running():
        started = ask(server, "SELECT pg_postmaster_start_time()")
    # The machine went down, and the number now belongs to a process of this account.
    sleep = subprocess.Popen(["sleep", "60"], **server.account.options)
    lines = [str(sleep.pid), str(server.data), "0", str(postgres.PORT)]
    (server.data / "postmaster.pid").write_text("\n".join(lines) + "\n")
    try:
        with server.running():
            assert ask(server, "SELECT pg_postmaster_start_time()") != started
    finally:
        sleep.kill()
        sleep.wait()


def test_interrupted_initialisation_is_redone(project):
    server = postgres.provide(project)
    (server.folder / "making" / "base").mkdir(parents=True)
    server.data.mkdir()
    (server.data / "half").write_text("")
    with server.running():
        assert ask(server, "SELECT 1") == "1"


def test_socket_lies_elsewhere_when_the_path_is_too_long(project):
    deep = Project(project.root / ("long" * 15) / ("longer" * 10))
    deep.root.mkdir(parents=True)
    deep.prepare()
    server = postgres.provide(deep)
    with server.running():
        assert ask(server, "SELECT 1") == "1"
    assert server.socket.parent == Path("/tmp")
    assert commands.clean(deep, []) == 0
    assert not server.socket.exists()


def test_socket_folder_of_somebody_else_is_refused(project):
    if os.getuid():
        pytest.skip("only root can give a folder away")
    server = postgres.provide(project)
    server.socket.mkdir(parents=True)
    os.chown(server.socket, 12345, 12345)
    with pytest.raises(Failure, match="belongs to somebody else"):
        with server.running():
            pass


def test_server_of_root_is_another_accounts_where_that_can_reach(project):
    if os.getuid():
        pytest.skip("not root")
    assert postgres.server_account().name in {"postgres", "nobody"}
    hidden = Project(project.root / "hidden" / "checkout")
    hidden.root.mkdir(parents=True)
    hidden.root.parent.chmod(0o700)
    hidden.prepare()
    server = postgres.provide(hidden)
    assert server.folder.is_relative_to(postgres.fallback_place(hidden))
    with server.running():
        assert ask(server, "SELECT 1") == "1"
    assert server.data.stat().st_uid == server.account.uid
    commands.clean(hidden, [])
    assert not server.folder.exists()


def test_root_without_an_account_for_the_server_says_so(monkeypatch):
    def nobody(name):
        raise KeyError(name)

    monkeypatch.setattr(os, "getuid", lambda: 0)
    monkeypatch.setattr(postgres.pwd, "getpwnam", nobody)
    with pytest.raises(Failure, match="does not run as root"):
        postgres.server_account()


def test_ordinary_user_has_a_server_of_its_own():
    if os.getuid():
        pytest.skip("the other tests were just that")
    with tempfile.TemporaryDirectory(prefix="of nobody ") as folder:
        os.chown(folder, 65534, 65534)
        project = Project(Path(folder))
        other = hold(project, 1, before=AS_NOBODY)
        wait_until(lambda: processes_of(project.state / "postgres"))
        assert (project.state / "postgres").stat().st_uid == 65534
        assert other.wait(60) == 0
        assert processes_of(project.state / "postgres") == []


def test_server_that_cannot_start_shows_its_log(project):
    server = postgres.provide(project)
    with server.running():
        pass
    (server.data / "pg_hba.conf").write_text("nonsense\n")
    with pytest.raises(Failure, match="pg_hba.conf") as caught:
        with server.running():
            pass
    assert "make clean" in caught.value.advice


def test_clean_is_refused_while_a_command_runs(project):
    lines = ["import sys, time; from dev.project import locked"]
    lines += ["with locked(sys.argv[1], shared=True):"]
    lines += ["    print('held', flush=True); time.sleep(60)"]
    command = [sys.executable, "-c", "\n".join(lines), project.state / "setup.lock"]
    other = subprocess.Popen(command, cwd=find_root(), stdout=subprocess.PIPE)
    other.stdout.readline()
    try:
        with pytest.raises(Failure, match="Another command"):
            commands.clean(project, [])
    finally:
        other.kill()
        other.wait()
    assert commands.clean(project, []) == 0
    assert not project.state.exists()
    project.prepare()
