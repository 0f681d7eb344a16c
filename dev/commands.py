"""The commands: each takes the project and arguments, and returns an exit code."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from . import linting, postgres, screenshots, testing, venv, wheel
from .process import foreground
from .project import ADDON, Project, locked
from .ui import Failure, say, step
from .workspace import DEPENDENCIES_HAVE_DEMO, Workspace, ready

FIRST_PORT = int(os.environ.get("PMS_PORT", "8069"))
LAST_PORT = FIRST_PORT + 30
DEMO = os.environ.get("PMS_DEMO", "demo")
LONG_RUNS = "PMS_ALL"  # tests that ask for it are run by `make test-all` only
BUSY = Failure(
    "Another command of this checkout is running.",
    "Wait until it has ended, or stop it, then try again.",
)


def setup(project: Project, args: list[str]) -> int:
    """Set everything up, so that later commands start at once."""
    with ready(project, browser=True):
        return 0


def odoo(project: Project, args: list[str]) -> int:
    """Run Odoo with the given arguments and our configuration."""
    with ready(project) as workspace:
        command = [project.odoo_bin, *args]
        return foreground(command, interactive=True, env=workspace.environment)


def shell(project: Project, args: list[str]) -> int:
    """Open Odoo's Python shell on a fresh database (-d NAME: on another)."""
    with ready(project) as workspace:
        if "-d" in args:
            return _shell(workspace, args)
        with workspace.temporary("shell") as database:
            return _shell(workspace, ["-d", database, *args])


def _shell(workspace: Workspace, args: list[str]) -> int:
    command = [workspace.project.odoo_bin, "shell", "--no-http", *args]
    return foreground(command, interactive=True, env=workspace.environment)


def test(project: Project, args: list[str]) -> int:
    """Run the tests; arguments go to pytest (-k seat, a file, a folder, ...)."""
    with ready(project, browser=True) as workspace:
        return testing.run_tests(workspace, args)


def test_all(project: Project, args: list[str]) -> int:
    """Run the tests, the long runs among them, which `make test` skips."""
    os.environ[LONG_RUNS] = "1"
    return test(project, args)


def lint(project: Project, args: list[str]) -> int:
    """Run every linter, and check that the translations are complete."""
    with ready(project) as workspace:
        found = linting.lint(workspace)
    if found:
        say(f"\nNot clean: {', '.join(found)}. `make format` mends part of it.")
    return 1 if found else 0


def format(project: Project, args: list[str]) -> int:
    """Mend what the formatters and linters can mend by themselves."""
    with ready(project) as workspace:
        linting.mend(workspace)
    return 0


def i18n(project: Project, args: list[str]) -> int:
    """Write the translation catalogue anew and merge it into the French one."""
    with ready(project) as workspace, step("i18n: export the terms of the code"):
        linting.translate(workspace)
    return 0


def bench(project: Project, args: list[str]) -> int:
    """Run the benchmarks; arguments go to bench/run.py."""
    script = project.root / "bench" / "run.py"
    if not script.is_file():
        raise Failure("There are no benchmarks: bench/run.py is missing.")
    with ready(project) as workspace:
        with workspace.alone():
            addons = venv.provide_beside(project, "bench") / "odoo" / "addons"
        with workspace.temporary("bench") as database:
            env = workspace.environment | {
                "PMS_BENCH_DB": database,
                "PMS_BENCH_ADDONS": str(addons),
            }
            return foreground(
                [project.python, script, *args], env=env, cwd=project.root
            )


def take_screenshots(project: Project, args: list[str]) -> int:
    """Take a picture of every screen of every role, into .dev/screenshots/."""
    asked = screenshots.read_arguments(args)
    with reserved_port() as port, ready(project, browser=True) as workspace:
        return screenshots.take(workspace, port, asked)


def dist(project: Project, args: list[str]) -> int:
    """Build the addon's wheel of what is committed, into dist/."""
    project.prepare()
    if not venv.is_ready(project):
        with locked(project.state / "setup.lock"):
            venv.provide(project)
    with locked(project.state / "setup.lock", shared=True):
        with step("Wheel of the addon"):
            made = wheel.build(project, project.root / "dist")
    say(f"\n{made.relative_to(project.root)}")
    return 0


def demo(project: Project, args: list[str]) -> int:
    """Start Odoo with demo data; print its address and logins."""
    project.prepare()
    with _only_demo(project) as note, reserved_port() as port:
        note(f"http://localhost:{port}")
        with ready(project) as workspace:
            with workspace.alone():
                _demo_database(workspace)
            say(f"\nOdoo: http://localhost:{port}  (Ctrl-C stops it)")
            say(_logins(workspace))
            command = [project.odoo_bin, "-d", DEMO, f"--http-port={port}"]
            command += [f"--db-filter=^{DEMO}$", "--workers=0", "--log-level=warn"]
            try:
                return foreground([*command, *args], env=workspace.environment)
            except KeyboardInterrupt:
                say("Stopped.")
                return 0


