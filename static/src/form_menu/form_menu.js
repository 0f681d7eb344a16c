import {FormCompiler} from "@web/views/form/form_compiler";
import {FormController} from "@web/views/form/form_controller";
import {FormRenderer} from "@web/views/form/form_renderer";
import {StatusBarButtons} from "@web/views/form/status_bar_buttons/status_bar_buttons";
import {formView} from "@web/views/form/form_view";
import {registry} from "@web/core/registry";

// What a button of a header has in its class that belongs into the menu.
const IN_MENU = "o_in_form_menu";

/**
 * The buttons of a header, of which those of the class above are in a menu, *More*. On
 * phones Odoo has all but the first in such a menu, and so has this.
 */
export class StatusBarMenu extends StatusBarButtons {
    static template = "partner_managed_subscription.StatusBarMenu";

    get shown() {
        const names = this.visibleSlotNames;
        const shown = names.filter((name) => !this.props.slots[name].isInMenu);
        return this.env.isSmall ? (shown.length ? shown : names).slice(0, 1) : shown;
    }

    get hidden() {
        const {shown} = this;
        return this.visibleSlotNames.filter((name) => !shown.includes(name));
    }

    /** Press the button of the item that was chosen by the keyboard, or beside it. */
    onSelected(ev) {
        if (!ev.target.closest("button")) {
            ev.currentTarget.querySelector("button")?.click();
        }
    }
}

export class FormMenuCompiler extends FormCompiler {
    compileHeader(...args) {
        const header = super.compileHeader(...args);
        for (const slot of header.querySelectorAll("StatusBarButtons > t")) {
            const name = slot.firstElementChild.getAttribute("className") || "";
            if (name.includes(IN_MENU)) {
                slot.setAttribute("isInMenu", "true");
            }
        }
        return header;
    }
}

export class FormMenuRenderer extends FormRenderer {
    static get components() {
        return {...FormRenderer.components, StatusBarButtons: StatusBarMenu};
    }
}

/**
 * A form whose title is a client is called by it, with its number behind: where the
 * record is one of many steps, in the title of the page, and when it is left.
 */
export class FormMenuController extends FormController {
    displayName() {
        const {client_id: client, display_name: name} = this.model.root.data;
        return client && name
            ? `${client.display_name} (${name})`
            : super.displayName();
    }
}

export const formMenuView = {
    ...formView,
    Controller: FormMenuController,
    Compiler: FormMenuCompiler,
    Renderer: FormMenuRenderer,
};

registry.category("views").add("form_menu", formMenuView);
