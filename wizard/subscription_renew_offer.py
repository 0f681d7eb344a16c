import math
from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount, format_date

from ..report.words import format_number, format_span

# Days for which an offer holds, unless the wizard says otherwise.
OFFER_DAYS = 30


class SubscriptionRenew(models.TransientModel):
    """Offers: what a renewal would be, printed for the client before anything is
    renewed."""

    _inherit = "subscription.renew"

    offer_until = fields.Date(
        string="Offer Valid Until",
        required=True,
        default=lambda self: self.env.company._get_today() + timedelta(days=OFFER_DAYS),
        help="Printed on the offer. Prices and dates are those of the day on which it"
        " is printed.",
    )

    def action_print_offer(self):
        """Print an offer for each client of the chosen subscriptions that can be
        renewed, whether there are licences for all of them or not.

        :raise UserError: why none of them can be renewed
        """
        self.ensure_one()
        self._get_subscriptions()
        plan = self.env["subscription.renewal"]._preview(self._get_requests())
        if not plan.terms:
            raise UserError(
                self._get_refusal_text(plan)
                or self.env._("Choose at least one subscription.")
            )
        offers = self._split(plan.terms) if self.is_many else self
        report = self.env.ref("partner_managed_subscription.subscription_renew_report")
        return report.report_action(offers, config=False)

    def _split(self, subscriptions):
        """Return a wizard for each of ``subscriptions``, with the choices of this one:
        each client has an offer of its own."""
        numbers = self._get_numbers()
        return self.create(
            [
                {
                    "subscription_ids": [Command.set(subscription.ids)],
                    "seat_choice": self.seat_choice,
                    "years": self.years,
                    "from_today": self.from_today,
                    "offer_until": self.offer_until,
                    "line_ids": [
                        Command.create(
                            {
                                **self._prepare_line_values(key, pool),
                                "seats_each": numbers.get(key, pool.seat_limit),
                            }
                        )
                        for pool in subscription.seat_pool_ids
                        for key in [pool._get_stock_key()]
                    ],
                }
                for subscription in subscriptions
            ]
        )

    # ------------------------------------------------------------------ the document

    def _get_paper_lang(self):
        """Return the language of the offer: the client's."""
        return self.client_id.lang or self.env.lang

    def _get_offer(self):
        """Return what the offer says of the one subscription: ``company``, ``facts``,
        ``columns``, ``rows``, ``total_label``, ``total`` and ``notes``.

        :raise AccessError: when the user may not renew it
        :raise UserError: why it cannot be renewed
        """
        (subscription,) = self._get_subscriptions()
        plan = self.env["subscription.renewal"]._preview(self._get_requests())
        if subscription not in plan.terms:
            raise UserError(self._get_refusal_text(plan))
        term = plan.terms[subscription]
        # A price by the period, or by the licence, never both.
        offers = self.env["sale.subscription"]._get_offers({subscription: term.request})
        offer = offers.get(subscription)
        by_period = bool(offer)
        rows = (
            self._get_period_rows(offer, term)
            if offer
            else self._get_licence_rows(term)
        )
        return {
            "company": subscription.company_id,
            "facts": self._get_offer_facts(subscription, term.request),
            "columns": self._get_offer_columns(offer, rows),
            "rows": [
                self._get_row_texts(row, subscription.currency_id) for row in rows
            ],
            "total_label": self.env._("Total of a period")
            if by_period
            else self.env._("Total"),
            "total": self._get_offer_total(subscription.currency_id, rows),
            "notes": self._get_offer_notes(rows),
        }

    @api.model
    def _get_offer_facts(self, subscription, request):
        span = request.date_start, request.date_end
        ended = subscription.date and format_date(self.env, subscription.date)
        return [
            (self.env._("Subscription"), subscription.name),
            (self.env._("Current end"), ended),
            (self.env._("Next term"), format_span(self.env, *span)),
            (self.env._("Valid until"), format_date(self.env, self.offer_until)),
        ]

    def _get_offer_columns(self, offer, rows):
        """Return the columns of the document, as ``paper_table`` has them; ``offer`` is
        empty where licences pay."""
        unit, amount = self.env._("Price of a licence"), self.env._("Amount")
        if offer:
            unit = self._get_interval_text(offer.terms)
            amount = self.env._("Amount of a period")
        columns = {
            "name": self.env._("Module"),
            "seats": self.env._("Seats"),
            "licences": not offer and self.env._("Licences"),
            "price": unit,
            "discount": any(row["discount"] for row in rows) and self.env._("Discount"),
            "amount": amount,
        }
        return [
            {"name": name, "label": label, "number": name != "name"}
            for name, label in columns.items()
            if label
        ]

    @api.model
    def _get_interval_text(self, terms):
        """Return what the price of a unit is for."""
        unit, count = terms._get_interval()
        words = {
            "days": (
                self.env._("Price per day"),
                self.env._("Price per %s days", count),
            ),
            "weeks": (
                self.env._("Price per week"),
                self.env._("Price per %s weeks", count),
            ),
            "months": (
                self.env._("Price per month"),
                self.env._("Price per %s months", count),
            ),
            "years": (
                self.env._("Price per year"),
                self.env._("Price per %s years", count),
            ),
        }
        return words[unit][count > 1]

    # ------------------------------------------------------------------ rows

    @api.model
    def _get_licence_rows(self, term):
        """Return the rows of a term that licences pay for."""
        return [
            {
                "name": line.pool.module_id.name,
                "seats": line.seats,
                "licences": line.licences,
                "price": line.price_unit if line.licences else None,
                "discount": 0,
                "amount": line.amount if line.licences else None,
                "product": line.pool.module_id.licence_product_id,
                "is_included": not line.licences,
            }
            for line in term.lines
        ]

    def _get_period_rows(self, offer, term):
        """Return the rows of a term whose periods are billed, as the wizard shows them;
        members, teams and seats in use by their number today."""
        units = {one.pool: one for one in offer.units}
        seats = term.request.seats
        rows = []
        for pool, quantity in {**dict.fromkeys(units, 0), **seats}.items():
            one = units.get(pool)
            price = one.price if one else None
            rows.append(
                {
                    "name": self._get_units_name(offer, one)
                    if one
                    else pool.module_id.name,
                    "seats": one.quantity if one else quantity,
                    "licences": 0,
                    "price": price,
                    "discount": one.discount if price is not None else 0,
                    "amount": one.amount if price is not None else False,
                    "product": one.product if one else None,
                    "is_included": not one,
                }
            )
        return rows

    # ------------------------------------------------------------------ words

    def _get_row_texts(self, row, currency):
        """Return ``row`` as ``paper_table`` shows it."""
        is_unlimited = row["seats"] == math.inf
        discount = row["discount"] and format_number(self.env, row["discount"])
        texts = {
            "name": row["name"],
            "seats": self.env._("Unlimited")
            if is_unlimited
            else format_number(self.env, row["seats"]),
            "licences": row["licences"] and format_number(self.env, row["licences"]),
            "discount": discount and f"{discount}\N{NO-BREAK SPACE}%",
            "amount": self.env._("Included") if row["is_included"] else "",
        }
        if row["price"] is not None:
            texts["price"] = format_amount(self.env, row["price"], currency)
            texts["amount"] = format_amount(self.env, row["amount"], currency)
        elif not row["is_included"]:
            texts["amount"] = self.env._("On request")
        return {name: text or "" for name, text in texts.items()}

    def _get_offer_total(self, currency, rows):
        """Return the total in words, empty where nothing has a price."""
        priced = [row["amount"] for row in rows if row["price"] is not None]
        total = sum(map(currency.round, priced))
        return format_amount(self.env, total, currency) if priced else ""

    def _get_offer_notes(self, rows):
        """Return sentences that stand below the prices."""
        # sudo: staff of partners reads no taxes of products.
        products = {row["product"].sudo() for row in rows if row["product"]}
        taxes = self.env["account.tax"].sudo()
        taxes = taxes.union(*(product.taxes_id for product in products))
        notes = []
        if any(row["price"] is not None for row in rows):
            notes.append(
                self.env._("Prices include taxes.")
                if any(taxes.mapped("price_include"))
                else self.env._("Prices are without taxes.")
            )
        notes.append(
            self.env._(
                "This offer is valid until %(date)s. Nothing has been renewed yet.",
                date=format_date(self.env, self.offer_until),
            )
        )
        return notes

    def _get_offer_contacts(self):
        """Return whom the client turns to: its managing partner, and who prints the
        offer if of the partner's staff."""
        # sudo: the partner tells its client how to reach it.
        manager = self.subscription_id.sudo().managing_partner_id
        user = self.env.user.sudo().partner_id
        is_staff = manager and user.commercial_partner_id == manager
        return (user if is_staff or not manager else user.browse()) | manager
