import {animationFrame, expect, test} from "@odoo/hoot";
import {startInteraction} from "@web/../tests/public/helpers";
import {mockService} from "@web/../tests/web_test_helpers";

import {PortalGauge} from "@partner_managed_subscription/portal/portal_gauge";

const FIGURES = {
    pool_id: 7,
    seat_limit: 5,
    is_unlimited: false,
    used: 3,
    available: 2,
    usage_rate: 60,
    is_running: true,
    state: "ok",
};
const HTML = `
    <div
        class="o_my_gauge"
        data-pool="7"
        data-state="ok"
        data-label="Expenses"
        data-live="/my/subscription/3/live"
        data-figures='${JSON.stringify(FIGURES)}'
    ><p class="drawn">by the server</p></div>`;

test("the gauge of the portal takes the place of the server's and changes", async () => {
    let say = null;
    mockService("subscription_live", {
        watch(poolId, callback, url) {
            expect.step(`watch ${poolId} at ${url}`);
            say = callback;
            return () => null;
        },
    });
    await startInteraction(PortalGauge, HTML);
    await animationFrame();
    expect.verifySteps(["watch 7 at /my/subscription/3/live"]);
    expect(".drawn").toHaveCount(0);
    expect(".o_my_gauge").toHaveText("3 of 5 in use\n2 left");
    expect(".progress").toHaveAttribute("aria-label", "Expenses: 3 of 5 in use");
    say({...FIGURES, used: 5, available: 0, usage_rate: 100, state: "full"}, null);
    await animationFrame();
    expect(".o_my_gauge").toHaveText("5 of 5 in use\n0 left");
    expect(".o_my_gauge").toHaveAttribute("data-state", "full");
    expect(".progress-bar").toHaveClass("bg-danger");
    say(null, luxon.DateTime.fromISO("2026-03-15T14:32"));
    await animationFrame();
    expect(".o_seat_gauge_as_of").toHaveCount(1);
});
