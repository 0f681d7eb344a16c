"""Whatever a value looks like, and by whichever way it comes, it refers to nothing that
the user could not read before."""

import json
from functools import partial

from odoo import Command
from odoo.tests import Form, tagged
from odoo.tools import mute_logger

from ...models.access.references import ReferenceReader
from ..common.access import MEMBER, SUBSCRIPTION, AccessCase

LINES = "subscription_member_ids"
PARTNER = "res.partner"
# What messages say: words of people, which nobody translates.
TEXT = "A word of somebody"
LINES_SPEC = {
    LINES: {
        "fields": {
            "name": {},
            "email": {},
            "partner_id": {"fields": {"display_name": {}}},
        }
    }
}
# What Odoo, or PostgreSQL below it, takes for an id.
CASTS = {
    "number": lambda id_: id_,
    "text": str,
    "padded text": lambda id_: f" {id_}\n",
    "signed text": lambda id_: f"+{id_}",
    "hexadecimal text": hex,
    "float": float,
    "fraction": lambda id_: id_ + 0.25,
    "fraction as text": lambda id_: f"{id_}.0",
    "list": lambda id_: [id_],
    "tuple": lambda id_: (id_,),
    "pair": lambda id_: [id_, "Name"],
    "pair of texts": lambda id_: (str(id_), "Name"),
    "dictionary": lambda id_: {"id": id_},
    "dictionary with text": lambda id_: {"id": str(id_)},
    "dictionary in a dictionary": lambda id_: {"id": {"id": id_}},
    "link": lambda id_: [Command.link(id_)],
    "set": lambda id_: [Command.set([id_])],
}
# The same for many records.
COMMANDS = {
    "ids": lambda id_: [id_],
    "texts": lambda id_: [str(id_)],
    "tuple": lambda id_: (id_,),
    "dictionary": lambda id_: [{"id": id_}],
    "link": lambda id_: [Command.link(id_)],
    "link of a text": lambda id_: [[4, f" {id_}"]],
    "link of a float": lambda id_: [[4.0, float(id_)]],
    "link of a dictionary": lambda id_: [[4, {"id": id_}]],
    "named link": lambda id_: [["4", id_]],
    "set": lambda id_: [[6, 0, [id_]]],
    "set of texts": lambda id_: [[6, 0, [str(id_)]]],
    "set of a text": lambda id_: [[6, 0, str(id_)]],
    "update": lambda id_: [[1, id_, {}]],
    "update of a text": lambda id_: [[1, str(id_), {}]],
    "update of hexadecimal": lambda id_: [[True, hex(id_), {}]],
}
# ``(model, field, model of the record, other values)`` of the partner's staff.
DOORS = (
    (MEMBER, "partner_id", PARTNER, "member"),
    (MEMBER, "client_id", PARTNER, "name"),
    (SUBSCRIPTION, "sale_order_id", "sale.order", "subscription"),
    (SUBSCRIPTION, "user_id", "res.users", "subscription"),
    (SUBSCRIPTION, "partner_id", PARTNER, "subscription"),
    (PARTNER, "parent_id", PARTNER, "name"),
    (PARTNER, "user_id", "res.users", "name"),
    (PARTNER, "managing_partner_id", PARTNER, "name"),
    ("subscription.seat.grant", "client_id", PARTNER, None),
    ("subscription.invitation.send", "client_id", PARTNER, "email"),
    ("subscription.licence.transfer", "partner_id", PARTNER, None),
    ("mail.compose.message", "author_id", PARTNER, "message"),
    ("mail.compose.message", "parent_id", "mail.message", "message"),
    ("discuss.channel.member", "channel_id", "discuss.channel", "self"),
    ("discuss.channel.member", "partner_id", PARTNER, "channel"),
    ("discuss.channel.member", "seen_message_id", "mail.message", "channel"),
    ("ir.attachment", "original_id", "ir.attachment", "name"),
    ("ir.attachment", "res_id", SUBSCRIPTION, "attachment"),
    ("mail.activity", "res_id", SUBSCRIPTION, "activity"),
)
X2MANY_DOORS = (
    ("subscription.team", "member_ids", MEMBER, "team"),
    ("subscription.seat.grant", "member_ids", MEMBER, "grant"),
    ("mail.compose.message", "partner_ids", PARTNER, "message"),
    ("mail.compose.message", "attachment_ids", "ir.attachment", "message"),
    (PARTNER, "child_ids", PARTNER, "name"),
    (PARTNER, "subscription_member_ids", MEMBER, "name"),
    (SUBSCRIPTION, "invoice_ids", "account.move", "subscription"),
)
# What an accountant may create at all.
ACCOUNTANT_DOORS = (
    ("mail.compose.message", "author_id", PARTNER, "message"),
    ("mail.compose.message", "parent_id", "mail.message", "message"),
    ("ir.attachment", "original_id", "ir.attachment", "name"),
    ("discuss.channel.member", "channel_id", "discuss.channel", "self"),
)
MUTED = (
    "odoo.sql_db",
    "odoo.models",
    "odoo.addons.base.models.ir_rule",
    "odoo.addons.base.models.ir_model",
)
WORDS = {
    "north": ("bolt", "south", "dune", "hidden"),
    "accountant": ("coral", "hidden"),
}
OWN = {"north": ("acme", "bolt"), "accountant": ("acme", "coral")}


