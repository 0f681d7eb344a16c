"""Where Odoo comes from: ODOO_HOME, Debian's packages, or a repository."""

import subprocess
from pathlib import Path

import pytest

from dev import apt, odoo
from dev.ui import Failure

DEB822 = """\
Types: deb
URIs: http://packages.invalid/debian
Suites: bookworm bookworm-updates
Components: main contrib
Signed-By: /usr/share/keyrings/some.gpg

Types: deb
URIs: http://packages.invalid/security
Suites: bookworm-security
Components: main
"""
ONE_LINE = "deb [signed-by=/k.gpg arch=amd64] http://packages.invalid/x bookworm main\n"
DEBIAN = 'ID=debian\nVERSION_CODENAME="bookworm"\n'
# The stand-in for apt: lists one package a suite, and "downloads" what lies beside it.
APT_GET = """\
for word in "$@"; do case $word in -oDir::State::lists=*) lists=${word#*=};; esac; done
case "$*" in
*" update"*) touch "$lists/x_Packages" ;;
*" download "*) cp "%(debs)s"/*.deb . ;;
esac
"""
APT_CACHE = """\
for word in "$@"; do name=$word; case $word in
-oDir::State::lists=*) suite=$(basename "$(dirname "${word#*=}")");; esac; done
grep "^$suite $name " "%(index)s" | while read -r suite name version; do
echo " $name | $version | somewhere $suite/main all Packages"; done
"""


@pytest.fixture(autouse=True)
def machine(tmp_path, monkeypatch):
    """A Debian machine whose sources lead nowhere, and no Odoo given from outside."""
    etc = tmp_path / "etc"
    (etc / "sources.list.d").mkdir(parents=True)
    (etc / "sources.list.d" / "debian.sources").write_text(DEB822)
    release = tmp_path / "os-release"
    release.write_text(DEBIAN)
    monkeypatch.setattr(apt, "ETC", etc)
    monkeypatch.setattr(apt, "OS_RELEASE", release)
    monkeypatch.delenv("ODOO_HOME", raising=False)
    monkeypatch.delenv("ODOO_GIT", raising=False)
    return etc


@pytest.fixture
def archive(tmp_path, fake):
    """Write what the stand-in for apt knows: archive({"suite name": "version"})."""
    debs, index = tmp_path / "debs", tmp_path / "index"
    debs.mkdir()
    places = {"debs": debs, "index": index}
    fake("apt-get", APT_GET % places)
    fake("apt-cache", APT_CACHE % places)

    def write(known: dict[str, str]) -> Path:
        lines = [f"{name} {version}\n" for name, version in known.items()]
        index.write_text("".join(lines))
        return debs

    return write


def make_deb(debs: Path, links: dict[str, str]) -> None:
    """Build a package that looks like Odoo's, with links to what others hold."""
    tree = debs / "tree"
    addons = tree / "usr/lib/python3/dist-packages/odoo/addons"
    (addons / "mail/static").mkdir(parents=True)
    for name, target in links.items():
        (addons / name).symlink_to(target)
    (tree / "DEBIAN").mkdir()
    control = "Package: odoo-19\nVersion: 19.0.1\nArchitecture: all\n"
    control += "Maintainer: a <a@b.c>\nDescription: stand-in\n"
    (tree / "DEBIAN" / "control").write_text(control)
    command = ["dpkg-deb", "--build", "--root-owner-group", tree, debs / "odoo.deb"]
    subprocess.run(command, check=True, capture_output=True)


def test_checkout_named_by_odoo_home_is_used_as_it_is(checkout, stand_in, monkeypatch):
    monkeypatch.setenv("ODOO_HOME", str(stand_in))
    found = odoo.provide(checkout)
    assert found.package_root == stand_in
    assert found.addons == (stand_in / "odoo/addons", stand_in / "addons")
    assert found.version.startswith("19.0 ")
    assert not checkout.state.exists(), "nothing is fetched"


@pytest.mark.parametrize(
    ("release", "said"),
    [(None, "No Odoo lies in"), ("version_info = (18, 0, 0)", "not of series 19.0")],
)
def test_odoo_home_without_odoo_19_says_so(
    checkout, stand_in, monkeypatch, release, said
):
    monkeypatch.setenv("ODOO_HOME", str(stand_in))
    path = stand_in / "odoo" / "release.py"
    path.write_text(release) if release else path.unlink()
    with pytest.raises(Failure, match=said) as caught:
        odoo.provide(checkout)
    assert "ODOO_HOME" in caught.value.advice


