import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {renderToMarkup} from "@web/core/utils/render";
import {useOwnedDialogs} from "@web/core/utils/hooks";
import {SelectCreateDialog} from "@web/views/view_dialogs/select_create_dialog";
import {X2ManyField, x2ManyField} from "@web/views/fields/x2many/x2many_field";

import {onMounted} from "@odoo/owl";

/** The list to choose users from, which says why nobody is in it, and what to do. */
export class SeatUsersDialog extends SelectCreateDialog {
    static template = "partner_managed_subscription.SeatUsersDialog";

    setup() {
        super.setup();
        this.baseViewProps.noContentHelp = renderToMarkup(
            "partner_managed_subscription.NobodyToChoose",
            {canCreate: !this.props.noCreate}
        );
    }
}

/**
 * The users of *Add users* and *Remove access*. Where the dialog knows which modules are
 * meant and nobody is chosen yet, choosing them is what comes next: the list opens.
 */
export class SeatUsers extends X2ManyField {
    setup() {
        super.setup();
        this.addDialog = useOwnedDialogs();
        this.selectCreate = this.openList.bind(this);
        onMounted(() => {
            const {data} = this.props.record;
            if (data.pool_ids.count && !this.list.count) {
                this.onAdd();
            }
        });
    }

    /** Open the list, without those who are chosen already, as Odoo does. */
    openList({domain = [], context}) {
        const chosen = this.list.currentIds.filter((id) => typeof id === "number");
        this.addDialog(SeatUsersDialog, {
            title: _t("Choose users"),
            context,
            resModel: this.list.resModel,
            domain: [...domain, "!", ["id", "in", chosen]],
            noCreate: !this.activeActions.create,
            multiSelect: this.activeActions.link,
            onSelected: (ids) => this.list.addAndRemove({add: ids}),
            onCreateEdit: () => this._openRecord({context}),
        });
    }
}

export const seatUsers = {
    ...x2ManyField,
    component: SeatUsers,
    displayName: _t("Users of modules"),
};

registry.category("fields").add("seat_users", seatUsers);
