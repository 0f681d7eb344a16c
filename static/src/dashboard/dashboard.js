import {browser} from "@web/core/browser/browser";
import {router} from "@web/core/browser/router";
import {makeContext} from "@web/core/context";
import {Domain} from "@web/core/domain";
import {_t} from "@web/core/l10n/translation";
import {registry} from "@web/core/registry";
import {user} from "@web/core/user";
import {KeepLast} from "@web/core/utils/concurrency";
import {useService} from "@web/core/utils/hooks";
import {url} from "@web/core/utils/urls";
import {useSetupAction} from "@web/search/action_hook";
import {Layout} from "@web/search/layout";
import {formatFloat} from "@web/views/fields/formatters";
import {standardActionServiceProps} from "@web/webclient/actions/action_service";

import {SEAT_STATES} from "../seat_state/seat_state";
import {TERM_ICONS} from "../term_state/term_state";
import {DashboardFilters} from "./filters";
import {DashboardSection} from "./section";

import {Component, onMounted, onWillStart, onWillUnmount, useState} from "@odoo/owl";

// Milliseconds between two times that the figures are counted anew.
const PAUSE = 10000;
const FILTERS = ["partner", "module", "months"];
const NOTHING = {
    filters: {values: {}, choices: {}},
    tiles: [],
    sections: [],
    steps: [],
    can_export: false,
};

/**
 * What needs somebody's attention and how things go, with the way to the records behind
 * each figure. The server says what there is: what the user may see. See
 * `models/dashboard/sections.py` for what it sends.
 *
 * The filters stand in the address, so that a page that is loaded again, or sent to
 * somebody, shows the same.
 */
export class SubscriptionDashboard extends Component {
    static template = "partner_managed_subscription.Dashboard";
    static components = {DashboardFilters, DashboardSection, Layout};
    static props = {...standardActionServiceProps};

    setup() {
        this.orm = useService("orm");
        this.action = useService("action");
        this.live = useService("subscription_live");
        this.keepLast = new KeepLast();
        this.asked = this.props.state?.asked || this.readAddress();
        this.state = useState({status: "loading", ...NOTHING});
        this.display = {controlPanel: {}};
        useSetupAction({getLocalState: () => ({asked: this.asked})});
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

    // ---------------------------------------------------------------- filters

    /** The filters in the address, where it is that of this page. */
    readAddress() {
        const {id, path, tag} = this.props.action;
        const asked = {};
        if ([id, path, tag].includes(router.current.action)) {
            for (const name of FILTERS) {
                asked[name] = Number(router.current[name]) || false;
            }
        }
        return asked;
    }

    /** Keep in the address what the server has accepted. */
    keep({values}) {
        this.asked = {...values};
        this.props.updateActionState?.({
            partner: values.partner || undefined,
            module: values.module || undefined,
            months: values.months,
        });
    }

    change(values) {
        this.asked = {...this.asked, ...values};
        return this.load(true);
    }

    get exportUrl() {
        return (
            this.state.can_export &&
            url("/subscription/dashboard/export", {
                filters: JSON.stringify(this.state.filters.values),
                company_ids: user.activeCompanies.map(({id}) => id).join(","),
            })
        );
    }

    // ---------------------------------------------------------------- figures

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
            this.show(await this.ask(this.orm.silent));
        } catch {
            // What is shown stays until the next change.
        }
    }

    ask(orm) {
        const call = orm.call("sale.subscription", "get_dashboard", [this.asked]);
        return this.keepLast.add(call);
    }

    show(dashboard) {
        if (!this.isGone) {
            Object.assign(this.state, dashboard);
            this.keep(dashboard.filters);
        }
    }

    /**
     * @param {Boolean} isChange of filters: the page stays until the other is there
     */
    async load(isChange = false) {
        this.state.status = isChange ? "changing" : "loading";
        try {
            this.show(await this.ask(this.orm));
            this.state.status = "loaded";
        } catch {
            this.state.status = "failed";
        }
    }

    // ---------------------------------------------------------------- page

    /** Places of what is to come. */
    get placeholders() {
        return [1, 2, 3, 4];
    }

    get isLoading() {
        return this.state.status === "loading";
    }

    get isEmpty() {
        const {status, tiles, sections, steps} = this.state;
        return status === "loaded" && ![...tiles, ...sections, ...steps].length;
    }

    /** The step that comes next. */
    get nextStep() {
        return this.state.steps.find((step) => !step.done);
    }

    format(number) {
        return formatFloat(number, {digits: [16, 2], trailingZeros: false});
    }

    detailClass({state}) {
        if (SEAT_STATES[state]) {
            return SEAT_STATES[state].color;
        }
        return state ? `o_term_state o_term_${state}` : "text-bg-200";
    }

    detailIcon({state}) {
        return SEAT_STATES[state]?.icon || TERM_ICONS[state];
    }

    /** What the button does, for who hears it without its tile. */
    seeLabel(tile) {
        return _t("See: %s", tile.title);
    }

    openTile(tile, detail = tile) {
        const {action, domain} = tile;
        return this.open({action, domain, context: detail.context});
    }

    /** Open an action of the server with what is added to its domain and context. */
    async open({action: xmlid, domain, context, name, res_id: resId}) {
        const action = {...(await this.action.loadAction(xmlid))};
        action.context = makeContext([action.context || {}, context || {}]);
        if (domain?.length) {
            const both = Domain.and([action.domain || [], domain]);
            action.domain = both.toList({...user.context, ...action.context});
        }
        if (name) {
            action.name = action.display_name = name;
        }
        if (resId) {
            action.res_id = resId;
        }
        await this.action.doAction(action);
    }
}

registry
    .category("actions")
    .add("partner_managed_subscription.dashboard", SubscriptionDashboard);
