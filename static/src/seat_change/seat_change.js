import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {formatInteger} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Component} from "@odoo/owl";

/**
 * What a wizard would do to the seats of a pool: those in use, and striped beside them
 * those that come or go. Reads the fields of the preview beside its own, the change.
 */
export class SeatChange extends Component {
    static template = "partner_managed_subscription.SeatChange";
    static props = {...standardFieldProps};

    get pool() {
        return this.props.record.data;
    }

    get change() {
        return this.pool[this.props.name];
    }

    get after() {
        return this.pool.used + this.change;
    }

    get text() {
        const values = {
            used: formatInteger(this.pool.used),
            after: formatInteger(this.after),
            limit: formatInteger(this.pool.seat_limit),
        };
        if (this.pool.is_unlimited) {
            return _t("%(used)s → %(after)s in use", values);
        }
        return _t("%(used)s → %(after)s of %(limit)s in use", values);
    }

    get leftText() {
        const {available, is_unlimited, missing} = this.pool;
        if (is_unlimited) {
            return _t("Unlimited");
        }
        return missing
            ? _t("%(missing)s short", {missing: formatInteger(missing)})
            : _t("%(available)s left", {available: formatInteger(available)});
    }

    /** The parts of the bar in percent: what stays, and what comes or goes. */
    get widths() {
        const {seat_limit, used} = this.pool;
        const scale = 100 / Math.max(seat_limit, used, this.after, 1);
        return {
            stays: Math.min(used, this.after) * scale,
            changes: Math.abs(this.change) * scale,
        };
    }

    get color() {
        if (this.change < 0) {
            return "bg-success";
        }
        return this.pool.missing ? "bg-danger" : "bg-primary";
    }
}

export const seatChange = {
    component: SeatChange,
    displayName: _t("Change of seats"),
    supportedTypes: ["integer"],
    isEmpty: () => false,
    listViewWidth: [180],
    fieldDependencies: [
        {name: "used", type: "integer"},
        {name: "seat_limit", type: "integer"},
        {name: "is_unlimited", type: "boolean"},
        {name: "available", type: "integer"},
        {name: "missing", type: "integer"},
    ],
};

registry.category("fields").add("seat_change", seatChange);
