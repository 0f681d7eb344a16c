import {addTour, check, clickOn} from "./tour_helpers";

const DIALOG = ".modal:not(.o_inactive_modal)";
const CARD = ".o_kanban_record:contains(Expenses)";

/** `steps`, which may click as often as `most` says: see docs/guide.md. */
function atMost(most, steps) {
    const clicks = steps.filter(({run}) => run === "click").length;
    if (clicks > most) {
        throw new Error(`It takes ${clicks} clicks, more than ${most}`);
    }
    return steps;
}

function enter(field, text) {
    return {
        content: `Enter the ${field}`,
        trigger: `${DIALOG} .o_field_widget[name=${field}] input`,
        run: `edit ${text}`,
    };
}

addTour("clicks_remove_access", () => [
    ...atMost(2, [
        clickOn("Open the module", `${CARD} a[name=action_open]`),
        clickOn(
            "Remove her",
            `${DIALOG} .o_data_row:contains(Ann) button[name=action_remove_access]`
        ),
        check("It is said", ".o_notification:contains(Ann)"),
        check("She is out", `${DIALOG} [name=seat_ids]:not(:contains(Ann))`),
        check("He is not", `${DIALOG} [name=seat_ids]:contains(Bob)`),
    ]),
    clickOn("Take it back", ".o_notification button:contains(Undo)"),
    check("It is said", ".o_notification:contains(Removal undone)"),
    check("She has it again", `${CARD} .o_seat_gauge:contains(2 of 2)`),
]);

addTour("clicks_give_access", () =>
    atMost(3, [
        clickOn("Add users", `${CARD} button[name=action_add_users]`),
        clickOn("Choose her", `${DIALOG} .o_data_row:contains(Ann) td[name=name]`),
        check(
            "What will be left is shown",
            `${DIALOG} .o_seat_preview .o_data_row:contains(1 of 2)`
        ),
        clickOn("Add", `${DIALOG} .modal-footer button[name=action_grant]:enabled`),
        check("She has it", `${CARD} .o_seat_gauge:contains(1 of 2)`),
    ])
);

addTour("clicks_new_client", () =>
    atMost(10, [
        clickOn("New client", ".o_control_panel .o_subscription_new_client_button"),
        enter("name", "Elm"),
        clickOn("Open the plans", `${DIALOG} [name=template_id] input`),
        clickOn("Choose one", ".o-autocomplete--dropdown-item:contains(Yearly)"),
        enter("administrator_name", "Eve"),
        enter("administrator_email", "eve@elm.test"),
        clickOn("Create", `${DIALOG} .modal-footer button[name=action_create]:enabled`),
        clickOn("Add users", `${CARD} button[name=action_add_users]`),
        clickOn("A new one", `${DIALOG} .o_create_button`),
        enter("name", "Ann"),
        clickOn("And another", `${DIALOG} .o_form_button_save_new`),
        check("She is chosen", ".o_inactive_modal .o_data_row:contains(Ann)"),
        check("It is empty again", `${DIALOG} [name=name] input:placeholder-shown`),
        enter("name", "Bob"),
        clickOn("That is all", `${DIALOG} .o_form_button_save`),
        clickOn(
            "Add them",
            `${DIALOG} .modal-footer button[name=action_grant]:enabled`
        ),
        check("They have it", `${CARD} .o_seat_gauge:contains(2 of 5)`),
    ])
);

addTour("clicks_renew_three", () =>
    atMost(5, [
        ...["Elm", "Fir", "Oak"].map((name) =>
            clickOn(
                `Choose ${name}`,
                `.o_data_row:contains(${name}) .o_list_record_selector input`
            )
        ),
        clickOn("Renew", ".o_control_panel button[name=action_renew]"),
        clickOn("Confirm", `${DIALOG} .modal-footer button[name=action_renew]:enabled`),
        check("It is said", `${DIALOG} .alert-success:contains(Renewed: 3)`),
    ])
);

addTour("clicks_member_left", () => [
    clickOn("She has left", ".o_form_statusbar button[name=action_ask_left]"),
    check("What that frees is said", ".modal:contains(1 of Expenses)"),
    clickOn("Yes", ".modal-footer button:contains(Has left)"),
    check("The page says so", ".o_widget_web_ribbon .ribbon span:contains(Has left)"),
    check(
        "She can be brought back",
        ".o_form_statusbar button[name=action_unarchive]:contains(Restore)"
    ),
    check(
        "Nothing else is left to press",
        ".o_form_statusbar:not(:has(button[name=action_ask_left]))"
    ),
]);

addTour("search_without_hit", () => [
    check("There are members", ".o_data_row:contains(Ann)"),
    {
        content: "Look for nobody",
        trigger: ".o_searchview_input",
        run: "edit Nobody",
    },
    clickOn("By name", ".o_searchview_autocomplete .o-dropdown-item:contains(Name)"),
    check(
        "It is said, and nobody is to be added",
        ".o_nocontent_help:contains(Nothing found):not(:contains(first member))"
    ),
    clickOn("Look for everybody again", ".o_clear_search"),
    check("There are members", ".o_data_row:contains(Ann)"),
]);
