import {describe, expect, test} from "@odoo/hoot";
import {queryAllTexts, queryFirst} from "@odoo/hoot-dom";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

const STATES = [
    ["unavailable", "Not configured"],
    ["ok", "Seats available"],
    ["warning", "Running low"],
    ["full", "Full"],
    ["over", "Over the limit"],
];

class Pool extends models.Model {
    _name = "pool";

    used = fields.Integer();
    seat_limit = fields.Integer();
    available = fields.Integer();
    missing = fields.Integer();
    change = fields.Integer();
    usage_rate = fields.Float();
    is_unlimited = fields.Boolean();
    is_running = fields.Boolean();
    state = fields.Selection({selection: STATES});
}

defineMailModels();
defineModels([Pool]);
onRpc("has_group", () => true);

const KANBAN = `
    <kanban>
        <templates>
            <t t-name="card">
                <field name="usage_rate" widget="seat_gauge"/>
                <field
                    name="state"
                    widget="seat_state"
                    options="{'running_field': 'is_running'}"
                />
            </t>
        </templates>
    </kanban>`;
const LIST = `<list><field name="usage_rate" widget="seat_gauge"/></list>`;
const LEFT = `<list><field name="available" widget="seats_left"/></list>`;
const CHANGES = `<list><field name="change" widget="seat_change"/></list>`;

/** A running pool of 5 seats of which 1 is in use, but for what `values` says. */
function pool(values) {
    const used = values.used ?? 1;
    const limit = values.seat_limit ?? 5;
    return {
        used,
        seat_limit: limit,
        available: Math.max(limit - used, 0),
        usage_rate: limit && (100 * used) / limit,
        is_running: true,
        state: "ok",
        ...values,
    };
}

async function show(arch, ...records) {
    Pool._records = records.map((values, index) => ({id: index + 1, ...pool(values)}));
    await mountView({resModel: "pool", type: arch.match(/\w+/)[0], arch});
}

function barWidth(selector = ".progress-bar") {
    return queryFirst(selector).style.width;
}

describe("gauge", () => {
    test("says how many seats are in use, contracted and left", async () => {
        await show(KANBAN, {used: 4, state: "warning"});
        expect(".o_seat_gauge").toHaveText("4 of 5 in use\n1 left");
        expect(".progress-bar").toHaveClass("bg-warning");
        expect(barWidth()).toBe("80%");
        expect(".progress").toHaveAttribute("aria-valuenow", "80");
        expect(".progress").toHaveAttribute("aria-label", "4 of 5 in use");
    });

    test("says how many seats are too many", async () => {
        await show(KANBAN, {used: 7, state: "over"});
        expect(".o_seat_gauge").toHaveText("7 of 5 in use\n2 too many");
        expect(".progress-bar").toHaveClass("bg-danger");
        expect(barWidth()).toBe("100%");
    });

    test("has no bar without a limit", async () => {
        await show(KANBAN, {used: 3, seat_limit: 0, is_unlimited: true});
        expect(".progress").toHaveCount(0);
        expect(".o_seat_gauge").toHaveText("3 in use\nUnlimited");
    });

    test("has no bar where seats are not configured or not running", async () => {
        await show(
            KANBAN,
            {used: 0, seat_limit: 0, state: "unavailable"},
            {used: 0, seat_limit: 5, state: "unavailable", is_running: false}
        );
        expect(".progress").toHaveCount(0);
        const texts = queryAllTexts(".o_seat_gauge");
        expect(texts).toEqual(["None contracted", "5 contracted"]);
    });

    test("says on a past date what was in use and nothing else", async () => {
        const past = {
            used: 3,
            seat_limit: 0,
            available: 0,
            usage_rate: 0,
            state: false,
        };
        await show(KANBAN, {...past, is_running: false});
        expect(".progress").toHaveCount(0);
        expect(".o_seat_gauge").toHaveText("3 in use");
        expect(".badge").toHaveCount(0);
    });

    test("writes big numbers in groups", async () => {
        await show(KANBAN, {used: 1200, seat_limit: 5000});
        expect(".o_seat_gauge").toHaveText("1,200 of 5,000 in use\n3,800 left");
    });

    test("is a line of bar and percent in a list", async () => {
        await show(LIST, {used: 2}, {is_unlimited: true}, {used: 5, state: "full"});
        const texts = queryAllTexts(".o_data_cell .o_seat_gauge");
        expect(texts).toEqual(["40%", "Unlimited", "100%"]);
        expect(".progress").toHaveCount(2);
    });

    test("does not round up to 100 percent", async () => {
        await show(LIST, {used: 996, seat_limit: 1000, state: "warning"});
        expect(".o_data_cell .o_seat_gauge").toHaveText("99%");
    });
});

describe("state", () => {
    test("is an icon and words, not only a colour", async () => {
        await show(KANBAN, ...STATES.slice(1).map(([state]) => ({state})));
        const texts = queryAllTexts(".badge");
        expect(texts).toEqual(STATES.slice(1).map(([, label]) => label));
        for (const icon of ["check", "exclamation-triangle", "ban", "arrow-up"]) {
            expect(`.badge .fa-${icon}`).toHaveCount(1);
        }
    });

    test("tells what does not run from what is not configured", async () => {
        await show(
            KANBAN,
            {state: "unavailable", seat_limit: 0},
            {state: "unavailable", is_running: false}
        );
        const texts = queryAllTexts(".badge");
        expect(texts).toEqual(["Not configured", "Not running"]);
    });
});

describe("change", () => {
    test("shows what seats come and what is left", async () => {
        await show(CHANGES, {used: 1, change: 2, available: 2});
        expect(".o_seat_change").toHaveText("1 → 3 of 5 in use\n2 left");
        expect(barWidth(".progress-bar:first-child")).toBe("20%");
        expect(barWidth(".progress-bar:last-child")).toBe("40%");
        expect(".progress-bar:last-child").toHaveClass("bg-primary");
    });

    test("shows how many seats are short", async () => {
        await show(CHANGES, {used: 4, change: 2, available: 0, missing: 1});
        expect(".o_seat_change").toHaveText("4 → 6 of 5 in use\n1 short");
        expect(".progress-bar:last-child").toHaveClass("bg-danger");
    });

    test("shows what seats become free", async () => {
        await show(CHANGES, {used: 4, change: -3, available: 4});
        expect(".o_seat_change").toHaveText("4 → 1 of 5 in use\n4 left");
        expect(barWidth(".progress-bar:first-child")).toBe("20%");
        expect(".progress-bar:last-child").toHaveClass("bg-success");
    });

    test("has no bar without a limit", async () => {
        await show(CHANGES, {used: 4, change: 3, is_unlimited: true});
        expect(".progress").toHaveCount(0);
        expect(".o_seat_change").toHaveText("4 → 7 in use\nUnlimited");
    });
});

describe("what is left", () => {
    test("of a pool over its limit it says how many are too many", async () => {
        await show(
            LEFT,
            {used: 7, seat_limit: 5, state: "over"},
            {used: 5, seat_limit: 5, state: "full"},
            {used: 1, seat_limit: 5},
            {used: 7, seat_limit: 0, available: 0, is_unlimited: true},
            // On a past date no limit is known.
            {used: 7, seat_limit: 0, available: 0, state: false}
        );
        expect(queryAllTexts(".o_field_widget[name=available]")).toEqual([
            "2 too many",
            "0",
            "4",
            "0",
            "0",
        ]);
    });
});
