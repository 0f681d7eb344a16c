from collections import defaultdict

from odoo import api, models
from odoo.tools import SQL

from ...terms import MAX_YEARS


class SaleSubscription(models.Model):
    """What the terms would take and cost that wait to be renewed."""

    _inherit = "sale.subscription"

    @api.model
    def _read_waiting(self, asked):
        """Return ``{(month, currency id, price list id, module id, step): (licences,
        )}`` that the same seats take for another term as long.

        Terms that ended earlier have None as their month. ``step`` is the place in
        ``_get_price_steps`` of the quantity by which the price is asked for.
        """
        thresholds = self.env["subscription.renewal"]._get_price_steps()[1:]
        query = SQL(
            """
            SELECT CASE WHEN term.date >= %(first)s
                        THEN date_trunc('month', term.date)::date END,
                   pricelist.currency_id, term.pricelist_id, pool.module_id,
                   width_bucket(taken.licences, %(thresholds)s::float[]) AS step,
                   SUM(taken.licences)
              FROM sale_subscription term
              JOIN subscription_seat_pool pool ON pool.subscription_id = term.id
              JOIN subscription_module module ON module.id = pool.module_id
              LEFT JOIN product_pricelist pricelist
                ON pricelist.id = term.pricelist_id
             CROSS JOIN LATERAL (
                   SELECT pool.seat_limit * LEAST(GREATEST(
                          ROUND(term.term_years::float), 1), %(most)s) AS licences
                   ) taken
             WHERE term.id IN %(found)s AND term.licences_to_renew > 0
               AND module.is_licensed AND pool.is_unlimited IS NOT TRUE
               AND pool.seat_limit > 0 AND %(of_module)s
          GROUP BY 1, 2, 3, 4, 5
            """,
            first=asked.first_month,
            thresholds=thresholds,
            most=MAX_YEARS,
            found=self._search(self._get_waiting_domain(asked)).subselect(),
            of_module=self._get_module_sql(asked, SQL("pool.module_id")),
        )
        self.env.flush_all()
        rows = self.env.execute_query(query)
        return {tuple(key): (licences,) for *key, licences in rows}

    @api.model
    def _get_waiting_amounts(self, waiting):
        """Return ``{(month, currency id): [amount]}`` of what ``waiting``, as
        :meth:`_read_waiting` returns it, costs by the price lists of today.

        Prices are asked for once for each price list and quantity, however many clients
        there are.
        """
        prices = self._get_waiting_prices(waiting)
        amounts = defaultdict(lambda: [0])
        for key, (licences,) in waiting.items():
            month, currency, *priced = key
            if tuple(priced) in prices:
                amounts[month, currency][0] += licences * prices[tuple(priced)]
        return {key: value for key, value in amounts.items() if value[0]}

    @api.model
    def _get_waiting_prices(self, waiting):
        """Return ``{(price list id, module id, step): price of a licence}``."""
        steps = self.env["subscription.renewal"]._get_price_steps()
        # sudo: the staff of partners reads no price lists and no products.
        pricelists = self.env["product.pricelist"].sudo()
        asked = self._get_priced_products(waiting)
        prices = {}
        for (pricelist, step), products in asked.items():
            found = pricelists.browse(pricelist)._get_products_price(
                self.env["product.product"].sudo().union(*products.values()),
                steps[step],
            )
            for module, product in products.items():
                prices[pricelist, module, step] = found[product.id]
        return prices

    @api.model
    def _get_priced_products(self, waiting):
        """Return ``{(price list id, step): {module id: product}}`` to be priced."""
        modules = self.env["subscription.module"].browse({key[3] for key in waiting})
        # sudo: as above.
        products = {module.id: module.sudo().licence_product_id for module in modules}
        asked = defaultdict(dict)
        for _month, _currency, pricelist, module, step in waiting:
            if pricelist and products[module]:
                asked[pricelist, step][module] = products[module]
        return asked
