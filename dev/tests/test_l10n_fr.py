"""Electronic invoices and their delivery in a database that has Odoo's French
accounting installed: what it adds to invoices is not added twice, nothing is lost."""

import os

import pytest

from dev import postgres, testing, workspace
from dev.process import run
from dev.project import ADDON, Project, find_root
from helpers import environment, long_run

pytestmark = [
    long_run,
    pytest.mark.skipif(
        not postgres.is_given(), reason="needs the server of `make test`"
    ),
]
FOLDERS = ("einvoice", "delivery")
FRENCH = "l10n_fr_account"


@pytest.fixture(scope="module")
def work():
    """The checkout of this tool, set up."""
    with workspace.ready(Project(find_root())) as made:
        yield made


@pytest.fixture
def database(work):
    """A database with both, dropped at the end."""
    name = f"pms_{work.project.mark}_french_{os.getpid()}"
    with work.alone():
        work.copy(work.template(), name)
    # The addon last: the tests find what an installation of years has.
    for addon in (FRENCH, ADDON):
        work.run_odoo("-d", name, "-i", addon, "--stop-after-init", log=name)
    yield name
    work.drop(name)


def test_french_accounting_and_this_addon_agree(work, database):
    suite = testing.suites(work.project)[1]
    paths = [str(suite.base / "tests" / folder) for folder in FOLDERS]
    selection = testing.Selection(suite, paths, ())
    command = testing.pytest_command(work, selection, database, "-q", "-rs")
    env = {**environment(), **work.environment}
    said = run(command, check=False, env=env, cwd=work.project.root)
    assert said.returncode == 0, said.stdout[-5000:]
