from collections import defaultdict
from datetime import timedelta
from typing import NamedTuple

from odoo import api, models
from odoo.fields import Domain
from odoo.tools import SQL

from .sections import MOST_ROWS, column, open_action, row, section

# A stock that lasts longer has no day on which it runs out.
LONGEST = 10 * 365


class Stock(NamedTuple):
    """What one stock has left, and how fast it is used."""

    account_id: int
    partner_id: int
    module_id: int
    balance: float
    # Licences that left it for good in the days that are looked back
    used: float
    days: int
    is_on_account: bool

    @property
    def monthly(self):
        """Licences that are used in a month of 365/12 days."""
        return max(self.used, 0) / self.days * 365 / 12

    def get_last_day(self, today):
        """Return the day on which it runs out at the present rate; None where it does
        not, is billed later, or lasts for more than ten years."""
        if self.used <= 0 or self.is_on_account:
            return None
        days = self.balance * self.days / self.used
        return None if days > LONGEST else today + timedelta(days=int(days))

    def get_urgency(self, today):
        """Return what stocks are sorted by: those that run out first come first."""
        last_day = self.get_last_day(today)
        return last_day is None, last_day or today, self.balance, self.account_id


class SaleSubscription(models.Model):
    """Licences in stock, and the day on which they run out."""

    _inherit = "sale.subscription"

    @api.model
    def _get_stock_domain(self, asked):
        """Return the domain of the stocks that are asked for: of the partner, else the
        user's own, for the vendor all."""
        owner = self._get_stock_owner(asked)
        domain = Domain("partner_id", "=", owner.id) if owner else Domain.TRUE
        if asked.module:
            domain &= Domain("module_id", "=", asked.module.id)
        return domain

    @api.model
    def _get_stock_owner(self, asked):
        """Return the partner whose stock is asked for, else the user's own; none for
        the vendor that asks for all."""
        if asked.partner:
            return asked.partner
        company = self.env.user.partner_id.commercial_partner_id
        sees_all = self.env.user._get_client_domain(managed=True).is_true()
        return company.browse() if sees_all else company

    @api.model
    def _read_stocks(self, asked):
        """Return the ``Stock`` of each that the user may see and that is below or of
        what is asked for, read once in a request."""
        return asked.once("stocks", lambda: self._query_stocks(asked))

    @api.model
    def _query_stocks(self, asked):
        accounts = self.env["subscription.licence.account"]
        found = accounts._search(asked.get_domain("partner_id", "module_id"))
        query = SQL(
            """
            SELECT account.id, account.partner_id, account.module_id,
                   %(balance)s::float, COALESCE(ledger.used, 0)::float,
                   account.id IN %(on_account)s
              FROM %(accounts)s account
              LEFT JOIN LATERAL (
                   SELECT -SUM(quantity) AS used
                     FROM subscription_licence_move move
                    WHERE move.account_id = account.id AND move.date >= %(since)s
                      AND (kind IN ('renewal', 'raise', 'returned')
                           OR kind = 'allocated' AND quantity < 0
                           OR kind = 'taken_back' AND quantity > 0)
                   ) ledger ON TRUE
          ORDER BY account.id
            """,
            balance=accounts._get_balance_sql("account"),
            # sudo: said of stocks that the user may see, the others are left out.
            on_account=accounts.sudo()
            ._search([("billing", "=", "on_account")])
            .subselect(),
            since=self.env.company._get_day_end(asked.first_day),
            accounts=self._get_found_sql(found, "id", "partner_id", "module_id"),
        )
        self.env.flush_all()
        days = (asked.today - asked.first_day).days
        return [
            Stock(*values, days, on_account)
            for *values, on_account in self.env.execute_query(query)
        ]

    @api.model
    def _get_own_stocks(self, asked):
        """Return those stocks that are shown one by one: of the partner that is asked
        for, else the user's own, for the vendor all."""
        owner = self._get_stock_owner(asked)
        stocks = self._read_stocks(asked)
        return [one for one in stocks if not owner or one.partner_id == owner.id]

    @api.model
    def _get_stock_by_module(self, asked):
        """Return ``[(module, licences)]`` of these stocks, lowest first; licences of
        different modules are never added up."""
        sums = defaultdict(float)
        for stock in self._get_own_stocks(asked):
            sums[stock.module_id] += stock.balance
        digits = self.env["subscription.licence.account"]._round
        modules = self.env["subscription.module"].browse(sorted(sums, key=sums.get))
        return [(module, digits(sums[module.id])) for module in modules]

    @api.model
    def _get_stock_sections(self, asked):
        """Return the table of the stocks that run out first."""
        if not self._may_see_trade():
            return []
        stocks = self._get_own_stocks(asked)
        stocks.sort(key=lambda one: one.get_urgency(asked.today))
        return [self._get_stock_section(asked, stocks[:MOST_ROWS])]

    @api.model
    def _get_stock_section(self, asked, stocks):
        return section(
            "stock",
            self.env._("Licences in stock"),
            "table",
            self._get_stock_columns(asked),
            self._get_stock_rows(asked, stocks),
            note=self._get_stock_note(),
            empty="" if stocks else self._get_empty_stock_text(asked),
            action=open_action(
                "subscription_licence_account_action",
                domain=self._get_stock_domain(asked),
            ),
        )

    @api.model
    def _get_stock_columns(self, asked):
        """Return the columns; the partner has one where there may be several."""
        owner = self._get_stock_owner(asked)
        return [
            *([] if owner else [column("partner", self.env._("Partner"))]),
            column("module", self.env._("Module")),
            column("balance", self.env._("In stock"), "float"),
            column("monthly", self.env._("Used a month"), "float"),
            column("runs_out", self.env._("Runs out"), "date"),
        ]

    @api.model
    def _get_stock_note(self):
        return self.env._(
            "What is left, and the day on which it is used up if as many licences are"
            " used as in the last months. Renewals that are scheduled have taken theirs"
            " already."
        )

    @api.model
    def _get_stock_rows(self, asked, stocks):
        rows = [stock._asdict() for stock in stocks]
        owner = self._get_stock_owner(asked)
        # Of one partner they are not shown.
        partners = (
            {} if owner else self._get_names_by_id("res.partner", rows, "partner_id")
        )
        modules = self._get_names_by_id("subscription.module", rows, "module_id")
        return [
            row(
                {
                    "partner": partners.get(stock.partner_id),
                    "module": modules[stock.module_id],
                    "balance": stock.balance,
                    "monthly": round(stock.monthly, 2),
                    "runs_out": stock.get_last_day(asked.today),
                },
                action=self._get_stock_action(stock, modules[stock.module_id]),
            )
            for stock in stocks
        ]

    @api.model
    def _get_stock_action(self, stock, name):
        return open_action(
            "subscription_licence_move_action",
            name=name,
            domain=[("account_id", "=", stock.account_id)],
        )

    @api.model
    def _get_empty_stock_text(self, asked):
        owner = self._get_stock_owner(asked)
        if owner.licence_billing == "on_account":
            return self.env._("None: licences are billed on account.")
        return self.env._("No licences are in stock.")
