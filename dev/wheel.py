"""The wheel of the addon, built in OCA's way by whool."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from .process import run
from .project import ADDON, Project
from .ui import Failure, say

# What only serves development; whool itself leaves out pyproject.toml.
NOT_IN_WHEEL = ("dev", "bench", ".ci", "Makefile", "CONTRIBUTING.md")
NOT_IN_WHEEL += (".gitignore", ".editorconfig", ".pylintrc")


def build(project: Project, target: Path) -> Path:
    """Build the wheel of what is committed in a folder and return it.

    whool names the wheel after the folder and numbers it after git's history: the
    manifest's version, then the count of the commits since that was raised.

    :raise Failure: when nothing is committed, or the wheel cannot be built
    """
    with _clone(project) as clone:
        pip = [project.python, "-m", "pip", "wheel", "--quiet", "--no-deps"]
        pip += ["--no-build-isolation", "--wheel-dir", target, clone]
        run(pip, log=project.log("wheel"))
    return max(target.glob("*.whl"), key=lambda path: path.stat().st_mtime)


@contextmanager
def _clone(project: Project) -> Iterator[Path]:
    """Give a clone of the checkout, named as the addon, without the tool."""
    folder = project.state / f"wheel-{os.getpid()}"
    clone = folder / ADDON

    def git(*args: str | Path, where: Path = project.root) -> str:
        return run(["git", "-C", where, *args]).stdout.strip()

    if changed := git("status", "--porcelain"):
        names = ", ".join(line[2:].strip() for line in changed.splitlines())
        say(f"  !   Not committed, and so not in the wheel: {names}")
    head = run(["git", "-C", project.root, "rev-parse", "HEAD"], check=False)
    if head.returncode:
        raise Failure("Nothing is committed: there is nothing to build a wheel of.")
    shutil.rmtree(folder, ignore_errors=True)
    try:
        git("clone", "--quiet", "--shared", "--no-checkout", project.root, clone)
        git("checkout", "--quiet", "--detach", head.stdout.strip(), where=clone)
        unwanted = ("rm", "-r", "--quiet", "--ignore-unmatch", "--", *NOT_IN_WHEEL)
        git(*unwanted, where=clone)
        yield clone
    finally:
        shutil.rmtree(folder, ignore_errors=True)
