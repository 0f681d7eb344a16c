"""Subscriptions that are due: ours, unmanaged ones and contracts with the same lines,
and invoices that fill the journal.

One of each is made by the rules and copied by SQL. A client has ten members; its
subscription has three pools of ten seats, all assigned, billed by the month and in
advance, with a tax of 20 %. The unmanaged subscription and the contract bill the same
products, quantities and prices to a client without members.
"""

from __future__ import annotations

from typing import Any

from odoo import Command
from odoo.api import Environment
from odoo.models import BaseModel
from odoo.sql_db import BaseCursor
from odoo.tools import SQL

from clone import Template
from dataset import vacuum

COMPANY = "Bench biller"
PLAN = "Bench monthly"
POOLS = 3
HOLDERS = 10
PRICE = 12.5
TABLES = (
    "account_move",
    "account_move_line",
    "res_partner",
    "sale_subscription",
    "sale_subscription_line",
    "subscription_seat",
    "subscription_seat_pool",
    "subscription_seat_change",
    "subscription_billing_terms",
    "subscription_statement",
    "subscription_statement_line",
    "subscription_statement_row",
)
NUMBERED = "concat(this.%s, ' ', made.copy)"
MANAGED_NAMES = (("res_partner", "name"), ("res_partner", "complete_name"))
MANAGED_NAMES += (("sale_subscription", "name"), ("sale_subscription", "code"))

# Clients were invoiced before: the first invoice of a partner costs more, by the same
# for all variants.
RANKED = {("res_partner", "customer_rank"): "1"}


