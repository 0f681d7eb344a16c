import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatPercentage} from "@web/views/fields/formatters";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

import {Component, onWillUnmount, useState} from "@odoo/owl";

const MESSAGE = "subscription_renew_progress";

/**
 * How much of renewing many subscriptions is done, while it runs: a bar, and "45%" in
 * words. The server sends both as messages to the user who renews.
 */
export class RenewProgress extends Component {
    static template = "partner_managed_subscription.RenewProgress";
    static props = {...standardWidgetProps};

    setup() {
        this.state = useState({percent: false});
        const bus = useService("bus_service");
        const onProgress = this.onProgress.bind(this);
        bus.subscribe(MESSAGE, onProgress);
        onWillUnmount(() => bus.unsubscribe(MESSAGE, onProgress));
    }

    onProgress({renew_id, percent}) {
        if (renew_id === this.props.record.resId) {
            this.state.percent = percent;
        }
    }

    get text() {
        return formatPercentage(this.state.percent / 100);
    }
}

registry.category("view_widgets").add("renew_progress", {component: RenewProgress});
