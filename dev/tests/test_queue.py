"""Billing by jobs, in a database that has OCA's queue_job installed: the tests of the
queue, which all other databases skip, and those of the engine."""

import os

import pytest

from dev import postgres, testing, venv, workspace
from dev.process import run
from dev.project import ADDON, Project, find_root
from helpers import environment, long_run

pytestmark = [
    long_run,
    pytest.mark.skipif(
        not postgres.is_given(), reason="needs the server of `make test`"
    ),
]
FILES = ("test_queue.py", "test_engine.py", "test_billing_concurrency.py")


@pytest.fixture(scope="module")
def work():
    """The checkout of this tool, set up, with queue_job beside."""
    project = Project(find_root())
    with workspace.ready(project) as made:
        with made.alone():
            beside = venv.provide_beside(project, "queue")
        # Python finds what queue_job imports, Odoo the addon.
        made.environment |= {"PYTHONPATH": str(beside)}
        yield made


@pytest.fixture(scope="module")
def options(work, tmp_path_factory):
    """A configuration of Odoo that finds queue_job, by its path."""
    said = work.project.config.read_text()
    beside = work.environment["PYTHONPATH"]
    path = tmp_path_factory.mktemp("queue") / "odoo.conf"
    path.write_text(
        said.replace("addons_path = ", f"addons_path = {beside}/odoo/addons,")
    )
    work.environment |= {"ODOO_RC": str(path)}


@pytest.fixture
def database(work, options):
    """A database with both, dropped at the end."""
    name = f"pms_{work.project.mark}_queue_{os.getpid()}"
    with work.alone():
        work.copy(work.template(), name)
    work.run_odoo("-d", name, "-i", f"queue_job,{ADDON}", "--stop-after-init", log=name)
    yield name
    work.drop(name)


def test_jobs_bill_as_the_scheduled_action_does(work, database):
    suite = testing.suites(work.project)[1]
    paths = [str(suite.base / "tests" / "billing" / file) for file in FILES]
    selection = testing.Selection(suite, paths, ())
    command = testing.pytest_command(work, selection, database, "-q", "-rs")
    # With a server the queue's own runner would begin the jobs before the tests do.
    command.remove("--odoo-http")
    env = {**environment(), **work.environment}
    said = run(command, check=False, env=env, cwd=work.project.root)
    assert said.returncode == 0, said.stdout[-5000:]
    assert "skipped" not in said.stdout, said.stdout[-2000:]
