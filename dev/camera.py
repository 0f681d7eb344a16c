"""Takes the pictures: a browser for each role, language and width.

`python -m dev.camera` reads from standard input where the server is and what to take,
and writes pictures and a `shots.json` beside them. It runs where Playwright is found.
"""

from __future__ import annotations

import json
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from . import screens
from .screens import Role

HEIGHT = 900
# A picture shows all of a screen, up to this height.
HIGHEST = {1400: 2400, 390: 3600}
SETTLE_SECONDS = 15
CHART_MILLISECONDS = 1500
# How often a language is set that does not take.
TRIES = 5
NAMED_LIKE_IDS = re.compile(r"(?<=/)\d+(?=/|$)")

# Counts what the page has asked for and not got yet.
COUNT_REQUESTS = """
window.pmsPending = 0;
const fetchOfPage = window.fetch;
window.fetch = (...args) => {
    window.pmsPending++;
    return fetchOfPage(...args).finally(() => window.pmsPending--);
};
const sendOfPage = XMLHttpRequest.prototype.send;
XMLHttpRequest.prototype.send = function (...args) {
    window.pmsPending++;
    this.addEventListener("loadend", () => window.pmsPending--);
    return sendOfPage.apply(this, args);
};
"""
# Resolves when nothing has been asked for or drawn for 250 ms; tells whether it was.
SETTLED = """
async (seconds) => {
    const end = Date.now() + seconds * 1000;
    let changed = Date.now();
    const watch = new MutationObserver(() => (changed = Date.now()));
    watch.observe(document, {childList: true, subtree: true});
    const isBusy = () =>
        window.pmsPending > 0 ||
        document.querySelector(".o_blockUI, .o_action_manager:empty");
    while (Date.now() < end) {
        await new Promise((done) => setTimeout(done, 50));
        if (isBusy()) {
            changed = Date.now();
        } else if (Date.now() - changed > 250) {
            break;
        }
    }
    watch.disconnect();
    await document.fonts.ready;
    return Date.now() < end;
}
"""
# The height that shows all of what scrolls, and how far the widest scrolls sideways.
MEASURE = """
() => {
    const dialogs = [...document.querySelectorAll(".modal-dialog")];
    const within = dialogs.length ? dialogs.at(-1) : document;
    const over = (box, way) => box["scroll" + way] - box["client" + way];
    const scrolls = (box, way) =>
        over(box, way) > 1 &&
        !["TEXTAREA", "SELECT"].includes(box.tagName) &&
        /auto|scroll/.test(
            getComputedStyle(box)[way === "Width" ? "overflowX" : "overflowY"]
        );
    const all = [...within.querySelectorAll("*")];
    const most = (way) =>
        Math.max(
            over(document.documentElement, way),
            ...all.filter((box) => scrolls(box, way)).map((box) => over(box, way))
        );
    return {
        more: most("Height"),
        wide: most("Width"),
        page: document.documentElement.scrollWidth - window.innerWidth,
        // Nobody can scroll to what is below the end of it.
        cut: within.querySelector(".o_action_manager")
            ? over(within.querySelector(".o_action_manager"), "Height")
            : 0,
    };
}
"""
# Which columns of lists are too narrow for their words, with the px that are missing,
# while others have room, with the px that these have left.
FIND_SQUEEZED = """
() =>
    [...document.querySelectorAll(".o_list_table")].flatMap((table) => {
        const heads = [...table.querySelectorAll("thead th")];
        const rows = [...table.querySelectorAll("tr.o_data_row")];
        const getRoom = (cell) => {
            const style = getComputedStyle(cell);
            const padding = ["Left", "Right"].map((side) => style["padding" + side]);
            const inside = padding.reduce(
                (width, side) => width - parseFloat(side),
                cell.clientWidth
            );
            const parts = [cell, ...cell.querySelectorAll("*")];
            const over = parts.map((part) =>
                /hidden|clip/.test(getComputedStyle(part).overflowX)
                    ? part.scrollWidth - part.clientWidth
                    : 0
            );
            if (Math.max(...over) > 1) {
                return -Math.max(...over);
            }
            const texts = parts.flatMap((part) =>
                [...part.childNodes].filter((node) => node.nodeType === Node.TEXT_NODE)
            );
            const lines = texts.flatMap((text) => {
                const content = document.createRange();
                content.selectNodeContents(text);
                return [...content.getClientRects()].filter((line) => line.width);
            });
            const span = (start, end) =>
                Math.max(...lines.map((line) => line[end])) -
                Math.min(...lines.map((line) => line[start]));
            if (!lines.length) {
                return inside;
            }
            // What stands in two lines has no room to give.
            return span("top", "bottom") > 30 ? 0 : inside - span("left", "right");
        };
        // Of a quarter of the rows: one long name makes no column too narrow, and short
        // ones no column too wide.
        const columns = heads.map((head, index) => {
            const cells = rows.map((row) => row.cells[index]).filter((cell) => cell);
            const rooms = cells.map(getRoom).sort((one, other) => one - other);
            return {
                name: head.innerText.trim() || `column ${index + 1}`,
                room: Math.min(getRoom(head), rooms[rooms.length >> 2] ?? 0),
            };
        });
        const say = (found) =>
            found.map(({name, room}) => `${name} ${Math.round(room)}`).join(", ");
        const squeezed = columns.filter(({room}) => room < -1);
        const roomy = columns.slice(1).filter(({room}) => room > 20);
        return squeezed.length && roomy.length
            ? [`${say(squeezed)}; room: ${say(roomy)}`]
            : [];
    })
"""
# Closes what the last picture left open: dialogs, calendars, menus.
DO_ACTION = """
async ([request, options]) => {
    const {action, overlay} = odoo.__WOWL_DEBUG__.root.env.services;
    Object.values(overlay.overlays).forEach((open) => open.remove());
    await action.doAction(request, {clearBreadcrumbs: true, ...options});
}
"""
# Opens what a method of a record answers with; false where that is nothing, or nothing
# that the user may use.
CALL = """
async ([origin, method, id, context]) => {
    const {orm, action, overlay} = odoo.__WOWL_DEBUG__.root.env.services;
    Object.values(overlay.overlays).forEach((open) => open.remove());
    const next = await orm.silent.call(origin, method, [[id]], {context});
    if (!next || !next.type || next.type === "ir.actions.act_url") {
        return false;
    }
    const right = next.target === "new" ? "create" : "read";
    const model = next.res_model;
    if (model && !(await orm.call(model, "has_access", [[], right]))) {
        return false;
    }
    next.views ||= [[next.view_id ? next.view_id[0] : false, "form"]];
    if (next.help) {
        // As Odoo does for a button: what a list without rows says is HTML.
        next.help = odoo.loader.modules.get("@odoo/owl").markup(next.help);
    }
    await action.doAction(next, {clearBreadcrumbs: next.target !== "new"});
    return true;
}
"""
VIEWS = """
async (request) => {
    const {action} = odoo.__WOWL_DEBUG__.root.env.services;
    const found = await action.loadAction(request);
    const types = (found.views || []).map(([, type]) => type);
    const many = types.filter((type) => !["form", "search"].includes(type));
    return found.target === "new" ? [] : many;
}
"""
IS_ALLOWED = """
async (request) => {
    const {action, orm} = odoo.__WOWL_DEBUG__.root.env.services;
    const {res_model: model, target} = await action.loadAction(request);
    return orm.call(model, "has_access", [[], target === "new" ? "create" : "read"]);
}
"""
MAY_CREATE = """
(model) =>
    odoo.__WOWL_DEBUG__.root.env.services.orm.call(model, "has_access", [[], "create"])
"""
FIND = """
async ([model, domain, order]) => {
    const {orm} = odoo.__WOWL_DEBUG__.root.env.services;
    const context = {active_test: false};
    const ids = await orm.silent.search(model, domain, {limit: 1, order, context});
    return ids[0] || null;
}
"""


