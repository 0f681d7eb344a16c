import {expect, test, waitFor, waitForNone} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    getService,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {WebClient} from "@web/webclient/webclient";

defineMailModels();

test("what was removed is undone by the button of the notification", async () => {
    onRpc("subscription.removal", "action_undo", ({args}) => {
        expect.step(`undo ${args[0]}`);
        return {
            type: "ir.actions.client",
            tag: "display_notification",
            params: {message: "Given back"},
        };
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction(
        {
            type: "ir.actions.client",
            tag: "subscription_offer_undo",
            params: {
                title: "Access removed",
                message: "Ann lost Expenses",
                type: "success",
                removal_ids: [3, 4],
                next: {type: "ir.actions.act_window_close"},
            },
        },
        {onClose: () => expect.step("closed")}
    );
    expect.verifySteps(["closed"]);
    await waitFor(".o_notification:contains(Ann lost Expenses)");
    await contains(".o_notification_buttons button").click();
    await waitFor(".o_notification:contains(Given back)");
    await waitForNone(".o_notification:contains(Ann lost Expenses)");
    expect.verifySteps(["undo 3,4"]);
});
