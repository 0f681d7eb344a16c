import json

from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.models import BaseModel
from odoo.tests import tagged
from odoo.tools import mute_logger

from ..common.access import (
    ACCOUNT,
    MEMBER,
    MOVE,
    POOL,
    RECORDS,
    RENEW,
    RENEWAL,
    SUBSCRIPTION,
    TRANSFER,
    AccessCase,
)
from ..common.subscription import ADDON
from .test_access import MUTED, get_table

LINE = "sale.subscription.line"
PARTNER = "res.partner"
SNOOZE = "subscription.notice.snooze"
USER = "res.users"
# Whose client each role tries to reach, and the words it must never be shown.
FOREIGN = {
    "north": ("acme", "bolt", ("bolt", "south", "dune")),
    "reef": ("coral", "acme", ("acme", "bolt", "south", "dune")),
    "accountant": ("acme", "coral", ("coral", "reef", "dune")),
    "client": ("acme", "bolt", ("bolt", "south", "coral")),
    "public": ("acme", "bolt", ("bolt", "south", "acme", "coral")),
}
# What a caller may add to any call.
TRICKS = {
    "active_test": False,
    "uid": 1,
    "su": True,
    "tracking_disable": True,
    "usage_date": "2026-01-31",
}
# Models of which partners see the records of their own clients only.
CLIENT_MODELS = [
    model
    for model, cells in get_table().items()
    if cells["north"][0] and not cells["north"][1]
]


class Attempt:
    """The environment of a role, its own records and those that it tries to reach."""

    def __init__(self, case, role, env):
        own, foreign, self.words = FOREIGN[role]
        self.env = env
        self.own, self.foreign = case.own[own], case.own[foreign]
        self.own_client = case.clients[own].id
        self.client = case.clients[foreign].id
        self.manager = case.clients[foreign].managing_partner_id.id

    def __getitem__(self, model):
        return self.env[model]

    def mine(self, model):
        return self.env[model].browse(self.own[model].ids)

    def theirs(self, model):
        return self.env[model].browse(self.foreign[model].ids)

    def own_id(self, model):
        return self.own[model].id

    def id(self, model):
        return self.foreign[model].id

    def show(self, model, values, *names):
        """Return what ``onchange`` makes of ``values``."""
        return self.env[model].onchange(values, [], dict.fromkeys(names, {}))

    def name(self, model, values, name, *, context=()):
        """Return the name that ``onchange`` shows of what ``values`` refer to."""
        spec = {name: {"fields": {"display_name": {}}}}
        return self.env[model].with_context(**dict(context)).onchange(values, [], spec)


