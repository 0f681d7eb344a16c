"""The state folder, the checkout's files, what is built once, and the locks."""

import os
import subprocess
import sys

import pytest

from dev.project import ADDON, Project, built, find_root, locked
from dev.ui import Failure


def test_link_gives_the_addon_its_name_whatever_the_folder_is_called(checkout):
    checkout.prepare()
    assert checkout.addon.name == ADDON
    assert checkout.addon.resolve() == checkout.root
    checkout.addon.unlink()
    checkout.addon.symlink_to(checkout.root / "tests")
    checkout.prepare()
    assert checkout.addon.resolve() == checkout.root
    moved = checkout.root.rename(checkout.root.with_name("moved elsewhere"))
    assert Project(moved).addon.resolve() == moved


def test_folder_that_odoo_cannot_name_is_refused(tmp_path):
    with pytest.raises(Failure, match="comma"):
        Project(tmp_path / "a,b").prepare()


def test_folder_that_cannot_be_written_says_so(checkout):
    checkout.root.chmod(0o555)
    said = as_ordinary_user(checkout, "prepare()")
    checkout.root.chmod(0o755)
    assert "Cannot write to" in said
    assert "Permission denied" in said
    assert "sudo make clean" in said


def as_ordinary_user(checkout: Project, call: str) -> str:
    """Call a method of the project as somebody who owns nothing of it."""
    lines = ["import os; from dev.project import Project", "from pathlib import Path"]
    if os.getuid() == 0:  # root goes over any permission
        lines += ["os.setgroups([])", "os.setgid(65534)", "os.setuid(65534)"]
    lines += [f"Project(Path({str(checkout.root)!r})).{call}"]
    command = [sys.executable, "-c", "\n".join(lines)]
    result = subprocess.run(
        command, cwd=find_root(), capture_output=True, text=True, check=False
    )
    assert result.returncode
    return result.stderr


def test_files_are_those_of_git_and_those_not_committed_yet(checkout):
    (checkout.root / "un été.py").write_text("")
    (checkout.root / ".dev").mkdir()
    (checkout.root / ".dev" / "ignored.py").write_text("")
    subprocess.run(["git", "add", "__manifest__.py"], cwd=checkout.root, check=True)
    (checkout.root / "__init__.py").unlink()
    files = checkout.files()
    assert "__manifest__.py" in files
    assert "un été.py" in files
    assert "__init__.py" not in files, "a deleted file is no file"
    assert not any(name.startswith(".dev") for name in files)


@pytest.mark.parametrize(
    ("name", "changes"),
    [
        ("__manifest__.py", True),
        ("models/new.py", True),
        ("i18n/fr.po", True),
        ("tests/test_small.py", False),
        ("dev/ui.py", False),
        ("README.md", False),
    ],
)
def test_database_is_made_anew_when_what_it_holds_changed(checkout, name, changes):
    before = checkout.code_hash()
    path = checkout.root / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("something else")
    assert (checkout.code_hash() != before) == changes


def test_export_holds_the_files_under_the_addons_name_and_goes_away(checkout):
    checkout.prepare()
    with checkout.exported(checkout.state / "export") as copy:
        assert copy.name == ADDON
        assert (copy / "tests" / "test_small.py").is_file()
        assert not (copy / ".dev").exists()
    assert not copy.parent.exists()


def test_step_is_redone_only_when_its_key_changed_or_it_was_interrupted(tmp_path):
    target, calls = tmp_path / "made", []

    def build(fail=False):
        calls.append(sorted(path.name for path in target.iterdir()))
        (target / "half").write_text("")
        if fail:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        built(target, "1", "interrupted", lambda: build(fail=True))
    assert built(target, "1", "redone", build)
    assert not built(target, "1", "done before", build)
    assert built(target, "2", "other key", build)
    assert calls == [[], [], []], "what was left is wiped first"


def test_lock_keeps_others_out_until_it_is_let_go(tmp_path):
    path = tmp_path / "lock"
    with locked(path, shared=True), locked(path, shared=True):
        with pytest.raises(Failure, match="somebody has it"):
            with locked(path, busy=Failure("somebody has it")):
                pass
    with locked(path, busy=Failure("nobody has it")):
        pass
