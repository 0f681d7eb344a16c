"""Where things are: the checkout, its ignored state folder, and the locks on it."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from .process import run
from .ui import Failure, say, step

ADDON = "partner_managed_subscription"
# Folders whose files change nothing in an installed database.
NOT_INSTALLED = ("dev/", "tests/", "bench/", ".ci/", "static/", "docs/")
NOT_INSTALLED_SUFFIXES = (".md", ".toml", ".cfg", ".json", "Makefile")


@dataclass(frozen=True)
class Project:
    """One checkout of the addon, and the places of all that the tool makes for it."""

    root: Path

    @property
    def state(self) -> Path:
        return self.root / ".dev"

    @property
    def venv(self) -> Path:
        return self.state / "venv"

    @property
    def python(self) -> Path:
        return self.venv / "bin" / "python"

    @property
    def odoo_bin(self) -> Path:
        return self.venv / "bin" / "odoo"

    @property
    def addons(self) -> Path:
        return self.state / "addons"

    @property
    def addon(self) -> Path:
        return self.addons / ADDON

    @property
    def config(self) -> Path:
        return self.state / "odoo.conf"

    @property
    def lock_file(self) -> Path:
        return self.root / "dev" / "requirements.lock"

    def requirements(self, name: str) -> Path:
        """Return the file that names the addons for one purpose alone."""
        return self.root / "dev" / f"requirements-{name}.txt"

    def log(self, name: str) -> Path:
        """Return the log file of one step."""
        return self.state / "log" / f"{name}.log"

    @cached_property
    def mark(self) -> str:
        """Eight letters that tell this checkout from every other on the machine."""
        return digest([str(self.root)])[:8]

    def prepare(self) -> None:
        """Make the state folder and the link that gives the addon its name.

        Raises Failure where the folder cannot be written or its name cannot be used.
        """
        if "," in str(self.root) or "\n" in str(self.root):
            raise Failure(
                f"The checkout's path holds a comma or a line break: {self.root}",
                "Odoo separates paths by commas. Rename or move the folder.",
            )
        try:
            self.addons.mkdir(parents=True, exist_ok=True)
            (self.state / "log").mkdir(exist_ok=True)
            if not self.addon.is_symlink() or self.addon.resolve() != self.root:
                # Two commands may do this at once: put the link there in one go.
                link = self.state / f".link.{os.getpid()}"
                link.symlink_to(os.path.relpath(self.root, self.addons))
                link.replace(self.addon)
            probe = self.state / ".write"
            probe.touch()
            probe.unlink()
        except OSError as error:
            raise Failure(
                f"Cannot write to {self.state}: {error.strerror}",
                "Check the owner of the folder and the free disk space. A .dev folder "
                "made by root belongs to root: `sudo make clean` removes it.",
            ) from error

    def files(self) -> list[str]:
        """List the checkout's files, committed or not, without the ignored ones."""
        listed = run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=self.root,
            advice="git is needed, and the folder must be a git checkout.",
        ).stdout.split("\0")
        return sorted({name for name in listed if (self.root / name).is_file()} - {""})

    def code_hash(self) -> str:
        """Return a hash of every file that can change an installed database."""
        names = [
            name
            for name in self.files()
            if not name.startswith(NOT_INSTALLED)
            and not name.endswith(NOT_INSTALLED_SUFFIXES)
        ]
        return digest(
            part for name in names for part in (name, (self.root / name).read_bytes())
        )

    @contextmanager
    def exported(self, target: Path) -> Iterator[Path]:
        """Give a copy of the checkout's files in a folder named as the addon."""
        copy = target / ADDON
        shutil.rmtree(target, ignore_errors=True)
        try:
            for name in self.files():
                (copy / name).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy2(self.root / name, copy / name)
            yield copy
        finally:
            shutil.rmtree(target, ignore_errors=True)


def digest(parts: Iterable[str | bytes]) -> str:
    """Return a hash of the parts, each told from its neighbours."""
    total = hashlib.sha256()
    for part in parts:
        data = part.encode() if isinstance(part, str) else part
        total.update(len(data).to_bytes(8, "big") + data)
    return total.hexdigest()


def built(target: Path, key: str, label: str, build: Callable[[], None]) -> bool:
    """Build a folder unless it was finished with this key. Return whether it was built.

    The stamp is written last: what an interrupted build left is wiped and redone.
    """
    stamp = target / ".stamp"
    if stamp.is_file() and stamp.read_text() == key:
        return False
    with step(label):
        if target.exists():
            shutil.rmtree(target)
        target.mkdir(parents=True)
        build()
        stamp.write_text(key)
    return True


@contextmanager
def locked(
    path: Path, *, shared: bool = False, busy: Failure | None = None
) -> Iterator[int]:
    """Hold a lock on a file; the system lets go of it when the process ends.

    Says so when it has to wait, or raises `busy` instead if that is given.
    """
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    kind = fcntl.LOCK_SH if shared else fcntl.LOCK_EX
    try:
        try:
            fcntl.flock(handle, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            if busy:
                raise busy from None
            say("  ... waiting for another command of this checkout (demo, ...)")
            fcntl.flock(handle, kind)
        yield handle
    finally:
        os.close(handle)


def find_root() -> Path:
    """Return the checkout that this tool lies in."""
    return Path(__file__).resolve().parent.parent


def write(path: Path, text: str) -> None:
    """Write a small file whole, and only if it says something else: others read it."""
    if not path.is_file() or path.read_text() != text:
        fresh = path.with_name(f".{path.name}.{os.getpid()}")
        fresh.write_text(text)
        fresh.replace(path)
