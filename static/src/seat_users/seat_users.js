import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {X2ManyField, x2ManyField} from "@web/views/fields/x2many/x2many_field";

import {onMounted} from "@odoo/owl";

/**
 * The users of *Add users* and *Remove access*. Where the dialog knows which modules are
 * meant and nobody is chosen yet, choosing them is what comes next: the list opens.
 */
export class SeatUsers extends X2ManyField {
    setup() {
        super.setup();
        onMounted(() => {
            const {data} = this.props.record;
            if (data.pool_ids.count && !this.list.count) {
                this.onAdd();
            }
        });
    }
}

export const seatUsers = {
    ...x2ManyField,
    component: SeatUsers,
    displayName: _t("Users of modules"),
};

registry.category("fields").add("seat_users", seatUsers);
