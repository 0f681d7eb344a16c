from collections import defaultdict
from typing import NamedTuple

from dateutil.relativedelta import relativedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.models import BaseModel
from odoo.tools import format_date

from ..core.jobs import BUSY_ERRORS
from .invoice_builder import InvoiceBuilder
from .owed import PriceKey


class Charge(NamedTuple):
    """Licences of one entry that are to be billed, or credited if below zero."""

    move: BaseModel
    quantity: float
    # The line that billed it, of what is credited
    billed: BaseModel | None = None


class SubscriptionLicenceAccount(models.Model):
    """Billing licences that were given on account: each entry once, by the month."""

    _inherit = "subscription.licence.account"

    @api.model
    def _bill_on_account(self):
        """Bill the entries on account of the months that are over: one invoice for each
        partner, company and month. One that fails does not stop the others."""
        made = self.env["subscription.statement"]
        for (company, partner), stocks in self._get_open_stocks().items():
            for month, charges in stocks._get_charges(company).items():
                try:
                    with self.env.cr.savepoint():
                        made |= self._make_on_account(company, partner, month, charges)
                        self.env.flush_all()
                    partner._note_billing_problem(company, None)
                except BUSY_ERRORS:
                    raise
                except Exception as error:
                    self.env.invalidate_all(flush=False)
                    partner._note_billing_problem(company, error)
        return made

    @api.model
    def _get_open_stocks(self):
        """Return ``{(company, partner): stocks}`` with entries on account that no
        statement has."""
        # sudo: the job bills all.
        moves = self.env["subscription.licence.move"].sudo()
        groups = moves._read_group(
            [("kind", "=", "on_account"), ("statement_line_ids", "=", False)],
            ["company_id", "partner_id"],
            ["account_id:recordset"],
        )
        return {(company, partner): stocks for company, partner, stocks in groups}

    def _get_charges(self, company):
        """Return ``{first day of a month: [Charge]}`` of the entries of these stocks
        that are not billed, of the months that are over in ``company``."""
        moves = self.env["subscription.licence.move"].sudo()
        entries = moves.search(
            [
                ("account_id", "in", self.ids),
                ("kind", "=", "on_account"),
                ("statement_line_ids", "=", False),
            ],
            order="date, id",
        )
        this_month = company._get_today().replace(day=1)
        months = defaultdict(moves.browse)
        for entry in entries:
            month = company._get_day_of(entry.date).replace(day=1)
            if month < this_month:
                months[month] |= entry
        return {month: self._net(some) for month, some in months.items()}

    @api.model
    def _net(self, entries):
        """Return the ``Charge`` of ``entries`` of one month: what came back in the same
        month is left out, later it is a credit of what was billed."""
        left = {entry: entry.quantity for entry in entries if entry.quantity > 0}
        charges = []
        for back in entries.filtered(lambda entry: entry.quantity < 0):
            rest = -back.quantity
            sources = [one for one in reversed(left) if one._is_source_of(back)]
            for source in sources:
                taken = min(rest, left[source])
                left[source] -= taken
                rest -= taken
            charges += back._get_credits(self._round(rest))
        charges += [Charge(entry, self._round(rest)) for entry, rest in left.items()]
        return [Charge(entry, 0) for entry in entries if entry.quantity < 0] + charges

    # ------------------------------------------------------------------ invoices

    @api.model
    def _make_on_account(self, company, partner, month, charges):
        """Make the invoice of ``charges`` of one partner and month, and a statement for
        each stock."""
        company._verify_zone()
        builder = InvoiceBuilder(company)
        last = month + relativedelta(months=1, days=-1)
        priced = [(one, self._price_charge(one, partner, company)) for one in charges]
        billed = [(one, price) for one, price in priced if one.quantity]
        total = sum(one.quantity * price for one, price in billed)
        move = self.env["account.move"].sudo().with_company(company)
        if billed:
            vals = self._prepare_on_account(builder, partner, billed, total < 0)
            move = move._create_batch([vals])[0]
        statements = self._add_on_account(
            partner,
            company,
            (month, last),
            priced,
            move,
            self._get_currency(partner, company),
        )
        if move and company.billing_mode == "post":
            move._post(soft=False)
        return statements

    @api.model
    def _get_pricelist(self, partner, company):
        prices = partner.with_company(company).property_product_pricelist
        return prices or company._get_pricelist()

    @api.model
    def _get_currency(self, partner, company):
        return self._get_pricelist(partner, company).currency_id or company.currency_id

    @api.model
    def _price_charge(self, charge, partner, company):
        """Return the price of a licence on the day of the entry; a credit has the one
        that was billed."""
        if charge.billed:
            return charge.billed.price_unit
        module = charge.move.module_id
        if not module.licence_product_id:
            raise UserError(
                self.env._(
                    "%(module)s has no licence product, so licences of it on account"
                    " cannot be billed. Set one on the module.",
                    module=module.display_name,
                )
            )
        key = PriceKey(
            self._get_pricelist(partner, company),
            module.licence_product_id,
            charge.quantity,
            company._get_day_of(charge.move.date),
        )
        return self.env["sale.subscription"]._get_period_prices([key])[key]

    @api.model
    def _prepare_on_account(self, builder, partner, billed, is_credit):
        """Return the values of the invoice of ``billed``, pairs of charge and price."""
        address = partner.browse(partner.address_get(["invoice"])["invoice"])
        position = builder.env["account.fiscal.position"]._get_fiscal_position(address)
        sign = -1 if is_credit else 1
        return {
            "move_type": "out_refund" if is_credit else "out_invoice",
            "company_id": builder.company.id,
            "partner_id": address.id,
            "journal_id": builder.journal.id,
            "currency_id": self._get_currency(partner, builder.company).id,
            "invoice_date": builder.today,
            "fiscal_position_id": position.id,
            "invoice_payment_term_id": builder.get_payment_term(address).id,
            "invoice_line_ids": [
                Command.create(
                    self._prepare_on_account_line(
                        builder, position, address, charge, price, sign, place
                    )
                )
                for place, (charge, price) in enumerate(billed, start=10)
            ],
        }

    @api.model
    def _prepare_on_account_line(
        self, builder, position, partner, charge, price, sign, place
    ):
        product = charge.move.module_id.licence_product_id
        return {
            **builder.get_product_values(product, position)[0],
            "product_id": product.id,
            "name": charge.move._get_billed_text(partner.lang),
            "quantity": sign * charge.quantity,
            "price_unit": builder.get_price(product, position, price),
            "sequence": place,
        }

    @api.model
    def _add_on_account(self, partner, company, days, priced, move, currency):
        """Add a statement for each stock of ``priced``; entries that came back have a
        line as well, so that each stands on one."""
        statements = self.env["subscription.statement"].sudo()
        lines = self.env["subscription.statement.line"].sudo()
        places = iter(move._get_billed_lines())
        by_move = {
            id(charge): next(places) for charge, _price in priced if charge.quantity
        }
        stocks = dict.fromkeys(charge.move.account_id for charge, _price in priced)
        for stock in stocks:
            statement = statements._add(
                [
                    {
                        "kind": "on_account",
                        "account_id": stock.id,
                        "client_id": partner.id,
                        "payer_id": partner.id,
                        "managing_partner_id": partner.id,
                        "company_id": company.id,
                        "currency_id": currency.id,
                        "date_first": days[0],
                        "date_last": days[1],
                        "number": statements._get_on_account_number(stock, days[0]),
                        "move_id": move.id,
                    }
                ]
            )
            statements |= statement
            lines._add(
                [
                    self._prepare_charge_line(statement, charge, price, by_move)
                    for charge, price in priced
                    if charge.move.account_id == stock
                ]
            )
        return statements

    @api.model
    def _prepare_charge_line(self, statement, charge, price, by_move):
        move_line = by_move.get(id(charge), self.env["account.move.line"])
        sign = -1 if move_line.move_id.move_type == "out_refund" else 1
        day = statement.company_id._get_day_of(charge.move.date)
        return {
            "name": charge.move._get_billed_text(statement.payer_id.lang),
            "statement_id": statement.id,
            "kind": "on_account",
            "module_id": charge.move.module_id.id,
            "product_id": charge.move.module_id.licence_product_id.id,
            "credited_line_id": charge.billed and charge.billed.id,
            "licence_move_id": charge.move.id,
            "date_first": day,
            "date_last": day,
            "quantity": charge.quantity,
            "price_full": price,
            "price_unit": price,
            "amount": sign * move_line.price_subtotal,
            "move_line_id": move_line.id,
        }


