import {registry} from "@web/core/registry";
import {Interaction} from "@web/public/interaction";

import {Gauge} from "../seat_gauge/gauge";

import {Component, reactive, useState, xml} from "@odoo/owl";

/** The gauge of a page, of figures that somebody else keeps up to date. */
class PortalGaugeView extends Component {
    static template = xml`
        <Gauge
            pool="state.figures"
            rate="state.figures.usage_rate || 0"
            label="props.label"
            asOf="state.asOf"
        />`;
    static components = {Gauge};
    static props = {state: Object, label: String};

    setup() {
        this.state = useState(this.props.state);
    }
}

/**
 * Puts the gauge that hears of changes in place of the one that the server has drawn,
 * which stays where there is no JavaScript.
 */
export class PortalGauge extends Interaction {
    static selector = ".o_my_gauge[data-pool][data-live]";

    setup() {
        const {pool, live, figures, label} = this.el.dataset;
        const state = reactive({figures: JSON.parse(figures), asOf: null});
        this.el.replaceChildren();
        // Like the server's, it says what has changed to who does not see it.
        this.el.setAttribute("aria-live", "polite");
        this.mountComponent(this.el, PortalGaugeView, {state, label: label || ""});
        const stop = this.services.subscription_live.watch(
            Number(pool),
            (news, asOf) => {
                Object.assign(state, news ? {figures: news, asOf} : {asOf});
                this.el.dataset.state = state.figures.state;
            },
            live
        );
        this.registerCleanup(stop);
    }
}

registry
    .category("public.interactions")
    .add("partner_managed_subscription.portal_gauge", PortalGauge);
