from collections import defaultdict
from datetime import timedelta

from odoo import models

from ...terms import count_licences, count_years
from .stock_key import StockKey


class SaleSubscription(models.Model):
    """The licences that a longer current term takes."""

    _inherit = "sale.subscription"

    def _get_extension_licences(self, end):
        """Return ``{subscription: {key of a stock: licences}}`` that these take where
        their terms last until ``end``: of all seats that the term has had, for the days
        that it becomes longer, so that the term as a whole takes what one that was as
        long from the start would have taken."""
        # sudo: users need not see all pools of what they extend.
        return {
            record: record._get_own_extension(end)
            for record in self.sudo()
            if record.takes_licences and record.date < end
        }

    def _get_own_extension(self, end):
        start = self.term_start
        years = count_years(start, end) - count_years(start, self.date)
        licences = defaultdict(float)
        for pool in self.seat_pool_ids:
            if pool.licensed_seats and pool._takes_licences():
                key = StockKey(
                    self.managing_partner_id, pool.module_id, self.company_id
                )
                licences[key] += count_licences(pool.licensed_seats, years)
        return dict(licences)

    def _take_extension(self, end):
        """Take the licences of :meth:`_get_extension_licences` from the stocks.

        :raise LicenceRefusal: a line for each stock that falls short
        """
        taken = self._get_extension_licences(end)
        # sudo: whose stock it is is checked when it is used.
        accounts = self.env["subscription.licence.account"].sudo()
        stocks = accounts._open_stocks(
            list({key for own in taken.values() for key in own})
        )
        accounts._post(
            [
                {
                    "account_id": stocks[key].id,
                    "kind": "raise",
                    "quantity": -licences,
                    "subscription_id": record.id,
                    "seats": record._get_licensed_seats(key.module),
                    "date_first": record.date + timedelta(days=1),
                    "date_last": end,
                }
                for record, own in taken.items()
                for key, licences in own.items()
            ]
        )

    def _get_licensed_seats(self, module):
        """Return for how many seats of ``module`` the current term took licences."""
        pools = self.seat_pool_ids.filtered(lambda pool: pool.module_id == module)
        return sum(pools.mapped("licensed_seats"))
