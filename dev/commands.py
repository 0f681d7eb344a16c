"""The commands: each takes the project and arguments, and returns an exit code."""

from __future__ import annotations

import os
import shutil
import signal
import socket
from pathlib import Path

from . import linting, postgres
from .process import foreground
from .project import ADDON, Project, locked
from .ui import Failure, say, step
from .workspace import Workspace, ready

FIRST_PORT = int(os.environ.get("PMS_PORT", "8069"))
LAST_PORT = FIRST_PORT + 30
DEMO = os.environ.get("PMS_DEMO", "demo")
# Odoo loads a module's demo data only where all that it depends on has its own; the
# template has none, and the addon's demo data needs none.
DEPENDENCIES_HAVE_DEMO = (
    "UPDATE ir_module_module SET demo = true WHERE state = 'installed'",
)


def setup(project: Project, args: list[str]) -> int:
    """Set everything up, so that later commands start at once."""
    with ready(project, browser=True) as workspace, workspace.alone():
        workspace.template()
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
    """Run the tests; arguments go to pytest (-k seat, a file, ...)."""
    with ready(project, browser=True) as workspace:
        codes = [suite(workspace, args) for suite in (_test_tool, _test_addon)]
    ran = [code for code in codes if code not in (None, NOTHING_COLLECTED)]
    return max(ran, default=NOTHING_COLLECTED)


NOTHING_COLLECTED = 5


def _test_tool(workspace: Workspace, args: list[str]) -> int | None:
    folder = workspace.project.root / "dev" / "tests"
    chosen = _chosen(workspace.project, args, folder)
    if chosen is None or not list(folder.glob("test_*.py")):
        return None
    say("Tests of the tool (dev/tests)")
    # The checkout is a package, the addon: pytest must not import it from here.
    return _pytest(workspace, folder, "-p", "no:odoo", *chosen)


def _test_addon(workspace: Workspace, args: list[str]) -> int | None:
    folder = workspace.project.root / "tests"
    chosen = _chosen(workspace.project, args, folder)
    if chosen is None or not list(folder.glob("test_*.py")):
        return None
    with workspace.temporary("test") as database:
        say(f"Tests of the addon (tests), database {database}")
        odoo_args = [f"--odoo-database={database}", "--odoo-http"]
        return _pytest(workspace, workspace.project.addons, *odoo_args, *chosen)


def _chosen(project: Project, args: list[str], folder: Path) -> list[str] | None:
    """Return pytest's arguments for one folder; None if they name files elsewhere.

    A name is that of a test file, of a part of one, or of a folder below `tests`.
    """
    named = [
        arg
        for arg in args
        if "tests/" in arg and (project.root / arg.split("::")[0]).exists()
    ]
    here = [arg for arg in named if (project.root / arg).is_relative_to(folder)]
    if named and not here:
        return None
    base = project.addon if folder.parent == project.root else project.root
    paths = here or [str(folder.relative_to(project.root))]
    return [*(arg for arg in args if arg not in named), *(str(base / p) for p in paths)]


def _pytest(workspace: Workspace, root: Path, *args: str) -> int:
    cores = len(os.sched_getaffinity(0))
    cache = workspace.project.state / "pytest"
    fixed = ["-c", os.devnull, f"--rootdir={root}", f"--confcutdir={root}"]
    fixed += ["-o", f"cache_dir={cache}", "-n", str(cores), "--dist=loadscope"]
    command = [workspace.project.python, "-m", "pytest", *fixed, *args]
    return foreground(command, env=workspace.environment, cwd=workspace.project.root)


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
        with workspace.temporary("bench") as database:
            env = workspace.environment | {"PMS_BENCH_DB": database}
            return foreground(
                [project.python, script, *args], env=env, cwd=project.root
            )


def demo(project: Project, args: list[str]) -> int:
    """Start Odoo with demo data; print its address and logins."""
    with ready(project) as workspace:
        with workspace.alone():
            _demo_database(workspace)
        port = free_port()
        say(f"\nOdoo: http://localhost:{port}  (Ctrl-C stops it)")
        say(_logins(workspace))
        command = [project.odoo_bin, "-d", DEMO, f"--http-port={port}"]
        command += [f"--db-filter=^{DEMO}$", "--workers=0", "--log-level=warn", *args]
        try:
            return foreground(command, env=workspace.environment)
        except KeyboardInterrupt:
            say("Stopped.")
            return 0


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


def free_port() -> int:
    """Return the first free port from PMS_PORT or 8069 on, saying so if it is later."""
    for port in range(FIRST_PORT, LAST_PORT + 1):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        if port != FIRST_PORT:
            say(f"  !   Port {FIRST_PORT} is taken: using {port}")
        return port
    raise Failure(
        f"Every port from {FIRST_PORT} to {LAST_PORT} is taken.",
        "Stop what listens there (`ss -ltnp` shows it).",
    )


def clean(project: Project, args: list[str]) -> int:
    """Remove all that the tool made, the private databases too."""
    if not project.state.exists():
        return 0
    with locked(project.state / "setup.lock", patience=False):
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
