import {addTour, check, clickOn, enter, goBy} from "./tour_helpers";

// They run in several languages, so they look for no words of the pages.

const CONFIRM = ".o_my_confirm button[type=submit]";
const done = check("It is done", ".o_my_notice");
const CSV = [
    "Name;E-mail",
    "Zoe Roy;zoe@acme.test",
    "Zed Poe;zed@acme.test",
    "Again;zoe@acme.test",
    "=1+1;nobody",
].join("\r\n");

/** A file with a line twice, and one without an address. */
addTour("subscription_page_csv", () => [
    goBy("Add members", "a[href$='/members/add']"),
    {
        content: "Choose a file",
        trigger: "#o_add_file",
        run() {
            const files = new window.DataTransfer();
            files.items.add(new window.File([CSV], "people.csv", {type: "text/csv"}));
            this.anchor.files = files.files;
        },
    },
    goBy("Look at it", "form[action$='/preview'] button.btn-primary"),
    check("Two can be added", "body:has([data-line='2']):has([data-line='3'])"),
    check("The address is wrong", "[data-line='5'][data-status$=_address]"),
    check("Nobody is added", ".o_my_blocked"),
    goBy("Leave the others out", "button[formaction$='/preview']"),
    goBy("Add them", "form[action$='/confirm'] button.btn-primary:first"),
    check("It is done", ".o_my_notice"),
    check("Both are there", "[data-status=add]:contains(zed@acme.test)"),
]);

/** Who administers several companies changes between them, and stays there. */
addTour("subscription_page_switch", () => [
    check("This is Acme", ".o_my_subscription h1:contains(Acme)"),
    clickOn("Open the companies", ".o_my_subscription .dropdown-toggle"),
    goBy("Choose Bolt", ".o_my_subscription .dropdown-item:contains(Bolt)"),
    check("This is Bolt", ".o_my_subscription h1:contains(Bolt)"),
    goBy("Its members", ".o_my_subscription .nav-tabs a[href$='/members']"),
    check(
        "These are Bolt's",
        ".o_my_subscription:has(h1:contains(Bolt)):contains(Bea)"
    ),
    {
        content: "Nothing is there of Acme",
        trigger: ".o_my_members:not(:contains(kim))",
    },
]);

addTour("subscription_page_inactive", () => [
    goBy("Remove inactive", "a[href$='/members/inactive']"),
    check("Kim is in no team", ".o_my_choice:contains(kim)"),
    {
        content: "Who administers is not proposed",
        trigger: ".o_my_choice:not(:contains(ada))",
    },
    goBy("Remove them", "form[action$='/inactive/remove'] button.btn-danger"),
    goBy("Yes", CONFIRM),
    done,
    goBy("Undo", "a[href$='/undo']"),
    goBy("Give it back", "form[action*='/undo/'] button:first"),
    check("What came back", ".o_my_subscription:contains(kim)"),
]);

addTour("subscription_page_role", () => [
    goBy("Open Kim", ".o_my_members a:contains(kim)"),
    {
        content: "Another role",
        trigger: "#o_member_role",
        run({anchor}) {
            anchor.value = [...anchor.options].find((one) => !one.selected).value;
        },
    },
    goBy("Change it", "form[action$='/role'] button"),
    check("It is told what that does", ".o_my_confirm p"),
    goBy("Yes", CONFIRM),
    done,
]);

addTour("subscription_page_history", () => [
    enter("Whose entries", "#member", "kim"),
    {content: "Which", trigger: "#event", run: "select added"},
    goBy("Filter", ".o_my_filters button[type=submit]"),
    check("Kim's is there", ".o_my_entry:contains(kim)"),
    {content: "Ada's is not", trigger: ".o_my_history:not(:contains(· ada))"},
]);

addTour("subscription_page_accountant", () => [
    enter("Who", "#name", "Robin"),
    enter("Where", "#email", "robin@ledger.test"),
    goBy("Invite", "form[action$='/accountants/invite'] button"),
    done,
    check("It is listed", ".o_my_accountants:contains(robin@ledger.test)"),
    goBy("Send it again", "form[action$='/resend'] button"),
    check("Not twice within a moment", ".o_my_refusal, .o_my_notice"),
    goBy("Withdraw", ".o_my_accountants a[href$='/withdraw']"),
    goBy("Yes", CONFIRM),
    done,
    {content: "It is gone", trigger: "body:not(:has(.o_my_accountants))"},
]);

addTour("subscription_page_billing", () => [
    enter("No address", "#mailbox", "nobody"),
    goBy("Save it", "[data-field=mailbox] button"),
    check("It is refused beside the field", "#mailbox_error[role=alert]"),
    enter("Two addresses", "#mailbox", "books@acme.test, ada@acme.test"),
    goBy("Save them", "[data-field=mailbox] button"),
    check("They are saved", ".o_my_notice:contains(books@acme.test)"),
]);

addTour("subscription_page_order", () => [
    enter("The number", "[data-field^=order] input[name=number]", "PO 7"),
    goBy("Save it", "[data-field^=order] button"),
    done,
    check("It is there", "[data-field^=order] input:value(PO 7)"),
]);

addTour("subscription_page_renewal", () => [
    enter("For how long", "#years", "2"),
    clickOn("Another number of seats", "#seats_other"),
    enter("How many", "input[name^='seats_']:last", "4"),
    goBy("Send it", ".o_my_request_form button.btn-primary"),
    check("It waits", "[data-state=waiting]:contains(Expenses)"),
]);

addTour("subscription_page_partner", () => [
    goBy("Who may act", "a[href$='/companies']:first"),
    goBy("Ask for another partner", "a[href*='kind=partner']"),
    enter("Which", "textarea[name=message]", "Somebody nearer"),
    goBy("Send it", ".o_my_request_form button.btn-primary"),
    check("It waits", "[data-state=waiting]:contains(Somebody nearer)"),
]);
