"""A set-up checkout: Odoo, virtual environment, PostgreSQL and databases, ready."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from . import odoo as odoo_source
from . import postgres, system, venv
from .odoo import Odoo
from .process import clean_environment, run
from .project import ADDON, Project, digest, locked, write
from .ui import say, step

MODULES = ("subscription_oca", "portal", "account", "bus")
LANGUAGE = "fr_FR"
TEMPLATE_RECIPE = "2"  # raise it when the way the template is made changes
CONFIG = """\
[options]
addons_path = {addons}
data_dir = {data}
{database}http_interface = 127.0.0.1
list_db = False
max_cron_threads = 1
screenshots = {screenshots}
"""
# Attachments in the database: its copies need no file store, and leave none behind.
IN_DATABASE = """
env["ir.config_parameter"].set_param("ir_attachment.location", "db")
env["ir.attachment"].force_storage()
env.cr.commit()
"""
# Odoo loads a module's demo data only where all that it depends on has its own; the
# template has none, and the addon's demo data needs none.
DEPENDENCIES_HAVE_DEMO = (
    "UPDATE ir_module_module SET demo = true WHERE state = 'installed'",
)


@dataclass
class Workspace:
    """What a command works with while it holds the checkout's locks."""

    project: Project
    odoo: Odoo
    environment: dict[str, str]

    def query(self, database: str, *statements: str | tuple) -> list[list]:
        """Run SQL outside a transaction and return the last statement's rows."""
        pairs = [s if isinstance(s, tuple) else (s, []) for s in statements]
        asked = json.dumps({"database": database, "statements": pairs})
        script = Path(__file__).with_name("query.py")
        said = run(
            [self.project.python, script],
            input=asked,
            env=self.environment,
            advice="Check PGHOST, PGPORT, PGUSER and PGPASSWORD, and that the role may "
            "create databases.",
        )
        return json.loads(said.stdout)

    def run_odoo(self, *args: str, log: str, **options) -> str:
        """Run Odoo to its end, away from sight. Raises Failure with its last lines."""
        # Modules are installed by one process: no port, no cron.
        command = [self.project.odoo_bin, *args, "--no-http", "--max-cron-threads=0"]
        env = self.environment
        return run(command, env=env, log=self.project.log(log), **options).stdout

    def databases(self, prefix: str) -> list[str]:
        """List the databases whose names begin with `prefix`."""
        sql = "SELECT datname FROM pg_database WHERE starts_with(datname, %s)"
        return [name for (name,) in self.query("postgres", (sql, [prefix]))]

    def copy(self, source: str, target: str) -> None:
        """Create a database as a copy of another one that nobody uses."""
        self.query("postgres", f'CREATE DATABASE "{target}" TEMPLATE "{source}"')

    def drop(self, database: str) -> None:
        """Drop a database and its file store if there, ending its connections."""
        self.query("postgres", f'DROP DATABASE IF EXISTS "{database}" WITH (FORCE)')
        store = self.project.state / "data" / "filestore" / database
        shutil.rmtree(store, ignore_errors=True)

    @contextmanager
    def temporary(self, label: str) -> Iterator[str]:
        """Give a fresh database with the addon and without demo data, then drop it.

        So are its copies, and those that a killed command left.
        """
        prefix = f"pms_{self.project.mark}_{label}_"
        name = f"{prefix}{os.getpid()}"
        with self.alone():
            for left in self.databases(prefix):
                if not _runs(left.removeprefix(prefix)):
                    self.drop(left)
            self.copy(self._installed(), name)
        try:
            yield name
        finally:
            for copy in [name, *self.databases(f"{name}-")]:
                self.drop(copy)

    def alone(self) -> AbstractContextManager[int]:
        """Have no other command of this checkout make or drop shared databases."""
        return locked(self.project.state / "databases.lock")

    def build(
        self,
        name: str,
        source: str,
        label: str,
        args: Sequence[str],
        *,
        before: Sequence[str] = (),
        script: str = "",
    ) -> str:
        """Make a database once, under its name only when finished. Return the name.

        A copy of `source` is filled: by the SQL `before`, by Odoo called with `args`,
        then by the Python `script` in Odoo's shell. Call it `alone`.
        """
        if name in self.databases(name):
            return name
        making = f"{name}_{self.project.mark}_making"
        with step(label):
            self.drop(making)
            self.copy(source, making)
            if before:
                self.query(making, *before)
            self.run_odoo("-d", making, *args, "--stop-after-init", log=name)
            if script:
                shell = ("shell", "-d", making)
                self.run_odoo(*shell, log=f"{name}-shell", input=script)
            self.query("postgres", f'ALTER DATABASE "{making}" RENAME TO "{name}"')
        return name

    def template(self) -> str:
        """Return the database with all that the addon depends on; call it `alone`."""
        parts = [TEMPLATE_RECIPE, self.odoo.version, *MODULES, LANGUAGE]
        lock = self.project.lock_file.read_text()
        name = f"pms_template_{digest([*parts, lock])[:10]}"
        label = f"Template database: {', '.join(MODULES)}, in French too"
        args = ["-i", ",".join(MODULES), f"--load-language={LANGUAGE}"]
        return self.build(name, "template0", label, args, script=IN_DATABASE)

    def _installed(self) -> str:
        """Return the database with the addon as the code is now; drop older ones."""
        template = self.template()
        if not (self.project.root / "__manifest__.py").is_file():
            return template
        prefix = f"pms_{self.project.mark}_addon_"
        name = prefix + digest([template, self.project.code_hash()])[:10]
        for old in set(self.databases(prefix)) - {name}:
            self.drop(old)
        return self.build(name, template, f"Install {ADDON}", ["-i", ADDON])


