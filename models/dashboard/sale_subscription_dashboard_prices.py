from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ...terms import MAX_YEARS

# What is read of the terms.
WAITING_COLUMNS = ("id", "date", "pricelist_id", "term_years", "licences_to_renew")


class SaleSubscription(models.Model):
    """What the terms would take and cost that wait to be renewed."""

    _inherit = "sale.subscription"

    @api.model
    def _read_waiting(self, asked):
        """Return ``{(month, currency id, price list id, id of the licence's product,
        step): (licences,)}`` that the same seats take for another term as long.

        Terms that ended earlier have None as their month. ``step`` is the place in
        ``_get_price_steps`` of the quantity by which the price is asked for.
        """
        thresholds = self._read_price_steps(asked)[1:]
        found = self._search(self._get_waiting_domain(asked))
        query = SQL(
            """
            SELECT CASE WHEN term.date >= %(first)s
                        THEN date_trunc('month', term.date)::date END,
                   pricelist.currency_id, term.pricelist_id,
                   module.licence_product_id,
                   width_bucket(taken.licences, %(thresholds)s::float[]) AS step,
                   SUM(taken.licences)
              FROM %(terms)s term
              JOIN subscription_seat_pool pool ON pool.subscription_id = term.id
              JOIN subscription_module module ON module.id = pool.module_id
              LEFT JOIN product_pricelist pricelist
                ON pricelist.id = term.pricelist_id
             CROSS JOIN LATERAL (
                   SELECT pool.seat_limit * LEAST(GREATEST(
                          ROUND(term.term_years::float), 1), %(most)s) AS licences
                   ) taken
             WHERE term.licences_to_renew > 0
               AND module.is_licensed AND pool.is_unlimited IS NOT TRUE
               AND pool.seat_limit > 0 AND %(of_module)s
          GROUP BY 1, 2, 3, 4, 5
            """,
            first=asked.first_month,
            thresholds=thresholds,
            most=MAX_YEARS,
            terms=self._get_found_sql(found, *WAITING_COLUMNS),
            of_module=self._get_module_sql(asked, SQL("pool.module_id")),
        )
        self.env.flush_all()
        rows = self.env.execute_query(query)
        return {tuple(key): (licences,) for *key, licences in rows}

    @api.model
    def _read_price_steps(self, asked):
        """Return the quantities from which on prices are others, read once in a
        request."""
        renewals = self.env["subscription.renewal"]
        return asked.once("price steps", renewals._get_price_steps)

    @api.model
    def _get_waiting_amounts(self, asked, waiting):
        """Return ``{(month, currency id): [amount]}`` of what ``waiting``, as
        :meth:`_read_waiting` returns it, costs by the price lists of today.

        Prices are asked for once for each price list and quantity, however many clients
        there are.
        """
        prices = self._get_waiting_prices(asked, waiting)
        amounts = defaultdict(lambda: [0])
        for key, (licences,) in waiting.items():
            month, currency, *priced = key
            if tuple(priced) in prices:
                amounts[month, currency][0] += licences * prices[tuple(priced)]
        return {key: value for key, value in amounts.items() if value[0]}

    @api.model
    def _get_waiting_prices(self, asked, waiting):
        """Return ``{(price list id, product id, step): price of a licence}``."""
        steps = self._read_price_steps(asked)
        # sudo: the staff of partners reads no price lists and no products.
        pricelists = self.env["product.pricelist"].sudo()
        products = self.env["product.product"].sudo()
        prices = {}
        for (pricelist, step), ids in self._get_priced_products(waiting).items():
            found = pricelists.browse(pricelist)._get_products_price(
                products.browse(ids), steps[step]
            )
            for product, price in found.items():
                prices[pricelist, product, step] = price
        return prices

    @api.model
    def _get_priced_products(self, waiting):
        """Return ``{(price list id, step): ids of products}`` to be priced."""
        products = defaultdict(set)
        for _month, _currency, pricelist, product, step in waiting:
            if pricelist and product:
                products[pricelist, step].add(product)
        return products
