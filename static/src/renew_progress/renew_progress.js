import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {formatInteger} from "@web/views/fields/formatters";
import {standardWidgetProps} from "@web/views/widgets/standard_widget_props";

import {Component, onWillUnmount, useState} from "@odoo/owl";

const MESSAGE = "subscription_renew_progress";

/**
 * How far the renewal of many subscriptions is, while it runs: a bar, and "120 of 1,000"
 * in words. The server sends both as messages to the user who renews.
 */
export class RenewProgress extends Component {
    static template = "partner_managed_subscription.RenewProgress";
    static props = {...standardWidgetProps};

    setup() {
        this.state = useState({done: 0, total: 0});
        const bus = useService("bus_service");
        const onProgress = this.onProgress.bind(this);
        bus.subscribe(MESSAGE, onProgress);
        onWillUnmount(() => bus.unsubscribe(MESSAGE, onProgress));
    }

    onProgress({renew_id, done, total}) {
        if (renew_id === this.props.record.resId) {
            Object.assign(this.state, {done, total});
        }
    }

    get width() {
        return (100 * this.state.done) / this.state.total;
    }

    get text() {
        return _t("%(done)s of %(total)s", {
            done: formatInteger(this.state.done),
            total: formatInteger(this.state.total),
        });
    }
}

registry.category("view_widgets").add("renew_progress", {component: RenewProgress});
