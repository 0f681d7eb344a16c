from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..seat.subscription_seat_usage import ALERTING_STATES, COUNTED, LOOKED_UP
from .filters import NAMES
from .sections import MOST_ROWS, column, open_action, row, section

# The figures of one list of pools, as the database makes them.
POOL_COLUMNS = (
    "id, client_id, module_id, seat_limit, used, available, usage_rate, state"
)


class SaleSubscription(models.Model):
    """Clients by usage: who has seats to give back, and who will need more."""

    _inherit = "sale.subscription"

    @api.model
    def _read_usage_facts(self, asked):
        """Return what several figures are made of, counted once in a request::

        {"states": {state: number of pools}, "limit": seats of running pools that
         have a limit, "free": [pool], "short": [pool],
         "partners": {id of the managing partner: [seats in use, limit]}}
        """
        return asked.once("usage", lambda: self._query_usage_facts(asked))

    @api.model
    def _query_usage_facts(self, asked):
        pools = self._get_found_sql(self._find_pools(asked), "id")
        self.env.flush_all()
        # In SQL: one look at the pools, and at their seats, gives them all.
        query = SQL(
            """
            WITH usage AS MATERIALIZED (
                 SELECT usage.* FROM (%(usage)s) usage WHERE usage.id IN %(pools)s),
                 limited AS (
                 SELECT * FROM usage WHERE is_running AND NOT is_unlimited)
            SELECT (SELECT json_object_agg(state, number) FROM (
                    SELECT state, count(*) AS number FROM usage GROUP BY state) one),
                   (SELECT json_object_agg(COALESCE(managing_partner_id, 0), figures)
                      FROM (SELECT managing_partner_id,
                                   json_build_array(SUM(used), SUM(seat_limit))
                                   AS figures
                              FROM limited GROUP BY managing_partner_id) one),
                   (SELECT json_agg(one) FROM (
                    SELECT %(columns)s FROM limited
                     WHERE state = 'ok' AND available > 0
                  ORDER BY available DESC, id LIMIT %(most)s) one),
                   (SELECT json_agg(one) FROM (
                    SELECT %(columns)s FROM limited
                     WHERE state IN %(alerting)s
                  ORDER BY usage_rate DESC NULLS FIRST, id LIMIT %(most)s) one)
            """,
            usage=self.env["subscription.seat.usage"]._get_query(
                self._get_counting(asked)
            ),
            pools=pools,
            columns=SQL(POOL_COLUMNS),
            most=MOST_ROWS,
            alerting=tuple(ALERTING_STATES),
        )
        [[states, partners, free, short]] = self.env.execute_query(query)
        partners = {int(key): value for key, value in (partners or {}).items()}
        return {
            "states": states or {},
            "partners": partners,
            "limit": sum(limit for _used, limit in partners.values()),
            "free": free or [],
            "short": short or [],
        }

    @api.model
    def _find_pools(self, asked):
        """Return the query of the pools that are asked for, made once in a request."""
        pools = self.env["subscription.seat.pool"]
        domain = asked.get_domain("management_path", "module_id")
        return asked.once("pools", lambda: pools._search(domain))

    @api.model
    def _get_counting(self, asked):
        """Return how seats are counted: all in one go where all are asked for, else
        those of each pool, so that other clients' cost nothing."""
        is_part = asked.partner or asked.module or self._is_user_restricted()
        return LOOKED_UP if is_part else COUNTED

    @api.model
    def _get_usage_sections(self, asked):
        """Return the two short lists of pools."""
        if not self.env["subscription.seat.usage"].has_access("read"):
            return []
        facts = self._read_usage_facts(asked)
        short, free = facts["short"], facts["free"]
        # Those of both lists at once.
        self._fetch_shown("res.partner", {one["client_id"] for one in short + free})
        return [
            self._get_short_section(asked, short),
            self._get_free_section(asked, free),
        ]

    @api.model
    def _get_short_section(self, asked, pools):
        alerting = Domain("state", "in", ALERTING_STATES)
        return self._get_usage_section(
            asked,
            pools,
            alerting,
            name="seats_short",
            title=self.env._("Clients who will need more seats"),
            note=self.env._(
                "Modules that run low, are full or over their limit, the fullest first."
            ),
            empty=self.env._("Seats are available everywhere."),
            last=column(
                "state",
                self.env._("State"),
                "state",
                states=dict(self.env["subscription.seat.usage"]._get_choices("state")),
            ),
        )

    @api.model
    def _get_free_section(self, asked, pools):
        spare = Domain("state", "=", "ok") & Domain("available", ">", 0)
        return self._get_usage_section(
            asked,
            pools,
            spare & Domain("is_unlimited", "=", False),
            name="seats_free",
            title=self.env._("Clients with seats to give back"),
            note=self.env._(
                "Modules with the most free seats: fewer would do for the next term."
            ),
            empty=self.env._("No client has seats that nobody uses."),
            last=column("available", self.env._("Free"), "integer"),
        )

    @api.model
    def _get_usage_section(self, asked, pools, domain, *, last, **values):
        """Return the table of ``pools``, dictionaries of ``POOL_COLUMNS``."""
        domain &= asked.get_domain("management_path", "module_id")
        clients = self._get_names_by_id("res.partner", pools, "client_id")
        modules = self._get_names_by_id("subscription.module", pools, "module_id")
        return section(
            kind="table",
            columns=[
                column("client", self.env._("Client")),
                column("module", self.env._("Module")),
                column("used", self.env._("In use"), "integer"),
                column("seat_limit", self.env._("Seats"), "integer"),
                last,
            ],
            rows=[
                self._get_pool_row(pool, clients, modules, last["name"])
                for pool in pools
            ],
            action=open_action("subscription_seat_usage_action", domain=domain),
            **values,
        )

    @api.model
    def _get_pool_row(self, pool, clients, modules, last):
        return row(
            {
                "client": clients[pool["client_id"]],
                "module": modules[pool["module_id"]],
                **{name: pool[name] for name in ("used", "seat_limit", last)},
            },
            action=open_action(
                "subscription_seat_usage_action",
                name=clients[pool["client_id"]],
                domain=[("id", "=", pool["id"])],
            ),
        )

    @api.model
    def _get_names_by_id(self, model, rows, name):
        """Return ``{id: name}`` of the records of ``model`` that ``rows`` have in
        ``name``, as the user reads them."""
        records = self._fetch_shown(model, {one[name] for one in rows if one[name]})
        return {record.id: record.display_name for record in records} | {None: ""}

    @api.model
    def _fetch_shown(self, model, ids):
        """Return the records of ``model`` that rows refer to by ``ids``, with what
        their names are made of, and not all that is known of a company."""
        records = self.env[model].browse(ids)
        # sudo: who reads the rows is told the names of what they refer to, as Odoo's
        # lists do; those that are hidden from the user are masked as there.
        records.sudo().fetch(NAMES[model])
        return records
