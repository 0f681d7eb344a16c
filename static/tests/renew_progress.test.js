import {expect, test, waitFor, waitForNone} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    MockServer,
    defineModels,
    models,
    mountView,
    serverState,
} from "@web/../tests/web_test_helpers";

class Renew extends models.Model {
    _name = "renew";
    _records = [{id: 7}];
}

defineMailModels();
defineModels([Renew]);

// The mock of the websocket takes its time.
const PATIENCE = {timeout: 5000};

/** Send what the server sends while it renews. */
function tell(values) {
    MockServer.env["bus.bus"]._sendone(
        serverState.partnerId,
        "subscription_renew_progress",
        values
    );
}

test("the progress of one's own renewal is shown while it runs", async () => {
    await mountView({
        type: "form",
        resModel: "renew",
        resId: 7,
        arch: `<form><widget name="renew_progress"/></form>`,
    });
    expect(".o_renew_progress").toHaveCount(0);
    tell({renew_id: 7, done: 120, total: 1000});
    await waitFor(".o_renew_progress:contains(120 of 1,000)", PATIENCE);
    expect(".progress").toHaveAttribute("aria-valuenow", "120");
    expect(".progress-bar").toHaveStyle("width: 12%", {inline: true});
    tell({renew_id: 8, done: 9, total: 10});
    tell({renew_id: 7, done: 1000, total: 1000});
    await waitFor(".o_renew_progress:contains(1,000 of 1,000)", PATIENCE);
    tell({renew_id: 7, done: 0, total: 0});
    await waitForNone(".o_renew_progress", PATIENCE);
});
