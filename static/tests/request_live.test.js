import {expect, test} from "@odoo/hoot";
import {advanceTime, animationFrame} from "@odoo/hoot-mock";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {
    contains,
    defineModels,
    fields,
    MockServer,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Request extends models.Model {
    _name = "subscription.request";

    state = fields.Char();
    answer = fields.Char();
    _records = [{id: 7, state: "waiting"}];
}

defineMailModels();
defineModels([Request]);
onRpc("has_group", () => true);

const FORM = `
    <form>
        <widget name="request_live"/>
        <field name="state" readonly="1"/>
        <field name="answer"/>
    </form>`;

function write(state) {
    MockServer.env["subscription.request"].write([7], {state});
}

/** Show a view; return what the service is to call when requests change. */
async function show(type, arch) {
    let change = null;
    mockService("subscription_live", {
        follow(callback, {requestsOnly}) {
            expect(requestsOnly).toBe(true);
            change = async () => {
                write("approved");
                callback();
                callback();
                await advanceTime(150);
                await animationFrame();
            };
            return () => null;
        },
    });
    await mountView({resModel: "subscription.request", resId: 7, type, arch});
    return change;
}

test("a form is read anew when requests change", async () => {
    const change = await show("form", FORM);
    expect(".o_field_widget[name=state]").toHaveText("waiting");
    await change();
    expect(".o_field_widget[name=state]").toHaveText("approved");
});

test("what somebody is typing is left alone", async () => {
    const change = await show("form", FORM);
    await contains("[name=answer] input").edit("Not", {confirm: "blur"});
    await change();
    expect(".o_field_widget[name=state]").toHaveText("waiting");
    expect("[name=answer] input").toHaveValue("Not");
});

test("the list is read anew, unless rows are chosen", async () => {
    const arch = `<list js_class="subscription_request_list"><field name="state"/></list>`;
    const change = await show("list", arch);
    await change();
    expect(".o_data_cell").toHaveText("approved");
    write("waiting");
    await contains(".o_list_record_selector input:first").click();
    await change();
    expect(".o_data_row_selected").toHaveCount(1);
});
