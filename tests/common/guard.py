"""What tests of the guard of references have in common.

Whatever a value looks like, and by whichever way it comes, it refers to nothing that
the user could not read before."""

import json

from odoo import Command

from .access import MEMBER, SUBSCRIPTION, AccessCase

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
    ("subscription.new.client", "partner_id", PARTNER, None),
    ("subscription.new.client", "managing_partner_id", PARTNER, None),
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


def show_value(model, name, value, env):
    spec = {name: get_spec(env[model], name), "display_name": {}}
    return env[model].onchange({name: value}, [], spec)


def show_documents(model, values, context, env):
    records = env[model].with_context(**context)
    return records.onchange(dict(values), [], get_specs(records))


def create_documents(model, values, context, env):
    record = env[model].with_context(**context).create(values)
    return record.web_read(get_specs(record))


def change_documents(model, values, res_ids, env):
    env[model].create(dict(values)).write({"res_ids": res_ids})


def write_lines(client_id, values, env):
    return env[PARTNER].browse(client_id).write(values)


def create_lines(client_id, values, env):
    env[PARTNER].create({"name": "New", **values})


def change_lines(client_id, values, env):
    client = env[PARTNER].browse(client_id)
    return client.onchange(dict(values), [*values], LINES_SPEC)


def show_lines(client_id, values, env):
    return env[PARTNER].onchange(dict(values), [], LINES_SPEC)


def fail(*args, **kwargs):
    raise AssertionError("The guard looks at who is not restricted.")


def get_spec(records, name):
    """Return the specification with which a screen shows ``name``."""
    if records._fields[name].relational:
        return {"fields": {"display_name": {}}}
    return {}


def get_specs(records):
    """Return the specification of a screen with all fields that may be read."""
    return {
        name: get_spec(records, name)
        for name, field in records._fields.items()
        if field.type not in ("binary", "one2many", "properties", "html")
        and name not in ("id", "create_uid", "write_uid")
        and records._has_field_access(field, "read")
    }