# Ways to the records of somebody else's client. Whatever they answer or raise must not
# tell anything of it, nor change it.
BY_ID = (
    lambda t, m: t[m].search([("id", "in", t.theirs(m).ids)]).ids,
    lambda t, m: t[m].search_count([("id", "in", t.theirs(m).ids)]),
    lambda t, m: [
        count
        for (count,) in t[m]._read_group(
            [("id", "in", t.theirs(m).ids)], [], ["__count"]
        )
    ],
    lambda t, m: t[m].formatted_read_group([("id", "in", t.theirs(m).ids)], ["id"]),
    lambda t, m: t[m].web_read_group([("id", "in", t.theirs(m).ids)], ["id"])["groups"],
    lambda t, m: t.theirs(m).read(["display_name"]),
    lambda t, m: t.theirs(m).web_read({"display_name": {}}),
    lambda t, m: t.theirs(m).export_data(["display_name"])["datas"],
    lambda t, m: t.theirs(m).copy().ids,
)
BY_NAME = (
    lambda t, m: t[m].search_read([], ["display_name"]),
    lambda t, m: t[m].web_search_read([], {"display_name": {}}),
    lambda t, m: [t[m].name_search(word) for word in t.words],
)
REFERENCE_DOORS = {
    "member: contact": lambda t: (
        t[MEMBER]
        .create({"client_id": t.own_client, "partner_id": t.id(PARTNER)})
        .read(["name", "email"])
    ),
    "member: import": lambda t: (
        t[MEMBER].load(
            ["client_id/.id", "partner_id/.id"],
            [[str(t.own_client), str(t.id(PARTNER))]],
        )["ids"]
        and t[MEMBER].search_read([], ["name", "email"])
    ),
    "member: onchange": lambda t: t.show(
        MEMBER,
        {"client_id": t.own_client, "partner_id": t.id(PARTNER)},
        "name",
        "email",
    ),
    "member: onchange in a list": lambda t: t[PARTNER].onchange(
        {"subscription_member_ids": [[0, "v1", {"partner_id": t.id(PARTNER)}]]},
        [],
        {"subscription_member_ids": {"fields": {"name": {}, "email": {}}}},
    ),
    "member: name of the client": lambda t: t.name(
        MEMBER, {"client_id": t.client}, "client_id"
    ),
    "member: default client": lambda t: t.name(
        MEMBER, {}, "client_id", context={"default_client_id": t.client}
    ),
    "member: manager": lambda t: t.name(
        MEMBER, {"client_id": t.client}, "managing_partner_id"
    ),
    "member: move": lambda t: t.mine(MEMBER).write({"client_id": t.client}),
    "member: take": lambda t: t.theirs(MEMBER).write({"client_id": t.own_client}),
    "member: team": lambda t: t.mine(MEMBER).write(
        {"team_ids": [Command.link(t.id("subscription.team"))]}
    ),
    "member: delete": lambda t: t.theirs(MEMBER).unlink(),
    "member: archive": lambda t: t.theirs(MEMBER).write({"active": False}),
    "team: members": lambda t: t["subscription.team"].create(
        {
            "name": "New",
            "client_id": t.own_client,
            "member_ids": [Command.set(t.theirs(MEMBER).ids)],
        }
    ),
    "team: move": lambda t: t.mine("subscription.team").write({"client_id": t.client}),
    "team: default client": lambda t: (
        t["subscription.team"]
        .with_context(default_client_id=t.client)
        .create({"name": "New"})
    ),
    "seat: member": lambda t: t["subscription.seat"].create(
        {"pool_id": t.own_id(POOL), "member_id": t.id(MEMBER)}
    ),
    "seat: pool": lambda t: t["subscription.seat"].create(
        {"pool_id": t.id(POOL), "member_id": t.own_id(MEMBER)}
    ),
    "pool: limit": lambda t: t.theirs(POOL).write({"seat_limit": 0}),
    "pool: move": lambda t: t.mine(POOL).write({"subscription_id": t.id(SUBSCRIPTION)}),
    "pool: take": lambda t: t.theirs(POOL).write(
        {"subscription_id": t.own_id(SUBSCRIPTION)}
    ),
    "pool: add": lambda t: t[POOL].create(
        {
            "subscription_id": t.id(SUBSCRIPTION),
            "module_id": t.own_id("subscription.module"),
        }
    ),
    "subscription: move": lambda t: t.mine(SUBSCRIPTION).write(
        {"partner_id": t.client}
    ),
    "subscription: take": lambda t: t.theirs(SUBSCRIPTION).write(
        {"partner_id": t.own_client}
    ),
    "subscription: pools": lambda t: t.mine(SUBSCRIPTION).write(
        {"seat_pool_ids": [Command.link(t.id(POOL))]}
    ),
    "subscription: lines": lambda t: t.mine(SUBSCRIPTION).write(
        {"sale_subscription_line_ids": [Command.link(t.id(LINE))]}
    ),
    "subscription: invoices": lambda t: t.mine(SUBSCRIPTION).write(
        {"invoice_ids": [Command.link(t.id("account.move"))]}
    ),
    "subscription: order": lambda t: t.mine(SUBSCRIPTION).write(
        {"sale_order_id": t.id("sale.order")}
    ),
    "subscription: name of the client": lambda t: t.name(
        SUBSCRIPTION, {"partner_id": t.client}, "partner_id"
    ),
    "line: move": lambda t: t.mine(LINE).write(
        {"sale_subscription_id": t.id(SUBSCRIPTION)}
    ),
    "line: add": lambda t: t[LINE].create({"sale_subscription_id": t.id(SUBSCRIPTION)}),
    "contact: manager": lambda t: (
        t[PARTNER].browse(t.own_client).write({"managing_partner_id": t.client})
    ),
    "contact: take": lambda t: (
        t[PARTNER].browse(t.client).write({"managing_partner_id": t.own_client})
    ),
    "contact: circle": lambda t: (
        t[PARTNER].browse(t.client).write({"managing_partner_id": t.client})
    ),
    "contact: release": lambda t: (
        t[PARTNER].browse(t.client).write({"managing_partner_id": False})
    ),
    "contact: parent": lambda t: t.mine(PARTNER).write({"parent_id": t.client}),
    "contact: children": lambda t: (
        t[PARTNER]
        .browse(t.own_client)
        .write({"child_ids": [Command.link(t.id(PARTNER))]})
    ),
    "contact: edit a child": lambda t: (
        t[PARTNER]
        .browse(t.own_client)
        .write({"child_ids": [Command.update(t.id(PARTNER), {"name": "Changed"})]})
    ),
    "contact: delete a child": lambda t: (
        t[PARTNER]
        .browse(t.own_client)
        .write({"child_ids": [Command.delete(t.id(PARTNER))]})
    ),
    "contact: managed": lambda t: (
        t[PARTNER]
        .browse(t.own_client)
        .write({"managed_partner_ids": [Command.set([t.client])]})
    ),
    "contact: members": lambda t: (
        t[PARTNER]
        .browse(t.own_client)
        .write({"subscription_member_ids": [Command.set(t.theirs(MEMBER).ids)]})
    ),
    "contact: new below": lambda t: t[PARTNER].create(
        {"name": "New", "parent_id": t.client}
    ),
    "contact: new managed": lambda t: t[PARTNER].create(
        {"name": "New", "is_company": True, "managing_partner_id": t.client}
    ),
    "contact: address of the company": lambda t: t.show(
        PARTNER, {"parent_id": t.client}, "street", "commercial_company_name"
    ),
    "contact: find by e-mail": lambda t: (
        t[PARTNER].find_or_create(t.foreign[PARTNER].email).id == t.id(PARTNER)
    ),
    "contact: mention": lambda t: [
        t[PARTNER].get_mention_suggestions(word) for word in t.words
    ],
    "contact: invite to chat": lambda t: [
        t[PARTNER].search_for_channel_invite(word) for word in t.words
    ],
    "add users: client": lambda t: (
        t["subscription.seat.grant"].create({"client_id": t.client}).read(["client_id"])
    ),
    "add users: default client": lambda t: (
        t["subscription.seat.grant"]
        .with_context(default_client_id=t.client)
        .create({})
        .read(["client_id"])
    ),
    "add users: pools": lambda t: (
        t["subscription.seat.grant"]
        .create(
            {
                "client_id": t.own_client,
                "pool_ids": [Command.set(t.theirs(POOL).ids)],
                "member_ids": [Command.set(t.theirs(MEMBER).ids)],
            }
        )
        .read(["refusal", "preview_ids"])
    ),
    "add users: onchange": lambda t: t.show(
        "subscription.seat.grant",
        {
            "client_id": t.own_client,
            "pool_ids": [[6, 0, t.theirs(POOL).ids]],
            "member_ids": [[6, 0, t.theirs(MEMBER).ids]],
        },
        "refusal",
        "preview_ids",
    ),
    "remove access: pools": lambda t: (
        t["subscription.seat.release"]
        .create(
            {
                "pool_ids": [Command.set(t.theirs(POOL).ids)],
                "member_ids": [Command.set(t.theirs(MEMBER).ids)],
            }
        )
        .action_release()
    ),
    "remove access: default pools": lambda t: (
        t["subscription.seat.release"]
        .with_context(
            default_pool_ids=t.theirs(POOL).ids, default_member_ids=t.theirs(MEMBER).ids
        )
        .create({})
        .read(["client_id", "preview_ids"])
    ),
    "remove inactive: client": lambda t: (
        t["subscription.member.remove"]
        .create({"client_id": t.client})
        .read(["client_id"])
    ),
    "remove inactive: members": lambda t: (
        t["subscription.member.remove"]
        .create(
            {
                "client_id": t.own_client,
                "member_ids": [Command.set(t.theirs(MEMBER).ids)],
            }
        )
        .action_remove()
    ),
    "invite: client": lambda t: (
        t["subscription.invitation.send"]
        .create({"client_id": t.client, "email": "anybody@firms.test"})
        .read(["client_id"])
    ),
    "invite: default client": lambda t: (
        t["subscription.invitation.send"]
        .with_context(default_client_id=t.client)
        .create({"email": "anybody@firms.test"})
        .read(["client_id"])
    ),
    "renew: subscriptions": lambda t: (
        t[RENEW]
        .create({"subscription_ids": [Command.set(t.theirs(SUBSCRIPTION).ids)]})
        .read(["refusal", "client_id", "line_ids"])
    ),
    "renew: default subscriptions": lambda t: (
        t[RENEW]
        .with_context(default_subscription_ids=t.theirs(SUBSCRIPTION).ids)
        .create({})
        .action_renew()
    ),
    "renew: onchange": lambda t: t.show(
        RENEW,
        {"subscription_ids": [[6, 0, t.theirs(SUBSCRIPTION).ids]]},
        *("refusal", "price_text", "next_end", "client_id", "line_ids"),
    ),
    "renew: both": lambda t: (
        t[RENEW]
        .create(
            {
                "subscription_ids": [
                    Command.link(t.own_id(SUBSCRIPTION)),
                    Command.link(t.id(SUBSCRIPTION)),
                ],
                "allow_partial": True,
            }
        )
        .action_renew()
    ),
    "renew: stock of others": lambda t: t.name(
        "subscription.renew.line", {"partner_id": t.manager}, "partner_id"
    ),
    "renewal: cancel": lambda t: t.theirs(RENEWAL).action_cancel(),
    "renewal: take": lambda t: t.mine(SUBSCRIPTION).write(
        {"renewal_ids": [Command.link(t.id(RENEWAL))]}
    ),
    "renewal: onchange in a list": lambda t: t[SUBSCRIPTION].onchange(
        {"renewal_ids": [[4, t.id(RENEWAL)]]},
        [],
        {"renewal_ids": {"fields": {"client_id": {"fields": {"display_name": {}}}}}},
    ),
    "renewal: name": lambda t: t.name(
        RENEWAL, {"subscription_id": t.id(SUBSCRIPTION)}, "subscription_id"
    ),
    "licences: give": lambda t: (
        t[TRANSFER]
        .create(
            {
                "partner_id": t.manager,
                "line_ids": [
                    Command.create(
                        {"module_id": t.id("subscription.module"), "quantity": 1}
                    )
                ],
            }
        )
        .action_transfer()
    ),
    "licences: take back": lambda t: (
        t[TRANSFER]
        .with_context(default_partner_id=t.manager, default_direction="take_back")
        .create({})
        .read(["title", "route", "line_ids"])
    ),
    "licences: onchange": lambda t: t.show(
        TRANSFER, {"partner_id": t.manager}, "title", "route", "refusal", "line_ids"
    ),
    "licences: onchange by default": lambda t: (
        t[TRANSFER]
        .with_context(default_partner_id=t.manager)
        .onchange({}, [], {"title": {}, "route": {}, "refusal": {}, "line_ids": {}})
    ),
    "licences: onchange in a list": lambda t: t[PARTNER].onchange(
        {"licence_account_ids": [[4, t.id(ACCOUNT)]]},
        [],
        {"licence_account_ids": {"fields": {"display_name": {}, "balance": {}}}},
    ),
    "licences: onchange of an entry": lambda t: t[PARTNER].onchange(
        {"licence_account_ids": [[0, "v1", {"move_ids": [[4, t.id(MOVE)]]}]]},
        [],
        {
            "licence_account_ids": {
                "fields": {
                    "move_ids": {
                        "fields": {
                            "partner_id": {"fields": {"display_name": {}}},
                            "quantity": {},
                        }
                    }
                }
            }
        },
    ),
    "licences: move": lambda t: (
        t[PARTNER]
        .browse(t.own_client)
        .write({"licence_account_ids": [Command.link(t.id(ACCOUNT))]})
    ),
    "snooze: subscriptions": lambda t: (
        t[SNOOZE]
        .create({"subscription_ids": [Command.set(t.theirs(SUBSCRIPTION).ids)]})
        .action_snooze()
    ),
    "snooze: write": lambda t: t.theirs(SUBSCRIPTION).write(
        {"notice_snoozed_until": "2099-12-31"}
    ),
    "preview: pool": lambda t: (
        t["subscription.seat.preview"]
        .create({"pool_id": t.id(POOL)})
        .read(["pool_id", "seat_limit", "module_id"])
    ),
    "close": lambda t: (
        t["close.reason.wizard"]
        .with_context(active_id=t.id(SUBSCRIPTION))
        .create({})
        .button_confirm()
    ),
    "pause": lambda t: (
        t["sale.subscription.pause.wizard"]
        .with_context(active_id=t.id(SUBSCRIPTION))
        .create({})
        .button_confirm()
    ),
    "activity: name": lambda t: t.show(
        "mail.activity",
        {
            "res_model": PARTNER,
            "res_model_id": t.env["ir.model"]._get_id(PARTNER),
            "res_id": t.client,
        },
        "res_name",
    ),
    "activity: name, by the model's id": lambda t: t.show(
        "mail.activity",
        {"res_model_id": t.env["ir.model"]._get_id(PARTNER), "res_id": t.client},
        "res_name",
    ),
    "activity: move": lambda t: t.mine("mail.activity").write(
        {"res_id": t.id(SUBSCRIPTION)}
    ),
    "activity: add": lambda t: t.theirs(SUBSCRIPTION).activity_schedule(summary="New"),
    "message: name": lambda t: t.show(
        "mail.message", {"model": PARTNER, "res_id": t.client}, "record_name"
    ),
    "message: post": lambda t: t.theirs(SUBSCRIPTION).message_post(body="New"),
    "message: recipient": lambda t: (
        t.mine(SUBSCRIPTION)
        .message_post(body="New", partner_ids=[t.client])
        .read(["partner_ids"])
    ),
    "message: author": lambda t: (
        t.mine(SUBSCRIPTION)
        .message_post(body="New", author_id=t.client)
        .read(["author_id", "email_from"])
    ),
    "message: move": lambda t: t.mine("mail.message").write(
        {"res_id": t.id(SUBSCRIPTION)}
    ),
    "follow": lambda t: t.theirs(SUBSCRIPTION).message_subscribe(
        t.env.user.partner_id.ids
    ),
    "attachment: move": lambda t: t.mine("ir.attachment").write(
        {"res_id": t.id(SUBSCRIPTION)}
    ),
    "attachment: add": lambda t: t["ir.attachment"].create(
        {
            "name": "New",
            "raw": b"New",
            "res_model": SUBSCRIPTION,
            "res_id": t.id(SUBSCRIPTION),
        }
    ),
    "volume of a voice": lambda t: (
        t["res.users.settings.volumes"]
        .create(
            {
                "user_setting_id": t.env.user.res_users_settings_id.id,
                "partner_id": t.client,
            }
        )
        .read(["partner_id"])
    ),
    "one's own contact": lambda t: (
        t["res.users"].browse(t.env.uid).write({"parent_id": t.client})
    ),
    "one's own company": lambda t: (
        t[PARTNER].browse(t.env.user.partner_id.id).write({"parent_id": t.client})
    ),
    "share": lambda t: t["portal.share"].create(
        {"res_model": SUBSCRIPTION, "res_id": t.id(SUBSCRIPTION)}
    ),
    "merge": lambda t: t["base.partner.merge.automatic.wizard"].create(
        {"partner_ids": [Command.set([t.own_client, t.client])]}
    ),
}
# Odoo tells its portal users the name of any record this way, this module or not.
ODOOS_OWN = {("message: name", "client")}
# Questions whose answers would tell something of others, whose records are hidden.
ORACLES = (
    (PARTNER, "managing_partner_id.email"),
    (PARTNER, "managing_partner_id"),
    (PARTNER, "managed_partner_ids.name"),
    (PARTNER, "membership_ids.client_id.name"),
    (MEMBER, "partner_id.membership_ids.client_id.name"),
    ("subscription.member.role", "member_ids.name"),
    ("product.template", "seller_ids.partner_id.name"),
    ("res.company", "partner_id.managed_partner_ids.name"),
    (PARTNER, "managing_partner_id.licence_account_ids.display_name"),
    (PARTNER, "licence_account_ids.managing_partner_id.email"),
    (ACCOUNT, "managing_partner_id.managed_partner_ids.name"),
    (MOVE, "counterpart_id.managed_partner_ids.name"),
    (MOVE, "counterpart_id.licence_account_ids.display_name"),
    (SUBSCRIPTION, "top_partner_id.managed_partner_ids.name"),
    (SUBSCRIPTION, "renewal_ids.move_ids.account_id.partner_id.name"),
    (RENEWAL, "user_id.partner_id.parent_id.name"),
)
# Where Odoo lets anybody search by the ids of records that they may not see.
BLIND = {"res.company", "res.groups", "product.template", "product.product"}
# What our public methods are called with, beside the records of others. Those that any
# record has are doors of their own, see above.
EVERYWHERE = {
    *("create", "write", "unlink", "default_get", "onchange", "message_subscribe"),
    "export_data",
}
METHODS = {
    ("res.partner", "action_invite_accountant"): {},
    ("res.partner", "action_renew"): {},
    ("res.partner", "action_view_audit"): {},
    ("res.partner", "action_view_licences"): {},
    ("res.partner", "action_view_managed"): {},
    ("res.partner", "action_view_members"): {},
    ("res.partner", "action_view_seats"): {},
    ("res.partner", "action_view_subscription_ids"): {},
    ("sale.order", "action_view_licences"): {},
    (SUBSCRIPTION, "action_add_module"): {},
    (SUBSCRIPTION, "action_add_users"): {},
    (SUBSCRIPTION, "action_cancel_renewal"): {},
    (SUBSCRIPTION, "action_invite_accountant"): {},
    (SUBSCRIPTION, "action_remove_inactive"): {},
    (SUBSCRIPTION, "action_renew"): {},
    (SUBSCRIPTION, "action_snooze_notices"): {},
    (SUBSCRIPTION, "action_view_audit"): {},
    (SUBSCRIPTION, "action_view_members"): {},
    (SUBSCRIPTION, "action_view_notices"): {},
    (SUBSCRIPTION, "action_view_seats"): {},
    (SUBSCRIPTION, "action_wake_notices"): {},
    (SUBSCRIPTION, "close_subscription"): {},
    (SUBSCRIPTION, "get_dashboard_tiles"): {},
    (MEMBER, "action_add_to_modules"): {},
    (MEMBER, "action_remove_access"): {},
    (MEMBER, "get_accountant_clients"): {},
    (MEMBER, "select_accountant_client"): lambda t: {"client_id": t.client},
    ("subscription.invitation", "action_resend"): {},
    ("subscription.invitation", "action_withdraw"): {},
    ("subscription.invitation.send", "action_invite"): {},
    (ACCOUNT, "action_open_ledger"): {},
    (TRANSFER, "action_transfer"): {},
    ("subscription.member.remove", "action_remove"): {},
    ("subscription.notice", "action_send_again"): {},
    (SNOOZE, "action_snooze"): {},
    (SNOOZE, "action_wake"): {},
    (RENEW, "action_list_results"): {},
    (RENEW, "action_renew"): {},
    ("subscription.renew.result", "action_open"): {},
    (RENEWAL, "action_cancel"): {},
    ("subscription.seat", "action_release"): {},
    ("subscription.seat.grant", "action_grant"): {},
    (POOL, "action_add_users"): {},
    (POOL, "action_remove"): {},
    (POOL, "action_open"): {},
    (POOL, "action_remove_access"): {},
    (POOL, "get_seats_in_use"): {"date": "2026-12-31"},
    ("subscription.seat.release", "action_release"): {},
    ("subscription.seat.usage", "action_open"): {},
    ("subscription.seat.usage", "action_open_seats"): {},
    ("subscription.seat.usage", "search_fetch"): {
        "domain": [],
        "field_names": ["client_id"],
    },
    ("subscription.seat.usage.date", "action_open"): {},
}
# Fields that hold secrets. Nobody reads them, asks for them or exports them.
SECRETS = (
    ("subscription.invitation", "token_hash"),
    ("res.users", "password"),
    ("res.users", "totp_secret"),
    ("res.users.apikeys", "key"),
    (PARTNER, "signup_type"),
)


