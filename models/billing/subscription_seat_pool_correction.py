from datetime import timedelta

from odoo import api, models
from odoo.tools import float_round

from ...billing import get_layers, get_returned
from ...terms import LICENCE_DIGITS, count_licences, count_years


class SubscriptionSeatPool(models.Model):
    """The correction window of seats that licences pay for: those lowered in time give
    back the licences of the days that were not used."""

    _inherit = "subscription.seat.pool"

    def _get_layers(self):
        """Return ``{pool: layers}`` of the contracted seats of these pools."""
        # sudo: whoever changes a limit need not read its history.
        changes = self.sudo().change_ids._get_changes()
        ledgers = (
            self.sudo().subscription_id.filtered("billing_terms_ids")._load_ledgers()
        )
        return {
            pool: get_layers(
                changes.get(pool.sudo(), []),
                ledgers[pool.subscription_id.sudo()].get_last_billed_day,
            )
            for pool in self
        }

    def _return_licences(self, before):
        """Return the licences of unused days of the seats of these pools, which
        licences pay for, that were lowered in time, to the stocks that they came from.

        :param dict before: ``{pool: layers}`` before the change
        """
        after = self._get_layers()
        entries = []
        for pool in self:
            today = pool.company_id._get_today()
            seats = get_returned(before[pool], after[pool], today)
            if seats:
                lowered = sum(had - has for had, has in seats.values())
                # sudo: users do not set what licences cover.
                pool.sudo()._set({"licensed_seats": pool.licensed_seats - lowered})
                licences = pool._count_returned(seats, today)
                entries += pool._prepare_returns(licences, lowered)
        # sudo: ledgers are changed through this method alone.
        self.env["subscription.licence.account"].sudo()._post(entries)

    def _count_returned(self, seats, today):
        """Return the licences that come back: what the seats took until the end of the
        term, less what they used until yesterday, rounded up.

        :param dict seats: as ``get_returned`` has it
        """
        end, yesterday = self.subscription_id.date, today - timedelta(days=1)
        total = sum(
            count_licences(had, count_years(since, end))
            - count_licences(has, count_years(since, end))
            - count_licences(had - has, count_years(since, yesterday))
            for since, (had, has) in seats.items()
        )
        return max(float_round(total, precision_digits=LICENCE_DIGITS[1]), 0)

    def _prepare_returns(self, licences, seats):
        """Return the entries that return ``licences``, those of the unused days of
        ``seats``, to the stock that the last ones of this pool came from; what was
        given on account comes back first, and is not billed."""
        # sudo: the stock may be that of a partner out of reach.
        moves = self.env["subscription.licence.move"].sudo()
        taken = moves.search(
            [
                ("subscription_id", "=", self.subscription_id.id),
                ("module_id", "=", self.module_id.id),
            ]
        )
        last = taken.filtered(lambda move: move.kind in ("renewal", "raise"))[:1]
        if not last or not licences:
            return []
        stock = last.account_id
        on_account = taken.filtered(
            lambda move: move.kind == "on_account" and move.account_id == stock
        )
        back = min(licences, max(sum(on_account.mapped("quantity")), 0))
        entries = [
            {
                **self._prepare_return(stock, "returned", licences),
                "seats": -seats,
                "date_first": self.company_id._get_today(),
                "date_last": self.subscription_id.date,
            }
        ]
        if back:
            entries.append(self._prepare_return(stock, "on_account", -back))
        return entries

    @api.model
    def _prepare_return(self, stock, kind, quantity):
        return {
            "account_id": stock.id,
            "kind": kind,
            "quantity": quantity,
            "subscription_id": self.subscription_id.id,
        }
