import math
from datetime import date, timedelta

from odoo import api, fields, models


class SubscriptionSeatPool(models.Model):
    """Whether, and from when on how many, contracted seats are billed."""

    _inherit = "subscription.seat.pool"

    is_billed = fields.Boolean(
        string="Billed",
        compute="_compute_is_billed",
        store=True,
        readonly=False,
        precompute=True,
        help="Otherwise the module is included in the price of the others.",
    )
    change_ids = fields.One2many("subscription.seat.change", "pool_id")

    @api.depends("module_id")
    def _compute_is_billed(self):
        for pool in self:
            lines = pool.subscription_id.template_id.plan_line_ids
            line = lines.filtered(
                lambda line, pool=pool: line.module_id == pool.module_id
            )
            pool.is_billed = line.is_billed if line else not pool.is_base

    def unlink(self):
        """Delete pools, and the lines that bill their seats."""
        lines = self.env["sale.subscription.line"]
        lines._unlink_of(self)
        return super().unlink()

    def _limits_changed(self, limits):
        """Note the contracted seats of terms that run, to bill them by the day."""
        super()._limits_changed(limits)
        running = self.filtered(lambda pool: pool.subscription_id._is_term_noted())
        changed = running.filtered(
            lambda pool: pool._get_limit() != limits.get(pool, 0)
        )
        # Reading what was contracted takes queries: only licences need it here.
        licensed = changed.filtered(lambda pool: pool._takes_licences())
        layers = licensed._get_layers()
        changed._note_seats()
        licensed._return_licences(layers)
        self.subscription_id._sync_lines()
        running.subscription_id._plan_billing()

    def _note_seats(self):
        """Note that these pools have another number of seats from today on."""
        # sudo: users change contracts through the pool alone.
        changes = self.env["subscription.seat.change"].sudo()
        endless = self.sudo().subscription_id.filtered(lambda one: not one.date)
        ledgers = endless._load_ledgers()
        changes._add(
            [
                dict(
                    pool._prepare_seat_change(today, today),
                    kept_until=ledger and ledger.get_last_billed_day(today),
                )
                for pool in self
                for today in [pool.company_id._get_today()]
                for ledger in [ledgers.get(pool.subscription_id.sudo())]
            ]
        )

    def _note_changed(self):
        """Note the seats of those of these pools that have another number than was
        noted last: limits may change while nothing runs."""
        # sudo: see _note_seats.
        self.filtered(
            lambda pool: (
                pool.sudo().change_ids[-1:].seats
                != pool._prepare_seat_change(date.min, date.min)["seats"]
            )
        )._note_seats()

    @api.model
    def _note_starts(self, starts):
        """Note with how many seats terms start.

        :param dict starts: ``{pool: (first day of the term, the day from which the
            correction window counts if later, the day from which on it took
            licences)}``
        """
        # sudo: users start terms through the subscription alone.
        changes = self.env["subscription.seat.change"].sudo()
        changes._add(
            [
                dict(
                    pool._prepare_seat_change(day, max(day, opened)),
                    is_start=True,
                    licensed_from=licensed,
                )
                for pool, (day, opened, licensed) in starts.items()
            ]
        )

    def _prepare_seat_change(self, day, opened):
        # sudo: whoever changes a limit need not read settings of the company.
        days = timedelta(days=self.company_id.sudo().correction_window_days)
        limit = self._get_limit()
        return {
            "pool_id": self.id,
            "day": day,
            # Seats without limit are billed by use, or not at all.
            "seats": 0 if limit == math.inf else limit,
            "window": opened + days,
        }
