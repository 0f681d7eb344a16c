from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from ..common.access import (
    ACCOUNT,
    MEMBER,
    MOVE,
    MUTED,
    POOL,
    RENEWAL,
    RENEWAL_LINE,
    SUBSCRIPTION,
    TRANSFER,
)
from ..common.subscription import (
    ADDON,
    SubscriptionCase,
    create_company,
    create_plan,
    create_yearly_plan,
    renew,
)

# Models with records of one company, or of all of them. The others follow one of these.
MODELS = (
    "account.move",
    "res.partner",
    SUBSCRIPTION,
    "sale.subscription.line",
    "sale.subscription.template",
    "subscription.audit",
    "subscription.invitation",
    ACCOUNT,
    MOVE,
    "subscription.log",
    MEMBER,
    "subscription.module",
    "subscription.notice",
    "subscription.notice.line",
    "subscription.plan.line",
    "subscription.presence",
    "subscription.billing.problem",
    "subscription.billing.terms",
    "subscription.delivery",
    "subscription.pause",
    "subscription.price",
    "subscription.reconciliation",
    "subscription.removal",
    "subscription.revenue",
    "subscription.revenue.line",
    "subscription.seat.change",
    "subscription.statement",
    "subscription.statement.line",
    "subscription.statement.row",
    RENEWAL,
    RENEWAL_LINE,
    "subscription.request",
    "subscription.request.letter",
    "subscription.seat",
    POOL,
    "subscription.seat.usage",
    "subscription.snooze",
    "subscription.team",
)


