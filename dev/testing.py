"""The tests: which are meant, whether there are any, and how pytest is called."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path

from .process import foreground, run
from .project import Project
from .ui import Failure, say
from .workspace import Workspace

NOTHING_COLLECTED = 5
# Options of pytest that are followed by a value, which is no path.
TAKES_VALUE = {"-k", "-m", "-n", "-p", "-o", "-c", "-r", "-W"}
CHOOSES = ("-k", "-m")


@dataclass(frozen=True)
class Suite:
    """A folder of tests, and what pytest needs to know for it."""

    name: str
    folder: Path  # in the checkout
    base: Path  # where pytest finds it: the checkout, or the link named as the addon
    root: Path  # pytest's root folder
    is_addon: bool

    def fixed(self, database: str) -> list[str]:
        """Return pytest's options for this suite, on a database."""
        if self.is_addon:
            options = [f"--odoo-database={database}", "--odoo-http"]
            return [*options, "-p", "dev.slowest_first"]
        # The checkout is a package, the addon: pytest must not import it from here.
        return ["-p", "no:odoo"]

    @property
    def spread(self) -> list[str]:
        """Return the options that give tests to all cores: classes of the addon whole,
        for their data is made once, in the order in which they come."""
        if self.is_addon:
            return ["--dist=loadscope", "--no-loadscope-reorder"]
        return ["--dist=worksteal"]


@dataclass(frozen=True)
class Selection:
    """What is meant of a suite: paths as pytest takes them, and other arguments."""

    suite: Suite
    paths: Sequence[str]
    options: Sequence[str]


def suites(project: Project) -> tuple[Suite, Suite]:
    """Return the tests of the tool and those of the addon."""
    root, addons = project.root, project.addons
    tool = root / "dev" / "tests"
    return (
        Suite("dev/tests", tool, root, tool, is_addon=False),
        Suite("tests", root / "tests", project.addon, addons, is_addon=True),
    )


def select(project: Project, args: Sequence[str]) -> list[Selection]:
    """Return what the arguments mean of each suite that has tests.

    A path is that of a folder or file of tests, or of a part of one (`FILE::CLASS`). A
    folder that holds a suite means all of it. Without a path all suites are meant.

    :raise Failure: for a path of tests that is not there
    """
    paths, options = _split(project, args)
    selections = []
    for suite in suites(project):
        if not any(suite.folder.rglob("test_*.py")):
            continue
        named = [inside for path in paths for inside in _inside(project, suite, path)]
        if named or not paths:
            chosen = [str(suite.base / path) for path in named or [suite.name]]
            selections.append(Selection(suite, chosen, options))
    return selections


def _split(project: Project, args: Iterable[str]) -> tuple[list[str], list[str]]:
    """Tell the paths among pytest's arguments from the others."""
    paths, options, before = [], [], ""
    for arg in args:
        is_value = arg.startswith("-") or before in TAKES_VALUE
        file = arg.split("::")[0]
        if is_value or not (_exists(project, file) or _names_tests(file)):
            options.append(arg)
        elif _exists(project, file):
            paths.append(arg)
        else:
            raise Failure(f"There is no file or folder {file}.")
        before = arg
    return paths, options


def _exists(project: Project, file: str) -> bool:
    return (project.root / file).exists()


def _names_tests(file: str) -> bool:
    return file.endswith(".py") or file.startswith(("tests/", "dev/tests/"))


def _inside(project: Project, suite: Suite, path: str) -> list[str]:
    """Return the path, relative to the checkout, if it lies in the suite's folder; the
    whole suite if that lies below the path."""
    file, *part = path.split("::")
    place = Path(os.path.abspath(project.root / file))
    if place.is_relative_to(suite.folder):
        return ["::".join([str(place.relative_to(project.root)), *part])]
    return [suite.name] if suite.folder.is_relative_to(place) else []


def run_tests(workspace: Workspace, args: Sequence[str]) -> int:
    """Run the tests that the arguments mean and return the worst exit code.

    :raise Failure: when there is none; that is found out before a database is made
    """
    chosen = select(workspace.project, args)
    if any(arg.startswith(CHOOSES) for arg in args):
        with ThreadPoolExecutor() as pool:
            found = list(pool.map(lambda some: _has_tests(workspace, some), chosen))
        chosen = [some for some, has in zip(chosen, found, strict=True) if has]
    if not chosen:
        raise Failure(f"No test matches {' '.join(args)}.")
    codes = [_run(workspace, some) for some in chosen]
    return max(codes)


def _has_tests(workspace: Workspace, selection: Selection) -> bool:
    """Tell whether pytest finds a test; an error is for the run itself to show."""
    command = pytest_command(workspace, selection, "none", "--collect-only", "--quiet")
    options = {"env": workspace.environment, "cwd": workspace.project.root}
    return run(command, check=False, **options).returncode != NOTHING_COLLECTED


def _run(workspace: Workspace, selection: Selection) -> int:
    suite = selection.suite
    with _database(workspace, suite) as database:
        say(f"Tests in {suite.name}" + (f", database {database}" if database else ""))
        cores = len(os.sched_getaffinity(0))
        spread = ["-n", str(cores), *suite.spread]
        command = pytest_command(workspace, selection, database, *spread)
        options = {"env": workspace.environment, "cwd": workspace.project.root}
        return foreground(command, **options)


def _database(workspace: Workspace, suite: Suite) -> AbstractContextManager[str]:
    return workspace.temporary("test") if suite.is_addon else nullcontext("")


def pytest_command(
    workspace: Workspace, selection: Selection, database: str, *options: str
) -> list[str | Path]:
    """Return the command that runs tests on a database."""
    suite, cache = selection.suite, workspace.project.state / "pytest"
    places = [f"--rootdir={suite.root}", f"--confcutdir={suite.root}"]
    command = [workspace.project.python, "-m", "pytest", "-c", os.devnull, *places]
    command += ["-o", f"cache_dir={cache}", *options, *suite.fixed(database)]
    return [*command, *selection.options, *selection.paths]
