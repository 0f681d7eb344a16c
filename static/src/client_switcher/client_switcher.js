import {browser} from "@web/core/browser/browser";
import {Dropdown} from "@web/core/dropdown/dropdown";
import {DropdownItem} from "@web/core/dropdown/dropdown_item";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {session} from "@web/session";

import {Component} from "@odoo/owl";

/**
 * Lets an accountant of several clients see one of them alone, or all. The choice is
 * kept on the server, where the record rules follow it: it holds for every list, report
 * and export, whichever way they are asked for.
 */
export class ClientSwitcher extends Component {
    static template = "partner_managed_subscription.ClientSwitcher";
    static components = {Dropdown, DropdownItem};
    static props = {};

    setup() {
        this.orm = useService("orm");
        this.clients = session.accountant_clients;
    }

    get shown() {
        return this.clients.filter((client) => client.is_selected);
    }

    get isEverythingShown() {
        return this.shown.length === this.clients.length;
    }

    get label() {
        return this.isEverythingShown
            ? _t("All clients")
            : this.shown.map((client) => client.name).join(", ");
    }

    isOnly(client) {
        return !this.isEverythingShown && client.is_selected;
    }

    /** Start anew after the switch: what is open may be of a client no longer shown. */
    async select(clientId) {
        await this.orm.call("subscription.member", "select_accountant_client", [
            clientId,
        ]);
        browser.location.assign("/odoo");
    }
}

export const clientSwitcher = {
    Component: ClientSwitcher,
    isDisplayed: () => (session.accountant_clients || []).length > 1,
};

registry
    .category("systray")
    .add("partner_managed_subscription.client_switcher", clientSwitcher, {sequence: 2});
