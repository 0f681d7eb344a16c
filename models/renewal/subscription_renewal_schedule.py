from bisect import bisect_right
from collections import defaultdict
from typing import NamedTuple

from odoo import Command, api, models
from odoo.exceptions import UserError
from odoo.tools import split_every

from ...terms import get_term_end

# Renewals that are scheduled between two reports of progress.
CHUNK = 100
# How much of the work is done after each step of scheduling, in per cent.
CHECKED, INSERTED, TAKEN, LOGGED, STARTED = 20, 55, 65, 70, 90


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
    """How the next terms are scheduled."""

    _inherit = "subscription.renewal"

    @api.model
    def _schedule(self, requests, *, allow_partial=False, progress=None):
        """Schedule the next terms of subscriptions and take their licences. Every door
        leads here; terms that start today or earlier start at once.

        :param dict requests: ``{subscription: {"date_start": date, "years": int,
            "seats": {pool: seats, None without limit}}}``, first come first served
        :param bool allow_partial: renew those that can be, instead of none
        :param progress: called now and then with how much of the work is done, in per
            cent; the rest is the caller's
        :return: the renewals, and ``{subscription: refusal}`` of the others
        :raise UserError: a line for each subscription that cannot be renewed
        :raise LicenceRefusal: a line for each stock that falls short
        """
        report = progress or (lambda percent: None)
        subscriptions = self.env["sale.subscription"].union(*requests)
        subscriptions.check_access("write")
        subscriptions.sudo()._lock_exclusive("renewal_ids")
        open_requests, refusals = self._split_requests(requests)
        if refusals and not allow_partial:
            raise UserError("\n".join(refusals.values()))
        needs = self._get_needs(open_requests)
        if allow_partial:
            refusals |= self.env["subscription.licence.account"]._get_shortfalls(needs)
        report(CHECKED)
        renewals = self._insert_renewals(
            [
                dict(request, subscription=subscription.sudo())
                for subscription, request in open_requests.items()
                if subscription not in refusals
            ],
            report,
        )
        renewals._consume_licences(needs)
        report(TAKEN)
        renewals._log_event("renewed")
        report(LOGGED)
        renewals.filtered(lambda renewal: not renewal.can_cancel)._apply()
        # What was put off until the end is part of the work.
        self.env.flush_all()
        report(STARTED)
        return renewals.sudo(self.env.su), refusals

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
    def _insert_renewals(self, requests, report):
        """Insert the renewals of ``requests``, those of :meth:`_schedule` with their
        ``subscription``, and ``report`` how far it is."""
        # What was cancelled in this transaction makes room for what is renewed anew.
        self.flush_model(["state"])
        prices = self._get_prices(
            {request["subscription"]: request for request in requests}
        )
        renewals = self.sudo().browse()
        for chunk in split_every(CHUNK, requests):
            renewals += renewals._add(
                [
                    self._prepare_values(request, prices[request["subscription"]])
                    for request in chunk
                ]
            )
            share = len(renewals) / len(requests)
            report(round(CHECKED + share * (INSERTED - CHECKED)))
        return renewals

    @api.model
    def _prepare_values(self, request, prices):
        subscription, years = request["subscription"], request["years"]
        licences = subscription._get_licences(request["seats"], years)
        return {
            "state": "scheduled",
            "subscription_id": subscription.id,
            "currency_id": subscription.currency_id.id,
            "previous_end": subscription.date,
            "date_start": request["date_start"],
            "date_end": get_term_end(request["date_start"], years),
            "years": years,
            "user_id": self.env.uid,
            "line_ids": [
                Command.create(
                    {
                        "pool_id": pool.id,
                        "module_id": pool.module_id.id,
                        "seats": seats or 0,
                        "is_unlimited": seats is None,
                        "licences": licences.get(pool, 0),
                        "price_unit": prices.get(pool.module_id, 0),
                    }
                )
                for pool, seats in request["seats"].items()
            ],
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

    def _consume_licences(self, needs):
        """Take the licences of these renewals.

        :param dict needs: as :meth:`_get_needs` has it
        """
        self.env["subscription.licence.account"]._post(
            [
                {
                    "account_id": account.id,
                    "kind": "renewal",
                    "quantity": -licences,
                    "subscription_id": renewal.subscription_id.id,
                    "renewal_id": renewal.id,
                }
                for renewal in self
                for account, licences in needs[renewal.subscription_id].items()
            ]
        )
