import {browser} from "@web/core/browser/browser";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {useService} from "@web/core/utils/hooks";
import {Layout} from "@web/search/layout";
import {formatFloat} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

import {TERM_ICONS} from "../term_state/term_state";

import {Component, onMounted, onWillStart, onWillUnmount, useState} from "@odoo/owl";

// Milliseconds between two times that the figures are counted anew.
const PAUSE = 10000;

/**
 * What needs somebody's attention, a tile each, with the way to the records behind it.
 * The server says which tiles there are: those that the user may see.
 */
export class SubscriptionDashboard extends Component {
    static template = "partner_managed_subscription.Dashboard";
    static components = {Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.live = useService("subscription_live");
        this.state = useState({status: "loading", tiles: []});
        this.display = {controlPanel: {}};
        onWillStart(() => {
            this.env.config.setDisplayName(this.props.action.name || _t("Dashboard"));
            // Not awaited: the page says that it is loading.
            this.load();
        });
        onMounted(() => (this.unfollow = this.live.follow(() => this.refresh())));
        onWillUnmount(() => {
            this.unfollow();
            browser.clearTimeout(this.timer);
            this.isGone = true;
        });
    }

    /** Count anew: at once and then, where more and more changes, after a pause. */
    refresh() {
        if (this.timer) {
            this.isOutdated = true;
            return;
        }
        this.timer = browser.setTimeout(() => {
            this.timer = null;
            if (this.isOutdated) {
                this.isOutdated = false;
                this.refresh();
            }
        }, PAUSE);
        this.reload();
    }

    /** Show what has changed, without saying that it is loading. */
    async reload() {
        if (this.state.status !== "loaded") {
            return;
        }
        try {
            const tiles = await this.orm.silent.call(
                "sale.subscription",
                "get_dashboard_tiles"
            );
            if (!this.isGone) {
                this.state.tiles = tiles;
            }
        } catch {
            // What is shown stays until the next change.
        }
    }

    /** Places of tiles that are to come. */
    get placeholders() {
        return [1, 2, 3, 4];
    }

    async load() {
        this.state.status = "loading";
        try {
            this.state.tiles = await this.orm.call(
                "sale.subscription",
                "get_dashboard_tiles"
            );
            this.state.status = "loaded";
        } catch {
            this.state.status = "failed";
        }
    }

    format(number) {
        return formatFloat(number, {digits: [16, 2], trailingZeros: false});
    }

    detailClass(detail) {
        return detail.state ? `o_term_state o_term_${detail.state}` : "";
    }

    detailIcon(detail) {
        return TERM_ICONS[detail.state];
    }

    /** What the button does, for who hears it without its tile. */
    seeLabel(tile) {
        return _t("See: %s", tile.title);
    }

    open(tile, detail = tile) {
        this.action.doAction(tile.action, {additionalContext: detail.context || {}});
    }
}

registry
    .category("actions")
    .add("partner_managed_subscription.dashboard", SubscriptionDashboard);
