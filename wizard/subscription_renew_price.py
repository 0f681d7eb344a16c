import math
from collections import defaultdict

from odoo import api, fields, models
from odoo.tools import format_amount

from ..report.words import format_number

# Clients whose prices have changed that are named, and prices of a unit in one text.
SHOWN_CHANGES = 5
SHOWN_PRICES = 3


def is_price(value):
    return value is None or isinstance(value, (int, float)) and math.isfinite(value)


def keep_prices(value):
    """Return of ``value`` what are prices: ``{text: {text: number or None}}``."""
    return {
        str(key): {str(one): given[one] for one in given if is_price(given[one])}
        for key, given in (value.items() if isinstance(value, dict) else ())
        if isinstance(given, dict)
    }


class ShownPrices(fields.Json):
    """Prices as they come back from a screen. Whatever has another form was never
    shown, and is left out: the wizard then asks again."""

    def convert_to_cache(self, value, record, validate=True):
        return super().convert_to_cache(keep_prices(value), record, validate)


class SubscriptionRenew(models.TransientModel):
    """What the wizard shows of prices: of licences, and of the periods of next terms.
    Prices that renewing fixes are those that were shown, or it asks again."""

    _inherit = "subscription.renew"

    period_text = fields.Text(
        string="Price of a Period",
        compute="_compute_preview",
        help="What a full period of the next term costs, by the prices of its first"
        " day.",
    )
    fixed_prices = fields.Json(
        compute="_compute_preview", help="Prices that renewing now would fix."
    )
    # Kept as it was shown: it comes back from the screen with the other choices.
    shown_prices = ShownPrices(
        compute="_compute_shown_prices",
        store=True,
        readonly=False,
        help="Prices that were shown and will be fixed.",
    )
    price_warning = fields.Text(
        readonly=True, help="Prices that have changed since they were shown."
    )

    @api.depends("fixed_prices")
    def _compute_shown_prices(self):
        for wizard in self:
            wizard.shown_prices = wizard.fixed_prices

    # ------------------------------------------------------------------ fixed prices

    @api.model
    def _get_fixed_prices(self, offers):
        """Return ``{id of a subscription: {id of a product: price}}``, as text, of
        ``offers`` whose prices are fixed."""
        return {
            str(subscription.id): {
                str(product.id): price for product, price in offer.get_prices().items()
            }
            for subscription, offer in offers.items()
            if offer.is_fixed
        }

    def _ask_again(self):
        """Return whether prices have changed since they were shown; then the new ones
        are shown with a warning, and renewing asks for a second confirmation."""
        offers = self.env["sale.subscription"]._get_offers(self._get_requests())
        prices, shown = self._get_fixed_prices(offers), self.shown_prices or {}
        changed = [
            offer
            for subscription, offer in offers.items()
            for key in [str(subscription.id)]
            if key in prices and prices[key] != shown.get(key)
        ]
        if changed:
            # sudo: users do not write the warning.
            self.sudo().write(
                {
                    "shown_prices": prices,
                    "price_warning": self._get_changes_text(changed, shown),
                }
            )
        return bool(changed)

    @api.model
    def _get_changes_text(self, offers, shown):
        """Return which prices of ``offers`` differ from those ``shown``."""
        lines = [
            self.env._(
                "%(client)s, %(what)s: %(new)s instead of %(old)s.",
                client=offer.subscription.client_id.display_name,
                what=self._get_units_name(offer, units),
                new=format_amount(self.env, units.price, offer.currency),
                old=format_amount(self.env, old, offer.currency),
            )
            for offer in offers
            for units in offer.units
            for old in [
                shown.get(str(offer.subscription.id), {}).get(str(units.product.id))
            ]
            if old is not None and units.price is not None and old != units.price
        ]
        hidden = len(lines) - SHOWN_CHANGES
        if hidden > 1:
            lines[SHOWN_CHANGES:] = [self.env._("And %(count)s others.", count=hidden)]
        head = self.env._(
            "Nothing was renewed: prices have changed since they were shown. Look at"
            " the new ones, then renew again."
        )
        return "\n".join([head, *lines])

    # ------------------------------------------------------------------ words

    @api.model
    def _get_price_text(self, lines, offers=()):
        """Return the price of the planned ``lines`` that take licences and of a period
        of ``offers``, in words; False where nothing is paid."""
        offered = [(offer, units) for offer in offers for units in offer.units]
        return self._join_prices(lines, offered)

    @api.model
    def _join_prices(self, lines, offered):
        """Return the prices of ``lines`` and of pairs of an offer and what it
        ``offered``, in words; False where nothing is paid. Modules without a product
        have no price."""
        taking = [line for line in lines if line.licences]
        prices = [line.price_unit for line in taking]
        prices += [units.price for _offer, units in offered]
        if not prices:
            return False
        found = self._get_totals(taking, offered) + self._get_unit_texts(offered)
        if not found:
            return self.env._("No price")
        text = " + ".join(found)
        if None not in prices:
            return text
        return self.env._("%(price)s and modules without a price", price=text)

    @api.model
    def _get_totals(self, lines, offered):
        """Return what licences cost and what periods do, a text for each currency and
        length of periods; without what is counted."""
        totals = defaultdict(float)
        for line in lines:
            if line.price_unit is not None:
                totals[line.currency, ""] += line.amount
        for offer, units in offered:
            if units.price is not None and not offer.is_counted:
                key = offer.currency, self._get_length_text(offer)
                totals[key] += offer.currency.round(units.amount)
        return [self._format_price(*key, amount) for key, amount in totals.items()]

    @api.model
    def _get_unit_texts(self, offered):
        """Return the prices of a unit of what is counted, each once."""
        texts = dict.fromkeys(
            self._get_unit_text(offer, units)
            for offer, units in offered
            if units.price is not None and offer.is_counted
        )
        return [*texts][:SHOWN_PRICES] + ["..."] * (len(texts) > SHOWN_PRICES)

    @api.model
    def _get_length_text(self, offer):
        return offer.subscription.with_env(self.env)._get_length_text(offer.terms)

    @api.model
    def _format_price(self, currency, length, amount):
        """Return ``amount`` in words, that of a period with its ``length``."""
        price = format_amount(self.env, amount, currency)
        if not length:
            return price
        return self.env._("%(price)s per %(period)s", price=price, period=length)

    @api.model
    def _get_unit_text(self, offer, units):
        """Return the price of one unit that is counted, in words."""
        price = units.price * (1 - units.discount / 100)
        price = self._format_price(offer.currency, self._get_length_text(offer), price)
        return {
            "in_use": self.env._("%(price)s for each seat in use", price=price),
            "members": self.env._("%(price)s for each active member", price=price),
            "teams": self.env._("%(price)s for each active team", price=price),
        }[offer.terms.billing_basis]

    @api.model
    def _get_units_name(self, offer, units):
        if units.pool:
            return units.pool.with_env(self.env).module_id.sudo().name
        subscription = offer.subscription.with_env(self.env)
        return subscription._get_basis_name(offer.terms.billing_basis)

    def _get_period_text(self, offers):
        """Return how the price of a period is made up, a line each; False for many and
        where no period is billed."""
        if self.is_many or not offers:
            return False
        (offer,) = offers
        lines = [self._get_units_text(offer, units) for units in offer.units]
        if offer.is_fixed:
            lines.append(self.env._("These prices are fixed for the next term."))
        else:
            lines.append(
                self.env._("Later periods have the prices of their own first day.")
            )
        return "\n".join(lines)

    @api.model
    def _get_units_text(self, offer, units):
        """Return what one line of a period costs: quantity x price, less a discount."""
        name = self._get_units_name(offer, units)
        if units.price is None:
            return self.env._("%(name)s: no price", name=name)
        values = {
            "name": name,
            "quantity": format_number(self.env, units.quantity),
            "price": format_amount(self.env, units.price, offer.currency),
            "discount": format_number(self.env, units.discount),
            "amount": format_amount(self.env, units.amount, offer.currency),
        }
        if offer.is_counted:
            values["name"] = self.env._("%(what)s, as many as today", what=name)
        if units.discount:
            return self.env._(
                "%(name)s: %(quantity)s x %(price)s less %(discount)s %% = %(amount)s",
                **values,
            )
        return self.env._("%(name)s: %(quantity)s x %(price)s = %(amount)s", **values)
