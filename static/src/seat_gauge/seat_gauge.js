import {_t} from "@web/core/l10n/translation";
import {user} from "@web/core/user";
import {registry} from "@web/core/registry";
import {formatInteger} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Component} from "@odoo/owl";

const COLORS = {
    ok: "bg-success",
    warning: "bg-warning",
    full: "bg-danger",
    over: "bg-danger",
};

/**
 * Seats in use out of those contracted, as a bar in the colour of the pool's state and
 * in words, so that it can be read without colour. Reads the fields of the pool beside
 * its own, the usage in percent. On a past date only the seats in use are known.
 */
export class SeatGauge extends Component {
    static template = "partner_managed_subscription.SeatGauge";
    static props = {
        ...standardFieldProps,
        isCompact: {type: Boolean, optional: true},
    };

    get pool() {
        return this.props.record.data;
    }

    /** Whether there is a limit to hold the seats in use against. */
    get hasBar() {
        return this.pool.state in COLORS && !this.pool.is_unlimited;
    }

    get color() {
        return COLORS[this.pool.state];
    }

    get rate() {
        const rate = this.pool[this.props.name];
        // 99.6 % is not full yet.
        return rate < 100 ? Math.floor(rate) : Math.round(rate);
    }

    get width() {
        return Math.min(this.rate, 100);
    }

    get rateText() {
        const format = new Intl.NumberFormat(user.lang, {style: "percent"});
        return format.format(this.rate / 100);
    }

    get usedText() {
        const {seat_limit, is_unlimited, state} = this.pool;
        const used = formatInteger(this.pool.used);
        const limit = formatInteger(seat_limit);
        if (is_unlimited || !state) {
            return _t("%(used)s in use", {used});
        }
        if (state !== "unavailable") {
            return _t("%(used)s of %(limit)s in use", {used, limit});
        }
        return seat_limit ? _t("%(limit)s contracted", {limit}) : _t("None contracted");
    }

    get availableText() {
        const {used, seat_limit, available, is_unlimited, state} = this.pool;
        if (!(state in COLORS)) {
            return "";
        }
        if (is_unlimited) {
            return _t("Unlimited");
        }
        return used > seat_limit
            ? _t("%(over)s too many", {over: formatInteger(used - seat_limit)})
            : _t("%(available)s left", {available: formatInteger(available)});
    }
}

export const seatGauge = {
    component: SeatGauge,
    displayName: _t("Seat gauge"),
    supportedTypes: ["float"],
    isEmpty: () => false,
    listViewWidth: [130, 220],
    fieldDependencies: [
        {name: "used", type: "integer"},
        {name: "seat_limit", type: "integer"},
        {name: "available", type: "integer"},
        {name: "is_unlimited", type: "boolean"},
        {name: "state", type: "selection"},
    ],
    extractProps: ({viewType}) => ({isCompact: viewType === "list"}),
};

registry.category("fields").add("seat_gauge", seatGauge);
