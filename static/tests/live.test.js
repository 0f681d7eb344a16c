import {animationFrame, describe, expect, test, waitFor, waitForNone} from "@odoo/hoot";
import {queryFirst} from "@odoo/hoot-dom";
import {advanceTime} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

import {LiveFigures} from "@partner_managed_subscription/live/live_service";

class Pool extends models.Model {
    _name = "subscription.seat.pool";

    used = fields.Integer();
    seat_limit = fields.Integer();
    available = fields.Integer();
    usage_rate = fields.Float();
    is_unlimited = fields.Boolean();
    is_running = fields.Boolean();
    state = fields.Selection({
        selection: [
            ["ok", "Seats available"],
            ["warning", "Running low"],
            ["full", "Full"],
        ],
    });
    _records = [
        {
            id: 7,
            used: 3,
            seat_limit: 5,
            available: 2,
            usage_rate: 60,
            is_running: true,
            state: "ok",
        },
    ];
}

defineMailModels();
defineModels([Pool]);
onRpc("has_group", () => true);

const LIST = `
    <list>
        <field name="used"/>
        <field name="usage_rate" widget="seat_gauge"/>
        <field name="state"/>
    </list>`;

/** What the server says of a pool of 5 seats. */
function figures(used, state = "ok", values = {}) {
    return {
        pool_id: 7,
        seat_limit: 5,
        is_unlimited: false,
        used,
        available: 5 - used,
        usage_rate: 20 * used,
        is_running: true,
        state,
        ...values,
    };
}

/** A bus that only notes what it is asked, and says what it is told to say. */
function makeBus(workerState = "CONNECTED") {
    const handlers = {};
    return {
        workerState,
        subscribe: (type, handler) => (handlers[type] = handler),
        addEventListener: (type, handler) => (handlers[type] = handler),
        addChannel: (name) => expect.step(`listen to ${name}`),
        deleteChannel: (name) => expect.step(`leave ${name}`),
        say: (type, payload) => handlers[type](payload),
    };
}

/** Watch pool 7 on `bus`; the server answers with `answers` one after the other. */
function watch(bus, ...answers) {
    const live = new LiveFigures(bus, async (ids) => {
        expect.step(`ask for ${ids}`);
        const answer = answers.length > 1 ? answers.shift() : answers[0];
        if (!answer) {
            throw new Error("No answer");
        }
        return answer;
    });
    const stop = live.watch(7, (news, asOf) => {
        expect.step(`${news ? news.used : "nothing"} ${asOf ? "as of" : "live"}`);
    });
    return {live, stop};
}

describe("figures", () => {
    const answer = {channels: ["secret"], pools: [figures(3)]};

    test("are asked for once, and heard from then on", async () => {
        const bus = makeBus();
        const {live} = watch(bus, answer);
        live.watch(8, () => expect.step("another"));
        await advanceTime(60);
        expect.verifySteps(["ask for 7,8", "listen to secret", "3 live", "another"]);
        bus.say("subscription_live/usage", {pools: [figures(4)]});
        expect.verifySteps(["4 live"]);
    });

    test("are as of the last time that they were heard when the bus is down", async () => {
        const bus = makeBus();
        watch(bus, answer, {channels: ["secret"], pools: [figures(5, "full")]});
        await advanceTime(60);
        expect.verifySteps(["ask for 7", "listen to secret", "3 live"]);
        bus.workerState = "DISCONNECTED";
        bus.say("BUS:DISCONNECT");
        bus.say("BUS:RECONNECTING");
        expect.verifySteps(["nothing as of"]);
        bus.workerState = "CONNECTED";
        bus.say("BUS:RECONNECT");
        await advanceTime(60);
        expect.verifySteps(["ask for 7", "5 live"]);
    });

    test("are as of when they were asked for where the bus never comes", async () => {
        watch(makeBus("CONNECTING"), answer);
        await advanceTime(60);
        expect.verifySteps(["ask for 7", "listen to secret", "3 live"]);
        await advanceTime(5000);
        expect.verifySteps(["nothing as of"]);
    });

    test("are as of the last answer where the server answers no more", async () => {
        const bus = makeBus();
        watch(bus, answer, null);
        await advanceTime(60);
        expect.verifySteps(["ask for 7", "listen to secret", "3 live"]);
        bus.say("BUS:RECONNECT");
        await advanceTime(60);
        expect.verifySteps(["ask for 7", "nothing as of"]);
    });

    test("are heard on another channel when one ends", async () => {
        const bus = makeBus();
        const {stop} = watch(bus, answer, {channels: ["next"], pools: [figures(3)]});
        await advanceTime(60);
        bus.say("subscription_live/ended", {});
        await advanceTime(400);
        expect.verifySteps([
            "ask for 7",
            "listen to secret",
            "3 live",
            "ask for 7",
            "listen to next",
            "3 live",
        ]);
        stop();
        await advanceTime(60);
        expect.verifySteps(["leave secret", "leave next"]);
    });

    test("that somebody may not read any more stay as they were", async () => {
        const bus = makeBus();
        watch(bus, answer, {channels: [], pools: []});
        await advanceTime(60);
        bus.say("BUS:RECONNECT");
        await advanceTime(60);
        expect.verifySteps([
            "ask for 7",
            "listen to secret",
            "3 live",
            "ask for 7",
            "leave secret",
            "nothing as of",
        ]);
    });
});

