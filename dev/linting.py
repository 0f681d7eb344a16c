"""Linters and formatters, each a row of a table; translations are checked as well."""

from __future__ import annotations

import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .process import run
from .project import ADDON, Project, built, digest
from .ui import Failure, say, step
from .workspace import LANGUAGE, Workspace

CATALOGUE = f"{ADDON}.pot"
TRANSLATION = f"{LANGUAGE.split('_')[0]}.po"
# Checks of pylint-odoo that are wrong here.
NOT_PYLINT = (
    # What nobody may create or write by hand refuses it in `create` and `write`; the
    # methods that may do it, like `_release`, go past that with `super()`.
    "super-method-mismatch",
    # Computes, and the methods above, return nothing. The check takes any method that
    # calls `super()` for one that overrides another which returns something.
    "missing-return",
    # A model's parts for several subjects each have a file in the folder of theirs.
    "consider-merging-classes-inherited",
)
SHORT = ("--output-format=concise",)
# Not part of what is installed in an Odoo: Odoo's own linters do not look there.
NOT_ODOO = ("dev/", "bench/", ".ci/")


@dataclass(frozen=True)
class Linter:
    """A linter: its name, what it is called with, and in which folder."""

    label: str
    command: Sequence[str | Path]
    folder: Path


def lint(workspace: Workspace) -> list[str]:
    """Run every linter and return the labels of those that found something."""
    project = workspace.project
    _provide_node(project)
    with _export(project) as export, ThreadPoolExecutor(os.cpu_count()) as pool:
        linters = _linters(project, export)
        found = dict(pool.map(lambda linter: _apply(workspace, linter), linters))
    with step("i18n: catalogue up to date, French complete"):
        try:
            found["i18n"] = _lint_translations(workspace)
        except Failure as failure:  # say what the others found all the same
            found["i18n"] = str(failure)
    found = {label: text for label, text in found.items() if text}
    for text in found.values():
        say(f"\n{text.rstrip()}")
    return list(found)


def mend(workspace: Workspace) -> None:
    """Apply what the formatters and linters can mend by themselves. Raises Failure."""
    project = workspace.project
    _provide_node(project)
    ruff = [project.venv / "bin" / "ruff"]
    folder = project.root
    commands = [[*ruff, "check", "--fix", "--exit-zero", "."], [*ruff, "format", "."]]
    oca, fixed = _oca(project)
    if (project.root / "__manifest__.py").is_file():
        _mend_addon(workspace, [oca, *fixed, "--fix", ADDON])
    commands += [linter.command for linter in _prettier(project, "--write")]
    for command in commands:
        run(command, cwd=folder, env=workspace.environment)


def _mend_addon(workspace: Workspace, command: list) -> None:
    """Run `command` in a copy of the addon, and take over what it mends there.

    OCA's checks find nothing in an addon that is the root of its repository.
    """
    project = workspace.project
    with project.exported(project.state / f"export-{os.getpid()}") as copy:
        # It ends badly for what it has mended, too.
        run(command, cwd=copy.parent, env=workspace.environment, check=False)
        for name in project.files():
            text = (copy / name).read_bytes()
            if text != (project.root / name).read_bytes():
                (project.root / name).write_bytes(text)


def _linters(project: Project, export: Path) -> list[Linter]:
    programs, root = project.venv / "bin", project.root
    pylint = [programs / "pylint", f"--rcfile={root / '.pylintrc'}", "--jobs=1"]
    pylint += [f"--disable={','.join(NOT_PYLINT)}", ADDON]
    oca, fixed = _oca(project)
    catalogues = sorted((export / ADDON / "i18n").glob("*.po*"))
    linters = [
        Linter("ruff: rules", [programs / "ruff", "check", *SHORT, "."], root),
        Linter("ruff: format", [programs / "ruff", "format", "--check", "."], root),
        *_prettier(project, "--check"),
    ]
    if scripts := _named(project, ".js"):
        config = root / "dev" / "eslint.config.mjs"
        command = [*_node(project, "eslint/bin/eslint.js"), "-c", config]
        linters.append(Linter("eslint: JavaScript", [*command, *scripts], root))
    if (export / ADDON / "__manifest__.py").is_file():
        linters.append(Linter("pylint-odoo", pylint, export))
        linters.append(Linter("OCA module checks", [oca, *fixed, ADDON], export))
    if catalogues:
        command = [programs / "oca-checks-po", *fixed, *catalogues]
        linters.append(Linter("OCA catalogue checks", command, export))
    if texts := _named(project, ".md"):
        command = [sys.executable, "-m", "dev.links", *texts]
        linters.append(Linter("links of Markdown files", command, root))
    return linters


