import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {standardFieldProps} from "@web/views/fields/standard_field_props";

import {Component} from "@odoo/owl";

/** What tells the states of terms and of renewals apart where there is no colour. */
export const TERM_ICONS = {
    not_started: "fa-clock-o",
    running: "fa-play",
    ending: "fa-hourglass-end",
    ended: "fa-exclamation-circle",
    renewed: "fa-check",
    scheduled: "fa-clock-o",
    applied: "fa-play",
    cancelled: "fa-times",
};

/**
 * How a term stands with renewing, or a renewal itself, as a badge with an icon, in
 * words and in the colours that calendars have too. Nothing where there is no state,
 * as of closed contracts.
 */
export class TermState extends Component {
    static template = "partner_managed_subscription.TermState";
    static props = {...standardFieldProps};

    get value() {
        return this.props.record.data[this.props.name];
    }

    get icon() {
        return TERM_ICONS[this.value];
    }

    get label() {
        const {selection} = this.props.record.fields[this.props.name];
        return new Map(selection).get(this.value);
    }
}

export const termState = {
    component: TermState,
    displayName: _t("State of the term"),
    supportedTypes: ["selection"],
    listViewWidth: 150,
};

registry.category("fields").add("term_state", termState);
