import {browser} from "@web/core/browser/browser";
import {registry} from "@web/core/registry";

const {DateTime} = luxon;

// Milliseconds. Gauges that appear together ask together; who is told to ask again does
// so a little apart from the others; a bus that is not there by then is down.
const TOGETHER = 50;
const APART = 300;
const PATIENCE = 5000;
// A term that begins or ends by the calendar changes a state without any message.
const REFRESH = 3600 * 1000;
// What is sent when requests change.
const REQUESTS = "subscription_live/requests";

/**
 * The live figures of the pools that a page shows. It asks the server for them, and for
 * the channels of the bus on which changes are told; the server says both to who may
 * read the pools. After every interruption it asks again.
 *
 * While nothing is heard, the gauges are told since when: see `asOf`.
 */
export class LiveFigures {
    constructor(bus, ask, askScope) {
        this.bus = bus;
        this.askServer = ask;
        this.askScope = askScope;
        /** {pool id: {url, callbacks}} of the pools that are shown. */
        this.watched = new Map();
        this.channels = new Set();
        /** {what is called when anything changes that the user sees: whether for changes
         * of requests alone}. */
        this.followers = new Map();
        this.followed = new Set();
        /** When the figures were last right; null as long as changes are heard. */
        this.asOf = null;
        this.rightAt = DateTime.now();
        this.isStarted = false;
    }

    /**
     * Call `callback(figures, asOf)` whenever those of a pool may have changed;
     * `figures` is null where only `asOf` is new.
     *
     * @param {Number} poolId
     * @param {Function} callback
     * @param {String} [url] of the page that answers, in the portal
     * @returns {Function} what ends it
     */
    watch(poolId, callback, url = "") {
        const entry = this.watched.get(poolId) || {url, callbacks: new Set()};
        entry.callbacks.add(callback);
        this.watched.set(poolId, entry);
        this.start();
        this.askSoon(TOGETHER);
        return () => {
            entry.callbacks.delete(callback);
            if (!entry.callbacks.size && this.watched.get(poolId) === entry) {
                this.watched.delete(poolId);
                this.askSoon(TOGETHER);
            }
        };
    }

    /**
     * Call `callback()` whenever figures of any pool that the user sees have changed, or
     * may have.
     *
     * @param {Function} callback
     * @param {Object} [options]
     * @param {Boolean} [options.requestsOnly] of requests alone, not of figures
     * @returns {Function} what ends it
     */
    follow(callback, {requestsOnly = false} = {}) {
        this.followers.set(callback, requestsOnly);
        this.start();
        this.followScope();
        return () => {
            this.followers.delete(callback);
            if (!this.followers.size) {
                this.followed.forEach((name) => this.bus.deleteChannel(name));
                this.followed.clear();
            }
        };
    }

    /**
     * Call `callback()` whenever requests of a client may have changed, in the portal.
     *
     * @param {Function} callback
     * @param {String} url of the page that answers with the channels of the client
     * @returns {Function} what ends it
     */
    watchRequests(callback, url) {
        let isFirst = true;
        // Told of each answer as well: what was missed before may have changed.
        const onNews = () => (isFirst ? (isFirst = false) : callback());
        return this.watch(`${REQUESTS} ${url}`, onNews, url);
    }

    hearRequests() {
        for (const key of this.watched.keys()) {
            if (String(key).startsWith(REQUESTS)) {
                this.call(key, null);
            }
        }
        this.callFollowers();
    }

    /** Call who follows: all where requests may have changed. */
    callFollowers(areRequests = true) {
        for (const [callback, requestsOnly] of this.followers) {
            if (areRequests || !requestsOnly) {
                callback();
            }
        }
    }

    async followScope() {
        if (!this.followers.size) {
            return;
        }
        let names = [];
        try {
            names = await this.askScope();
        } catch {
            // It is asked again when the bus is back.
            return;
        }
        for (const name of this.followers.size ? names : []) {
            if (!this.followed.has(name)) {
                this.followed.add(name);
                this.bus.addChannel(name);
            }
        }
    }

    get isConnected() {
        return this.bus.workerState === "CONNECTED";
    }

