from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from .subscription_seat_usage import ALERTING_STATES

# The usage of a pool that is not saved yet.
NO_USAGE = {
    "used": 0,
    "available": 0,
    "usage_rate": 0,
    "is_running": False,
    "state": "unavailable",
}


class SubscriptionSeatPool(models.Model):
    """How the seats of pools are used."""

    _inherit = "subscription.seat.pool"

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
    is_running = fields.Boolean(string="Running", compute="_compute_usage")

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
        usage_by_pool = self._read_usage()
        for pool in self:
            usage = usage_by_pool.get(pool._origin.id, NO_USAGE)
            pool.update({name: usage[name] for name in NO_USAGE})

    @api.model
    def _search_state(self, operator, value):
        if operator != "in":
            return NotImplemented
        usages = self.env["subscription.seat.usage"].with_context(usage_date=None)
        return [("id", "in", usages._search([("state", "in", value)]))]

    def _read_usage(self):
        """Return ``{pool id: usage values}`` of these pools, as they stand now."""
        usages = self.env["subscription.seat.usage"].with_context(usage_date=None)
        # Cached usage may be older than the seats.
        usages.invalidate_model(flush=False)
        # Straight from the query, without the rules on usage: who reads a pool reads
        # its usage.
        query = SQL(
            "SELECT id, %s FROM %s AS usage WHERE id = ANY(%s)",
            SQL(", ").join(map(SQL.identifier, NO_USAGE)),
            usages._table_sql,
            self.ids,
        )
        rows = self.env.execute_query_dict(query)
        return {values["id"]: values for values in rows}

    @api.readonly
    def get_seats_in_use(self, date):
        """Return the seats in use at the end of ``date``, in the time zone of the
        company that sells them.

        :param date: a date, or its ISO form over RPC
        :return: ``subscription.seat`` records, without those that have no number
        :raise ValidationError: when it is no day, or one that is not reckoned with
        """
        day = self._read_day(date)
        # sudo: whose pools they are decides when the day ends; the seats are found by
        # the rules of the user.
        pools = self.sudo().grouped("company_id")
        ends = {company: company._get_day_end(day) for company in pools}
        return self.env["subscription.seat"].search(
            Domain("takes_seat", "=", True)
            & Domain.OR(
                Domain("pool_id", "in", pools[company].ids)
                & Domain("granted_at", "<", end)
                & (Domain("released_at", "=", False) | Domain("released_at", ">=", end))
                for company, end in ends.items()
            )
        )

    def _get_usages(self):
        """Return ``{pool: its line of the usage}`` of these pools."""
        names = ["pool_id", "module_id", "is_unlimited", "seat_limit"]
        names += ["used", "available", "usage_rate", "state"]
        usages = self.env["subscription.seat.usage"].with_context(usage_date=None)
        lines = usages.search_fetch([("pool_id", "in", self.ids)], names)
        return {line.pool_id: line for line in lines}

    def _get_count_text(self):
        """Return in words how many seats of these pools are in use, of how many where
        none is without limit."""
        used, limit = sum(self.mapped("used")), sum(self.mapped("seat_limit"))
        if any(self.mapped("is_unlimited")):
            return self.env._("%s in use", used)
        # Languages write one seat, and some none, in another way than many.
        if not used:
            return self.env._("0 of %s seats", limit)
        if used == 1:
            return self.env._("1 of %s seats", limit)
        return self.env._("%(used)s of %(limit)s seats", used=used, limit=limit)

    def _get_alert_state(self):
        """Return the most urgent alerting state of these pools, or False."""
        alerting = [pool.state for pool in self if pool.state in ALERTING_STATES]
        return max(alerting, key=ALERTING_STATES.index, default=False)
