import math
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_date

from ...terms import LAST_DAY, MAX_YEARS, TermRequest, shift
from .subscription_renewal import MAX_SEATS


class SaleSubscription(models.Model):
    """The next terms of subscriptions."""

    _inherit = "sale.subscription"

    renewal_ids = fields.One2many(
        "subscription.renewal", "subscription_id", string="Renewals"
    )
    renewal_id = fields.Many2one(
        "subscription.renewal", string="Next Term", compute="_compute_renewal_id"
    )
    can_cancel_renewal = fields.Boolean(compute="_compute_renewal_id", exportable=False)

    @api.depends("renewal_ids.state", "renewal_ids.date_start")
    def _compute_term(self):
        return super()._compute_term()

    def _get_later_starts(self):
        """Add the starts of the terms that were renewed."""
        started = self.renewal_ids.filtered(lambda term: term.state == "applied")
        return [*super()._get_later_starts(), *started.mapped("date_start")]

    def _is_managed(self):
        """Return whether a partner runs this subscription, or it was renewed here."""
        return super()._is_managed() or bool(self.renewal_ids)

    @api.depends("renewal_ids.state")
    def _compute_renewal_id(self):
        for record in self:
            record.renewal_id = record.renewal_ids.filtered(
                lambda term: term.state == "scheduled"
            )
            record.can_cancel_renewal = record.renewal_id.can_cancel

    @api.constrains("date_start", "date")
    def _check_next_term(self):
        """Check that the current term does not reach into the next one."""
        for record in self:
            term = record.renewal_id
            if term and record.date and record.date >= term.date_start:
                raise ValidationError(
                    self.env._(
                        "%(subscription)s: the term cannot end on %(end)s, since the"
                        " next one starts on %(start)s. Cancel that renewal first.",
                        subscription=record.display_name,
                        end=format_date(self.env, record.date),
                        start=format_date(self.env, term.date_start),
                    )
                )

    @api.constrains("stage_id", "active")
    def _check_renewed_runs(self):
        """Check that what is renewed already is neither stopped nor archived."""
        stopped = self.filtered(
            lambda record: (
                (record.stage_id.type != "in_progress" or not record.active)
                and record.renewal_id
            )
        )
        if stopped:
            raise ValidationError(
                self.env._(
                    "%(subscriptions)s: the next term is scheduled. Cancel that renewal"
                    " first; its licences come back then.",
                    subscriptions=", ".join(stopped.mapped("display_name")),
                )
            )

    def _get_next_start(self, from_today=False):
        """Return the first day of the next term: the day after the end of this one or,
        where that has passed and it is to be ``from_today``, today."""
        self.ensure_one()
        today = self.company_id._get_today()
        if not self.date or (from_today and self.date < today):
            return today
        return shift(self.date, timedelta(days=1))

    def _get_next_seats(self, choice="same", numbers=None):
        """Return ``{pool: seats}`` for the next term, infinity for pools without limit.

        :param str choice: ``same`` seats, those ``in_use`` now, or an ``other`` number
        :param dict numbers: ``{module: seats}`` for ``other``; the same where missing
        """
        seats = {}
        for pool in self.seat_pool_ids:
            seats[pool] = pool._get_limit()
            if choice == "in_use" and not pool.is_unlimited:
                seats[pool] = pool.used
            elif choice == "other" and numbers:
                seats[pool] = numbers.get(pool.module_id, seats[pool])
        return seats

    def _prepare_term_request(
        self, years=1, choice="same", numbers=None, *, from_today=False
    ):
        """Return the ``TermRequest`` for a next term of ``years``; the rest as
        :meth:`_get_next_start` and :meth:`_get_next_seats` have it."""
        start = self._get_next_start(from_today)
        return TermRequest(start, years, self._get_next_seats(choice, numbers))

    # ------------------------------------------------------------------ obstacles

    def _get_renewal_obstacle(self, request):
        """Return why this subscription cannot be renewed as ``request``, a
        ``TermRequest``, asks; False if it can."""
        self.ensure_one()
        return (
            self._get_state_obstacle()
            or self._get_years_obstacle(request.years)
            or self._get_stock_obstacle()
            or self._get_seats_obstacle(request.seats)
            or self._get_far_obstacle(request)
            or self._get_dates_obstacle(request)
        )

    def _get_state_obstacle(self):
        """Return why this subscription cannot be renewed now, False if it can."""
        if not self.date:
            return self.env._(
                "%(subscription)s has no end, so there is nothing to renew.",
                subscription=self._get_renewal_label(),
            )
        if not (self.in_progress and self.active):
            return self.env._(
                "%(subscription)s is not in progress. Start it before you renew it.",
                subscription=self._get_renewal_label(),
            )
        return bool(self.renewal_id) and self._get_renewed_refusal()

    def _get_years_obstacle(self, years):
        """Return why a term cannot last ``years``, False if it can."""
        if isinstance(years, int) and 1 <= years <= MAX_YEARS:
            return False
        return self.env._(
            "%(subscription)s cannot be renewed for %(years)s years: choose 1 to"
            " %(most)s.",
            subscription=self._get_renewal_label(),
            years=years,
            most=MAX_YEARS,
        )

    def _get_stock_obstacle(self):
        """Return why the user may not take the licences of a term, False if it may."""
        stocks = self.env["subscription.licence.account"]
        partner = self.managing_partner_id
        is_refused = self.takes_licences and stocks._get_unreached(partner)
        return bool(is_refused) and stocks._get_use_refusal(partner)

    def _get_seats_obstacle(self, seats):
        """Return why a term cannot have ``seats``, False if it can."""
        for pool, number in seats.items():
            if not (pool in self.seat_pool_ids and self._is_seat_number(number)):
                return self.env._(
                    "%(subscription)s: %(seats)s seats of %(module)s are not possible:"
                    " choose 0 to %(most)s.",
                    subscription=self._get_renewal_label(),
                    seats=number,
                    module=pool.module_id.name,
                    most=MAX_SEATS,
                )
        return not any(seats.values()) and self.env._(
            "%(subscription)s would have no seats at all. Choose some, or let it end"
            " and close it.",
            subscription=self._get_renewal_label(),
        )

    @api.model
    def _is_seat_number(self, number):
        """Return whether a module can have ``number`` seats."""
        is_counted = isinstance(number, int) and 0 <= number <= MAX_SEATS
        return is_counted or number == math.inf

    def _get_far_obstacle(self, request):
        """Return why a term cannot reach beyond the days that are reckoned with, False
        if it does not."""
        return request.date_end > LAST_DAY and self.env._(
            "%(subscription)s ends on %(end)s, so that another term would end after"
            " %(last)s, the last day that terms can have. Set the end of the current"
            " term first; a plan without fixed duration needs none.",
            subscription=self._get_renewal_label(),
            end=format_date(self.env, self.date),
            last=format_date(self.env, LAST_DAY),
        )

    def _get_dates_obstacle(self, request):
        """Return why a term cannot run as ``request`` says, False if it can."""
        overlaps = request.date_start <= self.date
        is_over = request.date_end < self.company_id._get_today()
        if not (overlaps or is_over):
            return False
        values = {
            "subscription": self._get_renewal_label(),
            "start": format_date(self.env, request.date_start),
        }
        if overlaps:
            return self.env._(
                "%(subscription)s: a term from %(start)s on would overlap with the"
                " current one, which ends on %(end)s.",
                end=format_date(self.env, self.date),
                **values,
            )
        return self.env._(
            "%(subscription)s: a term from %(start)s on would be over already. Renew it"
            " from today, or for more years.",
            **values,
        )

    def _get_renewed_refusal(self):
        """Return that this subscription was renewed already, and by whom where the user
        may know: another partner may have managed the client then."""
        renewal = self.renewal_id
        user = renewal.user_id.sudo(False)._filtered_access("read")
        values = {
            "subscription": self._get_renewal_label(),
            "end": format_date(self.env, renewal.date_end),
        }
        if not user:
            return self.env._(
                "%(subscription)s was renewed already, until %(end)s. Cancel that"
                " renewal to choose otherwise.",
                **values,
            )
        return self.env._(
            "%(subscription)s was renewed already by %(user)s, until %(end)s. Cancel"
            " that renewal to choose otherwise.",
            user=user.name,
            **values,
        )

    def _get_renewal_label(self):
        """Return how a refusal names this subscription."""
        return f"{self.client_id.display_name} ({self.display_name})"

    @api.ondelete(at_uninstall=False)
    def _unlink_except_renewed(self):
        renewed = self.filtered("renewal_ids")
        if renewed:
            raise UserError(
                self.env._(
                    "%(subscriptions)s: what was renewed must stay. Archive it"
                    " instead.",
                    subscriptions=", ".join(renewed.mapped("display_name")),
                )
            )

    def action_renew(self):
        """Open the wizard *Renew* on these subscriptions."""
        return self._open_action(
            "subscription_renew_action",
            context={"default_subscription_ids": self.ids},
        )

    def action_ask_cancel_renewal(self):
        """Ask before the renewals of these subscriptions are cancelled."""
        return self.renewal_id.action_ask_cancel()

    def action_cancel_renewal(self):
        """Cancel the renewals of these subscriptions that have not started.

        :raise UserError: when there is none
        """
        return self.renewal_id.action_cancel()
