import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Component} from "@odoo/owl";

export const SEAT_STATES = {
    ok: {color: "text-bg-success", icon: "fa-check"},
    warning: {color: "text-bg-warning", icon: "fa-exclamation-triangle"},
    full: {color: "text-bg-danger", icon: "fa-ban"},
    over: {color: "text-bg-danger", icon: "fa-arrow-up"},
    unavailable: {color: "text-bg-300", icon: "fa-question"},
    stopped: {color: "text-bg-300", icon: "fa-pause"},
};

/**
 * State of a pool, or the most urgent one of several, as a badge with an icon and in
 * words. Nothing where there is no state, as on a past date.
 */
export class SeatState extends Component {
    static template = "partner_managed_subscription.SeatState";
    static props = {
        ...standardFieldProps,
        runningField: {type: String, optional: true},
    };

    get value() {
        return this.props.record.data[this.props.name];
    }

    /** Whether seats are contracted of a term that has not begun or has ended. */
    get isStopped() {
        const {runningField, record} = this.props;
        return (
            this.value === "unavailable" && runningField && !record.data[runningField]
        );
    }

    get badge() {
        return SEAT_STATES[this.isStopped ? "stopped" : this.value];
    }

    get label() {
        if (this.isStopped) {
            return _t("Not running");
        }
        const {selection} = this.props.record.fields[this.props.name];
        return new Map(selection).get(this.value);
    }
}

export const seatState = {
    component: SeatState,
    displayName: _t("State of the seats"),
    supportedOptions: [
        {label: _t("Field: is running"), name: "running_field", type: "field"},
    ],
    supportedTypes: ["selection"],
    listViewWidth: 145,
    fieldDependencies: ({options}) =>
        options.running_field ? [{name: options.running_field, type: "boolean"}] : [],
    extractProps: ({options}) => ({runningField: options.running_field}),
};

registry.category("fields").add("seat_state", seatState);
