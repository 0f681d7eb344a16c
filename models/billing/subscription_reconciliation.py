from odoo import api, fields, models
from odoo.tools import format_date

from ..access.res_users import GROUP_STANDARD
from ..seat.subscription_seat_usage import COMPANY_FIELDS, NAME_FIELDS, RULE_FIELDS

# The figures depend on the day.
DAY_CONTEXT = ("reconciliation_date",)
# What in its place asks for today; what else is no day is refused.
TODAY = (None, False, "")


class SubscriptionReconciliation(models.Model):
    """What a client contracted, assigned and was billed on a day, module by module, and
    the licences that its term took, side by side.

    Nothing is stored: seats, contracts, statements and ledgers are read for the day
    ``reconciliation_date`` of the context, by default today. Each date has its own
    values in the cache. A row is a pool; subscriptions that are billed by members or
    teams have one more, without module, whose id is below 0.

    A day ends in the time zone of its company. A statement counts while it is valid,
    less what posted credit notes took back of its lines.
    """

    _name = "subscription.reconciliation"
    _inherit = ["subscription.module.sum.mixin"]
    _description = "Reconciliation"
    _auto = False
    _order = "gap desc, client_id, id"
    _rec_name = "client_id"
    _module_sums = ("contracted", "assigned", "billed", "licences", "difference")
    _depends = {
        "account.move": ["state", "reversed_entry_id"],
        "account.move.line": ["move_id", "product_id", "quantity", "sequence"],
        "res.company": ["term_tz"],
        "sale.subscription": [
            *("active", "date_start", "date", "closed_on", "paused_until"),
            *("recurring_next_date", "client_id", "managing_partner_id"),
        ],
        "subscription.billing.terms": ["since", "billing_basis", "paid_by"],
        "subscription.licence.move": ["subscription_id", "quantity", "renewal_id"],
        "subscription.pause": ["subscription_id", "day", "resumed_on"],
        "subscription.presence": ["client_id", "since", "until"],
        "subscription.renewal": ["state", "date_start", "previous_end"],
        "subscription.seat": ["pool_id", "number", "granted_at", "released_at"],
        "subscription.seat.change": ["pool_id", "day", "seats"],
        "subscription.seat.pool": [
            *("subscription_id", "module_id", "client_id", "managing_partner_id"),
            *("management_path", "company_id", "seat_limit", "is_unlimited"),
            *("is_billed", "licensed_seats"),
        ],
        "subscription.statement": ["state", "kind", "date_first", "date_last"],
        "subscription.statement.line": [
            "pool_id",
            "date_first",
            "date_last",
            "quantity",
        ],
    }

    pool_id = fields.Many2one("subscription.seat.pool", readonly=True)
    subscription_id = fields.Many2one("sale.subscription", readonly=True)
    client_id = fields.Many2one("res.partner", readonly=True)
    managing_partner_id = fields.Many2one("res.partner", readonly=True)
    management_path = fields.Char(readonly=True, exportable=False)
    company_id = fields.Many2one("res.company", readonly=True)
    module_id = fields.Many2one(
        "subscription.module",
        readonly=True,
        help="Empty where the subscription as a whole is billed, by members or teams.",
    )
    basis = fields.Selection(
        lambda self: self.env["subscription.billing.terms"]._get_choices(
            "billing_basis"
        ),
        readonly=True,
        depends_context=DAY_CONTEXT,
        help="What the terms of that day bill.",
    )
    paid_by = fields.Selection(
        lambda self: self.env["subscription.billing.terms"]._get_choices("paid_by"),
        readonly=True,
        depends_context=DAY_CONTEXT,
    )
    contracted = fields.Integer(
        readonly=True,
        depends_context=DAY_CONTEXT,
        help="Contracted seats; empty where they have no limit.",
    )
    assigned = fields.Integer(
        readonly=True,
        depends_context=DAY_CONTEXT,
        help="Seats in use at the end of the day, or active members or teams.",
    )
    billed = fields.Float(
        readonly=True,
        depends_context=DAY_CONTEXT,
        digits=(16, 2),
        help="Quantity for that day on valid statements, less credit notes.",
    )
    licences = fields.Float(
        string="Licences Taken",
        readonly=True,
        depends_context=DAY_CONTEXT,
        digits=(16, 2),
        # The ledger is not for accountants.
        groups=GROUP_STANDARD,
        help="What the term of that day took from stocks, less what came back.",
    )
    difference = fields.Float(
        readonly=True,
        depends_context=DAY_CONTEXT,
        digits=(16, 2),
        help="Above 0: not billed, or seats without licences; below 0: billed too"
        " much.",
    )
    gap = fields.Float(
        readonly=True,
        depends_context=DAY_CONTEXT,
        digits=(16, 2),
        aggregator=None,
        help="The difference without its sign.",
        exportable=False,
    )
    state = fields.Selection(
        [
            ("difference", "Difference"),
            ("equal", "Equal"),
            ("later", "Billed later"),
            ("none", "Nothing to bill"),
        ],
        string="Status",
        readonly=True,
        depends_context=DAY_CONTEXT,
    )

    @property
    def _table_query(self):
        return self._get_query(self._get_day())

    @api.model
    def _get_day(self):
        """Return the day that is looked at, None for today.

        :raise ValidationError: when the context gives what is no day
        """
        day = self.env.context.get("reconciliation_date")
        return None if day in TODAY else self._read_day(day)

    @api.model
    def search_fetch(self, domain, field_names=None, offset=0, limit=None, order=None):
        """Fetch what the record rules compare together with the rest, and of the
        companies only what their names need.

        Otherwise Odoo counts everything a second time, and fetches whole companies.
        """
        if field_names:
            field_names = list(dict.fromkeys([*field_names, *RULE_FIELDS]))
        records = super().search_fetch(domain, field_names, offset, limit, order)
        shown = COMPANY_FIELDS.intersection(field_names or ())
        records._fetch_names("res.partner", shown, NAME_FIELDS)
        return records

    # ------------------------------------------------------------------ explanations

    def action_open_changes(self):
        """Open the changes of the contracted seats of this row."""
        domain = [("pool_id", "=", self._read_pool().id)]
        return self._open_list("subscription.seat.change", domain)

    def action_open_assigned(self):
        """Open the seats in use at the end of the day; where members or teams are
        billed, who was in a team then."""
        pool = self._read_pool()
        end = self._get_day_end()
        if pool:
            model, names = "subscription.seat", ("granted_at", "released_at")
            domain = [("pool_id", "=", pool.id), ("takes_seat", "=", True)]
        else:
            model, names = "subscription.presence", ("since", "until")
            domain = [("client_id", "=", self.client_id.id)]
        since, until = names
        domain += [(since, "<", end), "|", (until, "=", False), (until, ">=", end)]
        return self._open_list(model, domain)

    def action_open_lines(self):
        """Open the lines of statements that bill the day."""
        pool = self._read_pool()
        day = self._get_local_day()
        domain = [
            ("subscription_id", "=", self.subscription_id.id),
            ("pool_id", "=", pool.id),
            ("date_first", "<=", day),
            ("date_last", ">=", day),
        ]
        return self._open_list("subscription.statement.line", domain)

    def action_open_moves(self):
        """Open the entries of ledgers that this subscription caused for the module."""
        self._read_pool()
        domain = [
            ("subscription_id", "=", self.subscription_id.id),
            ("module_id", "=", self.module_id.id),
        ]
        return self._open_list("subscription.licence.move", domain)

    def _read_pool(self):
        """Return the pool of this row, an empty one where members or teams are billed.

        :raise AccessError: when the row is out of reach
        """
        self.ensure_one()
        self.check_access("read")
        return self.pool_id

    def _get_local_day(self):
        """Return the day that is looked at, today in the company of this row."""
        return self._get_day() or self.company_id._get_today()

    def _get_day_end(self):
        """Return the moment (UTC, excluded) at which the day ends in the company."""
        return self.company_id._get_day_end(self._get_local_day())

    def _open_list(self, model, domain):
        """Return the action that lists the records of ``model`` of ``domain``."""
        day = format_date(self.env, self._get_local_day())
        return {
            "type": "ir.actions.act_window",
            "name": f"{self.env[model]._description}, {day}",
            "res_model": model,
            "views": [(False, "list"), (False, "form")],
            "domain": domain,
            "context": {"create": False},
        }
