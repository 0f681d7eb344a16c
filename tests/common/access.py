"""What everybody who logs in finds in a vendor's database, and tries to reach."""

from base64 import b64encode
from contextlib import contextmanager

from odoo import Command
from odoo.tests import new_test_user

from .rpc import RpcCase
from .subscription import SubscriptionCase, create_plan, create_yearly_plan, renew

ACCOUNT = "subscription.licence.account"
CHANGE = "subscription.seat.change"
DELIVERY = "subscription.delivery"
EXPORT = "subscription.statement.export"
MEMBER = "subscription.member"
MOVE = "subscription.licence.move"
POOL = "subscription.seat.pool"
PAUSE = "subscription.pause"
PRESENCE = "subscription.presence"
PRICE = "subscription.price"
PROBLEM = "subscription.billing.problem"
RUN = "subscription.billing.run"
PART = "subscription.billing.part"
RENEWAL = "subscription.renewal"
RENEWAL_LINE = "subscription.renewal.line"
RENEW = "subscription.renew"
REVENUE = "subscription.revenue"
REQUEST = "subscription.request"
NEW_CLIENT = "subscription.new.client"
STATEMENT = "subscription.statement"
TERMS = "subscription.billing.terms"
SUBSCRIPTION = "sale.subscription"
TRANSFER = "subscription.licence.transfer"
# What refusals of access log, in vain.
MUTED = (
    "odoo.addons.base.models.ir_model",
    "odoo.addons.base.models.ir_rule",
    "odoo.http",
    "odoo.models.unlink",
    "odoo.sql_db",
)
STAFF = ("north", "south", "reef")
# Whose records are a role's own, and whose are foreign to it.
SIDES = {
    "admin": ("acme", "bolt"),
    "north": ("acme", "bolt"),
    "south": ("bolt", "acme"),
    "reef": ("coral", "acme"),
    "accountant": ("bolt", "coral"),
    "client": ("acme", "bolt"),
    "member": ("acme", "bolt"),
    "intern": ("acme", "bolt"),
    "public": ("acme", "bolt"),
}
# The records that each client has. ``case`` is the test class, ``own`` has the records
# made so far; the order is that of creation.
RECORDS = {
    "res.partner": lambda case, client, label, own: {
        "name": f"{client.name} {label}",
        "email": f"{client.name}.{label}@contacts.test".lower(),
        "parent_id": client.id,
    },
    "res.users": lambda case, client, label, own: {
        "name": f"{client.name} {label} user",
        "login": f"{client.name}-{label}".lower(),
        "parent_id": client.id,
        "group_ids": [Command.set(case.env.ref("base.group_portal").ids)],
    },
    "subscription.member.role": lambda case, client, label, own: {
        "name": f"Role {client.id} {label}",
        "code": f"{client.id} {label}",
    },
    "subscription.module": lambda case, client, label, own: {
        "name": f"Module {client.id} {label}",
        "code": f"{client.id} {label}",
    },
    "sale.subscription.stage": lambda case, client, label, own: {
        "name": f"Stage {label}"
    },
    "sale.subscription.tag": lambda case, client, label, own: {
        "name": f"Tag {client.id} {label}"
    },
    "sale.subscription.close.reason": lambda case, client, label, own: {
        "name": f"Reason {label}"
    },
    "sale.subscription.template": lambda case, client, label, own: {
        "name": f"Plan {label}"
    },
    "subscription.plan.line": lambda case, client, label, own: {
        "template_id": own["sale.subscription.template"].id,
        "module_id": own["subscription.module"].id,
    },
    "sale.subscription": lambda case, client, label, own: {
        "partner_id": client.id,
        "template_id": case.plan.id,
        "pricelist_id": case.pricelist.id,
        "description": f"{client.name} {label}",
    },
    "sale.subscription.line": lambda case, client, label, own: {
        "sale_subscription_id": own["sale.subscription"].id,
        "product_id": case.product.id,
    },
    "subscription.team": lambda case, client, label, own: {
        "name": f"Team {client.name} {label}",
        "client_id": client.id,
    },
    "subscription.member": lambda case, client, label, own: {
        "name": f"Member {client.name} {label}",
        "client_id": client.id,
        "partner_id": case._create_contact(f"Member {client.name}", client).id,
    },
    "subscription.presence": lambda case, client, label, own: {
        "client_id": client.id,
        "subscription_team_id": own["subscription.team"].id,
        "team_number": own["subscription.team"].id,
        "since": "2026-01-31",
    },
    "subscription.seat.pool": lambda case, client, label, own: {
        "subscription_id": own["sale.subscription"].id,
        "module_id": own["subscription.module"].id,
        "seat_limit": 5,
    },
    "subscription.seat": lambda case, client, label, own: {
        "pool_id": own["subscription.seat.pool"].id,
        "member_id": own["subscription.member"].id,
    },
    "subscription.removal": lambda case, client, label, own: {
        "client_id": client.id,
        "kind": "access",
        "date": "2026-01-31",
        "member_ids": [Command.set(own["subscription.member"].ids)],
    },
    "subscription.seat.usage": None,
    "subscription.licence.account": lambda case, client, label, own: {
        "partner_id": client.managing_partner_id.id,
        "module_id": own["subscription.module"].id,
        "company_id": case.env.company.id,
    },
    "subscription.licence.move": lambda case, client, label, own: {
        "account_id": own[ACCOUNT].id,
        "number": 1,
        "kind": "given",
        "quantity": 100,
        "balance": 100,
        "date": "2026-01-31",
    },
    "subscription.renewal": lambda case, client, label, own: {
        "subscription_id": own[SUBSCRIPTION].id,
        "currency_id": case.env.company.currency_id.id,
        "previous_end": "2026-12-31",
        "date_start": "2027-01-01",
        "date_end": "2027-12-31",
        "years": 1,
    },
    "subscription.renewal.line": lambda case, client, label, own: {
        "renewal_id": own[RENEWAL].id,
        "module_id": own["subscription.module"].id,
    },
    "subscription.notice": lambda case, client, label, own: {
        "kind": "renewal",
        "audience": "client",
        "addressee_id": client.id,
        "partner_id": own["res.partner"].id,
        "company_id": case.env.company.id,
        "email": f"{client.name}.{label}@contacts.test".lower(),
    },
    "subscription.notice.line": lambda case, client, label, own: {
        "notice_id": own["subscription.notice"].id,
        "subscription_id": own[SUBSCRIPTION].id,
        "module_id": own["subscription.module"].id,
        "term_end": "2026-12-31",
    },
    "subscription.log": lambda case, client, label, own: {
        "client_id": client.id,
        "event": "limit",
        "date": "2026-01-31",
    },
    "subscription.audit": None,
    "subscription.invitation": lambda case, client, label, own: {
        "client_id": client.id,
        "company_id": case.env.company.id,
        "name": f"{client.name} {label}",
        "email": f"{client.name}.{label}@firms.test".lower(),
        "member_id": own[MEMBER].id,
        "invited_by_id": case.env.uid,
        "sent_at": "2026-01-31",
        "expires_at": "2026-02-28",
        "token_hash": f"{client.name} {label}",
    },
    "subscription.invitation.send": lambda case, client, label, own: {
        "client_id": client.id,
        "email": "anybody@firms.test",
    },
    "subscription.seat.grant": lambda case, client, label, own: {
        "client_id": client.id,
        "pool_ids": [Command.set(own["subscription.seat.pool"].ids)],
        "member_ids": [Command.set(own["subscription.member"].ids)],
    },
    "subscription.seat.release": lambda case, client, label, own: {
        "pool_ids": [Command.set(own["subscription.seat.pool"].ids)],
        "member_ids": [Command.set(own["subscription.member"].ids)],
    },
    "subscription.seat.preview": lambda case, client, label, own: {
        "pool_id": own["subscription.seat.pool"].id
    },
    "subscription.client.move": lambda case, client, label, own: {
        "partner_id": client.managing_partner_id.id,
        "new_partner_id": client.managing_partner_id.id,
        "client_ids": [Command.set(client.ids)],
    },
    "subscription.settings": lambda case, client, label, own: {},
    "subscription.member.remove": lambda case, client, label, own: {
        "client_id": client.id
    },
    "subscription.alert": lambda case, client, label, own: {
        "pool_id": own[POOL].id,
        "level": "warning",
        "day": "2026-01-31",
        "fell_at": "2026-01-31",
    },
    "subscription.live.channel": lambda case, client, label, own: {
        "client_id": client.id,
        "company_id": case.env.company.id,
        "name": f"{client.name} {label}",
        "ended_at": "2026-01-31",
    },
    "subscription.seat.usage.date": lambda case, client, label, own: {
        "date": "2026-01-31"
    },
    "subscription.partner.summary": lambda case, client, label, own: {
        "partner_id": client.managing_partner_id.id
    },
    NEW_CLIENT: lambda case, client, label, own: {
        "name": f"{client.name} {label}",
        "managing_partner_id": client.managing_partner_id.id,
        "administrator_email": f"{client.name}.{label}@admins.test".lower(),
    },
    f"{NEW_CLIENT}.line": lambda case, client, label, own: {
        "new_client_id": own[NEW_CLIENT].id,
        "module_id": own["subscription.module"].id,
    },
    "subscription.renew": lambda case, client, label, own: {
        "subscription_ids": [Command.set(own[SUBSCRIPTION].ids)]
    },
    "subscription.renew.line": lambda case, client, label, own: {
        "renew_id": own[RENEW].id,
        "module_id": own["subscription.module"].id,
        "partner_id": client.managing_partner_id.id,
    },
    "subscription.renew.result": lambda case, client, label, own: {
        "renew_id": own[RENEW].id,
        "subscription_id": own[SUBSCRIPTION].id,
        "state": "renewed",
    },
    "subscription.licence.transfer": lambda case, client, label, own: {
        "partner_id": client.managing_partner_id.id
    },
    "subscription.licence.transfer.line": lambda case, client, label, own: {
        "transfer_id": own[TRANSFER].id,
        "module_id": own["subscription.module"].id,
    },
    "subscription.billing.change": lambda case, client, label, own: {
        "subscription_id": own[SUBSCRIPTION].id
    },
    "subscription.coterminate": lambda case, client, label, own: {
        "subscription_ids": [Command.set(own[SUBSCRIPTION].ids)]
    },
    "subscription.notice.snooze": lambda case, client, label, own: {
        "subscription_ids": [Command.set(own[SUBSCRIPTION].ids)],
        "until": "2099-12-31",
    },
    "subscription.alert.choice": lambda case, client, label, own: {"rhythm": "day"},
    "subscription.snooze": lambda case, client, label, own: {
        "subscription_id": own[SUBSCRIPTION].id,
        "addressee_id": client.managing_partner_id.id,
        "until": "2099-12-31",
    },
    TERMS: lambda case, client, label, own: {
        "subscription_id": own[SUBSCRIPTION].id,
        "since": "2026-01-01",
        "paid_by": "period",
        "period_unit": "months",
        "period_count": 1,
    },
    CHANGE: lambda case, client, label, own: {
        "pool_id": own[POOL].id,
        "day": "2026-01-31",
        "seats": 5,
        "window": "2026-01-31",
    },
    PAUSE: lambda case, client, label, own: {
        "subscription_id": own[SUBSCRIPTION].id,
        "day": "2026-01-31",
        "resumed_on": "2026-02-28",
    },
    PRICE: lambda case, client, label, own: {
        "subscription_id": own[SUBSCRIPTION].id,
        "term_start": "2026-01-01",
        "product_id": case.product.id,
        "price_unit": 10,
    },
    STATEMENT: lambda case, client, label, own: {
        "kind": "period",
        "subscription_id": own[SUBSCRIPTION].id,
        "client_id": client.id,
        "payer_id": client.id,
        "managing_partner_id": client.managing_partner_id.id,
        "company_id": case.env.company.id,
        "currency_id": case.env.company.currency_id.id,
        "date_first": "2026-01-01",
        "date_last": "2026-01-31",
        "basis": "contracted",
    },
    f"{STATEMENT}.line": lambda case, client, label, own: {
        "statement_id": own[STATEMENT].id,
        "subscription_id": own[SUBSCRIPTION].id,
        "name": f"{client.name} {label}",
        "kind": "contracted",
        "pool_id": own[POOL].id,
        "date_first": "2026-01-01",
        "date_last": "2026-01-31",
        "quantity": 1,
        "price_full": 10,
        "price_unit": 10,
        "amount": 10,
    },
    f"{STATEMENT}.row": lambda case, client, label, own: {
        "line_id": own[f"{STATEMENT}.line"].id,
        "statement_id": own[STATEMENT].id,
        "client_id": client.id,
        "company_id": case.env.company.id,
        "member_id": own[MEMBER].id,
        "holder": f"Holder {client.name} {label}",
        "quantity": 1,
    },
    PROBLEM: lambda case, client, label, own: {
        "subscription_id": own[SUBSCRIPTION].id,
        "client_id": client.id,
        "company_id": case.env.company.id,
        "code": "error",
        "detail": f"{client.name} {label}",
    },
    RUN: lambda case, client, label, own: {"started_at": "2026-01-31"},
    PART: lambda case, client, label, own: {"run_id": own[RUN].id},
    EXPORT: lambda case, client, label, own: {"client_id": client.id},
    REVENUE: None,
    f"{REVENUE}.line": None,
    "subscription.reconciliation": None,
    "subscription.reconciliation.date": lambda case, client, label, own: {
        "date": "2026-01-31"
    },
    "close.reason.wizard": lambda case, client, label, own: {},
    "sale.subscription.pause.wizard": lambda case, client, label, own: {},
    "account.move": lambda case, client, label, own: {
        "move_type": "out_invoice",
        "partner_id": client.id,
        "invoice_date": "2026-01-31",
        "invoice_line_ids": [Command.create({"name": "Seats", "price_unit": 10})],
    },
    DELIVERY: lambda case, client, label, own: {
        "move_id": own["account.move"].id,
        "partner_id": client.id,
        "company_id": case.env.company.id,
        "email": f"{client.name}.{label}@mailboxes.test".lower(),
    },
    REQUEST: lambda case, client, label, own: {
        "kind": "seats",
        "client_id": client.id,
        "company_id": case.env.company.id,
        "asked_partner_id": client.managing_partner_id.id,
        "subscription_id": own[SUBSCRIPTION].id,
        "pool_id": own[POOL].id,
        "module_id": own[POOL].module_id.id,
        "number": 1,
        "message": f"{client.name} {label}",
        "asked_at": "2026-01-31",
    },
    f"{REQUEST}.letter": lambda case, client, label, own: {
        "request_id": own[REQUEST].id,
        "kind": "asked",
        "partner_id": own["res.partner"].id,
        "email": f"{client.name}.{label}@contacts.test".lower(),
    },
    f"{REQUEST}.refuse": lambda case, client, label, own: {
        "request_id": own[REQUEST].id,
        "answer": f"{client.name} {label}",
    },
    "account.move.line": lambda case, client, label, own: {
        "move_id": own["account.move"].id,
        "name": f"{client.name} {label}",
        "price_unit": 10,
    },
    "account.payment": lambda case, client, label, own: {
        "partner_id": client.id,
        "amount": 10,
        "payment_type": "inbound",
        "journal_id": case.bank_journal.id,
    },
    "sale.order": lambda case, client, label, own: {"partner_id": client.id},
    "sale.order.line": lambda case, client, label, own: {
        "order_id": own["sale.order"].id,
        "product_id": case.product.id,
        "name": f"{client.name} {label}",
    },
    "account.invoice.report": None,
    "sale.report": None,
    "account.analytic.account": lambda case, client, label, own: {
        "name": f"{client.name} {label}",
        "partner_id": client.id,
        "plan_id": case.analytic_plan.id,
    },
    "account.analytic.line": lambda case, client, label, own: {
        "name": f"{client.name} {label}",
        "partner_id": client.id,
        "account_id": own["account.analytic.account"].id,
    },
    "res.partner.bank": lambda case, client, label, own: {
        "partner_id": client.id,
        "acc_number": f"{client.name} {label}",
    },
    "product.supplierinfo": lambda case, client, label, own: {
        "partner_id": client.id,
        "product_tmpl_id": case.product.product_tmpl_id.id,
    },
    "payment.token": lambda case, client, label, own: {
        "partner_id": client.id,
        "provider_id": case.provider.id,
        "payment_method_id": case.payment_method.id,
        "provider_ref": f"{client.name} {label}",
        "payment_details": "1234",
    },
    "account.journal": lambda case, client, label, own: {
        "name": f"Journal {client.id} {label}",
        "code": f"{client.id}{label[:1]}",
        "type": "sale",
    },
    "account.tax": lambda case, client, label, own: {
        "name": f"Tax {client.id} {label}"
    },
    "account.tax.group": lambda case, client, label, own: {
        "name": f"Tax group {client.id} {label}"
    },
    "account.payment.term": lambda case, client, label, own: {
        "name": f"Term {client.id} {label}"
    },
    "product.pricelist": lambda case, client, label, own: {
        "name": f"Prices {client.id} {label}"
    },
    "product.pricelist.item": lambda case, client, label, own: {
        "pricelist_id": own["product.pricelist"].id
    },
    "ir.attachment": lambda case, client, label, own: {
        "name": f"{client.name} {label}",
        "datas": b64encode(f"secret of {client.name}".encode()).decode(),
        "res_model": SUBSCRIPTION,
        "res_id": own[SUBSCRIPTION].id,
    },
    "mail.message": lambda case, client, label, own: {
        "model": SUBSCRIPTION,
        "res_id": own[SUBSCRIPTION].id,
        "body": f"{client.name} {label}",
        "message_type": "comment",
        "subtype_id": case.env.ref("mail.mt_comment").id,
    },
    "mail.followers": lambda case, client, label, own: {
        "res_model": SUBSCRIPTION,
        "res_id": own[SUBSCRIPTION].id,
        "partner_id": own["res.partner"].id,
    },
    "mail.activity": lambda case, client, label, own: {
        "res_model_id": case.env["ir.model"]._get_id(SUBSCRIPTION),
        "res_id": own[SUBSCRIPTION].id,
        "summary": f"{client.name} {label}",
        "user_id": case.env.ref("base.user_admin").id,
    },
}
# What the program makes, and nobody else.
MADE = {
    ACCOUNT: lambda case, client, own: (
        case._give_licences(client, own["subscription.module"]).account_id
    ),
    MOVE: lambda case, client, own: own[ACCOUNT].move_ids,
    PRESENCE: lambda case, client, own: case.env[PRESENCE].search(
        [("subscription_team_id", "=", own["subscription.team"].id)]
    ),
    TERMS: lambda case, client, own: own[SUBSCRIPTION].billing_terms_ids[:1],
    CHANGE: lambda case, client, own: own[POOL].change_ids[:1],
    RENEWAL: lambda case, client, own: case._create_renewal(
        client, own["subscription.module"]
    ),
    RENEWAL_LINE: lambda case, client, own: own[RENEWAL].line_ids,
    f"{RENEW}.line": lambda case, client, own: own[RENEW].line_ids[:1],
    f"{TRANSFER}.line": lambda case, client, own: own[TRANSFER].line_ids[:1],
}
# What the program makes by ``_add`` alone: tests do as well.
ADDED = (
    *(PAUSE, PRICE, STATEMENT, f"{STATEMENT}.line", f"{STATEMENT}.row"),
    *(PROBLEM, RUN, PART, REQUEST),
    "subscription.removal",
)
# Views show rows of these.
VIEWS = {
    "account.invoice.report": "account.move.line",
    "sale.report": "sale.order.line",
    "subscription.seat.usage": POOL,
    "subscription.reconciliation": POOL,
}


