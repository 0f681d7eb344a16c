from odoo import api, models
from odoo.tools import SQL

from .pending import tell_when_committed

# What is told of a pool: numbers and its state, and nobody's name.
FIGURES = (
    *("seat_limit", "is_unlimited", "used", "available"),
    *("usage_rate", "is_running", "state"),
)
LIVE_FIELDS = {"seat_limit", "is_unlimited", "subscription_id", "module_id"}
CHANGED = "subscription_live.pool_ids"


def get_figures(pool_id, usage):
    """Return what gauges show of a pool, of ``usage`` of it, without nulls."""
    return {
        "pool_id": pool_id,
        "seat_limit": usage["seat_limit"],
        "is_unlimited": bool(usage["is_unlimited"]),
        "used": usage["used"],
        "available": usage["available"] or 0,
        "usage_rate": float(usage["usage_rate"] or 0),
        "is_running": bool(usage["is_running"]),
        "state": usage["state"],
    }


class SubscriptionSeatPool(models.Model):
    """The live figures of pools: what gauges show, and where they hear of changes."""

    _inherit = "subscription.seat.pool"

    @api.private
    def modified(self, fnames, create=False, before=False):
        """Note the pools whose limit changes, whatever door the change comes by."""
        super().modified(fnames, create=create, before=before)
        if create or not LIVE_FIELDS.isdisjoint(fnames):
            self._note_live()

    def _note_live(self):
        """Note that the figures of these pools change in this transaction. Who shows
        them is told when it is committed, once, however many seats it has given.

        The message names the pools alone. They are counted when it is delivered: what
        this transaction sees may lack what a parallel one has just given.
        """
        channels = self.env["subscription.live.channel"]
        tell_when_committed(self, CHANGED, channels._send_usage)

    def _read_figures(self):
        """Return what gauges show of these pools, as they stand now: a list of
        dictionaries. Those that are gone are left out."""
        # Straight from the query: the callers have checked who may read them, and two
        # hundred gauges are told at once.
        usages = self.env["subscription.seat.usage"].with_context(usage_date=None)
        usages.invalidate_model()
        query = SQL(
            "SELECT id, %s FROM %s AS usage WHERE id = ANY(%s) ORDER BY id",
            SQL(", ").join(map(SQL.identifier, FIGURES)),
            usages._table_sql,
            self.ids,
        )
        rows = self.env.execute_query_dict(query)
        return [get_figures(row["id"], row) for row in rows]

    def get_live(self):
        """Return the figures of those of these pools that the caller may read, and the
        channels of the bus on which it hears of changes.

        :return: ``{"channels": [name], "pools": [figures]}``
        """
        pools = self.search([("id", "in", self.ids)])
        return pools._get_live()

    def _get_live(self):
        """Do what :meth:`get_live` does, for pools that the caller may read."""
        return {
            "channels": self.env["subscription.live.channel"]._open(self),
            "pools": self._read_figures(),
        }

    @api.model
    def get_live_scope(self):
        """Return the channels of the bus on which the caller hears that something has
        changed in what it sees, be it whose: for figures of many clients.

        :return: a list of names
        """
        if not self.has_access("read"):
            return []
        channels = self.env["subscription.live.channel"]
        scope = self.env.user._get_live_scope()
        if scope is None:
            # An accountant has a few clients, and hears them.
            return channels._open(self.search([("client_id", "!=", False)]))
        return channels._open_scope(scope, self.env.companies)

    @api.model
    def _get_live_of(self, client):
        """Return :meth:`get_live` of all pools of ``client``, for its portal."""
        # sudo: who administers the client may see its pools.
        return self.sudo().search([("client_id", "=", client.id)])._get_live()
