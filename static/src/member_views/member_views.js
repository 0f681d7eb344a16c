import {ListController} from "@web/views/list/list_controller";
import {FormController} from "@web/views/form/form_controller";
import {KanbanController} from "@web/views/kanban/kanban_controller";
import {_t} from "@web/core/l10n/translation";
import {kanbanView} from "@web/views/kanban/kanban_view";
import {listView} from "@web/views/list/list_view";
import {registry} from "@web/core/registry";

import {formMenuView} from "../form_menu/form_menu";

/**
 * Members have left, rather than being archived: it is said which seats that frees, and
 * on the form the buttons say both.
 */
function callMembers(controller, name, resIds) {
    return controller.env.services.action.doActionButton({
        type: "object",
        name,
        resModel: "subscription.member",
        resIds,
        context: controller.props.context,
        onClose: () => controller.model.load(),
    });
}

function getSelectionItems(controller, {archive, unarchive, ...others}) {
    const call = (name) => async () =>
        callMembers(controller, name, await controller.model.root.getResIds(true));
    const items = {
        archive: {
            ...archive,
            icon: "fa fa-sign-out",
            description: _t("Has left"),
            callback: call("action_ask_left"),
        },
        unarchive: {
            ...unarchive,
            description: _t("Restore"),
            callback: call("action_unarchive"),
        },
    };
    return {...others, ...items};
}

export class MemberListController extends ListController {
    getStaticActionMenuItems() {
        return getSelectionItems(this, super.getStaticActionMenuItems());
    }
}

export class MemberKanbanController extends KanbanController {
    getStaticActionMenuItems() {
        return getSelectionItems(this, super.getStaticActionMenuItems());
    }
}

export class MemberFormController extends FormController {
    get archiveEnabled() {
        return false;
    }
}

registry
    .category("views")
    .add("member_list", {...listView, Controller: MemberListController});
registry
    .category("views")
    .add("member_kanban", {...kanbanView, Controller: MemberKanbanController});
registry
    .category("views")
    .add("member_form", {...formMenuView, Controller: MemberFormController});
