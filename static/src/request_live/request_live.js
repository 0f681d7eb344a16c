import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {listView} from "@web/views/list/list_view";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

import {Component, onMounted, onWillUnmount, xml} from "@odoo/owl";

// Milliseconds: what many changes at once have in common is read once.
const TOGETHER = 100;

/** Call `reload` when requests that the user sees have changed. */
function useRequestNews(reload) {
    const live = useService("subscription_live");
    let stop = null;
    let timer = null;
    onMounted(() => {
        stop = live.follow(
            () => {
                browser.clearTimeout(timer);
                timer = browser.setTimeout(reload, TOGETHER);
            },
            {requestsOnly: true}
        );
    });
    onWillUnmount(() => {
        stop();
        browser.clearTimeout(timer);
    });
}

/**
 * Reads a form anew when requests change: the request that it shows, or the number of
 * those that wait. What somebody is changing is left alone.
 */
export class RequestLive extends Component {
    static template = xml`<t/>`;
    static props = {...standardWidgetProps};

    setup() {
        useRequestNews(() => {
            const {record} = this.props;
            if (record.resId && !record.model.root.dirty) {
                record.load();
            }
        });
    }
}

registry.category("view_widgets").add("request_live", {component: RequestLive});

/** The list of requests reads itself anew, unless rows of it are chosen. */
export class RequestListController extends listView.Controller {
    setup() {
        super.setup();
        useRequestNews(() => {
            if (!this.model.root.selection?.length) {
                this.model.root.load();
            }
        });
    }
}

registry
    .category("views")
    .add("subscription_request_list", {...listView, Controller: RequestListController});
