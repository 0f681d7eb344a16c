import {_t} from "@web/core/l10n/translation";

import {Component} from "@odoo/owl";

/** What the dashboard can be asked for: a list for each filter that has a choice. */
export class DashboardFilters extends Component {
    static template = "partner_managed_subscription.DashboardFilters";
    static props = {
        values: Object,
        choices: Object,
        exportUrl: {type: [String, Boolean], optional: true},
        // Called with the filters that have changed.
        change: Function,
    };

    get filters() {
        const {choices} = this.props;
        const filters = [
            {name: "partner", label: _t("Partner"), all: _t("All partners")},
            {name: "module", label: _t("Module"), all: _t("All modules")},
            {name: "months", label: _t("Period"), all: ""},
        ];
        return filters.filter(({name}) => (choices[name] || []).length);
    }

    isChosen(name, choice) {
        return this.props.values[name] === choice.id;
    }

    onChange(name, ev) {
        this.props.change({[name]: Number(ev.target.value) || false});
    }
}
