import {addTour, check, clickOn} from "./tour_helpers";

// In either language: amounts are compared by their digits.
const cents = (text) => Number(text.replace(/[^\d-]/g, ""));
const texts = (selector) =>
    [...document.querySelectorAll(selector)].map((one) => one.textContent);
const LINES = ".o_list_view .o_data_row";
let expected = 0;

/** Note the amount that `selector` shows last, and click on it. */
function openFigure(content, selector) {
    return {
        content,
        trigger: selector,
        async run({click}) {
            const figure = [...document.querySelectorAll(selector)].at(-1);
            expected = cents(figure.textContent);
            await click(figure);
        },
    };
}

function addUp(content) {
    return {
        content,
        // The lines alone say what they come from.
        trigger: `${LINES} td[name=origin]`,
        run() {
            const amounts = texts(`${LINES} td[name=mrr]`).map(cents);
            const sum = amounts.reduce((one, other) => one + other, 0);
            const total = cents(texts(".o_list_view tfoot .o_list_number").at(-1));
            if (!expected || sum !== expected || total !== expected) {
                throw new Error(`${expected}: ${amounts} are ${sum}, below ${total}`);
            }
        },
    };
}

addTour("revenue_lines", () => [
    check("It begins with the graph", ".o_graph_renderer canvas"),
    clickOn("Show the pivot", ".o_switch_view.o_pivot"),
    openFigure("Open the MRR of this month", ".o_pivot .o_pivot_cell_value"),
    addUp("Its lines add up to it"),
    clickOn("Go back", ".o_breadcrumb a, .o_back_button"),
    check("The pivot is as it was", ".o_pivot .o_pivot_cell_value"),
    clickOn("Show the list", ".o_switch_view.o_list"),
    openFigure("Open a row", `${LINES} td[name=mrr]`),
    addUp("So do the lines of a row"),
]);
