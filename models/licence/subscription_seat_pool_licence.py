import math
from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import UserError

from ...terms import count_licences
from .stock_key import StockKey


class SubscriptionSeatPool(models.Model):
    """The licences that contracted seats take."""

    _inherit = "subscription.seat.pool"

    licensed_seats = fields.Integer(
        readonly=True,
        copy=False,
        help="The most seats that the current term has had: licences were taken for"
        " them until its end.",
    )
    licence_text = fields.Char(
        compute="_compute_licence_text",
        help="What raising the number of seats takes from the partner's stock.",
        exportable=False,
    )
    is_limit_required = fields.Boolean(
        compute="_compute_is_limit_required",
        exportable=False,
        help="Whether the user may not give these seats without limit.",
    )
    _protected_fields = ("licensed_seats",)

    @api.depends("seat_limit", "is_unlimited", "module_id", "subscription_id")
    @api.depends_context("lang")
    def _compute_licence_text(self):
        for pool in self:
            pool.licence_text = pool._get_licence_text()

    def _verify_contract(self):
        super()._verify_contract()
        self._verify_may_be_unlimited()

    def _limits_changed(self, limits):
        """Take the licences of seats that were added.

        :raise UserError: naming the terms that have ended
        :raise LicenceRefusal: a line for each stock that falls short
        """
        super()._limits_changed(limits)
        self._take_licences(raised=True)

    def _prepare_move(self):
        """:raise UserError: when licences were taken for seats of these pools"""
        super()._prepare_move()
        self._verify_unpaid()
        self._set({"licensed_seats": 0})

    def _get_bound(self):
        """Return those ever used, or whose term licences cover."""
        covered = self.filtered(
            lambda pool: pool.licensed_seats and pool.module_id.is_licensed
        )
        return super()._get_bound() | covered

    def _get_kept(self):
        """Return those ever used, or paid for with licences until the end of the
        term."""
        return super()._get_kept() | self._get_paid()

    def _get_remedy_text(self):
        """Return to renew, where a term that took licences has ended."""
        if self._takes_licences() and self.subscription_id._has_ended():
            return self.env._(
                "Renew the subscription to have more seats, or remove the access of"
                " somebody."
            )
        return super()._get_remedy_text()

    def _get_paid(self):
        """Return those of these pools for which licences were taken until the end of
        the current term."""
        return self.filtered(
            lambda pool: pool.licensed_seats and pool._takes_licences()
        )

    def _verify_unpaid(self):
        """:raise UserError: when licences were taken for seats of these pools"""
        paid = self._get_paid()
        if paid:
            raise UserError(
                self.env._(
                    "%(pools)s: licences were taken for these seats until the end of"
                    " the term. Set the seats to 0, and add the other module.",
                    pools=", ".join(paid.mapped("display_name")),
                )
            )

    @api.model
    def _apply_term_limits(self, seats):
        """Set the limits with which new terms start, even below the seats in use; their
        licences were taken when the terms were scheduled.

        Nobody loses a seat: a pool may be *over* then, and no seat can be added to it.

        :param dict seats: ``{pool: seats}``, infinity for a pool without limit
        """
        pools = self.browse().union(*seats)
        # Nobody gets a seat within the old limit while it changes.
        pools._lock_exclusive("seat_ids")
        limits = {pool: pool._get_limit() for pool in pools}
        pools_by_limit = defaultdict(self.browse)
        for pool, limit in seats.items():
            pools_by_limit[limit] |= pool
        for limit, same in pools_by_limit.items():
            same._set(self._prepare_term_limit(limit))
        pools._log_limits(limits)
        pools._renumber()

    @api.model
    def _prepare_term_limit(self, limit):
        """Return the values of a pool whose term starts with ``limit``."""
        unlimited = limit == math.inf
        seats = 0 if unlimited else limit
        return {"seat_limit": seats, "licensed_seats": seats, "is_unlimited": unlimited}

    def _get_uncovered(self):
        """Return how many seats the running term has above the most it had before;
        a limit that is lowered and raised again within a term adds none.

        Without an end, nothing is covered for a term.
        """
        subscription = self.subscription_id
        runs = subscription.in_progress and subscription.active and subscription.date
        if (
            self.is_unlimited
            or not runs
            or subscription.template_id.paid_by != "licences"
        ):
            return 0
        return max(self.seat_limit - self.licensed_seats, 0)

    def _takes_licences(self):
        """Return whether seats of this pool take licences."""
        return self.module_id.is_licensed and self.subscription_id.takes_licences

    def _take_licences(self, raised=False):
        """Take the licences for the seats of these pools that have none yet, from today
        to the end of the term, from the stock of the managing partner.

        Terms that have ended take none, and so get no more seats.

        :param bool raised: refuse seats of terms that have ended
        :raise UserError: naming the terms that have ended
        :raise LicenceRefusal: a line for each stock that falls short
        """
        # sudo: users do not set what licences cover.
        uncovered = self.sudo().filtered(lambda pool: pool._get_uncovered())
        pools = uncovered.filtered(lambda pool: pool._takes_licences())
        ended = pools.filtered(lambda pool: pool.subscription_id._has_ended())
        if raised:
            ended._verify_not_ended()
        (pools - ended)._post_licences()
        for pool in uncovered - ended:
            pool._set({"licensed_seats": pool.seat_limit})

    def _verify_not_ended(self):
        """:raise UserError: naming these pools, whose terms have ended"""
        if self:
            raise UserError(
                self.env._(
                    "%(pools)s: the term has ended. Renew the subscription to have more"
                    " seats.",
                    pools=", ".join(self.mapped("display_name")),
                )
            )

    def _post_licences(self):
        """Take the licences for the uncovered seats of these pools from the stocks.

        :raise LicenceRefusal: a line for each stock that falls short
        """
        # sudo: whose stock it is is checked when it is used.
        accounts = self.env["subscription.licence.account"].sudo()
        stocks = accounts._open_stocks([pool._get_stock_key() for pool in self])
        accounts._post(
            [
                {
                    "account_id": stocks[pool._get_stock_key()].id,
                    "kind": "raise",
                    "quantity": -pool._get_licences_uncovered(),
                    "subscription_id": pool.subscription_id.id,
                    "seats": pool._get_uncovered(),
                    "date_first": pool.subscription_id._get_first_day_left(),
                    "date_last": pool.subscription_id.date,
                }
                for pool in self
            ]
        )

    def _get_licences_uncovered(self):
        """Return the licences for the uncovered seats until the end of the term."""
        years = self.subscription_id._get_years_left()
        return count_licences(self._get_uncovered(), years)

    def _get_licence_text(self):
        """Return in a sentence what saving the number of seats takes from the stock of
        the managing partner, or who has to do it; empty where it takes nothing."""
        self.ensure_one()
        # sudo: who may use a stock is told what is left, without reading its
        # ledger.
        pool = self.sudo()
        if not (pool._get_uncovered() and pool._takes_licences()):
            return False
        if pool.subscription_id._has_ended():
            return False
        licences = {pool._get_stock_key(): pool._get_licences_uncovered()}
        stocks = self.env["subscription.licence.account"]
        [text] = stocks._get_taking_texts(licences, pool.subscription_id.date)
        return text

    def _get_stock_key(self):
        """Return the key of the stock that these seats take licences from."""
        return StockKey(self.managing_partner_id, self.module_id, self.company_id)

    @api.depends("module_id", "subscription_id")
    @api.depends_context("uid")
    def _compute_is_limit_required(self):
        limited = self._get_limited()
        for pool in self:
            pool.is_limit_required = pool in limited

    def _get_limited(self):
        """Return those of these pools that the user may not make unlimited: seats
        without limit take no licences, so only the vendor gives them."""
        if not self._is_user_restricted():
            return self.browse()
        return self.filtered(lambda pool: pool._takes_licences())

    def _verify_may_be_unlimited(self):
        """:raise UserError: when the staff of a partner sets seats without limit that
        licences would have to be taken for"""
        unlimited = self.filtered("is_unlimited")._get_limited()
        if unlimited:
            raise UserError(
                self.env._(
                    "%(pools)s: seats without limit take no licences, so only the"
                    " vendor gives them. Enter a number of seats.",
                    pools=", ".join(unlimited.mapped("display_name")),
                )
            )