class GuardCase(AccessCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        channels = cls.env["discuss.channel"]
        cls.channels = {
            "foreign": channels.create(
                {"name": "Hidden group", "channel_type": "group"}
            ),
            "own": channels.create(
                {
                    "name": "Own group",
                    "channel_type": "group",
                    "channel_partner_ids": [
                        Command.link(cls.roles["north"].partner_id.id)
                    ],
                }
            ),
        }
        cls.bolt.vat = cls.own["bolt"][PARTNER].vat = "BOLT0123456"
        cls.bolt.company_registry = "R-99"
        cls.env.flush_all()

    def _get_foreign(self, role, model):
        if model == "discuss.channel":
            return self.channels["foreign"]
        return self.own[OWN[role][1]][model]

    def _get_values(self, role, kind):
        """Return values, beside the reference, with which ``role`` creates a record."""
        own = self.own[OWN[role][0]]
        client = self.clients[OWN[role][0]]
        subscription = {"res_model": SUBSCRIPTION, "res_id": own[SUBSCRIPTION].id}
        model_id = self.env["ir.model"]._get_id(SUBSCRIPTION)
        return {
            None: {},
            "name": {"name": "New"},
            "email": {"email": "anybody@firms.test"},
            "member": {
                "client_id": client.id,
                "role_id": self.role_reports.id,
                "name": "New",
            },
            "subscription": {
                "partner_id": client.id,
                "template_id": self.plan.id,
                "pricelist_id": self.pricelist.id,
            },
            "team": {"name": "New", "client_id": client.id},
            "grant": {"client_id": client.id},
            "message": {
                "model": SUBSCRIPTION,
                "res_ids": repr(own[SUBSCRIPTION].ids),
                "body": "New",
            },
            "self": {"partner_id": self.roles[role].partner_id.id},
            "channel": {
                "channel_id": self.channels["own"].id,
                "partner_id": self.roles["admin"].partner_id.id,
            },
            "attachment": {"name": "New", "raw": b"New", "res_model": SUBSCRIPTION},
            "activity": {"res_model_id": model_id, "summary": "New"},
            "reference": subscription,
        }[kind]

    def _attempt(self, role, target, call):
        """Try ``call`` as ``role``, and check that it neither tells anything of the
        records ``target`` nor opens them. Return whether it was let through."""
        with self._as(role) as env:
            self.env.invalidate_all()
            self.assertFalse(target.with_env(env)._filtered_access("read"))
            try:
                with self.cr.savepoint():
                    answer = call(env)
                    env.flush_all()
            except AssertionError:
                raise
            except Exception as error:  # noqa: BLE001 whatever it is that Odoo raises
                self._check_words(role, str(error))
                return False
            env.invalidate_all()
            self._check_words(role, json.dumps(answer, default=str))
            self.assertFalse(target.with_env(env)._filtered_access("read"))
            found = env[target._name].with_context(active_test=False)
            self.assertFalse(found.search([("id", "in", target.ids)]))
            return True

    def _check_words(self, role, text):
        for word in WORDS[role]:
            self.assertNotIn(word, text.lower())

    def _get_link(self, records, name, model):
        """Return what ``records`` refer to with ``name``, read from the database."""
        records.env.flush_all()
        records.env.invalidate_all()
        value = records.sudo().with_context(active_test=False)[:1][name]
        return value if isinstance(value, int) else value.ids if value else []

    def _check_link(self, records, name, target):
        linked = self._get_link(records, name, target._name)
        linked = linked if isinstance(linked, list) else [linked]
        self.assertNotIn(target.id, linked)

    def _get_doors(self):
        for role, doors in (("north", DOORS), ("accountant", ACCOUNTANT_DOORS)):
            for door in doors:
                for label, cast in CASTS.items():
                    yield role, door, label, cast
        for door in X2MANY_DOORS:
            for label, cast in COMMANDS.items():
                yield "north", door, label, cast

    def _each_door(self, act):
        """Call ``act(records, name, value, values, target)`` for each way to refer to
        what is foreign, as the role that has it."""
        for role, (model, name, comodel, kind), label, cast in self._get_doors():
            target = self._get_foreign(role, comodel)
            values = self._get_values(role, kind)

            # pylint: disable-next=dangerous-default-value
            def call(env, model=model, name=name, cast=cast, target=target, kw=values):
                return act(env[model], name, cast(target.id), dict(kw), target)

            with self.subTest(role=role, model=model, field=name, value=label):
                self._attempt(role, target, call)


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
            spec = {"display_name": {}, name: _get_spec(records, name)}
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
                records.onchange({**values, name: value}, names, _get_specs(records))
                for names in ([], [name])
            ]

        self._each_door(act)

    @mute_logger(*MUTED)
    def test_context(self):
        """What a context gives as a default is the user's."""

        def act(records, name, value, values, target):
            records = records.with_context(**{f"default_{name}": value})
            found = records.default_get([name])
            shown = records.onchange(dict(values), [], _get_specs(records))
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
            shown = records.onchange(dict(values), [], _get_specs(records))
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
                for act in (_write_lines, _create_lines, _change_lines, _show_lines):
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
                        dict(kw), [], _get_specs(env[MEMBER])
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
                reader.read(record, values)
                links = {reference.link for reference in reader.found}
                self.assertIn((PARTNER, own.res_id), links)

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
                    call = partial(_show_value, model, name, value)
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
        context."""
        for role in OWN:
            target = self._get_foreign(role, SUBSCRIPTION)
            ids = [target.id]
            for model, name in (
                ("mail.compose.message", "model"),
                ("mail.activity.schedule", "res_model"),
                ("mail.followers.edit", "res_model"),
                ("mail.template.preview", "resource_ref"),
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
                    for act in (_show_documents, _create_documents):
                        with self.subTest(role=role, model=model, way=label, act=act):
                            call = partial(act, model, values, context)
                            self._attempt(role, target, call)

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

    def test_forms(self):
        """The screens of partners' staff work as they did."""
        with self._as("north") as env:
            contact = self.own["acme"][PARTNER]
            with Form(env[PARTNER]) as form:
                form.name = "New contact"
                form.parent_id = env[PARTNER].browse(self.acme.id)
            self.assertEqual(form.record.parent_id, self.acme)
            with Form(env[MEMBER]) as form:
                form.client_id = env[PARTNER].browse(self.acme.id)
                form.partner_id = form._record.env[PARTNER].browse(contact.id)
            self.assertEqual(form.record.partner_id, contact)
            with Form(env[SUBSCRIPTION]) as form:
                form.partner_id = env[PARTNER].browse(self.acme.id)
                form.template_id = env[self.plan._name].browse(self.plan.id)
                form.pricelist_id = env["product.pricelist"].browse(self.pricelist.id)
            self.assertEqual(form.record.partner_id, self.acme)
            with Form(env[SUBSCRIPTION].browse(self.own["acme"][SUBSCRIPTION].id)) as f:
                f.description = "Changed"

    def test_calls(self):
        """So do programs, which send ids as texts, and imports."""
        with self._as("north") as env:
            spec = {"name": {}, "parent_id": {"fields": {"display_name": {}}}}
            [saved] = env[PARTNER].web_save(
                {"name": "New", "parent_id": self.acme.id}, spec
            )
            self.assertEqual(saved["parent_id"]["id"], self.acme.id)
            contact = self.own["acme"][PARTNER]
            values = {"client_id": self.acme.id, "partner_id": f" {contact.id}"}
            self.assertEqual(env[MEMBER].create(values).partner_id, contact)
            loaded = env[MEMBER].load(
                ["client_id/.id", "name"], [[str(self.acme.id), "Loaded"]]
            )
            self.assertFalse(loaded["messages"])
            self.assertEqual(env[MEMBER].browse(loaded["ids"]).client_id, self.acme)
            company = env[PARTNER].create(
                {
                    "name": "Firm",
                    "is_company": True,
                    "managing_partner_id": self.north.id,
                    "child_ids": [Command.create({"name": "Child"})],
                }
            )
            self.assertEqual(company.child_ids.name, "Child")
            own = env[SUBSCRIPTION].browse(self.own["acme"][SUBSCRIPTION].id)
            self.assertEqual(own.copy().partner_id, self.acme)
            self.assertTrue(contact.with_env(env).copy())
            self.assertTrue(own.message_post(body=TEXT))
            self.assertTrue(own.activity_schedule(summary="New"))
            action = self.env["ir.actions.act_window"].search([], limit=1)
            values = {"name": "New", "model_id": PARTNER, "action_id": action.id}
            self.assertTrue(env["ir.filters"].create({**values, "user_ids": [env.uid]}))
            env["ir.default"].set(MEMBER, "client_id", self.acme.id, True)
            shown = env[MEMBER].onchange({}, [], {"client_id": {}})
            self.assertEqual(shown["value"]["client_id"], self.acme.id)

    def test_context_of_a_screen(self):
        """A default for contacts is none for what Odoo writes beside them."""
        with self._as("north") as env:
            context = {"default_parent_id": self.acme.id, "tracking_disable": False}
            contacts = env[PARTNER].with_context(**context)
            values = {"name": "New", "parent_id": self.acme.id, "user_id": env.uid}
            contact = contacts.create(values)
            self.assertEqual(contact.parent_id, self.acme)
            values = {"name": "New", "parent_id": self.acme.id}
            [saved] = contacts.web_save(values, {"message_ids": {}})
            self.assertTrue(saved["message_ids"])
            context = {"default_partner_id": self.acme.id, "active_id": self.acme.id}
            records = env[SUBSCRIPTION].with_context(**context, tracking_disable=False)
            values = self._get_values("north", "subscription")
            values.pop("partner_id")
            self.assertEqual(records.create(values).partner_id, self.acme)

    def test_own_new_records(self):
        """A line may refer to the record that it is made with."""
        with self._as("north") as env:
            partner = self.roles["north"].partner_id
            channel = env["discuss.channel"].create(
                {
                    "name": "New group",
                    "channel_type": "group",
                    "channel_member_ids": [Command.create({"partner_id": partner.id})],
                }
            )
            self.assertIn(partner, channel.channel_member_ids.partner_id)

    def test_accountant_screens(self):
        with self._as("accountant") as env:
            dates = env["subscription.seat.usage.date"]
            self.assertTrue(dates.create({"date": "2026-01-31"}).action_open())
            shown = dates.onchange({}, [], {"date": {}})
            self.assertIn("date", shown["value"])

    def test_unchanged_value(self):
        """What was there already may be sent again, as screens do."""
        with self._as("reef") as env:
            subscription = self.own["coral"][SUBSCRIPTION]
            subscription.sale_order_id = self.own["bolt"]["sale.order"]
            self.env.flush_all()
            record = env[SUBSCRIPTION].browse(subscription.id)
            record.write(
                {"sale_order_id": subscription.sale_order_id.id, "description": "New"}
            )
            self.assertEqual(record.description, "New")

    def test_code_is_trusted(self):
        """What a default in code sets is not the user's; screens are not told of it."""
        model = self.env.registry[SUBSCRIPTION]
        order = self.own["bolt"]["sale.order"]
        self.patch(model._fields["sale_order_id"], "default", lambda records: order.id)
        with self._as("north") as env:
            values = self._get_values("north", "subscription")
            record = env[SUBSCRIPTION].create(values)
            self.assertEqual(record.sudo().sale_order_id, order)
            spec = {"sale_order_id": {"fields": {"display_name": {}}}}
            shown = env[SUBSCRIPTION].onchange({}, [], spec)
            self.assertFalse(shown["value"]["sale_order_id"])
            self.assertNotIn("sale_order_id", env[SUBSCRIPTION].default_get([*spec]))

    def test_compute_is_masked(self):
        """Nor are screens told what a compute finds out of reach."""

        def compute(partners):
            partners.same_vat_partner_id = self.bolt
            partners.same_company_registry_partner_id = self.acme

        cls = self.env.registry[PARTNER]
        self.patch(cls, "_compute_same_vat_partner_id", compute)
        names = ("same_vat_partner_id", "same_company_registry_partner_id")
        spec = {name: {"fields": {"display_name": {}}} for name in names}
        lines = {"child_ids": {"fields": spec}, **spec}
        with self._as("north") as env:
            values = {"name": "New", "child_ids": [[0, "virtual_1", {"name": "Child"}]]}
            shown = env[PARTNER].onchange(values, [], lines)["value"]
            [line] = [command[2] for command in shown["child_ids"]]
            for found in (shown, line):
                self.assertFalse(found["same_vat_partner_id"])
                self.assertEqual(
                    found["same_company_registry_partner_id"]["id"], self.acme.id
                )

    def test_code_with_the_users_value(self):
        """What a default in code takes from the context is the user's."""
        model = self.env.registry[SUBSCRIPTION]
        order = self.own["bolt"]["sale.order"]
        self.patch(
            model._fields["sale_order_id"],
            "default",
            lambda records: records.env.context.get("active_id"),
        )
        values = self._get_values("north", "subscription")
        self.assertFalse(
            self._attempt(
                "north",
                order,
                lambda env: (
                    env[SUBSCRIPTION].with_context(active_id=order.id).create(values)
                ),
            )
        )

    def test_number_one(self):
        """The first record of a model has a number that is equal to True."""
        records = self.env[PARTNER]
        self.assertTrue(records.with_context(active_id=1)._is_context_telling())
        self.assertFalse(records.with_context(bin_size=True)._is_context_telling())

    def test_others_pay_nothing(self):
        """Who is not restricted makes no query more."""
        for role in ("admin", "sales", "client", "public"):
            with self._as(role) as env, self.subTest(role=role):
                records = env["ir.attachment"]
                records._is_user_restricted()
                with self.assertQueryCount(0):
                    self.assertFalse(records._is_user_restricted())
                for name in ("_read_values", "_get_unreadable", "_drop_unreadable"):
                    self.patch(type(records), name, _fail)
                    self.patch(type(env[PARTNER]), name, _fail)
                    self.patch(type(env[SUBSCRIPTION]), name, _fail)
                if role in ("admin", "sales"):
                    record = records.create({"name": "New", "original_id": False})
                    record.write({"original_id": record.id})
                    env[SUBSCRIPTION].onchange({}, [], {"partner_id": {}})
                env[PARTNER].default_get(["parent_id", "user_id"])