@dataclass
class Shot:
    """One picture, and what a person should look at."""

    name: str
    file: str
    notes: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Job:
    """What one browser takes."""

    role: Role
    language: str
    width: int


def get_slug(text: str) -> str:
    """Return a text as a part of a file's name."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")


def get_pattern(address: str) -> str:
    """Return a path without host, language and question, each id in it as N."""
    path = re.sub(r"^https?://[^/]+", "", address).split("?")[0].split("#")[0]
    path = re.sub(r"^/(?:fr|en)(?:_[A-Z]{2})?(?=/|$)", "", path)
    return NAMED_LIKE_IDS.sub("N", path).rstrip("/") or "/"


def is_followed(pattern: str) -> bool:
    """Tell whether a link of the portal leads to a page of ours."""
    is_ours = any(pattern.startswith(start) for start in screens.PORTAL_FOLLOWED)
    return is_ours and not any(part in pattern for part in screens.PORTAL_LEFT_OUT)


class Camera:
    """A browser in which one role looks at everything, in one language and width."""

    def __init__(self, page: Any, address: str, job: Job, folder: Path, only: str):
        self.page, self.address, self.job = page, address, job
        self.folder, self.only = folder, only
        self.shots: list[Shot] = []
        self.number = 0
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(str(error)[:300]))
        page.on("dialog", lambda dialog: dialog.accept())

    # ------------------------------------------------------------------ taking

    def settle(self) -> bool:
        """Wait until the page asks for nothing and draws nothing any more."""
        return self.page.evaluate(SETTLED, SETTLE_SECONDS)

    def take(self, name: str) -> None:
        """Take a picture of all that the screen shows, and note what is odd."""
        settled = self.settle()
        if self.page.locator("canvas, .o_subscription_page").count():
            # Charts are drawn by a library that is loaded later, unseen.
            self.page.wait_for_timeout(CHART_MILLISECONDS)
            settled = self.settle()
        notes = [] if settled else ["still loading"]
        sizes = self.page.evaluate(MEASURE)
        if sizes["wide"] > 1:
            where = "page" if sizes["page"] > 1 else "part of it"
            notes.append(f"{where} scrolls sideways by {sizes['wide']} px")
        if sizes["cut"] > 1:
            notes.append(f"the last {sizes['cut']} px are cut off")
        notes += [f"cut off: {what}" for what in self.page.evaluate(FIND_SQUEEZED)]
        width = self.job.width
        if sizes["more"] > 1:
            height = min(HEIGHT + sizes["more"], HIGHEST[width])
            self.page.set_viewport_size({"width": width, "height": height})
            self.settle()
        file = self._get_file(name)
        self.page.screenshot(path=self.folder / file, animations="disabled")
        if sizes["more"] > 1:
            self.page.set_viewport_size({"width": width, "height": HEIGHT})
        if self.page.locator(".o_error_dialog").count():
            self.errors.append(self.page.inner_text(".o_error_dialog")[:300])
        notes += [f"error: {error}" for error in self.errors]
        self.errors.clear()
        self.shots.append(Shot(name, file, notes))

    def _get_file(self, name: str) -> str:
        """Return the name of a picture's file: in a run of a few, the one it has."""
        there = self.folder.glob(f"[0-9]*-{name}.png") if self.only else ()
        names = [path.name for path in there if path.name[4:] == f"{name}.png"]
        return names[0] if names else f"{self.number:03d}-{name}.png"

    def try_to(self, name: str, show: Callable[[], bool]) -> None:
        """Take what ``show`` shows, unless it says that there is nothing."""
        self.number += 1
        if self.only not in name:
            return
        try:
            if show():
                self.take(name)
        except Exception as error:
            # What a role is refused is no screen of it; a page that broke is told.
            text = str(error)
            if not re.search(r"RPC_ERROR|Access|UserError|ValidationError", text):
                self.shots.append(Shot(name, "", [f"not taken: {text[:300]}"]))
            self.errors.clear()

    def log_in(self) -> None:
        """Log in, in the language that is meant."""
        page, code = self.page, screens.LANGUAGES[self.job.language]
        cookie = {"name": "frontend_lang", "value": code, "url": self.address}
        page.context.add_cookies([cookie])
        page.goto(f"{self.address}/web/login")
        page.fill("input[name=login]", self.job.role.login)
        page.fill("input[name=password]", self.job.role.login)
        with page.expect_navigation(timeout=120_000):
            page.press("input[name=password]", "Enter")
        page.goto("about:blank")
        self._set_language(code)

    def _set_language(self, code: str) -> None:
        """Give the user a language. Odoo keeps what it reads of a user, and may read it
        for another request just before it is changed: look, and change it again."""
        said = self._call("/web/session/get_session_info", {})
        values = {"args": [[said["uid"]], {"lang": code}], "kwargs": {}}
        values |= {"model": "res.users", "method": "write"}
        for _ in range(TRIES):
            self._call("/web/dataset/call_kw", values)
            said = self._call("/web/session/get_session_info", {})
            if said["user_context"]["lang"] == code:
                return
        message = f"{self.job.role.login} keeps another language than {code}"
        raise RuntimeError(message)

    def _call(self, path: str, params: dict) -> Any:
        answer = self.page.request.post(
            f"{self.address}{path}", data={"jsonrpc": "2.0", "params": params}
        ).json()
        return answer["result"]

    # ------------------------------------------------------------------ back office

    def take_back_office(self) -> None:
        """Take each menu in each of its views, then forms and dialogs."""
        self.page.goto(f"{self.address}/odoo", timeout=120_000)
        self.page.wait_for_selector(".o_action_manager > *", timeout=120_000)
        for name, action in self._get_menus():
            self._take_menu(name, action)
        for form in screens.FORMS:
            self._take_form(form)
        for blank in screens.BLANKS:
            self.try_to(blank.name, lambda blank=blank: self._show_blank(blank))

    def _get_menus(self) -> Iterator[tuple[str, int]]:
        """Yield name and action of each of our menus that leads somewhere, in order.

        Names are those of the records: the same in every language.
        """
        said = self.page.request.get(f"{self.address}/web/webclient/load_menus").json()
        by_xmlid = {menu["xmlid"]: menu for menu in said.values()}
        if screens.ROOT_MENU not in by_xmlid:
            return
        left = [by_xmlid[screens.ROOT_MENU]]
        while left:
            menu = left.pop(0)
            left = [said[str(child)] for child in menu["children"]] + left
            if not menu["children"] and menu["actionID"]:
                yield get_slug(menu["xmlid"].split(".")[1]), menu["actionID"]

    def _take_menu(self, name: str, action: int) -> None:
        views = self.page.evaluate(VIEWS, action)
        for view in views or [""]:
            shot = f"{name}-{view}".strip("-")
            self.try_to(shot, lambda view=view: self._show(action, view))
        self.try_to(f"{name}-search", lambda: self._show_search(action, views))

    def _show(self, action: int | str, view: str = "", **props: Any) -> bool:
        options: dict[str, Any] = {"viewType": view} if view else {}
        if props:
            options["props"] = props
        self.page.evaluate(DO_ACTION, [action, options])
        return True

    def _show_search(self, action: int, views: list[str]) -> bool:
        """Show what a list can be filtered and grouped by."""
        if not views or self.job.width < 1000:
            return False
        self._show(action)
        self.settle()
        toggler = self.page.locator(".o_searchview_dropdown_toggler")
        if not toggler.count():
            return False
        toggler.first.click()
        return True

    def _show_blank(self, blank: screens.Blank) -> bool:
        """Show the form of a new record, to a role that may make one."""
        if not self.page.evaluate(MAY_CREATE, blank.model):
            return False
        return self._show(self._get_action(blank.action), "form")

    def _get_action(self, name: str) -> str:
        return name if "." in name else f"partner_managed_subscription.{name}"

    def _take_form(self, form: screens.Form) -> None:
        names = [form.name, *form.calls, *form.actions, *form.clicks]
        if not any(self.only in f"{form.name}-{get_slug(name)}" for name in names):
            return
        try:
            found = self.page.evaluate(FIND, [form.model, form.domain, form.order])
        except Exception:
            found = None  # no rights to the model at all
        if found:
            self.try_to(form.name, lambda: self._show_form(form, found))
            if form.has_tabs:
                self._take_tabs(form, found)
            self._take_dialogs(form, found)

    def _show_form(self, form: screens.Form, found: int) -> bool:
        if form.action:
            return self._show(self._get_action(form.action), "form", resId=found)
        action = {"type": "ir.actions.act_window", "res_model": form.model}
        action |= {"res_id": found, "views": [[False, "form"]], "target": "current"}
        self.page.evaluate(DO_ACTION, [action, {}])
        return True

    def _take_tabs(self, form: screens.Form, found: int) -> None:
        if self.only not in form.name:
            return
        self._show_form(form, found)
        self.settle()
        tabs = self.page.locator(".o_notebook_headers .nav-link")
        for place in range(1, tabs.count()):
            name = tabs.nth(place).get_attribute("name") or f"tab-{place}"

            def show(place: int = place) -> bool:
                tabs.nth(place).evaluate("tab => tab.click()")
                return True

            self.try_to(f"{form.name}-tab-{get_slug(name)}", show)

    def _take_dialogs(self, form: screens.Form, found: int) -> None:
        context = {"active_model": form.model, "active_id": found}
        context["active_ids"] = [found]
        for method in form.calls:
            name = f"{form.name}-{get_slug(method.removeprefix('action_'))}"
            args = [form.model, method, found, context]
            self.try_to(name, lambda args=args: self.page.evaluate(CALL, args))
        for action in form.actions:
            name = f"{form.name}-{get_slug(action)}"
            request = [self._get_action(action), {"additionalContext": context}]
            self.try_to(name, lambda args=request: self._do(args))
        for button in form.clicks:
            name = f"{form.name}-{get_slug(button)}"
            self.try_to(name, lambda it=button: self._click(form, found, it))

    def _do(self, request: list) -> bool:
        if not self.page.evaluate(IS_ALLOWED, request[0]):
            return False
        self.page.evaluate(DO_ACTION, request)
        return True

    def _click(self, form: screens.Form, found: int, button: str) -> bool:
        """Press a button that asks before it does something."""
        self._show_form(form, found)
        self.settle()
        place = self.page.locator(f"button[name='{button}']")
        if not place.count():
            for toggle in self.page.locator(".o_statusbar_buttons .dropdown").all():
                toggle.click()
                self.settle()
        if not place.count():
            return False
        place.first.evaluate("button => button.click()")
        self.settle()
        return bool(self.page.locator(".modal-dialog").count())

    # ------------------------------------------------------------------ portal

    def take_portal(self) -> None:
        """Take each page that links lead to, once, then the answers to forms."""
        seen: dict[str, str] = {screens.PORTAL_START: screens.PORTAL_START}
        left = [screens.PORTAL_START]
        while left:
            pattern = left.pop(0)
            self._open(seen[pattern])
            for link in self._get_links():
                found = get_pattern(link)
                if found not in seen and is_followed(found):
                    seen[found] = link
                    left.append(found)
            self.try_to(get_slug(pattern), lambda: True)
        for page in screens.SUBMITTED:
            if page.path in seen:
                self.try_to(page.name, lambda page=page: self._submit(seen, page))

    def _open(self, address: str) -> None:
        if address.startswith("/"):
            address = f"{self.address}{address}"
        answer = self.page.goto(address, timeout=60_000)
        if answer and answer.status >= 400:
            self.errors.append(f"{get_pattern(address)} answers {answer.status}")

    def _get_links(self) -> list[str]:
        script = "links => links.map(link => link.href)"
        return self.page.eval_on_selector_all("#wrapwrap a[href]", script)

    def _submit(self, seen: dict[str, str], page: screens.Submitted) -> bool:
        """Answer a page's form; tell whether it has one."""
        self._open(seen[page.path])
        self.settle()
        # The browser would refuse some of it before the server can.
        self.page.evaluate("for (const form of document.forms) form.noValidate = true")
        for selector, value in page.fill:
            places = self.page.locator(selector)
            if not places.count():
                return False
            self._fill(places.first, value)
        button = self.page.locator(page.button)
        if not button.count():
            return False
        with self.page.expect_navigation():
            button.first.evaluate("button => button.click()")
        return True

    def _fill(self, place: Any, value: str | bool) -> None:
        if value is True:
            place.evaluate("box => (box.checked = true)")
        elif value == "*":  # another choice than the one that is
            place.evaluate(
                "box => (box.selectedIndex = (box.selectedIndex + 1) % box.length)"
            )
        else:
            place.fill(value)


