import {_t} from "@web/core/l10n/translation";

import {SEAT_STATES} from "../seat_state/seat_state";
import {formatCell, isNumber} from "./cells";
import {DashboardChart} from "./chart";

import {Component, useState} from "@odoo/owl";

/** A section of the dashboard: a chart, a table or figures, as the server sends it. */
export class DashboardSection extends Component {
    static template = "partner_managed_subscription.DashboardSection";
    static components = {DashboardChart};
    static props = {
        section: Object,
        // Called with an action as the server sends it.
        open: Function,
    };

    setup() {
        this.state = useState({isTable: false});
        this.formatCell = formatCell;
        this.isNumber = isNumber;
    }

    get isChart() {
        return ["bars", "line"].includes(this.props.section.kind);
    }

    get isEmpty() {
        return !this.props.section.rows.length;
    }

    get toggleLabel() {
        return this.state.isTable ? _t("Show as chart") : _t("Show as table");
    }

    /** What a button does, for who hears it without its section. */
    seeLabel() {
        return _t("See all: %s", this.props.section.title);
    }

    toggle() {
        this.state.isTable = !this.state.isTable;
    }

    /** The action of a cell: its own; that of the row is on its first cell. */
    cellAction(row, column) {
        const own = row.actions && row.actions[column.name];
        const isFirst = column === this.props.section.columns[0];
        return own || (isFirst && row.action) || null;
    }

    cellClass(column) {
        return isNumber(column) ? "o_subscription_number text-end" : "";
    }

    badge(column, row) {
        return column.type === "state" && SEAT_STATES[row.values[column.name]];
    }

    openPoint(row, name) {
        const action = (row.actions && row.actions[name]) || row.action;
        if (action) {
            this.props.open(action);
        }
    }
}
