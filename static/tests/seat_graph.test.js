import {animationFrame, expect, test, waitFor} from "@odoo/hoot";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {
    getGraphRenderer,
    setupChartJsForTests,
} from "@web/../tests/views/graph/graph_test_helpers";

import {formatLicences} from "@partner_managed_subscription/licences/licences";

class Usage extends models.Model {
    _name = "usage";

    used = fields.Integer();
    module = fields.Selection({
        selection: [
            ["users", "Users"],
            ["time", "Time"],
        ],
    });
    state = fields.Selection({
        selection: [
            ["ok", "Seats available"],
            ["full", "Full"],
            ["over", "Over the limit"],
        ],
    });
    stock = fields.Float({digits: [16, 2], aggregator: "sum"});

    _records = [
        {id: 1, used: 1, module: "users", state: "ok", stock: 70},
        {id: 2, used: 2, module: "users", state: "full", stock: 8},
        {id: 3, used: 1, module: "time", state: "over", stock: 0.5},
    ];
}

defineMailModels();
defineModels([Usage]);
onRpc("has_group", () => true);
setupChartJsForTests();

/** Mount the graph of `usage` and return its renderer. */
async function mountGraph(attributes = "") {
    const view = await mountView({
        type: "graph",
        resModel: "usage",
        arch: `
            <graph js_class="seat_graph" ${attributes}>
                <field name="module"/>
                <field name="state"/>
                <field name="used" type="measure"/>
            </graph>`,
    });
    return getGraphRenderer(view);
}

test("states have the colours of their badges", async () => {
    const style = document.documentElement.style;
    style.setProperty("--success", "#00ff01");
    style.setProperty("--danger", "#ff0001");
    const renderer = await mountGraph();
    const colors = Object.fromEntries(
        renderer.chart.data.datasets.map((one) => [one.label, one.backgroundColor])
    );
    expect(colors).toEqual({
        "Seats available": "#00ff01",
        Full: "#ff0001",
        "Over the limit": "#ff000199",
    });
    style.removeProperty("--success");
    style.removeProperty("--danger");
});

test("no line adds up what is stacked", async () => {
    const renderer = await mountGraph('stacked="1"');
    const labels = renderer.chart.data.datasets.map((one) => one.label);
    expect(labels).not.toInclude("Sum");
});

test("the axis of seats has whole numbers", async () => {
    const renderer = await mountGraph();
    const {ticks} = renderer.getScaleOptions().y;
    expect(ticks.precision).toBe(0);
    expect(ticks.callback(3)).toBe("3");
});

test("totals of licences are written as in the rows", async () => {
    await mountView({
        type: "list",
        resModel: "usage",
        arch: '<list><field name="stock" widget="licences" sum="All"/></list>',
        groupBy: ["module"],
    });
    await waitFor(".o_group_header");
    await animationFrame();
    expect(".o_group_header:eq(0) .o_list_number").toHaveText("78");
    expect("tfoot .o_list_number").toHaveText("78.5");
    expect(formatLicences(78)).toBe("78");
    expect(formatLicences(false)).toBe("");
});
