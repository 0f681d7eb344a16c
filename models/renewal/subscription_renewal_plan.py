from bisect import bisect_right
from collections import defaultdict
from typing import NamedTuple

from odoo import api, models


class RenewalPreview(NamedTuple):
    """What renewing would do now, see ``subscription.renewal._preview``."""

    # {subscription: {stock: licences}} of those that would be renewed
    needs: dict
    # {stock: licences left after that}, below 0 where some are missing
    left: dict
    # {subscription: why it cannot be renewed}
    refusals: dict
    # Why the stocks do not suffice, a line for each; empty where what fits is renewed.
    shortfalls: list


class SubscriptionRenewal(models.Model):
    """What renewing would take."""

    _inherit = "subscription.renewal"

    @api.model
    def _preview(self, requests, *, allow_partial=False):
        """Return what :meth:`_schedule` would do now, without keeping anybody from
        changing it: a ``RenewalPreview``."""
        open_requests, refusals = self._split_requests(requests)
        stocks = self.env["subscription.licence.account"].sudo()
        needs = self._get_needs(open_requests, stocks._find_stocks)
        left = {stock: stock.balance for need in needs.values() for stock in need}
        if allow_partial:
            refusals |= stocks._allocate(needs, left)
            needs = {who: needs[who] for who in needs if who not in refusals}
        else:
            for need in needs.values():
                for stock, licences in need.items():
                    left[stock] = stocks._round(left[stock] - licences)
        shortfalls = [
            stock._get_refusal(stocks._round(stock.balance - balance))
            for stock, balance in left.items()
            if stock._is_short(balance)
        ]
        return RenewalPreview(needs, left, refusals, shortfalls)

    @api.model
    def _split_requests(self, requests):
        """Return those of ``requests`` that can be scheduled if there are licences, and
        ``{subscription: refusal}`` of the others."""
        refusals = {
            subscription: obstacle
            for subscription, request in requests.items()
            for obstacle in [subscription.sudo()._get_renewal_obstacle(**request)]
            if obstacle
        }
        open_requests = {
            subscription: request
            for subscription, request in requests.items()
            if subscription not in refusals
        }
        return open_requests, refusals

    @api.model
    def _get_needs(self, requests, get_stocks=None):
        """Return ``{subscription: {stock: licences}}`` that ``requests`` take.

        :param get_stocks: returns the stocks of keys; by default opens them
        """
        get_stocks = get_stocks or self.env["subscription.licence.account"]._open_stocks
        keys = {
            subscription: {
                pool._get_stock_key(): licences
                for pool, licences in subscription.sudo()
                ._get_licences(request["seats"], request["years"])
                .items()
            }
            for subscription, request in requests.items()
        }
        stocks = get_stocks(
            list(dict.fromkeys(key for needs in keys.values() for key in needs))
        )
        return {
            subscription: {stocks[key]: needs[key] for key in needs}
            for subscription, needs in keys.items()
        }

    @api.model
    def _get_prices(self, requests):
        """Return ``{subscription: {module: price of a licence}}``, in the currency of
        the subscription, by its price list and the number of licences; modules that
        have no price are left out.

        :param dict requests: as in :meth:`_schedule`
        """
        prices = {subscription: {} for subscription in requests}
        steps = self._get_price_steps()
        asked = defaultdict(list)
        for subscription, request in requests.items():
            needs = subscription._get_licences(request["seats"], request["years"])
            for pool, quantity in needs.items():
                product = pool.module_id.sudo().licence_product_id
                if product:
                    step = steps[bisect_right(steps, quantity) - 1]
                    key = subscription.sudo().pricelist_id, step
                    asked[key].append((subscription, pool.module_id, product))
        for (pricelist, step), places in asked.items():
            products = self.env["product.product"].sudo()
            products = products.union(*(product for _, _, product in places))
            found = pricelist._get_products_price(products, step)
            for subscription, module, product in places:
                prices[subscription][module] = found[product.id]
        return prices

    @api.model
    def _get_price_steps(self):
        """Return the quantities from which on price lists have other prices, in their
        order; between two of them a price is asked for once, not for each client."""
        items = self.env["product.pricelist.item"].sudo()
        found = items._read_group([("min_quantity", ">", 0)], ["min_quantity"])
        return [0, *sorted(quantity for (quantity,) in found)]
