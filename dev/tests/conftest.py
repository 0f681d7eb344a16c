"""Checkouts to try the tool on, and stand-ins for the programs that need a network."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from dev import postgres, venv, workspace
from dev.project import Project, find_root
from helpers import environment

HERE = find_root()
MANIFEST = """{
    "name": "Small",
    "author": "Nobody",
    "version": "19.0.1.0.0",
    "license": "AGPL-3",
    "depends": ["portal"],
    "demo": ["demo/users.xml"],
}
"""
DEMO = """<odoo>
    <record id="demo_user_ada" model="res.users">
        <field name="name">Ada</field>
        <field name="login">ada</field>
        <field name="function">Vendor</field>
    </record>
</odoo>
"""
TEST = """from odoo.tests import TransactionCase


class TestSmall(TransactionCase):
    def test_french(self):
        self.assertTrue(self.env["res.lang"].search([("code", "=", "fr_FR")]))

    def test_failing(self):
        self.fail("on purpose")
"""
SMALL_ADDON = {
    "__init__.py": "",
    "__manifest__.py": MANIFEST,
    "demo/users.xml": DEMO,
    "tests/__init__.py": "from . import test_small\n",
    "tests/test_small.py": TEST,
    ".gitignore": ".dev\n__pycache__\n",
}


@pytest.fixture
def checkout(tmp_path) -> Project:
    """A git checkout of a small addon, in a folder with a space, nothing set up."""
    root = tmp_path / "a checkout"
    for name, text in SMALL_ADDON.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    ignore = shutil.ignore_patterns("tests", "__pycache__", "node_modules")
    shutil.copytree(HERE / "dev", root / "dev", ignore=ignore)
    for name in ("Makefile", "pyproject.toml", ".pylintrc"):
        shutil.copy2(HERE / name, root / name)
    subprocess.run(["git", "init", "--quiet", root], check=True)
    return Project(root)


@pytest.fixture
def set_up(checkout) -> Iterator[Project]:
    """The checkout with Odoo and the Python packages of this one, and its database
    server: what `ready` then finds is as after a set-up, without the minutes."""
    ours = Project(HERE)
    if not postgres.is_given():
        pytest.skip("needs the database server that `make test` starts")
    checkout.prepare()
    for name in ("odoo", "node"):
        if (ours.state / name).exists():
            (checkout.state / name).symlink_to(ours.state / name)
    command = [sys.executable, "-m", "venv", "--without-pip", str(checkout.venv)]
    subprocess.run(command, check=True)
    packages = venv.site_packages(checkout) / "packages.pth"
    packages.write_text(f"{venv.site_packages(ours)}\n")
    oca = ("oca-checks-odoo-module", "oca-checks-po")
    for program in ("ruff", "pylint", *oca, "node", "npm"):
        target = ours.venv / "bin" / program
        (checkout.venv / "bin" / program).symlink_to(target)
    (checkout.venv / ".stamp").write_text(venv.key(checkout))
    yield checkout
    with workspace.ready(checkout) as made:
        for name in made.databases(f"pms_{checkout.mark}"):
            made.drop(name)


@pytest.fixture
def make(checkout):
    """Run `make` in the checkout; give the finished process, its output in one."""

    def call(*args: str, **env: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["make", *args],
            cwd=checkout.root,
            env={**environment(), **env},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=300,
            check=False,
        )

    return call


@pytest.fixture
def private(monkeypatch):
    """Have the tool start a server of its own, though the test run has one."""
    for name in [*postgres.GIVEN, "PGUSER"]:
        monkeypatch.delenv(name, raising=False)
    if not postgres.installed_programs():
        pytest.skip("no PostgreSQL server is installed on this machine")


@pytest.fixture
def fake(tmp_path, monkeypatch):
    """Put stand-ins for programs first on the path: fake(name, shell script)."""
    folder = tmp_path / "fakes"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")

    def write(name: str, script: str) -> Path:
        path = folder / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return write


@pytest.fixture
def stand_in(tmp_path) -> Path:
    """A git repository that looks like Odoo's, with a branch 19.0."""
    repository = tmp_path / "stand-in"
    for folder in ("odoo/addons", "addons"):
        (repository / folder).mkdir(parents=True)
        (repository / folder / "README").write_text("an addon\n")
    release = "version_info = (19, 0, 0, 'final', 0, '')\n"
    (repository / "odoo" / "release.py").write_text(release)
    git = ["git", "-C", str(repository), "-c", "user.name=a", "-c", "user.email=a@b"]
    for args in (
        ["init", "--quiet", "--initial-branch=19.0"],
        ["add", "."],
        ["commit", "--quiet", "--message=stand-in"],
    ):
        subprocess.run([*git, *args], check=True)
    return repository