@contextmanager
def browsing(browser: str, width: int) -> Iterator[Any]:
    """Give a page of a browser of its own."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        # Root may not use Chromium's sandbox; the pages are our own.
        started = playwright.chromium.launch(
            executable_path=browser, args=["--no-sandbox", "--hide-scrollbars"]
        )
        try:
            context = started.new_context(
                viewport={"width": width, "height": HEIGHT}, reduced_motion="reduce"
            )
            context.add_init_script(COUNT_REQUESTS)
            yield context.new_page()
        finally:
            started.close()


def run_job(asked: dict, job: Job) -> None:
    """Take all that a role sees, and write down what was taken."""
    folder = Path(asked["folder"], job.role.name, job.language, str(job.width))
    folder.mkdir(parents=True, exist_ok=True)
    only = asked["only"]
    for old in () if only else folder.glob("*.png"):
        old.unlink()
    with browsing(asked["browser"], job.width) as page:
        camera = Camera(page, asked["address"], job, folder, only)
        camera.log_in()
        take = camera.take_portal if job.role.is_portal else camera.take_back_office
        take()
    note(folder / "shots.json", camera.shots, is_whole=not only)
    count = len(camera.shots)
    print(f"  {job.role.name}, {job.language}, {job.width}: {count}", flush=True)


def note(path: Path, shots: list[Shot], *, is_whole: bool) -> None:
    """Write down what was taken; of a run of a few, among what was taken before."""
    before = [] if is_whole or not path.is_file() else json.loads(path.read_text())
    known = {shot["name"]: shot for shot in before}
    known |= {shot.name: asdict(shot) for shot in shots}
    path.write_text(json.dumps(list(known.values()), indent=1))


def run_all(asked: dict) -> bool:
    """Run all jobs, language after language: a user has one at a time. Different users
    log in at once: of one, Odoo may keep the language that the other job found."""
    roles = {role.name: role for role in screens.ROLES}
    is_fine = True
    for language in asked["languages"]:
        jobs = [
            Job(roles[name], language, width)
            for width in asked["widths"]
            for name in asked["roles"]
        ]
        with ThreadPoolExecutor(asked["at_once"]) as pool:
            for job, done in [(job, pool.submit(run_job, asked, job)) for job in jobs]:
                try:
                    done.result()
                except Exception:
                    is_fine = False
                    print(f"  {job.role.name}, {language}, {job.width}: broke off")
                    traceback.print_exc()
    return is_fine


if __name__ == "__main__":
    sys.exit(0 if run_all(json.load(sys.stdin)) else 1)
