"""PostgreSQL: the server that PGHOST and its like name, or a private one."""

from __future__ import annotations

import fcntl
import json
import os
import pwd
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .apt import Apt
from .process import clean_environment, run
from .project import Project, built, digest, locked
from .ui import Failure, step

ROLE = "odoo"
PORT = 5432
# A unix socket's path holds 107 bytes; the server appends its own file name.
LONGEST_SOCKET_FOLDER = 107 - len(f"/.s.PGSQL.{PORT}")
MAY_CREATE = "SELECT rolcreatedb OR rolsuper FROM pg_roles WHERE rolname = current_user"
GIVEN = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGPORT")
SETTINGS = """\
listen_addresses = ''
unix_socket_directories = '{socket}'
max_connections = 300
shared_buffers = 512MB
work_mem = 16MB
maintenance_work_mem = 256MB
effective_cache_size = 4GB
random_page_cost = 1.1
max_wal_size = 4GB
checkpoint_timeout = 30min
{safety}log_min_messages = warning
"""
ROLE_SETTINGS = f"ALTER ROLE {ROLE} SET jit = off"
# The databases here can be made again at any time: speed before safety, unless asked.
UNSAFE = "fsync = off\nsynchronous_commit = off\nfull_page_writes = off\n"


def is_given() -> bool:
    """Tell whether the environment names an existing server."""
    return any(os.environ.get(name) for name in GIVEN)


def check_given(python: Path) -> bool:
    """Check that the server which the environment names can be worked with.

    Return whether it could be asked: psql is there, or the virtual environment is.

    :raise Failure: when it cannot be worked with, with the reason in one sentence
    """
    if os.environ.get("PGUSER") == "postgres":
        raise Failure(
            "Odoo refuses to work as the PostgreSQL role postgres.",
            "Make another one: `createuser --createdb odoo`, then PGUSER=odoo.",
        )
    if psql := shutil.which("psql"):
        result = run([psql, "-AtXwc", MAY_CREATE, "postgres"], check=False)
    elif python.exists():
        asked = json.dumps({"database": "postgres", "statements": [[MAY_CREATE, []]]})
        script = Path(__file__).with_name("query.py")
        result = run([python, script], input=asked, check=False)
    else:
        return False
    if result.returncode:
        raise _given_failure(result.stdout)
    if result.stdout.strip() not in ("t", "[[true]]"):
        raise Failure(
            "The PostgreSQL role may not create databases.",
            "As a superuser: ALTER ROLE ... CREATEDB; or unset PGHOST for a private "
            "server.",
        )
    return True


def _given_failure(said: str) -> Failure:
    """Build the Failure of a server that lets nobody in, from what the client said."""
    if unknown := re.search(r'role "(.+)" does not exist', said):
        return Failure(
            f"The PostgreSQL server has no role {unknown[1]}.",
            f"Make it: `createuser --createdb {unknown[1]}`, or set PGUSER to another.",
        )
    reason = re.search(r".*(?:failed|error): +(.+)", said, re.IGNORECASE)
    return Failure(
        f"The PostgreSQL server cannot be used: {reason[1] if reason else said}",
        "Check PGHOST, PGPORT, PGUSER and PGPASSWORD, or unset them for a private "
        "server.",
    )


@dataclass(frozen=True)
class Account:
    """Whom the private server runs as: oneself, but another account when root."""

    name: str
    uid: int
    gid: int

    @property
    def options(self) -> dict[str, object]:
        """Options for `run` that run a program as this account."""
        if self.uid == os.getuid():
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "cwd": "/"}


def server_account() -> Account:
    """Return the account for the server. Raises Failure when root finds none."""
    if os.getuid():
        return Account("", os.getuid(), os.getgid())
    for name in ("postgres", "nobody"):
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name, entry.pw_uid, entry.pw_gid)
    raise Failure(
        "PostgreSQL does not run as root, and there is no account postgres or nobody.",
        "Run the command as an ordinary user, or `useradd --system postgres`.",
    )