def _show_value(model, name, value, env):
    spec = {name: _get_spec(env[model], name), "display_name": {}}
    return env[model].onchange({name: value}, [], spec)


def _show_documents(model, values, context, env):
    records = env[model].with_context(**context)
    return records.onchange(dict(values), [], _get_specs(records))


def _create_documents(model, values, context, env):
    record = env[model].with_context(**context).create(values)
    return record.web_read(_get_specs(record))


def _write_lines(client_id, values, env):
    return env[PARTNER].browse(client_id).write(values)


def _create_lines(client_id, values, env):
    env[PARTNER].create({"name": "New", **values})


def _change_lines(client_id, values, env):
    client = env[PARTNER].browse(client_id)
    return client.onchange(dict(values), [*values], LINES_SPEC)


def _show_lines(client_id, values, env):
    return env[PARTNER].onchange(dict(values), [], LINES_SPEC)


def _fail(*args, **kwargs):
    raise AssertionError("The guard looks at who is not restricted.")


def _get_spec(records, name):
    """Return the specification with which a screen shows ``name``."""
    if records._fields[name].relational:
        return {"fields": {"display_name": {}}}
    return {}


def _get_specs(records):
    """Return the specification of a screen with all fields that may be read."""
    return {
        name: _get_spec(records, name)
        for name, field in records._fields.items()
        if field.type not in ("binary", "one2many", "properties", "html")
        and name not in ("id", "create_uid", "write_uid")
        and records._has_field_access(field, "read")
    }
