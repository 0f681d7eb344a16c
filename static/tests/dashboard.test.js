import {describe, expect, test} from "@odoo/hoot";
import {click, queryAllTexts, queryAllValues, queryOne, select} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {getService, mountWithCleanup, onRpc} from "@web/../tests/web_test_helpers";
import {router} from "@web/core/browser/router";
import {WebClient} from "@web/webclient/webclient";

describe.current.tags("desktop");
defineMailModels();
onRpc("has_group", () => true);

const TILE = {
    name: "renew",
    title: "Companies to renew",
    icon: "fa-refresh",
    value: 1234.5,
    details: [
        {label: "Ended", value: 2, state: "ended", context: {only: "ended"}},
        {label: "Users", value: 3},
    ],
    empty: "Nothing to renew.",
    action: "some.action",
    domain: [],
    context: {all: true},
};
const CHART = {
    name: "renewals",
    title: "Renewals",
    note: "What it means.",
    kind: "bars",
    width: "half",
    columns: [
        {name: "month", label: "Month", type: "text"},
        {name: "renewed", label: "Renewed", type: "float"},
        {name: "waiting", label: "To renew", type: "integer"},
    ],
    rows: [
        {
            values: {month: "Mar 2026", renewed: 1.5, waiting: 3},
            actions: {waiting: {action: "some.terms", domain: [["id", "=", 3]]}},
        },
        {values: {month: "Apr 2026", renewed: 0, waiting: 0}},
    ],
    series: [
        {name: "renewed", label: "Renewed", state: "renewed"},
        {name: "waiting", label: "To renew", state: "ending"},
    ],
    empty: "",
    empty_action: null,
    action: {action: "some.terms"},
};
const TABLE = {
    ...CHART,
    name: "table",
    title: "Stocks",
    kind: "table",
    series: [],
    columns: [
        {name: "module", label: "Module", type: "text"},
        {name: "money", label: "Money", type: "monetary", currency_id: 1},
        {name: "rate", label: "Rate", type: "percent"},
        {name: "day", label: "Day", type: "date"},
        {name: "state", label: "State", type: "state", states: {full: "Full"}},
    ],
    rows: [
        {
            values: {
                module: "=1+1",
                money: 1234.5,
                rate: 12.5,
                day: "2026-03-15",
                state: "full",
            },
            action: {action: "some.stock", name: "Stock of it"},
        },
        {values: {module: "B", money: null, rate: 0, day: null, state: null}},
    ],
    action: null,
};
const STEPS = [
    {name: "module", title: "Add modules", text: "", done: true, label: "Modules"},
    {name: "plan", title: "Make a plan", text: "", done: false, label: "Plans"},
    {name: "client", title: "First client", text: "", done: false, label: "Client"},
].map((step) => ({...step, action: {action: `some.${step.name}`}}));
const CHOICES = {
    partner: [{id: 7, name: "Reef"}],
    module: [],
    months: [3, 12].map((id) => ({id, name: `${id} months`})),
};

function answer(parts, asked = {}) {
    return {
        filters: {
            values: {
                partner: asked.partner === 7 && 7,
                module: false,
                months: asked.months === 3 ? 3 : 12,
            },
            choices: CHOICES,
        },
        tiles: [],
        sections: [],
        steps: [],
        can_export: false,
        ...parts,
    };
}

/** Open the dashboard on what `get` returns for the filters that are asked for. */
async function open(get) {
    onRpc("sale.subscription", "get_dashboard", ({args}) => get(args[0]));
    onRpc("/web/action/load", async (request) => {
        const {params} = await request.json();
        return {
            id: 1,
            type: "ir.actions.act_window",
            xml_id: params.action_id,
            res_model: "res.partner",
            views: [[false, "list"]],
            domain: "[('a', '=', 1)]",
            context: {some: "x", all: false},
        };
    });
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "partner_managed_subscription.dashboard",
        name: "Dashboard",
    });
    await animationFrame();
}

/** Note where the page leads, instead of going there. */
function stayHere() {
    getService("action").doAction = ({xml_id: id, context, domain, name}) => {
        expect.step([id, context, domain, name || ""]);
    };
}

async function settle() {
    await animationFrame();
    await animationFrame();
}

