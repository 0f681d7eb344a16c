import logging
import math
import random
import re
from collections import defaultdict
from datetime import datetime, time, timedelta

import pytz
from psycopg2.errors import UniqueViolation

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.tools import SQL

from ...exceptions import SeatRefusal
from ...terms import count_licences

# The states of a pool that a banner shows, from the least to the most urgent.
ALERTING_STATES = ["warning", "full", "over"]

# What decides how many seats there are of which module, and who pays for them.
LIMITING_FIELDS = {"seat_limit", "is_unlimited", "module_id", "subscription_id"}

# Free chairs that a pool without limit offers beyond those asked for: parallel grants
# start at a random one and so seldom meet.
SPARE_CHAIRS = 64


class ChairTakenFilter(logging.Filter):
    """Keeps chairs that were taken meanwhile out of the log: the next one is tried.

    ``mute_logger`` would do so for every thread of the server, and for good where two
    of them overlap.
    """

    def filter(self, record):
        return "subscription_seat_chair" not in record.getMessage()


logging.getLogger("odoo.sql_db").addFilter(ChairTakenFilter())


class SubscriptionSeatPool(models.Model):
    """The contracted seats of one module in one subscription.

    A pool of n seats is n numbered chairs: giving a seat takes a free number, and a
    unique index refuses a number that is taken. See :meth:`_grant`.
    """

    _name = "subscription.seat.pool"
    _inherit = ["subscription.computed.mixin", "subscription.locking.mixin"]
    _description = "Seat Pool"
    _order = "subscription_id, is_base desc, sequence, id"
    _rec_names_search = ["module_id", "client_id"]

    subscription_id = fields.Many2one(
        "sale.subscription", required=True, ondelete="cascade", index=True
    )
    module_id = fields.Many2one(
        "subscription.module", required=True, ondelete="restrict"
    )
    is_base = fields.Boolean(related="module_id.is_base", store=True)
    sequence = fields.Integer(related="module_id.sequence", store=True)
    client_id = fields.Many2one(
        related="subscription_id.client_id", store=True, index=True
    )
    managing_partner_id = fields.Many2one(
        related="subscription_id.managing_partner_id", store=True, index=True
    )
    management_path = fields.Char(related="client_id.management_path", store=True)
    company_id = fields.Many2one(related="subscription_id.company_id", store=True)
    seat_limit = fields.Integer(
        string="Seats",
        required=True,
        default=0,
        help="Contracted seats. 0 means that none are contracted yet.",
    )
    is_unlimited = fields.Boolean(string="Unlimited")
    licensed_seats = fields.Integer(
        readonly=True,
        copy=False,
        help="The most seats that the current term has had: licences were taken for"
        " them until its end.",
    )
    seat_ids = fields.One2many(
        "subscription.seat", "pool_id", domain=[("released_at", "=", False)]
    )
    used = fields.Integer(string="In Use", compute="_compute_usage")
    available = fields.Integer(compute="_compute_usage")
    usage_rate = fields.Float(
        string="Usage (%)", compute="_compute_usage", digits=(5, 1)
    )
    state = fields.Selection(
        lambda self: self.env["subscription.seat.usage"]._get_choices("state"),
        compute="_compute_usage",
        search="_search_state",
    )
    is_running = fields.Boolean(compute="_compute_usage")
    state_reason = fields.Char(compute="_compute_state_reason")
    licence_text = fields.Char(
        compute="_compute_licence_text",
        help="What raising the number of seats takes from the partner's stock.",
    )
    choosable_module_ids = fields.Many2many(
        "subscription.module", compute="_compute_choosable_module_ids"
    )

    _program_fields = ("licensed_seats",)

    _management_path = models.Index("(management_path text_pattern_ops)")
    _seat_limit_positive = models.Constraint(
        "CHECK (seat_limit BETWEEN 0 AND 1000000)",
        "The number of seats must lie between 0 and 1,000,000. Choose Unlimited for"
        " more.",
    )
    _module_unique = models.Constraint(
        "UNIQUE (subscription_id, module_id)",
        "The subscription has a pool for this module already.",
    )

    @api.depends("module_id", "client_id", "available", "state", "is_unlimited")
    @api.depends_context("lang", "pool_label")
    def _compute_display_name(self):
        """Name pools by module and client, or by module and what is left of it where
        the context has ``pool_label="left"``: a screen of one client."""
        for pool in self:
            parts = (pool.module_id.name, pool.client_id.name)
            if self.env.context.get("pool_label") == "left":
                parts = (pool._get_unique_label(), pool._get_left_text())
            pool.display_name = " · ".join(filter(None, parts))

    @api.depends(
        "seat_limit",
        "is_unlimited",
        "seat_ids.number",
        "seat_ids.released_at",
        "subscription_id.active",
        "subscription_id.in_progress",
        "subscription_id.date_start",
        "subscription_id.date",
        "company_id.seat_warning_rate",
        "company_id.seat_full_rate",
    )
    def _compute_usage(self):
        usage_by_pool = self._get_usage()
        for pool in self:
            usage = usage_by_pool.get(pool._origin.id, {})
            pool.used = usage.get("used", 0)
            pool.available = usage.get("available", 0)
            pool.usage_rate = usage.get("usage_rate", 0)
            pool.is_running = usage.get("is_running", False)
            pool.state = usage.get("state", "misconfigured")

    @api.depends("state", "used", "seat_limit", "module_id", "client_id")
    @api.depends_context("lang", "uid")
    def _compute_state_reason(self):
        for pool in self:
            pool.state_reason = pool._get_state_reason()

    @api.depends("seat_limit", "is_unlimited", "module_id", "subscription_id")
    @api.depends_context("lang")
    def _compute_licence_text(self):
        for pool in self:
            pool.licence_text = pool._get_licence_text()

    @api.depends("subscription_id.seat_pool_ids.module_id")
    def _compute_choosable_module_ids(self):
        modules = self.env["subscription.module"].search([("active", "=", True)])
        for pool in self:
            others = pool.subscription_id.seat_pool_ids - pool._origin
            pool.choosable_module_ids = modules - others.module_id

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        usages = self.env["subscription.seat.usage"].with_context(usage_date=None)
        return [("id", "in", usages._search([("state", "in", value)]))]

    # ------------------------------------------------------------------ doors

    @api.model_create_multi
    def create(self, vals_list):
        """Open pools.

        :raise UserError: when the partner's staff would give seats without limit
        :raise LicenceRefusal: when the partner does not have the licences
        """
        pools = super().create(vals_list)
        pools._verify_may_be_unlimited()
        pools._log_limits({})
        pools._take_licences(raised=True)
        pools._seat_waiting_members()
        return pools

    def write(self, vals):
        """Change the contract of these pools.

        :raise UserError: when a limit would sink below the seats in use, a pool that
            has been used would change its subscription or module, or the partner's
            staff would give seats without limit
        :raise LicenceRefusal: when a limit rises and the partner does not have the
            licences
        """
        if not LIMITING_FIELDS & set(vals):
            return super().write(vals)
        if {"subscription_id", "module_id"} & set(vals):
            self._verify_unused()
            self._verify_unpaid()
            self._set({"licensed_seats": 0})
        self.filtered("is_base").client_id._claim("subscription_member_ids")
        self._claim("seat_ids")
        limits = {pool: pool._get_limit() for pool in self}
        result = super().write(vals)
        if {"is_unlimited", "module_id", "subscription_id"} & set(vals):
            self._verify_may_be_unlimited()
        self._log_limits(limits)
        self._take_licences(raised=True)
        lowered = self.filtered(lambda pool: pool._get_limit() < limits[pool])
        lowered._verify_limit()
        self._renumber()
        (self - lowered)._seat_waiting_members()
        return result

    def unlink(self):
        """Delete pools that have never been used; the audit trail keeps their limits.

        :raise UserError: when seats of these pools are or were in use
        """
        entries = [
            dict(pool._prepare_limit_entry(pool._get_limit(), 0), pool_id=False)
            for pool in self
            if pool._get_limit()
        ]
        result = super().unlink()
        self.env["subscription.log"]._log(entries)
        return result

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        self._verify_unused()

    def _get_ever_used(self):
        """Return those of these pools that have, or ever had, a seat in use."""
        groups = (
            self.env["subscription.seat"]
            .sudo()
            ._read_group([("pool_id", "in", self.ids)], ["pool_id"])
        )
        return self.browse(pool.id for (pool,) in groups)

    def _verify_unused(self):
        """:raise UserError: when seats of these pools are or were in use"""
        used = self._get_ever_used()
        if used:
            raise UserError(
                self.env._(
                    "%(pools)s: seats of it are or were in use, and their history"
                    " must stay. Set the seats to 0 instead.",
                    pools=", ".join(used.mapped("display_name")),
                )
            )

    def _get_paid(self):
        """Return those of these pools for which licences were taken until the end of
        the current term."""
        return self.filtered(
            lambda pool: pool.sudo().licensed_seats and pool._takes_licences()
        )

    def _get_bound(self):
        """Return those of these pools that stay with their client: those ever used, or
        whose term licences cover."""
        covered = self.filtered(
            lambda pool: pool.sudo().licensed_seats and pool.module_id.is_licensed
        )
        return self._get_ever_used() | covered

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

    def _drop(self):
        """Delete these pools; those ever used, or paid for with licences until the end
        of the term, stay with no seats.

        :raise UserError: when seats are in use
        """
        staying = self._get_ever_used() | self._get_paid()
        staying.write({"seat_limit": 0, "is_unlimited": False})
        (self - staying).unlink()

    # ------------------------------------------------------------------ usage

    def _get_usage(self):
        """Return ``{pool id: usage values}`` of these pools, as they stand now."""
        usage_model = self.env["subscription.seat.usage"].sudo()
        usage_model.invalidate_model()
        return {
            values["id"]: values
            for values in usage_model.with_context(usage_date=None).search_read(
                [("id", "in", self.ids)],
                ["used", "available", "usage_rate", "is_running", "state"],
            )
        }

    @api.model
    def _get_day_end(self, date):
        """Return the moment (UTC, excluded) at which ``date`` ends for the user."""
        timezone = pytz.timezone(self.env.user.tz or "UTC")
        midnight = datetime.combine(date + timedelta(days=1), time.min)
        return timezone.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)

    @api.readonly
    def get_seats_in_use(self, date):
        """Return the seats in use at the end of ``date``, in the user's time zone.

        :param date: a date, or its ISO form over RPC
        :return: ``subscription.seat`` records, those that take no place left out
        """
        moment = self._get_day_end(fields.Date.to_date(date))
        return self.env["subscription.seat"].search(
            [
                ("pool_id", "in", self.ids),
                ("takes_seat", "=", True),
                ("granted_at", "<", moment),
                "|",
                ("released_at", "=", False),
                ("released_at", ">=", moment),
            ]
        )

    def _get_unique_label(self):
        """Return the name of the module, with the subscription where the client has
        the module in several."""
        self.ensure_one()
        same = self.client_id.seat_pool_ids.filtered(
            lambda pool: pool.module_id == self.module_id
        )
        if len(same) > 1:
            return f"{self.module_id.name} ({self.subscription_id.display_name})"
        return self.module_id.name

    def _get_left_text(self):
        """Return in two words how many seats can still be given."""
        self.ensure_one()
        if self.state == "misconfigured":
            return self.env._("not configured")
        if self.is_unlimited:
            return self.env._("unlimited")
        if not self.available:
            return self.env._("full")
        return self.env._("%(available)s left", available=self.available)

    def _get_alert_state(self):
        """Return that state of these pools which most needs attention, or False."""
        alerting = [pool.state for pool in self if pool.state in ALERTING_STATES]
        return max(alerting, key=ALERTING_STATES.index, default=False)

    def _get_state_reason(self):
        """Return in one sentence why the pool is in its state and what can be done, by
        whoever reads it or by whom to contact; empty while seats are plentiful."""
        self.ensure_one()
        if self.state == "misconfigured":
            sentence = self._get_stopped_sentence()
        elif self.state in ALERTING_STATES:
            sentence = self._get_alert_sentence()
        else:
            return ""
        return sentence % {
            "used": self.used,
            "limit": self.seat_limit,
            "over": self.used - self.seat_limit,
            "start": self.subscription_id._format_date(self.subscription_id.date_start),
            "contact": self.client_id._get_subscription_contact_text(),
            "remedy": self._get_remedy_text(),
        }

    def _get_alert_sentence(self):
        """Return the sentence of a pool that is almost full, or more than that, to be
        filled in."""
        if self.client_id._is_managed_by_user():
            if self.state != "over":
                return self.env._("%(used)s of %(limit)s seats are in use. %(remedy)s")
            return self.env._(
                "%(used)s seats are in use, %(over)s more than contracted. Nobody loses"
                " access, but no seat can be added. %(remedy)s"
            )
        if self.state == "warning":
            return self.env._(
                "%(used)s of %(limit)s seats are in use. Contact %(contact)s to raise"
                " the limit in time."
            )
        if self.state == "full":
            return self.env._(
                "%(used)s of %(limit)s seats are in use. Free a seat, or contact"
                " %(contact)s to raise the limit."
            )
        return self.env._(
            "%(used)s seats are in use, %(over)s more than contracted. Nobody loses"
            " access, but no seat can be added: free seats, or contact %(contact)s"
            " to raise the limit."
        )

    def _get_stopped_sentence(self):
        """Return the sentence of a pool that gives no seats, to be filled in."""
        if self.client_id._is_managed_by_user():
            return self._get_managed_stopped_sentence()
        if self.is_running:
            return self.env._("No seats are contracted yet. Contact %(contact)s.")
        if self._is_grace_over():
            return self.env._(
                "The subscription is not running: its term has ended, and the grace"
                " period is over. Nobody loses access. Contact %(contact)s to renew it."
            )
        return self.env._("The subscription is not running. Contact %(contact)s.")

    def _get_managed_stopped_sentence(self):
        """Return :meth:`_get_stopped_sentence` for who manages the client."""
        subscription = self.subscription_id
        if self.is_running:
            return self.env._("No seats are contracted yet. Enter how many there are.")
        if self._is_grace_over():
            return self.env._(
                "The subscription is not running: its term has ended, and the grace"
                " period is over. Nobody loses access. Renew it to give seats again."
            )
        if not subscription.active:
            return self.env._(
                "The subscription is archived. Unarchive it to give seats."
            )
        if subscription.in_progress:
            return self.env._(
                "The subscription starts on %(start)s. Seats can be given from then on."
            )
        return self.env._("The subscription is not running. Start it to give seats.")

    def _is_grace_over(self):
        """Return whether the term has ended so long ago that no seats are given."""
        subscription = self.subscription_id.sudo()
        return (
            subscription.active
            and subscription.in_progress
            and subscription._has_ended(grace=True)
        )

    def _get_remedy_text(self):
        """Return in a sentence how who manages the client makes room for more users."""
        if self._takes_licences() and self.subscription_id._has_ended():
            return self.env._(
                "Renew the subscription to have more seats, or remove the access of"
                " somebody."
            )
        if self.is_base:
            return self.env._(
                "Raise the limit, choose another plan, or remove the access of"
                " somebody."
            )
        return self.env._("Raise the limit, or remove the access of somebody.")

    # ------------------------------------------------------------------ limits

    def _get_limit(self):
        """Return the number of seats of this pool, infinity where it has no limit."""
        return math.inf if self.is_unlimited else self.seat_limit

    def _verify_limit(self):
        """Check that the limits of these pools, locked, hold the seats in use.

        :raise UserError: how many seats must be freed first, a line a pool
        """
        usage_by_pool = self._get_usage()
        used = {pool: usage_by_pool[pool.id]["used"] for pool in self}
        lines = [
            self.env._(
                "%(pool)s: %(used)s seats are in use, so the limit cannot be lowered to"
                " %(limit)s before %(over)s of them are freed.",
                pool=pool.display_name,
                used=used[pool],
                limit=pool.seat_limit,
                over=used[pool] - pool.seat_limit,
            )
            for pool in self
            if used[pool] > pool._get_limit()
        ]
        if lines:
            raise UserError("\n".join(lines))

    @api.model
    def _apply_term_limits(self, seats):
        """Set the limits with which new terms start, even below the seats in use; their
        licences were taken when the terms were scheduled.

        Nobody is evicted: a pool may be *over* then, and nothing can be added to it.

        :param dict seats: ``{pool: seats}``, None for a pool without limit
        """
        pools = self.browse().union(*seats)
        pools._claim("seat_ids")
        limits = {pool: pool._get_limit() for pool in pools}
        pools_by_seats = defaultdict(self.browse)
        for pool, limit in seats.items():
            pools_by_seats[limit] |= pool
        for limit, same in pools_by_seats.items():
            values = {"seat_limit": limit or 0, "is_unlimited": limit is None}
            same._set(dict(values, licensed_seats=limit or 0))
        pools._log_limits(limits)
        pools._renumber()

    # ------------------------------------------------------------------ licences

    def _get_uncovered(self):
        """Return how many seats were added to the running term since the most it had;
        lowering and raising a limit again within a term adds none.

        Without an end, nothing is covered for a term.
        """
        subscription = self.subscription_id
        runs = subscription.in_progress and subscription.active and subscription.date
        if (
            self.is_unlimited
            or not runs
            or subscription.template_id.recurring_rule_boundary != "limited"
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
        uncovered = self.sudo().filtered(lambda pool: pool._get_uncovered())
        pools = uncovered.filtered(lambda pool: pool._takes_licences())
        ended = pools.filtered(lambda pool: pool.subscription_id._has_ended())
        if ended and raised:
            raise UserError(
                self.env._(
                    "%(pools)s: the term has ended. Renew the subscription to have more"
                    " seats.",
                    pools=", ".join(ended.mapped("display_name")),
                )
            )
        (pools - ended)._post_licences()
        for pool in uncovered - ended:
            pool._set({"licensed_seats": pool.seat_limit})

    def _post_licences(self):
        """Take the licences for the uncovered seats of these pools from the stocks.

        :raise LicenceRefusal: a line for each stock that falls short
        """
        accounts = self.env["subscription.licence.account"].sudo()
        stocks = accounts._open([pool._get_stock_key() for pool in self])
        accounts._post(
            [
                {
                    "account_id": stocks[pool._get_stock_key()].id,
                    "kind": "raise",
                    "quantity": -count_licences(
                        pool._get_uncovered(), pool.subscription_id._get_years_left()
                    ),
                    "subscription_id": pool.subscription_id.id,
                }
                for pool in self
            ]
        )

    def _get_licence_text(self):
        """Return in a sentence what saving the number of seats takes from the stock of
        the managing partner, or who has to do it; empty where it takes nothing."""
        self.ensure_one()
        pool = self.sudo()
        subscription, seats = pool.subscription_id, pool._get_uncovered()
        if not (seats and pool._takes_licences()) or subscription._has_ended():
            return False
        stocks = self.env["subscription.licence.account"]
        key = pool._get_stock_key()
        if stocks._get_unreached(key[0]):
            return stocks._get_use_refusal(key[0])
        stock = stocks._find([key])[key]
        values = {
            "needed": stocks._format(
                count_licences(seats, subscription._get_years_left())
            ),
            "left": stocks._format(stock.balance),
            "module": pool.module_id.name,
            "partner": pool.managing_partner_id.name,
            "end": subscription._format_date(subscription.date),
        }
        if stock.billing == "on_account":
            return self.env._(
                "Takes %(needed)s licences of %(module)s until %(end)s, on account of"
                " %(partner)s.",
                **values,
            )
        return self.env._(
            "Takes %(needed)s licences of %(module)s until %(end)s. %(partner)s has"
            " %(left)s in stock.",
            **values,
        )

    def _get_stock_key(self):
        """Return whose licences these seats take: partner, module and company."""
        return self.managing_partner_id, self.module_id, self.company_id

    def _verify_may_be_unlimited(self):
        """:raise UserError: when the staff of a partner gives seats without limit that
        licences would have to be taken for"""
        unlimited = self.filtered(
            lambda pool: pool.is_unlimited and pool._takes_licences()
        )
        if unlimited and self._is_user_confined():
            raise UserError(
                self.env._(
                    "%(pools)s: seats without limit take no licences, so only the"
                    " vendor gives them. Enter a number of seats.",
                    pools=", ".join(unlimited.mapped("display_name")),
                )
            )

    def _log_limits(self, limits):
        """Note in the audit trail which of these pools do not have the limits of
        ``limits`` any more; those that it lacks had no seats."""
        self.env["subscription.log"]._log(
            [
                pool._prepare_limit_entry(limits.get(pool, 0), pool._get_limit())
                for pool in self
                if pool._get_limit() != limits.get(pool, 0)
            ]
        )

    def _prepare_limit_entry(self, old_limit, new_limit):
        """Return the entry of the audit trail on a change of the limit of this pool."""
        return {
            "event": "limit",
            "client_id": self.sudo().client_id.id,
            "subscription_id": self.subscription_id.id,
            "pool_id": self.id,
            "module_id": self.module_id.id,
            "old_value": self._get_limit_text(old_limit),
            "new_value": self._get_limit_text(new_limit),
        }

    @api.model
    def _get_limit_text(self, limit):
        """Return ``limit``, as :meth:`_get_limit` has it, in words."""
        return self.env._("Unlimited") if limit == math.inf else str(limit)

    def _renumber(self):
        """Move seats whose number lies above the limit to free numbers below it.

        As many as fit: numbers above the limit remain only where a pool is *over*, so
        that the free numbers within the limit are the seats that can be given.
        """
        seats = self.env["subscription.seat"].sudo()
        seats.flush_model(["pool_id", "number", "released_at"])
        self.flush_recordset(["seat_limit", "is_unlimited"])
        # Rarely there are any, and looking is far cheaper than planning the move.
        query = self._get_above_limit_query()
        pool_ids = {pool_id for _, pool_id, _, _ in self.env.execute_query(query)}
        if pool_ids:
            moved = self.env.execute_query(self.browse(pool_ids)._get_renumber_query())
            seats.browse(seat_id for (seat_id,) in moved).invalidate_recordset(
                ["number"]
            )

    def _get_above_limit_query(self):
        """Return the query of the seats above the limits of these pools: id, pool,
        limit of the pool, and place among those of the pool."""
        return SQL(
            """
            SELECT seat.id, seat.pool_id, pool.seat_limit,
                   row_number() OVER (
                       PARTITION BY seat.pool_id ORDER BY seat.number) AS place
              FROM subscription_seat_pool pool
              JOIN subscription_seat seat
                ON seat.pool_id = pool.id
               AND seat.number > pool.seat_limit
               AND seat.released_at IS NULL
             WHERE pool.id IN %s AND pool.is_unlimited IS NOT TRUE
            """,
            tuple(self.ids) or (0,),
        )

    def _get_renumber_query(self):
        """Return the statement that moves the seats above the limits of these pools,
        and returns the ids of those moved."""
        return SQL(
            """
            WITH high AS (%s), free AS (
                SELECT pool.pool_id, chair.number,
                       row_number() OVER (
                           PARTITION BY pool.pool_id ORDER BY chair.number) AS place
                  FROM (SELECT DISTINCT pool_id, seat_limit FROM high) pool
                 CROSS JOIN LATERAL generate_series(1, pool.seat_limit)
                       AS chair (number)
                 WHERE NOT EXISTS (
                       SELECT FROM subscription_seat seat
                        WHERE seat.pool_id = pool.pool_id
                          AND seat.number = chair.number
                          AND seat.released_at IS NULL)
            )
            UPDATE subscription_seat seat
               SET number = free.number
              FROM high JOIN free USING (pool_id, place)
             WHERE seat.id = high.id
         RETURNING seat.id
            """,
            self._get_above_limit_query(),
        )

    # ------------------------------------------------------------------ granting

    @api.model
    def _grant(self, requests, *, what_fits=False):
        """Give seats. Every door leads here: screens, portal, import, RPC and jobs.

        Who holds a seat of the pool already is passed over. Who is given a seat of a
        module is given one of the base module as well. Who has a role that takes no
        seat is given a seat without a number, whatever the limit.

        :param dict requests: ``{pool: members}``
        :param bool what_fits: seat as many as there is room for, in the order of the
            members, instead of none
        :return: the seats given
        :raise SeatRefusal: a line for every pool that falls short; nothing is given
        :raise UserError: when a member is archived
        """
        requests = self.sudo()._complete_requests(requests)
        if not requests:
            return self.env["subscription.seat"]
        pools = self.sudo().browse().union(*requests)
        members = self.env["subscription.member"].sudo().union(*requests.values())
        for relied_on in (pools, members, members.role_id):
            relied_on._hold()
        pools._renumber()
        unseen = {pool: set() for pool in pools}
        while True:
            fitting = pools._fit(requests, unseen, what_fits)
            try:
                return pools._insert_seats(fitting, unseen).sudo(self.env.su)
            except UniqueViolation as error:
                pools._note_collision(error, unseen)

    @api.model
    def _complete_requests(self, requests):
        """Return ``requests`` with the base seats that they need as well, and without
        the members who are seated already."""
        self.env["subscription.member"].union(*requests.values())._verify_active()
        subscriptions = self.browse().union(*requests).sudo().subscription_id
        base_pools = self.search(
            [("is_base", "=", True), ("subscription_id", "in", subscriptions.ids)]
        ).grouped("subscription_id")
        complete = defaultdict(self.env["subscription.member"].sudo().browse)
        for pool, members in requests.items():
            pool = pool.sudo()
            for needed in base_pools.get(pool.subscription_id, pool) | pool:
                complete[needed] |= members.sudo()
        return self._drop_seated(complete)

    @api.model
    def _drop_seated(self, requests):
        """Return ``requests`` without the members who hold a seat of the pool."""
        members = self.env["subscription.member"].sudo().union(*requests.values())
        held = dict(
            self.env["subscription.seat"]
            .sudo()
            ._read_group(
                [
                    ("pool_id", "in", [pool.id for pool in requests]),
                    ("member_id", "in", members.ids),
                    ("released_at", "=", False),
                ],
                ["pool_id"],
                ["member_id:recordset"],
            )
        )
        # Taken from one recordset, the pools are computed together, not one by one.
        missing = {
            pool: requests[pool] - held.get(pool, members.browse())
            for pool in self.browse().union(*requests)
        }
        return {pool: members for pool, members in missing.items() if members}

    def _fit(self, requests, unseen, what_fits):
        """Hold ``requests`` against the room there is.

        :param dict unseen: ``{pool: numbers}`` that others have taken meanwhile
        :return: ``requests``; with ``what_fits`` only as much of them as fits
        :raise SeatRefusal: a line for every pool that falls short
        """
        usage_by_pool = self._get_usage()
        fitting, refusals = {}, []
        turned_away = defaultdict(self.env["subscription.member"].browse)
        # Base pools first: who finds no seat there takes none from others elsewhere.
        for pool in self.browse().union(*requests).sorted("is_base", reverse=True):
            members = requests[pool]
            if what_fits:
                members -= turned_away[pool.subscription_id]
            used = usage_by_pool[pool.id]["used"] + len(unseen[pool])
            counted = members.filtered("takes_seat")
            room = pool._get_room(used)
            if len(counted) > room:
                refusals.append(pool._get_refusal(used, len(counted)))
                members -= counted[room:]
                if pool.is_base:
                    turned_away[pool.subscription_id] = counted[room:]
            fitting[pool] = members
        if refusals and not what_fits:
            raise SeatRefusal("\n".join(refusals))
        return fitting

    def _get_room(self, used=None):
        """Return how many seats can be given, infinity where there is no limit.

        :param int used: the seats in use, where it is known better than counted
        """
        if self.state == "misconfigured":
            return 0
        return max(self._get_limit() - (self.used if used is None else used), 0)

    @api.model
    def _get_demand(self, requests):
        """Return ``{pool: number of seats}`` that granting ``requests`` would take."""
        return {
            pool.sudo(self.env.su): len(members.filtered("takes_seat"))
            for pool, members in self.sudo()._complete_requests(requests).items()
        }

    @api.model
    def _get_left_out(self, requests):
        """Return the members whom granting ``requests`` with ``what_fits`` would leave
        without one of the seats asked for."""
        requests = self.sudo()._complete_requests(requests)
        pools = self.sudo().browse().union(*requests)
        fitting = pools._fit(requests, {pool: set() for pool in pools}, True)
        return (
            self.env["subscription.member"]
            .union(*(requests[pool] - fitting[pool] for pool in requests))
            .sudo(self.env.su)
        )

    def _prepare_preview_values(self, change):
        """Return the values of the preview of ``change`` seats more, or less."""
        room = self._get_room()
        return {
            "pool_id": self.id,
            "used": self.used,
            "change": change,
            "available": 0 if self.is_unlimited else max(room - change, 0),
            "missing": max(change - room, 0),
        }

    def _get_refusal(self, used, requested):
        """Return the line that refuses ``requested`` seats of this pool."""
        self.ensure_one()
        values = {
            "module": self.module_id.name,
            "client": self.client_id.display_name,
            "used": used,
            "limit": self.seat_limit,
            "requested": requested,
            "missing": requested - max(self.seat_limit - used, 0),
            "contact": self.client_id._get_subscription_contact_text(),
            "roles": self._get_free_roles_text(),
        }
        if self.state == "misconfigured":
            return self.env._(
                "%(pool)s: %(reason)s",
                pool=self.display_name,
                reason=self.state_reason,
            )
        if self.client_id._is_managed_by_user():
            return self._get_managed_refusal(values)
        if self.is_base:
            return self.env._(
                "%(client)s: %(used)s of the %(limit)s users of the plan (%(module)s)"
                " are in use, and adding %(requested)s would be %(missing)s too many."
                " Contact %(contact)s for more users or another plan, or remove the"
                " access of somebody.%(roles)s",
                **values,
            )
        return self.env._(
            "%(client)s: %(used)s of %(limit)s seats of %(module)s are in use, and"
            " adding %(requested)s would be %(missing)s too many. Contact %(contact)s"
            " to raise the limit, or remove the access of somebody.%(roles)s",
            **values,
        )

    def _get_managed_refusal(self, values):
        """Return :meth:`_get_refusal` for who manages the client, and so can raise the
        limit."""
        values = dict(values, remedy=self._get_remedy_text())
        if self.is_base:
            return self.env._(
                "%(client)s: %(used)s of the %(limit)s users of the plan (%(module)s)"
                " are in use, and adding %(requested)s would be %(missing)s too many."
                " %(remedy)s%(roles)s",
                **values,
            )
        return self.env._(
            "%(client)s: %(used)s of %(limit)s seats of %(module)s are in use, and"
            " adding %(requested)s would be %(missing)s too many. %(remedy)s%(roles)s",
            **values,
        )

    @api.model
    def _get_free_roles_text(self):
        """Return the sentence that names the roles that take no seat, empty where there
        are none."""
        roles = self.env["subscription.member.role"].search(
            [("takes_seat", "=", False)]
        )
        names = ", ".join(roles.mapped("name"))
        return names and self.env._(
            " No seat is taken by the roles %(names)s.", names=names
        )

    @api.model
    def _insert_seats(self, requests, unseen):
        """Insert the seats of ``requests`` on free chairs, all or none.

        :raise UniqueViolation: when somebody else has just taken one of the chairs; the
            transaction can go on
        """
        numbers = self._get_free_numbers(requests, unseen)
        now = fields.Datetime.now()
        vals_list = [
            {
                "pool_id": pool.id,
                "member_id": member.id,
                "holder_name": member.name,
                "granted_at": now,
                "granted_by_id": self.env.uid,
                **({"takes_seat": True, "number": number} if number else {}),
            }
            for pool, members in requests.items()
            for member in members
            for number in [member.takes_seat and numbers[pool].pop()]
        ]
        # Everybody takes chairs in the same order, so nobody waits for one another.
        vals_list.sort(key=lambda vals: (vals["pool_id"], vals.get("number", 0)))
        with self.env.cr.savepoint():
            return self.env["subscription.seat"].sudo()._insert(vals_list)

    @api.model
    def _get_free_numbers(self, requests, unseen):
        """Return ``{pool: [number, ...]}`` with a free number for each counted member.

        They follow one another from a random one on, so that parallel grants seldom
        try the same chair.
        """
        rows = []
        for pool, members in requests.items():
            needed = len(members.filtered("takes_seat"))
            size = pool.seat_limit
            if pool.is_unlimited:
                size = 2 * (pool.used + needed + len(unseen[pool])) + SPARE_CHAIRS
            if needed:
                rows.append((pool.id, needed, size, random.randrange(size)))
        taken = [(pool.id, number) for pool in unseen for number in unseen[pool]]
        numbers = defaultdict(list)
        if rows:
            query = self._get_free_numbers_query(rows, taken or [(0, 0)])
            for pool_id, number in self.env.execute_query(query):
                numbers[self.browse(pool_id)].append(number)
        return numbers

    @api.model
    def _get_free_numbers_query(self, rows, taken):
        """Return the query of :meth:`_get_free_numbers`.

        :param rows: ``(pool id, how many, size of the pool, first number to try - 1)``
        :param taken: ``(pool id, number)`` to leave out
        """
        return SQL(
            """
            SELECT ask.pool_id, chair.number
              FROM unnest(%s::int[], %s::int[], %s::int[], %s::int[])
                   AS ask (pool_id, needed, size, start)
             CROSS JOIN LATERAL (
                   SELECT candidate.number
                     FROM (SELECT 1 + (ask.start + generate_series(0, ask.size - 1))
                                      %% ask.size AS number) candidate
                    WHERE (ask.pool_id, candidate.number) NOT IN %s
                      AND NOT EXISTS (
                          SELECT FROM subscription_seat seat
                           WHERE seat.pool_id = ask.pool_id
                             AND seat.number = candidate.number
                             AND seat.released_at IS NULL)
                    LIMIT ask.needed
                   ) chair
            """,
            *(list(column) for column in zip(*rows, strict=True)),
            tuple(taken),
        )

    @api.model
    def _note_collision(self, error, unseen):
        """Add the chair that ``error`` reports to ``unseen``.

        :raise ConcurrencyError: when it is the member who has just been seated by
            somebody else; Odoo then makes the call again
        """
        seat_model = self.env["subscription.seat"]
        broken = error.diag.constraint_name
        if broken == seat_model._holder.full_name(seat_model):
            raise ConcurrencyError("The member has just been seated.") from error
        if broken != seat_model._chair.full_name(seat_model):
            raise error
        # "Key (pool_id, number)=(12, 5) already exists.", in the server's language
        pool_id, number = re.search(
            r"\)=\((\d+), (\d+)\)", error.diag.message_detail
        ).groups()
        unseen[self.browse(int(pool_id))].add(int(number))

    def _seat_waiting_members(self, *, what_fits=False):
        """Give the members of the clients the base seats that they lack, now that
        these pools may hold them.

        :param bool what_fits: seat as many as there is room for
        :raise SeatRefusal: when they do not fit, unless ``what_fits``
        """
        clients = self.sudo().filtered("is_base").client_id
        clients._claim("subscription_member_ids")
        if clients:
            self.env["subscription.member"].sudo().search(
                [("active", "=", True), ("client_id", "in", clients.ids)]
            )._seat_waiting(what_fits=what_fits)

    # ------------------------------------------------------------------ actions

    def action_open(self):
        """Open this pool in a dialog, where its number of seats can be changed."""
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id(
            "partner_managed_subscription.subscription_seat_pool_action"
        )
        return dict(action, name=self.display_name, res_id=self.id)

    def action_drop(self):
        """Take this module out of its subscription.

        :raise UserError: when seats are in use
        """
        self.check_access("unlink")
        self._drop()
        return {"type": "ir.actions.act_window_close"}

    def action_add_users(self):
        """Open the wizard *Add users* on these pools."""
        return self._get_seat_action("subscription_seat_grant_action")

    def action_remove_access(self):
        """Open the wizard *Remove access* on these pools."""
        return self._get_seat_action("subscription_seat_release_action")

    def _get_seat_action(self, xmlid):
        """Return the action of this module called ``xmlid``, for these pools."""
        action = self.env["ir.actions.act_window"]._for_xml_id(
            f"partner_managed_subscription.{xmlid}"
        )
        context = {
            "default_client_id": self.client_id[:1].id,
            "default_pool_ids": self.ids,
        }
        return dict(action, context=context)
