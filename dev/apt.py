"""Debian packages without touching the system: private package lists, own prefix."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from .process import run
from .ui import Failure

ETC = Path("/etc/apt")
OS_RELEASE = Path("/etc/os-release")
OWN = "own"
# Where a package is looked for, in this order; "own" is what the machine is set up for.
SUITES = (OWN, "testing", "unstable")


@dataclass(frozen=True)
class Found:
    """A package in one suite, at one version."""

    name: str
    version: str
    suite: str


class Apt:
    """Package lists of several suites, each in a folder of its own below `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def update(self) -> None:
        """Fetch the lists of every suite that the machine's sources lead to.

        Raises Failure when there is no apt-get, or not one list could be fetched.
        """
        if not shutil.which("apt-get"):
            raise Failure("This machine has no apt-get.")
        with ThreadPoolExecutor(len(SUITES)) as pool:
            logs = list(pool.map(self._update, SUITES))
        if not any((self.folder / suite / "fetched").exists() for suite in SUITES):
            raise Failure(f"No Debian package list could be fetched:\n{logs[0][-500:]}")

    def find(
        self, name: str, pattern: str = "", suites: Iterable[str] = SUITES
    ) -> Found | None:
        """Return the first version that matches, in the suites' order, or None."""
        for suite in suites:
            if not (self.folder / suite / "fetched").exists():
                continue
            listed = self._apt("apt-cache", suite, "madison", name).stdout
            for line in listed.splitlines():
                cells = [cell.strip() for cell in line.split("|")]
                if len(cells) == 3 and re.match(pattern, cells[1]):
                    return Found(name, cells[1], suite)
        return None

    def unpack(self, packages: Iterable[Found], prefix: Path, log: Path) -> None:
        """Download packages and unpack them below `prefix`. Raises Failure."""
        debs = self.folder / "debs"
        shutil.rmtree(debs, ignore_errors=True)
        debs.mkdir(parents=True)
        by_suite: dict[str, list[str]] = {}
        for package in packages:
            wanted = f"{package.name}={package.version}"
            by_suite.setdefault(package.suite, []).append(wanted)
        for suite, names in by_suite.items():
            self._apt("apt-get", suite, "download", *names, cwd=debs, log=log)
        for deb in sorted(debs.glob("*.deb")):
            run(["dpkg", "-x", deb, prefix], log=log)
        shutil.rmtree(debs)

    def missing_for(self, name: str) -> list[Found]:
        """List the packages that installing `name` from the own suites would add."""
        plan = self._apt(
            "apt-get", OWN, "install", "--simulate", "--no-install-recommends", name
        ).stdout
        planned = re.compile(r"^Inst (\S+) (?:\[\S+\] )?\((\S+)", re.MULTILINE)
        return [Found(name, version, OWN) for name, version in planned.findall(plan)]

    def _update(self, suite: str) -> str:
        state = self.folder / suite
        for part in ("lists/partial", "cache/archives/partial", "parts"):
            (state / part).mkdir(parents=True, exist_ok=True)
        if suite != OWN:
            sources = derived_sources(suite)
            if not sources:
                return ""
            (state / "parts" / "suite.sources").write_text(sources)
        result = self._apt("apt-get", suite, "update", check=False)
        if list((state / "lists").glob("*Packages*")):
            (state / "fetched").touch()
        return result.stdout

    def _apt(self, program: str, suite: str, *args: str, **options):
        state = self.folder / suite
        settings = {
            "Dir::State::lists": state / "lists",
            "Dir::Cache": state / "cache",
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
        }
        if suite != OWN:
            settings["Dir::Etc::sourcelist"] = Path("/dev/null")
            settings["Dir::Etc::sourceparts"] = state / "parts"
        flags = [f"-o{key}={value}" for key, value in settings.items()]
        return run([program, *flags, *args], **options)


def derived_sources(suite: str) -> str:
    """Return the machine's own Debian source with another suite, or "" if none is."""
    codename = _codename()
    for path in sorted(ETC.glob("sources.list.d/*.sources")):
        for paragraph in re.split(r"\n\s*\n", path.read_text()):
            fields = dict(re.findall(r"^(\S+):[ \t]*(.+)$", paragraph, re.MULTILINE))
            if codename in fields.get("Suites", "").split():
                return _paragraph(suite, fields["URIs"], fields.get("Signed-By", ""))
    for path in [ETC / "sources.list", *sorted(ETC.glob("sources.list.d/*.list"))]:
        for line in path.read_text().splitlines() if path.is_file() else ():
            entry = re.match(r"deb\s+(?:\[(.*?)\]\s+)?(\S+)\s+(\S+)\s", line)
            if entry and entry[3] == codename:
                key = re.search(r"signed-by=(\S+)", entry[1] or "")
                return _paragraph(suite, entry[2], key[1] if key else "")
    return ""


def _paragraph(suite: str, uris: str, key: str) -> str:
    lines = ["Types: deb", f"URIs: {uris}", f"Suites: {suite}", "Components: main"]
    return "\n".join(lines + ([f"Signed-By: {key}"] if key else [])) + "\n"


def _codename() -> str:
    """Return the release's codename, "" for another system than Debian."""
    release = OS_RELEASE.read_text() if OS_RELEASE.is_file() else ""
    fields = dict(re.findall(r'^(\w+)="?(.*?)"?$', release, re.MULTILINE))
    return fields.get("VERSION_CODENAME", "") if fields.get("ID") == "debian" else ""
