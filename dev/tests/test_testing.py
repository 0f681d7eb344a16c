"""Which tests are meant, and what is said when there are none."""

import pytest

from dev import testing
from dev.ui import Failure

TOOL, ADDON = "dev/tests", "tests"


@pytest.fixture
def project(checkout):
    """A checkout with tests of both suites, those of the addon in a folder too."""
    for name in ("dev/tests/test_tool.py", "tests/seat/test_seat.py"):
        path = checkout.root / name
        path.parent.mkdir(parents=True)
        path.write_text("def test_one():\n    pass\n")
    return checkout


@pytest.mark.parametrize(
    ("args", "meant", "options"),
    [
        ([], {TOOL: [TOOL], ADDON: [ADDON]}, []),
        (["-k", "seat"], {TOOL: [TOOL], ADDON: [ADDON]}, ["-k", "seat"]),
        (["-k", "tests"], {TOOL: [TOOL], ADDON: [ADDON]}, ["-k", "tests"]),
        (["tests"], {ADDON: ["tests"]}, []),
        (["tests/"], {ADDON: ["tests"]}, []),
        (["-x", "tests/seat"], {ADDON: ["tests/seat"]}, ["-x"]),
        (["tests/test_small.py::A::b"], {ADDON: ["tests/test_small.py::A::b"]}, []),
        (["dev/tests"], {TOOL: ["dev/tests"]}, []),
        (["dev"], {TOOL: ["dev/tests"]}, []),
        (["./dev/tests/test_tool.py"], {TOOL: ["dev/tests/test_tool.py"]}, []),
        (["."], {TOOL: [TOOL], ADDON: [ADDON]}, []),
        (["--junitxml", "/tmp/out.xml"], {TOOL: [TOOL], ADDON: [ADDON]}, None),
    ],
)
def test_arguments_choose_tests_by_name_file_or_folder(project, args, meant, options):
    bases = {TOOL: project.root, ADDON: project.addon}
    found = testing.select(project, args)
    assert {some.suite.name: some.paths for some in found} == {
        name: [str(bases[name] / path) for path in paths]
        for name, paths in meant.items()
    }
    assert all(some.options == (args if options is None else options) for some in found)


@pytest.mark.parametrize("name", ["tests/gone", "tests/test_gone.py::A"])
def test_path_that_is_not_there_is_told(project, name):
    with pytest.raises(Failure, match="There is no file or folder tests/"):
        testing.select(project, [name])


def test_worst_code_of_the_suites_counts(project, monkeypatch):
    for codes in ((0, 0), (1, 0), (0, 1)):
        left = iter(codes)
        monkeypatch.setattr(testing, "_run", lambda *args, left=left: next(left))
        workspace = type("Workspace", (), {"project": project})
        assert testing.run_tests(workspace, []) == max(codes)


def test_expression_that_matches_nothing_is_told_in_a_sentence(set_up, make):
    result = make("test", "ARGS=-k nosuch")
    assert result.returncode == 2
    assert "ERROR: No test matches -k nosuch." in result.stdout
    assert "Install" not in result.stdout, "no database is made for it"


def test_folder_of_the_addon_is_imported_under_the_addons_name(set_up, make):
    (set_up.root / "tests" / "seat").mkdir()
    (set_up.root / "tests" / "seat" / "__init__.py").touch()
    (set_up.root / "tests" / "seat" / "test_seat.py").write_text(
        "from odoo.tests import TransactionCase\n\nfrom ..test_small import TestSmall\n"
        "\n\nclass TestSeat(TransactionCase):\n    def test_name(self):\n"
        "        name = 'odoo.addons.partner_managed_subscription.tests.test_small'\n"
        "        self.assertEqual(TestSmall.__module__, name)\n"
    )
    result = make("test", "ARGS=tests/seat tests -k test_name")
    assert "1 passed" in result.stdout, result.stdout
    assert result.returncode == 0