describe("tiles", () => {
    test("show what the server counts", async () => {
        await open(() => answer({tiles: [TILE]}));
        expect(".o_subscription_tile").toHaveCount(1);
        expect(".o_subscription_tile h2").toHaveText("Companies to renew");
        expect(".o_subscription_tile_value").toHaveText("1,234.5");
        const details = queryAllTexts(".o_subscription_tile_detail");
        expect(details).toEqual(["Ended2", "Users3"]);
        expect(".o_subscription_tile_detail:first").toHaveClass("o_term_ended");
        expect(".o_subscription_tile_detail .fa-exclamation-circle").toHaveCount(1);
        expect(".o_subscription_tile").not.toHaveText(/Nothing to renew/);
    });

    test("say so when there is none, and have no number where none fits", async () => {
        await open(() =>
            answer({
                tiles: [
                    {...TILE, value: 0, details: []},
                    {...TILE, name: "licences", value: null},
                ],
            })
        );
        expect(queryAllTexts(".o_subscription_tile_value")).toEqual(["0"]);
        expect(".o_subscription_tile:first").toHaveText(/Nothing to renew/);
    });

    test("lead to the records, and to each part of them", async () => {
        await open(() => answer({tiles: [{...TILE, domain: [["b", "=", 2]]}]}));
        stayHere();
        await click(".o_subscription_tile button");
        await settle();
        await click(".o_subscription_tile_detail.o_term_ended");
        await settle();
        const domain = ["&", ["a", "=", 1], ["b", "=", 2]];
        expect.verifySteps([
            ["some.action", {some: "x", all: true}, domain, ""],
            ["some.action", {some: "x", all: false, only: "ended"}, domain, ""],
        ]);
    });
});

describe("page", () => {
    test("says that it is loading", async () => {
        const {promise, resolve} = Promise.withResolvers();
        await open(() => promise);
        expect(".o_subscription_page").toHaveAttribute("aria-busy", "true");
        expect(".o_subscription_tiles .placeholder").not.toHaveCount(0);
        resolve(answer({tiles: [TILE]}));
        await settle();
        expect(".o_subscription_page").toHaveAttribute("aria-busy", "false");
        expect(".o_subscription_tile h2").toHaveCount(1);
    });

    test("offers to try again when it cannot load", async () => {
        let fails = true;
        await open(() => {
            if (fails) {
                throw new Error("no connection");
            }
            return answer({tiles: [TILE]});
        });
        expect("[role=alert]").toHaveText(/could not be loaded/);
        fails = false;
        await click("[role=alert] button");
        await settle();
        expect("[role=alert]").toHaveCount(0);
        expect(".o_subscription_tile h2").toHaveText("Companies to renew");
    });

    test("says so when there is nothing to see", async () => {
        await open(() => answer({}));
        expect(".o_subscription_dashboard_empty").toHaveCount(1);
    });

    test("leads through the first steps", async () => {
        await open(() => answer({steps: STEPS}));
        expect("[data-step=module] .fa-check-circle").toHaveCount(1);
        expect("[data-step=plan] .fa-check-circle").toHaveCount(0);
        expect("[data-step=plan] button").toHaveClass("btn-primary");
        expect("[data-step=client] button").toHaveClass("btn-secondary");
        expect(".o_subscription_filters").toHaveCount(0);
        stayHere();
        await click("[data-step=plan] button");
        await settle();
        expect.verifySteps([
            ["some.plan", {some: "x", all: false}, [["a", "=", 1]], ""],
        ]);
    });
});

describe("filters", () => {
    test("are those that have a choice, and go into the address", async () => {
        const asked = [];
        await open((filters) => {
            asked.push(filters);
            return answer({tiles: [TILE]}, filters);
        });
        const names = queryAllTexts(".o_subscription_filters label");
        expect(names).toEqual(["Partner", "Period"]);
        await click("select[name=partner]");
        await select("7");
        await settle();
        expect(asked.at(-1)).toEqual({partner: 7, module: false, months: 12});
        expect(queryOne("select[name=partner]").value).toBe("7");
        expect(router.current.partner).toBe(7);
        await click("select[name=months]");
        await select("3");
        await settle();
        expect(asked.at(-1)).toEqual({partner: 7, module: false, months: 3});
        expect(router.current).toInclude(["months", 3]);
    });

    test("are what the server has accepted", async () => {
        await open(() => answer({tiles: [TILE]}));
        await click("select[name=partner]");
        await select("7");
        await settle();
        expect(queryAllValues("select")).toEqual(["0", "12"]);
        expect(router.current.partner).toBe(undefined);
    });

    test("go into the export, for who may export", async () => {
        await open((asked) => answer({tiles: [TILE], can_export: true}, asked));
        const {href} = queryOne(".o_subscription_export");
        const filters = new URL(href).searchParams.get("filters");
        expect(JSON.parse(filters)).toEqual({
            partner: false,
            module: false,
            months: 12,
        });
    });
});