    start() {
        if (this.isStarted) {
            return;
        }
        this.isStarted = true;
        this.bus.subscribe("subscription_live/changed", () =>
            this.callFollowers(false)
        );
        this.bus.subscribe("subscription_live/usage", ({pools}) => {
            this.hear(pools);
            this.callFollowers(false);
        });
        this.bus.subscribe(REQUESTS, () => this.hearRequests());
        this.bus.subscribe("subscription_live/ended", () => {
            this.mustKeep = true;
            this.askSoon(Math.random() * APART);
        });
        for (const event of ["BUS:CONNECT", "BUS:RECONNECT"]) {
            this.bus.addEventListener(event, () => {
                this.askSoon(TOGETHER);
                this.callFollowers();
            });
        }
        for (const event of ["BUS:DISCONNECT", "BUS:RECONNECTING"]) {
            this.bus.addEventListener(event, () => this.lose());
        }
        browser.setTimeout(() => this.isConnected || this.lose(), PATIENCE);
        browser.setInterval(() => this.askSoon(Math.random() * REFRESH), REFRESH);
    }

    askSoon(delay) {
        browser.clearTimeout(this.timer);
        this.timer = browser.setTimeout(() => this.ask(), delay);
    }

    /** Ask for the figures of all pools that are shown, and for their channels. */
    async ask() {
        this.followScope();
        const answers = [];
        const wasConnected = this.isConnected;
        for (const [url, ids] of this.groupByUrl()) {
            try {
                answers.push(await this.askServer(ids, url));
            } catch {
                this.lose();
                return;
            }
        }
        this.listen(answers.flatMap((answer) => answer.channels));
        this.rightAt = DateTime.now();
        this.asOf = wasConnected || !this.asOf ? null : this.rightAt;
        this.tell(answers.flatMap((answer) => answer.pools));
    }

    groupByUrl() {
        const groups = new Map();
        for (const [poolId, {url}] of this.watched) {
            groups.set(url, [...(groups.get(url) || []), poolId]);
        }
        return groups;
    }

    /** Listen to `names`, and no more to others; what was under way on a channel that
     * has just ended still arrives. */
    listen(names) {
        for (const name of names) {
            if (!this.channels.has(name)) {
                this.channels.add(name);
                this.bus.addChannel(name);
            }
        }
        const others = [...this.channels].filter((name) => !names.includes(name));
        for (const name of this.mustKeep ? [] : others) {
            this.channels.delete(name);
            this.bus.deleteChannel(name);
        }
        this.mustKeep = false;
    }

    hear(pools) {
        this.rightAt = DateTime.now();
        for (const figures of pools) {
            this.call(figures.pool_id, figures);
        }
    }

    /** Tell all gauges `pools`. Who may not read a pool any more is answered without
     * it: what its gauge shows was right until then. */
    tell(pools) {
        const figures = new Map(pools.map((one) => [one.pool_id, one]));
        for (const poolId of this.watched.keys()) {
            const isKnown = figures.has(poolId);
            this.call(
                poolId,
                figures.get(poolId) || null,
                isKnown ? this.asOf : this.asOf || this.rightAt
            );
        }
    }

    /** Tell all gauges that nothing is heard from now on. */
    lose() {
        if (!this.asOf) {
            this.asOf = this.rightAt;
            for (const poolId of this.watched.keys()) {
                this.call(poolId, null);
            }
        }
    }

    call(poolId, figures, asOf = this.asOf) {
        for (const callback of this.watched.get(poolId)?.callbacks || []) {
            callback(figures, asOf);
        }
    }
}

export const liveService = {
    dependencies: ["bus_service", "orm"],

    start(env, {bus_service: bus, orm}) {
        const call = (method, ...args) =>
            orm.silent.call("subscription.seat.pool", method, args);
        const ask = async (ids, url) => {
            if (!url) {
                return call("get_live", ids);
            }
            // A session that has ended answers with a page to log in.
            const answer = await browser.fetch(url, {redirect: "error"});
            if (!answer.ok) {
                throw new Error(answer.statusText);
            }
            return answer.json();
        };
        return new LiveFigures(bus, ask, () => call("get_live_scope"));
    },
};

registry.category("services").add("subscription_live", liveService);
