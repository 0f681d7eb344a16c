"""The virtual environment, and the system's packages."""

import sys

import pytest

from dev import system, venv
from dev.odoo import Odoo
from dev.process import run
from dev.ui import Failure


def test_python_that_odoo_does_not_run_on_is_refused(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 9, 1))
    with pytest.raises(Failure, match="3.10 to 3.13") as caught:
        venv.check_python()
    assert "PYTHON=" in caught.value.advice


def test_environment_is_made_once_for_a_lock_file(checkout, monkeypatch):
    made = []
    monkeypatch.setattr(venv, "_install", made.append)
    checkout.lock_file.write_text("six==1.17.0\n")
    for _ in range(2):
        venv.provide(checkout)
        assert venv.is_ready(checkout)
    assert made == [checkout]
    checkout.lock_file.write_text("six==1.16.0\n")
    assert not venv.is_ready(checkout)
    venv.provide(checkout)
    assert len(made) == 2


def test_addons_for_one_purpose_are_fetched_once(checkout, monkeypatch):
    calls = []
    monkeypatch.setattr(venv, "run", lambda args, **_options: calls.append(args))
    checkout.lock_file.write_text("six==1.17.0\n")
    asked = checkout.requirements("some")
    asked.write_text("some-addon==1\n")
    found = {venv.provide_beside(checkout, "some") for _ in range(2)}
    assert found == {checkout.state / "some-addons"}
    assert len(calls) == 1
    assert asked in calls[0]
    asked.write_text("some-addon==2\n")
    venv.provide_beside(checkout, "some")
    assert len(calls) == 2


def test_unreachable_index_gives_advice_and_is_tried_again(checkout, monkeypatch):
    checkout.prepare()
    checkout.lock_file.write_text("no-such-package==1\n")
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_RETRIES", "1")
    with pytest.raises(Failure) as caught:
        venv.provide(checkout)
    assert "network" in caught.value.advice
    assert not venv.is_ready(checkout)


def test_odoo_command_works_in_a_folder_with_a_space(checkout, tmp_path):
    run([sys.executable, "-m", "venv", "--without-pip", checkout.venv])
    (tmp_path / "odoo").mkdir()
    (tmp_path / "odoo" / "cli.py").write_text("def main():\n    print('started')\n")
    venv.connect(checkout, Odoo(tmp_path, (), "19.0"))
    assert run([checkout.odoo_bin]).stdout == "started\n"


def test_missing_system_packages_are_installed_by_root_only(
    checkout, fake, monkeypatch, capsys
):
    checkout.prepare()
    fake("apt-get", f'echo "$@" >> "{checkout.state}/calls"')
    monkeypatch.setattr(system, "missing", lambda: ["chromium", "wkhtmltopdf"])
    monkeypatch.setattr(system.os, "getuid", lambda: 1000)
    system.provide(checkout)
    assert not (checkout.state / "calls").exists()
    said = capsys.readouterr().err
    command = "apt-get install -y --no-install-recommends chromium wkhtmltopdf"
    assert f"sudo {command}" in said
    monkeypatch.setattr(system.os, "getuid", lambda: 0)
    system.provide(checkout)
    calls = (checkout.state / "calls").read_text().splitlines()
    assert calls == ["update", command.removeprefix("apt-get ")]


def test_system_package_that_is_not_found_says_the_command(checkout, fake, monkeypatch):
    checkout.prepare()
    fake("apt-get", "echo 'E: Unable to locate package chromium'; exit 100")
    monkeypatch.setattr(system, "missing", lambda: ["chromium"])
    monkeypatch.setattr(system.os, "getuid", lambda: 0)
    with pytest.raises(Failure, match="Unable to locate package") as caught:
        system.provide(checkout)
    assert "sudo apt-get install" in caught.value.advice


def test_missing_programs_and_libraries_are_found(monkeypatch):
    monkeypatch.setattr(system.shutil, "which", lambda name: name != "wkhtmltopdf")
    monkeypatch.setattr(system, "find_library", lambda name: "pango" not in name)
    assert system.missing() == ["wkhtmltopdf", "libpangoft2-1.0-0"]
