import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

/** Brings the tab of the page into sight, where a phone does not have room for all. */
export class ClientTabs extends Interaction {
    static selector = ".o_my_subscription .nav-tabs";

    start() {
        const tab = this.el.querySelector(".active");
        if (tab) {
            this.el.scrollLeft =
                tab.offsetLeft - (this.el.clientWidth - tab.offsetWidth) / 2;
        }
    }
}

registry
    .category("public.interactions")
    .add("partner_managed_subscription.client_tabs", ClientTabs);
