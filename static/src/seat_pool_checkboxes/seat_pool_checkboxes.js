import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {useRecordObserver} from "@web/model/relational_model/utils";
import {
    Many2ManyCheckboxesField,
    many2ManyCheckboxesField,
} from "@web/views/fields/many2many_checkboxes/many2many_checkboxes_field";

import {useState} from "@odoo/owl";

/**
 * Pools to choose, with the seats that are left of each. Odoo reads such names once: a
 * member who is created in the dialog takes a seat, so they are read again whenever
 * other members are chosen.
 */
export class SeatPoolCheckboxes extends Many2ManyCheckboxesField {
    setup() {
        super.setup();
        this.orm = useService("orm");
        this.labels = useState({});
        this.members = "";
        useRecordObserver((record) => this.refresh(record));
    }

    get items() {
        return Array.from(super.items).map(([id, label]) => [
            id,
            this.labels[id] || label,
        ]);
    }

    async refresh(record) {
        const members = record.data.member_ids.currentIds.join();
        if (members === this.members) {
            return;
        }
        this.members = members;
        const ids = this.items.map(([id]) => id);
        const {relation} = record.fields[this.props.name];
        const pools = await this.orm.read(relation, ids, ["display_name"], {
            context: this.props.context,
        });
        for (const {id, display_name} of pools) {
            this.labels[id] = display_name;
        }
    }
}

export const seatPoolCheckboxes = {
    ...many2ManyCheckboxesField,
    component: SeatPoolCheckboxes,
    displayName: _t("Modules with the seats left"),
};

registry.category("fields").add("seat_pool_checkboxes", seatPoolCheckboxes);
