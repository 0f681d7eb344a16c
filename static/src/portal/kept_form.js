import {browser} from "@web/core/browser/browser";
import {user} from "@web/core/user";
import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

const PREFIX = "subscription_form:";
// What is neither typed nor chosen, and what must not be kept.
const LEFT_OUT = ["hidden", "password", "file", "submit", "button", "image", "reset"];
const CHECKED = ["checkbox", "radio"];
// When a form that was sent can be sent again, should no answer come.
const PATIENCE = 15000;

/**
 * Keeps what was typed in the forms of a client's pages: whoever logs in again after the
 * session has ended finds it as it was. A form is sent once, however often its button is
 * clicked. Without this script the server sees to both, except that the text is lost.
 */
export class KeptForm extends Interaction {
    static selector = ".o_my_subscription";
    dynamicContent = {
        "form[method='post']": {"t-on-submit.withTarget": this.onSubmit},
        _window: {"t-on-pageshow": this.onPageShow},
    };

    start() {
        const forms = [...this.el.querySelectorAll("form[method='post']")];
        if (this.el.querySelector(".o_my_unsent")) {
            this.changeKept((kept) => ({...kept, isUnsent: true}));
        } else if (this.el.querySelector(".o_my_notice.alert-success")) {
            this.changeKept(() => null);
        }
        for (const form of forms) {
            this.restore(form);
        }
    }

    // ------------------------------------------------------------------ sending

    onSubmit(ev, form) {
        if (form.dataset.sent) {
            ev.preventDefault();
            return;
        }
        form.dataset.sent = "1";
        this.keep(form);
        // Later: a button that is disabled at once is not sent.
        this.waitForTimeout(() => this.toggleButtons(form, true), 0);
        this.waitForTimeout(() => this.release(form), PATIENCE);
    }

    onPageShow(ev) {
        // The browser shows the page as it was left.
        if (ev.persisted) {
            this.el
                .querySelectorAll("form[data-sent]")
                .forEach((one) => this.release(one));
        }
    }

    release(form) {
        delete form.dataset.sent;
        this.toggleButtons(form, false);
    }

    toggleButtons(form, isDisabled) {
        for (const button of form.querySelectorAll("button[type='submit']")) {
            button.disabled = isDisabled;
        }
    }

    // ------------------------------------------------------------------ keeping

    getKey(form) {
        return PREFIX + new URL(form.action, browser.location.href).pathname;
    }

    getFields(form) {
        return [...form.elements].filter(
            (one) => one.name && !LEFT_OUT.includes(one.type)
        );
    }

    keep(form) {
        const fields = this.getFields(form).map(({name, type, value, checked}) => ({
            name,
            type,
            value,
            checked,
        }));
        this.write(this.getKey(form), {userId: user.userId, fields});
    }

    restore(form) {
        const key = this.getKey(form);
        const kept = this.read(key);
        if (!kept?.isUnsent || kept.userId !== user.userId) {
            return;
        }
        browser.sessionStorage.removeItem(key);
        const fields = this.getFields(form);
        for (const {name, type, value, checked} of kept.fields) {
            const isChecked = CHECKED.includes(type);
            const place = fields.findIndex(
                (one) =>
                    one.name === name &&
                    one.type === type &&
                    (!isChecked || one.value === value)
            );
            if (place < 0) {
                continue;
            }
            const [field] = fields.splice(place, 1);
            if (isChecked) {
                field.checked = checked;
            } else {
                field.value = value;
            }
        }
    }

    changeKept(change) {
        const keys = Object.keys(browser.sessionStorage).filter((key) =>
            key.startsWith(PREFIX)
        );
        for (const key of keys) {
            const kept = change(this.read(key));
            if (kept) {
                this.write(key, kept);
            } else {
                browser.sessionStorage.removeItem(key);
            }
        }
    }

    read(key) {
        try {
            return JSON.parse(browser.sessionStorage.getItem(key));
        } catch {
            return null;
        }
    }

    write(key, kept) {
        try {
            browser.sessionStorage.setItem(key, JSON.stringify(kept));
        } catch {
            // The browser keeps nothing, or not as much.
        }
    }
}

registry
    .category("public.interactions")
    .add("partner_managed_subscription.kept_form", KeptForm);