@tagged("post_install", "-at_install")
class TestMultiCompany(SubscriptionCase):
    """Two vendors in one database, each with a module, a plan, a client and what a
    client has; an administrator of each, and one of both."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company = cls.env.company
        cls.other = cls.env["res.company"].create({"name": "Other Vendor"})
        cls.env.user.company_ids |= cls.other
        cls.companies = {"here": cls.company, "there": cls.other}
        cls.records = {
            name: cls._create_records(name, company)
            for name, company in cls.companies.items()
        }
        groups = f"{ADDON}.group_admin,account.group_account_invoice"
        cls.users = {
            "here": cls._create_admin("here", groups, cls.company),
            "there": cls._create_admin("there", groups, cls.other),
            "both": cls._create_admin("both", groups, cls.company | cls.other),
        }
        cls.env.flush_all()

    @classmethod
    def _create_admin(cls, login, groups, companies):
        return new_test_user(
            cls.env,
            login,
            groups,
            company_id=companies[:1].id,
            company_ids=[Command.set(companies.ids)],
        )

    @classmethod
    def _create_records(cls, name, company):
        """Return records of ``company`` by model."""
        env = cls.env(context=dict(cls.env.context, allowed_company_ids=[company.id]))
        module = env["subscription.module"].create(
            {"name": f"Module {name}", "code": name, "company_id": company.id}
        )
        plan = create_plan(
            env, f"Plan {name}", {cls.base: 9, module: 9}, company_id=company.id
        )
        client = create_company(env, f"Client {name}", company_id=company.id)
        prices = env["product.pricelist"].create(
            {"name": f"Prices {name}", "company_id": company.id}
        )
        subscription = env[SUBSCRIPTION].create(
            {
                "partner_id": client.id,
                "template_id": plan.id,
                "pricelist_id": prices.id,
                "company_id": company.id,
            }
        )
        subscription.action_start_subscription()
        line = env["sale.subscription.line"].create(
            {
                "sale_subscription_id": subscription.id,
                "product_id": env["product.product"].create({"name": "Seat"}).id,
            }
        )
        member = env[MEMBER].create({"client_id": client.id, "name": f"Member {name}"})
        pool = subscription.seat_pool_ids.filtered(lambda one: one.module_id == module)
        seat = env["subscription.seat"].create(
            {"pool_id": pool.id, "member_id": member.id}
        )
        team = env["subscription.team"].create({"client_id": client.id, "name": name})
        invitation = env["subscription.invitation"].create(
            {
                "client_id": client.id,
                "company_id": company.id,
                "name": name,
                "email": f"{name}@firms.test",
                "member_id": member.id,
                "invited_by_id": env.uid,
                "sent_at": "2026-01-31",
                "expires_at": "2026-02-28",
                "token_hash": name,
            }
        )
        journal = env["account.journal"].create(
            {"name": name, "code": name, "type": "sale", "company_id": company.id}
        )
        invoice = env["account.move"].create(
            {
                "move_type": "out_invoice",
                "partner_id": client.id,
                "journal_id": journal.id,
            }
        )
        renewal = cls._create_renewal(env, client, module, prices)
        notice = env["subscription.notice"].create(
            {
                "kind": "renewal",
                "audience": "client",
                "addressee_id": client.id,
                "partner_id": client.id,
                "company_id": company.id,
            }
        )
        notice_line = env["subscription.notice.line"].create(
            {
                "notice_id": notice.id,
                "subscription_id": subscription.id,
                "term_end": "2026-12-31",
            }
        )
        snooze = env["subscription.snooze"].create(
            {"subscription_id": subscription.id, "until": "2026-12-31"}
        )
        env.flush_all()
        of_client = [("client_id", "=", client.id)]
        records = (
            *(module, plan, client, subscription, line, member, pool, seat, team),
            *(invitation, invoice, plan.plan_line_ids[:1]),
            *(renewal, renewal.line_ids, renewal.move_ids.account_id),
            *(renewal.move_ids, notice, notice_line, snooze),
            env["subscription.delivery"].create(
                {
                    "move_id": invoice.id,
                    "partner_id": client.id,
                    "company_id": company.id,
                    "email": f"{name}@mailboxes.test",
                }
            ),
            env["subscription.seat.usage"].browse(pool.id),
            env["subscription.log"].search(of_client, limit=1),
            env["subscription.audit"].search(of_client, limit=1),
            env["subscription.presence"].search(of_client, limit=1),
            env["subscription.removal"]._add(
                [{"client_id": client.id, "kind": "access", "date": "2026-01-31"}]
            ),
            *cls._create_billing(env, subscription, pool),
            *cls._create_requests(env, pool),
            *cls._create_revenue(env, renewal.subscription_id),
        )
        return {record._name: record for record in records}

    @classmethod
    def _create_revenue(cls, env, term):
        """Let the licences that ``term`` took cost something, and return the revenue
        that they are."""
        taken = env[MOVE].search(
            [("subscription_id", "=", term.id), ("kind", "=", "raise")]
        )
        taken._set({"yearly_amount": 120, "currency_id": term.currency_id.id})
        env.flush_all()
        domain = [("subscription_id", "=", term.id)]
        return (
            env["subscription.revenue"].search(domain, limit=1),
            env["subscription.revenue.line"].search(domain, limit=1),
        )

    @classmethod
    def _create_requests(cls, env, pool):
        request = env["subscription.request"]._add(
            [
                {
                    "kind": "seats",
                    "client_id": pool.client_id.id,
                    "company_id": pool.company_id.id,
                    "pool_id": pool.id,
                    "asked_at": "2026-01-31",
                }
            ]
        )
        letter = env["subscription.request.letter"].create(
            {
                "request_id": request.id,
                "kind": "asked",
                "partner_id": pool.client_id.id,
                "email": "anybody@clients.test",
            }
        )
        return request, letter

    @classmethod
    def _create_billing(cls, env, subscription, pool):
        """Return what a subscription that is billed has."""
        client, company = subscription.client_id, subscription.company_id
        own = {"subscription_id": subscription.id}
        of_company = {"client_id": client.id, "company_id": company.id}
        days = {"date_first": "2026-01-01", "date_last": "2026-01-31"}
        terms = env["subscription.billing.terms"]._add(
            [
                {
                    **own,
                    "since": "2026-01-01",
                    "paid_by": "period",
                    "period_unit": "months",
                    "period_count": 1,
                }
            ]
        )
        change = env["subscription.seat.change"]._add(
            [
                {
                    "pool_id": pool.id,
                    "day": "2026-01-01",
                    "seats": 1,
                    "window": "2026-01-08",
                }
            ]
        )
        pause = env["subscription.pause"]._add([{**own, "day": "2026-01-01"}])
        product = env["product.product"].create({"name": "Priced"})
        price = env["subscription.price"]._add(
            [
                {
                    **own,
                    "term_start": "2026-01-01",
                    "product_id": product.id,
                    "price_unit": 1,
                }
            ]
        )
        statement = env["subscription.statement"]._add(
            [
                {
                    **own,
                    **of_company,
                    **days,
                    "kind": "period",
                    "payer_id": client.id,
                    "currency_id": company.currency_id.id,
                }
            ]
        )
        line = env["subscription.statement.line"]._add(
            [
                {
                    **own,
                    **days,
                    "name": "By hand",
                    "statement_id": statement.id,
                    "kind": "manual",
                    "quantity": 1,
                    "price_full": 1,
                    "price_unit": 1,
                }
            ]
        )
        row = env["subscription.statement.row"]._add(
            [
                {
                    **of_company,
                    "statement_id": statement.id,
                    "line_id": line.id,
                    "quantity": 1,
                }
            ]
        )
        problem = env["subscription.billing.problem"]._add(
            [{**own, **of_company, "code": "payer"}]
        )
        env.flush_all()
        reconciliation = env["subscription.reconciliation"].search(
            [("pool_id", "=", pool.id)]
        )
        return (
            *(terms, change, pause, price, statement, line, row, problem),
            reconciliation,
        )

    @classmethod
    def _create_renewal(cls, env, client, module, prices):
        """Return a renewal that takes licences of ``module``."""
        company = client.company_id
        client.managing_partner_id = create_company(
            env, "Partner", company_id=company.id, is_managing_partner=True
        )
        env[ACCOUNT]._give(client.managing_partner_id, {module: 9}, company)
        plan = create_yearly_plan(env, "Yearly", {module: 1}, company_id=company.id)
        term = env[SUBSCRIPTION].create(
            {
                "partner_id": client.id,
                "template_id": plan.id,
                "pricelist_id": prices.id,
                "company_id": company.id,
            }
        )
        term.action_start_subscription()
        return renew(term)

    def _get_seen(self, user, model, **context):
        """Return whose records ``user`` finds."""
        records = self.env[model].with_user(self.users[user]).with_context(**context)
        return {
            name
            for name, own in self.records.items()
            if records.search([("id", "in", own[model].ids)])
        }

    def test_models(self):
        self.assertEqual(set(self.records["here"]), set(MODELS))

    @mute_logger(*MUTED)
    def test_companies_never_mix(self):
        here, there = self.company.id, self.other.id
        for model in MODELS:
            with self.subTest(model=model):
                self.assertEqual(self._get_seen("here", model), {"here"})
                self.assertEqual(self._get_seen("there", model), {"there"})
                both = {"allowed_company_ids": [here, there]}
                self.assertEqual(
                    self._get_seen("both", model, **both), {"here", "there"}
                )
                one = {"allowed_company_ids": [there]}
                self.assertEqual(self._get_seen("both", model, **one), {"there"})

    @mute_logger(*MUTED)
    def test_every_company_rule_is_needed(self):
        """Without its rule, each model shows what the other company has."""
        rules = {
            xmlid: self.env["ir.rule"].browse(rule_id)
            for rule_id, xmlid in self.env["ir.rule"]
            .search([])
            .get_external_id()
            .items()
            if xmlid.startswith(f"{ADDON}.") and xmlid.endswith("_company")
        }
        self.assertTrue(rules)
        for xmlid, rule in rules.items():
            with self.subTest(rule=xmlid):
                rule.active = False
                self.env.flush_all()
                model = rule.model_id.model
                self.assertEqual(self._get_seen("here", model), {"here", "there"})
                rule.active = True

    @mute_logger(*MUTED)
    def test_nobody_gives_licences_in_another_company(self):
        partner = self._create_partner("Shared")
        for name, other in (("here", "there"), ("there", "here")):
            transfers = self.env[TRANSFER].with_user(self.users[name])
            company = self.companies[other]
            for direction in ("give", "take_back"):
                with self.subTest(user=name, direction=direction):
                    with self.assertRaises(AccessError):
                        transfers.create(
                            {
                                "partner_id": partner.id,
                                "direction": direction,
                                "company_id": company.id,
                                "line_ids": [
                                    Command.create(
                                        {"module_id": self.expenses.id, "quantity": 1}
                                    )
                                ],
                            }
                        ).action_transfer()
        self.assertFalse(partner.licence_account_ids)

    def test_a_term_takes_nothing_from_another_company(self):
        for name, own in self.records.items():
            move = own[MOVE]
            self.assertEqual(move.company_id, self.companies[name])
            self.assertEqual(move.subscription_id.company_id, move.company_id)
            self.assertEqual(own[ACCOUNT].company_id, move.company_id)

    def test_shared_records(self):
        """What belongs to no company is everybody's."""
        for record in (self.base, self.plan, self.plan.plan_line_ids[:1], self.dune):
            for user in ("here", "there"):
                with self.subTest(model=record._name, user=user):
                    seen = record.with_user(self.users[user])._filtered_access("read")
                    self.assertEqual(seen, record)
