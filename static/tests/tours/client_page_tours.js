import {addTour, check, clickOn, enter, goBy} from "./tour_helpers";

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

// The tours below run in several languages, so they look for no words of the pages.

/** A list with a wrong line is shown, mended by leaving it out, and added; then the new
 * member leaves, and comes back. */
addTour("subscription_page_members", () => [
    goBy("Add members", "a[href$='/members/add']"),
    {
        content: "Paste a list",
        trigger: "#o_add_people",
        run() {
            this.anchor.value = "Zoe Roy <zoe@acme.test>\nnobody";
        },
    },
    goBy("Look at it", "form[action$='/preview'] button.btn-primary"),
    check("One line is wrong", "[data-status$=_address]"),
    check("Nobody is added", ".o_my_blocked"),
    goBy("Leave it out", "button[formaction$='/preview']"),
    goBy("Add the other", "form[action$='/confirm'] button.btn-primary:first"),
    check("It is done", ".o_my_notice"),
    check("She is there", "[data-status=add]:contains(zoe@acme.test)"),
    goBy("See all", "a[href$='/members']:last"),
    goBy("Open her page", ".o_my_members a:contains(Zoe Roy)"),
    goBy("Remove her", "form[action$='/remove'] button"),
    goBy("Yes", ".o_my_confirm button.btn-danger"),
    check("It is done", ".o_my_notice:contains(Zoe Roy)"),
    goBy("Undo", "a[href$='/undo']"),
    goBy("Give it back", "form[action*='/undo/'] button:first"),
    check("She is back", ".o_my_subscription:contains(Zoe Roy)"),
]);

addTour("subscription_page_teams", () => [
    enter("Name a team", "#o_team_name", "Night"),
    goBy("Create it", "form:has(#o_team_name) button"),
    goBy("Open it", ".o_my_subscription a:contains(Night)"),
    goBy("Add somebody", "a[href$='/add']"),
    clickOn("Choose kim", "label:contains(kim)"),
    goBy("Go on", "form[action$='/join'] button.btn-primary"),
    check("She is in it", ".o_my_subscription:contains(kim)"),
]);

addTour("subscription_page_request", () => [
    goBy("Ask", "a[href*='/requests/new']:first"),
    {content: "Which module", trigger: "#pool_id", run: "selectByIndex 1"},
    enter("How many", "#number", "3"),
    goBy("Send it", ".o_my_request_form button.btn-primary"),
    check("It waits", "form[action$='/withdraw']"),
    goBy("Take it back", "form[action$='/withdraw'] button"),
    {content: "It is taken back", trigger: "body:not(:has(form[action$='/withdraw']))"},
]);