class SubscriptionStatement(models.Model):
    """Statements of licences on account."""

    _inherit = "subscription.statement"

    _once_on_account = models.UniqueIndex(
        "(account_id, date_first, number)"
        " WHERE kind = 'on_account' AND state <> 'void'",
        "That month of the stock has been billed already.",
    )

    @api.model
    def _get_on_account_number(self, stock, day):
        month = [("account_id", "=", stock.id), ("date_first", "=", day)]
        before = self.search([*month, ("state", "!=", "void")])
        return max(before.mapped("number"), default=0) + 1


class SubscriptionLicenceMove(models.Model):
    """Which statement lines bill the entries on account."""

    _inherit = "subscription.licence.move"

    statement_line_ids = fields.One2many(
        "subscription.statement.line",
        "licence_move_id",
        domain=[("statement_id.state", "!=", "void")],
    )

    def _is_source_of(self, back):
        """Return whether ``back`` takes back licences of this entry."""
        if back.reversed_id:
            return back.reversed_id == self
        return (
            back.subscription_id == self.subscription_id
            and back.account_id == self.account_id
        )

    def _get_credits(self, quantity):
        """Return the charges that credit ``quantity`` of what earlier invoices billed,
        of what this entry takes back; what was billed last comes first."""
        lines = self.reversed_id.statement_line_ids or self._find_billed_lines()
        charges = []
        for line in lines.sorted("id", reverse=True):
            taken = min(quantity, line.quantity)
            if taken > 0:
                quantity -= taken
                charges.append(Charge(self, -taken, line))
        return charges

    def _find_billed_lines(self):
        lines = self.env["subscription.statement.line"]
        billed = [("statement_id.state", "!=", "void"), ("quantity", ">", 0)]
        same = [
            ("licence_move_id.subscription_id", "=", self.subscription_id.id),
            ("licence_move_id.account_id", "=", self.account_id.id),
        ]
        return lines.search(billed + same)

    def _get_billed_text(self, lang):
        """Return what an invoice says of this entry, in the language of its payer."""
        self.ensure_one()
        entry = self.with_context(lang=lang or self.env.lang)
        day = entry.company_id._get_day_of(entry.date)
        return entry.env._(
            "Licences of %(module)s, entry %(number)s of %(day)s",
            module=entry.module_id.name,
            number=entry.number,
            day=format_date(entry.env, day),
        )