def test_package_is_unpacked_from_the_first_suite_that_has_19(checkout, archive):
    debs = archive({"own odoo-19": "18.0-1", "unstable odoo-19": "19.0.0+dfsg-1"})
    make_deb(debs, {"font.ttf": "/no/such/font"})
    checkout.prepare()
    found = odoo.provide(checkout)
    assert found.version == "19.0 19.0.0+dfsg-1"
    assert (found.addons[0] / odoo.STUB).is_file(), "the library that Debian left out"
    assert not list(checkout.state.glob("apt*")), "the lists are of no more use"
    (debs / "odoo.deb").unlink()
    assert odoo.provide(checkout) == found, "and nothing is fetched again"


def test_script_that_leads_nowhere_stops_the_set_up(checkout, archive):
    debs = archive({"own odoo-19": "19.0.1"})
    make_deb(debs, {"jquery.js": "../../no/such.js"})
    checkout.prepare()
    with pytest.raises(Failure, match="jquery.js") as caught:
        odoo.provide(checkout)
    assert "ODOO_HOME" in caught.value.advice


def test_font_of_the_right_version_is_taken_from_an_older_suite(tmp_path, archive):
    name = "fonts-font-awesome"
    archive({f"unstable {name}": "7.0", f"own {name}": "5+4.7.0~x"})
    lists = apt.Apt(tmp_path / "lists")
    lists.update()
    order = ("unstable", "own")
    assert lists.find(name, r".*4\.7\.", order).suite == "own"
    assert lists.find(name, "", order).version == "7.0"
    assert lists.find("fonts-unknown") is None


def test_without_a_package_the_repository_is_cloned(
    checkout, archive, stand_in, monkeypatch, capsys
):
    archive({"own odoo-14": "14.0"})
    monkeypatch.setattr(odoo, "REPOSITORY", str(stand_in))
    checkout.prepare()
    found = odoo.provide(checkout)
    assert found.package_root == checkout.state / "odoo"
    assert (found.addons[1] / "README").is_file()
    assert "No suite of this distribution has the package" in capsys.readouterr().err


def test_given_repository_comes_before_the_packages(
    checkout, fake, stand_in, monkeypatch
):
    fake("apt-get", "exit 99")
    monkeypatch.setenv("ODOO_GIT", str(stand_in))
    checkout.prepare()
    left_over = checkout.state / "odoo" / "half of a clone"
    left_over.mkdir(parents=True)
    assert odoo.provide(checkout).package_root == checkout.state / "odoo"
    assert not left_over.exists(), "an interrupted fetch is redone from the start"


def test_without_network_the_advice_is_about_the_network(checkout, fake):
    unreachable = "Could not resolve host: packages.invalid"
    fake("apt-get", f"echo 'W: Failed to fetch: {unreachable}'; exit 100")
    fake("git", f"echo 'fatal: unable to access: {unreachable}'; exit 128")
    checkout.prepare()
    with pytest.raises(Failure) as caught:
        odoo.provide(checkout)
    assert "git clone" in caught.value.what
    assert "network" in caught.value.advice


def test_repository_without_the_branch_says_so(checkout, tmp_path, monkeypatch):
    subprocess.run(["git", "init", "--quiet", tmp_path / "empty"], check=True)
    monkeypatch.setenv("ODOO_GIT", str(tmp_path / "empty"))
    checkout.prepare()
    with pytest.raises(Failure) as caught:
        odoo.provide(checkout)
    assert "Remote branch 19.0 not found" in caught.value.what
    assert "ODOO_GIT" in caught.value.advice


def test_source_of_another_suite_is_made_from_the_machines_own(machine):
    made = apt.derived_sources("unstable")
    assert "URIs: http://packages.invalid/debian\n" in made
    assert "Suites: unstable\nComponents: main\n" in made
    assert "Signed-By: /usr/share/keyrings/some.gpg" in made
    (machine / "sources.list.d" / "debian.sources").unlink()
    assert apt.derived_sources("testing") == ""
    (machine / "sources.list").write_text(f"# a comment\n{ONE_LINE}")
    made = apt.derived_sources("testing")
    assert "URIs: http://packages.invalid/x\nSuites: testing\n" in made
    assert "Signed-By: /k.gpg" in made


def test_no_source_is_made_up_for_another_system_than_debian(tmp_path):
    (tmp_path / "os-release").write_text("ID=ubuntu\nVERSION_CODENAME=bookworm\n")
    assert apt.derived_sources("unstable") == ""
