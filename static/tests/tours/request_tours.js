import {addTour, check, clickOn, enter, goBy} from "./tour_helpers";

// They run in several languages, so they look for no words of the screens.

const APPROVE = ".o_form_statusbar button[name=action_approve]";
const REFUSE = "button[name=action_refuse]";
const answered = check(
    "Nothing is left to answer",
    `.o_form_view:not(:has(${APPROVE})):not(:has(.o_request_preview))`
);

function call(model, method, args) {
    return fetch(`/web/dataset/call_kw/${model}/${method}`, {
        method: "POST",
        headers: {"Content-Type": "application/json"},
        body: JSON.stringify({params: {model, method, args, kwargs: {}}}),
    }).then(async (response) => (await response.json()).result);
}

addTour("subscription_request_approve", () => [
    check(
        "What it takes, and what is left",
        ".o_request_preview:contains(Expenses):contains(10):contains(5)"
    ),
    check("What it costs", ".o_request_preview:contains(50)"),
    clickOn("Approve", APPROVE),
    check("It is said", ".o_notification"),
    answered,
]);

/** The page shows what is not so any more: it is shown again, and then done. */
addTour("subscription_request_stale", () => [
    check("What it does", ".o_request_preview:contains(/\\b8\\b/)"),
    {
        content: "The limit is raised elsewhere",
        trigger: ".o_request_preview",
        async run() {
            const domain = [
                ["module_id.name", "=", "Expenses"],
                ["seat_limit", "=", 5],
            ];
            const ids = await call("subscription.seat.pool", "search", [domain]);
            await call("subscription.seat.pool", "write", [ids, {seat_limit: 6}]);
        },
    },
    clickOn("Approve", APPROVE),
    check("It is shown anew", ".o_request_preview:contains(/\\b9\\b/)"),
    check("It is said that nothing was done", ".o_notification"),
    clickOn("Approve", APPROVE),
    answered,
]);

addTour("subscription_request_refuse", () => [
    clickOn("Refuse", `.o_form_statusbar ${REFUSE}`),
    enter("Why", ".modal [name=answer] textarea", "Not before March."),
    clickOn("Do it", `.modal .modal-footer ${REFUSE}`),
    check("It is shown", "[name=answer_text]:contains(Not before March.)"),
    answered,
]);

// ---------------------------------------------------------------- a module for a member

addTour("subscription_access_ask", () => [
    {content: "Which module", trigger: "select[name=pool_id]", run: "selectByIndex 1"},
    enter("Why", "textarea[name=message]", "For trips"),
    goBy("Ask", "form[action$='/my/access/ask'] button"),
    check("It waits", "[data-state=waiting]:contains(Expenses)"),
]);

addTour("subscription_page_give_module", () => [
    check("Who asks for what, and why", "[data-state=waiting]:contains(For trips)"),
    goBy("Give the seat", "form[action$='/approve'] button"),
    check("It is done", "[data-state=approved]:contains(Expenses)"),
]);

addTour("subscription_page_refuse_module", () => [
    clickOn("Refuse", "[data-state=waiting] summary"),
    enter("Why", "textarea[name=answer]", "Ask me in March."),
    goBy("Do it", "form[action$='/refuse'] button"),
    check("It is shown", "[data-state=refused]:contains(Ask me in March.)"),
]);