class BillingDataset:
    """A company that bills, and the templates of what it bills."""

    def __init__(self, env: Environment) -> None:
        """Make the company, one of each kind of what is due, and an invoice."""
        self.copies = 0
        self.company_id = self._make_company(env).id
        env = self.at_work(env)
        self._make_products(env)
        self._make_plan(env)
        self.templates = {
            "managed": self._make_managed(env),
            "unmanaged": self._make_unmanaged(env),
        }
        if "contract.contract" in env:
            self.templates["contract"] = self._make_contract(env)
        for template in self.templates.values():
            self._set_apart(env, template)
        env.cr.commit()

    def _set_apart(self, env: Environment, template: Template) -> None:
        """Let the original never be due, so that only its copies are billed."""
        table = SQL.identifier(template.main)
        column = template.main, "recurring_next_date"
        ids = template.rows[template.main]
        env.cr.execute(
            SQL("SELECT recurring_next_date FROM %s WHERE id = ANY(%s)", table, ids)
        )
        template.changes[column] = f"DATE '{env.cr.fetchone()[0]}'"
        env.cr.execute(
            SQL(
                "UPDATE %s SET recurring_next_date = '9999-01-01' WHERE id = ANY(%s)",
                *(table, ids),
            )
        )

    def at_work(self, env: Environment) -> Environment:
        """Return ``env`` in the company that bills."""
        return env(context=dict(env.context, allowed_company_ids=[self.company_id]))

    def supply(self, cr: BaseCursor, kind: str, count: int) -> list[int]:
        """Add ``count`` records of ``kind`` that are due today; return their ids."""
        ids = self.templates[kind].copy(cr, self.copies + 1, count)
        self.copies += count
        cr.commit()
        return ids

    def fill_journal(self, env: Environment, move: BaseModel, count: int) -> None:
        """Add ``count`` posted invoices like ``move`` to its journal."""
        env.cr.execute(
            "SELECT max(sequence_number) FROM account_move WHERE journal_id = %s"
            " AND sequence_prefix = %s",
            [move.journal_id.id, move.sequence_prefix],
        )
        [last] = env.cr.fetchone()
        number = f"{last - self.copies} + made.copy"
        name = f"concat('{move.sequence_prefix}', lpad(({number})::text, 5, '0'))"
        template = Template(
            "account_move",
            {"account_move": move.ids, "account_move_line": move.line_ids.ids},
            (
                "account_move_line_account_tax_rel",
                "account_account_tag_account_move_line_rel",
            ),
            {
                ("account_move", "name"): name,
                ("account_move", "payment_reference"): name,
                ("account_move", "sequence_number"): number,
                ("account_move", "access_token"): "NULL",
                ("account_move_line", "move_name"): name,
            },
        )
        template.copy(env.cr, self.copies + 1, count)
        self.copies += count
        env.cr.commit()

    def renew_statistics(self, cr: BaseCursor) -> None:
        """Renew the planner's statistics of all that billing reads."""
        vacuum(cr, *TABLES)

    # ------------------------------------------------------------------ templates

    def _make_company(self, env: Environment) -> BaseModel:
        currency = env.ref("base.EUR")
        currency.active = True
        company = env["res.company"].create(
            {"name": COMPANY, "currency_id": currency.id, "term_tz": "UTC"}
        )
        env.user.company_ids |= company
        charts = env["account.chart.template"]
        charts.try_loading("generic_coa", company, install_demo=False)
        company.currency_id = currency
        return company

    def _make_products(self, env: Environment) -> None:
        tax = env["account.tax"].create(
            {
                "name": "Bench 20 %",
                "amount": 20,
                "type_tax_use": "sale",
                "company_id": self.company_id,
                "tax_group_id": env["account.tax.group"]
                .search([("company_id", "=", self.company_id)], limit=1)
                .id,
            }
        )
        # subscription_oca takes no other account than the product's.
        income = env["account.account"].search(
            [("account_type", "=", "income")], limit=1
        )
        self.product_ids = (
            env["product.product"]
            .create(
                [
                    {
                        "name": f"Bench seat {number}",
                        "type": "service",
                        "lst_price": PRICE,
                        "taxes_id": [Command.set(tax.ids)],
                        "property_account_income_id": income.id,
                    }
                    for number in range(POOLS)
                ]
            )
            .ids
        )

    def _make_plan(self, env: Environment) -> None:
        self.pricelist_id = (
            env["product.pricelist"].create(_get_pricelist_values(env)).id
        )
        modules = env["subscription.module"].create(
            [
                {
                    "name": f"Bench billed {number}",
                    "code": f"bench-billed-{number}",
                    "product_id": product_id,
                }
                for number, product_id in enumerate(self.product_ids)
            ]
        )
        base = env["subscription.module"].search([("is_base", "=", True)])
        self.plan_id = (
            env["sale.subscription.template"]
            .create(
                {
                    "name": PLAN,
                    "recurring_rule_type": "months",
                    "recurring_rule_boundary": "unlimited",
                    "paid_by": "period",
                    "plan_line_ids": [
                        Command.create({"module_id": module.id, "seat_limit": HOLDERS})
                        for module in base | modules
                    ],
                }
            )
            .id
        )

    def _make_partner(self, env: Environment, name: str, **values: Any) -> BaseModel:
        return env["res.partner"].create({"name": name, "is_company": True, **values})

    def _make_managed(self, env: Environment) -> Template:
        manager = self._make_partner(env, "Bench manager", is_managing_partner=True)
        client = self._make_partner(
            env, "Bench billed client", managing_partner_id=manager.id
        )
        subscription = self._make_subscription(env, client, self.plan_id)
        members = env["subscription.member"].create(
            [
                {
                    "client_id": client.id,
                    "name": f"Bench holder {number}",
                    "email": f"holder{number}@bench.example",
                }
                for number in range(HOLDERS)
            ]
        )
        pools = subscription.seat_pool_ids
        subscription.action_start_subscription()
        pools._grant({pool: members for pool in pools.filtered("is_billed")})
        env.flush_all()
        lines = subscription.sale_subscription_line_ids
        rows = {
            "res_partner": client | members.partner_id,
            "sale_subscription": subscription,
            "subscription_seat_pool": pools,
            "sale_subscription_line": lines,
            "subscription_member": members,
            "subscription_seat": pools.seat_ids,
            "subscription_billing_terms": subscription.billing_terms_ids,
            "subscription_seat_change": pools.change_ids,
        }
        return Template(
            "sale_subscription",
            {table: records.ids for table, records in rows.items()},
            (env["sale.subscription.line"]._fields["tax_ids"].relation,),
            self._get_changes(env, rows, client) | RANKED,
        )

    def _get_changes(
        self, env: Environment, rows: dict[str, BaseModel], client: BaseModel
    ) -> dict[tuple[str, str], str]:
        """Return what differs in each copy: names, and the path of the client."""
        path = (
            f"replace(this.management_path, '/{client.id}/', concat('/', (SELECT new"
            f" FROM bench_copy_res_partner one WHERE one.old = {client.id}"
            " AND one.copy = made.copy), '/'))"
        )
        paths = {
            (table, "management_path"): path
            for table in rows
            if "management_path" in env[table.replace("_", ".")]._fields
        }
        return paths | {key: NUMBERED % key[1] for key in MANAGED_NAMES}

    def _make_subscription(
        self, env: Environment, client: BaseModel, plan_id: int
    ) -> BaseModel:
        return env["sale.subscription"].create(
            {
                "partner_id": client.id,
                "company_id": self.company_id,
                "template_id": plan_id,
                "pricelist_id": self.pricelist_id,
            }
        )

    def _make_unmanaged(self, env: Environment) -> Template:
        client = self._make_partner(env, "Bench unmanaged client")
        plan = env["sale.subscription.template"].create(
            {"name": "Bench unmanaged", "invoicing_mode": "invoice"}
        )
        subscription = self._make_subscription(env, client, plan.id)
        lines = env["sale.subscription.line"].create(
            [
                {
                    "sale_subscription_id": subscription.id,
                    "product_id": product_id,
                    "product_uom_qty": HOLDERS,
                }
                for product_id in self.product_ids
            ]
        )
        subscription.action_start_subscription()
        env.flush_all()
        return Template(
            "sale_subscription",
            {
                "res_partner": client.ids,
                "sale_subscription": subscription.ids,
                "sale_subscription_line": lines.ids,
            },
            (lines._fields["tax_ids"].relation,),
            {key: NUMBERED % key[1] for key in MANAGED_NAMES} | RANKED,
        )

    def _make_contract(self, env: Environment) -> Template:
        client = self._make_partner(env, "Bench contract client")
        contract = env["contract.contract"].create(
            {
                "name": "Bench contract",
                "partner_id": client.id,
                "company_id": self.company_id,
                "line_recurrence": False,
                "recurring_rule_type": "monthly",
                "contract_line_ids": [
                    Command.create(
                        {
                            "product_id": product_id,
                            "name": "Bench seat",
                            "quantity": HOLDERS,
                            "price_unit": PRICE,
                        }
                    )
                    for product_id in self.product_ids
                ],
            }
        )
        env.flush_all()
        return Template(
            "contract_contract",
            {
                "res_partner": client.ids,
                "contract_contract": contract.ids,
                "contract_line": contract.contract_line_ids.ids,
            },
            (),
            {key: NUMBERED % key[1] for key in MANAGED_NAMES[:2]} | RANKED,
        )


def _get_pricelist_values(env: Environment) -> dict[str, Any]:
    """Return the values of the price list."""
    return {"name": PLAN, "currency_id": env.ref("base.EUR").id}
