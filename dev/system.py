"""Programs and libraries of the distribution that browser and PDF tests call."""

from __future__ import annotations

import os
import shutil
from ctypes.util import find_library

from .process import clean_environment, run
from .project import Project, locked
from .ui import Failure, say, step

# Package: one of these programs must be there.
PACKAGES = {
    "chromium": (
        "chromium",
        "chromium-browser",
        "google-chrome",
        "google-chrome-stable",
    ),
    "wkhtmltopdf": ("wkhtmltopdf",),
    "poppler-utils": ("pdftotext",),
}
# Package: the library in it, which WeasyPrint loads.
LIBRARIES = {
    "libpangoft2-1.0-0": "pangoft2-1.0",
    "libharfbuzz-subset0": "harfbuzz-subset",
}


def find(package: str) -> str | None:
    """Return the path of a program of the package, None without one."""
    return next(filter(None, map(shutil.which, PACKAGES[package])), None)


def missing() -> list[str]:
    """List the packages of which no program, or not the library, is there."""
    programs = [package for package in PACKAGES if not find(package)]
    return programs + [
        package for package, library in LIBRARIES.items() if not find_library(library)
    ]


def provide(project: Project) -> None:
    """Install what is missing when root; else say the one command that does."""
    with locked(project.state / "system.lock"):
        if packages := missing():
            _install(project, packages)


def _install(project: Project, packages: list[str]) -> None:
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    by_hand = f"sudo {' '.join(command)}"
    if os.getuid() or not shutil.which("apt-get"):
        say(f"  !   Missing: {', '.join(packages)}. Tests that need them are skipped.")
        say(f"      This installs them: {by_hand}")
        return
    with step(f"System packages: install {', '.join(packages)}"):
        env = clean_environment({"DEBIAN_FRONTEND": "noninteractive"})
        run(["apt-get", "update"], env=env, check=False, log=project.log("apt-update"))
        try:
            run(command, env=env, log=project.log("apt-install"))
        except Failure as error:
            raise Failure(error.what, f"{error.advice} By hand: {by_hand}") from error
