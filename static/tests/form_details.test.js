import {describe, expect, test} from "@odoo/hoot";
import {animationFrame} from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import {defineMailModels} from "@mail/../tests/mail_test_helpers";

class Client extends models.Model {
    _name = "client";

    name = fields.Char();
    definitions = fields.PropertiesDefinition();

    _records = [{id: 1, name: "Acme", definitions: []}];
}

class Contract extends models.Model {
    _name = "contract";

    name = fields.Char();
    client_id = fields.Many2one({relation: "client"});
    details = fields.Properties({
        definition_record: "client_id",
        definition_record_field: "definitions",
    });

    _records = [
        {id: 1, name: "BUS/1", client_id: 1},
        {id: 2, name: "BUS/2"},
    ];
}

class Person extends models.Model {
    _name = "person";

    name = fields.Char();

    _records = [{id: 1, name: "Ann"}];
    _views = {
        list: `<list><field name="name"/></list>`,
        search: `<search/>`,
        form: `<form><field name="name"/></form>`,
    };
}

class Grant extends models.Model {
    _name = "grant";

    pool_ids = fields.Many2many({relation: "client"});
    member_ids = fields.Many2many({relation: "person", string: "Users"});

    _records = [{id: 1, pool_ids: [1], member_ids: []}];
}

defineMailModels();
defineModels([Client, Contract, Person, Grant]);
onRpc("has_group", () => true);

describe("how the form of a client's subscription is called", () => {
    async function getTitle(resId) {
        await mountView({
            type: "form",
            resModel: "contract",
            resId,
            arch: `<form js_class="form_menu"><field name="client_id"/></form>`,
        });
        return document.querySelector(".o_breadcrumb .active, .o_last_breadcrumb_item")
            .textContent;
    }

    test("by the client, with its number behind", async () => {
        expect(await getTitle(1)).toInclude("Acme (BUS/1)");
    });

    test("by its number, without a client", async () => {
        const title = await getTitle(2);
        expect(title).toInclude("BUS/2");
        expect(title).not.toInclude("(");
    });
});

describe("Edit Properties", () => {
    async function getActions(right, edit = 1) {
        onRpc("has_access", () => right);
        await mountView({
            type: "form",
            resModel: "contract",
            resId: 1,
            arch: `<form edit="${edit}">
                <field name="client_id"/><field name="details"/></form>`,
            actionMenus: {},
            loadActionMenus: true,
        });
        await contains(".o_cp_action_menus .dropdown-toggle").click();
        return document.querySelector(".o-dropdown--menu").textContent;
    }

    test("who may edit them is offered it", async () => {
        expect(await getActions(true)).toInclude("Edit Properties");
    });

    test("whom it is refused to is not", async () => {
        expect(await getActions(false)).not.toInclude("Edit Properties");
    });

    test("who may not write the record is not", async () => {
        expect(await getActions(true, 0)).not.toInclude("Edit Properties");
    });
});

describe("users to choose", () => {
    async function open(list) {
        await mountView({
            type: "form",
            resModel: "grant",
            resId: 1,
            arch: `<form>
                <field name="pool_ids" widget="many2many_tags"/>
                <field name="member_ids" widget="seat_users" domain="[('id', '>', 1)]">
                    ${list}
                </field></form>`,
        });
        await animationFrame();
    }

    test("nobody is left to add: it says so, and offers a new member", async () => {
        await open(`<list><field name="name"/></list>`);
        expect(".modal .o_nocontent_help").toHaveText(/Nobody is left to add/);
        expect(".modal .o_create_button").toHaveText("New member");
        expect(".modal .modal-title").toHaveText("Choose users");
    });

    test("nobody is left to remove: nobody is created either", async () => {
        await open(`<list create="0"><field name="name"/></list>`);
        expect(".modal .o_nocontent_help").toHaveText(/Nobody is left to choose/);
        expect(".modal .o_create_button").toHaveCount(0);
    });

    test("somebody is left: the list has them", async () => {
        Person._records.push({id: 2, name: "Bob"});
        await open(`<list><field name="name"/></list>`);
        expect(".modal .o_data_row").toHaveCount(1);
        await contains(".modal .o_data_row .o_data_cell").click();
        await animationFrame();
        expect(".modal").toHaveCount(0);
        expect(".o_field_widget[name=member_ids] .o_data_row").toHaveCount(1);
    });
});