def _oca(project: Project) -> tuple[Path, list[str]]:
    """Return OCA's program for modules, and the arguments that all of OCA's take."""
    config = project.root / "dev" / "oca_checks.cfg"
    return project.venv / "bin" / "oca-checks-odoo-module", [f"--config={config}"]


def _prettier(project: Project, action: str) -> list[Linter]:
    files = _named(project, ".js", ".xml")
    if not files:
        return []
    plugin = project.state / "node/node_modules/@prettier/plugin-xml/src/plugin.js"
    command = [*_node(project, "prettier/bin/prettier.cjs"), f"--plugin={plugin}"]
    config = f"--config={project.root / 'dev' / 'prettier.json'}"
    command += [config, action, "--log-level=warn", *files]
    return [Linter("prettier: XML and JavaScript", command, project.root)]


def _named(project: Project, *suffixes: str) -> list[str]:
    return [name for name in project.files() if name.endswith(suffixes)]


def _node(project: Project, script: str) -> list[str | Path]:
    return [project.venv / "bin" / "node", project.state / "node/node_modules" / script]


def _apply(workspace: Workspace, linter: Linter) -> tuple[str, str]:
    """Run a linter; return its label and what it found."""
    env = workspace.environment
    with step(linter.label):
        result = run(linter.command, cwd=linter.folder, env=env, check=False)
    if not result.returncode:
        return linter.label, ""
    return linter.label, f"{linter.label}:\n{result.stdout or result.returncode}"


def _provide_node(project: Project) -> None:
    """Install the linters that package-lock.json pins, when it changed."""
    target = project.state / "node"
    lists = [
        project.root / "dev" / name for name in ("package.json", "package-lock.json")
    ]

    def install() -> None:
        for path in lists:
            shutil.copy2(path, target)
        flags = ["--ignore-scripts", "--no-audit", "--no-fund"]
        npm = [project.venv / "bin" / "npm", "ci", *flags]
        run(npm, cwd=target, log=project.log("npm"))

    key = digest(path.read_bytes() for path in lists)
    built(target, key, "Linters of XML and JavaScript: install", install)


@contextmanager
def _export(project: Project) -> Iterator[Path]:
    """Give a folder that holds only the addon: the files that Odoo would install."""
    folder = project.state / f"export-{os.getpid()}"
    with project.exported(folder) as copy:
        for name in NOT_ODOO:
            shutil.rmtree(copy / name, ignore_errors=True)
        yield folder


def translate(workspace: Workspace) -> None:
    """Write the catalogue from the code, and French merged with it."""
    folder = workspace.project.root / "i18n"
    folder.mkdir(exist_ok=True)
    counts = _catalogue(workspace, "update", folder)
    say(f"      {counts['terms']} terms, {len(counts['missing'])} without French")


def _lint_translations(workspace: Workspace) -> str:
    """Return what the catalogues lack, "" if nothing."""
    folder = workspace.project.root / "i18n"
    if not (folder / CATALOGUE).is_file():
        return ""
    found = _catalogue(workspace, "check", folder)
    lines = [f"  {TRANSLATION}: not translated: {term!r}" for term in found["missing"]]
    lines += [f"  {CATALOGUE}: not in the catalogue: {t!r}" for t in found["added"]]
    lines += [f"  {CATALOGUE}: no longer in the code: {t!r}" for t in found["gone"]]
    return "\n".join(["i18n: `make i18n` helps", *lines]) if lines else ""


def _catalogue(workspace: Workspace, action: str, folder: Path) -> dict:
    """Export the terms of a clean copy of the code and compare or merge them."""
    project = workspace.project
    if not (project.root / "__manifest__.py").is_file():
        raise Failure("There is no addon to translate yet: __manifest__.py is missing.")
    with (
        _export(project) as export,
        workspace.temporary("i18n") as db,
    ):
        # Odoo's export walks every folder of the addons path, links included: the
        # checkout, which holds .dev, would be endless.
        config = export / "odoo.conf"
        here = project.config.read_text().replace(str(project.addons), str(export))
        config.write_text(here)
        fresh = export / CATALOGUE
        command = ["i18n", "export", "-c", config, "-d", db, "-o", fresh, ADDON]
        run(
            [project.odoo_bin, *command],
            env=workspace.environment,
            log=project.log("i18n"),
        )
        script = Path(__file__).with_name("catalogue.py")
        said = run(
            [
                project.python,
                script,
                action,
                fresh,
                folder / CATALOGUE,
                folder / TRANSLATION,
            ],
            env=workspace.environment,
        )
    return json.loads(said.stdout)
