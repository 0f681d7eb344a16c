import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {formatInteger} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Component, xml} from "@odoo/owl";

/** The seats that are left of a pool, or how many are too many: never "0" for both. */
export class SeatsLeft extends Component {
    static template = xml`<span t-att-class="over ? 'text-danger fw-bold' : ''" t-out="text"/>`;
    static props = {...standardFieldProps};

    get over() {
        const {used, seat_limit, is_unlimited, state} = this.props.record.data;
        // On a past date no limit is known, and so no state.
        return !is_unlimited && state && used > seat_limit ? used - seat_limit : 0;
    }

    get text() {
        return this.over
            ? _t("%(over)s too many", {over: formatInteger(this.over)})
            : formatInteger(this.props.record.data[this.props.name]);
    }
}

export const seatsLeft = {
    component: SeatsLeft,
    displayName: _t("Seats left"),
    supportedTypes: ["integer"],
    isEmpty: () => false,
    listViewWidth: [80, 110],
    fieldDependencies: [
        {name: "used", type: "integer"},
        {name: "seat_limit", type: "integer"},
        {name: "is_unlimited", type: "boolean"},
        {name: "state", type: "selection"},
    ],
};

registry.category("fields").add("seats_left", seatsLeft);
registry.category("formatters").add("seats_left", formatInteger);
