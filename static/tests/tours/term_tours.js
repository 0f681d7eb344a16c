import {addTour, check, clickOn} from "./tour_helpers";

const TILE = ".o_subscription_tile[data-tile=renew]";

addTour("term_dashboard", () => [
    {
        content: "The tile counts the companies to renew, by their state",
        trigger: `${TILE}:contains(2) .o_term_ended:contains(1)`,
    },
    {
        content: "Some terms end soon",
        trigger: `${TILE} .o_term_ending:contains(1)`,
    },
    {
        content: "The stock is counted",
        trigger: ".o_subscription_tile[data-tile=licences] a:contains(Expenses)",
    },
    clickOn("See the companies to renew", `${TILE} button`),
    {
        content: "What has ended is told in words and by an icon",
        trigger:
            ".o_data_row:contains(Elm) .o_term_ended:contains(Ended) .fa-exclamation-circle",
    },
    {
        content: "So is what ends soon",
        trigger: ".o_data_row:contains(Fir) .o_term_ending .fa-hourglass-end",
    },
    {
        content: "Nobody else is listed, and the licences are added up",
        trigger: ".o_list_view:not(:contains(Acme)) tfoot:contains(4)",
    },
    clickOn("Go back to the dashboard", ".o_breadcrumb a, .o_back_button"),
    clickOn("See what has ended alone", `${TILE} .o_term_ended`),
    {
        content: "Only that is listed",
        trigger: ".o_list_view:contains(Elm):not(:contains(Fir))",
    },
    clickOn("Renew it", ".o_data_row:contains(Elm) button[name=action_renew]"),
    {
        content: "The wizard is open",
        trigger: ".modal .o_form_view:contains(Elm)",
    },
    clickOn("Leave it", ".modal .modal-footer button[special=cancel]"),
    {content: "The wizard is closed", trigger: "body:not(:has(.modal))"},
]);

addTour("term_cancel_renewal", () => [
    {
        content: "The banner says that it is renewed",
        trigger: ".alert-success .o_term_banner:contains(Renewed)",
    },
    {
        content: "It cannot be renewed twice",
        trigger: ".o_form_statusbar:not(:has(button[name=action_renew]))",
    },
    clickOn("Open the terms", ".o_notebook .nav-link[name=terms]"),
    {
        content: "The renewal is listed",
        trigger: "[name=renewal_ids] .o_data_row .o_term_scheduled",
    },
    clickOn(
        "Cancel the renewal",
        ".o_term_banner button[name=action_ask_cancel_renewal]"
    ),
    {
        content: "The question says that the licences come back",
        trigger: ".modal:contains(licences)",
    },
    clickOn("Think better of it", ".modal-footer button:contains(Keep it)"),
    check("It is renewed still", ".alert-success .o_term_banner"),
    clickOn(
        "Cancel the renewal",
        ".o_term_banner button[name=action_ask_cancel_renewal]"
    ),
    clickOn(
        "The button says whose, and how many licences",
        ".modal-footer .btn-danger:contains(Cancel the renewal of Fir (2 licences))"
    ),
    {
        content: "The term ends soon again",
        trigger: ".alert-warning .o_term_banner",
    },
    {
        content: "It can be renewed again",
        trigger: ".o_form_statusbar button[name=action_renew]",
    },
]);

addTour("term_read", () => [
    {
        content: "The banner says that the term ended",
        trigger: ".alert-danger .o_term_banner",
    },
    {
        content: "There is nothing to press",
        trigger:
            ".o_form_view:not(:has(button[name=action_renew], button[name=action_add_users]))",
    },
    clickOn("Open the terms", ".o_notebook .nav-link[name=terms]"),
    {
        content: "The licences to renew are shown",
        trigger: "[name=licences_to_renew]:contains(2)",
    },
]);

addTour("term_calendar", () => [
    clickOn("Open the calendar", ".o_switch_view.o_calendar"),
    clickOn("Choose the scale", ".o_view_scale_selector button"),
    clickOn("See the year", ".o_scale_button_year"),
    {
        content: "The ends of terms are marked",
        trigger: ".fc-bg-event.o_term_event",
    },
]);

addTour("client_title", () => [
    {
        content: "The long name of the client is read to its end",
        trigger: ".o_form_view h1.o_client_title:contains(the very end)",
        run({anchor}) {
            const text = document.createRange();
            text.selectNodeContents(anchor);
            const ends = [...text.getClientRects()].map(({right}) => right);
            const {right} = anchor.getBoundingClientRect();
            if (Math.max(...ends) > Math.min(right, window.innerWidth) + 1) {
                throw new Error(`Cut off at ${right}: it ends at ${ends}`);
            }
        },
    },
]);
