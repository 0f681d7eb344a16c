from typing import NamedTuple

from odoo import api, fields, models
from odoo.tools import SQL

# What is inserted of a delivery.
FIELDS = (
    *("move_id", "partner_id", "company_id", "email", "channel", "with_xlsx"),
    *("state", "failure", "sent_at", "tried_at", "tries", "is_problem"),
)


class Target(NamedTuple):
    """Where an invoice goes: to these addresses, or to the portal alone."""

    mode: str
    addresses: tuple

    @property
    def is_reachable(self):
        """Whether there is an address, or none is needed."""
        return self.mode == "portal" or bool(self.addresses)

    @property
    def routes(self):
        """The addresses, each with its channel; an empty one where there is none."""
        if self.mode == "portal":
            return [(None, "portal")]
        return [(address, "email") for address in self.addresses or (None,)]


class SubscriptionDelivery(models.Model):
    """Which invoices are sent, and where to."""

    _inherit = "subscription.delivery"

    @api.model
    def _get_unseen_ids(self):
        """Return the ids of the invoices of subscriptions that were posted and that
        nobody has seen yet."""
        self.env.flush_all()
        rows = self.env.execute_query(self._get_unseen_query())
        return list(dict.fromkeys(row[0] for row in rows))

    @api.model
    def _get_unseen_query(self):
        """Return the query of the unseen invoices, one row for each statement."""
        return SQL(
            """
            SELECT statement.move_id
              FROM subscription_statement statement
              JOIN account_move move ON move.id = statement.move_id
             WHERE statement.is_delivery_noted IS NOT TRUE
               AND statement.move_id IS NOT NULL AND statement.state <> 'void'
               AND move.state = 'posted'
            """
        )

    @api.model
    def _find_chunk(self, move_ids):
        """Add the deliveries of those of these invoices that nobody has seen yet, but
        for those that others are at work on.

        Each is noted in its statements, so none is looked at twice. Those of companies
        that send nothing are noted all the same: switching it on sends no old ones.
        """
        rows = self.env.execute_query(
            SQL(
                "%s AND statement.move_id IN %s ORDER BY statement.id"
                " FOR NO KEY UPDATE OF statement SKIP LOCKED",
                self._get_unseen_query(),
                tuple(move_ids),
            )
        )
        moves = self.env["account.move"].browse(dict.fromkeys(row[0] for row in rows))
        self._add_for(moves.filtered(lambda move: move.company_id.delivery_enabled))
        self._note(moves)

    @api.model
    def _note(self, moves):
        """Note that these invoices have their deliveries, or need none."""
        # sudo: statements are changed by the program alone.
        statements = moves.sudo().statement_ids
        statements.filtered(lambda one: not one.is_delivery_noted)._set(
            {"is_delivery_noted": True}
        )

    @api.model
    def _add_for(self, moves):
        """Add what is missing of the deliveries of invoices, by their mailboxes."""
        now = fields.Datetime.now()
        rows = [
            self._prepare_row(move, target, *row, now)
            for move, target in moves._get_delivery_targets().items()
            for row in target.routes
        ]
        if not rows:
            return
        self._insert_rows(self, FIELDS, rows)
        homeless = self.search(
            [
                ("move_id", "in", moves.ids),
                ("failure", "=", "address"),
                ("is_problem", "=", True),
            ]
        )
        homeless._plan_activities()

    @api.model
    def _prepare_row(self, move, target, email, channel, now):
        """Return the values of ``FIELDS``. What has no address has failed; what is on
        the portal alone is there already."""
        is_homeless = not email and channel == "email"
        is_there = channel == "portal"
        state = "failed" if is_homeless else "sent" if is_there else "waiting"
        return (
            *(move.id, move.commercial_partner_id.id, move.company_id.id),
            *(email, channel, target.mode == "xlsx", state),
            "address" if is_homeless else None,
            now if is_there else None,
            now if is_homeless else None,
            *(0, is_homeless),
        )
