import {addTour, check, clickOn} from "./tour_helpers";

/**
 * The ways that lead to the same dialogs: a member is made on each, which fails where
 * the screen that one came from hands its default values on.
 */
const DIALOG = ".modal:not(.o_inactive_modal)";
const NAME = ".o_field_widget[name=name]";

const save = [
    clickOn("Save", ".o_form_button_save:enabled"),
    check("It is saved", ".o_form_saved"),
];

function enter(content, trigger, value) {
    return {content, trigger, run: `edit ${value}`};
}

/** Steps that choose `value` in the many2one field `name`. */
function choose(name, value, scope = "") {
    return [
        {
            content: `Look for ${value}`,
            trigger: `${scope} .o_field_widget[name=${name}] input`,
            run: `edit ${value}`,
        },
        clickOn(
            `Choose ${value}`,
            `.o-autocomplete--dropdown-item:not(.o_m2o_dropdown_option):contains(${value})`
        ),
    ];
}

/** Steps that open the users to choose, which where modules are chosen are open. */
const chooseUsers = [
    check("The dialog is open", `${DIALOG} .o_field_widget[name=pool_ids]`),
    clickOn("Choose users", `${DIALOG} .o_field_x2many_list_row_add a`),
];

/** Steps in *Add users* that make a member `name`, and give it a seat of Expenses. */
function addNewUser(name, left, opening = chooseUsers) {
    return [
        ...opening,
        clickOn("A new one", `${DIALOG} .o_create_button`),
        enter("Its name", `${DIALOG} ${NAME} input`, name),
        clickOn("Save it", `${DIALOG} .o_form_button_save`),
        check(
            "It is chosen",
            `${DIALOG} [name=member_ids] .o_data_row:contains(${name})`
        ),
        check(
            "What is left was read again",
            `${DIALOG} [name=pool_ids] .form-check:contains(Users):contains(${left} left)`
        ),
        {
            content: "Expenses, if it is not chosen yet",
            trigger: `${DIALOG} [name=pool_ids] .form-check:contains(Expenses) input`,
            run({anchor}) {
                if (!anchor.checked) {
                    anchor.click();
                }
            },
        },
        clickOn("Add it", `${DIALOG} .modal-footer button[name=action_grant]:enabled`),
        check("The dialog is closed", "body:not(:has(.modal))"),
    ];
}

const addUsers = clickOn(
    "Add users",
    ".o_form_statusbar button[name=action_add_users]:enabled"
);

addTour("path_from_a_new_client", () => [
    clickOn("A new client", ".o_list_button_add"),
    check(
        "Nothing is to be done before it is saved",
        ".o_form_view:not(:has(button[name=action_create_subscription]))"
    ),
    enter(
        "Its name",
        `.o_form_view ${NAME} input:visible, .o_form_view ${NAME} textarea:visible`,
        "Birch"
    ),
    ...save,
    clickOn("Its subscription", "button[name=action_create_subscription]"),
    check("It is this client's", "[name=managing_partner_id]:contains(North)"),
    ...choose("template_id", "Yearly"),
    ...save,
    clickOn("Start it", ".o_form_statusbar button[name=action_start]"),
    check(
        "It says what that takes and what is left",
        `${DIALOG} .o_taking:contains(Takes 2 licences of Expenses):contains(20 in stock):contains(18 afterwards)`
    ),
    clickOn(
        "Confirm",
        `${DIALOG} .modal-footer button[name=action_start_subscription]`
    ),
    check("The dialog is closed", "body:not(:has(.modal))"),
    addUsers,
    ...addNewUser("Ann", 2),
    check("The card shows it", ".o_kanban_record:contains(Expenses):contains(1 of 2)"),
    clickOn("The members", "button[name=action_view_members]"),
    clickOn("A new one", ".o_list_view:contains(Ann) .o_list_button_add"),
    enter("Its name", `${NAME} input`, "Bob"),
    ...save,
    clickOn("Add it to modules", "button[name=action_add_to_modules]"),
    {
        content: "Expenses",
        trigger: `${DIALOG} [name=pool_ids] .form-check:contains(Expenses) input`,
        run: "click",
    },
    clickOn("Add it", `${DIALOG} .modal-footer button[name=action_grant]:enabled`),
    check("The dialog is closed", "body:not(:has(.modal))"),
]);

addTour("path_from_the_menu", () => [
    clickOn("A new subscription", ".o_list_view .o_list_button_add"),
    ...choose("partner_id", "Acme"),
    ...choose("template_id", "Plus"),
    ...save,
    clickOn("Start it: it takes nothing", "button[name=action_start]"),
    addUsers,
    ...addNewUser("Eve", 2),
]);

addTour("path_from_the_cards", () => [
    clickOn(
        "Add users to Expenses",
        ".o_kanban_record:contains(Expenses) button[name=action_add_users]"
    ),
    ...addNewUser("Ann", 2, []),
]);

addTour("path_from_clients_to_renew", () => [
    clickOn("Open a subscription", ".o_data_row:contains(Acme) td[name=client_id]"),
    addUsers,
    ...addNewUser("Ann", 2),
]);

addTour("path_from_the_seats", () => [
    clickOn("Open a subscription", ".o_data_row:contains(Expenses) td[name=module_id]"),
    addUsers,
    ...addNewUser("Ann", 2),
]);

addTour("path_from_a_partner", () => [
    clickOn("Open the partner", ".o_data_row:contains(North) td[name=complete_name]"),
    clickOn("Its clients", "button[name=action_view_managed]"),
    clickOn("Open Acme", ".o_data_row:contains(Acme) td[name=complete_name]"),
    clickOn("Its members", "button[name=action_view_members]"),
    clickOn("A new one", ".o_list_view .o_list_button_add"),
    enter("Its name", `${NAME} input`, "Ann"),
    ...save,
    clickOn(
        "Back to Acme",
        ".o_breadcrumb a:contains(Acme), .breadcrumb a:contains(Acme)"
    ),
    clickOn("Its subscriptions", "button[name=action_view_subscription_ids]"),
    clickOn("Open it", ".o_list_view .o_data_row td[name=template_id]"),
    addUsers,
    ...addNewUser("Eve", 1),
]);

addTour("path_restore", () => [
    clickOn("Restore", "button[name=action_unarchive]"),
    check(
        "What was held before is chosen",
        `${DIALOG} [name=pool_ids] .form-check:contains(Expenses) input:checked`
    ),
    clickOn("Add it", `${DIALOG} .modal-footer button[name=action_grant]:enabled`),
    check("The dialog is closed", "body:not(:has(.modal))"),
    check("It has access again", "[name=pool_ids] .o_data_row:contains(Expenses)"),
]);

addTour("path_change_plan", () => [
    ...choose("template_id", "Large"),
    check(
        "It says what that takes and what is left",
        ".o_taking:contains(Takes 3 licences of Expenses):contains(afterwards)"
    ),
    clickOn("Do not save", ".o_form_button_cancel"),
    check("It is not said any more", ".o_form_view:not(:has(.o_taking))"),
]);