@dataclass(frozen=True)
class Postgres:
    """A private server: its programs, its folder and who runs it."""

    project: Project
    bin: Path
    folder: Path
    account: Account

    @property
    def data(self) -> Path:
        """The databases' folder, another one for each version of the programs."""
        return self.folder / f"data-{self.bin.parent.name}"

    @property
    def socket(self) -> Path:
        """The socket's folder: a short one elsewhere when the path is too long."""
        own = self.folder / "run"
        fits = len(os.fsencode(own)) <= LONGEST_SOCKET_FOLDER
        return own if fits else short_folder(self.project)

    @property
    def environment(self) -> dict[str, str]:
        """What clients need; downloaded programs find the libraries beside them."""
        path = f"{self.bin}{os.pathsep}{os.environ.get('PATH', os.defpath)}"
        names = {"PGHOST": str(self.socket), "PGPORT": str(PORT), "PGUSER": ROLE}
        libraries = self.bin.parents[2].glob("*/libpq.so.5")
        if self.bin.is_relative_to("/usr") or not (found := next(libraries, None)):
            return {**names, "PATH": path}
        return {**names, "PATH": path, "LD_LIBRARY_PATH": str(found.parent)}

    @contextmanager
    def running(self) -> Iterator[None]:
        """Have the server run; stop it at the end unless another command needs it.

        Each user holds a shared lock, which ends with its process: whoever gets the
        lock alone at the end is the last and stops the server.
        """
        gate, users = (self.project.state / name for name in ("pg.gate", "pg.users"))
        with locked(users, shared=True) as handle:
            with locked(gate):
                self._start()
            try:
                yield
            finally:
                with locked(gate):
                    try:
                        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError:
                        pass
                    else:
                        self.stop()

    def is_running(self) -> bool:
        """Tell whether a server runs on the folder, whoever started it."""
        self._drop_stale_pid()
        return self._control("status", check=False).returncode == 0

    def stop(self) -> None:
        """Stop the server, ending its connections. Does nothing if none runs."""
        if self.data.exists() and self.is_running():
            self._control("stop", "--mode=fast", "-w", "-t", "60")

    def _start(self) -> None:
        if not (self.data / "PG_VERSION").is_file():
            with step("PostgreSQL: make a private server"):
                self._initialise()
        if self.is_running():
            return
        self._private_folder(self.socket)
        safety = "" if os.environ.get("PMS_FSYNC") else UNSAFE
        quoted = str(self.socket).replace("'", "''")
        settings = self.data / "postgresql.conf"
        settings.write_text(SETTINGS.format(socket=quoted, safety=safety))
        self._control("start", "-w", "-t", "60", "-l", str(self.folder / "server.log"))
        self._settle()

    def _settle(self) -> None:
        """Switch jit off for our role, as an installation of the addon should.

        A session may still switch it on: `PGOPTIONS="-c jit=on" make bench`.
        """
        command = [self.bin / "psql", "-qXc", ROLE_SETTINGS, "postgres"]
        run(command, env=clean_environment(self.environment))

    def _initialise(self) -> None:
        shutil.rmtree(self.data, ignore_errors=True)
        self._private_folder(self.folder)
        making = self.folder / "making"
        run(["rm", "-rf", making])
        run(
            [self.bin / "initdb", "-D", making, "-U", ROLE, "-A", "trust"]
            + ["-E", "UTF8", "--no-locale", "--no-sync"],
            log=self.project.log("initdb"),
            env=clean_environment(self.environment),
            **self.account.options,
        )
        making.rename(self.data)

    def _private_folder(self, folder: Path) -> None:
        """Make a folder that only the server's account can enter."""
        folder.mkdir(parents=True, exist_ok=True)
        status = folder.lstat()
        if folder.is_symlink() or status.st_uid not in {os.getuid(), self.account.uid}:
            raise Failure(
                f"{folder} belongs to somebody else",
                "Remove it, or have its owner remove it.",
            )
        os.chown(folder, self.account.uid, self.account.gid)
        folder.chmod(0o700)

    def _drop_stale_pid(self) -> None:
        """Remove the pid file of a server that died and whose number was given anew.

        pg_ctl would take any process with that number for the server.
        """
        pid_file = self.data / "postmaster.pid"
        if not pid_file.is_file():
            return
        pid = pid_file.read_text().split("\n")[0].strip()
        name = Path(f"/proc/{pid}/comm")
        if not name.is_file() or not name.read_text().startswith("postgres"):
            pid_file.unlink()

    def _control(self, *args: str, check: bool = True):
        log = self.folder / "server.log"
        command = [self.bin / "pg_ctl", "-D", self.data, *args]
        # The server inherits pg_ctl's output: a pipe would never end.
        with tempfile.TemporaryFile("w+") as output:
            result = subprocess.run(
                [str(part) for part in command],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                env=clean_environment(self.environment),
                **self.account.options,
            )
            output.seek(0)
            said = output.read()
        if check and result.returncode:
            tail = log.read_text()[-1500:] if log.is_file() else ""
            raise Failure(
                f"PostgreSQL would not {args[0]}:\n{said}{tail}",
                f"See {log}; `make clean` starts anew.",
            )
        return result


