from bisect import bisect_right
from collections import defaultdict
from datetime import datetime, time

from odoo import api, models

from ...billing import get_at
from .owed import PriceKey


class SaleSubscription(models.Model):
    """What a unit costs for a full period."""

    _inherit = "sale.subscription"

    @api.model
    def _get_period_prices(self, keys):
        """Return ``{PriceKey: price}`` of one unit for a full period, each asked of its
        price list once; without taxes or with them, as the products' taxes say.

        Quantities between two of those at which a price list changes are asked for
        together, not one by one.
        """
        keys = set(keys)
        steps = self.env["subscription.renewal"]._get_price_steps() if keys else []
        asked = defaultdict(list)
        for key in keys:
            step = bisect_right(steps, key.quantity or 1)
            asked[key.pricelist, step, key.day].append(key)
        prices = {}
        for (pricelist, _step, day), same in asked.items():
            quantity = max(key.quantity or 1 for key in same)
            products = self.env["product.product"].union(*(key.product for key in same))
            # The middle of the day: rules of price lists begin and end by the hour.
            found = pricelist._get_products_price(
                products, quantity, date=datetime.combine(day, time(12))
            )
            prices |= {key: found[key.product.id] for key in same}
        return prices

    def _get_price_key(self, product, quantity, day):
        return PriceKey(self.pricelist_id, product, quantity, day)

    # ------------------------------------------------------------------ fixed prices

    @api.model
    def _fix_prices(self, starts):
        """Fix the prices of terms where their billing terms say so: those of the first
        day, or of today if that is later, as of modules that are added. Those that were
        fixed before stay, like those of a renewal (:meth:`_fix_offered`).

        :param dict starts: ``{subscription: first day of the term}``
        """
        # sudo: whoever starts or renews a term need not read its prices. All terms at
        # once: those of each would be read one by one.
        rows = self.sudo().union(*starts).billing_terms_ids
        rows.fetch(["billing_price"])
        fixed = {
            record: starts[record]
            for record, terms in rows.grouped("subscription_id").items()
            if terms[-1:].billing_price == "fixed"
        }
        missing = {
            (record, product): record._get_price_key(
                product, quantity, record._get_price_day(day)
            )
            for record, day in fixed.items()
            for product, quantity in record._get_billed_units().values()
            if product and not record._has_fixed_price(day, product)
        }
        prices = self._get_period_prices(missing.values())
        # sudo: prices are fixed by the program alone.
        self.env["subscription.price"].sudo()._add(
            [
                {
                    "subscription_id": record.id,
                    "term_start": fixed[record],
                    "product_id": product.id,
                    "price_unit": prices[key],
                }
                for (record, product), key in missing.items()
            ]
        )

    def _get_price_day(self, start):
        """Return the day whose prices are fixed for a term from ``start`` on: the first
        one of the contract, else today."""
        today = self.company_id._get_today()
        return today if start != self.date_start else max(start, today)

    def _has_fixed_price(self, start, product):
        return any(
            price.term_start == start and price.product_id == product
            for price in self.fixed_price_ids
        )

    def _get_fixed_prices(self):
        """Return ``{(subscription, start of the term, product): price}`` of these."""
        return {
            (
                price.subscription_id,
                price.term_start,
                price.product_id,
            ): price.price_unit
            for price in self.fixed_price_ids
        }

    def _get_billed_units(self, terms=None, seats=None):
        """Return ``{pool: (product, quantity)}`` that a period of this subscription
        bills today; an empty pool stands for members and teams.

        :param terms: the billing terms, by default those of today
        :param dict seats: ``{pool: contracted seats}``, by default those of today
        """
        self.ensure_one()
        terms = terms or self._get_current_terms()
        pools = self.seat_pool_ids
        if terms.billing_basis in ("members", "teams"):
            count = self._get_unit_count(terms.billing_basis)
            return {pools.browse(): (terms.billing_product_id, count)}
        return {
            pool: (
                pool.module_id.product_id,
                (seats or {}).get(pool, pool.seat_limit)
                if terms.billing_basis == "contracted"
                else pool.used,
            )
            for pool in pools
            if pool.is_billed
        }

    def _get_unit_count(self, basis):
        if basis == "members":
            return self.billed_member_count
        return len(self.client_id.subscription_team_ids)

    def _get_current_terms(self):
        """Return the billing terms that hold today; before the start, those of the
        plan."""
        return self._get_terms_of(self.company_id._get_today())

    def _get_terms_of(self, day):
        """Return the billing terms that hold on ``day``; before the start, those of the
        plan."""
        rows = self.billing_terms_ids
        return get_at(rows, day) if rows else self.template_id
