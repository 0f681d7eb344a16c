import math

from odoo import api, models
from odoo.tools import float_round

from .owed import Offer, OfferedUnits


class SaleSubscription(models.Model):
    """What periods of next terms cost: worked out once, to show it, to print it, or to
    fix it."""

    _inherit = "sale.subscription"

    @api.model
    def _get_offers(self, requests):
        """Return ``{subscription: Offer}`` of those whose next term is billed by the
        period; asked in as many queries for one as for many.

        :param dict requests: ``{subscription: TermRequest}``
        """
        # sudo: who may renew is told what it costs. All at once: what each has would be
        # read one by one.
        records = self.browse().sudo().union(*requests)
        records.billing_terms_ids.mapped("since")
        billed = {
            record: terms
            for record in records
            for terms in [record._get_terms_of(requests[record].date_start)]
            if terms.paid_by == "period" and record.managing_partner_id
        }
        keys = {
            record: record._get_offered_keys(terms, requests[record])
            for record, terms in billed.items()
        }
        prices = self._get_period_prices(
            [key for units in keys.values() for _count, key in units.values() if key]
        )
        discounts = records._get_discounts()
        return {
            record: record._make_offer(
                billed[record], requests[record], units, prices, discounts
            )
            for record, units in keys.items()
        }

    def _get_offered_keys(self, terms, request):
        """Return ``{pool: (quantity, PriceKey)}`` of what a period of the term bills;
        the key is None where there is no price."""
        units = self._get_billed_units(terms, request.seats)
        highest = {}
        for product, quantity in units.values():
            highest[product] = max(quantity, highest.get(product, 0))
        keys = {}
        for pool, (product, quantity) in units.items():
            # A price that is fixed is that of the product, whatever is billed with it.
            step = highest[product] if terms.billing_price == "fixed" else quantity
            known = product and step != math.inf
            day = request.date_start
            key = self._get_price_key(product, step, day) if known else None
            keys[pool] = quantity, key
        return keys

    def _make_offer(self, terms, request, units, prices, discounts):
        # As exact as prices are kept and billed.
        digits = self.env["decimal.precision"].precision_get("Product Price")
        offered = []
        for pool, (quantity, key) in units.items():
            line = discounts.get((self, pool))
            offered.append(
                OfferedUnits(
                    pool,
                    key.product if key else self.env["product.product"],
                    quantity,
                    float_round(prices[key], precision_digits=digits) if key else None,
                    line.discount if line else 0,
                )
            )
        return Offer(self, terms, request.date_start, offered)

    @api.model
    def _fix_offered(self, offers):
        """Fix the prices of ``offers`` for their terms where their billing terms say
        so: exactly those that are shown. What was fixed for the same days by a renewal
        that was cancelled makes room."""
        fixed = [offer for offer in offers if offer.is_fixed]
        starts = {offer.subscription: offer.start for offer in fixed}
        # sudo: prices are fixed by the program alone.
        prices = self.env["subscription.price"].sudo()
        kept = self.browse().sudo().union(*starts).fixed_price_ids
        kept.filtered(
            lambda price: price.term_start == starts[price.subscription_id]
        )._remove()
        prices._add(
            [
                {
                    "subscription_id": offer.subscription.id,
                    "term_start": offer.start,
                    "product_id": product.id,
                    "price_unit": price,
                }
                for offer in fixed
                for product, price in offer.get_prices().items()
            ]
        )
