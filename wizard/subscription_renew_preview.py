import math

from odoo import api, models
from odoo.tools import format_date

# Refusals that are shown before confirming; the others are counted.
SHOWN_REFUSALS = 5


class SubscriptionRenew(models.TransientModel):
    """What the wizard shows before anything is renewed."""

    _inherit = "subscription.renew"

    @api.model
    def _get_starting(self, plan):
        """Return the subscriptions of ``plan`` whose next term starts at once."""
        return [
            subscription
            for subscription, term in plan.terms.items()
            if term.request.date_start <= subscription.company_id._get_today()
        ]

    @api.model
    def _get_term_rows(self, plan, offers):
        """Return what is shown of each subscription, in words: those that are left out
        come first, then those that cannot be undone."""
        rows = [
            self._get_term_row(subscription, note=refusal.splitlines()[0])
            for subscription, refusal in plan.refusals.items()
        ]
        starting = set(self._get_starting(plan))
        for subscription in sorted(plan.terms, key=lambda term: term not in starting):
            term = plan.terms[subscription]
            licences = sum(line.licences for line in term.lines)
            rows.append(
                self._get_term_row(
                    subscription,
                    end=format_date(self.env, term.request.date_end),
                    licences=self.env["subscription.licence.account"]._format(licences),
                    price=self._get_price_text(
                        term.lines,
                        [offers[subscription]] if subscription in offers else [],
                    ),
                    is_final=subscription in starting,
                )
            )
        return rows

    @api.model
    def _get_term_row(self, subscription, **values):
        """Return what is shown of ``subscription``."""
        return {
            "id": subscription.id,
            "client": subscription.client_id.display_name,
            "until": format_date(self.env, subscription.date),
            **values,
        }

    def _get_figures(self, requests, plan, offers):
        """Return what the lines show, ``[[ids of a stock's key, values], ...]``: what
        the renewal does to each stock, and to the seats that take licences from it."""
        pools_by_stock = self._get_pools_by_stock()
        stocks = self.env["subscription.licence.account"]._find_stocks(pools_by_stock)
        left = {stock._get_stock_key(): number for stock, number in plan.left.items()}
        seats, lines = {}, {line.pool: line for line in plan.lines}
        offered = {
            units.pool: (offer, units)
            for subscription, offer in offers.items()
            if subscription in plan.terms
            for units in offer.units
        }
        for request in requests.values():
            seats |= request.seats
        return [
            [
                key.record_ids,
                {
                    **self._get_stock_figures(stocks[key], left.get(key)),
                    **self._get_seat_figures(pools),
                    **self._get_term_figures(
                        [seats[pool] for pool in pools],
                        [lines[pool] for pool in pools if pool in lines],
                        [offered[pool] for pool in pools if pool in offered],
                    ),
                },
            ]
            for key, pools in pools_by_stock.items()
        ]

    @api.model
    def _get_term_figures(self, seats, lines, offered):
        """Return what a line shows of the next terms: ``seats`` asked for, what the
        planned ``lines`` take, and what is ``offered`` for a period of them."""
        return {
            "seats_next": sum(number for number in seats if number < math.inf),
            "licences": sum(line.licences for line in lines),
            "price_text": self._join_prices(lines, offered),
        }

    @api.model
    def _get_seat_figures(self, pools):
        """Return what a line shows of the seats that ``pools`` have now."""
        limited = pools.filtered(lambda pool: not pool.is_unlimited)
        note = {} if limited else {"note": self.env._("Unlimited")}
        return {
            **note,
            "client_count": len(pools.client_id),
            "takes_licences": any(pool._takes_licences() for pool in pools),
            "is_unlimited": not limited,
            "used": sum(pools.mapped("used")),
            "seats_now": sum(limited.mapped("seat_limit")),
        }

    @api.model
    def _get_stock_figures(self, stock, left):
        """Return what a line shows of ``stock``, of which ``left`` licences would be
        left; None where it does not change."""
        left = stock.balance if left is None else left
        is_billed_later = stock.billing == "on_account"
        is_short = stock._is_short(left)
        note = False
        if is_short:
            note = self.env._("%(missing)s missing", missing=stock._format(-left))
        elif is_billed_later:
            note = self.env._("On account")
        return {
            "stock": stock.balance,
            "left": max(left, 0) if is_billed_later else left,
            "is_short": is_short,
            "note": note,
        }

    def _get_refusal_text(self, plan):
        """Return why not everything can be renewed: the first lines, each with the
        client that is left out. What many lack of the same stock is told once."""
        refusals = [
            line if client.display_name in line else f"{client.display_name}: {line}"
            for subscription, refusal in plan.refusals.items()
            for client in subscription.client_id
            for line in refusal.splitlines()
        ]
        shortfalls = "\n".join(plan.shortfalls).splitlines()
        lines = list(dict.fromkeys([*shortfalls, *refusals]))
        hidden = len(lines) - SHOWN_REFUSALS
        if hidden > 1:
            lines[SHOWN_REFUSALS:] = [self.env._("And %(count)s others.", count=hidden)]
        return "\n".join(lines)
