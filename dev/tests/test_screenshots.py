"""The pictures of all screens: what is asked for, how it is named, and the index."""

import http.server
import json
import os
import re
import subprocess
import threading
from unittest.mock import Mock

import pytest

from dev import camera, screens, screenshots, system, venv
from dev.project import Project, find_root
from dev.ui import Failure
from helpers import long_run

PAGES = {
    "/my": "<a href='/my/subscription/7'>Seats</a> <a href='/my/other'>Other</a>",
    "/my/subscription/7": "<a href='/my/subscription/7/teams/1'>One</a>"
    "<a href='/my/subscription/7/teams/2?page=2'>Two</a>"
    "<a href='/my/subscription/7/export/csv'>File</a>"
    "<a href='/fr/my/subscription/7/missing'>Gone</a>",
    "/my/subscription/7/teams/1": "<p style='width: 2000px'>Wide</p>"
    "<script>setTimeout(() => { document.title = nothing.at.all; })</script>",
}


@pytest.fixture
def site():
    """The address of a server that has some pages."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            text = PAGES.get(self.path)
            self.send_response(200 if text else 404)
            self.end_headers()
            html = f"<!doctype html><body id='wrapwrap'>{text or 'Gone'}</body>"
            self.wfile.write(html.encode())

        def log_message(self, *args):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def test_everything_is_asked_for_unless_some_is_named():
    asked = screenshots.read_arguments([])
    assert (asked.roles, asked.lang, asked.width, asked.only) == ([], None, None, "")
    args = ["vendor", "client", "--lang", "fr", "--width", "390", "--only", "renew"]
    asked = screenshots.read_arguments(args)
    assert asked.roles == ["vendor", "client"]
    assert (asked.lang, asked.width, asked.only) == ("fr", 390, "renew")


@pytest.mark.parametrize("wrong", [["nobody"], ["--lang", "de"], ["--width", "1"]])
def test_what_is_not_there_is_refused(wrong, capsys):
    with pytest.raises(SystemExit):
        screenshots.read_arguments(wrong)
    assert wrong[-1] in capsys.readouterr().err


def test_pages_of_one_route_are_one_screen():
    for address, pattern in (
        (
            "http://x:1/my/subscription/7/teams/12?page=2#a",
            "/my/subscription/N/teams/N",
        ),
        ("/fr/my/subscription/7", "/my/subscription/N"),
        ("/en_GB/my/", "/my"),
        ("/france/7a", "/france/7a"),
        ("http://x", "/"),
    ):
        assert camera.get_pattern(address) == pattern
    assert camera.is_followed("/my/subscription/N")
    assert not camera.is_followed("/my/subscription/N/export/csv")
    assert not camera.is_followed("/web/session/logout")


def test_each_name_is_one_screen():
    listed = (*screens.FORMS, *screens.BLANKS, *screens.SUBMITTED)
    names = [one.name for one in listed]
    assert len(names) == len(set(names))
    assert all(camera.get_slug(name) == name for name in names)


def test_roles_are_logins_of_the_demo():
    users = (find_root() / "demo" / "users.xml").read_text()
    logins = set(re.findall(r'name="login">(\w+)<', users))
    assert {role.login for role in screens.ROLES} <= logins


def test_a_run_of_a_few_leaves_what_was_taken_before(tmp_path):
    path = tmp_path / "shots.json"
    one, two = camera.Shot("one", "001-one.png"), camera.Shot("two", "002-two.png")
    camera.note(path, [one, two], is_whole=True)
    camera.note(path, [camera.Shot("two", "002-two.png", ["odd"])], is_whole=False)
    found = {shot["name"]: shot["notes"] for shot in json.loads(path.read_text())}
    assert found == {"one": [], "two": ["odd"]}
    camera.note(path, [one], is_whole=True)
    assert [shot["name"] for shot in json.loads(path.read_text())] == ["one"]


def test_a_language_is_set_until_it_is_there(tmp_path, monkeypatch):
    """Odoo may keep the former one, for a request that read it in between."""
    job = camera.Job(screens.ROLES[0], "fr", 390)
    taken = camera.Camera(Mock(), "", job, tmp_path, "")
    answers, written = ["en_US", "en_US", "fr_FR"], []

    def call(path, params):
        if path.endswith("call_kw"):
            written.append(params["args"])
            return True
        return {"uid": 7, "user_context": {"lang": answers.pop(0)}}

    monkeypatch.setattr(taken, "_call", call)
    taken._set_language("fr_FR")
    assert written == [[[7], {"lang": "fr_FR"}]] * 2
    answers += ["en_US"] * (camera.TRIES + 1)
    with pytest.raises(RuntimeError, match="keeps another language"):
        taken._set_language("fr_FR")


def test_index_shows_languages_and_widths_side_by_side(tmp_path):
    for width, notes in ((1400, []), (390, ["scrolls <sideways>"])):
        place = tmp_path / "client" / "fr" / str(width)
        place.mkdir(parents=True)
        shot = camera.Shot("overview", "001-overview.png", notes)
        camera.note(place / "shots.json", [shot], is_whole=True)
    text = screenshots.write_index(tmp_path).read_text()
    assert "client/fr/1400/001-overview.png" in text
    assert "client/fr/390/001-overview.png" in text
    assert "scrolls &lt;sideways&gt;" in text
    row = next(line for line in text.split("\n") if "<th>overview" in line)
    assert row.count("<td></td>") == 2, "there are none in English"
    assert "vendor" not in text, "of whom there is nothing"


def test_without_a_browser_it_says_so(checkout, monkeypatch):
    monkeypatch.setattr(system, "find", lambda package: None)
    with pytest.raises(Failure, match="no Chromium"):
        screenshots.take(None, 1, screenshots.read_arguments([]))


@long_run
def test_the_camera_follows_links_and_notes_what_is_odd(site, tmp_path):
    """With the real browser, since what it notes the browser has to tell."""
    browser = system.find("chromium")
    if not browser:
        pytest.skip("needs Chromium")
    project = Project(find_root())
    beside = venv.provide_beside(project, "screenshots")
    script = (
        "import sys; from pathlib import Path; from dev import camera, screens\n"
        "address, browser, folder = sys.argv[1:]\n"
        "job = camera.Job(screens.ROLES[-1], 'en', 390)\n"
        "with camera.browsing(browser, 390) as page:\n"
        "    found = camera.Camera(page, address, job, Path(folder), '')\n"
        "    found.take_portal()\n"
        "camera.note(Path(folder) / 'shots.json', found.shots, is_whole=True)\n"
    )
    subprocess.run(
        [project.python, "-c", script, site, browser, tmp_path],
        env={**os.environ, "PYTHONPATH": f"{beside}{os.pathsep}{project.root}"},
        check=True,
        timeout=120,
    )
    shots = json.loads((tmp_path / "shots.json").read_text())
    notes = {shot["name"]: " ".join(shot["notes"]) for shot in shots}
    team = "my-subscription-n-teams-n"
    assert list(notes) == ["my", "my-subscription-n", team, "my-subscription-n-missing"]
    assert notes["my"] == ""
    assert "scrolls sideways" in notes[team]
    assert "nothing is not defined" in notes[team]
    assert "answers 404" in notes["my-subscription-n-missing"]
    for shot in shots:
        assert (tmp_path / shot["file"]).read_bytes().startswith(b"\x89PNG")
