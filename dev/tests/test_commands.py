"""The commands as a person types them, on a small addon and the real Odoo."""

import errno
import http.client
import os
import re
import signal
import socket
import subprocess
import urllib.request

import pytest

from dev import commands, postgres, workspace
from dev.__main__ import COMMANDS, main
from dev.ui import Failure
from helpers import environment, processes_of, wait_until

NAMES = (
    "setup demo test test-all lint format bench screenshots shell odoo i18n dist clean"
).split()
needs_server = pytest.mark.skipif(
    not postgres.is_given(), reason="needs the database server that `make test` starts"
)


def test_make_alone_lists_every_command(make):
    said = make()
    assert said.returncode == 0
    for name in NAMES:
        assert re.search(rf"^  make {name} +\w+", said.stdout, re.MULTILINE)


def test_unknown_command_lists_the_known_ones(checkout):
    command = ["python3", "-m", "dev", "tset"]
    said = subprocess.run(
        command, cwd=checkout.root, capture_output=True, text=True, check=False
    )
    assert said.returncode == 2
    assert "no command tset" in said.stderr
    assert "make test" in said.stderr


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (Failure("It broke.", "Mend it."), 1, "ERROR: It broke.\n  -> Mend it."),
        (OSError(errno.ENOSPC, "No space left on device"), 1, "Free some disk space"),
        (KeyboardInterrupt(), 130, "Interrupted."),
    ],
)
def test_failure_says_what_to_do_and_sets_the_code(
    monkeypatch, capsys, raised, code, said
):
    def fail(project, args):
        raise raised

    monkeypatch.setitem(COMMANDS, "setup", fail)
    monkeypatch.setattr(commands, "interrupt_on_signals", lambda: None)
    assert main(["setup"]) == code
    assert said in capsys.readouterr().err


def test_long_runs_are_asked_for_by_their_command(checkout, monkeypatch):
    seen = []
    monkeypatch.setattr(
        commands, "test", lambda *args: seen.append(os.environ.get("PMS_ALL"))
    )
    monkeypatch.delenv("PMS_ALL", raising=False)
    commands.test_all(checkout, [])
    assert seen == ["1"]


def test_two_runs_at_once_each_tell_how_it_went(set_up):
    env = environment()
    all_of_them, some = (
        subprocess.Popen(
            command, cwd=set_up.root, stdout=-1, stderr=-2, text=True, env=env
        )
        for command in (["make", "test"], ["make", "test", "ARGS=-k french"])
    )
    said = all_of_them.communicate(timeout=200)[0]
    assert "1 failed, 1 passed" in said, said
    assert all_of_them.returncode != 0
    said = some.communicate(timeout=200)[0]
    assert "1 passed" in said, said
    assert some.returncode == 0
    assert databases(set_up, "test") == [], "the runs' databases are gone"


def test_demo_starts_prints_the_logins_and_leaves_nothing(set_up):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        first = demo(set_up, port)
        assert f"Port {port} is taken" in first.said
        assert re.search(r"ada +Ada, Vendor", first.said)
        assert first.stopped(signal.SIGINT) in (0, -signal.SIGINT)
        again = demo(set_up, port)
        assert "Install" not in again.said
        again.stopped(signal.SIGTERM)
    assert processes_of(set_up.root) == []


class Recorder:
    """A workspace that only tells what would be done to the demo database."""

    def __init__(self, project, comment, loads=True):
        self.project, self.comment, self.loads = project, comment, loads
        self.done = []

    def template(self):
        return "a_template"

    def query(self, database, statement):
        if "shobj_description" in statement[0]:
            return [] if self.comment is None else [[self.comment]]
        if statement[0].startswith("SELECT demo"):
            return [[self.loads]]
        self.comment = statement.split("'")[1]
        return []

    def __getattr__(self, name):
        return lambda *args, **options: self.done.append(name)


