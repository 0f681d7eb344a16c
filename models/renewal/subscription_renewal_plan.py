from bisect import bisect_right
from collections import defaultdict
from typing import NamedTuple

from odoo import api, models
from odoo.models import BaseModel

from ...terms import TermRequest


class PlannedSeats(NamedTuple):
    """The seats of one module in a planned term."""

    pool: BaseModel
    # Infinity without limit
    seats: float
    # What the term takes from ``stock``; 0 where the module takes none
    licences: float
    stock: BaseModel | None
    # None where the module has no licence product
    price_unit: float | None

    @property
    def currency(self):
        """The currency of the price: that of the subscription."""
        return self.pool.subscription_id.currency_id

    @property
    def amount(self):
        """The price of the licences, 0 where they have none."""
        return self.currency.round(self.licences * (self.price_unit or 0))


class PlannedTerm(NamedTuple):
    """The next term of one subscription."""

    request: TermRequest
    lines: list[PlannedSeats]

    @classmethod
    def build(cls, request, licences, stocks, prices):
        """Return the term of ``request``, with what it takes by pool."""
        return cls(
            request,
            [
                PlannedSeats(
                    pool,
                    seats,
                    licences.get(pool, 0),
                    stocks.get(pool),
                    prices.get(pool),
                )
                for pool, seats in request.seats.items()
            ],
        )

    @property
    def needs(self):
        """``{stock: licences}`` that the term takes."""
        return {line.stock: line.licences for line in self.lines if line.licences}


class RenewalPlan(NamedTuple):
    """What renewing takes: worked out once, to show it or to do it."""

    # {subscription: PlannedTerm} of those that are renewed
    terms: dict
    # {subscription: why it is not renewed}
    refusals: dict
    # {stock: licences left after that}, below 0 where some are missing
    left: dict
    # Why the stocks do not suffice, a line for each
    shortfalls: list

    @property
    def lines(self):
        """The lines of all terms."""
        return [line for term in self.terms.values() for line in term.lines]

    @property
    def needs(self):
        """``{subscription: {stock: licences}}`` that the terms take."""
        return {subscription: term.needs for subscription, term in self.terms.items()}

    def without(self, refusals):
        """Return this plan without the terms that ``refusals`` names."""
        terms = {who: term for who, term in self.terms.items() if who not in refusals}
        return self._replace(terms=terms, refusals=self.refusals | refusals)


class SubscriptionRenewal(models.Model):
    """What renewing takes."""

    _inherit = "subscription.renewal"

    @api.model
    def _preview(self, requests, *, allow_partial=False):
        """Return the ``RenewalPlan`` of what :meth:`_schedule` would do now. It takes
        no lock: others may change the stocks before that is called."""
        # sudo: the balance is computed from a ledger that the user may not read. Stocks
        # that are hidden from the user are left out when they are found.
        stocks = self.env["subscription.licence.account"].sudo()
        plan = self._plan_terms(
            requests, self._get_refusals(requests), stocks._find_stocks
        )
        needs = plan.needs
        left = {stock: stock.balance for need in needs.values() for stock in need}
        if allow_partial:
            plan = plan.without(stocks._allocate(needs, left))
        else:
            for need in needs.values():
                stocks._deduct(need, left)
        return plan._replace(left=left, shortfalls=stocks._get_missing_refusals(left))

    @api.model
    def _get_refusals(self, requests):
        """Return ``{subscription: why it cannot be renewed}``, whatever is in stock."""
        obstacles = {
            # sudo: it depends on partners and renewals that the user may not read.
            subscription: subscription.sudo()._get_renewal_obstacle(request)
            for subscription, request in requests.items()
        }
        return {who: obstacle for who, obstacle in obstacles.items() if obstacle}

    @api.model
    def _plan_terms(self, requests, refusals, get_stocks):
        """Return the ``RenewalPlan`` of those ``requests`` that have no ``refusals``,
        before it is checked whether the stocks suffice.

        :param dict requests: as :meth:`_schedule` has them
        :param get_stocks: returns ``{key: stock}`` of keys of stocks
        """
        licences = {
            # sudo: so that the plan is the same for all who may renew.
            subscription: subscription.sudo()._get_licences(request)
            for subscription, request in requests.items()
            if subscription not in refusals
        }
        keys = {
            pool: pool._get_stock_key() for taken in licences.values() for pool in taken
        }
        stocks = get_stocks(list(dict.fromkeys(keys.values())))
        stocks = {pool: stocks[key] for pool, key in keys.items()}
        prices = self._get_prices(licences)
        terms = {
            subscription: PlannedTerm.build(
                requests[subscription], taken, stocks, prices
            )
            for subscription, taken in licences.items()
        }
        return RenewalPlan(terms, refusals, left={}, shortfalls=[])

    @api.model
    def _get_prices(self, licences):
        """Return ``{pool: price of a licence}``, in the currency of the subscription,
        by its price list and the number of licences; pools whose module has no price
        are left out.

        :param dict licences: ``{subscription: {pool: licences}}``
        """
        asked = self._get_asked_prices(licences)
        prices = {}
        for (pricelist, step), products in asked.items():
            found = pricelist._get_products_price(
                self.env["product.product"].sudo().union(*products.values()), step
            )
            prices |= {pool: found[product.id] for pool, product in products.items()}
        return prices

    @api.model
    def _get_asked_prices(self, licences):
        """Return ``{(price list, quantity): {pool: product}}``: which prices are asked
        for, so that each is asked for once."""
        steps = self._get_price_steps()
        asked = defaultdict(dict)
        for subscription, needed in licences.items():
            # sudo: staff of partners reads no price lists and no products.
            pricelist = subscription.sudo().pricelist_id
            for pool, quantity in needed.items():
                product = pool.module_id.sudo().licence_product_id
                if product:
                    step = steps[bisect_right(steps, quantity) - 1]
                    asked[pricelist, step][pool] = product
        return asked

    @api.model
    def _get_price_steps(self):
        """Return the quantities from which on price lists have other prices, in their
        order; between two of them a price is asked for once, not for each client."""
        # sudo: staff of partners reads no price lists.
        items = self.env["product.pricelist.item"].sudo()
        found = items._read_group([("min_quantity", ">", 0)], ["min_quantity"])
        return [0, *sorted(quantity for (quantity,) in found)]
