import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Gauge} from "./gauge";

import {
    Component,
    onMounted,
    onWillUnmount,
    onWillUpdateProps,
    useState,
} from "@odoo/owl";

// Models whose records have the id of a pool.
const POOLS = ["subscription.seat.pool", "subscription.seat.usage"];

/**
 * The gauge of a pool in a form, a list or a card. Reads the fields of the pool beside
 * its own, the usage in percent. What it hears it puts into the record, so that what
 * stands beside it changes as well.
 */
export class SeatGauge extends Component {
    static template = "partner_managed_subscription.SeatGauge";
    static components = {Gauge};
    static props = {
        ...standardFieldProps,
        isCompact: {type: Boolean, optional: true},
    };

    setup() {
        this.live = useService("subscription_live");
        this.state = useState({asOf: null});
        onMounted(() => this.watch(this.props.record));
        onWillUpdateProps(({record}) => {
            if (record !== this.props.record) {
                this.watch(record);
            }
        });
        onWillUnmount(() => this.stop?.());
    }

    /** Hear of the pool that `record` shows; on a past date nothing changes. */
    watch(record) {
        this.stop?.();
        this.stop = null;
        if (POOLS.includes(record.resModel) && record.resId && record.data.state) {
            this.stop = this.live.watch(record.resId, (figures, asOf) => {
                this.state.asOf = asOf;
                if (figures) {
                    this.update(record, figures);
                }
            });
        }
    }

    update(record, {usage_rate, ...figures}) {
        const values = {...figures, [this.props.name]: usage_rate};
        const changed = Object.keys(values).filter(
            (name) => name in record.data && record.data[name] !== values[name]
        );
        // What somebody is changing is not overwritten.
        if (!changed.length || record.dirty) {
            return;
        }
        record._applyValues(
            Object.fromEntries(changed.map((name) => [name, values[name]]))
        );
        // Why the pool is in its state the server alone can say.
        if ("state_reason" in record.activeFields && !record.model.root.dirty) {
            record.load();
        }
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
