from collections import defaultdict

from odoo import api, models
from odoo.tools import format_amount

# Refusals that are shown before confirming; the others are counted.
SHOWN_REFUSALS = 5


class SubscriptionRenew(models.TransientModel):
    """What the wizard shows before anything is renewed."""

    _inherit = "subscription.renew"

    def _get_figures(self, requests, preview, amounts):
        """Return ``{reference of a stock: values}`` of the lines: what the renewal does
        to each stock, and to the seats that take licences from it."""
        left = {stock._get_key(): balance for stock, balance in preview.left.items()}
        needs = defaultdict(float)
        for need in preview.needs.values():
            for stock, licences in need.items():
                needs[stock._get_key()] += licences
        seats = {}
        for request in requests.values():
            seats.update(request["seats"])
        pools_by_stock = self._get_pools_by_stock()
        stocks = self.env["subscription.licence.account"]._find(pools_by_stock)
        return {
            self.line_ids._get_reference(key): {
                **self._get_stock_figures(stocks[key], left.get(key)),
                **self._get_seat_figures(pools),
                "seats_next": sum(seats[pool] or 0 for pool in pools),
                "licences": needs[key],
                "price_text": self._get_price_text(
                    {key: amounts[key]} if key in amounts else {}
                ),
            }
            for key, pools in pools_by_stock.items()
        }

    @api.model
    def _get_seat_figures(self, pools):
        """Return what a line says of the seats that ``pools`` have now."""
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
        """Return what a line says of ``stock``, of which ``left`` licences would be
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
    def _get_amounts(self, requests, preview):
        """Return ``{stock key: {currency: price}}`` of the terms that would be renewed;
        stocks without a licence product have no price."""
        asked = {term: requests[term] for term in preview.needs}
        prices = self.env["subscription.renewal"]._get_prices(asked)
        amounts = defaultdict(lambda: defaultdict(float))
        for term, request in asked.items():
            licences = term._get_licences(request["seats"], request["years"])
            for pool, quantity in licences.items():
                by_currency = amounts[pool._get_stock_key()]
                if pool.module_id in prices[term]:
                    amount = quantity * prices[term][pool.module_id]
                    by_currency[term.currency_id] += term.currency_id.round(amount)
        return amounts

    @api.model
    def _get_price_text(self, amounts):
        """Return the sum of ``amounts``, those of :meth:`_get_amounts`, in words."""
        totals = defaultdict(float)
        for by_currency in amounts.values():
            for currency, amount in by_currency.items():
                totals[currency] += amount
        if not totals:
            return bool(amounts) and self.env._("No price")
        text = " + ".join(
            format_amount(self.env, amount, currency)
            for currency, amount in totals.items()
        )
        if all(amounts.values()):
            return text
        return self.env._("%(price)s and modules without a price", price=text)

    def _get_refusal_text(self, preview):
        """Return why not everything can be renewed, the first lines of it, each with
        the client that it leaves out; what all lack of a stock is said once."""
        refusals = [
            line if client.display_name in line else f"{client.display_name}: {line}"
            for subscription, refusal in preview.refusals.items()
            for client in subscription.sudo().client_id
            for line in refusal.splitlines()
        ]
        shortfalls = "\n".join(preview.shortfalls).splitlines()
        lines = list(dict.fromkeys([*shortfalls, *refusals]))
        hidden = len(lines) - SHOWN_REFUSALS
        if hidden > 1:
            lines[SHOWN_REFUSALS:] = [self.env._("And %(count)s others.", count=hidden)]
        return "\n".join(lines)