def get_public_methods(env):
    """Return the model and name of every method of ours that anybody can call."""
    return {
        (model, name)
        for model, model_class in env.registry.items()
        for parent in model_class.__mro__
        if parent.__module__.startswith(f"odoo.addons.{ADDON}.")
        for name, method in vars(parent).items()
        if not name.startswith("_")
        and callable(method)
        and not getattr(method, "_api_private", False)
        and not env[model]._abstract
        and name not in EVERYWHERE
    }


class IsolationCase(AccessCase):
    def _try(self, role, call):
        """Return in words what ``call`` answers ``role`` or raises; undo it."""
        try:
            with self._as(role) as env:
                self.env.invalidate_all()
                answer = call(Attempt(self, role, env(context=TRICKS)))
                answer = answer.ids if isinstance(answer, BaseModel) else answer
                self.env.flush_all()
                self._verify_unchanged(role)
        except (AccessError, UserError) as error:
            return f"refused: {error}"
        return json.dumps(answer, default=str)

    def _get_state(self, role):
        """Return what is known of the records that ``role`` tries to reach."""
        foreign = FOREIGN[role][1]
        client = self.clients[foreign]
        state = {
            model: self.own[foreign][model].exists().read(names)
            for model, names in (
                (PARTNER, ["name", "parent_id"]),
                (MEMBER, ["name", "client_id", "active", "team_ids", "partner_id"]),
                ("subscription.team", ["client_id", "member_ids"]),
                (POOL, ["seat_limit", "subscription_id"]),
                ("subscription.seat", ["released_at", "member_id"]),
                (LINE, ["sale_subscription_id"]),
                (ACCOUNT, ["balance", "partner_id", "move_ids"]),
                (RENEWAL, ["state", "subscription_id"]),
                ("account.move", ["subscription_id"]),
            )
        }
        subscription = self.own[foreign][SUBSCRIPTION]
        state["client"] = client.read(["managing_partner_id", "management_path"])
        state["subscription"] = subscription.read(
            [
                *("partner_id", "stage_id", "seat_pool_ids", "activity_ids"),
                *("renewal_ids", "notice_snoozed_until"),
                *("sale_subscription_line_ids", "message_ids", "message_partner_ids"),
            ]
        )
        state["attachments"] = self.env["ir.attachment"].search_count(
            [("res_model", "=", SUBSCRIPTION), ("res_id", "=", subscription.id)]
        )
        state["children"] = client.child_ids.ids
        state["members"] = client.subscription_member_ids.ids
        return state

    def _verify_unchanged(self, role):
        self.env.invalidate_all()
        self.assertEqual(self._get_state(role), self.states[role])

    def _check_tells_nothing(self, words, answer):
        for word in words:
            self.assertNotIn(word, answer.lower())

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.states = {role: cls._get_state(cls, role) for role in FOREIGN}


