import {addTour, clickOn} from "./tour_helpers";

const CARD = ".o_kanban_record:contains(Expenses)";
const DIALOG = ".modal:not(.o_inactive_modal)";

/**
 * Steps that choose `names` in the list of users of a wizard, which opens by itself where
 * the module is known.
 *
 * Each waits for the row to be drawn as chosen: the dialog takes over what is chosen
 * only then, and its button is enabled from the first user on.
 */
function chooseUsers(...names) {
    return [
        ...names.flatMap((name) => [
            {
                content: `Choose ${name}`,
                trigger: `${DIALOG} .o_data_row:contains(${name}) .o_list_record_selector input`,
                run: "click",
            },
            {
                content: `${name} is chosen`,
                trigger: `${DIALOG} .o_data_row_selected:contains(${name})`,
            },
        ]),
        {
            content: "Take them",
            trigger: `${DIALOG} .o_select_button:enabled`,
            run: "click",
        },
    ];
}

function confirm(method) {
    return clickOn("Confirm", `${DIALOG} .modal-footer button[name=${method}]`);
}

const dialogClosed = {
    content: "The wizard is closed",
    trigger: "body:not(:has(.modal))",
};
const addPaused = [
    {content: "The pool is full", trigger: `${CARD} .o_seat_gauge[data-state=full]`},
    {content: "Adding is paused", trigger: `${CARD} .o_seat_pool_paused:disabled`},
    {content: "The card says what to do", trigger: `${CARD}:contains(Raise the limit)`},
    {
        content: "The banner says why and what to do",
        trigger:
            ".o_seat_banner:contains(Expenses):contains(2 of 2):contains(Raise the limit)",
    },
];

addTour("subscription_add_users", () => [
    clickOn("Add users to Expenses", `${CARD} button[name=action_add_users]`),
    clickOn("Look at the dialog first", `${DIALOG} .o_form_button_cancel`),
    {
        content: "Expenses is chosen, and says how many seats are left",
        trigger: `${DIALOG} .form-check:contains(Expenses):contains(2 left) input:checked`,
    },
    {
        content: "Nothing can be confirmed yet",
        trigger: `${DIALOG} .modal-footer .btn-primary:disabled`,
    },
    {
        content: "Open the list of users",
        trigger: `${DIALOG} .o_field_x2many_list_row_add a`,
        run: "click",
    },
    ...chooseUsers("Ann", "Bob"),
    {
        content: "The preview shows what will be left",
        trigger: `${DIALOG} .o_seat_preview .o_data_row:contains(Expenses):contains(2 of 2):contains(0 left)`,
    },
    {
        content: "They have their base seats already",
        trigger: `${DIALOG} .o_seat_preview:not(:has(.o_data_row:contains(Users)))`,
    },
    confirm("action_grant"),
    dialogClosed,
    ...addPaused,
]);

addTour("subscription_add_users_allow_partial", () => [
    clickOn("Add users to Expenses", `${CARD} button[name=action_add_users]`),
    ...chooseUsers("Ann", "Bob", "Cid"),
    {
        content: "The refusal says how many are too many and what to do",
        trigger: `${DIALOG} .o_seat_refusal:contains(Expenses):contains(Raise the limit)`,
    },
    {
        content: "The preview says how many seats are short",
        trigger: `${DIALOG} .o_seat_preview .o_data_row:contains(1 short)`,
    },
    {
        content: "It cannot be confirmed",
        trigger: `${DIALOG} .modal-footer:not(:has(button[name=action_grant])) .btn-primary:disabled`,
    },
    clickOn("Add as many as fit", `${DIALOG} [name=allow_partial] input`),
    {
        content: "Who will be left out is named",
        trigger: `${DIALOG} .o_seat_refusal [name=left_out_ids]:contains(Cid)`,
    },
    confirm("action_grant"),
    {
        content: "Who was left out is named",
        trigger: ".o_notification:contains(Cid)",
    },
    dialogClosed,
    ...addPaused,
]);

addTour("subscription_remove_access", () => [
    ...addPaused,
    clickOn("Remove access to Expenses", `${CARD} button[name=action_remove_access]`),
    ...chooseUsers("Ann"),
    {
        content: "The preview shows the seat that becomes free",
        trigger: `${DIALOG} .o_seat_preview .o_data_row:contains(Expenses):contains(1 left)`,
    },
    confirm("action_release"),
    dialogClosed,
    {
        content: "Users can be added again",
        trigger: `${CARD}:not(:has(.o_seat_pool_paused)) button[name=action_add_users]:enabled`,
    },
    {
        content: "The seat is free at once",
        trigger: `${CARD} .o_seat_gauge:contains(1 of 2):contains(1 left)`,
    },
    {
        content: "The banner no longer speaks of it",
        trigger: ".o_seat_banner:not(:contains(Expenses))",
    },
]);

