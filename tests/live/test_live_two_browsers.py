from contextlib import ExitStack, contextmanager
from unittest.mock import patch

from odoo.tests import tagged
from odoo.tests.common import HOST, TEST_CURSOR_COOKIE_NAME, ChromeBrowser

from odoo.addons.bus.models.bus import BusBus
from odoo.addons.bus.websocket import (
    CloseCode,
    WebsocketConnectionHandler,
    _kick_all,
)

from ..common.page_tour import PageTourCase
from ..common.subscription import SubscriptionCase
from ..common.tour import TourCase

# Waits for the bus, then notes when the gauges, `%s`, first show which texts.
WATCH = """
(async () => {
    const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
    const services = () =>
        (odoo.__WOWL_DEBUG__?.root.env || owl.Component.env)?.services || {};
    while (services().bus_service?.workerState !== "CONNECTED") {
        await wait(20);
    }
    // The channel is listened to a moment later.
    await wait(3000);
    window.seen = {};
    setInterval(() => {
        for (const one of document.querySelectorAll("%s")) {
            const text = one.innerText.replace(/\\s+/g, " ");
            window.seen[text] ||= performance.timeOrigin + performance.now();
        }
    }, 20);
})();
"""
# When the server had answered the last call of a method, %s.
ANSWERED = """
(() => {
    const calls = performance.getEntriesByType("resource");
    const last = calls.filter((one) => one.name.includes("%s")).pop();
    return last && performance.timeOrigin + last.responseEnd;
})();
"""


class TwoBrowsersMixin:
    """Two browsers at once, each with a session and a connection to the bus of its
    own."""

    @contextmanager
    def _serve(self):
        """Answer any browser, and send messages as the end of a transaction does."""
        send_one = BusBus._sendone

        def send(bus, *args):
            send_one(bus, *args)
            bus.env.cr.precommit.run()
            bus.env.cr.postcommit.run()

        with ExitStack() as stack:
            stack.enter_context(self.allow_requests(all_requests=True))
            stack.callback(self._wait_remaining_requests)
            stack.callback(_kick_all, CloseCode.KILL_NOW)
            stack.enter_context(patch.object(BusBus, "_sendone", send))
            stack.enter_context(
                patch.object(
                    WebsocketConnectionHandler, "websocket_allowed", return_value=True
                )
            )
            yield stack

    def _open_browser(self, stack, login, path, ready="", **options):
        """Return a browser of its own in which ``login`` has opened ``path``."""
        browser = ChromeBrowser(self, **options)
        stack.callback(browser.stop)
        browser.set_cookie(TEST_CURSOR_COOKIE_NAME, self.http_request_key, "/", HOST)
        # Who logged in before stays so.
        self.session = None
        self.authenticate(login, login, browser=browser)
        self.cr.flush()
        self.cr.clear()
        browser.navigate_to(f"{self.base_url()}{path}", wait_stop=not ready)
        self.assertTrue(browser._wait_ready(ready), f"{path} did not open.")
        return browser

    def _watch(self, stack, login, path, gauge):
        """Return a browser of ``login`` that notes what the gauges of a page show."""
        browser = self._open_browser(
            stack, login, path, f"Boolean(document.querySelector({gauge!r}))"
        )
        self._evaluate(browser, WATCH % gauge)
        return browser

    def _play(self, stack, login, path, tour):
        """Return a browser of ``login`` that has played ``tour``."""
        browser = self._open_browser(
            stack,
            login,
            path,
            f"odoo.isTourReady({tour!r})",
            success_signal="tour succeeded",
        )
        browser._wait_code_ok(f"odoo.startTour({tour!r}, {{}})", self.TOUR_SECONDS)
        return browser

    def _evaluate(self, browser, code):
        answer = browser._websocket_request(
            "Runtime.evaluate",
            params={"expression": code, "awaitPromise": True, "returnByValue": True},
            timeout=self.TOUR_SECONDS,
        )
        self.assertNotIn("exceptionDetails", answer)
        return answer["result"].get("value")

    def _get_seen(self, browser, text, within=5):
        """Return when ``browser`` first showed ``text``, in milliseconds."""
        code = f"""
            (async () => {{
                const end = Date.now() + {within * 1000};
                const find = () =>
                    Object.keys(window.seen).find((one) => one.includes({text!r}));
                while (!find() && Date.now() < end) {{
                    await new Promise((resolve) => setTimeout(resolve, 20));
                }}
                return [window.seen[find()] || 0, Object.keys(window.seen)];
            }})();
        """
        moment, shown = self._evaluate(browser, code)
        self.assertTrue(moment, f"{text} was not shown, but {shown}.")
        return moment


@tagged("post_install", "-at_install")
class TestPartnerGrants(TwoBrowsersMixin, SubscriptionCase, TourCase):
    """The partner's staff gives seats on its screen. A colleague who has the same
    subscription open sees it there within two seconds, without a reload."""

    def test_two_colleagues(self):
        for name in ("Ann", "Bob", "Cid"):
            self._create_member(name)
        for login in ("nora", "ned"):
            self._create_user(login, "standard", self.north)
        path = f"/odoo/managed-subscriptions/{self.subscription.id}"
        self.env.flush_all()
        with self._serve() as stack:
            open_page = self._watch(stack, "ned", path, ".o_seat_pool_card")
            screen = self._play(stack, "nora", path, "subscription_add_users")
            answered = self._evaluate(screen, ANSWERED % "action_grant")
            seen = self._get_seen(open_page, "2 of 2 in use")
            self.assertLess(seen - answered, 2000)


@tagged("post_install", "-at_install")
class TestClientSees(TwoBrowsersMixin, PageTourCase):
    """What the partner does shows on the client's page in the portal, and the other way
    round."""

    def test_partner_and_client(self):
        self.base_pool.seat_limit = 10
        for name in ("Ann", "Bob", "Cid"):
            self._create_member(name)
        self._create_user("nora", "standard", self.north)
        path = f"/odoo/managed-subscriptions/{self.subscription.id}"
        self.env.flush_all()
        with self._serve() as stack:
            gauge = ".o_my_gauge .o_seat_gauge"
            page = self._watch(stack, "ada", self._get_url(), gauge)
            screen = self._play(stack, "nora", path, "subscription_add_users")
            answered = self._evaluate(screen, ANSWERED % "action_grant")
            seen = self._get_seen(page, "2 of 2 in use")
            self.assertLess(seen - answered, 2000)

    def test_client_and_partner(self):
        self._create_user("nora", "standard", self.north)
        path = f"/odoo/managed-subscriptions/{self.subscription.id}"
        self.env.flush_all()
        with self._serve() as stack:
            screen = self._watch(stack, "nora", path, ".o_seat_pool_card")
            self._play(stack, "ada", self._get_url(), "subscription_page_module")
            self._get_seen(screen, "1 of 2 in use")
            # And then freed again.
            self._evaluate(screen, "window.seen = {}")
            self._get_seen(screen, "0 of 2 in use")
