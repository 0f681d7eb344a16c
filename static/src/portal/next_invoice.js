import { registry } from "@web/core/registry";
import { Interaction } from "@web/public/interaction";

/**
 * Says what the next invoice will bill, once the page is there. Without it, the page has
 * the day and a link.
 */
export class NextInvoice extends Interaction {
    static selector = ".o_my_next_invoice[data-url]";

    async willStart() {
        // Not awaited: the page is of use without it.
        this.load();
    }

    async load() {
        const response = await this.waitFor(fetch(this.el.dataset.url, { redirect: "error" }));
        const text = response.ok && (await this.waitFor(response.text()));
        if (text) {
            this.el.textContent = text;
        }
    }
}

registry
    .category("public.interactions")
    .add("partner_managed_subscription.next_invoice", NextInvoice);
