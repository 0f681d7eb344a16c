import {loadBundle} from "@web/core/assets";

import {formatCell} from "./cells";

import {Component, onWillStart, useEffect, useRef} from "@odoo/owl";

/**
 * The chart of a section. Colours are those of the legend, which has them from the
 * styles, so that a dark theme has its own. Readers of screens get the table instead.
 */
export class DashboardChart extends Component {
    static template = "partner_managed_subscription.DashboardChart";
    static props = {
        section: Object,
        // Called with a row and the name of a series.
        open: Function,
    };

    setup() {
        this.canvasRef = useRef("canvas");
        this.legendRef = useRef("legend");
        onWillStart(() => loadBundle("web.chartjs_lib"));
        useEffect(
            () => {
                const chart = new window.Chart(this.canvasRef.el, this.getConfig());
                return () => chart.destroy();
            },
            // Drawn anew only where something has changed.
            () => [JSON.stringify(this.props.section)]
        );
    }

    get columns() {
        return new Map(this.props.section.columns.map((one) => [one.name, one]));
    }

    swatchClass(series, index) {
        return series.state
            ? `o_term_${series.state}`
            : `o_subscription_series_${index}`;
    }

    getConfig() {
        const {kind, rows, columns} = this.props.section;
        return {
            type: kind === "line" ? "line" : "bar",
            data: {
                labels: rows.map((row) => row.values[columns[0].name]),
                datasets: this.getDatasets(),
            },
            options: {
                animation: false,
                maintainAspectRatio: false,
                interaction: {mode: "index", intersect: false},
                onClick: (_event, elements, chart) => this.onClick(_event, chart),
                onHover: (event, elements) => {
                    event.native.target.style.cursor = elements.length
                        ? "pointer"
                        : "default";
                },
                plugins: {legend: {display: false}, tooltip: this.getTooltip()},
                scales: this.getScales(),
            },
        };
    }

    getDatasets() {
        const {kind, rows, series} = this.props.section;
        const swatches = this.legendRef.el.querySelectorAll(".o_subscription_swatch");
        return series.map((one, index) => {
            const color = window.getComputedStyle(swatches[index]).backgroundColor;
            return {
                label: one.label,
                data: rows.map((row) => row.values[one.name]),
                backgroundColor: color,
                borderColor: color,
                borderWidth: kind === "line" ? 2 : 0,
                borderDash: one.dashed ? [6, 4] : [],
                pointRadius: one.dashed ? 0 : 3,
                maxBarThickness: 48,
            };
        });
    }

    getTooltip() {
        const {series} = this.props.section;
        return {
            callbacks: {
                label: ({datasetIndex, raw}) => {
                    const {name, label} = series[datasetIndex];
                    return `${label}: ${formatCell(this.columns.get(name), raw)}`;
                },
            },
        };
    }

    getScales() {
        const {kind, series} = this.props.section;
        const style = window.getComputedStyle(this.canvasRef.el);
        const column = this.columns.get(series[0].name);
        const stacked = kind === "bars";
        return {
            x: {
                stacked,
                ticks: {color: style.color},
                grid: {display: false},
                border: {color: style.borderTopColor},
            },
            y: {
                stacked,
                beginAtZero: true,
                ticks: {
                    color: style.color,
                    // No half seats.
                    precision: column.type === "integer" ? 0 : undefined,
                    callback: (value) => formatCell({...column, short: true}, value),
                },
                grid: {color: style.borderTopColor},
                border: {display: false},
            },
        };
    }

    /** Open what is under the pointer, else the only thing that its row opens. */
    onClick(event, chart) {
        const {rows, series} = this.props.section;
        const mode = (name, intersect) =>
            chart.getElementsAtEventForMode(event.native, name, {intersect}, true)[0];
        const found = mode("nearest", true) || mode("index", false);
        if (found) {
            this.props.open(rows[found.index], series[found.datasetIndex].name);
        }
    }
}
