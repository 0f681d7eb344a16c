from collections import defaultdict

from odoo import api, models
from odoo.exceptions import ConcurrencyError
from odoo.tools import SQL

from ...exceptions import LicenceRefusal

# Kinds of entries that use licences up.
USING = {"renewal", "raise"}
# Kinds that a partner gets licences by.
GIVING_KINDS = {"given", "sold", "allocated"}


class SubscriptionLicenceAccount(models.Model):
    """The ledgers of stocks. All entries are added here."""

    _inherit = "subscription.licence.account"

    @api.model
    def _post(self, vals_list):
        """Add entries to the ledger. Every change of a stock is made here.

        Partners who are billed later are given what is missing *on account*, by
        additional entries; but licences that are taken back must be in stock.

        :param list vals_list: values of ``subscription.licence.move``; what comes
            into a stock goes before what leaves it
        :return: the entries
        :raise LicenceRefusal: a line for each stock that would fall below zero, or that
            the user may not use; nothing is posted then
        :raise UserError: when an archived company would be given licences
        """
        if not vals_list:
            return self.env["subscription.licence.move"]
        # sudo: users change ledgers through this method alone.
        accounts = self.sudo().browse({vals["account_id"] for vals in vals_list})
        self._verify_may_use(vals_list)
        accounts._verify_receivers(vals_list)
        last = accounts._lock_ledgers()
        left = {account: balance for account, (_number, balance) in last.items()}
        entries = accounts._complete_on_account(vals_list, left)
        accounts._verify_covered(entries, left)
        return self.env["subscription.licence.move"]._insert_moves(
            accounts._number(entries, last)
        )

    def _verify_receivers(self, vals_list):
        """:raise UserError: naming those to whom ``vals_list`` gives licences that are
        archived"""
        given = {
            vals["account_id"]
            for vals in vals_list
            if vals["kind"] in GIVING_KINDS and vals["quantity"] > 0
        }
        self._verify_not_archived(self.browse(given).partner_id)

    # ------------------------------------------------------------------ locking

    def _lock_ledgers(self, *, seen=False):
        """Lock these ledgers until the transaction ends, and return their last entries
        as they are now, whenever this transaction began.

        :param bool seen: whether all entries must be visible to this transaction
        :return: ``{stock: (number, balance)}`` of the last entry of each, zeros where
            there is none
        :raise ConcurrencyError: when entries were added since this transaction began
            that had to be ``seen``; Odoo then makes the call again in a new one
        """
        if not self:
            return {}
        # Not by rows: each renewal of a partner that waited would have to start over.
        self._lock_turn()
        last = self._get_last()
        with self._look_afresh() as stocks:
            fresh = stocks._get_last()
        if seen and any(fresh[stock_id] > last[stock_id] for stock_id in last):
            raise ConcurrencyError("Licences were moved in the meantime.")
        return {stock: max(last[stock.id], fresh[stock.id]) for stock in self}

    def _get_last(self):
        """Return ``{id: (number, balance)}`` of the last entry of these stocks, zeros
        where there is none."""
        # In SQL: one look into the index for each stock, however long its ledger is.
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

    # ------------------------------------------------------------------ entries

    @api.model
    def _number(self, entries, last):
        """Return ``entries`` with their numbers, and with the balance after each.

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
        # sudo: the stock of another partner is hidden from the user.
        self._verify_reached(used.sudo().partner_id)

    def _complete_on_account(self, vals_list, left):
        """Return ``vals_list`` with, before each entry that takes more than is left
        from a partner who is billed later, another one for what is missing.

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
                balance = self._round(left[account] + vals["quantity"])
                if balance < 0:
                    entries.append(self._prepare_on_account_entry(vals, -balance))
                left[account] = max(balance, 0)
            entries.append(vals)
        return entries

    @api.model
    def _prepare_on_account_entry(self, vals, missing):
        """Return the entry that gives what is ``missing`` for ``vals``; the seats are
        counted by those alone."""
        return {**vals, "kind": "on_account", "quantity": missing, "seats": 0}

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

    # ------------------------------------------------------------------ allocating

    @api.model
    def _lock_and_allocate(self, needs):
        """Lock the stocks of ``needs``, then :meth:`_allocate` what they have left."""
        stocks = self.union(*(stock for need in needs.values() for stock in need))
        # sudo: users know ledgers by what their own entries left.
        last = stocks.sudo()._lock_ledgers()
        left = {stock: balance for stock, (_number, balance) in last.items()}
        return self._allocate(needs, left)

    @api.model
    def _allocate(self, needs, left):
        """Allocate ``left`` to ``needs`` in their order, and deduct it.

        :param dict needs: ``{taker: {stock: licences}}``; all or nothing for each
        :param dict left: ``{stock: licences}``
        :return: ``{taker: refusal}`` of those that get nothing
        """
        refusals = {}
        for taker, need in needs.items():
            short = [
                stock._get_refusal(licences, left[stock])
                for stock, licences in need.items()
                if stock._is_short(left[stock] - licences)
            ]
            if short:
                refusals[taker] = "\n".join(short)
            else:
                self._deduct(need, left)
        return refusals

    @api.model
    def _deduct(self, need, left):
        """Deduct ``need`` from ``left``, both ``{stock: licences}``, even where that
        falls below zero."""
        for stock, licences in need.items():
            left[stock] = self._round(left[stock] - licences)

    @api.model
    def _get_missing_refusals(self, left):
        """Return a line for each stock that refuses to sink to what is ``left``."""
        return [
            stock._get_refusal(self._round(stock.balance - balance))
            for stock, balance in left.items()
            if stock._is_short(balance)
        ]

    # ------------------------------------------------------------------ merging

    def _merge_into(self, partner):
        """Give these stocks, with their ledgers, to ``partner``, which the company that
        had them was merged into."""
        # sudo: the ledger is immutable for everybody else.
        for account in self.sudo():
            key = account._get_stock_key()._replace(partner=partner)
            both = account | self._open_stocks([key])[key]
            both._lock_ledgers(seen=True)
            both._merge_ledgers()
            account.move_ids._set({"account_id": (both - account).id})

    def _merge_ledgers(self):
        """Number the entries of these ledgers as those of one, in their order, with the
        balance of all after each."""
        moves = self.move_ids
        moves.flush_recordset()
        # In SQL: each number and balance depends on those before, and the unique index
        # is checked once, at the end.
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
