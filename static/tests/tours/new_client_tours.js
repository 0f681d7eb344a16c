import {addTour, check, clickOn} from "./tour_helpers";

const DIALOG = ".modal:has(.o_subscription_new_client)";
const LINE = `${DIALOG} .o_new_client_lines .o_data_row:contains(Expenses)`;

function type(content, field, text) {
    return {
        content,
        trigger: `${DIALOG} [name=${field}] input`,
        run: `edit ${text} && press Tab`,
    };
}

/**
 * From the list of clients to a running subscription with an administrator. What is
 * compared are figures and names, so that it plays in every language.
 */
addTour("subscription_new_client", () => [
    clickOn("New client", ".o_control_panel .o_subscription_new_client_button"),
    check(
        "The partner is proposed",
        `${DIALOG} [name=managing_partner_id] input:value(North)`
    ),
    type("Name of the company", "name", "Elm"),
    clickOn("Open the plans", `${DIALOG} [name=template_id] input`),
    clickOn("Choose one", ".o-autocomplete--dropdown-item:contains(Yearly)"),
    check(
        "What it takes, and what is left",
        `${LINE}:has([name=stock]:contains(20)):has([name=licences]:contains(5)):has([name=left]:contains(15))`
    ),
    type("Five years need more than there is", "years", "5"),
    check("What is missing is said in the row", `${LINE}:has([name=left].text-danger)`),
    check("It cannot be created", `${DIALOG} .o_new_client_refusal:contains(North)`),
    check(
        "The button says so",
        `${DIALOG} .modal-footer:not(:has(button[name=action_create])) .btn-primary:disabled`
    ),
    type("Three years", "years", "3"),
    check("They suffice", `${LINE}:has([name=left]:contains(5))`),
    clickOn("Edit the seats", `${LINE} td[name=seats]`),
    {
        content: "One seat less",
        trigger: `${LINE} [name=seats] input`,
        run: "edit 4 && press Tab",
    },
    check("More is left", `${LINE}:has([name=left]:contains(8))`),
    type("Its administrator", "administrator_name", "Eve"),
    type("Where to write to", "administrator_email", "eve@elm.test"),
    check("Nothing is refused", `${DIALOG}:not(:has(.o_new_client_refusal))`),
    clickOn("Create", `${DIALOG} .modal-footer button[name=action_create]`),
    check("The dialog is closed", "body:not(:has(.modal))"),
    check("The subscription opens", ".o_form_view .o_kanban_record .o_seat_gauge"),
]);
