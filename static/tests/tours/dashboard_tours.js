import {addTour, check, clickOn} from "./tour_helpers";

const SECTION = ".o_subscription_section";
const RENEWALS = `${SECTION}[data-section=renewals]`;

// In either language: figures and names, no words of the program.
addTour("dashboard_filters", () => [
    check("The charts are drawn", `${SECTION}[data-section=seats] canvas`),
    {
        content: "The page can be scrolled to its end",
        trigger: ".o_subscription_dashboard .o_content",
        run({anchor}) {
            anchor.scrollTop = anchor.scrollHeight;
            if (!anchor.scrollTop || anchor.clientHeight > window.innerHeight) {
                throw new Error("What is below the window cannot be reached");
            }
        },
    },
    check("Both clients are listed", `[data-section=seats_free]:contains(Coral)`),
    {
        content: "Choose the reseller",
        trigger: ".o_subscription_filters select[name=partner]",
        run: "selectByLabel Reef",
    },
    check(
        "Only its clients are left",
        "[data-section=seats_free]:contains(Coral):not(:contains(Elm))"
    ),
    {
        content: "Choose half a year",
        trigger: ".o_subscription_filters select[name=months]",
        run: "selectByIndex 1",
    },
    {
        content: "Load the page again, by its address alone",
        trigger: ".o_subscription_page[aria-busy=false]",
        run() {
            const {searchParams} = new URL(window.location.href);
            if (!searchParams.get("partner") || searchParams.get("months") !== "6") {
                throw new Error(`The address is ${window.location.href}`);
            }
            window.sessionStorage.removeItem("current_action");
            window.location.reload();
        },
        expectUnloadPage: true,
    },
    check(
        "The filters are as before",
        "[data-section=seats_free]:contains(Coral):not(:contains(Elm))"
    ),
    {
        content: "Look at all partners again",
        trigger: ".o_subscription_filters select[name=partner]",
        run: "selectByIndex 0",
    },
    check("All clients are back", "[data-section=seats_free]:contains(Elm)"),
    clickOn("Show the chart as a table", `${RENEWALS} .o_subscription_toggle`),
    clickOn("Open the terms of a bar", `${RENEWALS} td[data-column=waiting] a:first`),
    check("Only those of that month are listed", ".o_list_view .o_data_row"),
    clickOn("Go back", ".o_breadcrumb a, .o_back_button"),
    check("The dashboard is as it was", `${RENEWALS} canvas`),
    clickOn("Open a row", "[data-section=seats_free] tbody tr:contains(Coral) a"),
    check("Its seats are shown", ".o_list_view .o_data_row:contains(Coral)"),
]);
