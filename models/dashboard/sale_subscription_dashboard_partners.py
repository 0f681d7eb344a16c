from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..renewal.sale_subscription_state import RENEWAL_STATES, TO_RENEW_STATES
from .sections import column, open_action, row, section

# The longest table of partners.
MOST_PARTNERS = 100
# What is read of terms, besides their states.
TERM_COLUMNS = (
    *("managing_partner_id", "client_id"),
    *("in_progress", "self_renewal_problem"),
)


class TermFacts(NamedTuple):
    """How many clients have terms. They count once, by the most urgent of these."""

    clients: int = 0
    to_renew: int = 0
    ended: int = 0
    # Terms that cannot renew by themselves
    stopped: int = 0


class SaleSubscription(models.Model):
    """Partners compared: whoever sees more than one."""

    _inherit = "sale.subscription"

    @api.model
    def _read_term_facts(self, asked):
        """Return ``{id of the managing partner, 0 for none: TermFacts}``, read once in
        a request."""
        return asked.once("terms", lambda: self._query_term_facts(asked))

    @api.model
    def _query_term_facts(self, asked):
        domain = asked.get_domain("management_path", "seat_pool_ids.module_id")
        found = self._search(domain)
        state = self._get_renewal_state_sql(found.table)
        self.env.flush_all()
        query = SQL(
            """
              WITH term AS MATERIALIZED %(terms)s
            SELECT COALESCE(managing_partner_id, 0), count(DISTINCT client_id),
                   count(DISTINCT client_id)
                   FILTER (WHERE state IN ('ending', 'ended')),
                   count(DISTINCT client_id) FILTER (WHERE state = 'ended'),
                   count(*) FILTER (WHERE in_progress AND self_renewal_problem <> '')
              FROM term
             WHERE state IS NOT NULL
          GROUP BY 1
            """,
            terms=self._get_found_sql(found, *TERM_COLUMNS, state=state),
        )
        rows = self.env.execute_query(query)
        return {partner: TermFacts(*figures) for partner, *figures in rows}

    @api.model
    def _get_partner_sections(self, asked):
        """Return the table of partners; none for who sees no more than one."""
        if not self._may_see_trade():
            return []
        terms = self._read_term_facts(asked)
        partners = self._get_compared(asked, terms)
        return [self._get_partner_section(asked, partners, terms)] if partners else []

    @api.model
    def _get_compared(self, asked, terms):
        """Return the partners that are compared, those with the most to renew first."""
        partners = {one for one in terms if one}
        partners |= {stock.partner_id for stock in self._read_stocks(asked)}
        if len(partners) < 2:
            return self.env["res.partner"]
        figures = {one: terms.get(one, TermFacts()) for one in partners}
        order = sorted(partners, key=lambda one: (*(-x for x in figures[one][1:]), one))
        return self._fetch_shown("res.partner", order[:MOST_PARTNERS])

    @api.model
    def _get_partner_section(self, asked, partners, terms):
        return section(
            "partners",
            self.env._("Partners compared"),
            "table",
            self._get_partner_columns(),
            self._get_partner_rows(asked, partners, terms),
            width="full",
            note=self._get_partner_note(),
            action=open_action("res_partner_managing_action"),
        )

    @api.model
    def _get_partner_columns(self):
        numbers = {
            "clients": self.env._("Clients"),
            "used": self.env._("In use"),
            "seats": self.env._("Seats"),
            "to_renew": self.env._("To renew"),
            "ended": self.env._("Ended"),
        }
        return [
            column("partner", self.env._("Partner")),
            *(column(name, label, "integer") for name, label in numbers.items()),
            column("stock", self.env._("Lowest stock")),
        ]

    @api.model
    def _get_partner_note(self):
        return self.env._(
            "Each with its own clients, those of its resellers apart. Seats are those"
            " of running terms that have a limit; clients to renew include those whose"
            " term has ended."
        )

    @api.model
    def _get_partner_rows(self, asked, partners, terms):
        seats = self._read_usage_facts(asked)["partners"]
        stocks = self._get_lowest_stocks(asked, partners)
        return [
            self._get_partner_row(
                asked,
                partner,
                terms.get(partner.id, TermFacts()),
                seats.get(partner.id, (0, 0)),
                stocks.get(partner.id),
            )
            for partner in partners
        ]

    @api.model
    def _get_partner_row(self, asked, partner, terms, seats, stock):
        return row(
            {
                "partner": partner.display_name,
                "clients": terms.clients,
                "used": seats[0],
                "seats": seats[1],
                "to_renew": terms.to_renew,
                "ended": terms.ended,
                "stock": stock,
            },
            id=partner.id,
            actions=self._get_partner_actions(asked, partner, terms),
        )

    @api.model
    def _get_partner_actions(self, asked, partner, terms):
        """Return the ways from the figures of ``partner`` to their terms."""
        domain = asked.get_domain("management_path", "seat_pool_ids.module_id")
        domain &= Domain("managing_partner_id", "=", partner.id)
        states = {
            "clients": RENEWAL_STATES,
            "to_renew": TO_RENEW_STATES,
            "ended": ["ended"],
        }
        return {
            name: open_action(
                "sale_subscription_to_renew_action",
                name=partner.display_name,
                domain=domain & Domain("renewal_state", "in", states[name]),
                context={"search_default_to_renew": 0},
            )
            for name in states
            if getattr(terms, name)
        }

    @api.model
    def _get_lowest_stocks(self, asked, partners):
        """Return ``{partner id: its lowest stock in words}``: a number and its module,
        since those of different modules are never added up."""
        lowest = {}
        for stock in sorted(self._read_stocks(asked), key=lambda one: -one.balance):
            if stock.partner_id in partners.ids and not stock.is_on_account:
                lowest[stock.partner_id] = stock
        rows = [stock._asdict() for stock in lowest.values()]
        modules = self._get_names_by_id("subscription.module", rows, "module_id")
        text = self.env["subscription.licence.account"]._format
        return {
            partner: f"{text(stock.balance)} · {modules[stock.module_id]}"
            for partner, stock in lowest.items()
        }