describe("sections", () => {
    test("draw a chart, with a table for who does not see it", async () => {
        await open(() => answer({sections: [CHART]}));
        await settle();
        expect("canvas[role=img]").toHaveAttribute("aria-label", "Renewals");
        expect(queryAllTexts(".o_subscription_legend li")).toEqual([
            "Renewed",
            "To renew",
        ]);
        const chart = window.Chart.getChart(queryOne("canvas"));
        expect(chart.data.labels).toEqual(["Mar 2026", "Apr 2026"]);
        expect(chart.data.datasets.map(({data}) => data)).toEqual([
            [1.5, 0],
            [3, 0],
        ]);
        const colors = chart.data.datasets.map((one) => one.backgroundColor);
        expect(new Set(colors).size).toBe(2);
        for (const color of colors) {
            expect(color).toMatch(/^rgb\(/);
        }
        expect(".visually-hidden table").toHaveCount(1);
        // Nothing unseen scrolls.
        expect(".visually-hidden .table-responsive").toHaveCount(0);
        expect(".visually-hidden table a").toHaveCount(0);
    });

    test("open a bar, and a figure of the table", async () => {
        await open(() => answer({sections: [CHART]}));
        await settle();
        stayHere();
        const chart = window.Chart.getChart(queryOne("canvas"));
        const bar = chart.getDatasetMeta(1).data[0];
        const {x, y} = bar.getCenterPoint();
        const native = {type: "click", target: chart.canvas};
        chart.options.onClick({native, type: "click", x, y}, [], {
            getElementsAtEventForMode: () => [{index: 0, datasetIndex: 1}],
        });
        await settle();
        await click(".o_subscription_toggle");
        await settle();
        expect("canvas").toHaveCount(0);
        await click("td[data-column=waiting] a");
        await settle();
        const domain = ["&", ["a", "=", 1], ["id", "=", 3]];
        const opened = ["some.terms", {some: "x", all: false}, domain, ""];
        expect.verifySteps([opened, opened]);
        await click(".o_subscription_toggle");
        await settle();
        expect("canvas").toHaveCount(1);
    });

    test("write each figure as people do", async () => {
        await open(() => answer({sections: [TABLE]}));
        const texts = queryAllTexts("tbody td");
        expect(texts.slice(0, 5)).toEqual([
            "=1+1",
            "$ 1,234.50",
            "12.5 %",
            "03/15/2026",
            "Full",
        ]);
        expect(texts.slice(5)).toEqual(["B", "–", "0 %", "–", "–"]);
        expect("td[data-column=state] .badge .fa-ban").toHaveCount(1);
        stayHere();
        await click("tbody a");
        await settle();
        expect.verifySteps([
            ["some.stock", {some: "x", all: false}, [["a", "=", 1]], "Stock of it"],
        ]);
    });

    test("say what to do where there is nothing", async () => {
        const empty = {
            ...CHART,
            rows: [],
            empty: "Choose a longer period.",
            empty_action: {action: "some.new", name: "New client"},
        };
        await open(() => answer({sections: [empty]}));
        expect("canvas").toHaveCount(0);
        expect(".o_subscription_section_empty p").toHaveText("Choose a longer period.");
        expect(".o_subscription_section_empty button").toHaveText("New client");
    });

    test("show figures", async () => {
        const figures = {...TABLE, kind: "figures", rows: [TABLE.rows[0]]};
        await open(() => answer({sections: [figures]}));
        expect("[data-figure=money] dd").toHaveText("$ 1,234.50");
        expect("[data-figure=module] dd a").toHaveCount(1);
    });
});
