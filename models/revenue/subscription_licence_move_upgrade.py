import math

from odoo import api, models

from ...terms import count_years
from .subscription_licence_move_revenue import SEAT_KINDS


class SubscriptionLicenceMove(models.Model):
    """Entries from before it was noted for which seats and days they are."""

    _inherit = "subscription.licence.move"

    @api.model
    def _fill_seats(self):
        """Note seats, days and amounts of entries that have none, the first ones
        first."""
        moves = self.search(
            [
                ("subscription_id", "!=", False),
                ("kind", "in", SEAT_KINDS),
                ("date_first", "=", False),
            ],
            order="id",
        )
        for move in moves:
            values = move._get_seat_values()
            known = {
                "account_id": move.account_id.id,
                "subscription_id": move.subscription_id.id,
                "renewal_id": move.renewal_id.id,
                "reversed_id": move.reversed_id.id,
                "kind": move.kind,
                "quantity": move.quantity,
                **values,
            }
            [(amount, currency)] = self._get_yearly_amounts([known])
            move._set({**values, "yearly_amount": amount, "currency_id": currency.id})

    def _get_seat_values(self):
        """Return for which seats and days this entry is, as far as that can be said:
        licences are seats x years, rounded up; those that come back are less."""
        if self.reversed_id:
            source = self.reversed_id
            return {
                "seats": -source.seats,
                "date_first": source.date_first,
                "date_last": source.date_last,
            }
        first, last = self._get_covered_days()
        lines = self.renewal_id.line_ids
        seats = lines.filtered(lambda one: one.module_id == self.module_id).seats
        if not self.renewal_id:
            years = count_years(first, last)
            seats = years and math.floor(-self.quantity / years)
        return {"seats": seats, "date_first": first, "date_last": last}

    def _get_covered_days(self):
        """Return the days of the term of a renewal, else those from the day of the
        entry to the end of the term that ran then."""
        renewal = self.renewal_id
        if renewal:
            return renewal.date_start, renewal.date_end
        first = self.company_id._get_day_of(self.date)
        ends = [
            one.previous_end
            for one in self.subscription_id.renewal_ids
            if one.state == "applied" and one.previous_end >= first
        ]
        return first, min(ends, default=self.subscription_id.date or first)
