"""Ways to the records of somebody else's client: whatever they answer or raise must not
tell anything of it, nor change it."""

from odoo import Command

from .access import (
    ACCOUNT,
    EXPORT,
    MEMBER,
    MOVE,
    NEW_CLIENT,
    POOL,
    RENEW,
    RENEWAL,
    REQUEST,
    STATEMENT,
    SUBSCRIPTION,
    TRANSFER,
)
from .isolation import LINE, PARTNER, SNOOZE

# Ways to the records of somebody else's client. Whatever they answer or raise must not
# tell anything of it, nor change it.
# What messages say: words of people, which nobody translates.
TEXT = "News of the client"
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
    "move clients: from": lambda t: (
        t["subscription.client.move"]
        .create({"partner_id": t.manager, "new_partner_id": t.manager})
        .read(["partner_id", "client_ids"])
    ),
    "move clients: companies": lambda t: (
        t["subscription.client.move"]
        .create(
            {
                "partner_id": t.env.user.partner_id.commercial_partner_id.id,
                "new_partner_id": t.env.user.partner_id.commercial_partner_id.id,
                "client_ids": [Command.set([t.client])],
            }
        )
        .action_move()
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
    "request: refuse": lambda t: (
        t[f"{REQUEST}.refuse"]
        .create({"request_id": t.id(REQUEST), "answer": "No"})
        .action_refuse()
    ),
    "request: default": lambda t: (
        t[f"{REQUEST}.refuse"]
        .with_context(default_request_id=t.id(REQUEST))
        .create({"answer": "No"})
        .read(["request_id"])
    ),
    "request: name": lambda t: t.name(
        f"{REQUEST}.refuse", {"request_id": t.id(REQUEST)}, "request_id"
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
    "export: statements": lambda t: (
        t[EXPORT]
        .create({"statement_ids": [Command.set(t.theirs(STATEMENT).ids)]})
        .read(["statement_ids", "statement_count"])
    ),
    "export: client": lambda t: (
        t[EXPORT].create({"client_id": t.client}).read(["client_id", "statement_count"])
    ),
    "export: partner": lambda t: (
        t[EXPORT].create({"partner_id": t.manager}).read(["partner_id"])
    ),
    "export: chosen in a list": lambda t: (
        t[EXPORT]
        .with_context(active_model=STATEMENT, active_ids=t.theirs(STATEMENT).ids)
        .create({})
        .read(["statement_ids"])
    ),
    "export: rows": lambda t: [
        *t[STATEMENT]._export_billed([("id", "in", t.theirs(STATEMENT).ids)])
    ],
    "summary: partner": lambda t: (
        t["subscription.partner.summary"]
        .create({"partner_id": t.client})
        .read(["display_name", "partner_id"])
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
    "message: post": lambda t: t.theirs(SUBSCRIPTION).message_post(body=TEXT),
    "message: recipient": lambda t: (
        t.mine(SUBSCRIPTION)
        .message_post(body=TEXT, partner_ids=[t.client])
        .read(["partner_ids"])
    ),
    "message: author": lambda t: (
        t.mine(SUBSCRIPTION)
        .message_post(body=TEXT, author_id=t.client)
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
    "new client: managing partner": lambda t: (
        t[NEW_CLIENT]
        .create(
            {
                "name": "Elm",
                "managing_partner_id": t.manager,
                "template_id": t.own_id("sale.subscription.template"),
                "administrator_name": "Eve",
                "administrator_email": "eve@elm.test",
            }
        )
        .action_create()
    ),
    "new client: contact": lambda t: (
        t[NEW_CLIENT]
        .create({"source": "contact", "partner_id": t.client})
        .read(["managing_partner_id", "refusal"])
    ),
    "new client: onchange": lambda t: t.show(
        NEW_CLIENT,
        {
            "source": "contact",
            "partner_id": t.client,
            "managing_partner_id": t.manager,
            "template_id": t.id("sale.subscription.template"),
        },
        *("managing_partner_id", "figures", "refusal", "price_text", "line_ids"),
    ),
    "change billing: subscription": lambda t: (
        t["subscription.billing.change"]
        .create({"subscription_id": t.id(SUBSCRIPTION)})
        .read(["since_text", "subscription_id"])
    ),
    "one end: subscriptions": lambda t: (
        t["subscription.coterminate"]
        .create({"subscription_ids": [Command.set(t.theirs(SUBSCRIPTION).ids)]})
        .read(["date_end", "refusal", "preview"])
    ),
    "one end: onchange": lambda t: t.show(
        "subscription.coterminate",
        {"subscription_ids": [[6, 0, t.theirs(SUBSCRIPTION).ids]]},
        *("date_end", "refusal", "preview", "licence_text"),
    ),
    "next invoice: pool": lambda t: t.show(
        POOL,
        {
            "subscription_id": t.id(SUBSCRIPTION),
            "module_id": t.own_id("subscription.module"),
            "seat_limit": 9,
        },
        "billing_text",
    ),
    "next invoice: member": lambda t: t.show(
        MEMBER, {"client_id": t.client}, "billing_text"
    ),
    "next invoice: team": lambda t: t.show(
        "subscription.team", {"client_id": t.client}, "billing_text"
    ),
    "close: subscription": lambda t: (
        t["close.reason.wizard"]
        .with_context(active_id=t.id(SUBSCRIPTION))
        .create({"credit_unused": True})
        .button_confirm()
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
METHODS = {
    ("account.journal", "get_portal_url"): {},
    ("account.move", "action_send_and_print"): {},
    ("account.move", "get_portal_url"): {},
    ("account.move", "action_view_statements"): {},
    ("account.move", "button_cancel"): {},
    ("account.move", "button_draft"): {},
    ("ir.attachment", "generate_access_token"): {},
    ("ir.attachment", "search_read"): {
        "domain": [],
        "fields": ["name", "access_token"],
    },
    ("sale.order", "action_quotation_send"): {},
    ("sale.order", "get_portal_url"): {},
    ("res.partner", "signup_get_auth_param"): {},
    ("res.partner", "action_invite_accountant"): {},
    ("res.partner", "action_invite_administrator"): {},
    ("res.partner", "action_renew"): {},
    ("res.partner", "action_view_audit"): {},
    ("res.partner", "action_view_licences"): {},
    ("res.partner", "action_view_managed"): {},
    ("res.partner", "action_view_members"): {},
    ("res.partner", "action_view_removals"): {},
    ("res.partner", "action_view_seats"): {},
    ("res.partner", "action_view_subscription_ids"): {},
    ("sale.order", "action_view_licences"): {},
    (SUBSCRIPTION, "action_add_module"): {},
    (SUBSCRIPTION, "action_add_users"): {},
    (SUBSCRIPTION, "action_start"): {},
    (SUBSCRIPTION, "action_bill_early"): {},
    (SUBSCRIPTION, "create_invoice"): {},
    (SUBSCRIPTION, "generate_invoice"): {},
    (SUBSCRIPTION, "manual_invoice"): {},
    (SUBSCRIPTION, "action_accept_renewal"): {},
    (SUBSCRIPTION, "action_ask_cancel_renewal"): {},
    (SUBSCRIPTION, "action_cancel_renewal"): {},
    (SUBSCRIPTION, "action_close_subscription"): {},
    (SUBSCRIPTION, "action_change_billing"): {},
    (SUBSCRIPTION, "action_coterminate"): {},
    (SUBSCRIPTION, "action_invite_accountant"): {},
    (SUBSCRIPTION, "action_invite_administrator"): {},
    (SUBSCRIPTION, "action_open_pause_wizard"): {},
    (SUBSCRIPTION, "action_pause"): {"paused_until": "2099-03-01"},
    (SUBSCRIPTION, "action_remove_inactive"): {},
    (SUBSCRIPTION, "action_refuse_renewal"): {},
    (SUBSCRIPTION, "action_renew"): {},
    (SUBSCRIPTION, "action_resume"): {},
    (SUBSCRIPTION, "action_retry_billing"): {},
    (SUBSCRIPTION, "action_snooze_notices"): {},
    (SUBSCRIPTION, "action_view_audit"): {},
    (SUBSCRIPTION, "onchange_partner_id"): {},
    (SUBSCRIPTION, "action_view_members"): {},
    (SUBSCRIPTION, "action_view_next_invoice"): {},
    (SUBSCRIPTION, "action_view_notices"): {},
    (SUBSCRIPTION, "action_view_seats"): {},
    (SUBSCRIPTION, "action_view_statements"): {},
    (SUBSCRIPTION, "action_wake_notices"): {},
    (SUBSCRIPTION, "close_subscription"): {},
    (SUBSCRIPTION, "get_dashboard"): {},
    (MEMBER, "action_add_to_modules"): {},
    (MEMBER, "action_ask_left"): {},
    (MEMBER, "action_invite"): {},
    (MEMBER, "action_merge"): {},
    (MEMBER, "action_withdraw_invitation"): {},
    (PARTNER, "action_create_subscription"): {},
    (PARTNER, "action_end_outside_memberships"): {},
    (MEMBER, "action_archive"): {},
    (MEMBER, "action_unarchive"): {},
    (MEMBER, "action_remove_access"): {},
    (MEMBER, "get_accountant_clients"): {},
    (MEMBER, "report_sign_ins"): lambda t: {
        "lines": [{"member_id": t.id(MEMBER), "at": "2026-01-31"}]
    },
    ("subscription.removal", "action_undo"): {},
    (MEMBER, "select_accountant_client"): lambda t: {"client_id": t.client},
    ("subscription.invitation", "action_resend"): {},
    ("subscription.invitation", "action_withdraw"): {},
    ("subscription.invitation.send", "action_invite"): {},
    (ACCOUNT, "action_open_ledger"): {},
    (TRANSFER, "action_transfer"): {},
    ("close.reason.wizard", "button_confirm"): {},
    ("subscription.billing.change", "action_change"): {},
    ("subscription.client.move", "action_move"): {},
    ("subscription.coterminate", "action_coterminate"): {},
    (PARTNER, "action_move_managed"): {},
    ("subscription.member.remove", "action_remove"): {},
    ("subscription.notice", "action_send_again"): {},
    ("subscription.alert.choice", "action_save"): {},
    (SNOOZE, "action_snooze"): {},
    (SNOOZE, "action_wake"): {},
    ("subscription.partner.summary", "action_print"): {},
    (NEW_CLIENT, "action_create"): {},
    (RENEW, "action_list_results"): {},
    (RENEW, "action_print_offer"): {},
    (RENEW, "action_renew"): {},
    ("subscription.renew.result", "action_open"): {},
    (RENEWAL, "action_ask_cancel"): {},
    (RENEWAL, "action_cancel"): {},
    ("subscription.seat", "action_release"): {},
    ("subscription.seat", "action_remove_access"): {},
    ("subscription.seat", "action_remove_now"): {},
    ("subscription.seat.grant", "action_grant"): {},
    (POOL, "action_add_users"): {},
    (POOL, "action_remove"): {},
    (POOL, "action_open"): {},
    (POOL, "action_remove_access"): {},
    (POOL, "get_seats_in_use"): {"date": "2026-12-31"},
    (POOL, "get_live"): {},
    (POOL, "get_live_scope"): {},
    ("subscription.seat.release", "action_release"): {},
    ("subscription.seat.usage", "action_open"): {},
    ("subscription.seat.usage", "action_open_seats"): {},
    ("subscription.seat.usage", "search_fetch"): {
        "domain": [],
        "field_names": ["client_id"],
    },
    ("subscription.seat.usage.date", "action_open"): {},
    ("subscription.reconciliation", "action_open_assigned"): {},
    ("subscription.reconciliation", "action_open_changes"): {},
    ("subscription.reconciliation", "action_open_lines"): {},
    ("subscription.reconciliation", "action_open_moves"): {},
    ("subscription.reconciliation", "search_fetch"): {
        "domain": [],
        "field_names": ["client_id", "licences"],
    },
    ("subscription.reconciliation.date", "action_open"): {},
    ("subscription.revenue", "action_open_lines"): {},
    ("subscription.revenue.line", "action_open_origin"): {},
    ("subscription.billing.problem", "action_open_missing"): {},
    ("subscription.billing.problem", "action_retry"): {},
    ("account.move", "action_download_einvoice"): {},
    ("account.move", "action_open_einvoice_gap"): {},
    ("account.move", "action_send_to_mailbox"): {},
    ("account.move", "action_view_deliveries"): {},
    (PARTNER, "action_view_deliveries"): {},
    (SUBSCRIPTION, "action_view_deliveries"): {},
    ("subscription.delivery", "action_send_again"): {},
    (PARTNER, "action_view_requests"): {},
    (PARTNER, "choose_alert_rhythm"): {"rhythm": "day"},
    (SUBSCRIPTION, "action_view_requests"): {},
    (REQUEST, "action_approve"): {},
    (REQUEST, "action_refuse"): {},
    (f"{REQUEST}.refuse", "action_refuse"): {},
    (STATEMENT, "action_bill_anew"): {},
    (STATEMENT, "action_open_invoice"): {},
    (EXPORT, "action_export"): {},
}