def test_demo_database_is_made_updated_or_left_as_it_is(checkout):
    ours = Recorder(checkout, None)
    commands._demo_database(ours)
    current = ours.comment
    template = f"{commands.ADDON} a_template"
    assert current.startswith(template)
    for comment, done in (
        (current, []),
        (f"{template} older code", ["run_odoo"]),
        (f"{commands.ADDON} older_template code", ["drop", "build"]),
        (f"{commands.ADDON} unfinished", ["drop", "build"]),
    ):
        ours = Recorder(checkout, comment)
        commands._demo_database(ours)
        assert (ours.done, ours.comment) == (done, current), comment


def test_demo_database_of_somebody_else_is_left_alone(checkout):
    ours = Recorder(checkout, "")
    with pytest.raises(Failure, match="did not make"):
        commands._demo_database(ours)
    assert ours.done == []


def test_demo_data_that_does_not_load_is_a_failure_until_it_does(checkout):
    ours = Recorder(checkout, None, loads=False)
    for _ in range(2):
        with pytest.raises(Failure, match="could not be loaded"):
            commands._demo_database(ours)
    ours.loads = True
    commands._demo_database(ours)
    assert ours.done == ["drop", "build"] * 3


class demo:  # noqa: N801
    """`make demo`, from its start to its first answer."""

    def __init__(self, project, port):
        env = {**environment(), "PMS_DEMO": f"pms_{project.mark}_demo"}
        env["PMS_PORT"] = str(port)
        self.process = subprocess.Popen(
            ["python3", "-m", "dev", "demo"],
            cwd=project.root,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=env,
            start_new_session=True,
        )
        self.said = ""
        while "password" not in self.said:
            line = self.process.stdout.readline()
            assert line, self.said
            self.said += line
        self.said += self.process.stdout.readline()
        self.address = re.search(r"http://\S+", self.said)[0]
        wait_until(self.answers, 60)

    def answers(self) -> bool:
        """Tell whether Odoo shows its login page."""
        try:
            with urllib.request.urlopen(f"{self.address}/web/login") as page:
                return page.status == 200
        except (OSError, http.client.HTTPException):
            # While nobody listens yet, a call to a port of the range that the system
            # gives to callers may get that very port, and hear itself.
            return False

    def stopped(self, number: int) -> int:
        """Ask the tool to end, and return its exit code."""
        os.kill(self.process.pid, number)
        self.process.communicate(timeout=40)
        return self.process.returncode


