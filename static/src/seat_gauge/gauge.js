import {localization} from "@web/core/l10n/localization";
import {_t} from "@web/core/l10n/translation";
import {user} from "@web/core/user";
import {insertThousandsSep} from "@web/core/utils/numbers";

import {Component} from "@odoo/owl";

const COLORS = {
    ok: "bg-success",
    warning: "bg-warning",
    full: "bg-danger",
    over: "bg-danger",
};

/** Write a whole number as the user's language groups its digits. */
function formatNumber(number) {
    const {thousandsSep, grouping} = localization;
    return insertThousandsSep((number || 0).toFixed(0), thousandsSep, grouping);
}

/**
 * Seats in use out of those contracted, as a bar in the colour of the pool's state and
 * in words, so that it can be read without colour. The server says the state. On a past
 * date only the seats in use are known.
 *
 * Where changes are not heard, `asOf` says until when the figures were right.
 */
export class Gauge extends Component {
    static template = "partner_managed_subscription.Gauge";
    static props = {
        pool: Object,
        rate: Number,
        label: {type: String, optional: true},
        isCompact: {type: Boolean, optional: true},
        asOf: {type: [Object, {value: null}], optional: true},
    };

    get pool() {
        return this.props.pool;
    }

    /** Whether there is a limit to hold the seats in use against. */
    get hasBar() {
        return this.pool.state in COLORS && !this.pool.is_unlimited;
    }

    get color() {
        return COLORS[this.pool.state];
    }

    get rate() {
        const {rate} = this.props;
        // 99.6 % is not full yet.
        return rate < 100 ? Math.floor(rate) : Math.round(rate);
    }

    get width() {
        return Math.min(this.rate, 100);
    }

    get rateText() {
        const format = new Intl.NumberFormat(user.lang, {style: "percent"});
        return format.format(this.rate / 100);
    }

    get usedText() {
        const {seat_limit, is_unlimited, state} = this.pool;
        const used = formatNumber(this.pool.used);
        const limit = formatNumber(seat_limit);
        if (is_unlimited || !state) {
            return _t("%(used)s in use", {used});
        }
        if (state !== "unavailable") {
            return this.getShareText(used, limit);
        }
        return seat_limit ? _t("%(limit)s contracted", {limit}) : _t("None contracted");
    }

    /** Languages write one seat, and some none, in another way than many. */
    getShareText(used, limit) {
        switch (this.pool.used) {
            case 0:
                return _t("0 of %(limit)s in use", {limit});
            case 1:
                return _t("1 of %(limit)s in use", {limit});
        }
        return _t("%(used)s of %(limit)s in use", {used, limit});
    }

    get availableText() {
        const {used, seat_limit, available, is_unlimited, state} = this.pool;
        if (!(state in COLORS)) {
            return "";
        }
        if (is_unlimited) {
            return _t("Unlimited");
        }
        return used > seat_limit
            ? _t("%(over)s too many", {over: formatNumber(used - seat_limit)})
            : _t("%(available)s left", {available: formatNumber(available)});
    }

    get barLabel() {
        const {label} = this.props;
        return label ? `${label}: ${this.usedText}` : this.usedText;
    }

    get asOfText() {
        const {asOf} = this.props;
        const time = asOf && asOf.toLocaleString(luxon.DateTime.TIME_SIMPLE);
        return time ? _t("as of %(time)s", {time}) : "";
    }
}
