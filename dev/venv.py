"""The virtual environment: every package at the version that the lock file pins."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path

from .odoo import Odoo
from .process import NETWORK, run
from .project import Project, built, digest, write
from .ui import Failure

OLDEST, NEWEST = (3, 10), (3, 13)
LAUNCHER = """\
#!/bin/sh
'''exec' "{python}" "$0" "$@"
' '''
import sys

from odoo.cli import main

sys.exit(main())
"""


def check_python() -> None:
    """Raise Failure unless Odoo 19 runs on the Python that runs this tool."""
    if not OLDEST <= sys.version_info[:2] <= NEWEST:
        raise Failure(
            f"Odoo 19 needs Python 3.10 to 3.13; this is {sys.version.split()[0]}",
            "PYTHON=python3.12 make ... chooses another interpreter.",
        )


def check_network(project: Project) -> None:
    """Ask for one small package, so that a missing network is told at once.

    Says nothing where Python has no pip of its own to ask with.

    :raise Failure: when the package index cannot be reached
    """
    name = project.lock_file.read_text().split("\n")[0]
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir"]
        pip += ["--retries", "1", "--timeout", "10", "--dest", folder, name]
        result = run(pip, check=False)
    if result.returncode and re.search(NETWORK, result.stdout):
        raise Failure(
            "There is no network, or Python's package index cannot be reached.",
            "Check the connection, the proxy and pip's settings, then run the same "
            "command again.",
        )


def key(project: Project) -> str:
    """Return what the virtual environment depends on: the lock file, Python, place."""
    lock = project.lock_file.read_text()
    return digest([lock, sys.version, sys.base_prefix, str(project.venv)])


def provide(project: Project) -> None:
    """Make the virtual environment when the lock file or Python changed."""
    check_python()
    label = "Python packages: install what dev/requirements.lock pins"
    built(project.venv, key(project), label, lambda: _install(project))


def is_ready(project: Project) -> bool:
    """Tell whether `provide` would install nothing."""
    stamp = project.venv / ".stamp"
    return stamp.is_file() and stamp.read_text() == key(project)


def _install(project: Project) -> None:
    log = project.log("venv")
    # The tool itself may be run by the environment that is made anew here.
    python = getattr(sys, "_base_executable", None) or sys.executable
    run([python, "-m", "venv", project.venv], log=log)
    pip = [project.python, "-m", "pip", "install", "--quiet", "--no-deps"]
    pip += ["--no-compile"]  # Python compiles what it imports, when it does
    run([*pip, "--requirement", project.lock_file], log=log)


def provide_beside(project: Project, name: str) -> Path:
    """Fetch what `requirements-<name>.txt` names, which one purpose alone needs.

    Return the folder that Python finds it in; its addons are in `odoo/addons`.
    """
    asked = project.requirements(name)
    target = project.state / f"{name}-addons"

    def install() -> None:
        pip = [project.python, "-m", "pip", "install", "--quiet", "--no-deps"]
        pip += ["--no-compile", "--target", target, "--requirement", asked]
        run(pip, log=project.log(target.name))

    built(
        target,
        digest([key(project), asked.read_text()]),
        f"Addons beside ours: install what dev/{asked.name} names",
        install,
    )
    return target


def site_packages(project: Project) -> Path:
    """Return the folder of the virtual environment's packages."""
    version = ".".join(map(str, sys.version_info[:2]))
    return project.venv / "lib" / f"python{version}" / "site-packages"


def connect(project: Project, odoo: Odoo) -> None:
    """Let the virtual environment import this Odoo, and write its `odoo` command."""
    write(site_packages(project) / "odoo-here.pth", f"{odoo.package_root}\n")
    write(project.odoo_bin, LAUNCHER.format(python=project.python))
    project.odoo_bin.chmod(0o755)