test("somebody who sees many pools is told that something has changed", async () => {
    const bus = makeBus();
    const live = new LiveFigures(bus, null, async () => ["scope"]);
    const stop = live.follow(() => expect.step("changed"));
    await advanceTime(60);
    expect.verifySteps(["listen to scope"]);
    bus.say("subscription_live/changed", {});
    bus.say("subscription_live/usage", {pools: []});
    bus.say("BUS:RECONNECT");
    expect.verifySteps(["changed", "changed", "changed"]);
    stop();
    expect.verifySteps(["leave scope"]);
    bus.say("subscription_live/changed", {});
    expect.verifySteps([]);
});

test("who follows requests alone is not told of figures", async () => {
    const bus = makeBus();
    const live = new LiveFigures(bus, null, async () => []);
    const stop = live.follow(() => expect.step("read"), {requestsOnly: true});
    live.follow(() => expect.step("count"));
    await advanceTime(60);
    bus.say("subscription_live/changed", {});
    bus.say("subscription_live/usage", {pools: []});
    expect.verifySteps(["count", "count"]);
    bus.say("subscription_live/requests", {});
    expect.verifySteps(["read", "count"]);
    stop();
    bus.say("subscription_live/requests", {});
    expect.verifySteps(["count"]);
});

test("the requests of a client are heard on its channels", async () => {
    const bus = makeBus();
    const live = new LiveFigures(bus, async (ids, url) => {
        expect.step(`ask ${url}`);
        return {channels: ["secret"], pools: []};
    });
    const stop = live.watchRequests(() => expect.step("read"), "/live");
    await advanceTime(60);
    // The page shows what there is already.
    expect.verifySteps(["ask /live", "listen to secret"]);
    bus.say("subscription_live/usage", {pools: []});
    expect.verifySteps([]);
    bus.say("subscription_live/requests", {});
    expect.verifySteps(["read"]);
    // What was missed meanwhile may have changed.
    bus.say("BUS:RECONNECT");
    await advanceTime(60);
    expect.verifySteps(["ask /live", "read"]);
    stop();
    await advanceTime(60);
    expect.verifySteps(["leave secret"]);
});

describe("in a list", () => {
    /** Show the pool; return what the service is to say. */
    async function show() {
        let say = null;
        mockService("subscription_live", {
            watch(poolId, callback) {
                expect.step(`watch ${poolId}`);
                say = callback;
                return () => null;
            },
        });
        await mountView({resModel: "subscription.seat.pool", type: "list", arch: LIST});
        expect.verifySteps(["watch 7"]);
        return say;
    }

    test("the gauge and what stands beside it change", async () => {
        const say = await show();
        expect(".o_data_cell .o_seat_gauge").toHaveText("60%");
        say(figures(5, "full"), null);
        await waitFor(".o_seat_gauge:contains(100%)");
        expect(".progress-bar").toHaveClass("bg-danger");
        expect(".o_data_cell[name=used]").toHaveText("5");
        expect(".o_data_cell[name=state]").toHaveText("Full");
    });

    test("the gauge says since when nothing is heard", async () => {
        const say = await show();
        expect(".o_seat_gauge_as_of").toHaveCount(0);
        say(null, luxon.DateTime.fromISO("2026-03-15T14:32"));
        await waitFor(".o_seat_gauge_as_of");
        const text = queryFirst(".o_seat_gauge_as_of").title;
        expect(text.replace(/\s/g, " ")).toBe("as of 2:32 PM");
        say(figures(4, "warning"), null);
        await waitForNone(".o_seat_gauge_as_of");
        expect(".o_data_cell .o_seat_gauge").toHaveText("80%");
    });

    test("what somebody is changing is not overwritten", async () => {
        const arch = LIST.replaceAll("list>", "form>");
        let say = null;
        mockService("subscription_live", {
            watch(poolId, callback) {
                say = callback;
                return () => null;
            },
        });
        await mountView({
            resModel: "subscription.seat.pool",
            resId: 7,
            type: "form",
            arch,
        });
        await contains("[name=used] input").edit("1", {confirm: "blur"});
        say(figures(5, "full"), null);
        await animationFrame();
        expect("[name=used] input").toHaveValue("1");
        expect(".progress-bar").toHaveClass("bg-success");
    });
});
