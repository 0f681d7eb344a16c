import json

from odoo.tests import get_db_name, tagged

from ..common.rpc import RpcCase, create_key
from ..common.subscription import ADDON, SubscriptionCase
from ..common.tour import TourCase

# Waits for what is to be seen, at most so many milliseconds.
CODE = """
(async () => {
    const {call, steps, ready} = %s;
    const until = async (what, text, patience) => {
        const start = performance.now();
        while (!what()) {
            if (performance.now() - start > patience) {
                throw new Error(`Not seen: ${text}: ${document.body.innerText}`);
            }
            await new Promise((resolve) => setTimeout(resolve, 20));
        }
    };
    const services = () => odoo.__WOWL_DEBUG__?.root.env.services || {};
    const sees = (text) => () =>
        [...document.querySelectorAll("%s")].some((one) =>
            one.innerText.replace(/\\s+/g, " ").includes(text)
        );
    await until(sees(ready), ready, 60000);
    await until(
        () => services().bus_service?.workerState === "CONNECTED", "bus", 60000
    );
    // The channel is listened to a moment later.
    await new Promise((resolve) => setTimeout(resolve, 3000));
    window.isTheSamePage = true;
    for (const {path, body, text} of steps) {
        const answer = await fetch(path, {
            method: "POST",
            credentials: "omit",
            headers: {...call, "Content-Type": "application/json"},
            body: JSON.stringify(body),
        });
        if (!answer.ok) {
            throw new Error(await answer.text());
        }
        await until(sees(text), text, 2000);
    }
    if (!window.isTheSamePage) {
        throw new Error("The page was loaded again.");
    }
    console.log("test successful");
})();
"""


@tagged("post_install", "-at_install")
class TestLiveBrowser(SubscriptionCase, TourCase, RpcCase):
    """What the vendor's administrator changes, the gauges that a partner's user has
    open show within two seconds. Acme has two seats of Expenses."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = cls._create_user("nora", "standard", cls.north)
        cls.key = create_key(cls._create_user("vera", "admin", cls.vendor))
        cls.ann, cls.bob = map(cls._create_member, ("Ann", "Bob"))

    def allow_requests(self, *args, **kwargs):
        """Let requests without a cookie in, of who is not the user of the browser."""
        return super().allow_requests(*args, **{**kwargs, "all_requests": True})

    def _watch(self, path, selector, ready, *steps):
        """Open ``path``, wait for ``ready`` in ``selector``, and let somebody else do
        ``steps``: ``(model, method, ids, arguments, text that is then seen)``."""
        given = {
            "ready": ready,
            "call": {
                "Authorization": f"bearer {self.key}",
                "X-Odoo-Database": get_db_name(),
            },
            "steps": [
                {
                    "path": f"/json/2/{model}/{method}",
                    "body": {"ids": ids, **arguments} if ids else arguments,
                    "text": text,
                }
                for model, method, ids, arguments, text in steps
            ],
        }
        code = CODE % (json.dumps(given), selector)
        self.browser_js(path, code, login=self.user.login, timeout=300)

    def _get_steps(self, *texts):
        """Return a higher limit, a seat given, and the term stopped."""
        pool, subscription = self.expenses_pool, self.subscription
        seat = {"vals_list": [{"pool_id": pool.id, "member_id": self.ann.id}]}
        return [
            (model, method, ids, arguments, text)
            for (model, method, ids, arguments), text in zip(
                [
                    (pool._name, "write", pool.ids, {"vals": {"seat_limit": 5}}),
                    ("subscription.seat", "create", [], seat),
                    (
                        subscription._name,
                        "write",
                        subscription.ids,
                        {"vals": {"in_progress": False}},
                    ),
                ],
                texts,
                strict=True,
            )
        ]

    def test_form_of_a_subscription(self):
        steps = self._get_steps("0 of 5 in use", "1 of 5 in use", "Not running")
        path = f"/odoo/managed-subscriptions/{self.subscription.id}"
        self._watch(path, ".o_seat_pool_card", "0 of 2 in use", *steps)

    def test_usage_list(self):
        self.expenses_pool._grant({self.expenses_pool: self.bob})
        steps = self._get_steps("20%", "40%", "Not running")
        self._watch(
            f"/odoo/action-{ADDON}.subscription_seat_usage_action",
            ".o_data_row",
            "50%",
            *steps,
        )
