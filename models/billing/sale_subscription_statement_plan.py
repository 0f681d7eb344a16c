from collections import defaultdict

from odoo import api, models
from odoo.tools import float_round, format_date

from ...billing import Span, get_at
from ...counting import CountRequest
from .owed import Obstacle, Planned, Priced


class SaleSubscription(models.Model):
    """What the next statement of a subscription will be: worked out once, to show it or
    to make it."""

    _inherit = "sale.subscription"

    @api.model
    def _plan_statements(self, dues):
        """Return the statements that are to be made of what is due, and what is in
        their way.

        :param dues: ``{subscription: (Ledger, Due)}``
        :return: ``{subscription: [Planned]}``, and ``{subscription: Obstacle}``
        """
        owed = self._count_owed(dues)
        locked = self._find_locked(dues)
        obstacles, lines = {}, {}
        for record, some in owed.items():
            ledger, due = dues[record]
            obstacle = locked.get(record.company_id) or record._find_obstacle(
                ledger, due, some
            )
            if obstacle:
                obstacles[record] = obstacle
            else:
                lines[record] = some
        payers = self._get_payers(
            {
                (record, day): dues[record][0].get_row(day)
                for record, some in lines.items()
                for day in {one.payer_day for one in some}
                | {dues[record][1].period.first}
            }
        )
        priced = self._price_owed(lines, dues)
        plans = {}
        for record, some in priced.items():
            by_payer = record._group_by_payer(some, dues[record][1], payers)
            obstacle = self._find_payer_obstacle([payer for payer, _kind in by_payer])
            if obstacle:
                obstacles[record] = obstacle
                continue
            plans[record] = [
                record._plan_statement(payer, kind, same, dues[record])
                for (payer, kind), same in by_payer.items()
            ]
        return plans, obstacles

    # ------------------------------------------------------------------ quantities

    @api.model
    def _count_owed(self, dues):
        """Return ``{subscription: [Owed]}`` of ``dues``, with what is counted once a
        period."""
        asked = [
            (record, *request)
            for record, (ledger, due) in dues.items()
            for request in record._get_count_requests(ledger, due)
        ]
        counted = self._count_units([request for _record, _basis, request in asked])
        owed = {record: ledger.get_owed(due) for record, (ledger, due) in dues.items()}
        for (record, basis, request), count in zip(asked, counted, strict=True):
            ledger, due = dues[record]
            owed[record] += record._make_counted(
                ledger, due, basis, request.pool, count
            )
        return owed

    def _get_count_requests(self, ledger, due):
        """Return what is counted for ``due``: ``(basis, CountRequest)``."""
        basis = ledger.get_row(due.period.first).billing_basis
        if due.kind != "period" or basis == "contracted" or not due.spans:
            return []
        pools = self.env["subscription.seat.pool"]
        counted = [pools]
        if basis == "in_use":
            counted = [pool for pool in self.seat_pool_ids if pool.is_billed]
        first, last = due.period.span
        return [
            (
                basis,
                CountRequest(
                    self, basis, pool, first, last, due.moment, list(due.spans)
                ),
            )
            for pool in counted
        ]

    def _make_counted(self, ledger, due, basis, pool, count):
        """Return the lines of what was counted."""
        return ledger.get_counted(basis, pool, due, count)

    # ------------------------------------------------------------------ obstacles

    @api.model
    def _find_locked(self, dues):
        """Return ``{company: Obstacle}`` of companies whose books are locked for the
        day on which invoices of ``dues`` would be made. One for all: Odoo would refuse
        them one by one. A lock of days that have passed is in nobody's way."""
        days = {}
        for record, (ledger, _due) in dues.items():
            company = record.company_id
            known = days.get(company) or company._get_today()
            days[company] = max(known, ledger.today)
        locked = {}
        for company, day in days.items():
            if company.billing_mode != "post":
                continue
            # Whether taxes are locked depends on the lines: that is left to Odoo.
            found = company._get_lock_date_violations(day, purchase=False, tax=False)
            if found:
                until = format_date(self.env, max(one[0] for one in found))
                locked[company] = Obstacle("locked", until)
        return locked

    @api.model
    def _find_payer_obstacle(self, payers):
        """Return what is wrong with one of ``payers``, None where nothing is."""
        if not all(payers):
            return Obstacle("payer")
        archived = [payer.display_name for payer in payers if not payer.active]
        return Obstacle("archived", ", ".join(archived)) if archived else None

    def _find_obstacle(self, ledger, due, owed):
        """Return why this cannot be billed, None where it can. What Odoo refuses is
        found when the invoice is made."""
        company = self.company_id
        if not company._get_zone():
            # Nobody knows on which day a period begins.
            return Obstacle("zone", company.name)
        if not self.currency_id.active:
            return Obstacle("currency", self.currency_id.name)
        return self._find_pool_obstacle(ledger, due) or self._find_product_obstacle(
            owed
        )

    def _find_pool_obstacle(self, ledger, due):
        """Return what is wrong with a pool that is billed, whether it has seats or not:
        an invoice without it would be wrong."""
        basis = ledger.get_row(due.period.first).billing_basis
        if basis not in ("contracted", "in_use"):
            return None
        billed = self.seat_pool_ids.filtered("is_billed")
        unlimited = billed.filtered("is_unlimited")
        if basis == "contracted" and unlimited:
            return Obstacle("unlimited", ", ".join(unlimited.module_id.mapped("name")))
        without = billed.filtered(lambda pool: not pool.module_id.product_id)
        if without:
            return Obstacle("product", ", ".join(without.module_id.mapped("name")))
        return None

    def _find_product_obstacle(self, owed):
        for line in owed:
            if not self._get_product(line):
                return Obstacle("product", self._get_what(line))
        products = {self._get_product(line) for line in owed}
        return self._find_account_obstacle(products)

    def _find_account_obstacle(self, products):
        for product in products:
            mine = product.with_company(self.company_id)
            if not mine._get_product_accounts()["income"]:
                return Obstacle("account", product.display_name)
        return None

    # ------------------------------------------------------------------ prices

    def _get_product(self, owed):
        """Return the product that bills ``owed``."""
        if owed.credited:
            return owed.credited.product_id
        if owed.source:
            return owed.source.product_id
        if owed.pool:
            return owed.pool.module_id.product_id
        return get_at(self.billing_terms_ids, owed.period.first).billing_product_id

    def _get_what(self, owed):
        """Return what ``owed`` bills, in a word or two, in this language."""
        if owed.source:
            return owed.source.name
        if owed.pool:
            return owed.pool.with_env(self.env).module_id.name
        return self._get_basis_name(owed.credited.kind if owed.credited else owed.kind)

    @api.model
    def _get_basis_name(self, basis):
        terms = self.env["subscription.billing.terms"]
        return dict(terms._get_choices("billing_basis"))[basis]

    @api.model
    def _price_owed(self, lines, dues):
        """Return ``{subscription: [Priced]}`` of ``lines``, ``{subscription:
        [Owed]}``."""
        records = self.union(*lines)
        fixed = records._get_fixed_prices()
        discounts = records._get_discounts()
        keys = {
            record: [record._get_owed_key(one) for one in some]
            for record, some in lines.items()
        }
        listed = self._get_period_prices(
            [key for some in keys.values() for key in some if key]
        )
        return {
            record: [
                record._price_one(
                    one,
                    record._choose_price(one, key, dues[record][0], listed, fixed),
                    discounts,
                )
                for one, key in zip(some, keys[record], strict=True)
            ]
            for record, some in lines.items()
        }

    def _get_owed_key(self, owed):
        """Return the key of the price of ``owed``, None where it has one."""
        if owed.source or owed.credited:
            return None
        product = self._get_product(owed)
        return self._get_price_key(product, owed.price_quantity, owed.period.first)

    def _choose_price(self, owed, key, ledger, listed, fixed):
        """Return the price of a full period: fixed for the term, or that of the
        list."""
        if not key:
            return None
        start = ledger.get_term(owed.period).first
        terms = ledger.get_row(owed.period.first)
        if terms.billing_price == "fixed":
            return fixed.get((self, start, key.product), listed[key])
        return listed[key]

    def _price_one(self, owed, price, discounts):
        """Return ``owed`` with its price; a credit has that of the line it credits,
        what was entered by hand its own."""
        product = self._get_product(owed)
        if owed.source:
            line = owed.source
            price = line.price_unit
            return Priced(
                owed, product, price, price, line.discount, line.analytic_distribution
            )
        line = discounts.get((self, owed.pool))
        discount, analytic = (
            line.discount if line else 0,
            line and line.analytic_distribution,
        )
        if owed.credited:
            price, discount = owed.credited.price_full, owed.credited.discount
        digits = self.env["decimal.precision"].precision_get("Product Price")
        share = price * owed.days / owed.period.of_days
        unit = float_round(share, precision_digits=digits)
        return Priced(owed, product, price, unit, discount, analytic)

    def _get_discounts(self):
        """Return ``{(subscription, pool): line}``: where discounts were entered."""
        return {
            (line.sale_subscription_id, line.seat_pool_id): line
            for line in self.sale_subscription_line_ids
            if not line._is_manual()
        }

    # ------------------------------------------------------------------ statements

    def _group_by_payer(self, priced, due, payers):
        """Return ``{(payer, kind): [Priced]}``: what is due, for whoever pays on the
        first day of the period, and what is open for others."""
        main = payers[self, due.period.first]
        groups = defaultdict(list)
        if due.kind == "period":
            groups[main, "period"] = []
        for one in priced:
            payer = payers[self, one.owed.payer_day]
            kind = due.kind if due.kind != "period" or payer == main else "raise"
            groups[payer, kind].append(one)
        return groups

    def _plan_statement(self, payer, kind, priced, found):
        ledger, due = found
        span = due.period.span
        if kind != "period":
            spans = [one.owed.span for one in priced]
            first = min(one.first for one in spans)
            span = Span(first, max(one.last for one in spans))
        return Planned(
            subscription=self,
            payer=payer,
            kind=kind,
            span=span,
            row=ledger.get_row(due.period.first),
            lines=priced,
        )