def _runs(process: str) -> bool:
    """Tell whether the process runs whose number a database's name begins with."""
    return Path(f"/proc/{process.split('-')[0]}").exists()


@contextmanager
def ready(project: Project, *, browser: bool = False) -> Iterator[Workspace]:
    """Set up whatever is missing, start PostgreSQL, and give the workspace.

    `browser` adds what tests need: the template database, and side by side with it the
    system's packages for browser and PDF tests. Two commands at once share it all; only
    one sets up. Raises Failure.
    """
    project.prepare()
    given = postgres.is_given()
    checked = given and postgres.check_given(project.python)
    venv.check_python()
    if not venv.is_ready(project):
        venv.check_network(project)
    with ExitStack() as stack:
        beside = stack.enter_context(ThreadPoolExecutor(1))
        system_packages = beside.submit(system.provide, project) if browser else None
        if not _is_set_up(project):
            with locked(project.state / "setup.lock"):
                _set_up(project)
        stack.enter_context(locked(project.state / "setup.lock", shared=True))
        odoo = odoo_source.provide(project)
        venv.connect(project, odoo)
        environment = clean_environment()
        if not given:
            server = postgres.provide(project)
            stack.enter_context(server.running())
            environment |= server.environment
        elif not checked:
            postgres.check_given(project.python)
        environment |= _environment(project, environment["PATH"])
        _write_config(project, odoo, environment)
        workspace = Workspace(project, odoo, environment)
        if system_packages:
            with workspace.alone():
                workspace.template()
            system_packages.result()
        yield workspace


def _is_set_up(project: Project) -> bool:
    return odoo_source.is_ready(project) and venv.is_ready(project)


def _set_up(project: Project) -> None:
    """Fetch Odoo and all the packages side by side: one waits while another works."""
    if _is_set_up(project):
        return
    say(f"Setting up {project.state} (once; about 2 minutes)")
    with ThreadPoolExecutor() as pool:
        parts = (odoo_source, venv)
        jobs = [pool.submit(part.provide, project) for part in parts]
    for job in jobs:
        job.result()


def _environment(project: Project, path: str) -> dict[str, str]:
    return {
        "PATH": f"{project.venv / 'bin'}{os.pathsep}{path}",
        "ODOO_RC": str(project.config),
        "PMS_ODOO_BIN": str(project.odoo_bin),
        "PMS_ROOT": str(project.root),
    }


def _write_config(project: Project, odoo: Odoo, environment: dict[str, str]) -> None:
    oca = venv.site_packages(project) / "odoo" / "addons"
    places = {"PGHOST": "db_host", "PGPORT": "db_port", "PGUSER": "db_user"}
    database = "".join(
        f"{key} = {environment[name]}\n"
        for name, key in places.items()
        if environment.get(name)
    )
    text = CONFIG.format(
        addons=",".join(map(str, (*odoo.addons, oca, project.addons))),
        data=project.state / "data",
        database=database,
        screenshots=project.state / "screenshots",
    )
    write(project.config, text)