@tagged("post_install", "-at_install")
class TestIsolation(IsolationCase):
    @mute_logger(*MUTED)
    def test_reading(self):
        for model in CLIENT_MODELS:
            for role in ("north", "reef", "accountant", "client"):
                with self._as(role) as env:
                    t = Attempt(self, role, env(context=TRICKS))
                    for number, door in enumerate(BY_ID + BY_NAME):
                        with self.subTest(model=model, role=role, door=number):
                            self._check_closed(t, door, model)

    def _check_closed(self, t, door, model):
        self.env.invalidate_all()
        try:
            answer = door(t, model)
        except (AccessError, UserError) as error:
            self._check_tells_nothing(t.words, str(error))
            return
        self._check_tells_nothing(t.words, json.dumps(answer, default=str))
        if door in BY_ID:
            self.assertFalse(any(answer) if isinstance(answer, list) else answer)

    @mute_logger(*MUTED)
    def test_references(self):
        """Nobody points to, takes, moves or names what is somebody else's."""
        for label, door in REFERENCE_DOORS.items():
            for role in FOREIGN:
                if (label, role) in ODOOS_OWN:
                    continue
                with self.subTest(door=label, role=role):
                    answer = self._try(role, door)
                    self._check_tells_nothing(FOREIGN[role][2], answer)
                    self.assertNotEqual(answer, "true")

    @mute_logger(*MUTED)
    def test_oracles(self):
        """No question about what is hidden has an answer."""
        for model, path in ORACLES:
            for role in ("north", "reef", "accountant"):
                with self._as(role) as env, self.subTest(model=model, path=path):
                    try:
                        found = env[model].search_count(
                            Domain.OR(
                                [(path, "ilike", word)] for word in FOREIGN[role][2]
                            )
                        )
                    except AccessError:
                        continue  # the question itself is refused
                    self.assertFalse(found)
                    self._check_order(env[model], path)

    def _check_order(self, records, path):
        """What is sorted by stays among what is visible."""
        order = path.split(".")[0]
        if records._fields[order].type == "many2one":
            self.assertEqual(
                sorted(records.search([], order=order).ids),
                sorted(records.search([]).ids),
            )

    @mute_logger(*MUTED)
    def test_relations(self):
        """No record of any model can be found by the records of others it points to."""
        for role in ("north", "accountant"):
            with self._as(role) as env:
                foreign = self.own[FOREIGN[role][1]]
                for model, field in self._get_relations(env):
                    with self.subTest(role=role, model=model, field=field.name):
                        domain = [(field.name, "in", foreign[field.comodel_name].ids)]
                        found = env[model].with_context(**TRICKS).search(domain)
                        self.assertFalse(found)

    def _get_relations(self, env):
        """Return the readable fields that point to records of clients."""
        return [
            (model, field)
            for model in env.registry
            if not env[model]._abstract
            and env[model].has_access("read")
            and model not in BLIND
            for field in env[model]._fields.values()
            if field.type in ("many2one", "one2many", "many2many")
            and field.store
            and field.comodel_name in CLIENT_MODELS
            and env[model]._has_field_access(field, "read")
        ]

    def test_every_public_method_has_a_line(self):
        """A new method that anybody can call needs arguments to be tried with."""
        self.assertEqual(get_public_methods(self.env), set(METHODS))

    @mute_logger(*MUTED)
    def test_public_methods(self):
        """What anybody can call does nothing to the records of others."""
        for (model, method), arguments in METHODS.items():
            for role in FOREIGN:
                # pylint: disable-next=dangerous-default-value
                def call(t, model=model, method=method, arguments=arguments):
                    kwargs = arguments(t) if callable(arguments) else arguments
                    records = t.theirs(model)
                    if hasattr(getattr(records, method), "_api_model"):
                        records = t[model]
                    return getattr(records, method)(**kwargs)

                with self.subTest(model=model, method=method, role=role):
                    answer = self._try(role, call)
                    self._check_tells_nothing(FOREIGN[role][2], answer)

    @mute_logger(*MUTED)
    def test_secrets(self):
        """Nobody reads a secret, asks whether it starts with an a, or exports it."""
        for model, name in SECRETS:
            for role, user in self.roles.items():
                with self.subTest(model=model, field=name, role=role):
                    self._check_secret(model, name, user)

    def _check_secret(self, model, name, user):
        records = self.env[model].sudo().search([], limit=5).with_user(user)
        for ask in (
            lambda: any(values[name] for values in records.read([name])),
            lambda: records.search([(name, "!=", False)]),
            lambda: records.search([], order=name),
            lambda: records._read_group([(name, "!=", False)], [name]),
            lambda: any(map(any, records.export_data([name])["datas"])),
        ):
            try:
                answer = ask()
            except (AccessError, UserError, ValueError):
                continue
            self.assertFalse(answer)

    def test_others_keep_what_they_had(self):
        """The rules of this module are none of the business of anybody else."""
        rules = self.env["ir.rule"].search([]).filtered(self._is_ours)
        for role in ("intern", "sales", "billing", "public"):
            before = self._count_visible(role)
            with self.subTest(role=role), self._undone():
                rules.active = False
                self.env.flush_all()
                self.assertEqual(self._count_visible(role), before)

    def _is_ours(self, record):
        return record.get_external_id()[record.id].startswith(f"{ADDON}.")

    def _count_visible(self, role):
        """Return how many records of each model ``role`` may read and write."""
        counts = {}
        for model in RECORDS:
            records = self.env[model].with_user(self.roles[role])
            if records.has_access("read"):
                found = records.with_context(active_test=False).search([])
                counts[model] = len(found), len(found._filtered_access("write"))
        return counts

    @mute_logger(*MUTED)
    def test_every_rule_is_needed(self):
        """Without its rule, each model shows what is somebody else's."""
        rules = self.env["ir.rule"].search([]).filtered(self._is_ours)
        for rule in rules:
            xmlid = rule.get_external_id()[rule.id]
            model = rule.model_id.model
            # The rule of contacts restricts users as well, who are contacts. Those of
            # authors are in test_isolation_names.
            if xmlid.endswith(("_company", "_author")) or model not in {
                *CLIENT_MODELS
            } - {USER}:
                continue
            with self.subTest(rule=xmlid), self._as("north") as env:
                t = Attempt(self, "north", env)
                mode = "read" if rule.perm_read else "write"
                # Lines of notices are restricted twice.
                same = rules.filtered(
                    lambda other, rule=rule, mode=mode: (
                        other.model_id == rule.model_id
                        and other[f"perm_{mode}"]
                        and "company" not in other.name
                    )
                )
                same.sudo().active = False
                self.env.invalidate_all()
                if t[model].has_access(mode):
                    self.assertTrue(t.theirs(model)._filtered_access(mode))
