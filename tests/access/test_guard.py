"""Whatever a value looks like, and by whichever way it comes, it refers to nothing that
the user could not read before."""

import json
from functools import partial

from odoo.tests import tagged
from odoo.tools import mute_logger

from ...models.access.references import ReferenceReader
from ..common.access import MEMBER, SUBSCRIPTION
from ..common.guard import (
    CASTS,
    COMMANDS,
    LINES,
    MUTED,
    OWN,
    PARTNER,
    TEXT,
    GuardCase,
    change_documents,
    change_lines,
    create_documents,
    create_lines,
    get_spec,
    get_specs,
    show_documents,
    show_lines,
    show_value,
    write_lines,
)


@tagged("post_install", "-at_install")
class TestGuard(GuardCase):
    @mute_logger(*MUTED)
    def test_create(self):
        def act(records, name, value, values, target):
            self._check_link(records.create({**values, name: value}), name, target)

        self._each_door(act)

    @mute_logger(*MUTED)
    def test_web_save(self):
        def act(records, name, value, values, target):
            spec = {"display_name": {}, name: get_spec(records, name)}
            return records.web_save({**values, name: value}, spec)

        self._each_door(act)

    @mute_logger(*MUTED)
    def test_write(self):
        def act(records, name, value, values, target):
            record = records.create(values)
            record.write({name: value})
            self._check_link(record, name, target)

        self._each_door(act)

    @mute_logger(*MUTED)
    def test_onchange(self):
        def act(records, name, value, values, target):
            return [
                records.onchange({**values, name: value}, names, get_specs(records))
                for names in ([], [name])
            ]

        self._each_door(act)

    @mute_logger(*MUTED)
    def test_context(self):
        """What a context gives as a default is the user's."""

        def act(records, name, value, values, target):
            records = records.with_context(**{f"default_{name}": value})
            found = records.default_get([name])
            shown = records.onchange(dict(values), [], get_specs(records))
            values = {key: val for key, val in values.items() if key != name}
            self._check_link(records.create(values), name, target)
            return [found, shown]

        self._each_door(act)

    @mute_logger(*MUTED)
    def test_own_default(self):
        """What a user keeps as a default is its own."""

        def act(records, name, value, values, target):
            field = records.env["ir.model.fields"].sudo()._get(records._name, name)
            records.env["ir.default"].create(
                {
                    "field_id": field.id,
                    "user_id": records.env.uid,
                    "json_value": json.dumps(value),
                }
            )
            records.default_get([name])
            shown = records.onchange(dict(values), [], get_specs(records))
            values = {key: val for key, val in values.items() if key != name}
            self._check_link(records.create(values), name, target)
            return shown

        self._each_door(act)

    @mute_logger(*MUTED)
    def test_import(self):
        def act(records, name, value, values, target):
            data = {"module": "x", "name": "x", "model": target._name}
            records.env["ir.model.data"].sudo().create({**data, "res_id": target.id})
            if isinstance(value, (int, str, float)):
                values = {
                    key: val
                    for key, val in values.items()
                    if isinstance(val, (int, str)) and key != name
                }
                related = [
                    f"{key}/.id" if key.endswith("_id") else key
                    for key in (*values, name)
                ]
                ids = records.load(related, [[*map(str, values.values()), value]])[
                    "ids"
                ]
                if ids:
                    self._check_link(records.browse(ids), name, target)

        self._each_door(act)

    @mute_logger(*MUTED)
    def test_nested(self):
        """A command that creates or changes a line is a call of its own."""
        target = self._get_foreign("north", PARTNER)
        line = {"client_id": self.acme.id, "role_id": self.role_reports.id}
        member_id = self.own["acme"][MEMBER].id
        for label, cast in CASTS.items():
            lines = {**line, "name": "New", "partner_id": cast(target.id)}
            for command in (
                [0, 0, lines],
                (0.0, "virtual_1", lines),
                [1, member_id, {"partner_id": cast(target.id)}],
                lines,
            ):
                for act in (write_lines, create_lines, change_lines, show_lines):
                    with self.subTest(value=label, command=command, act=act.__name__):
                        self._attempt(
                            "north",
                            target,
                            partial(act, self.acme.id, {LINES: [command]}),
                        )

    @mute_logger(*MUTED)
    def test_parent_of_a_line(self):
        """The screen sends what a line belongs to as a dictionary of its values."""
        target = self._get_foreign("north", PARTNER)
        for values in (
            {"client_id": {"id": target.id}},
            {"client_id": {"id": self.acme.id, "parent_id": target.id}},
            {"client_id": {"id": False, "parent_id": str(target.id)}},
            {"client_id": {"id": False, "child_ids": [[4, target.id]]}},
        ):
            with self.subTest(values=values):
                self._attempt(
                    "north",
                    target,
                    lambda env, kw=values: env[MEMBER].onchange(
                        dict(kw), [], get_specs(env[MEMBER])
                    ),
                )

    @mute_logger(*MUTED)
    def test_reference_in_two_fields(self):
        """The model or the id alone may be what makes a reference foreign."""
        own = self.own["acme"]
        target = self._get_foreign("north", SUBSCRIPTION)
        for model in ("ir.attachment", "mail.activity", "mail.message"):
            for values in (
                {"res_id": str(target.id)},
                {"res_id": float(target.id)},
                {"res_id": {"id": target.id}},
            ):
                with self.subTest(model=model, values=values):
                    self.assertFalse(
                        self._attempt(
                            "north",
                            target,
                            lambda env, m=model, kw=values: (
                                env[m].browse(own[m].id).write(kw)
                            ),
                        )
                    )
        attachment = self.env["ir.attachment"].create(
            {
                "name": "Own",
                "raw": b"Own",
                "res_model": PARTNER,
                "res_id": self.acme.id,
            }
        )
        invoice = self.own["bolt"]["account.move"]
        # The number of a foreign invoice, where a number of a language is meant.
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE ir_attachment SET res_id = %s, res_model = %s WHERE id = %s",
            [invoice.id, "res.lang", attachment.id],
        )
        self.assertFalse(
            self._attempt(
                "north",
                invoice,
                lambda env: (
                    env["ir.attachment"]
                    .browse(attachment.id)
                    .write({"res_model": "account.move"})
                ),
            )
        )

    def test_model_alone(self):
        """Another model makes another record of the same number."""
        own = self.own["acme"]["ir.attachment"]
        model_id = self.env["ir.model"]._get_id(PARTNER)
        for record, values in (
            (own, {"res_model": PARTNER}),
            (self.own["acme"]["mail.activity"], {"res_model_id": model_id}),
            (own, {"res_id": str(own.res_id), "res_model": PARTNER}),
        ):
            with self.subTest(values=values):
                reader = ReferenceReader()
                reader.collect(record, values)
                links = {reference.link for reference in reader.found}
                self.assertIn((PARTNER, own.res_id), links)

    def test_every_form_is_noted(self):
        """Whatever an id is in, the reader notes it before anything else checks."""
        link = (PARTNER, self.bolt.id)
        for values in (
            {"client_id": str(self.bolt.id)},
            {"client_id": {"id": self.bolt.id}},
            {"client_id": {"id": False, "child_ids": [[4, f" {self.bolt.id}"]]}},
            {"client_id": {"id": False, "child_ids": [["4", self.bolt.id]]}},
            {"client_id": {"id": False, "child_ids": [[1, str(self.bolt.id), {}]]}},
        ):
            with self.subTest(values=values):
                reader = ReferenceReader()
                try:
                    reader.collect(self.env[MEMBER], values)
                except ValueError:
                    continue
                self.assertIn(link, {found.link for found in reader.found})

    @mute_logger(*MUTED)
    def test_every_model(self):
        """No model that a role may fill in is forgotten."""
        for role in OWN:
            with self._as(role) as env:
                found = list(self._get_relations(env, role))
            self.assertTrue(found)
            for number, (model, name, target) in enumerate(found):
                field = self.env[model]._fields[name]
                casts = CASTS if field.type == "many2one" else COMMANDS
                labels = list(casts)
                for label in (labels[0], labels[number % len(labels)]):
                    value = casts[label](target.id)
                    call = partial(show_value, model, name, value)
                    with self.subTest(role=role, model=model, name=name, value=label):
                        self._attempt(role, target, call)

    @mute_logger(*MUTED)
    def test_every_record(self):
        """No record that is a role's own is made to refer to what is foreign."""
        for role, (own, _foreign) in OWN.items():
            user = self.roles[role]
            records = {
                **self.own[own],
                "res.users": user,
                "res.users.settings": user.res_users_settings_id,
            }
            with self._as(role) as env:
                found = list(self._get_relations(env, role, "write"))
            self.assertTrue(found)
            for number, (model, name, target) in enumerate(found):
                field = self.env[model]._fields[name]
                if not records.get(model) or not field.store:
                    continue
                casts = CASTS if field.type == "many2one" else COMMANDS
                labels = list(casts)
                for label in (labels[0], labels[number % len(labels)]):
                    value = casts[label](target.id)
                    call = partial(self._link, records[model], name, value, target)
                    with self.subTest(role=role, model=model, name=name, value=label):
                        self._attempt(role, target, call)

    def _link(self, record, name, value, target, env):
        before = self._get_link(record, name, target._name)
        env[record._name].browse(record.id).write({name: value})
        if target.id not in (before if isinstance(before, list) else [before]):
            self._check_link(record, name, target)

    def _get_relations(self, env, role, operation="create"):
        for model in sorted(env.registry):
            records = env[model]
            if records._abstract or not records.has_access(operation):
                continue
            for name, field in sorted(records._fields.items()):
                if field.comodel_name not in self.own["acme"]:
                    continue
                target = self._get_foreign(role, field.comodel_name)
                if records._has_field_access(field, "write") and (
                    not target.with_env(env)._filtered_access("read")
                ):
                    yield model, name, target

    @mute_logger(*MUTED)
    def test_same_number(self):
        """The warning of two contacts with one tax number names no competitor's."""
        names = ("same_vat_partner_id", "same_company_registry_partner_id")
        spec = {name: {"fields": {"display_name": {}}} for name in names}
        for name, value in (("vat", "BOLT0123456"), ("company_registry", "R-99")):

            def onchange(env, name=name, value=value):
                given = {"name": "New", "is_company": True, name: value}
                return env[PARTNER].onchange(given, [name], spec)

            def read(env, name=name, value=value):
                given = {"name": "New", "is_company": True, name: value}
                return env[PARTNER].create(given).read(names)

            with self.subTest(name=name):
                self.assertTrue(self._attempt("north", self.bolt, onchange))
                self.assertTrue(self._attempt("north", self.bolt, read))

    @mute_logger(*MUTED)
    def test_message_post(self):
        """A message refers to nothing out of reach, whatever it is posted with."""
        target = self._get_foreign("north", "mail.message")
        subscription = self.own["acme"][SUBSCRIPTION]
        for name, model in (
            ("parent_id", "mail.message"),
            ("author_id", PARTNER),
            ("partner_ids", PARTNER),
            ("attachment_ids", "ir.attachment"),
        ):
            target = self._get_foreign("north", model)
            for label, cast in CASTS.items():
                value = cast(target.id)

                def call(env, name=name, value=value, target=target):
                    records = env[SUBSCRIPTION].browse(subscription.id)
                    message = records.message_post(body=TEXT, **{name: value})
                    self._check_link(message, name, target)

                with self.subTest(field=name, value=label):
                    self._attempt("north", target, call)

    @mute_logger(*MUTED)
    def test_documents(self):
        """Wizards on documents hold their ids as a text, or take them from the
        context: they open for none out of reach."""
        for role in OWN:
            target = self._get_foreign(role, SUBSCRIPTION)
            ids = [target.id]
            for model, name in (
                ("mail.compose.message", "model"),
                ("mail.activity.schedule", "res_model"),
                ("mail.followers.edit", "res_model"),
                ("mail.template.preview", "resource_ref"),
                ("sms.composer", "res_model"),
            ):
                if model not in self.env:
                    continue
                for label, values, context in (
                    ("values", {name: SUBSCRIPTION, "res_ids": repr(ids)}, {}),
                    ("defaults", {}, {name: SUBSCRIPTION, "res_ids": repr(ids)}),
                    ("list", {}, {name: SUBSCRIPTION, "res_ids": ids}),
                    ("active", {}, {"active_model": SUBSCRIPTION, "active_ids": ids}),
                    ("one", {}, {"active_model": SUBSCRIPTION, "active_id": ids[0]}),
                ):
                    context = {
                        key if "active" in key else f"default_{key}": value
                        for key, value in context.items()
                    }
                    for act in (show_documents, create_documents):
                        with self.subTest(role=role, model=model, way=label, act=act):
                            call = partial(act, model, values, context)
                            self.assertFalse(self._attempt(role, target, call))

    @mute_logger(*MUTED)
    def test_listed_documents(self):
        """Whatever the form of the list."""
        target = self._get_foreign("north", SUBSCRIPTION)
        own = self.own["acme"][SUBSCRIPTION]
        for model in ("mail.compose.message", "mail.activity.schedule"):
            name = "model" if "model" in self.env[model]._fields else "res_model"
            for value in (
                repr([own.id, target.id]),
                f" ({target.id},)",
                str(target.id),
                f"{own.id}, {target.id}",
                f"[{hex(target.id)}]",
                f"['{target.id}']",
                [target.id],
                target.id,
            ):
                values = {name: SUBSCRIPTION, "res_ids": value}
                given = {name: SUBSCRIPTION, "res_ids": repr(own.ids)}
                calls = (
                    partial(change_documents, model, given, value),
                    partial(create_documents, model, values, {}),
                    partial(show_documents, model, values, {}),
                )
                for call in calls:
                    with self.subTest(model=model, value=value):
                        self.assertFalse(self._attempt("north", target, call))
            values = {name: SUBSCRIPTION, "res_ids": repr(own.ids)}
            with self._as("north") as env:
                context = {"active_model": SUBSCRIPTION, "active_ids": own.ids}
                self.assertTrue(env[model].create(values))
                self.assertTrue(
                    env[model].with_context(**context).create({name: SUBSCRIPTION})
                )

    @mute_logger(*MUTED)
    def test_properties(self):
        """A property that the vendor defines as a reference is one."""
        target = self._get_foreign("north", PARTNER)
        contact = self.own["acme"][PARTNER]
        definition = contact.properties_base_definition_id
        self.assertTrue(definition)
        one = {"name": "a1", "type": "many2one", "string": "One"}
        many = {"name": "b2", "type": "many2many", "string": "Many"}
        definition.properties_definition = [
            {**one, "comodel": PARTNER},
            {**many, "comodel": PARTNER},
        ]
        for values in (
            {"a1": target.id},
            {"b2": [self.acme.id, target.id]},
            [{**one, "comodel": PARTNER, "value": [target.id, "Name"]}],
            [{**many, "comodel": PARTNER, "value": [[target.id, "Name"]]}],
        ):
            for call in (
                lambda env, kw=values: (
                    env[PARTNER].browse(contact.id).write({"properties": kw})
                ),
                lambda env, kw=values: env[PARTNER].create(
                    {"name": "New", "parent_id": self.acme.id, "properties": kw}
                ),
                lambda env, kw=values: (
                    env[PARTNER]
                    .browse(contact.id)
                    .web_save({"properties": kw}, {"properties": {}})
                ),
            ):
                with self.subTest(values=values):
                    self.assertFalse(self._attempt("north", target, call))
        with self._as("north") as env:
            record = env[PARTNER].browse(contact.id)
            record.properties = {"a1": str(target.id)}
            env.flush_all()
            env.invalidate_all()
            self.assertFalse(record.sudo().properties["a1"])
            record.properties = {"a1": self.acme.id, "b2": [self.acme.id]}
            self.assertEqual(record.properties["a1"].id, self.acme.id)
        contact.properties = {"a1": target.id}
        self.env.flush_all()
        with self._as("north") as env:
            record = env[PARTNER].browse(contact.id)
            record.write({"properties": {"a1": target.id, "b2": [self.acme.id]}})
            self.assertTrue(record.sudo().properties["b2"])

    def test_context_of_the_superuser(self):
        """Odoo leaves the defaults of the context behind where code goes on as
        superuser, which the guard relies on. Those that a user keeps are left out."""
        order = self.own["bolt"]["sale.order"]
        with self._as("north") as env:
            given = env[SUBSCRIPTION].with_context(default_sale_order_id=order.id)
            self.assertFalse(given.sudo().default_get(["sale_order_id"]))
            env["ir.default"].set(SUBSCRIPTION, "sale_order_id", order.id, True)
            self.assertFalse(env[SUBSCRIPTION].sudo().default_get(["sale_order_id"]))

    # ------------------------------------------------------------------ control
