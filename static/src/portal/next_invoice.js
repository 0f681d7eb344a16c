import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

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
        const text = await this.waitFor(this.fetchText());
        if (text) {
            this.el.textContent = text;
        }
    }

    async fetchText() {
        try {
            const response = await fetch(this.el.dataset.url);
            // Not the page on which to log in again.
            const isText = response.headers
                .get("Content-Type")
                ?.startsWith("text/plain");
            return response.ok && isText ? await response.text() : "";
        } catch {
            return "";
        }
    }
}

registry
    .category("public.interactions")
    .add("partner_managed_subscription.next_invoice", NextInvoice);
