import {FormController} from "@web/views/form/form_controller";
import {patch} from "@web/core/utils/patch";
import {user} from "@web/core/user";

import {onWillStart} from "@odoo/owl";

/** The models that keep which properties there are, of a form. */
function getDefinitionModels({fieldNodes}, fields) {
    const names = Object.values(fieldNodes)
        .filter((node) => node.type === "properties")
        .map((node) => fields[node.name].definition_record);
    return new Set(names.map((name) => fields[name]?.relation).filter(Boolean));
}

// Odoo offers *Edit Properties* to everybody, and refuses it to most.
patch(FormController.prototype, {
    setup() {
        super.setup(...arguments);
        this.canEditProperties = false;
        onWillStart(async () => {
            const {activeActions} = this.archInfo;
            if (activeActions.edit && activeActions.addPropertyFieldValue) {
                this.canEditProperties = await this.mayEditProperties();
            }
        });
    },

    /** Whether the user may say which properties there are, of one field or another. */
    async mayEditProperties() {
        const models = getDefinitionModels(this.archInfo, this.props.fields);
        const rights = [...models].map((model) =>
            user.checkAccessRight(model, "write")
        );
        return (await Promise.all(rights)).includes(true);
    },

    getStaticActionMenuItems() {
        const items = super.getStaticActionMenuItems();
        if (items.addPropertyFieldValue && !this.canEditProperties) {
            delete items.addPropertyFieldValue;
        }
        return items;
    },
});
