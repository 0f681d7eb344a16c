"""Finds or fetches Odoo 19: ODOO_HOME, Debian's package or Odoo's repository."""

from __future__ import annotations

import os
import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .apt import SUITES, Apt, Found
from .process import run
from .project import Project, built, digest
from .ui import Failure, say

SERIES = "19.0"
REPOSITORY = "https://github.com/odoo/odoo"
RECIPE = "3"  # raise it when the way Odoo is unpacked changes
# Debian's package, and what it takes from other packages: name, version wanted.
# Odoo needs Font Awesome 4.7; newer suites have a later one, and Inconsolata elsewhere.
PACKAGE = ("odoo-19", r"19\.0")
PARTS = (
    ("libjs-jquery", ""),
    ("libjs-jquery-form", ""),
    ("libjs-underscore", ""),
    ("fonts-roboto-unhinted", ""),
    ("fonts-ocr-b", ""),
    ("fonts-montserrat", ""),
    ("fonts-font-awesome", r".*4\.7\."),
    ("fonts-inconsolata", r"001\.010"),
)
# Debian leaves this library out (it blurs the background of video calls). Without the
# file Odoo cannot bundle its screens; nothing in it is called outside such a call.
STUB = Path("mail/static/lib/selfie_segmentation/selfie_segmentation.js")


@dataclass(frozen=True)
class Odoo:
    """Where Odoo lies: what Python imports, where its addons are, what it is."""

    package_root: Path
    addons: tuple[Path, ...]
    version: str


def provide(project: Project) -> Odoo:
    """Return Odoo 19, fetching it when it is not there yet. Raises Failure."""
    if home := os.environ.get("ODOO_HOME"):
        return _checkout(Path(home).expanduser().resolve())
    target = project.state / "odoo"
    key = digest([RECIPE, str(PACKAGE), str(PARTS), os.environ.get("ODOO_GIT", "")])
    built(target, key, "Odoo 19: fetch and unpack", lambda: _fetch(project, target))
    return locate(target)


def is_ready(project: Project) -> bool:
    """Tell whether `provide` would fetch nothing."""
    return (
        bool(os.environ.get("ODOO_HOME"))
        or (project.state / "odoo" / ".stamp").is_file()
    )


def locate(target: Path) -> Odoo:
    """Describe the Odoo unpacked from a package or cloned into `target`."""
    packaged = target / "usr" / "lib" / "python3" / "dist-packages"
    if not packaged.is_dir():
        return _checkout(target)
    version = (target / "version").read_text()
    return Odoo(packaged, (packaged / "odoo" / "addons",), version)


def _checkout(home: Path) -> Odoo:
    """Describe a source checkout. Raises Failure for none, or another series."""
    release = home / "odoo" / "release.py"
    if not release.is_file():
        raise Failure(
            f"No Odoo lies in {home}",
            "ODOO_HOME must name a checkout of Odoo 19, the folder with odoo-bin.",
        )
    text = release.read_text()
    series = re.search(r"version_info = \((\d+), *(\d+)", text)
    if not series or f"{series[1]}.{series[2]}" != SERIES:
        raise Failure(
            f"The Odoo in {home} is not of series {SERIES}",
            f"Check out branch {SERIES} there, or unset ODOO_HOME.",
        )
    head = run(["git", "-C", home, "rev-parse", "HEAD"], check=False)
    commit = head.stdout.strip() if head.returncode == 0 else digest([text])
    addons = (home / "odoo" / "addons", home / "addons")
    return Odoo(home, addons, f"{SERIES} {commit[:12]} {home}")


def _fetch(project: Project, target: Path) -> None:
    reason = "ODOO_GIT is set" if os.environ.get("ODOO_GIT") else ""
    if not reason:
        try:
            return _unpack(project, target)
        except Unavailable as error:
            reason = str(error)
    say(f"      {reason}: cloning Odoo's repository instead")
    repository = os.environ.get("ODOO_GIT") or REPOSITORY
    run(
        [
            "git",
            "clone",
            "--quiet",
            "--depth=1",
            f"--branch={SERIES}",
            repository,
            target,
        ],
        log=project.log("odoo-clone"),
        advice=f"Set ODOO_HOME to a checkout of Odoo {SERIES}, or ODOO_GIT to the "
        "address of a repository that has it.",
    )
    _checkout(target)


class Unavailable(Failure):
    """The distribution's packages cannot give Odoo 19."""


def _unpack(project: Project, target: Path) -> None:
    apt = Apt(project.state / "apt")
    try:
        apt.update()
    except Failure as error:
        raise Unavailable(error.what) from error
    odoo = apt.find(*PACKAGE)
    if not odoo:
        raise Unavailable("No suite of this distribution has the package odoo-19")
    packages = [odoo, *_parts(apt, odoo)]
    say(f"      {odoo.name} {odoo.version} from {odoo.suite}: 120 MB to download")
    apt.unpack(packages, target, project.log("odoo-download"))
    (target / "version").write_text(f"{SERIES} {odoo.version}")
    stub = locate(target).addons[0] / STUB
    if not stub.exists():
        stub.parent.mkdir(parents=True, exist_ok=True)
        stub.write_text(
            "// Not packaged: only video calls with a blurred background use it.\n"
        )
    _check_links(target)
    shutil.rmtree(apt.folder)


def _parts(apt: Apt, odoo: Found) -> list[Found]:
    """Find what Odoo's links point at: first where Odoo itself was found."""
    order = (odoo.suite, *(suite for suite in SUITES if suite != odoo.suite))
    with ThreadPoolExecutor() as pool:
        packages = pool.map(lambda part: apt.find(*part, order), PARTS)
    found = {name: package for (name, _), package in zip(PARTS, packages, strict=True)}
    for name in (name for name, package in found.items() if not package):
        say(f"      package {name} was not found: left out")
    return [package for package in found.values() if package]


def _check_links(target: Path) -> None:
    """Say which links of the package lead nowhere. Raises Failure for a script's."""
    broken = [
        path for path in target.rglob("*") if path.is_symlink() and not path.exists()
    ]
    for path in broken:
        say(f"      leads nowhere: {path.relative_to(target)}")
    scripts = [path for path in broken if path.suffix == ".js"]
    if scripts:
        raise Failure(
            f"Odoo's package lacks {', '.join(path.name for path in scripts)}",
            "The distribution moved a file. Set ODOO_HOME to a source checkout of "
            f"Odoo {SERIES}, and report the lines above.",
        )