def test_port_is_the_next_free_one_and_none_is_a_failure(monkeypatch, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        monkeypatch.setattr(commands, "FIRST_PORT", port)
        monkeypatch.setattr(commands, "LAST_PORT", port + 20)
        with commands.reserved_port() as found:
            assert found > port
        assert f"Port {port} is taken" in capsys.readouterr().err
        monkeypatch.setattr(commands, "LAST_PORT", port)
        with pytest.raises(Failure, match="is taken"):
            with commands.reserved_port():
                pass


def test_port_is_kept_for_whoever_got_it_though_nobody_listens_yet():
    with commands.reserved_port() as first, commands.reserved_port() as second:
        assert second != first
        with socket.socket() as odoo:
            odoo.bind(("127.0.0.1", first))
            odoo.listen()
    with commands.reserved_port() as again:
        assert again == first


def test_second_demo_of_a_checkout_is_told_where_the_first_one_is(checkout, make):
    checkout.prepare()
    with commands._only_demo(checkout) as note:
        note("http://localhost:4321")
        result = make("demo")
    assert result.returncode == 2
    assert "running already: http://localhost:4321\n" in result.stdout
    assert "Setting up" not in result.stdout, "it is told before anything else"


def test_set_up_without_a_network_says_so_at_the_start(checkout, make):
    unreachable = "http://127.0.0.1:9/simple"
    result = make("setup", PIP_INDEX_URL=unreachable, PIP_CONFIG_FILE=os.devnull)
    assert result.returncode == 2
    assert "ERROR: There is no network" in result.stdout
    assert "Setting up" not in result.stdout


GONE = 'msgid ""\nmsgstr ""\n\nmsgid "Gone"\nmsgstr ""\n'
FAULTS = {
    "models/long.py": "x = 1" + " + 1" * 40 + "\n",
    "models/quoted.py": "x = 'single'\n",
    "models/__init__.py": "print(1)\n",
    "views/view.xml": "<odoo><record id='a'   model='res.partner'>"
    "<field name='name'>A</field></record></odoo>\n",
    "static/src/a.js": "export const a = 1;\nconst b = 2;\n",
    "i18n/partner_managed_subscription.pot": GONE,
    "README.md": "[gone](gone.md)\n",
}
FOUND = {
    "ruff: rules": "E501",
    "ruff: format": "would be reformatted",
    "prettier: XML and JavaScript": "views/view.xml",
    "eslint: JavaScript": "no-unused-vars",
    "pylint-odoo": "print-used",
    "links of Markdown files": "README.md:1: gone.md: no such file",
    "OCA module checks": "xml-create-user-wo-reset-password",
    "OCA catalogue checks": "po-requires-module",
    "i18n": "no longer in the code: 'Gone'",
}


def test_each_linter_finds_its_fault(set_up, make):
    for name, text in FAULTS.items():
        path = set_up.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    manifest = set_up.root / "__manifest__.py"
    text = manifest.read_text()
    manifest.write_text(
        text.replace('"demo"', '"data": ["views/view.xml"],\n    "demo"')
    )
    said = make("lint").stdout
    for label, complaint in FOUND.items():
        assert complaint in said, f"{label}:\n{said}"
    summary = said[said.index("Not clean") :]
    assert all(label in summary for label in FOUND), summary


@needs_server
@pytest.mark.parametrize(
    ("env", "said", "advice"),
    [
        ({"PGUSER": "postgres"}, "refuses", "createuser --createdb"),
        ({"PGUSER": "pms_plain"}, "may not create databases", "CREATEDB"),
        ({"PGHOST": "/no/such/folder"}, "No such file", "Check PGHOST"),
        ({"PGUSER": "nobody_known"}, "no role nobody_known", "createuser --createdb"),
    ],
)
def test_given_server_that_cannot_be_used_says_why(set_up, make, env, said, advice):
    # Only the case that needs the role makes it: others run beside it.
    is_plain = env.get("PGUSER") == "pms_plain"
    drop = ["DROP ROLE IF EXISTS pms_plain"] if is_plain else []
    create = ["CREATE ROLE pms_plain LOGIN"] if is_plain else []
    with workspace.ready(set_up) as ours:
        ours.query("postgres", *drop, *create)
        try:
            result = make("odoo", "ARGS=--version", **env)
        finally:
            ours.query("postgres", *drop)
    assert result.returncode == 2
    assert said in result.stdout
    assert advice in result.stdout


def test_interrupted_database_is_made_anew(set_up):
    with workspace.ready(set_up) as ours:
        name, calls = f"pms_{set_up.mark}_built", []

        def interrupt(*args, **options):
            calls.append(args)
            if len(calls) == 1:
                raise KeyboardInterrupt

        ours.run_odoo = interrupt
        template = ours.template()
        with pytest.raises(KeyboardInterrupt):
            ours.build(name, template, "interrupted", [])
        assert ours.databases(name) == [f"{name}_{set_up.mark}_making"]
        try:
            assert ours.build(name, template, "anew", []) == name
            assert ours.build(name, template, "there", []) == name
            assert len(calls) == 2
        finally:
            ours.drop(name)


def test_databases_of_a_killed_command_are_dropped(set_up):
    with workspace.ready(set_up) as ours:
        prefix = f"pms_{set_up.mark}_some_"
        left = [f"{prefix}999999999", f"{prefix}999999999-gw0"]
        running = f"{prefix}{os.getppid()}"
        for name in [*left, running]:
            ours.copy("template0", name)
        ours._installed = lambda: "template0"
        with ours.temporary("some") as name:
            ours.copy("template0", f"{name}-gw1")
            found = ours.databases(prefix)
            assert sorted(found) == sorted([running, name, f"{name}-gw1"])
        assert ours.databases(prefix) == [running]


def databases(project, label: str) -> list[str]:
    """List the databases of a checkout that were made for one purpose."""
    with workspace.ready(project) as ours:
        return ours.databases(f"pms_{project.mark}_{label}")
