import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";

// Milliseconds: long enough to read what was removed, and to find the button by keyboard.
const PATIENCE = 30000;

/**
 * Says what was removed, with a button that undoes it. Like Odoo's own notification it
 * goes on to what follows.
 */
export function offerUndo({services}, {params}) {
    const {message, title, type, removal_ids: ids, next} = params;
    let close = () => null;
    const undo = async () => {
        // Gone at the first click: nobody undoes twice.
        close();
        const action = await services.orm.call("subscription.removal", "action_undo", [
            ids,
        ]);
        return services.action.doAction(action);
    };
    close = services.notification.add(message, {
        title,
        type,
        autocloseDelay: PATIENCE,
        buttons: [{name: _t("Undo"), onClick: undo}],
    });
    return next;
}

registry.category("actions").add("subscription_offer_undo", offerUndo);
