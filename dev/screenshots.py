"""`make screenshots`: a demo database of its own, a server, the camera, an index."""

from __future__ import annotations

import argparse
import datetime
import json
import os
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from pathlib import Path

from . import screens, system, venv
from .process import foreground, stop
from .project import ADDON, digest
from .ui import Failure, say
from .workspace import DEPENDENCIES_HAVE_DEMO, Workspace

START_SECONDS = 60
STYLE = """
body { font: 14px sans-serif; margin: 1em }
table { border-collapse: collapse }
th, td { border: 1px solid #ccc; padding: 4px; vertical-align: top; text-align: left }
img { border: 1px solid #eee; max-height: 400px; object-fit: contain }
img { object-position: top }
.note { color: #b00; font-size: 12px; max-width: 260px }
"""


def read_arguments(args: Sequence[str]) -> argparse.Namespace:
    """Return what is meant: roles, languages, widths, and a part of the names."""
    roles = [role.name for role in screens.ROLES]
    parser = argparse.ArgumentParser(prog="make screenshots")
    parser.add_argument("roles", nargs="*", metavar="ROLE", help=", ".join(roles))
    parser.add_argument("--lang", choices=screens.LANGUAGES, help="one language")
    parser.add_argument("--width", choices=screens.WIDTHS, type=int, help="one width")
    parser.add_argument("--only", default="", help="screens with this in their names")
    found = parser.parse_args(args)
    if unknown := set(found.roles) - set(roles):
        parser.error(f"no role {', '.join(sorted(unknown))}; there are {roles}")
    return found


def take(workspace: Workspace, port: int, args: argparse.Namespace) -> int:
    """Take the screens that are meant, and write the index of all that are there.

    :raise Failure: without a browser, or when the demo data cannot be loaded
    """
    browser = system.find("chromium")
    if not browser:
        raise Failure("There is no Chromium.", "`make setup` installs it, or says how.")
    folder = workspace.project.state / "screenshots"
    with workspace.alone():
        beside = venv.provide_beside(workspace.project, "screenshots")
        database = _build_database(workspace)
    asked = {
        "address": f"http://localhost:{port}",
        "browser": browser,
        "folder": str(folder),
        "roles": args.roles or [role.name for role in screens.ROLES],
        "languages": [args.lang] if args.lang else list(screens.LANGUAGES),
        "widths": [args.width] if args.width else screens.WIDTHS,
        "only": args.only,
        "at_once": len(os.sched_getaffinity(0)),
    }
    with _serving(workspace, database, port):
        code = _run_camera(workspace, beside, asked)
    index = write_index(folder)
    say(f"\n{index.relative_to(workspace.project.root)}")
    return code


def _build_database(workspace: Workspace) -> str:
    """Return a database with the demo of today and of the code as it is; drop others.

    :raise Failure: when the demo data cannot be loaded
    """
    template = workspace.template()
    today = datetime.date.today().isoformat()
    parts = digest([template, workspace.project.code_hash(), today])
    prefix = f"pms_{workspace.project.mark}_screenshots_"
    name = f"{prefix}{parts[:10]}"
    for old in set(workspace.databases(prefix)) - {name}:
        workspace.drop(old)
    args = ["-i", ADDON, "--with-demo"]
    label = f"Install {ADDON} with demo data"
    workspace.build(name, template, label, args, before=DEPENDENCIES_HAVE_DEMO)
    loaded = "SELECT demo FROM ir_module_module WHERE name = %s"
    if workspace.query(name, (loaded, [ADDON])) != [[True]]:
        workspace.drop(name)
        log = workspace.project.log(name)
        raise Failure("The demo data could not be loaded.", f"The log says why: {log}")
    return name


@contextmanager
def _serving(workspace: Workspace, database: str, port: int) -> Iterator[None]:
    """Have Odoo serve the database, without its scheduled actions: pictures of one run
    show one state."""
    command = [workspace.project.odoo_bin, "-d", database, f"--http-port={port}"]
    command += [f"--db-filter=^{database}$", "--workers=0", "--max-cron-threads=0"]
    log = workspace.project.log("screenshots")
    command += [f"--logfile={log}", "--log-level=warn"]
    child = subprocess.Popen(
        [str(part) for part in command],
        env=workspace.environment,
        start_new_session=True,
    )
    try:
        _wait(child, f"http://localhost:{port}/web/health", log)
        yield
    finally:
        stop(child, group=True)


def _wait(child: subprocess.Popen, address: str, log: Path) -> None:
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end and child.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=5):
                return
        except OSError:
            time.sleep(0.3)
    raise Failure("Odoo does not answer.", f"The log says why: {log}")


def _run_camera(workspace: Workspace, beside: Path, asked: dict) -> int:
    project = workspace.project
    request = project.state / "screenshots.json"
    request.write_text(json.dumps(asked))
    env = workspace.environment | {"PYTHONPATH": str(beside)}
    with request.open() as given:
        command = [project.python, "-m", "dev.camera"]
        return foreground(command, env=env, cwd=project.root, stdin=given)


def write_index(folder: Path) -> Path:
    """Write a page that shows what is in the folder: a table for each role, with each
    screen in every language and width side by side. Return its path."""
    columns = [(lang, width) for lang in screens.LANGUAGES for width in screens.WIDTHS]
    parts = [f"<!doctype html><meta charset='utf-8'><title>Screens</title>{_style()}"]
    for role in screens.ROLES:
        places = {column: _read(folder, role.name, column) for column in columns}
        names = list(dict.fromkeys(name for place in places.values() for name in place))
        if not names:
            continue
        head = "".join(f"<th>{lang} {width}</th>" for lang, width in columns)
        parts.append(f"<h2 id='{role.name}'>{role.name} ({role.login})</h2>")
        parts.append(f"<table><tr><th>screen</th>{head}</tr>")
        for name in names:
            cells = "".join(_draw(place.get(name)) for place in places.values())
            parts.append(f"<tr><th>{escape(name)}</th>{cells}</tr>")
        parts.append("</table>")
    path = folder / "index.html"
    folder.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(parts), encoding="utf-8")
    return path


def _style() -> str:
    return f"<style>{STYLE}</style>"


def _read(folder: Path, role: str, column: tuple[str, int]) -> dict[str, dict]:
    """Return what was taken, by name, with the path of its picture."""
    place = folder / role / column[0] / str(column[1])
    path = place / "shots.json"
    shots = json.loads(path.read_text()) if path.is_file() else []
    for shot in shots:
        if shot["file"]:
            shot["path"] = str((place / shot["file"]).relative_to(folder))
    return {shot["name"]: shot for shot in shots}


def _draw(shot: dict | None) -> str:
    if not shot:
        return "<td></td>"
    notes = "".join(f"<div class='note'>{escape(note)}</div>" for note in shot["notes"])
    path = escape(shot.get("path", ""))
    image = f"<img loading='lazy' width='260' src='{path}'>" if path else ""
    return f"<td><a href='{path}'>{image}</a>{notes}</td>"
