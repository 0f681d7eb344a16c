from collections import defaultdict

from odoo import api, fields, models

from .reckoning import take_last
from .subscription_statement_revenue import YEARLY_DIGITS

# Kinds of entries that a subscription causes by its seats.
SEAT_KINDS = ("renewal", "raise", "returned")


class SubscriptionLicenceMove(models.Model):
    """What the seats that licences pay for come to in a year: seats x the price of a
    licence, which is one seat for one year.

    Noted with the entry, since prices change. Entries *on account* have none: they only
    say who pays the same licences later.
    """

    _inherit = "subscription.licence.move"

    currency_id = fields.Many2one("res.currency", readonly=True)
    yearly_amount = fields.Float(
        string="Amount a Year",
        digits=YEARLY_DIGITS,
        readonly=True,
        help="Seats x price of a licence for one year; below 0 those that were given"
        " back. It counts as recurring revenue on the days that are paid for.",
    )

    @api.model
    def _insert_moves(self, vals_list):
        """Insert entries with what their seats come to in a year."""
        amounts = self._get_yearly_amounts(vals_list)
        noted = [
            {**vals, "currency_id": currency.id, "yearly_amount": amount}
            for vals, (amount, currency) in zip(vals_list, amounts, strict=True)
        ]
        return super()._insert_moves(noted)

    @api.model
    def _prepare_values(self, vals, stamp):
        own = {name: vals[name] for name in ("currency_id", "yearly_amount")}
        return super()._prepare_values(vals, stamp) | own

    # ------------------------------------------------------------------ amounts

    @api.model
    def _get_yearly_amounts(self, vals_list):
        """Return ``(amount a year, currency)`` of each of ``vals_list``, values of
        entries; nothing of those that are for no seats."""
        # sudo: what seats cost does not depend on who takes the licences.
        moves = self.sudo()
        counted = [vals for vals in vals_list if vals.get("seats")]
        found = {
            id(vals): moves._get_reversed_amount(vals)
            for vals in counted
            if vals.get("reversed_id")
        }
        returned = [vals for vals in counted if vals["kind"] == "returned"]
        found |= moves._get_returned_amounts(
            [vals for vals in returned if id(vals) not in found]
        )
        found |= moves._get_taken_amounts(
            [vals for vals in counted if id(vals) not in found]
        )
        nothing = 0, self.env["res.currency"]
        return [found.get(id(vals), nothing) for vals in vals_list]

    @api.model
    def _get_reversed_amount(self, vals):
        move = self.browse(vals["reversed_id"])
        return -move.yearly_amount, move.currency_id

    @api.model
    def _get_returned_amounts(self, returned):
        """Return ``{id of values: (amount, currency)}`` of seats that were lowered in
        time: what those that were taken last had cost."""
        if not returned:
            return {}
        taken = self.search(
            [
                ("subscription_id", "in", [one["subscription_id"] for one in returned]),
                ("kind", "in", SEAT_KINDS),
                ("seats", "!=", 0),
            ],
            order="id",
        ).grouped(lambda move: (move.subscription_id.id, move.module_id))
        amounts, stocks = {}, self._get_stocks(returned)
        for vals in returned:
            module = stocks[vals["account_id"]].module_id
            day = vals["date_first"]
            entries = taken.get((vals["subscription_id"], module), self).filtered(
                lambda move, day=day: (
                    move.date_first and move.date_first <= day <= move.date_last
                )
            )
            cost = take_last(
                [(one.seats, one.yearly_amount) for one in entries], -vals["seats"]
            )
            amounts[id(vals)] = -cost, entries[-1:].currency_id
        return amounts

    @api.model
    def _get_taken_amounts(self, taken):
        """Return ``{id of values: (amount, currency)}`` of seats that a renewal starts
        with, or that were added: at the price that the renewal of the term showed; of
        a term without one, at the list price of the day."""
        subscriptions = self._get_subscriptions(taken)
        stocks = self._get_stocks(taken)
        terms = {
            id(vals): self._get_term_of(vals, subscriptions[vals["subscription_id"]])
            for vals in taken
        }
        lines = {
            (line.renewal_id, line.module_id): line
            for line in self.env["subscription.renewal"].union(*terms.values()).line_ids
        }
        amounts, unpriced = {}, []
        for vals in taken:
            term = terms[id(vals)]
            line = lines.get((term, stocks[vals["account_id"]].module_id))
            if line:
                amounts[id(vals)] = vals["seats"] * line.price_unit, term.currency_id
            else:
                unpriced.append(vals)
        return amounts | self._get_listed_amounts(unpriced)

    @api.model
    def _get_term_of(self, vals, subscription):
        """Return the renewal that seats are of; none for those of the first term."""
        renewals = self.env["subscription.renewal"]
        if vals.get("renewal_id"):
            return renewals.browse(vals["renewal_id"])
        started = subscription.renewal_ids.filtered(
            lambda one: one.state == "applied" and one.date_start <= vals["date_first"]
        )
        return started.sorted("date_start")[-1:]

    @api.model
    def _get_listed_amounts(self, taken):
        """Return ``{id of values: (amount, currency)}`` at the list price of today, by
        the price list of the subscription."""
        licences, pools = defaultdict(dict), {}
        subscriptions, stocks = self._get_subscriptions(taken), self._get_stocks(taken)
        for vals in taken:
            subscription = subscriptions[vals["subscription_id"]]
            module = stocks[vals["account_id"]].module_id
            pool = subscription.seat_pool_ids.filtered(
                lambda one, module=module: one.module_id == module
            )[:1]
            pools[id(vals)] = pool
            licences[subscription][pool] = abs(vals["quantity"])
        prices = self.env["subscription.renewal"]._get_prices(licences)
        return {
            id(vals): (
                vals["seats"] * prices.get(pools[id(vals)], 0),
                pools[id(vals)].subscription_id.currency_id,
            )
            for vals in taken
        }

    # Read together, however many entries there are.

    @api.model
    def _get_stocks(self, vals_list):
        """Return ``{id: stock}`` of what ``vals_list`` are entries of."""
        ids = {vals["account_id"] for vals in vals_list}
        return {
            one.id: one for one in self.env["subscription.licence.account"].browse(ids)
        }

    @api.model
    def _get_subscriptions(self, vals_list):
        """Return ``{id: subscription}`` of what ``vals_list`` are for."""
        ids = {vals["subscription_id"] for vals in vals_list}
        return {one.id: one for one in self.env["sale.subscription"].browse(ids)}
