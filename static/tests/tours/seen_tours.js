import {addTour, check, clickOn} from "./tour_helpers";
import {rpc} from "@web/core/network/rpc";

/** Saves ``vals`` as another person would, who has opened the record as well. */
function meanwhile(content, trigger, model, getDomain, vals) {
    const call = (method, args, kwargs = {}) =>
        rpc(`/web/dataset/call_kw/${model}/${method}`, {model, method, args, kwargs});
    return {
        content,
        trigger,
        run: async () => {
            const ids = await call("search", [getDomain()]);
            await call("write", [ids, vals]);
        },
    };
}

const CITY = ".o_field_widget[name=city] input";

addTour("seen_address", () => [
    meanwhile(
        "Somebody else moves the client",
        CITY,
        "res.partner",
        () => [["name", "=", "Acme"]],
        {city: "Nice"}
    ),
    {content: "Enter another city", trigger: CITY, run: "edit Paris"},
    clickOn("Save it", ".o_form_button_save"),
    check(
        "It is refused, and says both",
        ".modal:contains(you saw empty, now it is Nice)"
    ),
    clickOn("Read it", ".modal .modal-footer button"),
    clickOn("Leave what was entered", ".o_form_button_cancel"),
    clickOn("Go to all clients", ".o_back_button, .breadcrumb-item a"),
]);

const LIMIT = ".modal .o_field_widget[name=seat_limit] input";
const EXPENSES = ".o_seat_pool_card:contains(Expenses) a[name=action_open]";

addTour("seen_limit", () => [
    clickOn("Open the seats of Expenses", EXPENSES),
    meanwhile(
        "Somebody else raises the limit",
        LIMIT,
        "subscription.seat.pool",
        () => [
            ["module_id.name", "=", "Expenses"],
            ["client_id.name", "=", "Acme"],
        ],
        {seat_limit: 7}
    ),
    {content: "Enter another limit", trigger: LIMIT, run: "edit 8"},
    clickOn("Save it", ".modal-footer button:contains(Save)"),
    check("It is refused, and says both", ".modal:contains(you saw 2, now it is 7)"),
    clickOn("Read it", ".modal:contains(you saw 2) .modal-footer button"),
    clickOn("Leave what was entered", ".modal-footer button:contains(Discard)"),
    {content: "The dialog is closed", trigger: "body:not(:has(.modal))"},
    clickOn("Open it again", EXPENSES),
    check("It shows what there is", `${LIMIT}:value(7)`),
    {content: "Enter another limit", trigger: LIMIT, run: "edit 9"},
    clickOn("Save it", ".modal-footer button:contains(Save)"),
    {content: "It is saved", trigger: "body:not(:has(.modal))"},
]);
