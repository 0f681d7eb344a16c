from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, float_round

from ...exceptions import LicenceRefusal
from ...terms import LICENCE_DIGITS
from .stock_key import StockKey

# The fields of what a stock is of, in the order of ``StockKey``.
KEY_FIELDS = ("partner_id", "module_id", "company_id")


class SubscriptionLicenceAccount(models.Model):
    """The stock that a managing partner has of the licences of one module.

    A licence is one user of one module for one year. Only entries of the ledger change
    what is in stock, see :meth:`_post`: the vendor gives or sells, a partner allocates
    to its resellers, terms consume. Each entry has the balance after it; the balance of
    the last one is what is in stock.

    The balance never falls below zero: a transaction locks a ledger before it adds
    entries, see :meth:`_lock_ledgers`, and a constraint checks the balance of each.
    """

    _name = "subscription.licence.account"
    _inherit = [
        "subscription.immutable.mixin",
        "subscription.locking.mixin",
        "subscription.module.sum.mixin",
    ]
    _description = "Licence Stock"
    _order = "partner_id, module_id, id"
    _rec_names_search = ["partner_id", "module_id"]
    _module_sums = ("balance",)

    partner_id = fields.Many2one(
        "res.partner", required=True, ondelete="restrict", index=True
    )
    module_id = fields.Many2one(
        "subscription.module", required=True, ondelete="restrict"
    )
    company_id = fields.Many2one("res.company", required=True, ondelete="restrict")
    managing_partner_id = fields.Many2one(
        related="partner_id.managing_partner_id", string="Managed By"
    )
    billing = fields.Selection(
        lambda self: self.env["res.partner"]._get_choices("licence_billing"),
        compute="_compute_billing",
        compute_sudo=True,
        search="_search_billing",
    )
    balance = fields.Float(
        string="Licences Left",
        digits=LICENCE_DIGITS,
        compute="_compute_balance",
        search="_search_balance",
        aggregator="sum",
        help="Licences that are left: a user of the module for a year each.",
    )
    move_ids = fields.One2many(
        "subscription.licence.move", "account_id", string="Ledger"
    )

    _owner_unique = models.Constraint(
        "UNIQUE (partner_id, module_id, company_id)",
        "The partner has a stock of this module already.",
    )

    @api.depends("partner_id.licence_billing", "company_id")
    def _compute_billing(self):
        # Each company of the vendor decides for itself, whatever the user works in.
        for company, stocks in self.grouped("company_id").items():
            for stock in stocks.with_company(company):
                stock.billing = stock.partner_id.licence_billing

    @api.model
    def _search_billing(self, operator, value):
        if operator != "in":
            return NotImplemented
        # sudo: as in the compute; the stocks found are those that the user reads.
        partners = self.env["res.partner"].sudo().with_context(active_test=False)
        return Domain.OR(
            Domain("company_id", "=", company.id)
            & Domain(
                "partner_id",
                "in",
                partners.with_company(company)._search(
                    [("licence_billing", "in", value)]
                ),
            )
            for company in self.env["res.company"].sudo().search([])
        )

    @api.depends("move_ids.number", "move_ids.balance")
    def _compute_balance(self):
        last = self._get_last()
        for account in self:
            _number, account.balance = last.get(account._origin.id, (0, 0))

    def _field_to_sql(self, alias, field_expr, query=None):
        if field_expr == "balance":
            return self._get_balance_sql(alias)
        return super()._field_to_sql(alias, field_expr, query)

    @api.model
    def _get_balance_sql(self, alias):
        """Return SQL for the balance of ``alias``, never stored and so never stale."""
        return SQL(
            "COALESCE((SELECT last.balance FROM subscription_licence_move last"
            " WHERE last.account_id = %s ORDER BY last.number DESC LIMIT 1), 0)",
            SQL.identifier(alias, "id"),
            to_flush=self._get_ledger_fields(),
        )

    @api.model
    def _get_ledger_fields(self):
        names = ("account_id", "number", "balance")
        return [self.env["subscription.licence.move"]._fields[name] for name in names]

    @api.model
    def _search_balance(self, operator, value):
        if operator not in {"in", "<", "<=", ">", ">="}:
            return NotImplemented
        field = self._fields["balance"]
        return Domain.custom(
            to_sql=lambda model, alias, query: field.condition_to_sql(
                "balance", operator, value, model, alias, query
            ),
            predicate=lambda account: field.filter_function(
                account, "balance", operator, value
            )(account),
        )

    @api.depends("partner_id", "module_id")
    def _compute_display_name(self):
        for account in self:
            parts = (account.module_id.name, account.partner_id.name)
            account.display_name = " · ".join(filter(None, parts))

    # ------------------------------------------------------------------ edits

    @api.model
    def _get_edit_refusal(self):
        """Return the error that tells how a stock is changed."""
        return UserError(
            self.env._(
                "A stock of licences changes by its ledger alone: give or allocate"
                " licences, or take them back."
            )
        )

    # ------------------------------------------------------------------ stocks

    @api.model
    def _open_stocks(self, keys):
        """Return ``{key: stock}`` of ``keys``, opened where missing."""
        stocks = self._search_stocks(keys)
        missing = set(keys) - set(stocks)
        if missing:
            self._insert_stocks(missing)
            stocks |= self._search_stocks(missing)
        return {key: stocks[key] for key in keys}

    @api.model
    def _insert_stocks(self, keys):
        """Insert the stocks of ``keys``."""
        # In SQL: the ORM has no ON CONFLICT. Where two transactions open the same stock
        # the second waits, fails to serialize, and Odoo makes its call again.
        self.env.execute_query(
            SQL(
                "INSERT INTO subscription_licence_account (partner_id, module_id,"
                " company_id, create_uid, create_date, write_uid, write_date)"
                " SELECT *, %(uid)s, %(now)s, %(uid)s, %(now)s FROM"
                " (VALUES %(rows)s) AS missing ON CONFLICT DO NOTHING RETURNING id",
                uid=self.env.uid,
                now=self.env.cr.now(),
                # Sorted, so that two transactions do not wait for each other.
                rows=SQL(", ").join(
                    SQL("%s", ids) for ids in sorted(key.record_ids for key in keys)
                ),
            )
        )
        partners = self.env["res.partner"].union(*(key.partner for key in keys))
        partners.invalidate_recordset(["licence_account_ids"])

    @api.model
    def _find_stocks(self, keys):
        """Return ``{key: stock}`` of ``keys``; stocks that were not opened yet, or that
        are hidden from the user, are new records, which are empty."""
        partners = self.env["res.partner"].union(*(key.partner for key in keys))
        unreached = self._get_unreached(partners)
        known = [key for key in keys if key.partner not in unreached]
        stocks = self._search_stocks(known)
        return {key: stocks.get(key) or self._get_empty_stock(key) for key in keys}

    @api.model
    def _search_stocks(self, keys):
        """Return ``{key: stock}`` of those of ``keys`` that were opened, and perhaps of
        others."""
        if not keys:
            return {}
        domain = [
            (name, "in", list({record.id for record in records}))
            for name, records in zip(KEY_FIELDS, zip(*keys, strict=True), strict=True)
        ]
        # sudo: users see what a stock has left without reading its ledger.
        stocks = self.sudo().search(domain)
        return {stock._get_stock_key(): stock for stock in stocks}

    @api.model
    def _get_empty_stock(self, key):
        """Return a new record with ``key``; it has no ledger, so nothing in stock."""
        # sudo: as the stocks that were opened.
        return self.sudo().new(dict(zip(KEY_FIELDS, key.record_ids, strict=True)))

    def _get_stock_key(self):
        """Return what this is the stock of."""
        return StockKey(self.partner_id, self.module_id, self.company_id)

    @api.model
    def _verify_reached(self, partners):
        """:raise LicenceRefusal: a line for each of ``partners`` whose stocks the user
        may not use"""
        unreached = self._get_unreached(partners)
        if unreached:
            raise LicenceRefusal(
                "\n".join(self._get_use_refusal(partner) for partner in unreached)
            )

    @api.model
    def _get_unreached(self, partners):
        """Return those of ``partners`` whose stocks the user may neither use nor see.
        For the staff of a reseller, this includes the partner that manages it."""
        if not self.env.user._is_restricted():
            return partners.browse()
        reach = self.env.user._get_client_domain(managed=True)
        # sudo: the partner itself may be hidden from the user.
        return partners - partners.sudo().filtered_domain(reach)

    def _is_short(self, balance):
        """Return whether this stock refuses to sink to ``balance``: where licences are
        billed later, what is missing is given on account."""
        return self.billing != "on_account" and self._compare(balance, 0) < 0

    @api.model
    def _round(self, quantity):
        return float_round(quantity, precision_digits=LICENCE_DIGITS[1])

    @api.model
    def _compare(self, one, other):
        return float_compare(one, other, precision_digits=LICENCE_DIGITS[1])

    # ------------------------------------------------------------------ actions

    def action_open_ledger(self):
        """Open the entries of these stocks."""
        return self._open_action(
            "subscription_licence_move_action",
            domain=[("account_id", "in", self.ids)],
        )
