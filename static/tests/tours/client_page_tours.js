import {addTour, check, clickOn} from "./tour_helpers";

/** A step that leads to another page. */
function goBy(content, trigger) {
    return {...clickOn(content, trigger), expectUnloadPage: true};
}

function enter(content, trigger, value) {
    return {content, trigger, run: `edit ${value}`};
}

addTour("subscription_page_module", () => [
    goBy("Open the module", ".o_my_term a:contains(Expenses)"),
    goBy("Add users", "a:contains(Add users)"),
    clickOn("Choose kim", ".o_my_add label:contains(kim)"),
    goBy("Go on", "button:contains(Continue)"),
    check("It is told what that takes", "p:contains(1 seat is taken)"),
    goBy("Do it", ".o_my_confirm button:contains(Add users)"),
    check("It is done", ".o_my_notice:contains(Users added)"),
    goBy("Remove it again", ".o_my_users li:contains(kim) a:contains(Remove access)"),
    check("It is told what that frees", "p:contains(1 seat is free again)"),
    goBy("Do it", ".o_my_confirm button:contains(Remove access)"),
    check("It is done", ".o_my_notice:contains(Access removed)"),
]);

/** The session ends while a form is filled in: nothing is done, and nothing is lost. */
addTour("subscription_page_lost_session", () => [
    enter("Say who", "#name", "Robin"),
    enter("Say where", "#email", "robin@ledger.test"),
    {
        content: "The session ends elsewhere",
        trigger: "#email",
        run: () => fetch("/web/session/logout", {redirect: "manual"}),
    },
    goBy("Send it", "button:contains(Send invitation)"),
    enter("Log in again", "#login", "ada"),
    enter("With the password", "#password", "adaxxxxx"),
    goBy("Go on", ".oe_login_form button[type=submit]"),
    check(
        "It is told that nothing was done",
        ".o_my_unsent:contains(Nothing was done)"
    ),
    {
        content: "What was typed is there",
        trigger: "#email:value(robin@ledger.test)",
    },
    goBy("Send it", "button:contains(Send invitation)"),
    check("It is done", ".o_my_notice:contains(has been invited)"),
]);

/** A form is sent once, however often somebody clicks. */
addTour("subscription_page_double_click", () => [
    enter("Say where", "#mailbox", "books@acme.test"),
    {
        content: "Click twice",
        trigger: "[data-field=mailbox] button",
        run({anchor}) {
            const form = anchor.closest("form");
            const sent = [];
            document.addEventListener("submit", (ev) => sent.push(ev.defaultPrevented));
            anchor.click();
            anchor.click();
            if (sent.join() !== "false,true" || !form.dataset.sent) {
                throw new Error(`Sent: ${sent}`);
            }
        },
        expectUnloadPage: true,
    },
    check("It is saved", ".o_my_notice:contains(books@acme.test)"),
]);