def provide(project: Project) -> Postgres:
    """Return the private server, its programs downloaded if need be; not started."""
    account = server_account()
    place = _place(project, account)
    return Postgres(project, _programs(project, place), place / "postgres", account)


def _place(project: Project, account: Account) -> Path:
    """Return a folder that the account can reach: the state folder if it can."""
    if _reaches(account, project.state):
        return project.state
    place = fallback_place(project)
    place.mkdir(mode=0o755, exist_ok=True)
    if place.is_symlink() or place.lstat().st_uid != os.getuid():
        raise Failure(
            f"{place} belongs to somebody else", "Remove it, or move the checkout."
        )
    return place


def fallback_place(project: Project) -> Path:
    """Return where the server lies if its account cannot enter the checkout."""
    return Path("/var/tmp") / f"pms-{os.getuid()}-{project.mark}"


def short_folder(project: Project) -> Path:
    """Return where the server's socket lies if the checkout's path is too long."""
    return Path("/tmp") / f"pms-{os.getuid()}-{project.mark}"


def _reaches(account: Account, folder: Path) -> bool:
    command = ["/bin/sh", "-c", 'cd -- "$1"', "sh", str(folder)]
    options = account.options
    return (
        subprocess.run(command, capture_output=True, check=False, **options).returncode
        == 0
    )


def installed_programs() -> Path | None:
    """Return the folder of the newest PostgreSQL server on this machine, if any."""
    folders = [
        path.parent
        for path in Path("/usr/lib/postgresql").glob("*/bin/initdb")
        if path.parent.parent.name.isdigit()
    ]
    if folders:
        return max(folders, key=lambda folder: int(folder.parent.name))
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found else None


def _programs(project: Project, place: Path) -> Path:
    if found := installed_programs():
        return found
    prefix = place / "postgres-programs"
    built(
        prefix,
        digest(["1"]),
        "PostgreSQL: fetch the distribution's packages",
        lambda: _download(project, prefix),
    )
    return next(prefix.glob("usr/lib/postgresql/*/bin"))


def _download(project: Project, prefix: Path) -> None:
    advice = "Install PostgreSQL with your package manager, or set PGHOST to a server."
    apt = Apt(project.state / "apt-postgres")
    try:
        apt.update()
        packages = apt.missing_for("postgresql")
        apt.unpack(packages, prefix, project.log("postgres-download"))
    except Failure as error:
        raise Failure(error.what, error.advice or advice) from error
    if not list(prefix.glob("usr/lib/postgresql/*/bin/initdb")):
        raise Failure("The distribution has no package of a PostgreSQL server.", advice)
    shutil.rmtree(apt.folder)
