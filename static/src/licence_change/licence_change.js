import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {formatFloat} from "@web/views/fields/formatters";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Component} from "@odoo/owl";

/** Licences that came into a stock or left it, with their sign. */
export class LicenceChange extends Component {
    static template = "partner_managed_subscription.LicenceChange";
    static props = {...standardFieldProps};

    get text() {
        const value = this.props.record.data[this.props.name];
        const {digits} = this.props.record.fields[this.props.name];
        const text = formatFloat(Math.abs(value), {digits, trailingZeros: false});
        return `${value < 0 ? "−" : "+"}${text}`;
    }
}

export const licenceChange = {
    component: LicenceChange,
    displayName: _t("Change of licences"),
    supportedTypes: ["float"],
    isEmpty: () => false,
    listViewWidth: [90, 130],
};

registry.category("fields").add("licence_change", licenceChange);
