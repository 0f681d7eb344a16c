import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

/**
 * Reads the list of requests anew when one of them changes elsewhere. While somebody
 * types an answer in it, the list is left alone and says that it has changed.
 */
export class RequestLive extends Interaction {
    static selector = ".o_my_requests[data-live]";

    setup() {
        const stop = this.services.subscription_live.watchRequests(
            () => this.reload(),
            this.el.dataset.live
        );
        this.registerCleanup(stop);
    }

    async reload() {
        const text = await this.waitFor(this.fetchText());
        const page = new window.DOMParser().parseFromString(text, "text/html");
        const found = page.querySelector(RequestLive.selector);
        // Not the source: each page has other tokens in its forms.
        if (!found || found.textContent === this.el.textContent) {
            return;
        }
        if (this.isTyping) {
            this.el.querySelector(".o_my_requests_changed")?.classList.remove("d-none");
        } else {
            this.el.replaceChildren(...found.childNodes);
        }
    }

    /** Whether something in the list was typed, or is about to be. */
    get isTyping() {
        const fields = [...this.el.querySelectorAll("input, textarea, select")];
        return fields.some(
            (one) =>
                one === document.activeElement ||
                ("defaultValue" in one && one.value !== one.defaultValue)
        );
    }

    async fetchText() {
        try {
            // A session that has ended answers with a page to log in.
            const response = await browser.fetch(browser.location.href, {
                redirect: "error",
            });
            return response.ok ? await response.text() : "";
        } catch {
            return "";
        }
    }
}

registry
    .category("public.interactions")
    .add("partner_managed_subscription.request_live", RequestLive);
