import {ConfirmationDialog} from "@web/core/confirmation_dialog/confirmation_dialog";
import {registry} from "@web/core/registry";

const CLOSE = {type: "ir.actions.act_window_close"};

/**
 * Ask what the server wants to know before it goes on: `title` and `body` name the
 * records, `yes` and `no` what each button does. *Yes* calls `method` of the records and
 * does what that returns.
 */
export function ask(env, {params}) {
    const {title, body, yes, no, model, ids, method} = params;
    return new Promise((resolve) => {
        env.services.dialog.add(ConfirmationDialog, {
            title,
            body,
            confirmLabel: yes,
            cancelLabel: no,
            confirmClass: "btn-danger",
            confirm() {
                const done = env.services.orm.call(model, method, [ids]);
                // Odoo's own methods return true, or nothing.
                resolve(done.then((next) => (next && next.type ? next : CLOSE)));
            },
            cancel: () => resolve(),
        });
    });
}

registry.category("actions").add("partner_managed_subscription.ask", ask);
