"""The values of invoices, from planned statements."""

from functools import cached_property

from odoo import Command
from odoo.tools import format_date, formatLang

from .owed import Planned


class InvoiceBuilder:
    """Builds the values of invoices of one company. What follows from company, payer
    and product is looked up once."""

    def __init__(self, company):
        """Build invoices of ``company``, of the day that it has now."""
        self.company = company
        self.env = company.with_company(company).sudo().env
        self.today = company._get_today()
        self._positions = {}
        self._products = {}
        self._terms = {}

    @cached_property
    def journal(self):
        """The journal of subscriptions that have none of their own."""
        journals = self.env["account.journal"]
        return journals.search(
            [
                *journals._check_company_domain(self.company),
                ("type", "=", "sale"),
            ],
            limit=1,
        )

    # ------------------------------------------------------------------ keys

    def get_group_key(self, plan):
        """Return what statements have in common that stand on one invoice."""
        record = plan.subscription
        day = plan.span.first
        own = (day, self.get_journal(record)) if plan.is_grouped else record
        address = self.get_addresses(plan)[0]
        terms = self.get_payment_term(address)
        return plan.payer, record.currency_id, terms, plan.kind, own

    def get_journal(self, record):
        """Return the journal of the invoices of ``record``."""
        return record.journal_id or self.journal

    def get_addresses(self, plan):
        """Return the invoice and the delivery address of ``plan``."""
        record = plan.subscription
        if plan.payer == record.client_id:
            invoice = record.partner_invoice_id or record.partner_id
            return invoice, record.partner_shipping_id or record.partner_id
        found = plan.payer.address_get(["invoice", "delivery"])
        return tuple(plan.payer.browse(found[kind]) for kind in ("invoice", "delivery"))

    def get_payment_term(self, address):
        """Return the payment terms of ``address``."""
        if address not in self._terms:
            partner = address.with_company(self.company)
            self._terms[address] = partner.property_payment_term_id
        return self._terms[address]

    def get_position(self, plan):
        """Return the fiscal position of ``plan``."""
        record = plan.subscription
        if record.fiscal_position_id and plan.payer == record.client_id:
            return record.fiscal_position_id
        key = self.get_addresses(plan)
        if key not in self._positions:
            positions = self.env["account.fiscal.position"]
            self._positions[key] = positions._get_fiscal_position(*key)
        return self._positions[key]

    def get_product_values(self, product, position):
        """Return account, unit and taxes of lines of ``product``, and what its price is
        turned into one with these taxes by: the product, its own taxes and these."""
        key = product, position
        if key not in self._products:
            mine = product.with_company(self.company)
            taxes = mine.taxes_id._filter_taxes_by_company(self.company)
            mapped = position.map_tax(taxes) if position else taxes
            values = {
                "account_id": mine.product_tmpl_id.get_product_accounts(position)[
                    "income"
                ].id,
                "product_uom_id": mine.uom_id.id,
                "tax_ids": [Command.set(mapped.ids)],
            }
            self._products[key] = values, (mine, taxes, mapped)
        return self._products[key]

    def get_price(self, product, position, price):
        """Return ``price`` as the taxes that ``position`` gives have it."""
        _values, (mine, taxes, mapped) = self.get_product_values(product, position)
        if taxes == mapped:
            return price
        return mine._get_tax_included_unit_price_from_price(
            price, taxes, product_taxes_after_fp=mapped
        )

    # ------------------------------------------------------------------ values

    def get_total(self, plans):
        """Return the total of ``plans`` without taxes, as far as the sign goes."""
        return sum(line.amount for plan in plans for line in plan.lines)

    def build(self, plans):
        """Return the values of the invoice of ``plans``, which have one key; a credit
        note where their total is below zero."""
        first = plans[0]
        record = first.subscription
        sign = -1 if self.get_total(plans) < 0 else 1
        invoice, delivery = self.get_addresses(first)
        values = {
            "move_type": "out_refund" if sign < 0 else "out_invoice",
            "company_id": self.company.id,
            "partner_id": invoice.id,
            "partner_shipping_id": delivery.id,
            "journal_id": self.get_journal(record).id,
            "currency_id": record.currency_id.id,
            "invoice_date": self.today,
            "fiscal_position_id": self.get_position(first).id,
            "invoice_payment_term_id": self.get_payment_term(invoice).id,
            "invoice_user_id": record.user_id.id,
            "ref": ", ".join(
                dict.fromkeys(
                    plan.subscription.purchase_order
                    for plan in plans
                    if plan.subscription.purchase_order
                )
            ),
            "invoice_line_ids": self._build_lines(plans, sign),
        }
        if len(plans) == 1:
            values |= {"subscription_id": record.id, "invoice_origin": record.name}
            if record.terms:
                values["narration"] = record.terms
        return values

    def _build_lines(self, plans, sign):
        lines = []
        for plan in plans:
            if plan.is_grouped and plan.lines:
                name = plan.subscription.client_id.display_name
                lines.append({"display_type": "line_section", "name": name})
            lines += [self._build_line(plan, line, sign) for line in plan.lines]
        return [
            Command.create(dict(line, sequence=place))
            for place, line in enumerate(lines, start=10)
        ]

    def _build_line(self, plan, line, sign):
        position = self.get_position(plan)
        product = line.product
        return {
            **self.get_product_values(product, position)[0],
            "product_id": product.id,
            "name": self.get_text(plan, line),
            "quantity": sign * line.owed.quantity,
            "price_unit": self.get_price(product, position, line.price_unit),
            "discount": line.discount,
            "analytic_distribution": line.analytic or False,
        }

    # ------------------------------------------------------------------ texts

    def get_text(self, plan, line):
        """Return what ``line`` bills, in the language of the payer: what, which days,
        and how a price of a part of a period was reckoned."""
        lang = self.get_addresses(plan)[0].lang or self.env.lang
        env = self.env(context=dict(self.env.context, lang=lang))
        owed = line.owed
        what = plan.subscription.with_env(env)._get_what(owed)
        values = {
            "what": what,
            "first": format_date(env, owed.span.first, lang_code=lang),
            "last": format_date(env, owed.span.last, lang_code=lang),
        }
        text = env._("%(what)s, %(first)s to %(last)s", **values)
        reason = self._get_reason(env, owed)
        formula = self._get_formula(env, plan, line)
        return "\n".join(
            filter(None, [f"{text}: {reason}" if reason else text, formula])
        )

    def _get_reason(self, env, owed):
        choices = env["subscription.statement.line"]._get_choices("reason")
        return dict(choices).get(owed.reason)

    def _get_formula(self, env, plan, line):
        owed = line.owed
        if owed.kind == "manual" or owed.days == owed.period.of_days:
            return False
        currency = plan.subscription.currency_id
        return env._(
            "%(quantity)s x %(days)s / %(of_days)s days x %(price)s",
            quantity=formatLang(env, abs(owed.quantity), digits=0),
            days=owed.days,
            of_days=owed.period.of_days,
            price=formatLang(env, line.price_full, currency_obj=currency),
        )


def has_invoice(plan: Planned):
    """Return whether an invoice is made of ``plan``, and not the statement alone."""
    if not plan.has_units:
        return False
    currency = plan.subscription.currency_id
    total = sum(currency.round(line.amount) for line in plan.lines)
    return not currency.is_zero(total) or plan.row.billing_zero == "invoice"
