import math
from collections import defaultdict

from odoo import api, models
from odoo.tools import format_amount, format_date

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
    def _get_term_rows(self, plan):
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
                    price=self._get_price_text(term.lines),
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

    def _get_figures(self, requests, plan):
        """Return what the lines show, ``[[ids of a stock's key, values], ...]``: what
        the renewal does to each stock, and to the seats that take licences from it."""
        pools_by_stock = self._get_pools_by_stock()
        stocks = self.env["subscription.licence.account"]._find_stocks(pools_by_stock)
        left = {stock._get_stock_key(): number for stock, number in plan.left.items()}
        seats, lines = {}, {line.pool: line for line in plan.lines}
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
                    ),
                },
            ]
            for key, pools in pools_by_stock.items()
        ]

    @api.model
    def _get_term_figures(self, seats, lines):
        """Return what a line shows of the next terms: ``seats`` asked for, and what the
        planned ``lines`` take."""
        return {
            "seats_next": sum(number for number in seats if number < math.inf),
            "licences": sum(line.licences for line in lines),
            "price_text": self._get_price_text(lines),
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

    @api.model
    def _get_price_text(self, lines):
        """Return the price of the planned ``lines`` in words, False where they take no
        licences; modules without a licence product have no price."""
        taking = [line for line in lines if line.licences]
        priced = [line for line in taking if line.price_unit is not None]
        if not priced:
            return bool(taking) and self.env._("No price")
        totals = defaultdict(float)
        for line in priced:
            totals[line.currency] += line.amount
        text = " + ".join(
            format_amount(self.env, amount, currency)
            for currency, amount in totals.items()
        )
        if len(priced) == len(taking):
            return text
        return self.env._("%(price)s and modules without a price", price=text)

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
