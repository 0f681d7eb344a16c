from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, float_round

from ...exceptions import LicenceRefusal
from ...terms import LICENCE_DIGITS


class SubscriptionLicenceAccount(models.Model):
    """The stock that a managing partner has of the licences of one module.

    A licence is one user of one module for one year. What is in stock changes by
    entries of the ledger alone, see :meth:`_post`: the vendor gives or sells, a partner
    allocates to its resellers, terms consume. Each entry says what it leaves, and the
    last one what is in stock.

    That never falls below zero: whoever adds to a ledger has it alone, see
    :meth:`_lock_ledgers`, and the database checks each entry.
    """

    _name = "subscription.licence.account"
    _inherit = ["subscription.immutable.mixin"]
    _description = "Licence Stock"
    _order = "partner_id, module_id, id"
    _rec_names_search = ["partner_id", "module_id"]

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
    billing = fields.Selection(related="partner_id.licence_billing")
    balance = fields.Float(
        string="In Stock",
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
        """Return the balance of the stock that ``alias`` stands for: of its last
        entry."""
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

    # ------------------------------------------------------------------ doors

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
        """Return ``{(partner, module, company): stock}``, opened where missing."""
        if not keys:
            return {}
        partners, modules, companies = (
            self.env[model].union(*records)
            for model, records in zip(
                ("res.partner", "subscription.module", "res.company"),
                zip(*keys, strict=True),
                strict=True,
            )
        )
        domain = [
            ("partner_id", "in", partners.ids),
            ("module_id", "in", modules.ids),
            ("company_id", "in", companies.ids),
        ]
        accounts = self.sudo()
        there = {account._get_key(): account for account in accounts.search(domain)}
        missing = set(keys) - set(there)
        if missing:
            # Two that open the same stock at once do not fail: the second is done anew.
            self.env.execute_query(
                SQL(
                    "INSERT INTO subscription_licence_account (partner_id, module_id,"
                    " company_id, create_uid, create_date, write_uid, write_date)"
                    " SELECT *, %(uid)s, %(now)s, %(uid)s, %(now)s FROM"
                    " (VALUES %(rows)s) AS missing ON CONFLICT DO NOTHING RETURNING id",
                    uid=self.env.uid,
                    now=self.env.cr.now(),
                    rows=SQL(", ").join(
                        SQL("%s", tuple(record.id for record in key))
                        for key in sorted(missing, key=str)
                    ),
                )
            )
            partners.invalidate_recordset(["licence_account_ids"])
            there = {account._get_key(): account for account in accounts.search(domain)}
        return {key: there[key] for key in keys}

    @api.model
    def _find_stocks(self, keys):
        """Return ``{(partner, module, company): stock}``; those that were not opened
        yet, or are none of the user's business, are not stored and empty."""
        accounts = self.sudo()
        unreached = self._get_unreached(
            self.env["res.partner"].union(*(partner for partner, _, _ in keys))
        )
        names = ("partner_id", "module_id", "company_id")
        stocks = {
            key: accounts.new(
                {name: record.id for name, record in zip(names, key, strict=True)}
            )
            for key in keys
        }
        domain = [
            (name, "in", [record.id for record in set(records)])
            for name, records in zip(names, zip(*keys, strict=True), strict=False)
        ]
        for stock in accounts.search(domain) if keys else accounts:
            if stock._get_key() in stocks and stock.partner_id not in unreached:
                stocks[stock._get_key()] = stock
        return stocks

    def _get_key(self):
        """Return what this is the stock of: partner, module and company."""
        return self.partner_id, self.module_id, self.company_id

    @api.model
    def _verify_reached(self, partners):
        """:raise LicenceRefusal: a line for each of ``partners`` whose stocks are not
        the user's to use"""
        unreached = self._get_unreached(partners)
        if unreached:
            raise LicenceRefusal(
                "\n".join(self._get_use_refusal(partner) for partner in unreached)
            )

    @api.model
    def _get_unreached(self, partners):
        """Return those of ``partners`` whose stocks the user neither uses nor knows:
        for the staff of a reseller, also the one that its own company takes its
        licences from."""
        if not self.env.user._is_restricted():
            return partners.browse()
        reach = self.env.user._get_client_domain(managed=True)
        return partners - partners.sudo().filtered_domain(reach)

    def _is_short(self, balance):
        """Return whether a ``balance`` below zero keeps this stock from giving that."""
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
