import { registry } from "@web/core/registry";

const tours = registry.category("web_tour.tours");

/** A card of the subscription form, by the name of its module. */
const card = (module) => `.o_seat_pool_card:contains(${module})`;
const inDialog = (selector) => `.modal ${selector}`;

/** Choose users in an open wizard: those named, or all that are proposed. */
function chooseUsers(...names) {
    const rows = names.length
        ? names.map((name) => `.modal .o_data_row:contains(${name})`)
        : [".modal thead"];
    return [
        {
            trigger: inDialog(".o_field_x2many_list_row_add a"),
            run: "click",
        },
        {
            content: "the list of those who can be chosen is there",
            trigger: inDialog(".o_select_button"),
        },
        ...rows.map((row) => ({
            trigger: `${row} .o_list_record_selector input`,
            run: "click",
        })),
        { trigger: inDialog(".o_select_button:enabled"), run: "click" },
        {
            content: "the preview has taken them in",
            trigger: inDialog(".o_seat_preview .o_data_row"),
        },
    ];
}

tours.add("seats_add_users", {
    steps: () => [
        { trigger: `${card("Expenses")}:contains(0 of 2 in use)` },
        {
            trigger: `${card("Expenses")} button[name=action_add_users]`,
            run: "click",
        },
        ...chooseUsers("Acme 1", "Acme 2"),
        {
            content: "two of two would be in use",
            trigger: inDialog(".o_seat_preview:contains(2 of 2 in use)"),
        },
        { trigger: inDialog("footer button[name=action_grant]"), run: "click" },
        {
            content: "the card shows the new number without a reload",
            trigger: `body:not(:has(.modal)) ${card("Expenses")}:contains(2 of 2 in use)`,
        },
        {
            content: "nothing can be added any more, and the card says why",
            trigger: `${card("Expenses")}:has(.o_seat_pool_paused):contains(North)`,
        },
    ],
});

tours.add("seats_add_what_fits", {
    steps: () => [
        {
            trigger: `${card("Expenses")} button[name=action_add_users]`,
            run: "click",
        },
        ...chooseUsers(),
        {
            content: "three do not fit into two seats, and the wizard says so",
            trigger: inDialog(".o_seat_refusal:contains(1 too many)"),
        },
        {
            trigger: inDialog(".o_field_widget[name=what_fits] input"),
            run: "click",
        },
        {
            content: "who would be left out is named",
            trigger: inDialog(".o_seat_refusal:contains(Acme 3)"),
        },
        {
            trigger: inDialog("footer button:contains(Add those who fit)"),
            run: "click",
        },
        {
            trigger: `body:not(:has(.modal)) ${card("Expenses")}:contains(2 of 2 in use)`,
        },
    ],
});

tours.add("seats_remove_access", {
    steps: () => [
        { trigger: `${card("Expenses")}:has(.o_seat_pool_paused)` },
        {
            trigger: `${card("Expenses")} button[name=action_remove_access]`,
            run: "click",
        },
        ...chooseUsers("Acme 1"),
        { trigger: inDialog("footer button[name=action_release]"), run: "click" },
        {
            content: "the seat is free at once, and can be given again",
            trigger: `body:not(:has(.modal)) ${card("Expenses")}:contains(1 of 2 in use)`,
        },
        { trigger: `${card("Expenses")} button[name=action_add_users]` },
    ],
});

tours.add("seats_remove_inactive", {
    steps: () => [
        { trigger: `${card("Users")}:contains(3 of 3 in use)` },
        { trigger: "button[name=action_remove_inactive]", run: "click" },
        {
            content: "those in no active team are proposed, the others are not",
            trigger: inDialog(
                ".o_field_widget[name=member_ids]:contains(Acme 3):not(:contains(Acme 1))"
            ),
        },
        { trigger: inDialog("footer button[name=action_remove]"), run: "click" },
        {
            trigger: `body:not(:has(.modal)) ${card("Users")}:contains(1 of 3 in use)`,
        },
    ],
});

tours.add("seats_on_a_date", {
    steps: () => [
        { trigger: "button:contains(In use on a date)", run: "click" },
        { trigger: inDialog("button[name=action_open]"), run: "click" },
        {
            content: "the seats in use at the end of the day, without limits",
            trigger: "body:not(:has(.modal)) .o_data_row:contains(Acme)",
        },
        { trigger: ".o_list_view:not(:has(th[data-name=seat_limit]))" },
    ],
});
