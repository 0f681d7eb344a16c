import {describe, expect, test} from "@odoo/hoot";
import {queryAll, queryAllTexts} from "@odoo/hoot-dom";
import {mockDate} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

const STATES = [
    ["not_started", "Not started"],
    ["running", "Running"],
    ["ending", "Ending soon"],
    ["ended", "Ended"],
    ["renewed", "Renewed"],
];

class Client extends models.Model {
    _name = "client";
    name = fields.Char();
    _records = [{id: 1, name: "Acme"}];
}

class Term extends models.Model {
    _name = "term";

    name = fields.Char();
    client_id = fields.Many2one({relation: "client"});
    date = fields.Date();
    quantity = fields.Float({digits: [16, 2]});
    renewal_state = fields.Selection({selection: STATES});
}

defineMailModels();
defineModels([Client, Term]);
onRpc("has_group", () => true);

const KANBAN = `
    <kanban>
        <templates>
            <t t-name="card"><field name="renewal_state" widget="term_state"/></t>
        </templates>
    </kanban>`;
const CALENDAR = `
    <calendar js_class="term_calendar" date_start="date" mode="month"
              scales="month,year" create="0" edit="0" delete="0">
        <field name="client_id" invisible="1"/>
        <field name="renewal_state" widget="term_state"/>
    </calendar>`;

/** Relative luminance of a colour as the browser gives it (WCAG 2). */
function luminance(color) {
    const [red, green, blue] = color
        .match(/[\d.]+/g)
        .slice(0, 3)
        .map((part) => part / 255)
        .map((part) =>
            part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
        );
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

function contrast(style) {
    const [high, low] = [style.color, style.backgroundColor]
        .map(luminance)
        .sort((one, other) => other - one);
    return (high + 0.05) / (low + 0.05);
}

function showStates(...states) {
    Term._records = states.map((state, index) => ({
        id: index + 1,
        name: `T${index}`,
        client_id: 1,
        date: "2026-03-15",
        renewal_state: state,
    }));
}

async function showCards() {
    await mountView({resModel: "term", type: "kanban", arch: KANBAN});
    return queryAll(".o_term_state");
}

describe("state of a term", () => {
    test("is told in words, and by an icon of its own", async () => {
        showStates(...STATES.map(([state]) => state));
        const badges = await showCards();
        expect(queryAllTexts(".o_term_state")).toEqual(STATES.map(([, text]) => text));
        const icons = badges.map((badge) => badge.querySelector("i").className);
        expect(new Set(icons).size).toBe(STATES.length);
    });

    test("has a colour of its own that its text stands out from", async () => {
        showStates(...STATES.map(([state]) => state));
        const styles = (await showCards()).map((badge) =>
            window.getComputedStyle(badge)
        );
        const colors = styles.map((style) => style.backgroundColor);
        expect(new Set(colors).size).toBe(STATES.length);
        for (const style of styles) {
            expect(contrast(style)).toBeGreaterThan(4.5);
        }
    });

    test("is not shown where there is none", async () => {
        showStates(false);
        await showCards();
        expect(".o_kanban_record:not(.o_kanban_ghost)").toHaveCount(1);
        expect(".badge").toHaveCount(0);
    });

    test("has the same colours in the calendar, in the past too", async () => {
        mockDate("2026-03-20 12:00:00");
        const states = STATES.map(([state]) => state);
        showStates(...states);
        const badges = await showCards();
        const colors = badges.map(
            (badge) => window.getComputedStyle(badge).backgroundColor
        );
        await mountView({resModel: "term", type: "calendar", arch: CALENDAR});
        for (const [index, state] of states.entries()) {
            const event = queryAll(`.fc-event.o_term_${state}`)[0];
            expect(window.getComputedStyle(event).backgroundColor).toBe(colors[index]);
            expect(event).not.toHaveClass("o_past_event");
            const main = event.querySelector(".fc-event-main");
            expect(window.getComputedStyle(main).color).toBe(
                window.getComputedStyle(badges[index]).color
            );
        }
    });

    test("has its icon and words in the calendar, with the client", async () => {
        mockDate("2026-03-10 12:00:00");
        showStates("ending");
        await mountView({resModel: "term", type: "calendar", arch: CALENDAR});
        expect(".fc-event").toHaveText("Acme");
        expect(".fc-event i.fa-hourglass-end").toHaveAttribute(
            "aria-label",
            "Ending soon"
        );
    });
});

describe("change of licences", () => {
    test("has a sign, and no useless zeros", async () => {
        Term._records = [5, -2.5, 1234.25].map((quantity, index) => ({
            id: index + 1,
            quantity,
        }));
        await mountView({
            resModel: "term",
            type: "list",
            arch: `<list><field name="quantity" widget="licence_change"/></list>`,
        });
        const texts = queryAllTexts(".o_data_cell");
        expect(texts).toEqual(["+5", "−2.5", "+1,234.25"]);
    });
});
