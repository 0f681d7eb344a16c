"""The wheel: what is in it, what it is called, and that Odoo finds what it installs."""

import os
import subprocess
import sys
import zipfile

import pytest

from dev import postgres, venv, wheel, workspace
from dev.process import run
from dev.project import ADDON, Project, find_root
from dev.ui import Failure
from helpers import environment, long_run

GIT = ("git", "-c", "user.name=a", "-c", "user.email=a@b")
LAUNCH = "import sys; from odoo.cli import main; sys.exit(main())"


@pytest.fixture
def commit(set_up):
    """Commit what the checkout holds."""

    def call(message: str = "all of it") -> None:
        for args in (["add", "--all"], ["commit", "--quiet", f"--message={message}"]):
            subprocess.run([*GIT, *args], cwd=set_up.root, check=True)

    return call


def test_wheel_holds_what_is_committed_without_the_tool(set_up, commit, capsys):
    (set_up.root / "bench").mkdir()
    (set_up.root / "bench" / "run.py").touch()
    commit()
    (set_up.root / "not_yet.py").touch()
    made = wheel.build(set_up, set_up.root / "dist")
    assert made.name == f"odoo_addon_{ADDON}-19.0.1.0.0-py3-none-any.whl"
    assert "not in the wheel: not_yet.py" in capsys.readouterr().err
    names = zipfile.ZipFile(made).namelist()
    base = f"odoo/addons/{ADDON}"
    assert {name for name in names if name.startswith("odoo")} >= {
        f"{base}/__manifest__.py",
        f"{base}/demo/users.xml",
        f"{base}/tests/test_small.py",
    }
    inside = {name.removeprefix(f"{base}/").split("/")[0] for name in names}
    assert not inside & {"dev", "bench", "Makefile", "pyproject.toml", "not_yet.py"}
    commit("one more")
    made = wheel.build(set_up, set_up.root / "dist")
    assert "-19.0.1.0.0.1-" in made.name, "OCA counts the commits of a version"


def test_nothing_to_build_a_wheel_of_is_told(set_up):
    with pytest.raises(Failure, match="Nothing is committed"):
        wheel.build(set_up, set_up.root / "dist")


@long_run
@pytest.mark.skipif(not postgres.is_given(), reason="needs the server of `make test`")
def test_odoo_finds_and_installs_what_the_wheel_brought(tmp_path):
    ours, fresh = Project(find_root()), Project(tmp_path)
    made = wheel.build(ours, tmp_path / "dist")
    run([sys.executable, "-m", "venv", fresh.venv])
    with workspace.ready(ours) as found:
        # A fresh environment that sees Odoo and the addon's dependency, and no more.
        places = f"{venv.site_packages(ours)}\n{found.odoo.package_root}\n"
        (venv.site_packages(fresh) / "odoo.pth").write_text(places)
        run([fresh.python, "-m", "pip", "install", "--no-deps", "--no-index", made])
        config = tmp_path / "odoo.conf"
        folders = ",".join(map(str, found.odoo.addons))
        config.write_text(
            f"[options]\naddons_path = {folders}\ndata_dir = {tmp_path / 'data'}\n"
        )
        name = f"pms_{ours.mark}_wheel_{os.getpid()}"
        found.copy(found.template(), name)
        try:
            args = ["-c", config, "-d", name, "-i", ADDON, "--stop-after-init"]
            command = [fresh.python, "-c", LAUNCH, *args, "--no-http"]
            said = run(command, env={**environment(), "ODOO_RC": str(config)}).stdout
            sql = "SELECT state FROM ir_module_module WHERE name = %s"
            assert found.query(name, (sql, [ADDON])) == [["installed"]], said
        finally:
            found.drop(name)
    where = venv.site_packages(fresh) / "odoo" / "addons" / ADDON / "__manifest__.py"
    assert where.is_file()
