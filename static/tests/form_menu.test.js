import {describe, expect, test} from "@odoo/hoot";
import {press} from "@odoo/hoot-dom";
import {animationFrame} from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    mockService,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

import {isSearched} from "@partner_managed_subscription/no_hit/no_hit";

class Contract extends models.Model {
    _name = "contract";

    name = fields.Char();

    _records = [{id: 1, name: "Acme"}];
}

defineMailModels();
defineModels([Contract]);
onRpc("has_group", () => true);

const ARCH = `
    <form js_class="form_menu">
        <header>
            <button name="renew" type="object" string="Renew" class="btn-primary"/>
            <button name="pause" type="object" string="Pause" class="o_in_form_menu"/>
            <button name="resume" type="object" string="Resume" class="o_in_form_menu"
                invisible="1"/>
            <button name="close" type="object" string="Close" class="o_in_form_menu"
                invisible="name == 'Closed'"/>
        </header>
        <sheet><field name="name"/></sheet>
    </form>`;

describe("menu of a form", () => {
    async function mount() {
        mockService("action", {
            doActionButton: (params) => expect.step(params.name),
        });
        await mountView({type: "form", resModel: "contract", resId: 1, arch: ARCH});
    }

    test("what belongs into the menu is there, and nowhere else", async () => {
        await mount();
        expect(".o_statusbar_buttons > button:not(.o_form_menu)").toHaveCount(1);
        expect(".o_statusbar_buttons > button[name=renew]").toHaveCount(1);
        await contains(".o_form_menu").click();
        expect(".o-dropdown--menu button").toHaveCount(2);
        await contains(".o-dropdown--menu button[name=pause]").click();
        expect.verifySteps(["pause"]);
        expect(".o-dropdown--menu").toHaveCount(0);
    });

    test("it is used by keyboard, and each button once", async () => {
        await mount();
        await contains(".o_form_menu").click();
        await press("ArrowDown");
        await press("ArrowDown");
        await press("Enter");
        await animationFrame();
        expect.verifySteps(["close"]);
    });

    test("without anything in it there is no menu", async () => {
        await mountView({
            type: "form",
            resModel: "contract",
            resId: 1,
            arch: `<form js_class="form_menu">
                <header><button name="renew" type="object" string="Renew"/></header>
                <sheet><field name="name"/></sheet></form>`,
        });
        expect(".o_form_menu").toHaveCount(0);
    });
});

describe("a search without a hit", () => {
    const searchItems = {
        1: {type: "filter", isDefault: true},
        2: {type: "groupBy"},
        3: {type: "field"},
    };

    test("what the screen filters by itself, and groupings, are no search", () => {
        const query = [{searchItemId: 1}, {searchItemId: 2}];
        expect(isSearched({query, searchItems})).toBe(false);
        expect(isSearched({})).toBe(false);
    });

    test("what somebody looks for is one", () => {
        const query = [{searchItemId: 1}, {searchItemId: 3}];
        expect(isSearched({query, searchItems})).toBe(true);
    });
});
