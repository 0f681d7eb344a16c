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
const PATIENCE = {timeout: 30000};

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
    tell({renew_id: 7, percent: 0});
    await waitFor(".o_renew_progress:contains(0%)", PATIENCE);
    tell({renew_id: 7, percent: 45});
    await waitFor(".o_renew_progress:contains(45%)", PATIENCE);
    expect(".progress").toHaveAttribute("aria-valuenow", "45");
    expect(".progress-bar").toHaveStyle("width: 45%", {inline: true});
    tell({renew_id: 8, percent: 90});
    tell({renew_id: 7, percent: 95});
    await waitFor(".o_renew_progress:contains(95%)", PATIENCE);
    tell({renew_id: 7, percent: false});
    await waitForNone(".o_renew_progress", PATIENCE);
});
