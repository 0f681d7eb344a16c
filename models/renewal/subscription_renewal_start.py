import logging

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

from ..core.jobs import BUSY_ERRORS, do_together, work_in_chunks

_logger = logging.getLogger(__name__)

# Renewals that the job starts in one transaction.
CHUNK = 100


class SubscriptionRenewal(models.Model):
    """How the next terms start."""

    _inherit = "subscription.renewal"

    def _apply(self):
        """Start the terms of these renewals: the subscription gets its new end, each
        pool its new number of seats. Those that have started already are skipped.

        Pools that were opened since are not part of the new term, and get no seats
        where seats take licences; those that were deleted are opened again.
        """
        # sudo: starting a term sets what users may not, like ends and limits.
        renewals = self.sudo()
        # Locked before the state is read: two transactions start a term once.
        renewals.subscription_id._lock_exclusive("renewal_ids")
        renewals = renewals.filtered(lambda renewal: renewal.state == "scheduled")
        if not renewals:
            return
        renewals._set_applied()
        seats = renewals._get_pool_seats()
        pools = self.env["subscription.seat.pool"].sudo().union(*seats)
        pools._apply_term_limits(seats)
        renewals._log_event("term")
        pools._seat_waiting_members(allow_partial=True)
        renewals._started(pools)

    def _set_applied(self):
        """Note that these renewals have started, and give their subscriptions the new
        ends."""
        self._set(
            {"state": "applied", "applied_at": fields.Datetime.now(), "error": False}
        )
        for end, same in self.grouped("date_end").items():
            same.subscription_id._set({"date": end})

    def _started(self, pools):
        """Do what follows from the start of these terms, with the seats of ``pools``.
        A hook: lower folders override it."""

    def _get_pool_seats(self):
        """Return ``{pool: seats}`` of the terms of these renewals, infinity without
        limit; pools that are missing are opened."""
        lines = {(line.subscription_id, line.module_id): line for line in self.line_ids}
        pools = {
            (pool.subscription_id, pool.module_id): pool
            for pool in self.subscription_id.seat_pool_ids
        }
        pools |= self._open_pools([key for key in lines if key not in pools])
        return {
            pool: lines[key]._get_limit() if key in lines else 0
            for key, pool in pools.items()
            if key in lines or pool._takes_licences()
        }

    @api.model
    def _open_pools(self, keys):
        """Open the pools of ``keys``, return ``{(subscription, module): pool}``."""
        names = ("subscription_id", "module_id")
        pools = self.env["subscription.seat.pool"].create(
            [dict(zip(names, (one.id for one in key), strict=True)) for key in keys]
        )
        return dict(zip(keys, pools, strict=True))

    @api.model
    def _get_due_domain(self):
        """Return the domain of the renewals whose term should have started."""
        begun = self.env["res.company"]._get_begun_domain()
        return Domain("state", "=", "scheduled") & begun

    @api.model
    def _cron_apply(self):
        """Start the terms that are due, in chunks that are committed one by one: after
        a run that was killed the next one continues, and two runs start nothing twice.

        A renewal that fails keeps its error, and does not stop the others.
        """
        work_in_chunks(
            self,
            self._get_due_domain(),
            CHUNK,
            lambda chunk: chunk.try_lock_for_update()._apply_each(),
        )

    def _apply_each(self):
        """Start the terms of these renewals together, or one by one if that fails."""
        do_together(
            self,
            lambda renewals: renewals._apply(),
            lambda renewal, error: renewal._cannot_start(error),
        )

    def _cannot_start(self, error):
        """Keep the ``error`` for which this renewal has not started."""
        if isinstance(error, BUSY_ERRORS):
            _logger.info("Renewal %s waits for another transaction", self.id)
            return
        _logger.exception("Renewal %s cannot start", self.id)
        self._set({"error": self._get_error_text(error)})

    @api.model
    def _get_error_text(self, error):
        """Return why something failed, in words that its readers understand."""
        if isinstance(error, UserError):
            return str(error)
        return self.env._(
            "It failed for a technical reason, which is in the log of the server. Ask"
            " the vendor's administrator."
        )
