from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ConcurrencyError, UserError
from odoo.fields import Domain
from odoo.tools import SQL, float_compare, float_round

from ...exceptions import LicenceRefusal
from ...terms import LICENCE_DIGITS

# What uses licences up.
USING = {"renewal", "raise"}


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

    # ------------------------------------------------------------------ ledger

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
    def _post(self, vals_list):
        """Add entries to the ledger. Whoever changes a stock does it here.

        Who is billed later is given what is missing *on account*, by entries of their
        own; not what is taken back, which must be there.

        :param list vals_list: values of ``subscription.licence.move``; what comes
            into a stock goes before what leaves it
        :return: the entries
        :raise LicenceRefusal: a line for each stock that would fall below zero, or is
            not the user's to use; nothing is posted then
        """
        if not vals_list:
            return self.env["subscription.licence.move"]
        accounts = self.sudo().browse({vals["account_id"] for vals in vals_list})
        self._verify_may_use(vals_list)
        last = accounts._lock_ledgers()
        left = {account: balance for account, (_number, balance) in last.items()}
        entries = accounts._complete_on_account(vals_list, left)
        accounts._verify_covered(entries, left)
        return self.env["subscription.licence.move"]._insert_moves(
            accounts._number(entries, last)
        )

    def _lock_ledgers(self, *, seen=False):
        """Have these ledgers alone until the transaction ends.

        Who waits for another need not start over: no row is written that all have read,
        and what the other has added meanwhile, which this transaction cannot see, a
        fresh look can.

        :param bool seen: whether all entries must be visible to this transaction
        :return: ``{stock: (number, balance)}`` of the last entry of each, zeros where
            there is none
        :raise ConcurrencyError: when entries were added since this transaction began
            that had to be ``seen``; Odoo then makes the call again in a new one
        """
        if not self:
            return {}
        self.env.execute_query(
            SQL(
                "SELECT pg_advisory_xact_lock('%s'::regclass::oid::integer, id)"
                " FROM (SELECT id FROM unnest(%s) id ORDER BY id) stock",
                SQL.identifier(self._table),
                self.ids,
            )
        )
        last = fresh = self._get_last()
        # While modules are installed or upgraded nobody else is at work.
        if self.env.registry.ready:
            with self.env.registry.cursor() as fresh_cr:
                fresh = self.with_env(self.env(cr=fresh_cr))._get_last()
        if seen and any(fresh[stock_id] > last[stock_id] for stock_id in last):
            raise ConcurrencyError("Licences were moved in the meantime.")
        return {stock: max(last[stock.id], fresh[stock.id]) for stock in self}

    def _get_last(self):
        """Return ``{id: (number, balance)}`` of the last entry of these stocks, zeros
        where there is none."""
        rows = self.env.execute_query(
            SQL(
                """
                SELECT stock.id, COALESCE(last.number, 0), COALESCE(last.balance, 0)
                  FROM unnest(%s::integer[]) AS stock (id)
                  LEFT JOIN LATERAL (
                       SELECT number, balance
                         FROM subscription_licence_move
                        WHERE account_id = stock.id
                     ORDER BY number DESC
                        LIMIT 1) last ON TRUE
                """,
                self.ids,
                to_flush=self._get_ledger_fields(),
            )
        )
        return {stock_id: (number, balance) for stock_id, number, balance in rows}

    @api.model
    def _number(self, entries, last):
        """Return ``entries`` with their numbers and what each leaves.

        :param dict last: ``{stock: (number, balance)}`` of the entries before
        """
        last = dict(last)
        numbered = []
        for vals in entries:
            account = self.browse(vals["account_id"])
            number, balance = last[account]
            number, balance = number + 1, self._round(balance + vals["quantity"])
            last[account] = number, balance
            numbered.append({**vals, "number": number, "balance": balance})
        return numbered

    @api.model
    def _verify_may_use(self, vals_list):
        """:raise LicenceRefusal: when entries of ``vals_list`` would use up licences of
        a partner above the user's own"""
        used = self.browse(
            {vals["account_id"] for vals in vals_list if vals["kind"] in USING}
        )
        self._verify_reached(used.sudo().partner_id)

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

    def _complete_on_account(self, vals_list, left):
        """Return ``vals_list`` with, before each that takes more than is left from a
        partner who is billed later, an entry for what is missing.

        :param dict left: ``{stock: licences}``
        """
        left = {
            account: balance
            for account, balance in left.items()
            if account.billing == "on_account"
        }
        entries = []
        for vals in vals_list:
            account = self.browse(vals["account_id"])
            if account in left and vals["kind"] != "taken_back":
                left[account] = self._round(left[account] + vals["quantity"])
                if left[account] < 0:
                    missing = {"kind": "on_account", "quantity": -left[account]}
                    entries.append({**vals, **missing})
                    left[account] = 0
            entries.append(vals)
        return entries

    def _verify_covered(self, entries, left):
        """:raise LicenceRefusal: a line for each stock that ``entries``, values of
        moves, would bring from what is ``left`` below zero"""
        changes, taking = defaultdict(float), defaultdict(set)
        for vals in entries:
            account = self.browse(vals["account_id"])
            changes[account] += vals["quantity"]
            if vals["quantity"] < 0:
                taking[account].add(vals["kind"])
        lines = [
            account._get_taking_refusal(-change, left[account], taking[account])
            for account, change in changes.items()
            if self._compare(left[account] + change, 0) < 0
        ]
        if lines:
            raise LicenceRefusal("\n".join(lines))

    @api.model
    def _get_shortfalls(self, needs):
        """Claim stocks, serve ``needs`` in their order as far as they last, and say why
        the others cannot be served.

        :param dict needs: ``{whoever: {stock: licences}}``; all or nothing for each
        :return: ``{whoever: refusal}`` of those who get nothing
        """
        accounts = self.sudo().union(
            *(account for need in needs.values() for account in need)
        )
        last = accounts._lock_ledgers()
        return self._allocate(
            needs, {stock: balance for stock, (_number, balance) in last.items()}
        )

    @api.model
    def _allocate(self, needs, left):
        """Serve ``needs`` in their order as far as ``left`` lasts, and take them off.

        :param dict needs: ``{whoever: {stock: licences}}``; all or nothing for each
        :param dict left: ``{stock: licences}``
        :return: ``{whoever: refusal}`` of those who get nothing
        """
        refusals = {}
        for whoever, need in needs.items():
            short = [
                stock._get_refusal(licences, left[stock])
                for stock, licences in need.items()
                if stock._is_short(left[stock] - licences)
            ]
            if short:
                refusals[whoever] = "\n".join(short)
                continue
            for stock, licences in need.items():
                left[stock] = self._round(left[stock] - licences)
        return refusals

    def _is_short(self, balance):
        """Return whether a ``balance`` below zero keeps this stock from giving that."""
        return self.billing != "on_account" and self._compare(balance, 0) < 0

    @api.model
    def _round(self, quantity):
        return float_round(quantity, precision_digits=LICENCE_DIGITS[1])

    @api.model
    def _compare(self, one, other):
        return float_compare(one, other, precision_digits=LICENCE_DIGITS[1])

    # ------------------------------------------------------------------ partners

    def _merge_into(self, partner):
        """Hand these stocks, with their ledgers, to ``partner``, which the company
        that had them was merged into."""
        for account in self.sudo():
            key = partner, account.module_id, account.company_id
            both = account | self._open_stocks([key])[key]
            both._lock_ledgers(seen=True)
            both._merge_ledgers()
            account.move_ids._set({"account_id": (both - account).id})

    def _merge_ledgers(self):
        """Number the entries of these ledgers as one, in their order, with what each
        leaves of all."""
        moves = self.move_ids
        moves.flush_recordset()
        self.env.execute_query(
            SQL(
                """
                UPDATE subscription_licence_move move
                   SET number = merged.number, balance = merged.balance
                  FROM (SELECT id, row_number() OVER ordered AS number,
                               SUM(quantity) OVER ordered AS balance
                          FROM subscription_licence_move
                         WHERE account_id IN %s
                        WINDOW ordered AS (ORDER BY id)) merged
                 WHERE move.id = merged.id
             RETURNING move.id
                """,
                tuple(self.ids),
            )
        )
        moves.invalidate_recordset(["number", "balance"])
        moves.modified(["number", "balance"])

    # ------------------------------------------------------------------ actions

    def action_open_ledger(self):
        """Open the entries of these stocks."""
        return self._open_action(
            "subscription_licence_move_action",
            domain=[("account_id", "in", self.ids)],
        )
