import {registry} from "@web/core/registry";
import {GraphModel} from "@web/views/graph/graph_model";
import {GraphRenderer} from "@web/views/graph/graph_renderer";
import {graphView} from "@web/views/graph/graph_view";

// The colours of the states of seats are those of their badges.
const STATE_COLORS = {
    ok: "--success",
    warning: "--warning",
    full: "--danger",
    over: "--danger",
    unavailable: "--gray-400",
};
// What is over its limit stands beside what is full, in the same colour but lighter.
const STATE_ALPHAS = {over: "99"};

/** Seats and licences of different modules are not added up. */
export class SeatGraphModel extends GraphModel {
    _getLineOverlayDataset() {
        return null;
    }
}

/** Seats are whole, and states have their colours. */
export class SeatGraphRenderer extends GraphRenderer {
    getBarChartData() {
        const data = super.getBarChartData();
        for (const dataset of data.datasets) {
            const color = this.getStateColor(dataset.label);
            if (color) {
                dataset.backgroundColor = color;
            }
        }
        return data;
    }

    getScaleOptions() {
        const scales = super.getScaleOptions();
        if (scales.y && this.isMeasureWhole) {
            scales.y.ticks.precision = 0;
            scales.y.ticks.callback = (value) => this.formatValue(value);
        }
        return scales;
    }

    get isMeasureWhole() {
        const {fields, measure} = this.model.metaData;
        return measure === "__count" || fields[measure].type === "integer";
    }

    /** Return the colour of the state that the user reads as `label`, if it is one. */
    getStateColor(label) {
        const {fields, groupBy} = this.model.metaData;
        if (!groupBy.some(({fieldName}) => fieldName === "state")) {
            return null;
        }
        const found = fields.state.selection.find(([, name]) => name === label);
        if (!found || !(found[0] in STATE_COLORS)) {
            return null;
        }
        const root = document.documentElement;
        const style = document.defaultView.getComputedStyle(root);
        const color = style.getPropertyValue(STATE_COLORS[found[0]]).trim();
        return color && color + (STATE_ALPHAS[found[0]] || "");
    }
}

export const seatGraphView = {
    ...graphView,
    Model: SeatGraphModel,
    Renderer: SeatGraphRenderer,
};

registry.category("views").add("seat_graph", seatGraphView);
