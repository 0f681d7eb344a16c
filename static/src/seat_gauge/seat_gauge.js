import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

const COLORS = {
    ok: "bg-success",
    warning: "bg-warning",
    full: "bg-danger",
    over: "bg-danger",
    misconfigured: "bg-secondary",
};

/**
 * Seats in use out of those contracted, as a bar in the colour of the pool's state and
 * in words, so that it can be read without colour. Reads `used`, `seat_limit`,
 * `available`, `is_unlimited` and `state` beside its own field, the usage in percent.
 */
export class SeatGauge extends Component {
    static template = "partner_managed_subscription.SeatGauge";
    static props = { ...standardFieldProps };

    get pool() {
        return this.props.record.data;
    }

    get isConfigured() {
        return this.pool.state !== "misconfigured";
    }

    get color() {
        return COLORS[this.pool.state] || COLORS.ok;
    }

    get width() {
        if (this.pool.is_unlimited) {
            return this.pool.used ? 100 : 0;
        }
        return Math.min(Math.round(this.pool[this.props.name]), 100);
    }

    get usedText() {
        const { used, seat_limit, is_unlimited } = this.pool;
        return is_unlimited
            ? _t("%(used)s in use, unlimited", { used })
            : _t("%(used)s of %(limit)s in use", { used, limit: seat_limit });
    }

    get availableText() {
        const { used, seat_limit, available, is_unlimited } = this.pool;
        if (is_unlimited) {
            return "";
        }
        return used > seat_limit
            ? _t("%(over)s too many", { over: used - seat_limit })
            : _t("%(available)s left", { available });
    }
}

export const seatGauge = {
    component: SeatGauge,
    displayName: _t("Seat gauge"),
    supportedTypes: ["float"],
    fieldDependencies: [
        { name: "used", type: "integer" },
        { name: "seat_limit", type: "integer" },
        { name: "available", type: "integer" },
        { name: "is_unlimited", type: "boolean" },
        { name: "state", type: "selection" },
    ],
};

registry.category("fields").add("seat_gauge", seatGauge);