class AccessCase(SubscriptionCase):
    """Clients that look alike, and a user of each role.

    Acme belongs to North, Bolt to its competitor South, Coral to North's reseller Reef.
    Each has a record of every model, in ``own["acme"]``. The accountant works for Acme
    and Bolt, whose renewal South's staff has made.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.plan = create_plan(cls.env, "Large", {cls.base: 40, cls.expenses: 40})
        cls._create_vendor_records()
        cls.clients = {"acme": cls.acme, "bolt": cls.bolt, "coral": cls.coral}
        cls.own = cls._create_all_records("Main")
        cls.roles = cls._create_roles()
        cls._renew_again("bolt", "south")
        cls.env.flush_all()

    @classmethod
    def _create_vendor_records(cls):
        env = cls.env
        cls.product = env["product.product"].create(
            {"name": "Expenses", "type": "service", "list_price": 10}
        )
        cls.bank_journal = env["account.journal"].search(
            [("type", "=", "bank"), ("company_id", "=", env.company.id)], limit=1
        )
        cls.analytic_plan = env["account.analytic.plan"].create({"name": "Clients"})
        cls.payment_method = (
            env["payment.method"].with_context(active_test=False).search([], limit=1)
        )
        cls.pricelist = env["product.pricelist"].create({"name": "Prices"})
        cls.provider = env["payment.provider"].search([], limit=1)

    @classmethod
    def _create_all_records(cls, label):
        """Return a record of every model for each client, by client and model."""
        return {
            name: cls._create_records(client, label)
            for name, client in cls.clients.items()
        }

    @classmethod
    def _create_records(cls, client, label):
        """Return a record of every model for ``client``, by model."""
        records = {}
        for model in RECORDS:
            records[model] = cls._create_record(model, client, label, records)
        return records

    @classmethod
    def _create_record(cls, model, client, label, own):
        records = cls.env[model]
        if model in VIEWS:
            return records.browse(own[VIEWS[model]].id)
        if model in ("subscription.log", "subscription.audit"):
            cls.env.flush_all()
            return records.search([("client_id", "=", client.id)], limit=1)
        if model in (REVENUE, f"{REVENUE}.line"):
            cls._price_licences(own[RENEWAL].subscription_id)
            return records.search([("client_id", "=", client.id)], limit=1)
        if model in MADE:
            return MADE[model](cls, client, own)
        values = RECORDS[model](cls, client, label, own)
        if model in ADDED:
            return records._add([values])
        record = records.create(values)
        if model == SUBSCRIPTION:
            record.action_start_subscription()
        return record

    @classmethod
    def _give_licences(cls, client, module, quantity=9):
        """Give licences of ``module`` to who manages ``client``, through the partners
        above, and return the entry of the last.
        """
        accounts = cls.env[ACCOUNT]
        for partner in client.managing_partner_id._get_management_chain():
            moves = accounts._give(partner, {module: quantity}, cls.env.company)
        return moves.filtered(lambda move: move.partner_id == partner)

    @classmethod
    def _price_licences(cls, term):
        """Let the licences that ``term`` took cost something: they are revenue."""
        taken = cls.env[MOVE].search(
            [("subscription_id", "=", term.id), ("kind", "=", "raise")]
        )
        taken._set({"yearly_amount": 120, "currency_id": term.currency_id.id})
        cls.env.flush_all()

    @classmethod
    def _create_renewal(cls, client, module):
        """Return the renewal of a subscription of ``client`` that takes licences."""
        plan = create_yearly_plan(cls.env, "Yearly", {module: 1})
        term = cls._create_subscription(client, plan, description=f"{client.name} term")
        return renew(term)

    @classmethod
    def _renew_again(cls, client, role):
        """Cancel the renewal of ``client``, and let ``role`` make it anew."""
        own = cls.own[client]
        term = own[RENEWAL].subscription_id
        own[RENEWAL].action_cancel()
        own[RENEWAL] = renew(term, cls.roles[role]).with_env(cls.env)
        own[RENEWAL_LINE] = own[RENEWAL].line_ids

    @classmethod
    def _create_roles(cls):
        """Return ``{name: user}`` of everybody who logs in."""
        roles = {"admin": cls._create_user("admin2", "admin", cls.vendor)}
        for partner in STAFF:
            roles[partner] = cls._create_user(
                partner, "standard", getattr(cls, partner)
            )
        firm = cls.env["res.partner"].create({"name": "Firm", "is_company": True})
        roles["accountant"] = cls._create_user("accountant", "accountant", firm)
        cls._make_accountant(roles["accountant"], cls.acme, cls.bolt)
        for name, role in (
            ("client", cls.role_administrator),
            ("member", cls.role_standard),
        ):
            roles[name] = cls._create_user(name, "base.group_portal", cls.acme)
            partner_id = roles[name].partner_id.id
            cls._create_members(cls.acme, 1, role, partner_id=partner_id)
        for name, groups in (
            ("intern", "base.group_user"),
            ("sales", "sales_team.group_sale_salesman"),
            ("billing", "account.group_account_invoice"),
        ):
            roles[name] = new_test_user(cls.env, name, groups)
        roles["public"] = cls.env.ref("base.public_user")
        return roles

    @contextmanager
    def _as(self, role):
        """Do what is inside as ``role``, as in a call of its own.

        Odoo writes some x2many fields as the user with whom the call began.
        """
        transaction = self.env.transaction
        before = transaction.default_env
        env = transaction.default_env = self.env(user=self.roles[role])
        try:
            with self._undone():
                yield env
                self.env.flush_all()
        finally:
            transaction.default_env = before


class AccessHttpCase(AccessCase, RpcCase):
    """The same, with a key to the interface for programs for whoever may have one."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._create_keys(
            {role: user for role, user in cls.roles.items() if role != "public"}
        )