addTour("subscription_change_contract", () => [
    ...addPaused,
    clickOn("Open the pool from its card", `${CARD} a[name=action_open]`),
    {
        content: "The dialog says who has access",
        trigger: `${DIALOG} .o_data_row:contains(Ann)`,
    },
    {
        content: "Raise the limit",
        trigger: `${DIALOG} [name=seat_limit] input`,
        run: "edit 5",
    },
    clickOn("Save", `${DIALOG} .modal-footer .btn-primary`),
    dialogClosed,
    {
        content: "The card shows the new limit, and users can be added",
        trigger: `${CARD}:contains(2 of 5) button[name=action_add_users]:enabled`,
    },
    clickOn("Add a module", "button[name=action_add_module]"),
    clickOn("Open the modules", `${DIALOG} [name=module_id] input`),
    {
        content: "A module that is there already is not proposed",
        trigger: ".o-autocomplete--dropdown-menu:not(:contains(Expenses))",
    },
    clickOn("Choose Time", ".o-autocomplete--dropdown-item:contains(Time)"),
    {
        content: "Set its seats",
        trigger: `${DIALOG} [name=seat_limit] input`,
        run: "edit 4",
    },
    clickOn("Save", `${DIALOG} .modal-footer .btn-primary`),
    dialogClosed,
    {
        content: "The module has its card",
        trigger: ".o_kanban_record:contains(Time):contains(0 of 4)",
    },
]);

addTour("subscription_remove_inactive", () => [
    clickOn("What else can be done", ".o_form_statusbar .o_form_menu"),
    clickOn(
        "Remove inactive members",
        ".o-dropdown--menu button[name=action_remove_inactive]"
    ),
    {
        content: "Who is in no active team is listed, and nobody else",
        trigger: `${DIALOG} [name=member_ids]:contains(Bob):contains(Cid):not(:contains(Ann))`,
    },
    clickOn(
        "Let Cid stay",
        `${DIALOG} .o_data_row:contains(Cid) .o_list_record_remove button`
    ),
    {
        content: "The preview shows the seats that become free",
        trigger: `${DIALOG} .o_seat_preview .o_data_row:contains(Users):contains(1 left)`,
    },
    confirm("action_remove"),
    {
        content: "Who was removed is named",
        trigger: ".o_notification:contains(Bob)",
    },
    dialogClosed,
    {
        content: "The seat is free at once",
        trigger: ".o_kanban_record:contains(Users) .o_seat_gauge:contains(2 of 3)",
    },
]);

addTour("subscription_seats_on_a_date", () => [
    {
        content: "There is a gauge today",
        trigger: ".o_data_row:contains(Expenses) .o_seat_gauge[data-state=full]",
    },
    clickOn("Open the filters", ".o_searchview_dropdown_toggler"),
    clickOn("Choose last month", ".o_filter_menu .o_menu_item:contains(Last Month)"),
    {
        content: "The seats of then, without a gauge that nobody knows",
        trigger:
            ".o_list_view:not(:has(.o_seat_gauge)) .o_data_row:contains(Expenses) [name=used]:contains(1)",
    },
    clickOn("Ask for a date", ".o_control_panel button:contains(date)"),
    {
        content: "Enter the date",
        trigger: `${DIALOG} [name=date] input, ${DIALOG} [name=date] button`,
        run: "click",
    },
    {
        content: "Enter the date",
        trigger: `${DIALOG} [name=date] input`,
        run: "edit 06/15/2020 && press Enter",
    },
    confirm("action_open"),
    {
        content: "The date is shown",
        trigger: ".o_breadcrumb:contains(06/15/2020)",
    },
    {
        content: "Only what was in use then is known",
        trigger:
            ".o_list_view:not(:has(th[data-name=state], th[data-name=seat_limit]))",
    },
    clickOn(
        "Open the seats of Expenses",
        ".o_data_row:contains(Expenses):has([name=used]:contains(1)) td[name=module_id]"
    ),
    {
        content: "Who had a seat then is listed, and nobody else",
        trigger: ".o_list_view:contains(Ann):not(:contains(Bob))",
    },
]);
