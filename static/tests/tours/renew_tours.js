import {addTour, check, clickOn} from "./tour_helpers";

const DIALOG = ".modal:has(.o_subscription_renew)";
const LINE = `${DIALOG} .o_renew_lines .o_data_row:contains(Expenses)`;

/** Steps that open the wizard on the rows of the list of subscriptions in `rows`. */
function openOn(...rows) {
    return [
        ...rows.map((row) =>
            clickOn(`Choose ${row}`, `${row} .o_list_record_selector input`)
        ),
        clickOn("Open the actions", ".o_control_panel button:contains(Actions)"),
        clickOn("Renew", ".o-dropdown--menu .o_menu_item:contains(Renew)"),
    ];
}

addTour("subscription_renew_one", () => [
    ...openOn(".o_data_row:contains(Acme)"),
    check(
        "What is in stock, what is needed and what is left",
        `${LINE}:has([name=stock]:contains(20)):has([name=licences]:contains(5)):has([name=left]:contains(15))`
    ),
    {
        content: "Five years need more than there is",
        trigger: `${DIALOG} [name=years] input`,
        run: "edit 5 && press Tab",
    },
    check(
        "What is missing is said in the row",
        `${LINE}:has([name=left].text-danger:contains(-5)):contains(5 missing)`
    ),
    check(
        "The refusal says whom to contact",
        `${DIALOG} .o_seat_refusal:contains(5 missing):contains(Vendor)`
    ),
    check(
        "It cannot be confirmed",
        `${DIALOG} .modal-footer:not(:has(button[name=action_renew])) .btn-primary:disabled`
    ),
    clickOn(
        "Choose another number",
        `${DIALOG} [name=seat_choice] .o_radio_item:contains(Another) input`
    ),
    clickOn("Edit the number", `${LINE} td[name=seats_each]`),
    {
        content: "Fewer seats for five years",
        trigger: `${LINE} [name=seats_each] input`,
        run: "edit 4 && press Tab",
    },
    check("They are just enough", `${LINE}:has([name=left]:contains(0))`),
    check("Nothing is refused", `${DIALOG}:not(:has(.o_seat_refusal))`),
    clickOn("Renew", `${DIALOG} .modal-footer button[name=action_renew]`),
    check("What was done is said", ".o_notification:contains(Acme):contains(20)"),
    check("The wizard is closed", "body:not(:has(.modal))"),
    check(
        "The list shows that it is renewed",
        ".o_data_row:contains(Acme):contains(Renewed)"
    ),
]);

addTour("subscription_renew_many", () => [
    ...openOn("thead"),
    check(
        "The stock does not suffice for all",
        `${LINE}:has([name=client_count]:contains(5)):contains(5 missing)`
    ),
    check("Nothing would be renewed", `${DIALOG} [name=renewable_count]:contains(0)`),
    clickOn("Renew what fits", `${DIALOG} [name=allow_partial] input`),
    check("It says how many will be", `${DIALOG} [name=renewable_count]:contains(4)`),
    clickOn("Renew", `${DIALOG} .modal-footer button[name=action_renew]`),
    check("The counts of the result", `${DIALOG} .alert-success:contains(Renewed: 4)`),
    check(
        "Who was left out comes first, with the reason",
        `${DIALOG} .o_data_row:first:contains(Not renewed):contains(5 missing)`
    ),
    clickOn("Open as a list", `${DIALOG} button[name=action_list_results]`),
    check(
        "The list has all",
        ".o_list_view:has(.o_breadcrumb:contains(Result)) .o_data_row:eq(4)"
    ),
    clickOn(
        "Open a subscription",
        ".o_list_view:not(:has(.modal)) .o_data_row:contains(Not renewed) td[name=client_id]"
    ),
    check("It is that subscription", ".o_form_view .o_form_statusbar"),
]);
