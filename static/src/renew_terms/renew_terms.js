import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Component} from "@odoo/owl";

/** What renewing many does to each client: its end, the next one, licences and price. */
export class RenewTerms extends Component {
    static template = "partner_managed_subscription.RenewTerms";
    static props = {...standardFieldProps};

    /** What stands before each value where a client is a card. */
    get labels() {
        return {
            until: _t("Until"),
            end: _t("New End"),
            licences: _t("Licences"),
            price: _t("Price"),
        };
    }

    get rows() {
        return this.props.record.data[this.props.name] || [];
    }
}

export const renewTerms = {
    component: RenewTerms,
    displayName: _t("Terms of each client"),
    supportedTypes: ["json"],
};

registry.category("fields").add("renew_terms", renewTerms);