@contextmanager
def _only_demo(project: Project) -> Iterator[Callable[[str], object]]:
    """Keep a second `make demo` off this checkout's demo database.

    Give the function that notes the address, for the second one to tell.

    :raise Failure: when one is running
    """
    path = project.state / f"{DEMO}.demo"
    address = path.read_text() if path.is_file() else ""
    busy = Failure(
        f"A demo of this checkout is running already: {address}",
        "Stop that one first, or `PMS_DEMO=another make demo` for another database.",
    )
    with locked(path, busy=busy):
        path.write_text("")
        yield path.write_text


def _demo_database(workspace: Workspace) -> None:
    """Make the demo database, or bring it up to date with the code.

    Its comment tells what it holds. Raises Failure for somebody else's database.
    """
    template = workspace.template()
    mark = f"{ADDON} {template}"
    current = f"{mark} {workspace.project.code_hash()}"
    said = _comment(workspace)
    if said == current:
        return
    if said is not None and not said.startswith(ADDON):
        raise Failure(
            f"A database named {DEMO} is there that this tool did not make.",
            "Rename it, or unset PGHOST to work with a private server.",
        )
    if said is not None and said.startswith(mark):
        args, anew = ["-d", DEMO, "-u", ADDON], f"make odoo ARGS='db drop {DEMO}'"
        with step(f"Update {ADDON} in the demo database"):
            advice = f"`{anew}`, then `make demo`, starts anew."
            workspace.run_odoo(*args, "--stop-after-init", log=DEMO, advice=advice)
    else:
        args, label = ["-i", ADDON, "--with-demo"], f"Install {ADDON} with demo data"
        workspace.drop(DEMO)
        workspace.build(DEMO, template, label, args, before=DEPENDENCIES_HAVE_DEMO)
    _set_comment(workspace, f"{ADDON} unfinished")
    loaded = "SELECT demo FROM ir_module_module WHERE name = %s"
    if workspace.query(DEMO, (loaded, [ADDON])) != [[True]]:
        log = workspace.project.log(DEMO)
        raise Failure("The demo data could not be loaded.", f"The log says why: {log}")
    _set_comment(workspace, current)


def _comment(workspace: Workspace) -> str | None:
    """Return the demo database's comment, None if there is no such database."""
    sql = "SELECT shobj_description(oid, 'pg_database') FROM pg_database"
    rows = workspace.query("postgres", (f"{sql} WHERE datname = %s", [DEMO]))
    return (rows[0][0] or "") if rows else None


def _set_comment(workspace: Workspace, text: str) -> None:
    workspace.query("postgres", f"COMMENT ON DATABASE \"{DEMO}\" IS '{text}'")


def _logins(workspace: Workspace) -> str:
    sql = (
        "SELECT u.login, p.name, coalesce(p.function, '') FROM res_users u"
        " JOIN res_partner p ON p.id = u.partner_id"
        " JOIN ir_model_data d ON d.model = 'res.users' AND d.res_id = u.id"
        " WHERE d.module = %s AND starts_with(d.name, 'demo_user_') ORDER BY d.id"
    )
    rows = workspace.query(DEMO, (sql, [ADDON])) or [["admin", "Administrator", ""]]
    wide = max(len(login) for login, _, _ in rows)
    lines = [f"  {login:<{wide}}  {name}, {function}" for login, name, function in rows]
    return "Logins (the password is the login):\n" + "\n".join(lines) + "\n"


@contextmanager
def reserved_port() -> Iterator[int]:
    """Give the first free port from PMS_PORT or 8069 on, saying so if it is later.

    Until the end no other `make demo` gets it, though nobody listens there yet.
    """
    for port in range(FIRST_PORT, LAST_PORT + 1):
        # A name outside the file system, which goes away with its process.
        with socket.socket(socket.AF_UNIX) as mark, socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                mark.bind(f"\0pms-port-{port}")
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            probe.close()
            if port != FIRST_PORT:
                say(f"  !   Port {FIRST_PORT} is taken: using {port}")
            yield port
            return
    raise Failure(
        f"Every port from {FIRST_PORT} to {LAST_PORT} is taken.",
        "Stop what listens there (`ss -ltnp` shows it).",
    )


def clean(project: Project, args: list[str]) -> int:
    """Remove all that the tool made, the private databases too."""
    if not project.state.exists():
        return 0
    with locked(project.state / "setup.lock", busy=BUSY):
        _stop_left_over(project)
        places = [postgres.fallback_place(project), postgres.short_folder(project)]
        for folder in (*places, project.state):
            if folder.exists():
                shutil.rmtree(folder)
    return 0


def _stop_left_over(project: Project) -> None:
    for place in (project.state, postgres.fallback_place(project)):
        if any(place.glob("postgres/data-*/postmaster.pid")):
            postgres.provide(project).stop()


def interrupt_on_signals() -> None:
    """Have a polite request to end take the same way out as Ctrl-C."""

    def interrupt(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, interrupt)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # not under nohup
        signal.signal(signal.SIGHUP, interrupt)
