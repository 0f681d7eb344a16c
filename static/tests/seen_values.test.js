import {beforeEach, describe, expect, test} from "@odoo/hoot";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";
import {session} from "@web/session";

class Pool extends models.Model {
    _name = "pool";

    name = fields.Char();
    seat_limit = fields.Integer();
    is_unlimited = fields.Boolean();
    owner_id = fields.Many2one({relation: "owner"});

    _records = [
        {id: 1, name: "Expenses", seat_limit: 5, owner_id: 1},
        {id: 2, name: "Time", seat_limit: 6, owner_id: 1},
    ];
}

class Owner extends models.Model {
    _name = "owner";

    name = fields.Char();
    pool_ids = fields.One2many({relation: "pool", relation_field: "owner_id"});

    _records = [{id: 1, name: "Acme", pool_ids: [1, 2]}];
}

defineMailModels();
defineModels([Pool, Owner]);
onRpc("has_group", () => true);

const FIELDS = `
    <field name="name"/><field name="seat_limit"/><field name="is_unlimited"/>`;

describe("seen values", () => {
    beforeEach(() => {
        patchWithCleanup(session, {
            watched_fields: {pool: ["seat_limit", "is_unlimited", "elsewhere"]},
        });
        onRpc("web_save", ({args}) => {
            // The server of these tests does not know what is taken out below.
            expect.step(JSON.parse(JSON.stringify(args)));
            delete args[1].seen_values;
            for (const command of args[1].pool_ids || []) {
                delete command[2].seen_values;
            }
        });
    });

    async function edit(field, value) {
        await contains(`.o_field_widget[name=${field}] input`).edit(value);
    }

    test("a form says what it showed of the watched fields", async () => {
        const resIds = [1];
        await mountView({
            type: "form",
            resModel: "pool",
            resId: 1,
            arch: `<form>${FIELDS}</form>`,
        });
        await edit("seat_limit", "9");
        await contains(".o_form_button_save").click();
        expect.verifySteps([
            [
                resIds,
                {
                    seat_limit: 9,
                    seen_values: {1: {seat_limit: 5, is_unlimited: false}},
                },
            ],
        ]);
    });

    test("it says nothing where nothing watched changes", async () => {
        await mountView({
            type: "form",
            resModel: "pool",
            resId: 1,
            arch: `<form>${FIELDS}</form>`,
        });
        await edit("name", "Travel");
        await contains(".o_form_button_save").click();
        expect.verifySteps([[[1], {name: "Travel"}]]);
    });

    test("what was saved is seen from then on", async () => {
        await mountView({
            type: "form",
            resModel: "pool",
            resId: 1,
            arch: `<form><field name="seat_limit"/></form>`,
        });
        for (const [seen, limit] of [
            [5, 9],
            [9, 7],
        ]) {
            await edit("seat_limit", String(limit));
            await contains(".o_form_button_save").click();
            expect.verifySteps([
                [[1], {seat_limit: limit, seen_values: {1: {seat_limit: seen}}}],
            ]);
        }
    });

    test("so do the lines of a form", async () => {
        await mountView({
            type: "form",
            resModel: "owner",
            resId: 1,
            arch: `
                <form>
                    <field name="pool_ids">
                        <list editable="bottom" create="0">
                            <field name="seat_limit"/>
                        </list>
                    </field>
                </form>`,
        });
        await contains(".o_data_row:eq(1) [name=seat_limit]").click();
        await edit("seat_limit", "9");
        await contains(".o_form_button_save").click();
        expect.verifySteps([
            [
                [1],
                {
                    pool_ids: [
                        [1, 2, {seat_limit: 9, seen_values: {2: {seat_limit: 6}}}],
                    ],
                },
            ],
        ]);
    });

    test("a list says what it showed of each record that is saved", async () => {
        await mountView({
            type: "list",
            resModel: "pool",
            arch: `<list multi_edit="1"><field name="seat_limit"/></list>`,
        });
        await contains("thead .o_list_record_selector input").click();
        await contains(".o_data_row:eq(0) [name=seat_limit]").click();
        await edit("seat_limit", "9");
        await contains(".modal .btn-primary").click();
        expect.verifySteps([
            [
                [1, 2],
                {
                    seat_limit: 9,
                    seen_values: {1: {seat_limit: 5}, 2: {seat_limit: 6}},
                },
            ],
        ]);
    });
});
